import type { CheckForm } from '../domain/check-form.ts';
import type { FoundCheck, SetUpChange } from '../domain/set-up.ts';
import {
  type Configuration,
  draftOf,
  factOf,
  INVOKE_REST,
  type Inputs,
  isTrue,
  jsonIn,
  TASK_CHECK,
  textIn,
} from './platform-checks.ts';

/** The version of the task that Microsoft's own Terraform provider asks for. */
const TASK_VERSION = '1.220.0';

/** As set-up sees it; undefined for a check that calls nobody. `urls` and `ours` as for factOf. */
export function foundCheck(
  configuration: Configuration,
  urls: Readonly<Record<string, string>>,
  ours: string,
): FoundCheck | undefined {
  const draft = draftOf(configuration);
  const fact = factOf(draft, urls, ours);
  if (draft.call === undefined) return undefined;
  const { connection } = draft.call;
  const calls = fact.isUnresolved === true ? 'unknown' : fact.ours === undefined ? 'another' : 'us';
  return {
    id: fact.id,
    calls,
    ...(connection === undefined ? {} : { connection: connection.toLowerCase() }),
    isDisabled: fact.isDisabled,
    ...(fact.kind === 'invoke-rest' ? { form: formOf(configuration) } : {}),
  };
}

function formOf({ settings, timeout }: Configuration): CheckForm {
  const inputs: Inputs = settings?.inputs ?? {};
  return {
    method: textIn(inputs, 'method'),
    urlSuffix: textIn(inputs, 'urlSuffix'),
    headers: membersIn(textIn(inputs, 'headers')),
    body: membersIn(textIn(inputs, 'body')),
    waits: isTrue(inputs, 'waitForCompletion'),
    retryMinutes: settings?.retryInterval ?? 0,
    timeoutMinutes: timeout ?? 0,
    group: settings?.linkedVariableGroup ?? '',
  };
}

function membersIn(written: string): Readonly<Record<string, unknown>> | undefined {
  const value = jsonIn(written);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

/** A check to be posted (Check Configurations - Add); Azure DevOps keeps every input as text. */
export function checkBody({ environment, connection, form, id }: SetUpChange & { readonly kind: 'check' }) {
  return {
    ...(id === undefined ? {} : { id: Number(id), isDisabled: false }),
    type: { id: TASK_CHECK, name: 'Task Check' },
    settings: {
      displayName: 'Countersign',
      definitionRef: { id: INVOKE_REST, name: 'InvokeRESTAPI', version: TASK_VERSION },
      inputs: {
        connectedServiceNameSelector: 'connectedServiceName',
        connectedServiceName: connection,
        method: form.method,
        headers: JSON.stringify(form.headers),
        body: JSON.stringify(form.body),
        urlSuffix: form.urlSuffix,
        waitForCompletion: String(form.waits),
      },
      retryInterval: form.retryMinutes,
      linkedVariableGroup: form.group,
    },
    resource: { type: 'environment', id: String(environment.id), name: environment.name },
    timeout: form.timeoutMinutes,
  };
}
