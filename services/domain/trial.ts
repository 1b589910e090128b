import { dateIn } from './calendar.ts';
import { speaksFor } from './catalog.ts';
import { type Contract, type EnvironmentPolicy, isObserved } from './contract.ts';
import type { Gate } from './gate.ts';
import { frozenAt, type Routing, routesOf } from './gate-routes.ts';
import { type DecidedGroup, decisionsOf, type JudgedService, type JudgeInput, judge } from './judge.ts';
import type { ControlSignal, JudgedGroup, Judgement, Obstacle } from './judgement.ts';
import type { KnownExploited } from './known-exploited.ts';
import { obstaclesBefore, unknownEnvironment } from './obstacles.ts';
import type { Level, Route } from './route.ts';
import type { RunSources } from './run.ts';

/** A request that was judged once. */
export type JudgedGate = Gate & { readonly sources: RunSources; readonly judgement: Judgement };

export function wasJudged(gate: Gate): gate is JudgedGate {
  return gate.sources !== undefined && gate.judgement !== undefined;
}

/** A request of the past with what the store has of its scopes now. */
export interface PastRequest {
  readonly gate: JudgedGate;
  /** By service: its environment's scope and the one that counts for all, together. */
  readonly scopes: ReadonlyMap<string, Pick<JudgedService, 'heads' | 'exceptions' | 'pasts' | 'spreads' | 'vex'>>;
}

export interface TriedPolicy extends Routing {
  readonly contract: Contract;
  readonly knownExploited?: KnownExploited;
}

/** Why something blocks: an obstacle, or a class of findings. */
export type Reason =
  | Pick<Obstacle, 'kind' | 'detail'>
  | (Pick<JudgedGroup, 'control' | 'rule' | 'severity'> & { readonly kind: 'finding' });

/** What a policy says to a request, as far as it can be told without the directory. */
export interface TrialVerdict {
  readonly kind: 'block' | 'ask' | 'pass';
  /** It would only have been recorded: the environment is not enforced. */
  readonly observed: boolean;
  /** Each once, in the order of the judgement; empty unless it blocks. */
  readonly reasons: readonly Reason[];
  /** The levels of each route that would have been asked; empty unless it asks. */
  readonly asks: readonly (readonly Level[])[];
}

export interface Outcome {
  readonly verdict: TrialVerdict;
  readonly signals: readonly ControlSignal[];
  /** Absent where the contract does not know the environment, and decides nothing. */
  readonly decided?: readonly DecidedGroup[];
}

/** Judges a request as it would have been by this policy: on what it was judged on, at the same time. */
export function outcomeUnder(policy: TriedPolicy, { gate, scopes }: PastRequest): Outcome {
  const { contract, knownExploited } = policy;
  const { at } = gate.judgement;
  const environment = contract.environments.get(gate.environment);
  if (environment === undefined) {
    const reasons = [unknownEnvironment(gate, contract)];
    return { verdict: { kind: 'block', observed: false, reasons, asks: [] }, signals: [] };
  }
  const services = gate.services.map((name) => judgedService(name, policy, gate, scopes));
  const obstacles = obstaclesBefore(gate, gate.sources, { ...policy, environment });
  const rules = { contract, environment, ...(knownExploited === undefined ? {} : { knownExploited }) };
  const { artifact, receivedAt: arrivedAt } = gate;
  const input: JudgeInput = { ...rules, artifact, services, arrivedAt, now: at, obstacles };
  const judgement = judge(input);
  return {
    verdict: { ...verdictOf(judgement, policy, gate, environment), observed: isObserved(environment, at) },
    signals: judgement.signals,
    decided: decisionsOf(input),
  };
}

function judgedService(
  name: string,
  { catalog }: TriedPolicy,
  { sources, judgement }: JudgedGate,
  scopes: PastRequest['scopes'],
): JudgedService {
  const service = catalog.services.get(name);
  const own = sources.commits.filter((source) => service !== undefined && speaksFor(service, source));
  const commits = [...new Set(own.map(({ commit }) => commit))].sort();
  const { heads = [], exceptions = [], vex = [], ...known } = scopes.get(name) ?? {};
  const wasKnown = ({ commit, receivedAt }: { readonly commit: string; readonly receivedAt: string }) =>
    commits.includes(commit) || receivedAt <= judgement.at;
  return {
    name,
    ...(service === undefined ? {} : { service }),
    // What other commits brought later was not known then; of its own commits there may be nothing older left.
    heads: heads.filter(wasKnown),
    vex: vex.filter(wasKnown),
    exceptions,
    commits,
    // Each step that was reached carries its time: what came after the judgement does not count in it.
    ...known,
  };
}

function verdictOf(
  judgement: Judgement,
  policy: TriedPolicy,
  gate: JudgedGate,
  environment: EnvironmentPolicy,
): Omit<TrialVerdict, 'observed'> {
  if (judgement.verdict === 'block') return { kind: 'block', reasons: reasonsOf(judgement), asks: [] };
  if (environment.approval === 'none') return { kind: 'pass', reasons: [], asks: [] };
  const routes = routesOf(gate, policy);
  if (typeof routes === 'string') {
    return { kind: 'block', reasons: [{ kind: 'no-route', detail: routes }], asks: [] };
  }
  const today = dateIn(policy.contract.calendar, judgement.at);
  return { kind: 'ask', reasons: [], asks: routes.map((route) => levelsOf(route, today)) };
}

function levelsOf(route: Route, today: string): Level[] {
  return [...route.levels, ...frozenAt(route, today).map(({ level }) => ({ quorum: 1, from: [level] }))];
}

function reasonsOf({ obstacles, blocks }: Judgement): Reason[] {
  const all: Reason[] = [
    ...obstacles.map(({ kind, detail }) => ({ kind, detail })),
    ...blocks.map(({ control, rule, severity }) => {
      return { kind: 'finding' as const, ...(control === undefined ? {} : { control }), rule, severity };
    }),
  ];
  return [...new Map(all.map((reason) => [JSON.stringify(reason), reason])).values()];
}

/** Depends on who is in the directory, which no trial asks. */
const OF_PEOPLE: readonly Obstacle['kind'][] = ['requester-unknown', 'too-few-approvers'];

/** Whether this policy blocks what was let through when it was judged, or the other way round, whoever may approve. */
export function differsFromRecord({ judgement }: JudgedGate, { reasons }: TrialVerdict): boolean {
  const isOfRules = ({ kind }: Pick<Reason, 'kind'>) => !OF_PEOPLE.some((one) => one === kind);
  const wasBlocked = judgement.blocks.length > 0 || judgement.obstacles.some(isOfRules);
  return wasBlocked !== reasons.some(isOfRules);
}

/** A report of a commit that it ships has come since it was judged: what that one replaced is not stored any more. */
export function hasNewerReports({ gate, scopes }: PastRequest): boolean {
  const commits = gate.sources.commits.map(({ commit }) => commit);
  return [...scopes.values()].some(({ heads }) =>
    heads.some(({ commit, receivedAt }) => commits.includes(commit) && receivedAt > gate.judgement.at),
  );
}
