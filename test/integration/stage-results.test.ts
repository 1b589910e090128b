import { expect, test } from 'vitest';
import { gateAnswer } from '../../cards/gate-card.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { anAskedApproval } from '../fakes/native-world.ts';
import { aWaitingGate, wish } from '../fakes/waiting-gate.ts';

// How a stage ended after Azure DevOps was told stands on the request's timeline.

async function aReleasedStage() {
  const scene = await anAskedApproval({ signedIn: ['alex'] });
  await scene.world.core.approvals.decide(wish(scene.id, PEOPLE.alex));
  await scene.world.settle();
  const stageReads = () => scene.simulator.requests.filter(({ path }) => /builds\/\d+\/timeline/.test(path)).length;
  return { ...scene, stageReads };
}

test('the event of the stage brings its result, start and finish to the request and its card', async () => {
  const scene = await aReleasedStage();
  expect(await scene.kindsOf(scene.approval)).not.toContain('stage-finished');
  scene.world.advance(7);
  scene.simulator.completeStage(scene.run, 'Deploy', 'succeeded');
  await scene.tellRun('stage');

  const { startedAt, finishedAt } = scene.simulator.stageOf(scene.run, 'Deploy') ?? {};
  const gate = await scene.gateOf(scene.approval);
  expect(gate?.stageResult).toEqual({ result: 'succeeded', startedAt, finishedAt });
  expect((await scene.entriesOf(scene.approval)).at(-1)).toMatchObject({
    kind: 'stage-finished',
    data: { result: 'succeeded', startedAt, finishedAt, attempt: 1 },
  });
  expect(scene.world.posted[0]?.notice.gate.stageResult?.result).toBe('succeeded');
  expect(gate && gateAnswer(gate).text).toContain('The stage ended as succeeded');
});

test('an event that comes twice, or late, is one entry', async () => {
  const scene = await aReleasedStage();
  scene.simulator.completeStage(scene.run, 'Deploy', 'failed');
  await Promise.all([scene.tellRun('stage'), scene.tellRun('stage')]);
  await scene.tellRun('run');
  expect((await scene.kindsOf(scene.approval)).filter((kind) => kind === 'stage-finished')).toHaveLength(1);
});

test('without any event the result is looked up again and again, ever more seldom', async () => {
  const scene = await aReleasedStage();
  for (let n = 0; n < 6; n += 1) {
    scene.world.advance(11);
    await scene.world.settle();
  }
  scene.simulator.completeStage(scene.run, 'Deploy', 'succeeded');
  scene.world.advance(11);
  await scene.world.settle();
  expect(await scene.gateOf(scene.approval)).toMatchObject({ stageResult: { result: 'succeeded' } });
});

test.each([
  ['never ends', undefined],
  ['the bot may not read', 403],
  ['Azure DevOps does not answer for', 503],
])('a stage that %s is given up quietly, without a dead letter', async (_what, status) => {
  const scene = await anAskedApproval({ signedIn: ['alex'] });
  await scene.world.core.approvals.decide(wish(scene.id, PEOPLE.alex));
  await scene.world.settle();
  if (status !== undefined) scene.simulator.faults.add({ on: /\/timeline/, status });
  for (let n = 0; n < 45; n += 1) {
    scene.world.advance(11);
    await scene.world.settle();
  }
  const stored = await scene.world.ports.gates.locate(scene.id);
  expect([stored?.outbox, stored?.deadLetters]).toEqual([[], []]);
  expect(scene.logged.filter(({ message }) => message === 'outbox item not done yet')).toEqual([]);
});

test('the stage of a check is looked up too, and a cancelled run ends a check that waits at once', async () => {
  const released = await aWaitingGate();
  Object.assign(released.world.ports.azureDevOps, {
    stage: async () => ({ state: 'completed', result: 'succeededWithIssues', attempt: 1 }),
  });
  await released.world.core.approvals.decide(wish(released.id, PEOPLE.alex));
  await released.world.settle();
  expect(await released.world.core.approvals.find(released.id)).toMatchObject({
    stageResult: { result: 'succeededWithIssues' },
  });

  const { world, id } = await aWaitingGate();
  world.azureDevOps.completed = 'canceled';
  const { run } = world.azureDevOps;
  await world.core.eventReceived({ kind: 'run', id: 'e', eventType: 'run', projectId: run.projectId, runId: run.id });
  await world.core.idle();
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'abandoned', completedElsewhere: 'canceled' });
});
