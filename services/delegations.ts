import { type Attempt, closedBecause, decide } from './domain/approval.ts';
import type { Gate } from './domain/gate.ts';
import { layersOf } from './domain/layers.ts';
import type { Person, PersonActor } from './domain/person.ts';
import { isOverreach, type Refusal } from './domain/refusal.ts';
import type { Clock } from './ports/clock.ts';
import type { Covers } from './ports/covers.ts';
import { type Directory, DirectoryUnavailableError } from './ports/directory.ts';
import type { GateStore, StoredGate } from './ports/gate-store.ts';
import { type Meant, personMeant } from './ports/meant.ts';
import type { Conversations } from './ports/notifier.ts';
import type { RefusedWords } from './ports/refused-words.ts';
import { standingOf } from './ports/standing.ts';

export interface Delegation {
  readonly requestId: string;
  /** What the card showed; absent for a typed command. */
  readonly revision?: number;
  readonly to: Meant;
  readonly by: PersonActor;
  readonly op: string;
}

export type Delegated =
  /** `reached`: the bot has a conversation with that person, in which they are asked. */
  | { readonly kind: 'delegated'; readonly gate: Gate; readonly name: string; readonly reached: boolean }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal | 'nobody-meant' | 'several-meant';
      readonly gate?: Gate;
      /** Of `not-asked-now`. */
      readonly name?: string;
    };

interface Needs {
  readonly tenant: string;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly covers: Covers;
  readonly conversations: Conversations;
  readonly gates: GateStore;
  readonly refusedWords: RefusedWords;
  /** Called with what was committed. */
  readonly committed: (stored: StoredGate) => void;
}

export type Delegations = ReturnType<typeof createDelegations>;

/** One approver asks another one to decide. Nobody gets a right by it: who is asked may decide already. */
export function createDelegations(needs: Needs) {
  return {
    /** Rejects only when the store did not answer. */
    delegate: async (wish: Delegation): Promise<Delegated> => {
      const stored = await needs.gates.locate(wish.requestId);
      if (stored === undefined) return { kind: 'refused', refusal: 'unknown-request' };
      if (wish.by.tenant.toLowerCase() !== needs.tenant.toLowerCase())
        return { kind: 'refused', refusal: 'wrong-tenant' };
      try {
        return await delegate(needs, stored, wish);
      } catch (error) {
        if (error instanceof DirectoryUnavailableError)
          return { kind: 'refused', refusal: 'cannot-verify-now', gate: stored.gate };
        throw error;
      }
    },
  };
}

const TRIES = 3;

async function delegate(needs: Needs, found: StoredGate, wish: Delegation): Promise<Delegated> {
  const [by, to] = await Promise.all([needs.directory.person(wish.by.oid), personMeant(needs, wish.to)]);
  if (by === undefined) return { kind: 'refused', refusal: 'not-in-directory', gate: found.gate };
  if (typeof to === 'string') return { kind: 'refused', refusal: to };
  let stored = found;
  for (let n = 0; n < TRIES; n += 1) {
    const now = needs.clock.now();
    const isMine = stored.evidence.some(({ op }) => op === wish.op);
    const refused = isMine ? undefined : await refusalOf(needs, stored.gate, wish, to, now);
    if (refused !== undefined) {
      await noteRefused(needs, stored.gate, wish, refused.refusal, now);
      return { kind: 'refused', gate: stored.gate, name: to.name, ...refused };
    }
    const committed = isMine
      ? { kind: 'committed' as const, stored }
      : await record(needs, stored, { ...wish, by: { ...wish.by, name: by.name } }, to, now);
    stored = committed.stored;
    if (committed.kind === 'committed') {
      needs.committed(stored);
      const reached = (await needs.conversations.find({ kind: 'person', oid: to.oid })) !== undefined;
      return { kind: 'delegated', gate: stored.gate, name: to.name, reached };
    }
  }
  return { kind: 'refused', refusal: 'not-recorded', gate: stored.gate };
}

async function noteRefused(
  { refusedWords }: Needs,
  { services, environment, revision }: Gate,
  { requestId: about, by, op }: Delegation,
  refusal: Refusal,
  at: string,
): Promise<void> {
  if (!isOverreach(refusal)) return;
  await refusedWords.note({ about, what: 'delegate', refusal, services, environment, revision, by, op, at });
}

/** Both are tried with the very rule by which a click is decided. */
async function refusalOf(
  needs: Needs,
  gate: Gate,
  { by, revision }: Delegation,
  to: Person,
  now: string,
): Promise<{ readonly refusal: Refusal } | undefined> {
  const closed = closedBecause(gate, now);
  if (closed !== undefined) return { refusal: closed };
  if (revision !== undefined && revision !== gate.revision) return { refusal: 'stale-revision' };
  const own = await tried(needs, gate, by, now);
  // Whoever has approved may still ask those who are missing.
  if (own !== undefined && own !== 'already-voted') return { refusal: own };
  const theirs = await tried(needs, gate, { ...by, oid: to.oid, name: to.name }, now);
  if (to.oid === by.oid || theirs !== undefined) return { refusal: 'not-asked-now' };
  return undefined;
}

/** Why an approval of this person would be refused now. */
async function tried(needs: Needs, gate: Gate, by: PersonActor, now: string): Promise<Refusal | undefined> {
  const standing = await standingOf(needs, by.oid, gate.ask?.levels ?? [], now);
  const attempt: Attempt = { ...standing, verdict: 'approve', by, at: now, comment: '-' };
  const outcome = decide(gate, attempt);
  return outcome.kind === 'refused' ? outcome.refusal : undefined;
}

function record(needs: Needs, stored: StoredGate, { by, op }: Delegation, to: Person, now: string) {
  const { gate } = stored;
  return needs.gates.commit(stored, {
    op,
    gate,
    evidence: {
      kind: 'delegated',
      actor: by,
      data: { ...layersOf(gate), from: by.oid, to: to.oid },
      texts: { to: to.name },
    },
    outbox: ['delegate'],
    at: now,
  });
}
