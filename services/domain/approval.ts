import { exclusionOf } from './exclusion.ts';
import { type Ask, type AskLevel, type Decision, type Gate, isSettled, type Vote } from './gate.ts';
import { aliasesOf, isSamePerson, type Person } from './person.ts';
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
  /** Those who are away and whose place the person takes; nobody: absent or empty. */
  readonly covered?: readonly Covered[];
}

/** Somebody who is away, as the person who decides in their place finds them. */
export interface Covered {
  readonly absent: Person;
  /** Positions of the levels whose approvers the absent person belongs to; at least one. */
  readonly levels: readonly number[];
  /** Who arranged it: the absent person, or their manager. */
  readonly setBy: Person;
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
  const seat = seatOf(gate, ask, attempt);
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

function barredBecause({ sources, ask }: Gate, { person }: Attempt): Refusal | undefined {
  if (sources === undefined || ask === undefined) return 'not-asked-yet';
  if (person === undefined) return 'not-in-directory';
  const excluded = exclusionOf(person, sources, ask.excludes);
  return excluded === 'requester' ? 'own-deployment' : excluded;
}

/** Nobody hands on a right that they have not got themselves, nor chooses who decides on what is theirs. */
function isHandedOn({ sources, ask }: Gate, { absent, setBy }: Covered): boolean {
  if (sources === undefined || ask === undefined) return false;
  return [absent, setBy].every((human) => exclusionOf(human, sources, ask.excludes) === undefined);
}

interface Seat {
  readonly refusal?: Refusal;
  readonly levels: readonly number[];
  readonly covers?: Person;
}

/** The open levels that this vote would fill: by the person's own right, else in the place of somebody who is away. */
function seatOf(gate: Gate, ask: Ask, { person, levels, covered = [], verdict }: Attempt): Seat {
  if (person === undefined) return NO_SEAT;
  const own = levels.length === 0 ? [] : [seatIn(ask, gate.votes, person, levels, verdict)];
  const others = covered
    .filter((cover) => isHandedOn(gate, cover))
    .map((cover) => seatIn(ask, gate.votes, person, cover.levels, verdict, cover.absent));
  const seats = [...own, ...others];
  return seats.find(({ refusal }) => refusal === undefined) ?? seats[0] ?? NO_SEAT;
}

const NO_SEAT: Seat = { levels: [], refusal: 'not-an-approver' };

function seatIn(
  ask: Ask,
  votes: readonly Vote[],
  person: Person,
  mine: readonly number[],
  verdict: Attempt['verdict'],
  absent?: Person,
): Seat {
  const seat = absent === undefined ? {} : { covers: absent };
  // Whoever is asked later, or has approved already, may stop it all the same.
  if (verdict === 'reject') return { ...seat, levels: mine };
  const humans = [person, ...(absent === undefined ? [] : [absent])];
  const voted = new Set(votes.filter((vote) => humans.some((human) => isOf(vote, human))).flatMap(routesOf(ask)));
  const open = openLevels(ask, votes).filter((index) => mine.includes(index));
  const free = open.filter((index) => !voted.has(ask.levels[index]?.route ?? ''));
  if (free.length > 0) return { ...seat, levels: free };
  return { levels: [], refusal: voted.size > 0 ? 'already-voted' : 'not-your-turn' };
}

/** Given by one of this human's accounts, or in their place. */
function isOf(vote: Vote, human: Person): boolean {
  const accounts = aliasesOf(human);
  return vote.accounts.some((account) => accounts.includes(account));
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
  return { verdict, by, at, comment, ...inPlaceOf(covers) };
}

function inPlaceOf(covers: Person | undefined) {
  return covers === undefined ? {} : { covers: { oid: covers.oid, name: covers.name } };
}

function reject(gate: Gate, attempt: Attempt, seat: Seat): Outcome {
  return { kind: 'decided', gate: { ...gate, state: 'rejected', decision: decisionOf(attempt, 'reject', seat) } };
}

function approve(gate: Gate, ask: Ask, attempt: Attempt, seat: Seat): Outcome {
  const { by, at, comment, person } = attempt;
  const humans = [person, seat.covers].filter((human) => human !== undefined);
  const accounts = humans.flatMap(aliasesOf);
  const vote: Vote = { by, at, comment, levels: seat.levels, accounts, ...inPlaceOf(seat.covers) };
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
  const holding = backings.filter((backing) => holds(gate, backing));
  const demands = levels.map(({ route, quorum }, index) => ({
    route,
    quorum,
    humans: holding.filter((backing) => levelsOf(backing).includes(index)).map((backing) => humanOf(holding, backing)),
  }));
  return unfilledLevel(demands) === undefined;
}

/** One id for all that came from one human: by what the directory says now, not when it was given. */
function humanOf(backings: readonly Backing[], { vote, standing }: Backing): string {
  const humans = humansOf(standing, vote);
  const first = backings.find((other) =>
    humansOf(other.standing, other.vote).some((one) => humans.some((human) => isSamePerson(one, human))),
  );
  return (first?.vote ?? vote).by.oid;
}

function humansOf(standing: Standing, vote: Vote): Person[] {
  return [standing.person, coverOf(standing, vote)?.absent].filter((human) => human !== undefined);
}

function coverOf({ covered = [] }: Standing, { covers }: Vote): Covered | undefined {
  return covered.find(({ absent }) => absent.oid === covers?.oid);
}

function levelsOf({ vote, standing }: Backing): readonly number[] {
  return vote.covers === undefined ? standing.levels : (coverOf(standing, vote)?.levels ?? []);
}

function holds(gate: Gate, { vote, standing }: Backing): boolean {
  const { sources, ask } = gate;
  const { person } = standing;
  if (sources === undefined || ask === undefined || person === undefined) return false;
  if (exclusionOf(person, sources, ask.excludes) !== undefined) return false;
  const cover = coverOf(standing, vote);
  return vote.covers === undefined || (cover !== undefined && isHandedOn(gate, cover));
}
