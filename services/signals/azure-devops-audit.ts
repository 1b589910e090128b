import type { AuditedNames } from '../domain/activity.ts';
import { canonicalJson } from '../domain/canonical.ts';
import type { AuditActor, AuditEntry } from './audit-entries.ts';
import { type AuditLog, type Flaw, instantOf, nameOf, readAuditLog } from './audit-sink.ts';
import type { ReportFormat } from './element-format.ts';
import type { FoundReport } from './found-report.ts';
import { given, listOf, member, objectOf, parsedText, textOf } from './json-value.ts';

const LIST = 'decoratedAuditLogEntries';

/**
 * Azure DevOps' audit log: of its REST API ("Audit Log - Query", learn.microsoft.com/rest/api/azure/devops/audit), of its
 * export and streams, as Event Grid wraps them, and as rows of the table AzureDevOpsAuditing
 * (learn.microsoft.com/azure/azure-monitor/reference/tables/azuredevopsauditing). Of a person stay name and checksum of the id.
 */
export const AZURE_DEVOPS_AUDIT: ReportFormat = {
  name: 'azure-devops-audit',
  title: "Azure DevOps' audit log",
  recognises: (head) =>
    [LIST, `value.${LIST}`].some((list) => head.has(list)) ||
    ['', '[].', 'value[].', 'data.', '[].data.'].some(
      (at) =>
        (head.has(`${at}actionId`) && head.has(`${at}timestamp`)) ||
        (head.has(`${at}ActionId`) && head.has(`${at}Timestamp`)) ||
        (head.has(`${at}OperationName`) && head.has(`${at}ActorCUID`)),
    ),
  read: (body) => readAuditLog(body, AZURE_DEVOPS_AUDIT_LOG),
};

/** Of an entry, in camel case; exports and streams begin them with a capital. */
const MEMBERS = [
  ...['actionId', 'category', 'categoryDisplayName', 'data', 'timestamp', 'scopeDisplayName', 'scopeId'],
  ...['projectName', 'projectId', 'actorUserId', 'actorCUID', 'actorClientId', 'actorDisplayName'],
];

export const AZURE_DEVOPS_AUDIT_LOG: AuditLog = {
  name: 'azure-devops-audit',
  lists: ['', 'value', LIST, `value.${LIST}`],
  members: [...MEMBERS, ...MEMBERS.map(capital), 'OperationName', 'TimeGenerated', 'eventType'],
  paging: ['hasMore', 'continuationToken'],
  hasMore: (paging) =>
    paging.has('hasMore') ? paging.get('hasMore') !== false : (paging.get('continuationToken') ?? '') !== '',
  idOf: (entry) => textOf(member(entry, 'id')) ?? textOf(member(entry, 'Id')),
  entryOf,
};

