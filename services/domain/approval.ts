import { exclusionOf } from './exclusion.ts';
import { type Ask, type AskLevel, type Decision, type Gate, isSettled, type Vote } from './gate.ts';
import { aliasesOf, type Person } from './person.ts';
import { openLevels, unfilledLevel } from './quorum.ts';
import type { Refusal } from './refusal.ts';

/** Longest comment in characters; what a card's input allows and what is stored. */
export const COMMENT_LIMIT = 1_000;

/** In which levels somebody may decide, freshly looked up. */
export interface Standing {
  /** The directory's record of the person; undefined when it has none. */
  readonly person: Person | undefined;
  /** Positions of the levels whose approvers the person belongs to. */
  readonly levels: readonly number[];
  /** Positions of the levels of somebody who is away and whose place the person takes. */
  readonly covered?: { readonly absent: Person; readonly levels: readonly number[] };
}

/** What somebody wants, with what is known of them at this moment. */
export interface Attempt extends Standing {
  readonly verdict: Decision['verdict'] | 'withdraw';
  readonly by: Decision['by'];
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly comment: string;
  /** The revision that the person saw; absent for a typed command, which means the present one. */
  readonly revision?: number;
}

export type Outcome =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Settled, or one vote more or less. */
  | { readonly kind: 'decided'; readonly gate: Gate };

/** Why no decision can be taken on this gate by anybody now, or undefined. Needs no directory. */
export function closedBecause(gate: Gate, now: string): Refusal | undefined {
  if (gate.state === 'superseded') return 'superseded';
  if (gate.state === 'expired' || (!isSettled(gate.state) && now >= gate.closesAt)) return 'expired';
  if (isSettled(gate.state)) return 'already-decided';
  if (gate.state === 'blocked') return 'blocked';
  return gate.state === 'asked' && gate.ask !== undefined ? undefined : 'not-asked-yet';
}

/**
 * One vote for each human and route; the first rejection is final; an approval settles once every level has its quorum,
 * and until then may be withdrawn or turned into a rejection.
 */
export function decide(gate: Gate, attempt: Attempt): Outcome {
  const closed = closedBecause(gate, attempt.at);
  if (closed !== undefined) return refused(closed);
  const { ask, sources } = gate;
  if (ask === undefined || sources === undefined) return refused('not-asked-yet');
  const own = gate.votes.find((vote) => vote.by.oid === attempt.by.oid);
  if (attempt.verdict === 'withdraw') return withdraw(gate, attempt, own);
  const barred = barredBecause(gate, attempt);
  if (barred !== undefined) return refused(barred);
  const seat = seatOf(ask, gate.votes, attempt);
  if (seat.refusal !== undefined) return refused(seat.refusal);
  if (isStale(gate, attempt)) return refused('stale-revision');
  const missing = commentRefusal(ask, attempt);
  if (missing !== undefined) return refused(missing);
  return attempt.verdict === 'reject' ? reject(gate, attempt, seat) : approve(gate, ask, attempt, seat);
}

function refused(refusal: Refusal): Outcome {
  return { kind: 'refused', refusal };
}

function isStale(gate: Gate, { revision }: Attempt): boolean {
  return revision !== undefined && revision !== gate.revision;
}

/** Their own vote, whoever they are by now: taking it back gives nobody a right. */
function withdraw(gate: Gate, attempt: Attempt, own: Vote | undefined): Outcome {
  if (own === undefined) return refused('nothing-to-withdraw');
  if (isStale(gate, attempt)) return refused('stale-revision');
  return { kind: 'decided', gate: { ...gate, votes: gate.votes.filter((vote) => vote !== own) } };
}

function barredBecause({ sources, ask }: Gate, { person, covered, levels }: Attempt): Refusal | undefined {
  if (sources === undefined || ask === undefined) return 'not-asked-yet';
  if (person === undefined) return 'not-in-directory';
  const excluded = exclusionOf(person, sources, ask.excludes);
  if (excluded !== undefined) return excluded === 'requester' ? 'own-deployment' : excluded;
  // Nobody can hand on a right that they have not got themselves.
  const absent = covered === undefined ? undefined : exclusionOf(covered.absent, sources, ask.excludes);
  return levels.length === 0 && covered !== undefined && absent !== undefined ? 'not-an-approver' : undefined;
}

interface Seat {
  readonly refusal?: Refusal;
  readonly levels: readonly number[];
  readonly covers?: Person;
}

