import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deploymentReport, type ReportedRun, unrecordedAt } from '../../services/domain/deployment-report.ts';
import {
  DEPLOYMENT_OUTCOMES,
  type DeploymentRow,
  isUndecided,
  reportedAt,
} from '../../services/domain/deployment-row.ts';
import { GATE_STATES } from '../../services/domain/gate.ts';
import type { RowCounts } from '../../services/domain/report-totals.ts';
import { ORG, ORGANIZATION } from '../builders.ts';
import { aMonth, anApproval, aRecord, aRecordedDecision, aRecordedOffPath, aReportInput } from '../report-samples.ts';

// One row for each record of the time, matched with its decision or none; totals that add up.

const report = (over: Parameters<typeof aReportInput>[0]) => deploymentReport(aReportInput(over));
const only = (over: Parameters<typeof aReportInput>[0]): DeploymentRow => {
  const [row, ...more] = report(over).rows;
  if (row === undefined || more.length > 0) throw new Error('not one row');
  return row;
};

test('a record without any decision is none, and undecided once it began', () => {
  const row = only({ records: [aRecord()] });
  const never = { startedAt: undefined, finishedAt: undefined, result: undefined };
  const pending = only({ records: [aRecord({ ...never, queuedAt: '2026-10-06T09:00:00.000Z' })] });

  expect([row.outcome, isUndecided(row), pending.outcome, isUndecided(pending)]).toEqual(['none', true, 'none', false]);
});

test.each([
  ['approved', { state: 'approved', verdict: { result: 'succeeded', reason: 'approved' } }],
  ['passed', { state: 'passed', verdict: { result: 'succeeded', reason: 'passed' } }],
  ['observed', { state: 'passed', verdict: { result: 'succeeded', reason: 'observed' } }],
  ['bypassed', { state: 'bypassed', verdict: { result: 'failed', reason: 'blocked' } }],
  ['bypassed', { state: 'rejected', verdict: { result: 'failed', reason: 'rejected' } }],
  ['bypassed', { state: 'asked', verdict: undefined }],
] as const)('what began is %s where its request is %j', (outcome, over) => {
  expect(only({ records: [aRecord()], decisions: [aRecordedDecision(over)] }).outcome).toBe(outcome);
});

test.each(GATE_STATES)(
  'what never began is nobody’s bypass while its request is %s, unless it is known as one',
  (state) => {
    const { startedAt: _, ...skipped } = aRecord({ queuedAt: '2026-10-06T09:10:00.000Z', result: 'skipped' });
    const row = only({ records: [skipped], decisions: [aRecordedDecision({ state, verdict: undefined })] });
    const outcomes = { approved: 'approved', passed: 'passed', expired: 'expired', bypassed: 'bypassed' } as const;
    const open = ['received', 'blocked', 'asked'].includes(state) ? 'waiting' : 'failed';

    expect(row.outcome).toBe(state in outcomes ? outcomes[state as keyof typeof outcomes] : open);
  },
);

test('while a request is open, what has just begun waits as the watch of deployments waits', () => {
  const decisions = [aRecordedDecision({ state: 'asked', verdict: undefined })];
  const at = (now: string) => only({ records: [aRecord()], decisions, now }).outcome;

  expect([at('2026-10-06T09:15:00.000Z'), at('2026-10-06T09:21:00.000Z')]).toEqual(['waiting', 'bypassed']);
});

test('the decision of another organization, run, stage or environment is none of its own', () => {
  for (const over of [{ org: 'other' }, { run: { id: 1 } }, { stage: 'Test' }, { environment: 'staging' }])
    expect(only({ records: [aRecord()], decisions: [aRecordedDecision(over)] }).outcome).toBe('none');
});

test('each attempt has the decision that was taken for it', () => {
  const first = aRecordedDecision({
    id: 'first',
    approvals: [],
    state: 'rejected',
    verdict: { result: 'failed', reason: 'rejected' },
  });
  const second = aRecordedDecision({ id: 'second', receivedAt: '2026-10-06T11:00:00.000Z' });
  const { startedAt: _, ...skipped } = aRecord({ queuedAt: '2026-10-06T09:10:00.000Z', result: 'skipped' });
  const again = aRecord({ id: 901, attempt: 2, startedAt: '2026-10-06T11:10:00.000Z' });
  const rows = report({ records: [skipped, again], decisions: [second, first] }).rows;

  expect(rows.at(-1)).toMatchObject({ outcome: 'approved', decision: { id: 'second' } });
  expect(report({ records: [skipped, again], decisions: [second, first] }).unrecorded).toEqual([]);
});

