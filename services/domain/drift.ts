import {
  type Acceptance,
  type Baseline,
  compare,
  type Entry,
  GROWING,
  isKnown,
  namesIn,
  type Part,
  type PlaceState,
  partOf,
  type TakenAt,
} from './baseline.ts';
import { firstFingerprint } from './fingerprint.ts';

/** Whose word findings of drift are: nobody else may report as this tool. */
export const DRIFT_TOOL = 'countersign-drift';
export const DRIFT_CATEGORY = 'configuration';

/** What is otherwise than it was approved. */
export interface Change {
  readonly key: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly before?: Entry;
  readonly after?: Entry;
}

/** The deployment after which something first appeared, and who approved that. */
export interface AfterRelease {
  readonly requestId: string;
  readonly runName: string;
  /** ISO-8601 UTC; when it was let through. */
  readonly at: string;
  readonly approvedBy: TakenAt['approvedBy'];
}

export interface DriftItem extends Change {
  /** As a finding: the same as long as it lasts. */
  readonly fingerprint: string;
  /** ISO-8601 UTC; as of when it was first seen. */
  readonly since: string;
  readonly release?: AfterRelease;
  /** It cannot be looked at now: it was so when it could. */
  readonly isUnknown?: true;
}

/** How one service in one environment differs from its baseline. */
export interface Drift {
  /** Rises with whatever is shown: a click on something else does nothing. */
  readonly revision: number;
  readonly items: readonly DriftItem[];
  /** What of the baseline cannot be compared, and why. */
  readonly unknown: readonly Part[];
  /** ISO-8601 UTC. */
  readonly comparedAt: string;
}

export const NO_DRIFT: Drift = { revision: 0, items: [], unknown: [], comparedAt: '' };

/**
 * What makes one state another. Only what is known in both is compared, by the fields that both have: nothing unknown is ever added or removed.
 */
export function changesBetween(before: PlaceState, after: PlaceState): Change[] {
  const old = byKey(before);
  const now = byKey(after);
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((key) => isKnown(before, key) && isKnown(after, key))
    .sort(compare)
    .flatMap((key) => changeOf(key, old.get(key), now.get(key)) ?? []);
}

function byKey({ entries }: Pick<PlaceState, 'entries'>): ReadonlyMap<string, Entry> {
  return new Map(entries.map((entry) => [entry.key, entry]));
}

/** Undefined: nothing, as far as both are known. */
export function changeOf(key: string, before: Entry | undefined, after: Entry | undefined): Change | undefined {
  if (before === undefined) return after === undefined ? undefined : { key, kind: 'added', after };
  if (after === undefined) return { key, kind: 'removed', before };
  return changedFields(before, after).length === 0 ? undefined : { key, kind: 'changed', before, after };
}

/** Names of the fields by which the two differ, sorted. */
export function changedFields(before: Entry, after: Entry): string[] {
  return Object.keys(after.values)
    .filter((field) => isOther(field, before.values[field], after.values[field]))
    .sort();
}

function isOther(field: string, before: string | undefined, after = ''): boolean {
  if (before === undefined || before === after) return false;
  return !GROWING.includes(field) || namesIn(after).some((name) => !namesIn(before).includes(name));
}

/** What is otherwise than approved and not accepted: an acceptance holds for exactly what was accepted, as long as it lasts. */
export function driftBetween(baseline: Baseline, state: PlaceState, now: string): Change[] {
  const accepted = new Map(baseline.accepted.filter(({ until }) => until > now).map((one) => [one.key, one]));
  return changesBetween(baseline, state).filter((change) => !isAccepted(change, accepted.get(change.key)));
}

function isAccepted({ key, after }: Change, acceptance: Acceptance | undefined): boolean {
  return acceptance !== undefined && changeOf(key, acceptance.entry, after) === undefined;
}

/** Why what is known now is compared with nothing. */
export const NOT_TAKEN = 'it is in no baseline yet: the next approved deployment takes it';
const NOT_OURS = 'nobody can tell whether it is still of this service';