function capital(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function entryOf(written: object, report: FoundReport): AuditEntry | Flaw | undefined {
  const entry = member(written, 'eventType') === 'AzureDevOpsAuditEvent' ? member(written, 'data') : written;
  const named = (key: string) => member(entry, key) ?? member(entry, capital(key));
  const action = textOf(named('actionId')) ?? textOf(member(entry, 'OperationName'));
  if (action === undefined) return { flaw: 'names no action' };
  if (member(entry, 'actionId') !== undefined && member(entry, 'ActionId') !== undefined)
    return { flaw: 'names its action twice' };
  const data = dataOf(named('data'), report);
  const operation = operationOf(action, data);
  return {
    operation,
    ...targetOf(operation, named, data),
    actor: actorOf(named),
    details: detailsOf(data),
    correlation: '',
    about: namesIn(named, data),
    outcome: /failed$|notauthorizedfor/i.test(operation) ? 'failed' : 'done',
    isLook: /^(?:access|execute)$/i.test(textOf(named('category')) ?? textOf(named('categoryDisplayName')) ?? ''),
    at: instantOf(named('timestamp') ?? member(entry, 'TimeGenerated'), report),
  };
}

/** Azure DevOps has one action for all ends of checks, and one for a check that is switched off as for every other change. */
function operationOf(action: string, data: object): string {
  const said = (key: string) => textOf(member(data, key)) ?? '';
  if (/^checksuite\.completed$/i.test(action) && /bypass/i.test(said('CheckSuiteStatus') || said('Status')))
    return 'CheckSuite.Bypassed';
  const isDisabled = String(member(data, 'IsDisabled')).toLowerCase() === 'true';
  return isDisabled && /^checkconfiguration\.updated$/i.test(action) ? 'CheckConfiguration.Disabled' : action;
}

/** By what the catalog may know it. */
function namesIn(named: Named, data: object): AuditedNames {
  const said = (key: string) => textOf(member(data, key));
  const type = said('ResourceType')?.toLowerCase();
  const guarded = (kind: string) => (type === kind ? said('ResourceName') : undefined);
  return given({
    project: textOf(named('projectName')) ?? said('ProjectName'),
    projectId: idOf(named('projectId')) ?? idOf(said('ProjectId')),
    repository: said('RepoName') ?? guarded('repository'),
    pipeline: said('PipelineName'),
    environment: said('EnvironmentName') ?? guarded('environment'),
    resourceType: type,
    run: said('RunName'),
    stage: said('StageName'),
    connection: idOf(said('ConnectionId')),
    definition: partOf('Definition', member(data, 'DefinitionId')),
    planType: said('PlanType')?.toLowerCase(),
  });
}

/** An object, or JSON in a text of one. */
function dataOf(written: unknown, report: FoundReport): object {
  const data = objectOf(parsedText(written ?? {}));
  if (data === undefined) report.problem('its data are no JSON object, so it may be taken for another one');
  return data ?? {};
}

type Named = (key: string) => unknown;

const NOBODY = /^[0-]*$/;

/** Azure DevOps writes the empty id where there is none. */
function idOf(value: unknown): string | undefined {
  const id = textOf(value)?.toLowerCase();
  return id === undefined || NOBODY.test(id) ? undefined : id;
}

function actorOf(named: Named): AuditActor {
  const name = textOf(named('actorDisplayName'));
  const ids = ['actorUserId', 'actorCUID', 'actorClientId'].flatMap((key) => idOf(named(key)) ?? []);
  const [id] = ids;
  return {
    key: id ?? name?.toLowerCase() ?? '',
    ids,
    name: nameOf(name) ?? (id === undefined ? 'Azure DevOps' : undefined),
  };
}

/** What names an object, the outermost first; of each the first that is there. */
const OBJECTS: readonly (readonly string[])[] = [
  ['ResourceType'],
  ['ResourceName', 'ResourceId'],
  ['NamespaceName', 'NamespaceId'],
  ['Token', 'Tokens'],
  ['RepoName', 'RepoId'],
  ['FriendlyName'],
  ['PipelineName', 'PipelineId'],
  ['EnvironmentName', 'EnvironmentId'],
  ['ConnectionName', 'ConnectionId'],
  ['VariableGroupName', 'VariableGroupId'],
  ['SecureFileName', 'SecureFileId'],
  ['AgentPoolName', 'AgentPoolId'],
  ['AgentName', 'AgentId'],
  ['PublisherName'],
  ['ExtensionName'],
  ['PolicyTypeDisplayName', 'PolicyTypeId'],
  ['PolicyName', 'EnforcePolicyName'],
  ['GroupName', 'GroupId'],
  ['FeedName', 'FeedId'],
  ['ProcessName'],
  ['SettingName'],
  ['ConfigName'],
  ['ApprovalId'],
  ['ConsumerType'],
];

/** Elsewhere it is the name of a person. */
const HAS_DISPLAY_NAME = /^(?:token|auditlog)\./i;

/** Organization, project (`-`: of none) and what it is called there. */
function targetOf(operation: string, named: Named, data: object): Pick<AuditEntry, 'target' | 'targetWords'> {
  const scope = textOf(named('scopeDisplayName'))?.replace(/ \((?:Organization|Enterprise)\)$/i, '');
  const project = textOf(named('projectName')) ?? textOf(member(data, 'ProjectName')) ?? idOf(named('projectId'));
  const called = HAS_DISPLAY_NAME.test(operation) ? [...OBJECTS, ['DisplayName', 'displayName']] : OBJECTS;
  const objects = called.flatMap((names) =>
    names
      .map((name) => partOf(name, member(data, name)))
      .filter((part) => part !== undefined)
      .slice(0, 1),
  );
  const organization = scope ?? idOf(named('scopeId')) ?? '-';
  const inside = project === undefined && objects.length === 0 ? [] : [project ?? '-', ...objects];
  return {
    target: [organization, ...inside].join('/'),
    targetWords: [...(project === undefined ? [] : [project]), ...objects].join('/') || organization,
  };
}

function partOf(name: string, value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : textOf(value);
  return name.endsWith('Id') ? idOf(text) : text;
}

/** Whom or what access was given to, and how far: without it a second member of a group would be the first one again. */
const DETAILS = [
  ...['MemberId', 'SubjectDescriptor', 'Identities', 'ChangedPermission', 'PermissionModifiedTo', 'PipelineId'],
  ...[
    'PolicyValue',
    'NewOwnerName',
    'DefaultBranch',
    'ProjectVisibility',
    'IsDisabled',
    'TargetUser',
    'NewApproverUserId',
  ],
];
/** One by one, of those that were changed together. */
const SUMMARY = ['PermissionNames', 'Change', 'SubjectDescriptor'];

function detailsOf(data: object): string[] {
  const said = (value: unknown, keys: readonly string[]) =>
    keys.flatMap((key) => {
      const text = textOf(member(value, key));
      return text === undefined ? [] : [`${key}=${text.toLowerCase()}`];
    });
  const summary = listOf(member(data, 'EventSummary')).map((one) => canonicalJson(said(one, SUMMARY)));
  return [...said(data, DETAILS), ...summary];
}
