import type { ActiveException } from '../../services/domain/active-exception.ts';
import type { Service } from '../../services/domain/catalog.ts';
import type { Contract, Control, EnvironmentPolicy, Rule } from '../../services/domain/contract.ts';
import { TIMINGS } from '../../services/domain/finding.ts';
import type { JudgedService, JudgeInput } from '../../services/domain/judge.ts';
import type { FindingGroup } from '../../services/domain/scan-head.ts';
import { COMMIT } from '../builders.ts';
import { aScanHead } from '../scans.ts';

// What a judgement is made of: one base record of each kind.
export const NOW = '2026-11-23T09:30:00.000Z';
export const OTHER_COMMIT = 'beefbeefbeefbeefbeefbeefbeefbeefbeefbeef';

export const fingerprint = (n: number) => n.toString(16).padStart(32, '0');

/** Blocks everything. */
export function aRule(overrides: Partial<Rule> = {}): Rule {
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  return { when: {}, then: 'block', escalate: [], ...overrides };
}

type ControlParts = {
  readonly [Key in keyof Control]?: Control[Key] extends readonly unknown[] ? Control[Key] : Partial<Control[Key]>;
};

/** Secrets block; no evidence is required. */
export function aControl(parts: ControlParts = {}): Control {
  return {
    name: parts.name ?? 'secret-scanning',
    signal: { category: 'secret', tools: [], rules: [], timing: TIMINGS, ...parts.signal },
    evidence: { required: [], tools: [], sameCommit: true, verified: false, ...parts.evidence },
    owner: { from: 'service', fallback: 'group:security-leads', ...parts.owner },
    expiry: {
      maxDays: 7,
      renewals: 1,
      reviewEveryDays: 2,
      approvers: 'group:security-leads',
      quorum: 1,
      minReason: 20,
      onExpiry: 'restart',
      ...parts.expiry,
    },
    acceptSuppressions: parts.acceptSuppressions === true,
    decisions: parts.decisions ?? [aRule()],
    overrides: (parts.overrides ?? new Map()) as Control['overrides'],
  };
}

export function aContract(...controls: readonly Control[]): Contract {
  return {
    version: 7,
    checksum: '9f'.repeat(32),
    owner: 'group:devsecops',
    operators: 'group:platform-ops',
    calendar: { timezone: 'Europe/Berlin', workingDays: [1, 2, 3, 4, 5], workingMinutes: [540, 1050], holidays: [] },
    environments: new Map([['prod', anEnvironment()]]),
    limits: {
      exceptionsPerService: 5,
      overuseRate: 0.2,
      erodedAfterPeriods: 2,
      maxBlockRules: 12,
      unownedAfterDays: 5,
      maxApprovers: 15,
    },
    reviews: { monitor: 'group:devsecops', audit: 'group:devsecops', everyDays: 7 },
    digest: { empty: 'line', capPerDay: 6, quiet: [1080, 480] },
    controls: controls.length > 0 ? controls : [aControl()],
  };
}

export function anEnvironment(overrides: Partial<EnvironmentPolicy> = {}): EnvironmentPolicy {
  return { name: 'prod', tier: 'production', approval: 'required', blockWaitMinutes: 60, ...overrides };
}

export function aService(overrides: Partial<Service> = {}): Service {
  return {
    name: 'payments-api',
    owner: 'group:payments-owners',
    repositories: ['payments-api'],
    pipelines: ['payments-deploy'],
    paths: [],
    environments: new Map(),
    ...overrides,
  };
}

/** One secret. */
export function aGroup(overrides: Partial<FindingGroup> = {}): FindingGroup {
  const fingerprints = overrides.fingerprints ?? [fingerprint(1)];
  return {
    rule: 'generic-api-key',
    severity: 'high',
    suppressed: false,
    pathGlobs: [],
    count: fingerprints.length,
    fingerprints,
    samples: fingerprints.slice(0, 3).map((print) => ({ fingerprint: print, message: 'A key', path: 'src/keys.ts' })),
    ...overrides,
  };
}

/** For `aGroup` in prod, until the end of the year. */
export function anException(overrides: Partial<ActiveException> = {}): ActiveException {
  return {
    id: 'EX-1',
    control: 'secret-scanning',
    service: 'payments-api',
    environment: 'prod',
    fingerprints: [fingerprint(1)],
    expiresAt: '2026-12-31T00:00:00.000Z',
    ...overrides,
  };
}

export function aJudgedService(overrides: Partial<JudgedService> = {}): JudgedService {
  return {
    name: 'payments-api',
    service: aService(),
    heads: [aScanHead({ groups: [aGroup()] })],
    exceptions: [],
    commits: [COMMIT],
    ...overrides,
  };
}

/** payments-api with one secret, bound for prod. */
export function anInput(overrides: Partial<JudgeInput> = {}): JudgeInput {
  return {
    contract: aContract(),
    environment: anEnvironment(),
    services: [aJudgedService()],
    arrivedAt: NOW,
    now: NOW,
    obstacles: [],
    ...overrides,
  };
}
