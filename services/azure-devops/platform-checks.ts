import { z } from 'zod';
import type { CheckFact, CheckKind, PlatformIdentity } from '../domain/platform.ts';
import { isGuid, sameId } from './paths.ts';

/** Checks as Azure DevOps has them, told by type and definition ids alone: what people call them says nothing (Check Configurations - Query). */

export const TASK_CHECK = 'fe1de3ee-a436-41b4-bb20-f6eb4cb879a7';
const TYPES: readonly (readonly [string, CheckKind])[] = [
  ['8c6f20a7-a545-4486-9777-f762fafe0d4d', 'approval'],
  ['2ef31ad6-baa0-403a-8b45-2cbc9b4e5563', 'exclusive-lock'],
  ['4020e66e-b0f3-47e1-bc88-48f3cc59b5f3', 'required-template'],
  ['e1a1fc6c-c278-4492-ae1c-c42f8697612c', 'authorization'],
];
/** Definition of the task "Invoke REST API". */
export const INVOKE_REST = '9c3e8943-130d-4c78-ac63-8af81df62dfb';
const DEFINITIONS: readonly (readonly [string, CheckKind])[] = [
  ['86b05a0c-73e6-4f7d-b3cf-e38f3b39a75b', 'branch-control'],
  ['445fde2f-6c39-441c-807f-8a59ff2e075f', 'business-hours'],
  [INVOKE_REST, 'invoke-rest'],
  ['537fdb7a-a601-4537-aa70-92645a2b5ce4', 'invoke-function'],
  ['99a72e7f-25e4-4576-bf38-22a42b995ed8', 'azure-monitor'],
];

const text = z.string().nullish();
const approver = z.object({
  id: z.string(),
  displayName: text,
  uniqueName: text,
  descriptor: text,
  isContainer: z.boolean().nullish(),
});
const settings = z.object({
  displayName: text,
  definitionRef: z.object({ id: text, name: text }).nullish(),
  inputs: z.record(z.string(), z.unknown()).nullish(),
  approvers: z.array(approver).nullish(),
  minRequiredApprovers: z.number().int().nonnegative().nullish(),
  requesterCannotBeApprover: z.boolean().nullish(),
  linkedVariableGroup: text.catch(undefined),
  retryInterval: z.number().nullish().catch(undefined),
});

export const configurations = z.object({
  value: z.array(
    z.object({
      id: z.number().int(),
      type: z.object({ id: z.string(), name: text }),
      resource: z.object({ type: z.string(), id: z.string() }),
      timeout: z.number().nonnegative().nullish(),
      isDisabled: z.boolean().nullish(),
      settings: settings.nullish(),
    }),
  ),
});
export type Configuration = z.output<typeof configurations>['value'][number];

/** A check of which is not known yet whether it calls us. */
export interface CheckDraft {
  readonly fact: CheckFact;
  /** Where it calls: an address, or what follows that of a service connection. */
  readonly call?: {
    readonly connection?: string;
    readonly address: string;
    readonly said: NonNullable<CheckFact['ours']>;
  };
}

export function draftOf(configuration: Configuration): CheckDraft {
  const { id, type, timeout, isDisabled, settings: set } = configuration;
  const kind = kindOf(configuration);
  const fact: CheckFact = {
    id: String(id),
    kind,
    name: set?.displayName || set?.definitionRef?.name || type.name || kind,
    isDisabled: isDisabled === true,
    timeoutMinutes: timeout ?? 0,
    ...(kind === 'approval' ? { approval: approvalOf(set) } : {}),
    ...(kind === 'branch-control' ? { branches: branchesOf(set?.inputs ?? {}) } : {}),
  };
  const call = callOf(kind, set?.inputs ?? {});
  return call === undefined ? { fact } : { fact, call };
}

function kindOf({ type, settings: set }: Configuration): CheckKind {
  const table = sameId(type.id, TASK_CHECK) ? DEFINITIONS : TYPES;
  const id = sameId(type.id, TASK_CHECK) ? (set?.definitionRef?.id ?? undefined) : type.id;
  return table.find(([known]) => sameId(id, known))?.[1] ?? 'other';
}

