import { expect, test } from 'vitest';
import { createExportedDecisions } from '../../services/exported-decisions.ts';
import type { DecisionEvidence } from '../../services/ports/decision-evidence.ts';
import { SourceUnavailableError } from '../../services/ports/signal-source.ts';
import { ORG, TENANT } from '../builders.ts';
import { chainOf, evidenceFile, received } from '../evidence-file.ts';
import { throttled } from '../fakes/azure-devops-faults.ts';
import { dumpedChains } from '../fakes/dumped-evidence.ts';
import { actor, CAST, nextOp } from '../fakes/exception-scene.ts';
import { PERIOD, setReportScene } from '../fakes/report-scene.ts';

// Every deployment that Azure DevOps has on record, with the decision that evidence has of it, over the whole product.

type Scene = Awaited<ReturnType<typeof setReportScene>>;

const exported = (scene: Scene, head: object = {}) =>
  createExportedDecisions({
    tenant: TENANT,
    files: [
      evidenceFile(
        dumpedChains(scene.table).map(({ entries }) => entries),
        head,
      ),
    ],
  });

/** One approved, one by nobody, one rejected, one that went past its gate. */
async function aDay() {
  const scene = await setReportScene();
  const approved = await scene.asked();
  await scene.decide(approved.requestId, 'approve');
  approved.begin();
  scene.deploy();
  const rejected = await scene.asked();
  await scene.decide(rejected.requestId, 'reject');
  const passedBy = await scene.asked();
  passedBy.begin();
  scene.world.azureDevOps.completed = 'succeeded';
  for (let n = 0; n < 3; n += 1) await scene.pass(6);
  return { scene, approved, rejected, passedBy };
}

test('each deployment has one row with its decision, or none, and a decision without a deployment stands apart', async () => {
  const { scene, approved, rejected, passedBy } = await aDay();
  const { rows, unrecorded, totals, unread } = await scene.report();

  expect(rows).toMatchObject([
    {
      outcome: 'approved',
      decision: {
        id: approved.requestId,
        approvals: [{ name: { text: 'Alex Wilber' }, separation: { requester: 'other', author: 'other' } }],
      },
      requester: { kind: 'known', name: 'Adele Vance', isRecorded: true },
    },
    {
      outcome: 'none',
      requester: { kind: 'known', name: 'Ann Arbor', isRecorded: false },
      offPath: { services: ['payments-api'] },
    },
    { outcome: 'bypassed', decision: { id: passedBy.requestId, state: 'bypassed' } },
  ]);
  expect(unrecorded).toMatchObject([
    { decision: { id: rejected.requestId, rejected: { name: { text: 'Alex Wilber' } } } },
  ]);
  expect(totals.all).toMatchObject({ all: 3, undecided: 2 });
  expect(unread).toEqual([]);
});

test('what people said of a bypass is in its row', async () => {
  const { scene, passedBy } = await aDay();
  const word = (by: string, explanation?: { reason: string; ticket: string }) =>
    scene.world.core.bypasses.record({
      ...{ requestId: passedBy.requestId, by: actor(by), op: nextOp() },
      ...(explanation === undefined ? {} : { explanation }),
    });
  await word(CAST.diego, { reason: 'The shop was down and nobody of the leads could be reached.', ticket: 'INC-1' });
  const explained = (await scene.report()).rows.at(-1);

  expect(explained?.decision).toMatchObject({ explained: { name: { text: expect.stringContaining('Diego') } } });
});

test('over exported evidence alone the report is the same, which is how an archived month is read', async () => {
  const { scene } = await aDay();

  expect(await scene.report({ evidence: exported(scene) })).toEqual(await scene.report());
});