/** What cannot be compared now, and why. */
export function uncompared(baseline: PlaceState, state: PlaceState): Part[] {
  const lost = baseline.parts.flatMap((part): Part[] => {
    const unknown = part.unknown ?? unknownIn(state, part);
    return unknown === undefined ? [] : [{ ...part, unknown }];
  });
  const prefixes = new Set(baseline.parts.map(({ prefix }) => prefix));
  const others = state.parts.flatMap((part): Part[] => {
    if (prefixes.has(part.prefix)) return [];
    const unknown = part.unknown ?? (partOf(baseline, part.prefix) === undefined ? NOT_TAKEN : undefined);
    return unknown === undefined ? [] : [{ ...part, unknown }];
  });
  return [...lost, ...others].sort((a, b) => compare(a.prefix, b.prefix));
}

function unknownIn(state: PlaceState, { prefix }: Part): string | undefined {
  const found = partOf(state, prefix);
  return found === undefined ? NOT_OURS : found.unknown;
}

export interface Compared {
  readonly baseline: Baseline;
  readonly state: PlaceState;
  /** The last deployment that was let through. */
  readonly release?: AfterRelease;
  /** ISO-8601 UTC. */
  readonly now: string;
}

/**
 * The drift after a look: what is new has the deployment after which it was seen, what was there before keeps when that was, what cannot be
 * looked at stays, and what is as approved again is gone by itself.
 */
export function driftAfter(before: Drift, { baseline, state, release, now }: Compared): Drift {
  const old = new Map(before.items.map((item) => [item.key, item]));
  const found = driftBetween(baseline, state, now).map((change) => {
    const since = partOf(state, change.key)?.at ?? now;
    return itemOf(change, old.get(change.key), since, release);
  });
  const keys = new Set(found.map(({ key }) => key));
  const isStill = (item: DriftItem) =>
    !keys.has(item.key) && !(isKnown(baseline, item.key) && isKnown(state, item.key)) && isOpen(baseline, item, now);
  const unseen = before.items.filter(isStill).map((item): DriftItem => ({ ...item, isUnknown: true }));
  const next = {
    items: [...found, ...unseen].sort((a, b) => compare(a.key, b.key)),
    unknown: uncompared(baseline, state),
  };
  const isSame = shownOf(next) === shownOf(before);
  return { ...next, revision: before.revision + (isSame ? 0 : 1), comparedAt: now };
}

/** Whether it was not accepted since, as it was last seen. */
function isOpen({ accepted, entries }: Baseline, { key, after }: DriftItem, now: string): boolean {
  const last: Change = { key, kind: 'changed', ...(after === undefined ? {} : { after }) };
  const acceptance = accepted.find((one) => one.key === key && one.until > now);
  const approved = entries.find((one) => one.key === key);
  return !isAccepted(last, acceptance) && changeOf(key, approved, after) !== undefined;
}

function itemOf(change: Change, old: DriftItem | undefined, seen: string, last: AfterRelease | undefined): DriftItem {
  const fingerprint = fingerprintOf(change);
  const isOld = old?.fingerprint === fingerprint;
  const since = isOld ? old.since : seen;
  // What was let through after it was seen is not what it came with.
  const release = isOld ? old.release : last !== undefined && last.at <= seen ? last : undefined;
  return { ...change, fingerprint, since, ...(release === undefined ? {} : { release }) };
}

function fingerprintOf({ key, kind, before, after }: Change): string {
  const rule = ruleOf({ kind, entry: (after ?? before)?.kind ?? 'check' });
  return firstFingerprint({ category: DRIFT_CATEGORY, tool: DRIFT_TOOL, rule, path: key, context: '' });
}

/** Rule id of its finding, such as `check-changed`. */
export function ruleOf({ kind, entry }: { readonly kind: Change['kind']; readonly entry: Entry['kind'] }): string {
  return `${entry}-${kind}`;
}

/** What a reader is shown, without when it was read. */
function shownOf({ items, unknown }: Pick<Drift, 'items' | 'unknown'>): string {
  const said = items.map(({ key, kind, before, after, isUnknown }) => [
    key,
    kind,
    before?.values,
    after?.values,
    isUnknown ?? false,
  ]);
  return JSON.stringify([said, unknown.map(({ prefix, unknown: why }) => [prefix, why])]);
}
