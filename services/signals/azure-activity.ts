import { assetKey } from '../domain/asset.ts';
import type { AuditActor, AuditEntry } from './audit-entries.ts';
import { type AuditLog, type Flaw, instantOf, nameOf, readAuditLog } from './audit-sink.ts';
import type { ReportFormat } from './element-format.ts';
import type { FoundReport } from './found-report.ts';
import { listOf, member, parsedText, textOf } from './json-value.ts';

/**
 * Azure's activity log: of its REST API, of an event hub, or of a storage account (JSON lines); "Azure Activity Log event
 * schema" (learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema). Of a person stay name and checksum of the
 * object id.
 */
export const AZURE_ACTIVITY: ReportFormat = {
  name: 'azure-activity',
  title: "Azure's activity log",
  recognises: (head) =>
    ['', '[].', 'value[].', 'records[].'].some(
      (at) =>
        head.has(`${at}operationName`) &&
        (head.has(`${at}eventTimestamp`) || (head.has(`${at}time`) && head.has(`${at}resourceId`))),
    ),
  read: (body) => readAuditLog(body, AZURE_ACTIVITY_LOG),
};

export const AZURE_ACTIVITY_LOG: AuditLog = {
  name: 'azure-activity',
  lists: ['', 'value', 'records'],
  members: [
    ...[
      'operationName',
      'category',
      'status',
      'resultType',
      'eventTimestamp',
      'time',
      'id',
      'resourceId',
      'resourceUri',
    ],
    ...['authorization', 'identity', 'claims', 'caller', 'correlationId', 'properties'],
  ],
  paging: ['nextLink'],
  hasMore: (paging) => (paging.get('nextLink') ?? '') !== '',
  idOf: (event) => textOf(member(event, 'eventDataId')) ?? textOf(member(event, 'id')),
  entryOf,
};

/** What Azure itself has to say: nobody changed anything. */
const NEWS: ReadonlySet<string> = new Set(['servicehealth', 'resourcehealth', 'alert', 'autoscale', 'recommendation']);

const DENIED = 'microsoft.authorization/policies/deny/action';

function entryOf(event: object, report: FoundReport): AuditEntry | Flaw | undefined {
  const properties = member(event, 'properties');
  const category = (textOf(member(properties, 'eventCategory')) ?? plain(event, 'category') ?? '').toLowerCase();
  const operation = (plain(event, 'operationName') ?? '').toLowerCase();
  if (operation === '') return { flaw: 'names no operation' };
  if (NEWS.has(category)) {
    report.problem('service health, an alert, scaling or advice: no finding');
    return undefined;
  }
  const target = targetOf(event, report);
  const policies = operation.startsWith('microsoft.authorization/policies/') ? policiesOf(properties, report) : [];
  return {
    operation,
    ...target,
    actor: actorOf(event),
    // Of a role that is given for a time: whoever has it.
    details: [...policies.map(({ id }) => id), textOf(member(properties, 'SubjectID'))?.toLowerCase() ?? ''],
    correlation: textOf(member(event, 'correlationId'))?.toLowerCase() ?? '',
    outcome: operation === DENIED ? 'done' : outcomeOf(event),
    isLook: false,
    isWrite: isWrite(category, operation),
    at: instantOf(member(event, 'eventTimestamp') ?? member(event, 'time'), report),
    ...(category === 'security' ? { severity: report.severity(member(properties, 'Severity'), ALERT_WORDS) } : {}),
    ...(policies.length === 0 ? {} : { remark: ` (${namesOf(policies)})` }),
  };
}

/** By somebody's wish: what Azure Policy did or looked for, and what only reads, is none. */
function isWrite(category: string, operation: string): boolean {
  if (category !== '' && category !== 'administrative') return false;
  if (operation.startsWith('microsoft.authorization/policies/')) return false;
  return /\/(?:write|delete)$/.test(operation) || (/\/action$/.test(operation) && !ONLY_READS.test(operation));
}

