import type { Scene } from './scene.ts';

/** Calls of the store until it is recorded or refused, whatever the history: docs/storage.md, budgets. */
const MOST = {
  /** New or delivered again. */
  check: { calls: 3, ofOrganization: 0, ofConflict: 0 },
  /** With who covers for whom, which is read once a minute. Whoever loses a race looks again. */
  click: { calls: 3, ofOrganization: 1, ofConflict: 4 },
} as const;

/** I16: what one operation may cost, unless a call of it failed. `times`: so many of them at once. */
export async function within<T>(world: Scene, what: keyof typeof MOST, work: () => Promise<T>, times = 1): Promise<T> {
  const cost = world.actions.getStore()?.cost ?? { calls: 0, failed: 0, conflicts: 0 };
  const before = { ...cost };
  const answer = await work();
  const calls = cost.calls - before.calls;
  const { calls: least, ofOrganization, ofConflict } = MOST[what];
  const one = least + ofOrganization * world.organizations.length;
  const most = one * times + ofConflict * (cost.conflicts - before.conflicts);
  if (cost.failed === before.failed && calls > most)
    world.monitor.violated('I16', `a ${what} took ${calls} calls of the store`);
  return answer;
}
