import { type Entry, type EntryKind, GROWING, namesIn, type Part } from './baseline.ts';
import {
  type Change,
  changedFields,
  DRIFT_CATEGORY,
  DRIFT_TOOL,
  type Drift,
  type DriftItem,
  NOT_TAKEN,
  ruleOf,
} from './drift.ts';
import type { Finding, Severity } from './finding.ts';
import { firstFingerprint } from './fingerprint.ts';

const VALUE_MAX = 120;
const LISTED = 5;

/** What a field says when it is so, and when it is not. */
const YES_NO: Readonly<Record<string, readonly [string, string]>> = {
  isDisabled: ['is disabled', 'is enabled'],
  ours: ['asks Countersign', 'does not ask Countersign any more'],
  requesterMayApprove: ['lets people approve their own run', 'lets nobody approve their own run'],
  mustBeProtected: ['asks for a protected branch', 'takes an unprotected branch'],
  waits: ['waits for the answer', 'does not wait for the answer'],
  openToAll: ['is open to all pipelines', 'is open to named pipelines only'],
  isBlocking: ['is required', 'is optional'],
  authorCounts: ["counts the author's own vote", "does not count the author's own vote"],
  resetsOnPush: ['takes approvals back after a push', 'keeps approvals after a push'],
  isShared: ['is shared with other projects', 'is not shared with other projects'],
  isStanding: ['is standing', 'must be activated first'],
};

const LABELS: Readonly<Record<string, string>> = {
  name: 'name',
  kind: 'kind',
  timeoutMinutes: 'timeout in minutes',
  minApprovers: 'approvals asked for',
  reviewers: 'reviewers asked for',
  environment: 'environment in its body',
  service: 'service in its body',
  credential: 'credential',
  type: 'type',
  scope: 'scope',
  level: 'level of its scope',
  clientId: 'identity',
  role: 'role',
};

/** Fields that hold several names, each in a line. */
const LISTS: Readonly<Record<string, string>> = {
  approvers: 'approvers',
  pipelines: 'pipelines',
  branches: 'branches',
  usedBy: 'pipelines that used it',
  through: 'groups',
};

/** What has changed, in one sentence without its end; outside names as they are, not yet made safe for a card. */
export function changeWords(change: Change): string {
  const { kind, before, after } = change;
  const entry = after ?? before;
  if (entry === undefined) return '';
  const subject = subjectWords(entry);
  if (isMember(entry)) return kind === 'removed' ? `${subject} is gone` : `${subject} is new`;
  if (kind === 'removed') return `${subject} is gone`;
  if (kind === 'added') return `${subject} is new${factsOf(entry)}`;
  if (before === undefined || after === undefined) return subject;
  const fields = changedFields(before, after).map((field) => fieldWords(field, before, after));
  return `${subject}: ${fields.join('; ')}`;
}

function isMember({ kind, of }: Entry): boolean {
  return kind === 'reach' && of !== '';
}

function subjectWords(entry: Entry): string {
  const { kind, name, of, values } = entry;
  const named = clipped(name);
  switch (kind) {
    case 'environment':
      return `Environment "${named}"`;
    case 'check':
      return `Check "${named}" of environment "${clipped(of)}"`;
    case 'branch-policy':
      return `Branch policy "${named}" of ${clipped(of)}`;
    case 'reach':
      return isMember(entry) ? `"${named}" among "${clipped(of)}"` : `"${named}"`;
    case 'connection':
      return `Service connection "${named}"`;
    case 'role':
      return `Role ${clipped(values['role'] ?? '')} of "${named}" on ${scopeWords(of)}`;
    case 'resource':
      return `Resource "${named}"`;
  }
}

/** What somebody should know of something new at once. */
function factsOf({ kind, values }: Entry): string {
  const facts: Readonly<Partial<Record<EntryKind, readonly string[]>>> = {
    check: ['isDisabled'],
    connection: ['credential', 'scope', 'openToAll'],
    role: ['isStanding'],
    'branch-policy': ['isBlocking', 'isDisabled'],
  };
  const said = (facts[kind] ?? []).flatMap((field) => {
    const value = values[field];
    if (value === undefined) return [];
    const words = YES_NO[field];
    return words === undefined
      ? `${LABELS[field] ?? field} ${valueWords(field, value)}`
      : words[value === 'yes' ? 0 : 1];
  });
  return said.length === 0 ? '' : `: ${said.join(', ')}`;
}

function fieldWords(field: string, before: Entry, after: Entry): string {
  const [old = '', now = ''] = [before.values[field], after.values[field]];
  const words = YES_NO[field];
  if (words !== undefined) return words[now === 'yes' ? 0 : 1];
  const list = LISTS[field];
  const names = { ...before.names, ...after.names };
  const had = GROWING.includes(field) ? namesIn(old).filter((name) => namesIn(now).includes(name)) : namesIn(old);
  if (list !== undefined) return listWords(list, had, namesIn(now), names);
  return `${LABELS[field] ?? field} was ${valueWords(field, old)}, is ${valueWords(field, now)}`;
}