const ONLY_READS = /\/(?:list[^/]*|get[^/]*|read[^/]*|validate[^/]*|check[^/]*|whatif|export[^/]*)\/action$/;

/** Of an ARM id that is kept: one that is cut is another. */
const LONGEST_ID = 1_000;
const POLICIES_NAMED = 3;

/** `{ value, localizedValue }` of the REST API, plain text elsewhere. */
function plain(event: object, key: string): string | undefined {
  const written = member(event, key);
  return textOf(written) ?? textOf(member(written, 'value'));
}

function targetOf(event: object, report: FoundReport): Pick<AuditEntry, 'target' | 'targetWords' | 'asset'> {
  const scopes = [member(event, 'authorization'), member(member(event, 'identity'), 'authorization')];
  const id =
    plain(event, 'resourceId') ??
    plain(event, 'resourceUri') ??
    scopes.map((one) => textOf(member(one, 'scope'))).find((scope) => scope !== undefined) ??
    textOf(member(event, 'id'))?.replace(/\/events\/[^/]*\/ticks\/\d*$/i, '') ??
    '';
  if (id === '') report.problem('it does not say what was changed');
  const target = assetKey(id);
  return {
    target,
    targetWords: target.split('/').slice(-2).join('/'),
    asset: id.startsWith('/') && id.length <= LONGEST_ID ? id : undefined,
  };
}

const OBJECT_ID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** People by the object id, which stays when their names and addresses change. */
function actorOf(event: object): AuditActor {
  const claims = member(event, 'claims') ?? member(member(event, 'identity'), 'claims');
  const claim = (key: string) => textOf(member(claims, key));
  const caller = textOf(member(event, 'caller'));
  const key = claim(OBJECT_ID) ?? claim('appid') ?? caller ?? claim('name') ?? '';
  const ids = [claim(OBJECT_ID), claim('oid'), claim('appid'), caller].map((id) => id?.toLowerCase() ?? '');
  return {
    key: key.toLowerCase(),
    ids: [...new Set(ids)].filter((id) => GUID.test(id)),
    name: nameOf(claim('name')) ?? nameOf(caller) ?? nameOf(claim('appid')),
  };
}

function outcomeOf(event: object): AuditEntry['outcome'] {
  const status = plain(event, 'status') ?? textOf(member(event, 'resultType')) ?? '';
  if (/^(?:fail|cancel)/i.test(status)) return 'failed';
  return /^(?:start|accept|in ?progress)/i.test(status) ? 'begun' : 'done';
}

/** Of Defender's alerts; `level` says only how the entry was written. */
const ALERT_WORDS = new Map([
  ['high', 'high'],
  ['medium', 'medium'],
  ['low', 'low'],
  ['informational', 'info'],
] as const);

interface NamedPolicy {
  readonly id: string;
  readonly name: string;
}

/** JSON in a text: which assignments had something to say. */
function policiesOf(properties: unknown, report: FoundReport): NamedPolicy[] {
  const written = member(properties, 'policies');
  const list = parsedText(written);
  if (written !== undefined && !Array.isArray(list))
    report.problem('its policies are no JSON list, so no policy is named');
  const policies = listOf(list).map((policy) => {
    const id = assetKey(textOf(member(policy, 'policyAssignmentId')) ?? '');
    return { id, name: textOf(member(policy, 'policyAssignmentName')) ?? id.split('/').at(-1) ?? '' };
  });
  return policies.filter(({ id, name }) => id !== '' || name !== '');
}

function namesOf(policies: readonly NamedPolicy[]): string {
  const names = [...new Set(policies.map(({ name }) => name.toLowerCase().slice(0, 60)))].sort();
  const more = names.length > POLICIES_NAMED ? ` and ${names.length - POLICIES_NAMED} more` : '';
  return `${names.slice(0, POLICIES_NAMED).join(', ')}${more}`;
}
