import { approvalOf, type Gate, type Handover } from './domain/gate.ts';
import {
  decidersOf,
  handoverOf,
  isPassedOn,
  ownComment,
  serviceComment,
  type Word,
  wordsOf,
} from './domain/handover.ts';
import type { NativeApproval, NativeApprovalRef } from './domain/native-approval.ts';
import { isSameHuman, type Person } from './domain/person.ts';
import {
  type AzureDevOps,
  AzureDevOpsRefusedError,
  AzureDevOpsUnavailableError,
  type OnBehalfOf,
} from './ports/azure-devops.ts';
import type { Answering, DoorState, Permission } from './ports/doors.ts';
import { type PersonTokens, PersonTokensUnavailableError } from './ports/person-tokens.ts';

interface Needs {
  readonly azureDevOps: AzureDevOps;
  readonly personTokens: PersonTokens;
  /** Decisions are sent under the bot's own account. */
  readonly asService: boolean;
}

const BOT: OnBehalfOf = { kind: 'bot' };
/** Statuses that Azure DevOps never leaves again. */
const ENDED: readonly string[] = ['approved', 'rejected', 'canceled', 'timedOut'];

/** The second door: an approval that Azure DevOps itself asks for, answered in the name of those who decided. */
export function createApprovalDoor(needs: Needs): Answering {
  return {
    state: ({ gate }) => stateOf(needs, gate),
    tell: ({ gate }) => tell(needs, gate),
    permission: (gate, person, tenant) => permission(needs, gate, person, tenant).catch(refusalFor),
  };
}

function refOf(gate: Gate): NativeApprovalRef {
  const ref = approvalOf(gate);
  if (ref === undefined) throw new TypeError(`request ${gate.id} is about no native approval`);
  return ref;
}

async function stateOf(needs: Needs, gate: Gate): Promise<DoorState> {
  const approval = await needs.azureDevOps.approval(refOf(gate), BOT);
  if (approval === undefined || approval.status === 'skipped') return withoutApprover(needs, gate, approval);
  if (!ENDED.includes(approval.status)) return { completed: false };
  if (gate.verdict !== undefined && isPassedOn(gate, approval)) {
    return { completed: true, result: gate.verdict.result, handover: handoverOf(gate, approval, asOf(needs)) };
  }
  return { completed: true, result: approval.status, by: decidersOf(approval.steps) };
}

/** Nobody decided, and it does not wait: the stage alone tells whether an administrator let it go on. */
async function withoutApprover(
  { azureDevOps }: Needs,
  { door, run, stage: name, attempt }: Gate,
  approval: NativeApproval | undefined,
): Promise<DoorState> {
  const { organization } = door;
  const stage = await azureDevOps.stage({ organization, projectId: run.projectId, runId: run.id, name, attempt });
  const wentOn = stage?.state === 'inProgress' || stage?.result?.startsWith('succeeded') === true;
  if (wentOn) return { completed: true, result: 'succeeded' };
  if (stage?.state === 'completed') return { completed: true, result: stage.result ?? 'skipped' };
  return approval === undefined ? { completed: false } : { completed: true, result: approval.status };
}

function asOf({ asService }: Needs): 'person' | 'service' {
  return asService ? 'service' : 'person';
}

async function tell(needs: Needs, gate: Gate): Promise<Handover> {
  const before = await needs.azureDevOps.approval(refOf(gate), BOT);
  if (before?.status !== 'pending') throw notPending(gate);
  const words = wordsOf(gate);
  if (words.length === 0) return { kind: 'left' };
  if (needs.asService) await sendAsService(needs, gate, before, words);
  else for (const word of words) await sendAsPerson(needs, gate, word);
  // Whatever was answered: only what Azure DevOps holds now is said of it.
  const after = await needs.azureDevOps.approval(refOf(gate), BOT);
  const isOurs = after !== undefined && (after.status === 'pending' || isPassedOn(gate, after));
  if (!isOurs) throw notPending(gate);
  return handoverOf(gate, after, asOf(needs));
}

function notPending({ id }: Gate): AzureDevOpsRefusedError {
  return new AzureDevOpsRefusedError(`the native approval of request ${id} does not wait any more`, 409);
}

async function sendAsService(
  { azureDevOps }: Needs,
  gate: Gate,
  approval: NativeApproval,
  words: readonly Word[],
): Promise<void> {
  if (!approval.mayUpdate) return;
  const { verdict = 'approve' } = words[0] ?? {};
  await azureDevOps.decideApproval(refOf(gate), { verdict, comment: serviceComment(gate, words) }, BOT);
}

/** Sent already, or no longer theirs to send: then nothing is. */
async function sendAsPerson({ azureDevOps, personTokens }: Needs, gate: Gate, word: Word): Promise<void> {
  const held = await personTokens.tokenOf(word.by);
  if (held.kind !== 'token') {
    throw new AzureDevOpsUnavailableError(`${word.by.oid}, who decided request ${gate.id}, is not signed in any more`);
  }
  const as: OnBehalfOf = { kind: 'person', token: held.token };
  const approval = await azureDevOps.approval(refOf(gate), as);
  if (approval?.status !== 'pending' || !approval.mayUpdate) return;
  await azureDevOps.decideApproval(refOf(gate), { verdict: word.verdict, comment: ownComment(gate, word) }, as);
}

/** Read with the right that will be used: under the person's token, or the bot's where it acts for everybody. */
async function permission(needs: Needs, gate: Gate, person: Person, tenant: string): Promise<Permission> {
  const as = needs.asService ? BOT : await ownRight(needs, person, tenant);
  if (typeof as === 'string') return as;
  const approval = await needs.azureDevOps.approval(refOf(gate), as);
  if (approval !== undefined && approval.status !== 'pending') return 'completed-in-azure-devops';
  // The service would be let through in the name of somebody whom Azure DevOps itself bars.
  const isBarred = needs.asService && approval?.blocked.some((identity) => isSameHuman(person, identity)) === true;
  if (isBarred) return 'no-right-in-azure-devops';
  if (approval?.mayUpdate === true || (approval !== undefined && comesLater(gate, approval, person))) return 'granted';
  return needs.asService ? 'decide-in-azure-devops' : 'no-right-in-azure-devops';
}

async function ownRight({ personTokens }: Needs, { oid }: Person, tenant: string): Promise<OnBehalfOf | Permission> {
  const held = await personTokens.tokenOf({ tenant, oid });
  if (held.kind === 'token') return { kind: 'person', token: held.token };
  return held.kind === 'sign-in-needed' ? held.kind : 'decide-in-azure-devops';
}

/** In a sequence their turn comes with the approvals that are sent before theirs. */
function comesLater({ votes }: Gate, { steps }: NativeApproval, person: Person): boolean {
  const isTheirs = steps.some(({ status, assigned }) => status === 'uninitiated' && isSameHuman(person, assigned));
  return isTheirs && votes.length > 0;
}

function refusalFor(error: unknown): Permission {
  if (error instanceof AzureDevOpsRefusedError) return 'no-right-in-azure-devops';
  if (error instanceof AzureDevOpsUnavailableError || error instanceof PersonTokensUnavailableError)
    return 'cannot-verify-now';
  throw error;
}