function valueWords(field: string, value: string): string {
  return field === 'scope' ? scopeWords(value) : clipped(value);
}

const SCOPES: readonly (readonly [string, RegExp])[] = [
  ['subscription ', /^\/subscriptions\/([^/]+)$/i],
  ['resource group ', /^\/subscriptions\/[^/]+\/resourcegroups\/([^/]+)$/i],
  ['management group ', /^\/providers\/microsoft\.management\/managementgroups\/([^/]+)$/i],
  ['', /^\/subscriptions\/.+\/([^/]+)$/i],
];

/** An ARM id by its kind and name. */
function scopeWords(id: string): string {
  const found = SCOPES.flatMap(([kind, pattern]) => {
    const name = pattern.exec(id)?.[1];
    return name === undefined ? [] : [`${kind}${name}`];
  });
  return clipped(found[0] ?? id);
}

function listWords(
  label: string,
  old: readonly string[],
  now: readonly string[],
  names: Readonly<Record<string, string>>,
): string {
  const said = (ids: readonly string[]) => {
    const more = ids.length > LISTED ? ` and ${ids.length - LISTED} more` : '';
    return `${ids
      .slice(0, LISTED)
      .map((id) => clipped((Object.hasOwn(names, id) ? names[id] : undefined) ?? id))
      .join(', ')}${more}`;
  };
  const added = now.filter((id) => !old.includes(id));
  const gone = old.filter((id) => !now.includes(id));
  const parts = [added.length > 0 ? `${said(added)} added` : '', gone.length > 0 ? `${said(gone)} gone` : ''];
  return `${label}: ${parts.filter((part) => part !== '').join(', ')}`;
}

function clipped(text: string): string {
  const points = [...text];
  return points.length <= VALUE_MAX ? text : `${points.slice(0, VALUE_MAX - 1).join('')}…`;
}

/** Less of what lets somebody in is a change too, and the mildest. */
const MILD: ReadonlySet<EntryKind> = new Set(['reach', 'connection', 'role']);
const GUARDS: ReadonlySet<EntryKind> = new Set(['check', 'branch-policy', 'environment']);

function severityOf({ kind, before, after }: Change): Severity {
  const entry = (after ?? before)?.kind ?? 'check';
  if (GUARDS.has(entry) && kind !== 'added') return 'high';
  return MILD.has(entry) && kind === 'removed' ? 'low' : 'medium';
}

/** Where the change is taken back. */
export const REVERT_HELP: Readonly<Record<EntryKind, string>> = {
  environment: 'Azure DevOps, Pipelines, Environments',
  check: 'Azure DevOps, Pipelines, Environments, Approvals and checks',
  'branch-policy': 'Azure DevOps, Project settings, Repositories, Policies',
  reach: 'Azure DevOps, Project settings, Permissions, or Security of the environment or connection',
  connection: 'Azure DevOps, Project settings, Service connections',
  role: 'Azure portal, Access control (IAM) of the scope',
  resource: 'Azure portal, the resource, or the template that it is deployed from',
};

/** Drift as a finding like any other: it lasts as long as the drift does. */
export function findingOf(item: DriftItem): Finding {
  const entry = item.after ?? item.before;
  const kind = entry?.kind ?? 'check';
  return {
    fingerprint: item.fingerprint,
    ...{ category: DRIFT_CATEGORY, tool: DRIFT_TOOL, rule: ruleOf({ kind: item.kind, entry: kind }) },
    severity: severityOf(item),
    message: `${changeWords(item)}, which nobody has approved`,
    help: `Take it back (${REVERT_HELP[kind]}), or have an approver accept it: "drift" shows all of it.`,
    path: item.key,
    suppressed: false,
    ...(kind === 'resource' && entry !== undefined ? { asset: entry.of } : {}),
  };
}

/** What cannot be compared is a finding, never silence. */
const UNREAD_RULE = 'baseline-not-comparable';

/** Everything that is otherwise than approved, and what nobody can tell of; what is in no baseline yet is neither. */
export function findingsOf({ items, unknown }: Pick<Drift, 'items' | 'unknown'>): Finding[] {
  return [...items.map(findingOf), ...unknown.filter((part) => part.unknown !== NOT_TAKEN).map(unreadOf)];
}

function unreadOf({ prefix: path, name, unknown }: Part): Finding {
  const identity = { category: DRIFT_CATEGORY, tool: DRIFT_TOOL, rule: UNREAD_RULE, path } as const;
  return {
    ...identity,
    fingerprint: firstFingerprint({ ...identity, context: '' }),
    severity: 'medium',
    message: `${name} cannot be compared with the baseline: ${unknown ?? 'unknown'}`,
    help: 'Give the account of the bot the permission that is named; "status" shows what was read when.',
    suppressed: false,
  };
}
