import { closedBecause } from './domain/approval.ts';
import type { Candidate, Gate } from './domain/gate.ts';
import { plusMinutes } from './domain/instant.ts';
import { layersOf } from './domain/layers.ts';
import { isSameHuman, type Person, type PersonActor } from './domain/person.ts';
import { askedNow } from './domain/quorum.ts';
import type { Refusal } from './domain/refusal.ts';
import { lastReminder } from './ports/called-for.ts';
import type { Clock } from './ports/clock.ts';
import { type Directory, DirectoryUnavailableError } from './ports/directory.ts';
import type { GateStore, StoredGate } from './ports/gate-store.ts';
import { type Meant, personMeant } from './ports/meant.ts';
import type { Conversations } from './ports/notifier.ts';

export interface ReminderWish {
  readonly requestId: string;
  /** What the card showed; absent for a typed command. */
  readonly revision?: number;
  /** Absent: everybody who is asked and has not answered. */
  readonly to?: Meant;
  readonly by: PersonActor;
  readonly op: string;
}

export type Reminded =
  | { readonly kind: 'reminded'; readonly gate: Gate; readonly people: readonly Candidate[] }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal | 'nobody-meant' | 'several-meant';
      readonly gate?: Gate;
      /** Of `not-asked-now`. */
      readonly name?: string;
      /** Of `reminded-lately`: ISO-8601 UTC from which on it may be done again. */
      readonly at?: string;
    };

interface Needs {
  readonly clock: Clock;
  readonly directory: Directory;
  readonly conversations: Conversations;
  readonly gates: GateStore;
  /** Why this person may do nothing here, or undefined. */
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
  /** Called with what was committed. */
  readonly committed: (stored: StoredGate) => void;
}

export type Reminders = ReturnType<typeof createReminders>;

/** Whoever waits for others has them reminded: nobody is disturbed more than once an hour. */
export function createReminders(needs: Needs) {
  return {
    /** Rejects only when the store did not answer. */
    remind: async (wish: ReminderWish): Promise<Reminded> => {
      const stranger = await needs.strangerBecause(wish.by);
      if (stranger !== undefined) return { kind: 'refused', refusal: stranger };
      const stored = await needs.gates.locate(wish.requestId);
      if (stored === undefined) return { kind: 'refused', refusal: 'unknown-request' };
      try {
        return await remind(needs, stored, wish);
      } catch (error) {
        if (error instanceof DirectoryUnavailableError)
          return { kind: 'refused', refusal: 'cannot-verify-now', gate: stored.gate };
        throw error;
      }
    },
  };
}

const TRIES = 3;
const PAUSE_MINUTES = 60;

async function remind(needs: Needs, found: StoredGate, wish: ReminderWish): Promise<Reminded> {
  const [by, to] = await Promise.all([
    needs.directory.person(wish.by.oid),
    wish.to === undefined ? undefined : personMeant(needs, wish.to),
  ]);
  if (by === undefined) return { kind: 'refused', refusal: 'not-in-directory' };
  if (typeof to === 'string') return { kind: 'refused', refusal: to };
  let stored = found;
  for (let n = 0; n < TRIES; n += 1) {
    const { gate } = stored;
    const people = silentOnes(gate, by).filter(({ oid }) => to === undefined || oid === to.oid);
    const now = needs.clock.now();
    if (isRepeated(stored, wish.op, now)) return { kind: 'reminded', gate, people };
    const refused = refusalOf(stored, wish, by, to, people, now);
    if (refused !== undefined) return { kind: 'refused', gate, ...refused };
    const committed = await record(needs, stored, { ...wish, by: { ...wish.by, name: by.name } }, to, now);
    if (committed.kind === 'committed') {
      needs.committed(committed.stored);
      return { kind: 'reminded', gate, people };
    }
    stored = committed.stored;
  }
  return { kind: 'refused', refusal: 'not-recorded', gate: stored.gate };
}

/** The same button can be pressed again once the pause is over: that is no repetition. */
function isRepeated({ evidence }: StoredGate, op: string, now: string): boolean {
  const made = evidence.findLast((one) => one.op === op);
  return made !== undefined && now < plusMinutes((JSON.parse(made.entry) as { readonly at: string }).at, PAUSE_MINUTES);
}

function silentOnes({ ask, votes }: Gate, by: Person): Candidate[] {
  return ask === undefined ? [] : askedNow(ask, votes).filter(({ oid }) => oid !== by.oid);
}

function refusalOf(
  stored: StoredGate,
  { revision }: ReminderWish,
  by: Person,
  to: Person | undefined,
  people: readonly Candidate[],
  now: string,
): Omit<Extract<Reminded, { kind: 'refused' }>, 'kind' | 'gate'> | undefined {
  const { gate } = stored;
  const closed = closedBecause(gate, now);
  if (closed !== undefined) return { refusal: closed };
  if (!isConcerned(gate, by)) return { refusal: 'not-concerned' };
  if (revision !== undefined && revision !== gate.revision) return { refusal: 'stale-revision' };
  if (people.length === 0)
    return to === undefined ? { refusal: 'nobody-silent' } : { refusal: 'not-asked-now', name: to.name };
  const last = lastReminder(stored);
  const again = last === undefined ? now : plusMinutes(last, PAUSE_MINUTES);
  return now < again ? { refusal: 'reminded-lately', at: again } : undefined;
}

/** Who asked for the deployment, or is asked about it in any level. */
function isConcerned({ ask, sources, votes }: Gate, by: Person): boolean {
  const isRequester = sources?.requesters.some((identity) => isSameHuman(by, identity)) ?? false;
  const asked = (ask?.levels ?? []).flatMap(({ eligible }) => eligible);
  return isRequester || [...asked, ...votes.map((vote) => vote.by)].some(({ oid }) => oid === by.oid);
}

function record(needs: Needs, stored: StoredGate, { by, op }: ReminderWish, to: Person | undefined, now: string) {
  const { gate } = stored;
  return needs.gates.commit(stored, {
    op,
    gate,
    evidence: {
      kind: 'reminded',
      actor: by,
      data: { ...layersOf(gate), reminded: true, ...(to === undefined ? {} : { to: to.oid }) },
    },
    outbox: ['remind'],
    at: now,
  });
}
