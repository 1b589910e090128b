import type { EnvironmentPolicy } from './contract.ts';
import { earlier } from './instant.ts';
import type { Judgement } from './judgement.ts';

/** Asks people where one of both does, and enforces where one of both does. */
export function strictestEnvironment(
  current: EnvironmentPolicy,
  older: EnvironmentPolicy | undefined,
): EnvironmentPolicy {
  if (older === undefined) return current;
  const { observeUntil, ...rest } = current;
  const areBothObserved = observeUntil !== undefined && older.observeUntil !== undefined;
  return {
    ...rest,
    approval: older.approval === 'required' ? 'required' : current.approval,
    ...(areBothObserved ? { observeUntil: earlier(observeUntil, older.observeUntil) } : {}),
  };
}

/** What the contract in force says, unless only the older one blocks. */
export function strictestJudgement(current: Judgement, older: Judgement): Judgement {
  if (current.verdict === 'block' || older.verdict !== 'block') return current;
  const [was, is] = [older, current].map(({ contract }) => `version ${contract?.version ?? '?'}`);
  const detail = `${was} blocks it; run again to be judged by ${is}`;
  return { ...older, obstacles: [...older.obstacles, { kind: 'older-contract', detail }] };
}
