import { type Attempt, closedBecause, decide } from './domain/approval.ts';
import { type Gate, isSettled } from './domain/gate.ts';
import { layersOf } from './domain/layers.ts';
import type { Person, PersonActor } from './domain/person.ts';
import { principalsOf } from './domain/quorum.ts';
import { isOverreach, type Refusal } from './domain/refusal.ts';
import { saysRefused } from './domain/refused-entry.ts';
import { separationOf } from './domain/separation.ts';
import { holderOf } from './ports/card-groups.ts';
import type { Clock } from './ports/clock.ts';
import type { Covers } from './ports/covers.ts';
import { type Directory, DirectoryUnavailableError } from './ports/directory.ts';
import type { Doors } from './ports/doors.ts';
import type { CardReference, GateStore, StoredGate } from './ports/gate-store.ts';
import { standingOf } from './ports/standing.ts';
import { StoreUnavailableError } from './ports/table.ts';

export interface Wish {
  readonly requestId: string;
  /** What the card showed; absent for a typed command. */
  readonly revision?: number;
  readonly verdict: 'approve' | 'reject' | 'withdraw';
  readonly comment: string;
  readonly by: PersonActor;
  /** Stable over replays of the same click or message (storage.md rule 3). */
  readonly op: string;
  /** Conversation id of a click that others may see. */
  readonly clickedIn?: string;
}

export type Answered =
  /** Settled, or one vote more or less: what the gate then is, says which. */
  | { readonly kind: 'decided'; readonly gate: Gate }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal;
      readonly gate?: Gate;
      /** With `activate-membership`: the name of the group. */
      readonly group?: string;
    };

/** `unanswered`: whether this one was recorded is not known. */
export type AnsweredOne = Answered | { readonly kind: 'unanswered' };

interface Needs {
  readonly tenant: string;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly covers: Covers;
  readonly doors: Doors;
  readonly gates: GateStore;
  /** Called with what was committed, so that telling does not wait for the next pass. */
  readonly committed: (stored: StoredGate) => void;
  /** Called when Azure DevOps turns out not to wait any more; what fails is found again by reconciling. */
  readonly endIfCompleted: (gate: Gate) => void;
}

export type Approvals = ReturnType<typeof createApprovals>;

export function createApprovals(needs: Needs) {
  return {
    /** Rejects only when the store did not answer: then nothing may be claimed. */
    decide: (wish: Wish): Promise<Answered> => decideOn(needs, wish),
    /** Each on its own, in the order of the wishes: what is refused keeps nothing else from being decided. */
    decideMany: (wishes: readonly Wish[]): Promise<readonly AnsweredOne[]> => decideMany(needs, wishes),
    find: async (requestId: string): Promise<Gate | undefined> => (await needs.gates.locate(requestId))?.gate,
  };
}

/** How many of a list are under way at a time. */
const AT_ONCE = 5;

async function decideMany(needs: Needs, wishes: readonly Wish[]): Promise<readonly AnsweredOne[]> {
  const answered: AnsweredOne[] = [];
  for (let from = 0; from < wishes.length; from += AT_ONCE) {
    const some = wishes.slice(from, from + AT_ONCE);
    answered.push(...(await Promise.all(some.map((wish) => decideOne(needs, wish)))));
  }
  return answered;
}

async function decideOne(needs: Needs, wish: Wish): Promise<AnsweredOne> {
  try {
    return await decideOn(needs, wish);
  } catch (error) {
    if (error instanceof StoreUnavailableError) return { kind: 'unanswered' };
    throw error;
  }
}

/** How often something else may be recorded first, for instance a stranger's refused click, before we give up. */
const TRIES = 3;

async function decideOn(needs: Needs, wish: Wish): Promise<Answered> {
  let stored = await needs.gates.locate(wish.requestId);
  if (stored === undefined) return { kind: 'refused', refusal: 'unknown-request' };
  if (wish.by.tenant.toLowerCase() !== needs.tenant.toLowerCase()) return { kind: 'refused', refusal: 'wrong-tenant' };
  for (let n = 0; n < TRIES; n += 1) {
    const answered = await decideIn(needs, stored, wish);
    if (!('lost' in answered)) return answered;
    stored = answered.lost;
  }
  return { kind: 'refused', refusal: 'not-recorded', gate: stored.gate };
}

/** `lost`: somebody else's change was first; the gate as it is now. */
type Tried = Answered | { readonly lost: StoredGate };

async function decideIn(needs: Needs, stored: StoredGate, wish: Wish): Promise<Tried> {
  if (wasMine(stored, wish.op)) return { kind: 'decided', gate: stored.gate };
  const now = needs.clock.now();
  const closed = closedBecause(stored.gate, now);
  if (closed !== undefined) return { kind: 'refused', refusal: closed, gate: stored.gate };
  if (!(await isShownIn(needs, stored, wish.clickedIn))) return refuse(needs, stored, wish, 'card-passed-on', now);
  const attempt = await attemptOf(needs, stored.gate, wish, now);
  if (attempt === undefined) return { kind: 'refused', refusal: 'cannot-verify-now', gate: stored.gate };
  const outcome = decide(stored.gate, attempt);
  if (outcome.kind === 'refused')
    return explained(needs, await refuse(needs, stored, wish, outcome.refusal, now), wish);
  const stopped = await stoppedBy(needs, stored, attempt, wish, now);
  if (stopped !== undefined) return stopped;
  return record(needs, stored, outcome.gate, { ...wish, ...attempt }, now);
}