test('of several requests a bypass is shown first, then what people approved, and the others are named', () => {
  const passed = aRecordedDecision({
    id: 'p',
    approvals: [],
    state: 'passed',
    verdict: { result: 'succeeded', reason: 'passed' },
    receivedAt: '2026-10-06T09:05:00.000Z',
  });
  const bypassed = aRecordedDecision({ id: 'b', state: 'bypassed' });

  expect(only({ records: [aRecord()], decisions: [passed, aRecordedDecision()] })).toMatchObject({
    outcome: 'approved',
    others: ['p'],
  });
  expect(only({ records: [aRecord()], decisions: [bypassed, passed, aRecordedDecision()] }).outcome).toBe('bypassed');
});

test('a deployment off the release path is said in its row, or apart where Azure DevOps has no record of it', () => {
  const [offPath] = aMonth().offPaths;
  const record = aRecord({ id: 4, runId: 4, startedAt: '2026-10-04T15:31:00.000Z' });
  const both = report({ records: [record], offPaths: [offPath ?? aRecordedOffPath()] });

  expect(both.rows[0]).toMatchObject({ outcome: 'none', services: ['payments-api'], offPath: { id: offPath?.id } });
  expect(both.unrecorded).toEqual([]);
  expect(report({ offPaths: [offPath ?? aRecordedOffPath()] }).unrecorded).toEqual([{ offPath }]);
});

test('who asked is as evidence has it, then as Azure DevOps says it now, and else said not to be known', () => {
  const of = (over: Parameters<typeof aRecordedDecision>[0], kind?: ReportedRun) =>
    only({
      records: [aRecord()],
      decisions: [aRecordedDecision(over)],
      runs: new Map(kind === undefined ? [] : [[`${ORG} 4711`, kind]]),
    }).requester;

  expect(of({})).toEqual({ kind: 'known', name: 'Ann Archer', isRecorded: true });
  expect(of({ requester: {} }, { kind: 'found', requester: 'Now', repository: '' })).toEqual({ kind: 'erased' });
  expect(of({ requester: undefined }, { kind: 'found', requester: 'Now', repository: '' })).toEqual({
    kind: 'known',
    name: 'Now',
    isRecorded: false,
  });
  expect(of({ requester: undefined }, { kind: 'found', repository: '' })).toEqual({ kind: 'nobody' });
  expect(of({ requester: undefined }, { kind: 'gone' })).toEqual({ kind: 'gone' });
  expect(of({ requester: undefined })).toEqual({ kind: 'unread' });
});

const OCTOBER = Date.parse('2026-10-01T00:00:00.000Z');
const anInstant = fc
  .integer({ min: -2, max: 36 * 24 })
  .map((hours) => new Date(OCTOBER + hours * 3_600_000).toISOString());
const anyRecord = fc.record({
  runId: fc.integer({ min: 1, max: 6 }),
  environment: fc.constantFrom('prod', 'staging', 'test'),
  stage: fc.constantFrom('Deploy', 'deploy', ''),
  attempt: fc.integer({ min: 1, max: 3 }),
  startedAt: fc.option(anInstant, { nil: undefined }),
  queuedAt: fc.option(anInstant, { nil: undefined }),
  result: fc.constantFrom('succeeded', 'failed', 'skipped', undefined),
});
const anyDecision = fc.record({
  run: fc.integer({ min: 1, max: 6 }).map((id) => ({ id })),
  environment: fc.constantFrom('prod', 'staging'),
  attempt: fc.integer({ min: 1, max: 3 }),
  door: fc.constantFrom({ kind: 'check' } as const, { kind: 'approval' } as const),
  receivedAt: anInstant,
  state: fc.constantFrom(...GATE_STATES),
  approvals: fc.constantFrom(
    [],
    [anApproval()],
    [{ oid: 'x' }],
    [anApproval({ separation: { requester: 'same', author: 'other' } })],
  ),
});
const anyInput = fc
  .record({ records: fc.array(anyRecord, { maxLength: 12 }), decisions: fc.array(anyDecision, { maxLength: 8 }) })
  .map(({ records, decisions }) => ({
    records: records.map((over, id) => aRecord({ ...over, id, finishedAt: over.startedAt })),
    decisions: decisions.map((over, n) => aRecordedDecision({ ...over, id: `d${n}`, verdict: undefined })),
  }));

