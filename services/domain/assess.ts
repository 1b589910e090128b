import { changesBetween, isSameRoute, placeless } from './changes.ts';
import type { Ask, Gate, Successor } from './gate.ts';
import { earlier, plusMinutes } from './instant.ts';
import { exceptionsAwaited, type Judgement } from './judgement.ts';
import type { Release } from './release.ts';
import type { RunSources } from './run.ts';

/** A gate seen with everything that is known at one instant. */
export interface Assessment {
  /** `ask`: passes, and people must approve. In an observed environment this is what would have happened. */
  readonly outcome: 'block' | 'ask' | 'pass';
  readonly observed: boolean;
  readonly judgement: Judgement;
  readonly sources: RunSources;
  readonly subjectChecksum: string;
  readonly ask?: Ask;
  /** ISO-8601 UTC, if people were asked now: when the silent ones are reminded and when others are asked too. */
  readonly remindAt?: string;
  readonly escalateAt?: string;
  /** The newest run or attempt of the same stage that waits too, or was released since. */
  readonly successor?: Successor;
  /** Older ones that still wait: this gate takes their place. */
  readonly predecessors: readonly string[];
  /** The last deployment that was let through in the same scope. */
  readonly previous?: Release;
  /** How many things are wrong with newer files of the policy, so that an older version was judged by. */
  readonly policyProblems?: number;
  /** How long a blocked gate waits from its first blocked judgement. */
  readonly blockWaitMinutes: number;
}

/**
 * The gate as this assessment leaves it, with the same revision: any vote is void. Past its end it is `expired`,
 * past the end of its wait `failed`: no state that waits for something is ever given without time left.
 */
export function assessed(gate: Gate, assessment: Assessment, now: string): Gate {
  const { sources, judgement, subjectChecksum, observed, successor, previous, predecessors } = assessment;
  const { ask: _, waitUntil: __, decision: ___, remindAt: ____, escalateAt: _____, awaits: ______, ...rest } = gate;
  const seen = previous === undefined ? {} : { previous };
  const supersedes = predecessors.length === 0 ? {} : { supersedes: predecessors };
  const base = {
    ...rest,
    ...firstJudged(gate, judgement),
    votes: [],
    ...seen,
    ...supersedes,
    sources,
    judgement,
    subjectChecksum,
    observed,
  };
  if (observed || assessment.outcome === 'pass') return passed(base, now);
  if (successor !== undefined) return { ...base, state: 'superseded', supersededBy: successor };
  if (assessment.outcome === 'ask' && assessment.ask !== undefined) return asked(gate, base, assessment.ask, now);
  const waitUntil = gate.waitUntil ?? earlier(plusMinutes(now, assessment.blockWaitMinutes), base.closesAt);
  // Whoever asked for an exception hears of it first: until then the block's wait does not end.
  const awaits = exceptionsAwaited(judgement);
  const isOver = now >= base.closesAt || (now >= waitUntil && awaits.length === 0);
  return { ...base, waitUntil, ...(awaits.length === 0 ? {} : { awaits }), state: isOver ? 'failed' : 'blocked' };
}

function firstJudged(gate: Gate, judgement: Judgement): Pick<Gate, 'firstContract'> {
  const firstContract = gate.firstContract ?? gate.judgement?.contract ?? judgement.contract;
  return firstContract === undefined ? {} : { firstContract };
}

/** What comes too late is told as that: nothing lets it through any more (seal.ts). */
function passed(base: Gate, now: string): Gate {
  return { ...base, state: now >= base.closesAt ? 'expired' : 'passed' };
}

function asked(gate: Gate, base: Gate, ask: Ask, now: string): Gate {
  const closesAt = earlier(base.closesAt, ask.deadline ?? base.closesAt);
  const kept = gate.waitUntil === undefined ? {} : { waitUntil: gate.waitUntil };
  if (now >= closesAt) return { ...base, ...kept, ask, closesAt, state: 'expired' };
  return { ...base, ...kept, ask, closesAt, askedAt: gate.askedAt ?? now, state: 'asked' };
}

/**
 * The gate after this assessment, or undefined when nothing that people or pipeline see has changed. Votes survive only
 * while subject and route stay the same; who may decide can change under the same route.
 */
export function reassessed(gate: Gate, assessment: Assessment, now: string): Gate | undefined {
  const next = assessed(gate, assessment, now);
  const isSameSubject = next.state === gate.state && next.subjectChecksum === gate.subjectChecksum;
  if (isSameSubject && isSameRoute(next.ask, gate.ask)) {
    if (shownOf(next) === shownOf(gate)) return undefined;
    const { votes, remindAt, escalateAt } = gate;
    return { ...next, votes, ...present({ remindAt, escalateAt }) };
  }
  if (gate.state === 'received') return scheduled(next, assessment);
  return { ...asksAnew(gate, next, assessment), revision: gate.revision + 1 };
}

/** What a card says and no approval is bound to: for what it waits, whom it asks, and how near a miss what stops it is. */
function shownOf({ awaits, ask, judgement }: Gate): string {
  const stopping = (judgement?.obstacles ?? []).map(({ kind, detail }) => `${kind} ${detail}`).sort();
  return JSON.stringify([awaits ?? null, placeless(ask) ?? null, stopping, platformShown(judgement) ?? null]);
}

/** Its states, not how old they are: a card is not written anew by the hour. */
function platformShown({ platform }: Partial<Judgement> = {}) {
  if (platform === undefined) return undefined;
  const { environment, access, breadth } = platform;
  return [environment.state, environment.ours, access.state, breadth.state, breadth.level, breadth.role];
}

/** What people were asked about before, also with a block in between, is what they compare it with. */
export function asksAnew(gate: Gate, next: Gate, assessment: Assessment): Gate {
  const changes = changesBetween(gate, next, next.subjectChecksum === gate.subjectChecksum);
  return scheduled({ ...next, changes }, assessment);
}

function scheduled(next: Gate, { remindAt, escalateAt }: Assessment): Gate {
  return next.state === 'asked' ? { ...next, ...present({ remindAt, escalateAt }) } : next;
}

function present(times: { readonly remindAt: string | undefined; readonly escalateAt: string | undefined }) {
  const { remindAt, escalateAt } = times;
  return { ...(remindAt === undefined ? {} : { remindAt }), ...(escalateAt === undefined ? {} : { escalateAt }) };
}
