import type { Digest } from '../../services/domain/digest.ts';
import { plusMinutes } from '../../services/domain/instant.ts';
import { type CoreWorld, personal } from './core-world.ts';

/** Digests that this person was sent, oldest first. */
export function sentTo({ news }: Pick<CoreWorld, 'news'>, oid: string): Digest[] {
  return news.flatMap((one) => ('digest' in one && one.conversation === personal(oid).id ? [one.digest] : []));
}

/** A minute later, unless at a given instant: what was found in the minute of a digest may be told twice. */
export async function reconciled(world: CoreWorld, at?: string): Promise<void> {
  if (at === undefined) world.advance(1);
  else world.now = at;
  await world.core.reconcile();
}

/** Every five minutes, as the scheduler does. */
export async function passing(world: CoreWorld, minutes: number, every: readonly CoreWorld['core'][] = [world.core]) {
  const until = plusMinutes(world.now, minutes);
  while (world.now < until) {
    world.advance(5);
    await Promise.all(every.map((core) => core.reconcile()));
  }
}

/** So many rules, each of which finds one thing. */
export const rulesOf = (count: number): string[] => Array.from({ length: count }, (_, n) => `rule-${n}`);