test('a name that was erased is said to be, and the decision stands', async () => {
  const { scene } = await aDay();
  const erased = dumpedChains(scene.table).map(({ entries }) => entries.map((entry) => ({ ...entry, texts: {} })));
  const { rows } = await scene.report({
    evidence: createExportedDecisions({ tenant: TENANT, files: [evidenceFile(erased)] }),
  });

  expect(rows[0]).toMatchObject({
    outcome: 'approved',
    requester: { kind: 'erased' },
    decision: { approvals: [{ oid: CAST.alex, name: {} }] },
  });
});

test('evidence that does not verify decides nothing, and is named', async () => {
  const { scene, approved } = await aDay();
  const forged = dumpedChains(scene.table).map(({ entries }) =>
    entries.map((entry) => ({ ...entry, entry: entry.entry.replace('"verdict":"approve"', '"verdict":"reject"') })),
  );
  const { rows, unread } = await scene.report({
    evidence: createExportedDecisions({ tenant: TENANT, files: [evidenceFile(forged)] }),
  });

  expect(rows[0]).toMatchObject({ outcome: 'none', record: { runId: approved.run.id } });
  expect(unread.filter((line) => line.includes(approved.requestId))).toEqual([
    expect.stringMatching(/does not verify at entry \d+: nothing of it is counted/),
  ]);
});

test('a decision that no index has is found by its run', async () => {
  const { scene, approved } = await aDay();
  const nothing: DecisionEvidence = { ...scene.stored, chains: async function* () {} };

  expect((await scene.report({ evidence: nothing })).rows[0]).toMatchObject({
    outcome: 'approved',
    decision: { id: approved.requestId },
  });
});

test('what is deployed later than the time belongs to its decision all the same', async () => {
  const scene = await setReportScene();
  const approved = await scene.asked();
  await scene.decide(approved.requestId, 'approve');
  scene.world.advance(20 * 60);
  approved.begin();
  const day = await scene.report();
  const next = await scene.report({ from: PERIOD.before, before: '2026-11-26T00:00:00.000Z' });

  expect([day.rows, day.unrecorded]).toEqual([[], []]);
  expect(next.rows).toMatchObject([{ outcome: 'approved', decision: { id: approved.requestId } }]);
});

test('records come in pages, newest first, and those of the time are all there', async () => {
  const scene = await setReportScene();
  scene.devOps.pageBy(2);
  for (let n = 0; n < 9; n += 1) {
    scene.deploy();
    scene.world.advance(240);
  }

  expect((await scene.report()).rows).toHaveLength(4);
  expect((await scene.report({ before: '2026-11-27T00:00:00.000Z' })).rows).toHaveLength(9);
});

test('one environment is reported alone, in whatever case it is written', async () => {
  const scene = await setReportScene();
  scene.deploy();
  scene.deploy({}, 'staging');
  const names = async (environment?: string) =>
    (await scene.report(environment === undefined ? {} : { environment })).rows.map(({ record }) => record.environment);

  expect([await names(), await names('STAGING')]).toEqual([['prod', 'staging'], ['staging']]);
  expect((await scene.report({ environment: 'nowhere' })).unread).toEqual([
    'neither the contract nor evidence has an environment "nowhere"',
  ]);
});

test('an organization that asks for patience is asked again after that long', async () => {
  const scene = await setReportScene();
  scene.deploy();
  scene.devOps.faults.add({ ...throttled(/environmentdeploymentrecords/, 1), times: 1 });

  expect((await scene.report()).rows).toHaveLength(1);
  expect(scene.waits).toEqual([1]);
});

test('what does not answer is asked four times at most, and never waited for longer than half an hour', async () => {
  const scene = await setReportScene();
  scene.deploy();
  const silent = (retryAfter: number) => () => Promise.reject(new SourceUnavailableError('busy', { retryAfter }));
  const waitsFor = async (retryAfter: number) => {
    scene.waits.length = 0;
    await scene.report({ reads: { ...scene.deployments, page: silent(retryAfter) }, environment: 'prod' });
    return [...scene.waits];
  };

  expect([await waitsFor(10), await waitsFor(700), await waitsFor(1_801)]).toEqual([[10, 10, 10], [700, 700], []]);
});

