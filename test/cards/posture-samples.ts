import { gateCard } from '../../cards/gate-card.ts';
import { postureCard } from '../../cards/posture-card.ts';
import { statusCard } from '../../cards/status-card.ts';
import type { JudgedSignals } from '../../services/domain/judgement.ts';
import type { PlatformHealth } from '../../services/domain/platform-health.ts';
import type { PlatformSummary } from '../../services/domain/platform-summary.ts';
import type { BrokenRule, ScopePosture } from '../../services/domain/scope-posture.ts';
import { aGate, aJudgedGroup, aJudgement, aSignal, BOB, ORGANIZATION } from '../builders.ts';
import { aHealth } from '../health.ts';
import { aPlatformSummary, PROJECT, READ_AT } from '../platforms.ts';
import type { CardSample } from './samples.ts';

/** What is known of environments and of the platform before them. */
export function postureSamples(): CardSample[] {
  const viewer = { oid: BOB.oid };
  const approvalWith = (judged: Partial<JudgedSignals>) =>
    gateCard(aGate({ judgement: aJudgement({ ...judged, signals: judged.signals ?? posturePasses() }) }), viewer);
  return [
    { name: 'approval-signals-pass', card: approvalWith({ platform: aPlatformSummary() }) },
    { name: 'approval-signals-fail', card: approvalWith({ platform: troubled(), signals: postureUnknown() }) },
    { name: 'posture-small', card: postureCard(aPosture(), 'Europe/Berlin') },
    { name: 'posture-trouble', card: postureCard(aTroubledPosture(3), 'Europe/Berlin') },
    { name: 'posture-overflowing', card: postureCard(aTroubledPosture(30), 'Europe/Berlin') },
    { name: 'posture-unread', card: postureCard(anUnreadPosture()) },
    { name: 'status-platform', card: statusCard(aHealth({ platform: platformParts() })) },
  ];
}

export function posturePasses() {
  const asOf = '2026-11-23T08:50:00.000Z';
  return [
    aSignal(),
    aSignal({ control: 'azure-policy', category: 'policy', tools: [], asOf }),
    aSignal({ control: 'defender-runtime', category: 'runtime', tools: [], asOf }),
    aSignal({ control: 'delivery-path', category: 'platform', tools: [], asOf }),
  ];
}

function postureUnknown() {
  const [own, , defender, path] = posturePasses();
  const policy = aSignal({ control: 'azure-policy', category: 'policy', tools: [], state: 'unknown', why: 'too-old' });
  return [own, policy, defender, path].filter((one) => one !== undefined);
}

function troubled(): PlatformSummary {
  const sound = aPlatformSummary();
  const [connection] = sound.breadth.connections;
  if (connection === undefined) throw new Error('the sound one has a connection');
  return {
    ...sound,
    environment: {
      ...sound.environment,
      state: 'fail',
      ours: 'off',
      others: ['approval', 'exclusive-lock'],
      disabled: 1,
    },
    access: {
      ...sound.access,
      state: 'unknown',
      why: 'give the account of the bot "View identity information" in contoso',
    },
    breadth: {
      ...sound.breadth,
      state: 'fail',
      level: 'subscription',
      role: 'Owner',
      connections: [{ ...connection, level: 'subscription', role: 'Owner' }],
      count: 3,
    },
  };
}

export function aPosture(over: Partial<ScopePosture> = {}): ScopePosture {
  return {
    service: 'payments-api',
    environment: 'prod',
    at: aJudgement().at,
    context: { service: 'payments-api', owner: 'group:payments-owners', criticality: 'high' },
    places: [{ organization: ORGANIZATION, environment: 'prod', judged: judgedWith(aPlatformSummary()) }],
    rules: [],
    unread: [],
    ...over,
  };
}

function judgedWith(platform: PlatformSummary, signals = posturePasses()): JudgedSignals {
  return aJudgement({ platform, signals });
}

function aTroubledPosture(many: number): ScopePosture {
  const { environment: _, ...all } = aPosture();
  const blocks = [aJudgedGroup({ category: 'policy', control: 'azure-policy', rule: 'allowed-locations', count: 2 })];
  const prod = aJudgement({ platform: troubled(), signals: postureUnknown(), blocks });
  return {
    ...all,
    places: [
      { organization: ORGANIZATION, environment: 'prod', judged: prod },
      ...Array.from({ length: many - 1 }, (_unused, n) => ({
        organization: ORGANIZATION,
        environment: `stage-${n + 1}`,
        judged: judgedWith(aPlatformSummary()),
      })),
    ],
    rules: Array.from({ length: many }, (_unused, n) => aBrokenRule(n)),
    unread: Array.from({ length: many }, (_unused, n) => ({
      organization: ORGANIZATION,
      kind: n % 2 === 0 ? 'people' : 'roles',
      name: n % 2 === 0 ? 'contoso' : `payments-${n}`,
      why: n % 2 === 0 ? 'give the account of the bot "Basic" access and "View users"' : 'give it Reader there',
      ...(n % 3 === 0 ? {} : { at: READ_AT }),
    })),
  };
}

const RULES: readonly Pick<BrokenRule, 'rule' | 'decision' | 'severity' | 'message' | 'subject' | 'project'>[] = [
  {
    rule: 'check-disabled',
    decision: 'block',
    severity: 'high',
    message: 'The check of Countersign on environment prod is disabled',
    subject: `environment:${PROJECT}:3`,
    project: PROJECT,
  },
  {
    rule: 'connection-too-wide',
    decision: 'warn',
    severity: 'medium',
    message: 'Service connection payments-prod reaches a whole subscription as Owner',
    subject: 'connection:c0000000-0000-4000-8000-00000000000c',
    project: PROJECT,
  },
  {
    rule: 'stale-user',
    decision: 'monitor',
    severity: 'low',
    message: 'Dan Dorn has not signed in for 120 days and may administer production',
    subject: 'user:d0000000-0000-4000-8000-000000000004',
  },
];

function aBrokenRule(n: number): BrokenRule {
  const { rule, ...of } = RULES[Math.min(n, 2)] ?? { rule: '', decision: 'warn', severity: 'low', message: '' };
  const name = n < 3 ? rule : `${rule}-${n}`;
  return { organization: ORGANIZATION, rule: name, count: n + 1, environments: ['prod', 'stage-1'], ...of };
}

function anUnreadPosture(): ScopePosture {
  const { unread: _, ...posture } = aPosture();
  return { ...posture, places: [{ organization: ORGANIZATION, environment: 'prod', judged: aJudgement() }] };
}

export function platformParts(): PlatformHealth[] {
  const of = { organization: ORGANIZATION, target: PROJECT, name: 'payments', isStale: false };
  const at = '2026-11-23T09:20:00.000Z';
  return [
    { ...of, kind: 'environments', at },
    { ...of, kind: 'connections', at },
    {
      ...of,
      kind: 'people',
      target: '-',
      name: 'contoso',
      unknown: { since: at, why: 'give the account of the bot the right to view users' },
    },
    { ...of, kind: 'reach', at: '2026-11-22T09:20:00.000Z', isStale: true },
  ];
}
