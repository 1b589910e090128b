import type { ActiveException } from '../../services/domain/active-exception.ts';
import type { Contract } from '../../services/domain/contract.ts';
import { MINUTES_A_DAY, minuteOf } from '../../services/domain/finding-history.ts';
import type { JudgedService } from '../../services/domain/judge.ts';
import type { ScanHead } from '../../services/domain/scan-head.ts';
import type { JudgedGate, PastRequest, TriedPolicy } from '../../services/domain/trial.ts';
import { aGate, aJudgement, aRunSources } from '../builders.ts';
import { aRoute } from '../routes.ts';
import { aScanHead } from '../scans.ts';
import { aContract, aGroup, aService, fingerprint, NOW } from './judge-input.ts';

/** The contract over a catalog with payments-api and orders-api, and one route for prod. */
export function aPolicy(contract: Contract = aContract(), over: Partial<TriedPolicy> = {}): TriedPolicy {
  const services = [aService(), aService({ name: 'orders-api', repositories: ['orders-api'], pipelines: [] })];
  return {
    contract,
    catalog: { services: new Map(services.map((service) => [service.name, service])), broken: new Map() },
    routes: [aRoute()],
    brokenRoutes: new Map(),
    ...over,
  };
}

/** Judged at NOW. */
export function aJudgedGate(over: Partial<JudgedGate> = {}): JudgedGate {
  return { ...aGate(), sources: aRunSources(), judgement: aJudgement({ at: NOW }), ...over };
}

interface Parts extends Pick<JudgedService, 'pasts' | 'spreads'> {
  readonly gate?: JudgedGate;
  readonly heads?: readonly ScanHead[];
  readonly exceptions?: readonly ActiveException[];
}

/** payments-api bound for prod with one secret. */
export function aPast(parts: Parts = {}): PastRequest {
  const { gate = aJudgedGate(), heads = [aScanHead({ groups: [aGroup()] })], exceptions = [], ...known } = parts;
  return { gate, scopes: new Map(gate.services.map((service) => [service, { heads, exceptions, ...known }])) };
}

/** One secret that was seen first so many days before NOW. */
export function seenFirst(days: number): Required<Pick<Parts, 'pasts'>> {
  const firstSeen = minuteOf(NOW) - days * MINUTES_A_DAY;
  return { pasts: new Map([[fingerprint(1), { firstSeen, reached: {}, near: [] }]]) };
}
