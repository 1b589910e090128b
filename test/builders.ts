import {
  type Ask,
  type AskLevel,
  type CheckIds,
  type Decision,
  type Gate,
  orgOf,
  requestIdOf,
  type Vote,
} from '../services/domain/gate.ts';
import type { ControlSignal, JudgedGroup, Judgement } from '../services/domain/judgement.ts';
import type { Person } from '../services/domain/person.ts';
import type { Release } from '../services/domain/release.ts';
import type { Run, RunSources } from '../services/domain/run.ts';
import type { FindingSample } from '../services/domain/scan-head.ts';

// One base record of each kind: a test spells out only what it is about.
export const TENANT = '7d1f3c52-0a4e-4a35-9a57-3f0c9d7b8e11';
export const ORGANIZATION = 'https://dev.azure.com/contoso';
export const ORG = orgOf(TENANT, ORGANIZATION);
export const COMMIT = '3f2c9a1b7d5e4860a1c2d3e4f5061728394a5b6c';
export const OLDER_COMMIT = '9b1d7e2a4c6f8031b2c3d4e5f60718293a4b5c6d';

export const ANN: Person = aPerson({
  oid: 'a0000000-0000-4000-8000-000000000001',
  name: 'Ann Archer',
  upn: 'ann@contoso.example',
});
export const BOB: Person = aPerson({
  oid: 'b0000000-0000-4000-8000-000000000002',
  name: 'Bob Baker',
  upn: 'bob@contoso.example',
});
export const CARLA: Person = aPerson({
  oid: 'c0000000-0000-4000-8000-000000000003',
  name: 'Carla Cruz',
  upn: 'carla@contoso.example',
});
export const DAN: Person = aPerson({
  oid: 'd0000000-0000-4000-8000-000000000004',
  name: 'Dan Dorn',
  upn: 'dan@contoso.example',
});

export function aPerson(overrides: Partial<Person> = {}): Person {
  return {
    oid: 'e0000000-0000-4000-8000-000000000005',
    name: 'Eve Eriksen',
    upn: 'eve@contoso.example',
    guest: false,
    disabled: false,
    sameAs: [],
    ...overrides,
  };
}

export function aCheck(overrides: Partial<CheckIds> = {}): CheckIds {
  return {
    organization: ORGANIZATION,
    projectId: '11111111-1111-4111-8111-111111111111',
    hub: 'build',
    planId: '22222222-2222-4222-8222-222222222222',
    jobId: '33333333-3333-4333-8333-333333333333',
    timelineId: '44444444-4444-4444-8444-444444444444',
    taskInstanceId: '55555555-5555-4555-8555-555555555555',
    ...overrides,
  };
}

/** Requested by Ann from main. */
export function aRun(overrides: Partial<Run> = {}): Run {
  const ann = { uniqueName: ANN.upn, name: ANN.name };
  return {
    organization: ORGANIZATION,
    projectId: '11111111-1111-4111-8111-111111111111',
    project: 'payments',
    id: 4711,
    name: '20261123.4',
    url: 'https://dev.azure.com/contoso/payments/_build/results?buildId=4711',
    pipeline: { id: 12, name: 'payments-deploy' },
    repository: { id: '66666666-6666-4666-8666-666666666666', name: 'payments-api', type: 'TfsGit' },
    branch: 'refs/heads/main',
    commit: COMMIT,
    reason: 'manual',
    requestedFor: ann,
    requestedBy: ann,
    ...overrides,
  };
}

/** Requested by Ann, written by Dan. */
export function aRunSources(overrides: Partial<RunSources> = {}): RunSources {
  return {
    commits: [{ commit: COMMIT, repository: 'payments-api', pipeline: 'payments-deploy', runId: 4711 }],
    requesters: [{ uniqueName: ANN.upn, name: ANN.name }],
    authors: [{ uniqueName: DAN.upn, name: DAN.name }],
    unreadable: [],
    ...overrides,
  };
}

/** Bob or Carla of the leads: one level. */
export function aLevel(overrides: Partial<AskLevel> = {}): AskLevel {
  return {
    route: 'routes.yaml:12',
    quorum: 1,
    from: ['group:payments-leads'],
    eligible: [
      { oid: BOB.oid, name: BOB.name },
      { oid: CARLA.oid, name: CARLA.name },
    ],
    excluded: [{ oid: DAN.oid, name: DAN.name, why: 'commit-author' }],
    ...overrides,
  };
}

/** Bob or Carla may decide; a rejection needs a comment. */
export function anAsk(overrides: Partial<Ask> = {}): Ask {
  return {
    levels: [aLevel()],
    excludes: ['requester', 'commit-authors', 're-runner', 'exception-requester'],
    unmatched: [],
    channels: ['payments/approvals'],
    dm: true,
    comment: { approve: 'optional', reject: 'required' },
    ...overrides,
  };
}

/** An approval by Bob for the first level. */
export function aVote(overrides: Partial<Vote> = {}): Vote {
  return {
    by: { kind: 'person', tenant: TENANT, oid: BOB.oid, name: BOB.name },
    at: '2026-11-23T10:05:00.000Z',
    comment: '',
    levels: [0],
    accounts: [BOB.oid, BOB.upn],
    ...overrides,
  };
}

