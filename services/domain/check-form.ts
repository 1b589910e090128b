/** What our check on an environment is made of: manifest/pipelines/check.json, which a test holds it to. */

/** What follows the address of the bot in that of its check. */
export const CHECK_PATH = '/api/azure-devops/checks';
/** The variable group in which the check finds its key, and the secret variable that holds it. */
export const KEY_GROUP = 'countersign-check';
export const KEY_VARIABLE = 'countersignKey';
/** 47 hours: a job's token dies after 48. */
export const CHECK_TIMEOUT_MINUTES = 2_820;

const HEADERS = {
  'Content-Type': 'application/json',
  'X-Countersign-Key': `$(${KEY_VARIABLE})`,
  PlanUrl: '$(system.CollectionUri)',
  ProjectId: '$(system.TeamProjectId)',
  HubName: '$(system.HostType)',
  PlanId: '$(system.PlanId)',
  JobId: '$(system.JobId)',
  TimelineId: '$(system.TimelineId)',
  TaskInstanceId: '$(system.TaskInstanceId)',
  AuthToken: '$(system.AccessToken)',
} as const;

type Members = Readonly<Record<string, unknown>>;

/** A check as it should be, or as far as it is one that calls by Invoke REST API. */
export interface CheckForm {
  readonly method: string;
  readonly urlSuffix: string;
  /** Undefined: not readable as an object. */
  readonly headers: Members | undefined;
  readonly body: Members | undefined;
  /** Completion event Callback. */
  readonly waits: boolean;
  readonly retryMinutes: number;
  readonly timeoutMinutes: number;
  /** Linked variable group. */
  readonly group: string;
}

/** The check of an environment, by its name in the contract. `service`: the only one that is deployed there. */
export function checkForm(environment: string, service: string | undefined): CheckForm {
  return {
    method: 'POST',
    urlSuffix: CHECK_PATH,
    headers: HEADERS,
    body: {
      runId: '$(Build.BuildId)',
      stage: '$(System.StageName)',
      environment,
      ...(service === undefined ? {} : { service }),
    },
    waits: true,
    retryMinutes: 0,
    timeoutMinutes: CHECK_TIMEOUT_MINUTES,
    group: KEY_GROUP,
  };
}

/** What is otherwise than it should be, in words. What somebody added to headers and body is theirs. */
export function differencesOf(found: CheckForm, wanted: CheckForm): string[] {
  return [
    ...(found.waits ? [] : ['it does not wait for its answer']),
    ...(found.timeoutMinutes === wanted.timeoutMinutes
      ? []
      : [`its timeout is ${found.timeoutMinutes} minutes, not ${wanted.timeoutMinutes}`]),
    ...(found.retryMinutes === 0 ? [] : [`it is asked again every ${found.retryMinutes} minutes`]),
    ...(found.method.toUpperCase() === wanted.method ? [] : [`its method is ${found.method || 'not given'}`]),
    ...(found.group === wanted.group ? [] : [`its variable group is ${found.group || 'not given'}`]),
    ...membersOtherwise('header', found.headers, wanted.headers ?? {}),
    ...membersOtherwise('body', found.body, wanted.body ?? {}),
    ...(hasStrayService(found, wanted) ? ['its body speaks for a service that the catalog does not have there'] : []),
  ];
}

/** The wanted form with what somebody added to its headers and body. */
export function mendedForm(found: CheckForm, wanted: CheckForm): CheckForm {
  const { service, ...body } = found.body ?? {};
  const kept = service === undefined || hasStrayService(found, wanted) ? body : { ...body, service };
  return { ...wanted, headers: { ...found.headers, ...wanted.headers }, body: { ...kept, ...wanted.body } };
}

function hasStrayService(found: CheckForm, wanted: CheckForm): boolean {
  return found.body?.['service'] !== undefined && wanted.body?.['service'] === undefined;
}

function membersOtherwise(what: string, found: Members | undefined, wanted: Members): string[] {
  if (found === undefined) return [`its ${what === 'body' ? what : 'headers'} cannot be read`];
  const wrong = Object.entries(wanted).filter(([name, value]) => found[name] !== value);
  return wrong.map(([name]) => `its ${what} ${name} is ${name in found ? 'another' : 'not there'}`);
}