function approvalOf(set: Configuration['settings']): NonNullable<CheckFact['approval']> {
  const approvers = set?.approvers ?? [];
  return {
    approvers: approvers.map(identityOf).sort((a, b) => (a.id < b.id ? -1 : 1)),
    minApprovers: set?.minRequiredApprovers ?? 0,
    // Only what is said outright keeps the requester out.
    requesterMayApprove: set?.requesterCannotBeApprover !== true,
  };
}

/** Descriptors of groups begin so, of Azure DevOps and of Entra. */
const GROUP = /^(?:vssgp|aadgp)\./i;

function identityOf({ id, displayName, uniqueName, descriptor, isContainer }: z.output<typeof approver>) {
  const isGroup = isContainer === true || GROUP.test(descriptor ?? '');
  const name = displayName || uniqueName || id;
  return { id: id.toLowerCase(), name, kind: isGroup ? 'group' : 'person' } satisfies PlatformIdentity;
}

export type Inputs = Readonly<Record<string, unknown>>;

function branchesOf(inputs: Inputs): NonNullable<CheckFact['branches']> {
  const allowed = textIn(inputs, 'allowedBranches')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  return { allowed, mustBeProtected: isTrue(inputs, 'ensureProtectionOfBranch') };
}

function callOf(kind: CheckKind, inputs: Inputs): CheckDraft['call'] {
  if (kind !== 'invoke-rest' && kind !== 'invoke-function') return undefined;
  const said = { ...bodyOf(inputs), waits: isTrue(inputs, 'waitForCompletion') };
  if (kind === 'invoke-function') return { address: withoutSecrets(textIn(inputs, 'function')), said };
  const connection = textIn(inputs, 'connectedServiceName') || textIn(inputs, 'serviceConnection');
  return { address: withoutSecrets(textIn(inputs, 'urlSuffix')), said, ...(isGuid(connection) ? { connection } : {}) };
}

/** Keys stand in queries and before the host: what is read so far is stored, and these never are. */
export function withoutSecrets(address: string): string {
  return address.replace(/[?#].*$/s, '').replace(/\/\/[^/@]*@/, '//');
}

const body = z.object({ environment: text.catch(undefined), service: text.catch(undefined) });

function bodyOf(inputs: Inputs): { readonly environment?: string; readonly service?: string } {
  const { environment, service } = body.safeParse(jsonIn(textIn(inputs, 'body'))).data ?? {};
  return { ...(environment ? { environment } : {}), ...(service ? { service } : {}) };
}

export function jsonIn(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}

/** Azure DevOps keeps every input as text. */
export function isTrue(inputs: Inputs, name: string): boolean {
  return textIn(inputs, name).toLowerCase() === 'true';
}

export function textIn(inputs: Inputs, name: string): string {
  const value = inputs[name];
  return typeof value === 'string' || typeof value === 'boolean' ? String(value).trim() : '';
}

/** The check as a fact. `urls`: of the service connections that could be seen, by id in lower case; `ours`: where we listen for checks. */
export function factOf(
  { fact, call }: CheckDraft,
  urls: Readonly<Record<string, string>>,
  ours: string | undefined,
): CheckFact {
  if (call === undefined) return fact;
  const base = call.connection === undefined ? '' : urls[call.connection.toLowerCase()];
  const isSeen = ours !== undefined && base !== undefined && (base !== '' || fact.kind === 'invoke-function');
  if (!isSeen) return { ...fact, isUnresolved: true };
  return isSameAddress(joined(base, call.address), ours) ? { ...fact, ours: call.said } : fact;
}

function joined(base: string, suffix: string): string {
  return base === '' || suffix === '' ? base + suffix : `${base.replace(/\/+$/, '')}/${suffix.replace(/^\/+/, '')}`;
}

/** As addresses: neither the case of the host nor a slash at the end matters, nor what is asked. */
export function isSameAddress(one: string, other: string): boolean {
  const [a, b] = [URL.parse(one), URL.parse(other)];
  if (a === null || b === null) return false;
  return a.origin === b.origin && a.pathname.replace(/\/+$/, '') === b.pathname.replace(/\/+$/, '');
}
