import { coverCard } from '../../cards/cover-card.ts';
import { delegateCard, doneCard } from '../../cards/delegate-card.ts';
import { gateCard } from '../../cards/gate-card.ts';
import { helpCard } from '../../cards/help-card.ts';
import { listCard } from '../../cards/list-card.ts';
import { reminderCard } from '../../cards/reminder-card.ts';
import { shortCard } from '../../cards/short-card.ts';
import type { Gate } from '../../services/domain/gate.ts';
import type { ControlSignal, JudgedGroup } from '../../services/domain/judgement.ts';
import {
  ANN,
  aBlockedGate,
  aCheck,
  aDecision,
  aGate,
  aJudgedGroup,
  aJudgement,
  anApprovedGate,
  anAsk,
  aRun,
  aSample,
  aSignal,
  aVote,
  aWarning,
  BOB,
  CARLA,
} from '../builders.ts';
import { auditSamples } from './audit-samples.ts';
import { bypassSamples } from './bypass-samples.ts';
import { calibrationSamples } from './calibration-samples.ts';
import { contractSamples } from './contract-samples.ts';
import { digestSamples } from './digest-samples.ts';
import { driftSamples } from './drift-samples.ts';
import { evidenceSamples } from './evidence-samples.ts';
import { exceptionListSamples } from './exception-list-samples.ts';
import { exceptionSamples } from './exception-samples.ts';
import { findingSamples } from './finding-samples.ts';
import { groupSamples } from './group-samples.ts';
import { hostileGate } from './hostile-gate.ts';
import { COMMANDS } from './listed-commands.ts';
import { nativeSamples } from './native-samples.ts';
import { offPathSamples } from './off-path-samples.ts';
import { postureSamples } from './posture-samples.ts';
import { readerSamples } from './reader-samples.ts';
import { sizeSamples } from './size-samples.ts';
import { statusSamples } from './status-samples.ts';
import { trendSamples } from './trend-samples.ts';
import { whoApprovesSamples } from './who-approves-samples.ts';

/** A card in one state, named `card-state` for its pictures. */
export interface CardSample {
  readonly name: string;
  readonly card: object;
}

/** Every card in every state, for pictures and parse-validation. Names are unique and fit a file name. */
export function cardSamples(): readonly CardSample[] {
  return [
    ...digestSamples(),
    ...approvalSamples(),
    ...readerSamples(),
    ...groupSamples(),
    ...blockedSamples(),
    ...bypassSamples(),
    ...nativeSamples(),
    ...otherSamples(),
    ...findingSamples(),
    ...statusSamples(),
    ...contractSamples(),
    ...whoApprovesSamples(),
    ...calibrationSamples(),
    ...exceptionSamples(),
    ...exceptionListSamples(),
    ...trendSamples(),
    ...auditSamples(),
    ...postureSamples(),
    ...driftSamples(),
    ...offPathSamples(),
    ...evidenceSamples(),
    ...sizeSamples(),
  ];
}