/** The open levels that this vote would fill: by the person's own right, else in the place of somebody who is away. */
function seatOf(ask: Ask, votes: readonly Vote[], attempt: Attempt): Seat {
  const { person, levels, covered, verdict } = attempt;
  const cover = levels.length === 0 ? covered : undefined;
  const mine = cover?.levels ?? levels;
  if (person === undefined || mine.length === 0) return { levels: [], refusal: 'not-an-approver' };
  const seat = cover === undefined ? {} : { covers: cover.absent };
  // Whoever is asked later, or has approved already, may stop it all the same.
  if (verdict === 'reject') return { ...seat, levels: mine };
  const humans = [person, ...(cover === undefined ? [] : [cover.absent])];
  const voted = new Set(votes.filter((vote) => humans.some((human) => isOf(vote, human))).flatMap(routesOf(ask)));
  const open = openLevels(ask, votes).filter((index) => mine.includes(index));
  const free = open.filter((index) => !voted.has(ask.levels[index]?.route ?? ''));
  if (free.length > 0) return { ...seat, levels: free };
  return { levels: [], refusal: voted.size > 0 ? 'already-voted' : 'not-your-turn' };
}

/** Given by one of this human's accounts, or in their place. */
function isOf(vote: Vote, human: Person): boolean {
  const accounts = aliasesOf(human);
  return vote.covers?.oid === human.oid || vote.accounts.some((account) => accounts.includes(account));
}

function routesOf({ levels }: Ask) {
  return (vote: Vote): string[] => vote.levels.map((index) => levels[index]?.route ?? '');
}

function commentRefusal(ask: Ask, { comment, verdict }: Attempt): Refusal | undefined {
  if ([...comment].length > COMMENT_LIMIT) return 'comment-too-long';
  const needed = verdict !== 'withdraw' && ask.comment[verdict] === 'required';
  return needed && comment.trim() === '' ? 'comment-required' : undefined;
}

function decisionOf({ by, at, comment }: Attempt, verdict: Decision['verdict'], { covers }: Seat): Decision {
  return { verdict, by, at, comment, ...coverOf(covers) };
}

function coverOf(covers: Person | undefined) {
  return covers === undefined ? {} : { covers: { oid: covers.oid, name: covers.name } };
}

function reject(gate: Gate, attempt: Attempt, seat: Seat): Outcome {
  return { kind: 'decided', gate: { ...gate, state: 'rejected', decision: decisionOf(attempt, 'reject', seat) } };
}

function approve(gate: Gate, ask: Ask, attempt: Attempt, seat: Seat): Outcome {
  const { by, at, comment, person } = attempt;
  const accounts = person === undefined ? [by.oid] : aliasesOf(person);
  const vote: Vote = { by, at, comment, levels: seat.levels, accounts, ...coverOf(seat.covers) };
  const votes = [...gate.votes, vote];
  if (openLevels(ask, votes).length > 0) return { kind: 'decided', gate: { ...gate, votes } };
  const decision = decisionOf(attempt, 'approve', seat);
  return { kind: 'decided', gate: { ...gate, votes, state: 'approved', decision } };
}

/** A vote with what is known of its person just now; `levels` are positions in the ask as it would be put now. */
export interface Backing {
  readonly vote: Vote;
  readonly standing: Standing;
}

/**
 * True while those who approved may still do so and fill every level as it is asked now; whether the subject is the
 * same is the seal's question (seal.ts).
 */
export function stillHolds(gate: Gate, levels: readonly AskLevel[], backings: readonly Backing[]): boolean {
  const holding = backings.filter(({ vote, standing }) => holds(gate, vote, standing));
  const demands = levels.map(({ route, quorum }, index) => ({
    route,
    quorum,
    humans: holding
      .filter(({ vote, standing }) => levelsOf(vote, standing).includes(index))
      .map(({ vote }) => humanOf(vote)),
  }));
  return unfilledLevel(demands) === undefined;
}

function humanOf({ by, covers }: Vote): string {
  return covers?.oid ?? by.oid;
}

function levelsOf({ covers }: Vote, { levels, covered }: Standing): readonly number[] {
  return covers === undefined ? levels : (covered?.levels ?? []);
}

function holds({ sources, ask }: Gate, { covers }: Vote, { person, covered }: Standing): boolean {
  if (sources === undefined || ask === undefined || person === undefined) return false;
  const isFree = (human: Person) => exclusionOf(human, sources, ask.excludes) === undefined;
  if (covers === undefined) return isFree(person);
  return isFree(person) && covered?.absent.oid === covers.oid && isFree(covered.absent);
}
