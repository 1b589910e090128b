import { expect, test } from 'vitest';
import { gateAnswer } from '../../cards/gate-card.ts';
import type { OutsideIdentity } from '../../services/domain/person.ts';
import type { ShippedCommit } from '../../services/domain/run.ts';
import { COMMIT } from '../builders.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { aLife, type Life } from '../fakes/deployments.ts';

// Who may not approve because of what they did: wrote anything since the last deployment, ran it again.

const ALEX = { uniqueName: 'alex.wilber@contoso.example', name: 'Alex Wilber' };

/** Azure DevOps with the authors of each run, and those of everything between two runs. */
function writtenBy(life: Life, authors: ReadonlyMap<number, readonly OutsideIdentity[]>) {
  const asked: (readonly number[])[] = [];
  const { azureDevOps } = life.world.ports;
  const shippedBy = (runId: number, pipeline = 'payments-api'): ShippedCommit => ({
    commit: COMMIT,
    repository: 'payments-api',
    pipeline,
    runId,
  });
  Object.assign(azureDevOps, {
    sources: async (run: { readonly id: number }, _token: unknown, since: readonly ShippedCommit[] = []) => {
      asked.push(since.map(({ runId }) => runId));
      const from = Math.min(run.id, ...since.map(({ runId }) => runId + 1));
      const between = [...authors].filter(([id]) => id >= from && id <= run.id).flatMap(([, people]) => people);
      return { branches: [], ...life.world.azureDevOps.sources, commits: [shippedBy(run.id)], authors: between };
    },
  });
  return { asked, shippedBy };
}

async function released(life: Life, run: number): Promise<string> {
  const id = await life.deploy({ run });
  await life.decide(id, PEOPLE.megan);
  await life.world.settle();
  expect((await life.gate(id)).toldAt).toBeDefined();
  return id;
}

test('whoever wrote anything since the last deployment may not approve, also when the last build has none of it', async () => {
  const life = await aLife();
  const { asked } = writtenBy(life, new Map([[150, [ALEX]]]));
  await released(life, 100);
  const id = await life.deploy({ run: 200 });
  expect((await life.gate(id)).ask?.levels).toMatchObject([
    { eligible: [{ oid: PEOPLE.megan }], excluded: [{ oid: PEOPLE.alex, why: 'commit-author' }] },
  ]);
  expect(await life.decide(id, PEOPLE.alex)).toMatchObject({ kind: 'refused', refusal: 'commit-author' });
  // What it ships, and once more with the range; the seal and every later look read nothing.
  await life.decide(id, PEOPLE.megan);
  await life.world.settle();
  expect(asked).toEqual([[], [], [100]]);
});

test('without an earlier deployment only the run’s own changes count', async () => {
  const life = await aLife();
  const { asked } = writtenBy(life, new Map([[150, [ALEX]]]));
  const id = await life.deploy({ run: 200 });
  expect(await life.decide(id, PEOPLE.alex)).toMatchObject({ kind: 'decided' });
  expect(asked).toEqual([[]]);
});

test('what was rejected is no deployment: its authors are in the range of the next', async () => {
  const life = await aLife();
  writtenBy(life, new Map([[150, [ALEX]]]));
  await released(life, 100);
  await life.decide(await life.deploy({ run: 160 }), PEOPLE.megan, 'reject');
  await life.world.settle();
  const id = await life.deploy({ run: 200 });
  expect(await life.decide(id, PEOPLE.alex)).toMatchObject({ refusal: 'commit-author' });
});

test('a last deployment of another origin says nothing of the range: that is shown, and blocks nobody', async () => {
  const life = await aLife();
  const { shippedBy } = writtenBy(life, new Map([[150, [ALEX]]]));
  const first = await released(life, 100);
  const { org } = await life.gate(first);
  const place = [org, 's', 'payments-api', 'prod'].join('~');
  const row = await life.world.table.get('scope', place, 'r');
  const release = { ...JSON.parse(String(row?.values['release'])), commits: [shippedBy(100, 'another-pipeline')] };
  const values = { release: JSON.stringify(release) };
  await life.world.table.commit('scope', place, [{ kind: 'put', row: 'r', values }]);
  const gate = await life.gate(await life.deploy({ run: 200 }));
  expect(gate.state).toBe('asked');
  expect(gate.ask?.unmatched).toEqual(['whoever wrote what came in since run-100']);
  expect(gateAnswer(gate).text).toContain('whoever wrote what came in since run-100');
});

test('a range that Azure DevOps does not tell is no permission: the stage waits until it is known', async () => {
  const life = await aLife();
  writtenBy(life, new Map());
  await released(life, 100);
  const { azureDevOps } = life.world.ports;
  const { sources } = azureDevOps;
  const unreadable: typeof sources = async (run, token, since = []) => {
    const known = await sources(run, token, since);
    const hidden = ['changes from run 100 to run 200: 403'];
    return since.length === 0 ? known : { ...known, unreadable: hidden, unreadablePeople: hidden };
  };
  Object.assign(azureDevOps, { sources: unreadable });
  const id = await life.deploy({ run: 200 });
  expect(await life.gate(id)).toMatchObject({
    state: 'blocked',
    judgement: { obstacles: [{ kind: 'requester-unknown' }] },
  });
  Object.assign(azureDevOps, { sources });
  life.world.advance(6);
  await life.world.core.reconcile();
  await life.world.settle();
  expect(await life.gate(id)).toMatchObject({ state: 'asked' });
});

test('the range is looked at once there is a contract again, though the run was read without one', async () => {
  const life = await aLife();
  writtenBy(life, new Map([[150, [ALEX]]]));
  await released(life, 100);
  const { policy } = life.world.ports;
  const { current } = policy;
  const withoutContract: typeof current = async () => {
    const { contract: _, ...rest } = await current();
    return rest;
  };
  Object.assign(policy, { current: withoutContract });
  const id = await life.deploy({ run: 200, service: 'payments-api' });
  expect(await life.gate(id)).toMatchObject({ state: 'blocked' });
  Object.assign(policy, { current });
  life.world.advance(6);
  await life.world.core.reconcile();
  await life.world.settle();
  expect(await life.decide(id, PEOPLE.alex)).toMatchObject({ refusal: 'commit-author' });
});

test.each([
  ['whoever ran the stage again', 2, { ...ALEX }, 're-runner'],
  ['whoever only changed its first attempt', 1, { ...ALEX }, undefined],
  ['a service that ran it again', 2, { uniqueName: 'Build\\robot', id: PEOPLE.alex }, undefined],
])('%s is looked at with attempt %i', async (_who, attempt, changedBy, refusal) => {
  const life = await aLife();
  life.world.azureDevOps.run = { ...life.world.azureDevOps.run, changedBy };
  const id = await life.deploy({ attempt });
  const answered = await life.decide(id, PEOPLE.alex);
  if (refusal === undefined) expect(answered).toMatchObject({ kind: 'decided' });
  else expect(answered).toMatchObject({ kind: 'refused', refusal });
});
