import type { ReportInput } from '../services/domain/deployment-report.ts';
import type { ReportedRecord } from '../services/domain/deployment-row.ts';
import { offPathId } from '../services/domain/off-path.ts';
import type { RecordedOffPath } from '../services/domain/recorded-bypass.ts';
import type { RecordedApproval, RecordedDecision } from '../services/domain/recorded-decision.ts';
import { ANN, BOB, CARLA, ORG, ORGANIZATION } from './builders.ts';

export const PROJECT = '11111111-1111-4111-8111-111111111111';

/** Absent where it is undefined. */
type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** A job that Azure DevOps has on record; succeeded. */
export function aRecord(overrides: Loose<ReportedRecord> = {}): ReportedRecord {
  const { startedAt = '2026-10-06T09:12:00.000Z' } = overrides;
  const record = {
    ...{ organization: ORGANIZATION, org: ORG, projectId: PROJECT, project: 'Shop' },
    ...{ environment: 'prod', environmentId: 3, id: 900, runId: 4711, runName: '20261006.4' },
    ...{ pipeline: { id: 12, name: 'payments-api' }, stage: 'Deploy', attempt: 1 },
    ...{ startedAt, finishedAt: startedAt, result: 'succeeded' },
    ...overrides,
  };
  return present(record);
}

export function anApproval(overrides: Partial<RecordedApproval> = {}): RecordedApproval {
  return {
    ...{ oid: BOB.oid, name: { text: BOB.name }, at: '2026-10-06T09:11:00.000Z' },
    separation: { requester: 'other', author: 'other' },
    ...overrides,
  };
}

/** What evidence says of a request of that run: approved by Bob, sealed and told. */
export function aRecordedDecision(overrides: Loose<RecordedDecision> = {}): RecordedDecision {
  return present({
    ...{ id: 'k3m7q2x5w4n6p7r2', org: ORG, door: { kind: 'check' }, run: { id: 4711 }, stage: 'Deploy', attempt: 1 },
    ...{ environment: 'prod', services: ['payments-api'], receivedAt: '2026-10-06T09:02:00.000Z', state: 'approved' },
    verdict: { result: 'succeeded', reason: 'approved' },
    requester: { text: ANN.name },
    approvals: [anApproval()],
    contract: { version: 7, checksum: 'e0ba546f41c84c0b15b58f8417590003', commit: '9b1d7e2a4c6f8031' },
    ...{ exceptions: [], blocks: [], warns: [], obstacles: [] },
    ...overrides,
  });
}

export function aRecordedOffPath(overrides: Partial<RecordedOffPath> = {}): RecordedOffPath {
  return {
    ...{ id: 'uqgzz4j7qo37l3x5', services: ['payments-api'], environment: 'prod', at: '2026-10-06T09:12:00.000Z' },
    run: { projectId: PROJECT, id: 4711, stage: 'Deploy', attempt: 1 },
    ...overrides,
  };
}

/** October 2026 in Berlin. */
export function aReportInput(overrides: Partial<ReportInput> = {}): ReportInput {
  return {
    ...{ from: '2026-09-30T22:00:00.000Z', before: '2026-10-31T23:00:00.000Z', now: '2026-11-02T08:00:00.000Z' },
    ...{ records: [], decisions: [], offPaths: [], runs: new Map(), unread: [] },
    catalog: { services: new Map(), broken: new Map() },
    isProtected: (name) => name === 'prod',
    isAsked: () => true,
    ...overrides,
  };
}

/** A month with one of everything that a report can say, in which the clocks go back. */
export function aMonth(): ReportInput {
  const run = (n: number, at: string, over: Loose<ReportedRecord> = {}) =>
    aRecord({ id: n, runId: n, runName: `202610.${n}`, startedAt: at, ...over });
  const gate = (n: number, over: Partial<RecordedDecision> = {}) =>
    aRecordedDecision({
      id: `request${n}`,
      approvals: [anApproval({ at: `2026-10-0${n}T08:30:00.000Z` })],
      run: { id: n },
      receivedAt: `2026-10-0${n}T08:00:00.000Z`,
      ...over,
    });
  const word = { oid: CARLA.oid, name: { text: CARLA.name }, at: '2026-10-05T11:00:00.000Z' };
  return aReportInput({
    records: [
      run(1, '2026-10-01T09:12:00.000Z'),
      run(2, '2026-10-02T13:40:00.000Z', { environment: 'staging', environmentId: 4 }),
      run(3, '2026-10-03T08:05:00.000Z', { result: 'failed' }),
      run(4, '2026-10-04T15:31:00.000Z'),
      run(5, '2026-10-05T10:02:00.000Z'),
      aRecord({
        id: 6,
        runId: 6,
        runName: '202610.6',
        queuedAt: '2026-10-06T10:02:00.000Z',
        result: 'skipped',
        startedAt: undefined,
      }),
      run(8, '2026-10-25T00:30:00.000Z'),
      run(9, '2026-10-25T01:30:00.000Z', { pipeline: { id: 99, name: 'hotfix by hand' } }),
    ],
    decisions: [
      gate(1),
      gate(2, {
        environment: 'staging',
        approvals: [],
        verdict: { result: 'succeeded', reason: 'passed' },
        state: 'passed',
        warns: [{ control: 'sast', count: 3 }],
      }),
      gate(3, {
        approvals: [
          anApproval({ covers: { oid: CARLA.oid, name: { text: CARLA.name } }, at: '2026-10-03T07:50:00.000Z' }),
          anApproval({
            oid: CARLA.oid,
            name: {},
            at: '2026-10-03T08:01:00.000Z',
            separation: { requester: 'same', author: 'unmatched' },
          }),
        ],
        exceptions: ['EX-7Q2M'],
        warns: [{ control: 'secret-scanning', count: 1 }],
      }),
      gate(5, {
        state: 'bypassed',
        approvals: [],
        verdict: { result: 'failed', reason: 'blocked' },
        blocks: [{ control: 'sca', count: 2 }],
        explained: word,
      }),
      gate(6, { state: 'rejected', approvals: [], verdict: { result: 'failed', reason: 'rejected' }, rejected: word }),
      gate(7, {
        state: 'expired',
        approvals: [],
        verdict: { result: 'failed', reason: 'expired' },
        obstacles: ['no-route'],
      }),
      gate(8, { requester: {}, approvals: [anApproval({ at: '2026-10-25T00:29:00.000Z' })] }),
    ],
    offPaths: [
      aRecordedOffPath({
        id: offPathId('deployment', ORGANIZATION, PROJECT, 4, 'prod', 'Deploy', 1),
        run: { projectId: PROJECT, id: 4, stage: 'Deploy', attempt: 1 },
        at: '2026-10-04T15:31:00.000Z',
      }),
    ],
    runs: new Map([
      [`${ORG} 4`, { kind: 'found', requester: 'Nestor Wilke', repository: 'payments-api' }],
      [`${ORG} 9`, { kind: 'gone' }],
    ]),
  });
}

function present<T extends object>(members: object): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
}