function approvalSamples(): CardSample[] {
  const asked = aGate({ judgement: busyJudgement(), ask: anAsk({ unmatched: ['ci-migrated@old.example'] }) });
  const { ask: _, judgement: __, sources: ___, ...received } = aGate({ state: 'received' });
  const { ask: ____, ...unasked } = aGate({
    environment: 'staging',
    state: 'passed',
    toldAt: '2026-11-23T09:31:02.000Z',
  });
  const comment = 'Checked with the on-call engineer; the release notes and the rollback plan are in the run.';
  return [
    { name: 'approval-pending', card: gateCard(asked, { oid: BOB.oid }) },
    {
      name: 'approval-pending-quiet',
      card: gateCard(aGate({ judgement: aJudgement({ signals: allSignals() }) }), { oid: BOB.oid }),
    },
    { name: 'approval-refused', card: gateCard(asked, { oid: 'x' }, { refusal: 'not-an-approver' }) },
    { name: 'approval-comment-required', card: gateCard(asked, { oid: BOB.oid }, { refusal: 'comment-required' }) },
    { name: 'approval-delegate', card: delegateCard(asked, { oid: BOB.oid }) ?? {} },
    { name: 'approval-reminded', card: doneCard(asked, 'Bob Baker was reminded.') },
    { name: 'approval-for-requester', card: gateCard(asked, { oid: ANN.oid }) },
    { name: 'approval-delegated', card: reminderCard(asked, 'delegated', { from: 'Carla Cruz' }) },
    { name: 'approval-received', card: gateCard(received) },
    { name: 'approval-approved', card: gateCard(anApprovedGate({ votes: [aVote({ comment })] })) },
    { name: 'approval-approved-by-you', card: gateCard(untold(anApprovedGate()), { oid: BOB.oid }) },
    {
      name: 'approval-rejected',
      card: gateCard(
        anApprovedGate({
          state: 'rejected',
          votes: [],
          decision: aDecision({ verdict: 'reject', comment: 'Not during the sale.' }),
        }),
      ),
    },
    { name: 'approval-passed', card: gateCard(unasked) },
    { name: 'approval-observed', card: gateCard({ ...unasked, environment: 'prod-b', observed: true, ask: anAsk() }) },
    { name: 'approval-expired', card: gateCard(aGate({ state: 'expired', toldAt: '2026-11-24T17:30:01.000Z' })) },
    { name: 'approval-abandoned', card: gateCard(aGate({ state: 'abandoned', toldAt: '2026-11-23T10:31:01.000Z' })) },
  ];
}

function blockedSamples(): CardSample[] {
  const many = aBlockedGate({
    judgement: aJudgement({ blocks: manyBlocks(), warns: [aWarning()], signals: allSignals() }),
  });
  const missing = aBlockedGate({
    judgement: aJudgement({
      verdict: 'block',
      obstacles: [{ kind: 'missing-signal', detail: 'dependency-scanning (payments-api): absent' }],
      signals: [aSignal(), missingDependencies(), missingSecrets()],
    }),
  });
  const eroded = aBlockedGate({
    judgement: aJudgement({
      blocks: [aJudgedGroup()],
      eroded: [{ control: 'secret-scanning', owner: 'group:security-leads', share: 0.3, periods: 2 }],
    }),
  });
  const obstacles = aBlockedGate({
    judgement: aJudgement({
      obstacles: [
        {
          kind: 'too-few-approvers',
          detail: 'group:payments-leads: 0 of 1 may decide; excluded: Ann Archer (requester)',
        },
      ],
    }),
  });
  return [
    { name: 'blocked-one-finding', card: gateCard(aBlockedGate()) },
    { name: 'blocked-many-findings', card: gateCard(many) },
    { name: 'blocked-eroded', card: gateCard(eroded) },
    { name: 'blocked-missing-report', card: gateCard(missing) },
    { name: 'blocked-obstacle', card: gateCard(obstacles) },
    { name: 'blocked-no-contract', card: gateCard(aBlockedGate({ judgement: withoutContract() })) },
    { name: 'blocked-failed', card: gateCard(aBlockedGate({ state: 'failed', toldAt: '2026-11-23T10:31:01.000Z' })) },
    { name: 'blocked-refused', card: gateCard(aBlockedGate(), {}, { refusal: 'blocked' }) },
    {
      name: 'blocked-observed',
      card: gateCard(aBlockedGate({ state: 'passed', environment: 'prod-b', observed: true })),
    },
    { name: 'hostile-approval', card: gateCard(hostileGate(aGate({ judgement: busyJudgement() })), { oid: 'x' }) },
    { name: 'hostile-blocked', card: gateCard(hostileGate(aBlockedGate())) },
  ];
}

