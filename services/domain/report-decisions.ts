import type { Service } from './catalog.ts';
import type { Contract, DecisionClass } from './contract.ts';
import { countsOf, decisionsIn, type JudgeInput } from './judge.ts';
import type { Judgement } from './judgement.ts';
import { type Past, type Pasts, strictest } from './past.ts';
import type { Known, ScanHead } from './scan-head.ts';
import type { ScanContext } from './scan-import.ts';
import { type Steps, visit } from './steps.ts';
import type { ScopedVex } from './vex.ts';

/** What a report alone would mean in one environment. */
export type ReportDecisions = Judgement['counts'] & { readonly environment: string };

/** What else judges a report: what it says itself, and what the policy lists. */
interface Beside {
  readonly vex?: ScopedVex;
  readonly policy?: Pick<JudgeInput, 'knownExploited'>;
}

/** In the named environment, else in each. */
export function* decisionsOf(
  context: ScanContext,
  heads: readonly ScanHead[],
  contract: Contract | undefined,
  service: Service | undefined,
  now: string,
  known: Iterable<Known> = [],
  { vex, policy = {} }: Beside = {},
): Steps<ReportDecisions[]> {
  if (contract === undefined) return [];
  const own = {
    name: context.service,
    ...(service === undefined ? {} : { service }),
    heads,
    ...(vex === undefined ? {} : { vex: [vex] }),
    exceptions: [],
    commits: [context.commit],
    pasts: yield* listedPasts(heads, [...known]),
  };
  const exploited = policy.knownExploited === undefined ? {} : { knownExploited: policy.knownExploited };
  const asked = { contract, ...exploited, services: [own], arrivedAt: now, now, obstacles: [] };
  const decisions: ReportDecisions[] = [];
  for (const environment of contract.environments.values()) {
    if (context.environment !== undefined && environment.name !== context.environment) continue;
    const decided = yield* decisionsIn({ ...asked, environment });
    decisions.push({ environment: environment.name, ...countsOf(decided.map(({ judged }) => judged)) });
    yield;
  }
  return decisions;
}

/** Of other findings a judgement asks nothing. */
function* listedPasts(heads: readonly ScanHead[], known: readonly Known[]): Steps<Pasts> {
  const listed = new Map<string, Past>();
  for (const { groups } of heads)
    for (const { fingerprints } of groups)
      yield* visit(fingerprints, (one) => {
        const past = strictest(known.flatMap(({ pasts }) => pasts?.get(one) ?? []));
        if (past !== undefined) listed.set(one, past);
      });
  return listed;
}

export function strictestOf(decisions: readonly ReportDecisions[]): Judgement['counts'] {
  const nothing: Record<DecisionClass, number> = { block: 0, warn: 0, monitor: 0 };
  return decisions
    .map(({ block, warn, monitor }) => ({ block, warn, monitor }))
    .reduce((a, b) => (isStricter(b, a) ? b : a), nothing);
}

function isStricter(a: Judgement['counts'], b: Judgement['counts']): boolean {
  return (
    a.block > b.block ||
    (a.block === b.block && a.warn > b.warn) ||
    (a.block === b.block && a.warn === b.warn && a.monitor > b.monitor)
  );
}
