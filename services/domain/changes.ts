import type { Ask } from './gate.ts';
import { affectsDecision, exceptionsUsed, type JudgedGroup, type Judgement } from './judgement.ts';
import type { RunSources } from './run.ts';

/** One thing that is different from what people were asked before. */
export type Change =
  | { readonly kind: 'findings'; readonly decision: 'block' | 'warn'; readonly more: number; readonly fewer: number }
  | { readonly kind: 'exception-used' | 'exception-ended'; readonly id: string }
  | { readonly kind: 'signal'; readonly service: string; readonly control: string; readonly state: 'known' | 'unknown' }
  | { readonly kind: 'commits' | 'rules' | 'route' };

/** What people were asked about. */
export interface Basis {
  readonly judgement?: Judgement;
  readonly sources?: RunSources;
  readonly ask?: Ask;
}

/**
 * What changed from one basis to the next, as far as the records hold it. A change of what an approval is bound to that
 * shows in nothing else is one of the rules.
 */
export function changesBetween(before: Basis, after: Basis, isSameSubject: boolean): Change[] {
  const [was, is] = [before.judgement, after.judgement];
  const seen = [
    ...(was === undefined || is === undefined ? [] : judgementChanges(was, is)),
    ...(JSON.stringify(before.sources?.commits) === JSON.stringify(after.sources?.commits)
      ? []
      : [{ kind: 'commits' as const }]),
  ];
  const rules = !isSameSubject && seen.length === 0 ? [{ kind: 'rules' as const }] : [];
  const route = before.ask !== undefined && after.ask !== undefined && !isSameRoute(before.ask, after.ask);
  return [...seen, ...rules, ...(route ? [{ kind: 'route' as const }] : [])];
}

/** Whether people are asked under the same conditions; who may decide can change under the same route. */
export function isSameRoute(a: Ask | undefined, b: Ask | undefined): boolean {
  const conditions = (ask: Ask | undefined) =>
    ask && [
      placeless(ask)?.levels.map(({ route, from, quorum, frozenUntil }) => [route, from, quorum, frozenUntil]),
      ask.excludes,
      ask.comment,
      ask.channels,
      ask.dm,
      ask.deadline,
    ];
  return JSON.stringify(conditions(a)) === JSON.stringify(conditions(b));
}

/** With its routes numbered: in which line one stands is no condition, and an edit above moves it. */
export function placeless(ask: Ask | undefined): Ask | undefined {
  if (ask === undefined) return undefined;
  const routes = [...new Set(ask.levels.map(({ route }) => route))];
  return { ...ask, levels: ask.levels.map((level) => ({ ...level, route: String(routes.indexOf(level.route)) })) };
}

function judgementChanges(was: Judgement, is: Judgement): Change[] {
  return [
    ...findingChanges('block', was.blocks, is.blocks),
    ...findingChanges('warn', was.warns, is.warns),
    ...exceptionChanges(was, is),
    ...signalChanges(was, is),
  ];
}

/** By fingerprints where they are listed, else by their number. */
function findingChanges(decision: 'block' | 'warn', was: readonly JudgedGroup[], is: readonly JudgedGroup[]): Change[] {
  const [before, after] = [fingerprintsOf(was), fingerprintsOf(is)];
  const more = [...after].filter((one) => !before.has(one)).length;
  const fewer = [...before].filter((one) => !after.has(one)).length;
  if (more > 0 || fewer > 0) return [{ kind: 'findings', decision, more, fewer }];
  const difference = sumOf(is) - sumOf(was);
  if (difference === 0) return [];
  return [{ kind: 'findings', decision, more: Math.max(0, difference), fewer: Math.max(0, -difference) }];
}

function fingerprintsOf(groups: readonly JudgedGroup[]): ReadonlySet<string> {
  return new Set(groups.flatMap(({ service, fingerprints }) => fingerprints.map((one) => `${service} ${one}`)));
}

function sumOf(groups: readonly JudgedGroup[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}

function exceptionChanges(was: Judgement, is: Judgement): Change[] {
  const [before, after] = [exceptionsUsed(was), exceptionsUsed(is)];
  return [
    ...after.filter((id) => !before.includes(id)).map((id) => ({ kind: 'exception-used' as const, id })),
    ...before.filter((id) => !after.includes(id)).map((id) => ({ kind: 'exception-ended' as const, id })),
  ];
}

function signalChanges(was: Judgement, is: Judgement): Change[] {
  const before = new Map(was.signals.map(({ service, control, state }) => [`${service} ${control}`, state]));
  return is.signals.filter(affectsDecision).flatMap(({ service, control, state }) => {
    const earlier = before.get(`${service} ${control}`);
    return earlier === undefined || earlier === state ? [] : [{ kind: 'signal' as const, service, control, state }];
  });
}