test('an environment that the contract does not know any more counts as protected', async () => {
  const scene = await setReportScene();
  scene.deploy({}, 'old');
  const files = [evidenceFile([chainOf([received(ORG, 1, 'old')])])];
  const evidence = createExportedDecisions({ tenant: TENANT, files });
  const { rows } = await scene.report({ evidence });

  expect(rows).toMatchObject([{ outcome: 'none', isProtected: true, record: { environment: 'old' } }]);
});

test('an environment that cannot be read is named, and a report of nothing at all is none', async () => {
  const scene = await setReportScene();
  scene.deploy();
  const down = () => Promise.reject(new SourceUnavailableError('it does not answer'));
  const { rows, unread } = await scene.report({ reads: { ...scene.deployments, page: down } });

  expect(rows).toEqual([]);
  expect(unread).toContain('the deployments to prod of Shop could not be read: it does not answer');
  await expect(scene.report({ reads: { ...scene.deployments, environments: down } })).rejects.toThrow(
    'it does not answer',
  );
});

test('a project that could not be looked at is named, and the others are reported', async () => {
  const scene = await setReportScene();
  scene.deploy();
  const { deployments } = scene;
  const reads: typeof deployments = {
    ...deployments,
    environments: async (...asked) => ({ ...(await deployments.environments(...asked)), unread: ['Shop is closed'] }),
  };
  const { rows, unread } = await scene.report({ reads });

  expect([rows.length, unread]).toEqual([1, ['Shop is closed']]);
});

test('a run that Azure DevOps has no more, and one that it does not show, have a requester that is not known', async () => {
  const scene = await setReportScene();
  scene.deploy();
  const requester = async (run: () => Promise<undefined>) =>
    (await scene.report({ reads: { ...scene.deployments, run } })).rows[0]?.requester;

  expect(await requester(async () => undefined)).toEqual({ kind: 'gone' });
  expect(await requester(() => Promise.reject(new SourceUnavailableError('busy')))).toEqual({ kind: 'unread' });
});

test('a record that says no time is in no time, and is named', async () => {
  const scene = await setReportScene();
  scene.deploy();
  const { deployments } = scene;
  const reads: typeof deployments = {
    ...deployments,
    page: async (environment, next) => {
      const page = await deployments.page(environment, next);
      const records = page.records.map(({ startedAt: _, finishedAt: __, ...timeless }) => timeless);
      return { ...page, records, unreadable: 3 };
    },
  };

  expect((await scene.report({ reads })).unread).toEqual([
    '3 deployments to prod of Shop could not be read',
    expect.stringMatching(/^deployments \d+, \d+ to prod of Shop say no time: they are in no period$/),
  ]);
});

test('without a contract every environment counts as protected', async () => {
  const scene = await setReportScene();
  await scene.asked('staging');
  scene.deploy({}, 'staging');
  const { contract: _, ...rest } = await scene.world.ports.policy.current();
  const { rows, unread } = await scene.report({ policy: { current: async () => rest } });

  expect(rows).toMatchObject([{ isProtected: true, record: { environment: 'staging' } }]);
  expect(unread).toEqual(['no contract is in force: every environment counts as protected']);
});

test('a time that the files do not cover is named, and so is one that has a scope alone', async () => {
  const { scene } = await aDay();
  const gaps = async (head: object) => (await scene.report({ evidence: exported(scene, head) })).unread;

  expect(await gaps({ from: '2026-11-24T06:00:00.000Z', to: '2026-11-24T20:00:00.000Z' })).toEqual([
    'no file has the evidence from 2026-11-24T00:00:00.000Z to 2026-11-24T06:00:00.000Z',
    'no file has the evidence from 2026-11-24T20:00:00.000Z to 2026-11-25T00:00:00.000Z',
  ]);
  expect(await gaps({ scope: 'payments-api' })).toEqual(['evidence.jsonl has evidence of payments-api alone']);
});
