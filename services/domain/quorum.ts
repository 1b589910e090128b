import type { Ask, AskLevel, Candidate, Vote } from './gate.ts';
import type { Principal } from './person.ts';

type Levels = Pick<Ask, 'levels'>;

/** Positions of the levels that are asked now: of each route the first that does not have its approvals yet. */
export function openLevels(ask: Levels, votes: readonly Vote[]): number[] {
  const seen = new Set<string>();
  return ask.levels.flatMap((level, index) => {
    if (seen.has(level.route) || votesFor(votes, index).length >= level.quorum) return [];
    seen.add(level.route);
    return [index];
  });
}

export function votesFor(votes: readonly Vote[], level: number): Vote[] {
  return votes.filter((vote) => vote.levels.includes(level));
}

/** Who may decide in this level, those to whom it was escalated among them. */
export function principalsOf({ from, escalatedTo }: Pick<AskLevel, 'from' | 'escalatedTo'>): readonly Principal[] {
  return escalatedTo === undefined || from.includes(escalatedTo) ? from : [...from, escalatedTo];
}

/** Whoever is asked now and has not approved yet, each once, by name. */
export function askedNow(ask: Ask, votes: readonly Vote[]): Candidate[] {
  const people = openLevels(ask, votes).flatMap((index) => ask.levels[index]?.eligible ?? []);
  const silent = people.filter(({ oid }) => !votes.some((vote) => vote.accounts.includes(oid)));
  return distinct(silent);
}

function distinct(people: readonly Candidate[]): Candidate[] {
  return [...new Map(people.map((person) => [person.oid, person])).values()];
}

/** One level to be filled: so many of these seats, each of them by one human. */
export interface Demand {
  readonly route: string;
  readonly quorum: number;
  /** Ids of the humans who could fill it; two accounts of one human have one id. */
  readonly humans: readonly string[];
}

/**
 * Position of the first level that cannot be filled although every human counts once in a route, or undefined when all
 * can: a matching of humans with seats, by augmenting paths.
 */
export function unfilledLevel(demands: readonly Demand[]): number | undefined {
  const seats = demands.flatMap(({ quorum }, level) => Array.from({ length: quorum }, () => level));
  const taken = new Map<string, Map<string, number>>();
  return seats.find((level) => {
    const route = demands[level]?.route ?? '';
    const ofRoute = taken.get(route) ?? new Map<string, number>();
    taken.set(route, ofRoute);
    return !fill(demands, level, ofRoute, new Set());
  });
}

/** Gives the level one more human, moving those who already have a seat where that helps. */
function fill(demands: readonly Demand[], level: number, taken: Map<string, number>, tried: Set<string>): boolean {
  for (const human of demands[level]?.humans ?? []) {
    if (tried.has(human) || taken.get(human) === level) continue;
    tried.add(human);
    const elsewhere = taken.get(human);
    if (elsewhere === undefined || fill(demands, elsewhere, taken, tried)) {
      taken.set(human, level);
      return true;
    }
  }
  return false;
}