/** Whether a card about this gate was sent to that conversation. In a personal chat nobody else can have put one. */
async function isShownIn({ gates }: Needs, { gate, cards }: StoredGate, conversation?: string): Promise<boolean> {
  if (conversation === undefined) return true;
  const isThere = (card: CardReference) => card.conversation === conversation;
  if (cards.some(isThere)) return true;
  const holders = [...new Set(cards.flatMap((card) => holderOf(card) ?? []))];
  const held = await Promise.all(holders.map((id) => gates.read(gate.org, id)));
  return held.some((holder) => holder?.cards.some(isThere));
}

/** Before anything is recorded: what Azure DevOps would not take from this person must not count here either. */
async function stoppedBy(
  needs: Needs,
  stored: StoredGate,
  { person, verdict }: Attempt,
  wish: Wish,
  now: string,
): Promise<Tried | undefined> {
  const { gate } = stored;
  if (verdict === 'withdraw' || person === undefined) return undefined;
  const permission = await needs.doors[gate.door.kind].permission(gate, person, needs.tenant);
  if (permission === 'granted') return undefined;
  if (permission === 'completed-in-azure-devops') needs.endIfCompleted(gate);
  return refuse(needs, stored, wish, permission, now);
}

/** A replay finds its own operation in the evidence, whatever happened to the gate since. */
function wasMine(stored: StoredGate, op: string): boolean {
  return stored.evidence.some((entry) => entry.op === op && entry.entry.includes('"kind":"decided"'));
}

async function attemptOf(needs: Needs, gate: Gate, wish: Wish, now: string): Promise<Attempt | undefined> {
  try {
    const standing = await standingOf(needs, wish.by.oid, gate.ask?.levels ?? [], now);
    return {
      ...standing,
      verdict: wish.verdict,
      by: nameAsKnown(wish.by, standing.person),
      at: now,
      comment: wish.comment.trim(),
      ...(wish.revision === undefined ? {} : { revision: wish.revision }),
    };
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) return undefined;
    throw error;
  }
}

/** The directory's name is the one that evidence keeps; a Teams display name can be chosen. */
function nameAsKnown(by: PersonActor, person: Person | undefined): PersonActor {
  return person === undefined ? by : { ...by, name: person.name };
}

/** Once for each person, reason and revision: however often somebody clicks, the record does not grow. */
function isRecorded({ evidence, gate }: StoredGate, { by }: Wish, refusal: Refusal): boolean {
  return evidence.some((entry) => saysRefused(entry, { oid: by.oid, refusal, revision: gate.revision }));
}

/** Somebody who could be an approver by activating a membership is told which; recorded is that they are none now. */
async function explained({ directory }: Needs, tried: Tried, { by }: Wish): Promise<Tried> {
  if ('lost' in tried || tried.kind !== 'refused' || tried.refusal !== 'not-an-approver') return tried;
  const from = [...new Set((tried.gate?.ask?.levels ?? []).flatMap(principalsOf))];
  const known = await Promise.all(from.map((principal) => directory.eligibleButInactive(principal)));
  const activation = known.find((one) => one?.people.some(({ oid }) => oid === by.oid.toLowerCase()));
  return activation === undefined ? tried : { ...tried, refusal: 'activate-membership', group: activation.group };
}

async function refuse(needs: Needs, stored: StoredGate, wish: Wish, refusal: Refusal, now: string): Promise<Tried> {
  if (isOverreach(refusal) && !isRecorded(stored, wish, refusal)) {
    const committed = await needs.gates.commit(stored, {
      op: wish.op,
      gate: stored.gate,
      evidence: {
        kind: 'refused',
        actor: wish.by,
        data: { ...layersOf(stored.gate), refusal, verdict: wish.verdict },
      },
      outbox: [],
      at: now,
    });
    if (committed.kind === 'lost') return { lost: committed.stored };
  }
  return { kind: 'refused', refusal, gate: stored.gate };
}

// Recorded before told: a lost call to Azure DevOps is retried, a lost record cannot be.
async function record(
  needs: Needs,
  stored: StoredGate,
  gate: Gate,
  wish: Wish & Pick<Attempt, 'person'>,
  now: string,
): Promise<Tried> {
  const committed = await needs.gates.commit(stored, {
    op: wish.op,
    gate,
    evidence: {
      kind: 'decided',
      actor: wish.by,
      ...decided(gate, wish),
    },
    outbox: isSettled(gate.state) ? ['verdict', 'card'] : ['card'],
    at: now,
  });
  if (committed.kind === 'lost') return { lost: committed.stored };
  needs.committed(committed.stored);
  return { kind: 'decided', gate: committed.stored.gate };
}

function decided(gate: Gate, { verdict, by, comment, person }: Wish & Pick<Attempt, 'person'>) {
  const vote = gate.votes.find((one) => one.by.oid === by.oid);
  const covers = (vote ?? gate.decision)?.covers;
  const { sources, ask } = gate;
  const isKnown = verdict === 'approve' && person !== undefined && sources !== undefined;
  const separation = isKnown ? { separation: { ...separationOf(person, sources, ask?.unmatched ?? []) } } : {};
  return {
    data: { ...layersOf(gate), verdict, state: gate.state, covers: covers?.oid, ...separation },
    texts: { comment, ...(covers === undefined ? {} : { covers: covers.name }) },
  };
}
