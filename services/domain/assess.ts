import type { Ask, Gate } from './gate.ts';
import { earlier, plusMinutes } from './instant.ts';
import type { Judgement } from './judgement.ts';
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
  /** How long a blocked gate waits from its first blocked judgement. */
  readonly blockWaitMinutes: number;
}

/**
 * The gate as this assessment leaves it, with the same revision: any decision is void. Past its end it is `expired`,
 * past the end of its wait `failed`: no state that waits for something is ever given without time left.
 */
export function assessed(gate: Gate, assessment: Assessment, now: string): Gate {
  const { sources, judgement, subjectChecksum, observed } = assessment;
  const { ask: _, waitUntil: __, decision: ___, ...rest } = gate;
  const base = { ...rest, sources, judgement, subjectChecksum, observed };
  if (observed || assessment.outcome === 'pass') return { ...base, state: 'passed' };
  if (assessment.outcome === 'ask' && assessment.ask !== undefined) return asked(gate, base, assessment.ask, now);
  const waitUntil = gate.waitUntil ?? earlier(plusMinutes(now, assessment.blockWaitMinutes), base.closesAt);
  return { ...base, waitUntil, state: now >= waitUntil ? 'failed' : 'blocked' };
}

function asked(gate: Gate, base: Gate, ask: Ask, now: string): Gate {
  const closesAt = earlier(base.closesAt, ask.deadline ?? base.closesAt);
  const kept = gate.waitUntil === undefined ? {} : { waitUntil: gate.waitUntil };
  return { ...base, ...kept, ask, closesAt, state: now >= closesAt ? 'expired' : 'asked' };
}

/** Whether people are asked under the same conditions; who may decide can change under the same route. */
export function sameRoute(a: Ask | undefined, b: Ask | undefined): boolean {
  const conditions = (ask: Ask | undefined) =>
    ask && [ask.route, ask.from, ask.quorum, ask.excludes, ask.comment, ask.channel, ask.dm, ask.deadline];
  return JSON.stringify(conditions(a)) === JSON.stringify(conditions(b));
}
