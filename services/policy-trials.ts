import { type Divergence, divergencesIn, type MissingSignal, missingIn, type Newest } from './domain/gaps.ts';
import type { Gate } from './domain/gate.ts';
import {
  differsFromRecord,
  hasNewerReports,
  type JudgedGate,
  outcomeUnder,
  type PastRequest,
  type TriedPolicy,
  wasJudged,
} from './domain/trial.ts';
import {
  type ClassChange,
  classesOf,
  type FindingChange,
  findingChanges,
  type RequestChange,
  requestChange,
} from './domain/trial-changes.ts';
import type { GateStore } from './ports/gate-store.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import { knownIn, type ScopeStore, type ScopeView } from './ports/scope-store.ts';

interface Needs {
  readonly policy: Policy;
  readonly gates: Pick<GateStore, 'receivedSince'>;
  readonly scopes: Pick<ScopeStore, 'view'>;
}

export interface Span {
  /** ISO-8601 UTC; requests received since. */
  readonly since: string;
  /** Only those for this one. */
  readonly environment?: string;
}

/** What a new policy would have said otherwise than another one. */
export interface Trial {
  /** How many were judged by both. */
  readonly judged: number;
  /** Oldest first. */
  readonly requests: readonly RequestChange[];
  readonly classes: readonly ClassChange[];
  /** Ids of those that were never judged: received only, or judged by nothing yet. */
  readonly unjudged: readonly string[];
  /** Ids of those whose reports have been replaced or joined by newer ones since they were judged. */
  readonly renewed: readonly string[];
  /** Ids of those that the old policy judges otherwise now than was recorded: by another contract, or other data, then. */
  readonly otherwise: readonly string[];
}

export interface Gaps {
  /** How many requests were looked at: the newest of each service in each environment. */
  readonly looked: number;
  readonly missing: readonly MissingSignal[];
  readonly divergences: readonly Divergence[];
}

export type PolicyTrials = ReturnType<typeof createPolicyTrials>;

/**
 * Judges the past again, from the store alone, and changes nothing. Reject with StoreUnavailableError, and with an Error
 * where a policy has no contract or none knows the environment.
 */
export function createPolicyTrials(needs: Needs) {
  return {
    /** `before`: the policy to compare with; absent, the one in force. */
    tryPolicy: (after: PolicySnapshot, span: Span, before?: PolicySnapshot): Promise<Trial> =>
      tryPolicy(needs, after, span, before),
    /** `policy`: in place of the one in force. */
    gaps: (span: Span, policy?: PolicySnapshot): Promise<Gaps> => findGaps(needs, span, policy),
  };
}

async function tryPolicy(needs: Needs, next: PolicySnapshot, span: Span, old?: PolicySnapshot): Promise<Trial> {
  const [before, after] = [complete(old ?? (await needs.policy.current()), 'old'), complete(next, 'new')];
  mustBeKnown(span, [before, after]);
  const pasts = createPasts(needs.scopes, [before, after]);
  const requests: RequestChange[] = [];
  const findings: FindingChange[] = [];
  const [unjudged, renewed, otherwise]: [string[], string[], string[]] = [[], [], []];
  let judged = 0;
  for await (const gate of within(needs.gates, span)) {
    if (!wasJudged(gate)) {
      unjudged.push(gate.id);
      continue;
    }
    judged += 1;
    const past = await pasts(gate);
    const [was, is] = [outcomeUnder(before, past), outcomeUnder(after, past)];
    const change = requestChange(gate, was, is);
    if (change !== undefined) requests.push(change);
    findings.push(...findingChanges(gate, was, is));
    if (hasNewerReports(past)) renewed.push(gate.id);
    if (differsFromRecord(gate, was.verdict)) otherwise.push(gate.id);
  }
  requests.sort((a, b) => compareAge(a.gate, b.gate));
  const ids = { unjudged: unjudged.sort(), renewed: renewed.sort(), otherwise: otherwise.sort() };
  return { judged, requests, classes: classesOf(findings), ...ids };
}

async function findGaps(needs: Needs, span: Span, given?: PolicySnapshot): Promise<Gaps> {
  const policy = complete(given ?? (await needs.policy.current()), 'old');
  mustBeKnown(span, [policy]);
  const latest = new Map<string, { readonly service: string; readonly gate: JudgedGate }>();
  for await (const gate of within(needs.gates, span)) {
    if (!wasJudged(gate)) continue;
    for (const service of gate.services) {
      const key = JSON.stringify([service, gate.environment]);
      const known = latest.get(key);
      if (known === undefined || compareAge(known.gate, gate) < 0) latest.set(key, { service, gate });
    }
  }
  const pasts = createPasts(needs.scopes, [policy]);
  const newest: Newest[] = [];
  for (const { service, gate } of latest.values()) {
    newest.push({ service, gate, outcome: outcomeUnder(policy, await pasts(gate)) });
  }
  return {
    looked: newest.length,
    missing: missingIn(newest),
    divergences: divergencesIn(policy.contract, newest),
  };
}

async function* within(gates: Needs['gates'], { since, environment }: Span): AsyncGenerator<Gate> {
  for await (const gate of gates.receivedSince(since)) {
    if (environment === undefined || gate.environment === environment) yield gate;
  }
}

/** By when it was judged; of two at once by id, so that every pass has the same order. */
function compareAge(a: JudgedGate, b: JudgedGate): number {
  const [left, right] = [a, b].map(({ judgement, id }) => `${judgement.at} ${id}`) as [string, string];
  return left < right ? -1 : Number(left > right);
}

function complete({ contract, ...policy }: PolicySnapshot, which: 'old' | 'new'): TriedPolicy {
  if (contract !== undefined) return { ...policy, contract };
  const what = which === 'new' ? 'the new policy has no contract' : 'there is no contract to compare with';
  throw new Error([what, ...policy.problems].join('\n'));
}

function mustBeKnown({ environment }: Span, policies: readonly TriedPolicy[]): void {
  const known = [...new Set(policies.flatMap(({ contract }) => [...contract.environments.keys()]))];
  if (environment === undefined || known.includes(environment)) return;
  throw new Error(`there is no environment "${environment}"; there is ${known.join(', ')}`);
}

/** Reads the scopes of requests; where a control looks at any commit, each scope once. */
function createPasts(scopes: Needs['scopes'], policies: readonly TriedPolicy[]) {
  const isAny = policies.some(({ contract }) => contract.controls.some(({ evidence }) => !evidence.sameCommit));
  const kept = new Map<string, Promise<ScopeView>>();

  function view(gate: JudgedGate, service: string, environment: string): Promise<ScopeView> {
    const scope = { org: gate.org, service, environment };
    if (!isAny) return scopes.view(scope, [...new Set(gate.sources.commits.map(({ commit }) => commit))]);
    const key = JSON.stringify(scope);
    const read = kept.get(key) ?? scopes.view(scope, 'any');
    kept.set(key, read);
    return read;
  }

  return async (gate: JudgedGate): Promise<PastRequest> => {
    const read = gate.services.map(async (service) => {
      const views = await Promise.all([view(gate, service, gate.environment), view(gate, service, '-')]);
      const { heads, exceptions, pasts, spreads, vex } = knownIn(views);
      return [service, { heads, exceptions, pasts, spreads, vex }] as const;
    });
    return { gate, scopes: new Map(await Promise.all(read)) };
  };
}
