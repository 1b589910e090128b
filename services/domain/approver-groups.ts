import type { Principal } from './person.ts';
import type { Route } from './route.ts';

/** Whoever may be asked by these routes: their levels, whom they escalate to, and who approves during a freeze; each once. */
export function approverGroups(routes: readonly Route[]): readonly Principal[] {
  const all = routes.flatMap(({ levels, escalateTo, freezes }) => [
    ...levels.flatMap(({ from }) => from),
    ...(escalateTo === undefined ? [] : [escalateTo]),
    ...freezes.map(({ level }) => level),
  ]);
  return [...new Set(all)];
}