test('every record of the time is in exactly one row, and adjacent times share none and lose none', () => {
  fc.assert(
    fc.property(anyInput, anInstant, (input, middle) => {
      const [from, before] = ['2026-09-30T22:00:00.000Z', '2026-11-30T00:00:00.000Z'];
      const ids = (span: object) => report({ ...input, ...span }).rows.map(({ record }) => record.id);
      const own = input.records
        .filter((one) => reportedAt(one) !== undefined && (reportedAt(one) ?? '') >= from)
        .map(({ id }) => id);

      expect([...ids({ from, before })].sort()).toEqual(own.sort());
      expect([...ids({ from, before: middle }), ...ids({ from: middle, before })]).toEqual(ids({ from, before }));
    }),
  );
});

test('every decision of the time is in a row of some time, or apart', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const all = report({ ...input, from: '2026-01-01T00:00:00.000Z', before: '2027-01-01T00:00:00.000Z' });
      const timeless = input.records.some((one) => reportedAt(one) === undefined);
      const shown = all.rows.flatMap(({ decision, others }) => [decision?.id ?? '', ...others]);
      const apart = all.unrecorded.flatMap((one) => ('decision' in one ? [one.decision.id] : []));
      const missing = input.decisions.map(({ id }) => id).filter((id) => !shown.includes(id) && !apart.includes(id));

      expect(apart.filter((id) => shown.includes(id))).toEqual([]);
      expect(timeless ? [] : missing).toEqual([]);
    }),
  );
});

test('each total is the sum of its rows, each kind of counts makes up all, and the environments do too', () => {
  const sum = (counts: readonly number[] | Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((a, b) => a + b, 0);
  fc.assert(
    fc.property(anyInput, (input) => {
      const { rows, totals } = report(input);
      const { all, environments } = totals;
      for (const counts of [all, ...environments] satisfies RowCounts[]) {
        expect(sum(counts.outcomes)).toBe(counts.all);
        expect(sum(counts.separations)).toBe(counts.all);
      }
      expect(all.all).toBe(rows.length);
      expect(all.undecided).toBe(rows.filter(isUndecided).length);
      for (const outcome of DEPLOYMENT_OUTCOMES) {
        const count = all.outcomes[outcome];
        expect(count).toBe(rows.filter((row) => row.outcome === outcome).length);
        expect(count).toBe(sum(environments.map((one) => one.outcomes[outcome])));
      }
      for (const { environment, ...counts } of environments)
        expect(counts.all).toBe(rows.filter(({ record }) => record.environment === environment).length);
      expect(sum(environments.map((one) => one.all))).toBe(all.all);
    }),
  );
});

test('the order in which records and decisions are read changes nothing', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const turned = { records: input.records.toReversed(), decisions: input.decisions.toReversed() };
      const one = report(input);
      const other = report(turned);

      expect(other.rows.map(({ record, outcome }) => [record.id, outcome])).toEqual(
        one.rows.map(({ record, outcome }) => [record.id, outcome]),
      );
      expect(other.totals).toEqual(one.totals);
      expect(other.unrecorded.map(unrecordedAt)).toEqual(one.unrecorded.map(unrecordedAt));
    }),
  );
});

test.each([
  ['nobody', []],
  ['distinct', [anApproval()]],
  ['same', [anApproval(), anApproval({ separation: { requester: 'same', author: 'unmatched' } })]],
  ['unknown', [anApproval(), anApproval({ separation: { requester: 'other', author: 'unread' } })]],
  ['unknown', [anApproval(), { oid: 'o' }]],
] as const)('separation of duties is %s by the worst that is known of any approver', (standing, approvals) => {
  const { totals } = report({ records: [aRecord()], decisions: [aRecordedDecision({ approvals })] });

  expect(totals.all.separations).toEqual({ distinct: 0, same: 0, unknown: 0, nobody: 0, [standing]: 1 });
});

test('records of two environments with one name are two rows', () => {
  const records = [aRecord(), aRecord({ projectId: '22222222-2222-4222-8222-222222222222', project: 'Other' })];

  expect(report({ records }).rows).toHaveLength(2);
  expect(records.every(({ organization }) => organization === ORGANIZATION)).toBe(true);
});