function otherSamples(): CardSample[] {
  const aCover = { absent: BOB, by: CARLA, until: '2026-11-27T23:00:00.000Z', setBy: BOB };
  const second = aGate({ attempt: 2, services: ['ledger', 'ledger-worker'], run: aRun({ name: '20261123.9' }) });
  return [
    {
      name: 'list-two',
      card: listCard([aGate(), second, aBlockedGate({ door: { kind: 'check', ...aCheck({ hub: 'gates' }) } })], 'mine'),
    },
    { name: 'cover-set', card: coverCard({ to: CARLA.oid, kind: 'set', cover: aCover }) },
    { name: 'cover-set-by-manager', card: coverCard({ to: BOB.oid, kind: 'set', cover: { ...aCover, setBy: ANN } }) },
    { name: 'cover-ended', card: coverCard({ to: CARLA.oid, kind: 'ended', cover: aCover }) },
    { name: 'list-empty', card: listCard([], 'mine') },
    { name: 'help', card: helpCard(COMMANDS) },
    { name: 'short-asked', card: shortCard(aGate({ judgement: busyJudgement() })) },
    { name: 'short-blocked', card: shortCard(aBlockedGate()) },
  ];
}

function untold({ toldAt: _, ...gate }: Gate): Gate {
  return gate;
}

function withoutContract() {
  const { contract: _, ...judgement } = aJudgement({
    obstacles: [{ kind: 'no-contract', detail: 'contract.yaml:14 expiry.max: 400d is longer than 90d' }],
    signals: [],
  });
  return judgement;
}

function allSignals(): ControlSignal[] {
  return [
    aSignal(),
    aSignal({ control: 'dependency-scanning', category: 'dependency', tools: [] }),
    aSignal({ control: 'azure-policy', category: 'policy', tools: [] }),
    aSignal({ control: 'defender', category: 'runtime', tools: [], required: false, state: 'unknown', why: 'absent' }),
  ];
}

function missingDependencies(): ControlSignal {
  return aSignal({
    control: 'dependency-scanning',
    category: 'dependency',
    tools: ['trivy', 'grype', 'osv'],
    state: 'unknown',
    why: 'absent',
    owner: 'group:platform',
  });
}

function missingSecrets(): ControlSignal {
  return aSignal({ control: 'code-scanning', category: 'sast', tools: [], state: 'unknown', why: 'too-old' });
}

function busyJudgement() {
  const warns: JudgedGroup[] = [
    aWarning({
      exceptionId: 'EX-12',
      rule: 'generic-api-key',
      control: 'secret-scanning',
      tool: 'gitleaks',
      severity: 'critical',
    }),
    aWarning({ blocksFrom: '2027-01-15', count: 3 }),
    aWarning({
      rule: 'CVE-2026-20002',
      severity: 'medium',
      dueAt: '2026-11-20T09:00:00.000Z',
      lead: 'group:payments-leads',
      escalatesAt: { to: 'block', at: '2026-12-03T09:00:00.000Z' },
    }),
    aWarning({ rule: 'CKV_AZURE_35', tool: 'checkov', severity: 'medium', owner: 'group:platform' }),
    aWarning({ rule: 'js/incomplete-sanitization', tool: 'codeql', severity: 'low' }),
    aWarning({ rule: 'js/unused-local-variable', tool: 'codeql', severity: 'info', count: 6 }),
  ];
  const counts = { block: 0, warn: 13, monitor: 14 };
  return aJudgement({ warns, counts, signals: allSignals() });
}

function manyBlocks(): JudgedGroup[] {
  const help = 'Rotate the key in the vault, then read it from there at start.';
  return [
    aJudgedGroup({
      count: 5,
      severity: 'critical',
      samples: [
        aSample({ help }),
        aSample({ path: 'deploy/values.prod.yaml', line: 3 }),
        aSample({ path: 'test/fixtures/keys.json' }),
      ],
    }),
    aJudgedGroup({
      control: 'dependency-scanning',
      category: 'dependency',
      tool: 'trivy',
      rule: 'CVE-2026-31337',
      blockGroup: 'release-integrity',
      because: 'Known exploited and fixable: shipping it is a choice',
      samples: [aSample({ message: 'openssl 3.0.1 is known to be exploited', path: 'Dockerfile', line: 4 })],
    }),
    ...['a', 'b', 'c', 'd'].map((letter) => aJudgedGroup({ rule: `azure-storage-key-${letter}` })),
  ];
}