/** What was deployed three days before, from an older commit. */
export function aRelease(overrides: Partial<Release> = {}): Release {
  return {
    requestId: 'abcdefghijklmnop',
    line: 'payments-deploy',
    runId: 4690,
    attempt: 1,
    runName: '20261120.2',
    url: 'https://dev.azure.com/contoso/payments/_build/results?buildId=4690',
    at: '2026-11-20T09:12:40.000Z',
    commits: [{ commit: OLDER_COMMIT, repository: 'payments-api', pipeline: 'payments-deploy', runId: 4690 }],
    ...overrides,
  };
}

/** By Bob. */
export function aDecision(overrides: Partial<Decision> = {}): Decision {
  return {
    verdict: 'approve',
    by: { kind: 'person', tenant: TENANT, oid: BOB.oid, name: BOB.name },
    at: '2026-11-23T10:05:00.000Z',
    comment: '',
    ...overrides,
  };
}

export function aSample(overrides: Partial<FindingSample> = {}): FindingSample {
  return {
    fingerprint: '0123456789abcdef0123456789abcdef',
    message: 'Detected a generic API key',
    path: 'src/config/keys.ts',
    line: 17,
    ...overrides,
  };
}

/** One blocking secret; an exception of at most 7 days may be asked for. */
export function aJudgedGroup(overrides: Partial<JudgedGroup> = {}): JudgedGroup {
  return {
    service: 'payments-api',
    control: 'secret-scanning',
    decision: 'block',
    blockGroup: 'secret-exposure',
    category: 'secret',
    tool: 'gitleaks',
    rule: 'generic-api-key',
    severity: 'high',
    count: 1,
    fingerprints: ['0123456789abcdef0123456789abcdef'],
    samples: [aSample()],
    owner: 'group:payments-team',
    exception: { maxDays: 7, approvers: 'group:security-leads', minReason: 20 },
    ...overrides,
  };
}

/** One vulnerable dependency to mend later. */
export function aWarning(overrides: Partial<JudgedGroup> = {}): JudgedGroup {
  const { blockGroup: _, ...group } = aJudgedGroup();
  return {
    ...group,
    control: 'dependency-scanning',
    decision: 'warn',
    category: 'dependency',
    tool: 'trivy',
    rule: 'CVE-2026-31337',
    fingerprints: ['fedcba9876543210fedcba9876543210'],
    samples: [
      aSample({
        fingerprint: 'fedcba9876543210fedcba9876543210',
        message: 'lodash 4.17.20 is vulnerable to prototype pollution',
        path: 'package-lock.json',
        line: 812,
      }),
    ],
    because: 'Needs exploitability context before it may block',
    ...overrides,
  };
}

/** A required control that has reported. */
export function aSignal(overrides: Partial<ControlSignal> = {}): ControlSignal {
  return {
    service: 'payments-api',
    control: 'secret-scanning',
    category: 'secret',
    required: true,
    state: 'known',
    tools: ['gitleaks', 'trufflehog', 'ghazdo'],
    owner: 'group:security-leads',
    ...overrides,
  };
}

/** Passed, with nothing found; `counts` follow from the groups unless given. */
export function aJudgement(overrides: Partial<Judgement> = {}): Judgement {
  const { blocks = [], warns = [], obstacles = [] } = overrides;
  const sum = (groups: readonly JudgedGroup[]) => groups.reduce((total, { count }) => total + count, 0);
  return {
    verdict: blocks.length > 0 || obstacles.length > 0 ? 'block' : 'pass',
    at: '2026-11-23T09:31:00.000Z',
    contract: { version: 7, checksum: '9f'.repeat(32) },
    obstacles,
    blocks,
    warns,
    counts: { block: sum(blocks), warn: sum(warns), monitor: 0 },
    signals: [aSignal()],
    ...overrides,
  };
}

/** The prod deployment of payments-api, requested by Ann, waiting for Bob or Carla. */
export function aGate(overrides: Partial<Gate> = {}): Gate {
  const door = overrides.door ?? { kind: 'check', ...aCheck() };
  return {
    id: requestIdOf(ORG, door, overrides.attempt ?? 1),
    org: ORG,
    door,
    attempt: 1,
    run: aRun(),
    stage: 'deploy_prod',
    environment: 'prod',
    services: ['payments-api'],
    state: 'asked',
    revision: 1,
    receivedAt: '2026-11-23T09:30:00.000Z',
    closesAt: '2026-11-24T17:30:00.000Z',
    subjectChecksum: 'ab'.repeat(32),
    sources: aRunSources(),
    judgement: aJudgement(),
    ask: anAsk(),
    votes: [],
    observed: false,
    ...overrides,
  };
}

/** Blocked by one secret, until 10:31. */
export function aBlockedGate(overrides: Partial<Gate> = {}): Gate {
  const { ask: _, ...gate } = aGate();
  return {
    ...gate,
    state: 'blocked',
    judgement: aJudgement({ blocks: [aJudgedGroup()] }),
    waitUntil: '2026-11-23T10:31:00.000Z',
    ...overrides,
  };
}

/** Approved by Bob; Azure DevOps was told. */
export function anApprovedGate(overrides: Partial<Gate> = {}): Gate {
  return aGate({
    state: 'approved',
    votes: [aVote()],
    decision: aDecision(),
    toldAt: '2026-11-23T10:05:02.000Z',
    ...overrides,
  });
}
