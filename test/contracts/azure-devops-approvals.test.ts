import { expect, test } from 'vitest';
import { AzureDevOpsRefusedError, AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import { guidOf } from '../fakes/azure-devops-model.ts';
import { AS_BOT, setNative } from './azure-devops-native-scene.ts';

const YES = { verdict: 'approve', comment: 'Looks good' } as const;
const NO = { verdict: 'reject', comment: 'Finding 12 is open' } as const;

test('an approval is read with its steps, its run, its stage and its environment', async () => {
  const { azureDevOps, ref, run, approval } = await setNative({ requesterCannotBeApprover: true, minRequired: 1 });

  expect(await azureDevOps.approval(ref, AS_BOT)).toEqual({
    ...ref,
    status: 'pending',
    runId: run.id,
    steps: [
      { assigned: expect.objectContaining({ id: guidOf('person Mia Manager') }), status: 'pending' },
      { assigned: expect.objectContaining({ uniqueName: 'oscar.owner@contoso.example' }), status: 'pending' },
    ],
    minRequired: 1,
    blocked: [expect.objectContaining({ name: 'Rita Requester' })],
    createdOn: approval.createdOn,
    run: expect.objectContaining({ id: run.id, commit: run.commit, projectId: ref.projectId }),
    stage: { name: 'deploy_prod', attempt: 1 },
    environment: 'prod',
    mayUpdate: false,
  });
});

test('whether somebody may decide is said of whoever asks', async () => {
  const { as, read } = await setNative({
    requesterCannotBeApprover: true,
    approvers: ['Mia Manager', 'Rita Requester'],
  });

  expect((await read(as('Mia Manager'))).mayUpdate).toBe(true);
  expect((await read(as('Rita Requester'))).mayUpdate).toBe(false);
  expect((await read(as('Nora Nobody'))).mayUpdate).toBe(false);
  expect((await read()).mayUpdate).toBe(false);
});

test('a person is asked for as Bearer and the own account is not used in their place', async () => {
  const { azureDevOps, simulator, ref, as } = await setNative();

  await azureDevOps.approval(ref, as('Mia Manager'));
  await azureDevOps.decideApproval(ref, YES, as('Mia Manager'));

  expect(simulator.requests.every(({ auth, caller }) => auth === 'bearer' && caller === 'person')).toBe(true);
});

test('the owner of the token is recorded, and all steps have to approve', async () => {
  const { azureDevOps, simulator, ref, as, read, run, check } = await setNative();

  await azureDevOps.decideApproval(ref, YES, as('Mia Manager'));
  expect(await read()).toMatchObject({
    status: 'pending',
    steps: [
      { status: 'approved', actual: { id: guidOf('person Mia Manager') }, comment: 'Looks good' },
      { status: 'pending' },
    ],
  });

  await azureDevOps.decideApproval(ref, YES, as('Oscar Owner'));
  expect((await read()).status).toBe('approved');
  expect(simulator.stageOf(run, 'deploy_prod')?.state).toBe('pending');

  simulator.completeCheckByItself(check, 'succeeded');
  expect(simulator.stageOf(run, 'deploy_prod')?.state).toBe('inProgress');
});

test('one of two is enough where one is required', async () => {
  const { azureDevOps, ref, as, read } = await setNative({ minRequired: 1 });

  await azureDevOps.decideApproval(ref, YES, as('Oscar Owner'));

  expect(await read()).toMatchObject({ status: 'approved', steps: [{ status: 'skipped' }, { status: 'approved' }] });
});

test('one rejection ends the approval and the stage', async () => {
  const { azureDevOps, simulator, ref, as, read, run } = await setNative();

  await azureDevOps.decideApproval(ref, NO, as('Oscar Owner'));

  expect(await read()).toMatchObject({ status: 'rejected', steps: [{ status: 'skipped' }, { status: 'rejected' }] });
  expect(simulator.stageOf(run, 'deploy_prod')).toMatchObject({ state: 'completed', result: 'skipped' });
  await expect(azureDevOps.decideApproval(ref, YES, as('Mia Manager'))).rejects.toThrow(/already completed/);
});

test('a group is one step that any member decides, and the member is named', async () => {
  const { azureDevOps, ref, as, read } = await setNative({
    approvers: [{ group: 'Release managers', members: ['Gus Group', 'Gina Group'] }],
  });

  await azureDevOps.decideApproval(ref, YES, as('Gina Group'));

  expect(await read()).toMatchObject({
    status: 'approved',
    steps: [{ assigned: { name: '[Shop]\\Release managers' }, actual: { name: 'Gina Group' } }],
  });
});

test.each([
  ['somebody who is not asked', 'Nora Nobody'],
  ['whoever asked for the run', 'Rita Requester'],
])('%s is refused, and nothing is decided', async (_, name) => {
  const { azureDevOps, ref, as, read } = await setNative({
    requesterCannotBeApprover: true,
    approvers: ['Rita Requester', 'Mia Manager'],
  });

  await expect(azureDevOps.decideApproval(ref, YES, as(name))).rejects.toMatchObject({
    name: 'AzureDevOpsRefusedError',
    status: 403,
  });
  expect((await read()).steps.map(({ status }) => status)).toEqual(['pending', 'pending']);
});

test('the same person cannot fill two steps', async () => {
  const { azureDevOps, ref, as } = await setNative({
    approvers: ['Mia Manager', { group: 'Managers', members: ['Mia Manager'] }],
  });
  await azureDevOps.decideApproval(ref, YES, as('Mia Manager'));

  await expect(azureDevOps.decideApproval(ref, YES, as('Mia Manager'))).rejects.toThrow(AzureDevOpsRefusedError);
});

test('in sequence the second has to wait for the first', async () => {
  const { azureDevOps, ref, as, read } = await setNative({ inSequence: true });

  await expect(azureDevOps.decideApproval(ref, YES, as('Oscar Owner'))).rejects.toThrow(AzureDevOpsRefusedError);
  expect((await read()).steps.map(({ status }) => status)).toEqual(['pending', 'uninitiated']);

  await azureDevOps.decideApproval(ref, YES, as('Mia Manager'));
  await azureDevOps.decideApproval(ref, YES, as('Oscar Owner'));
  expect((await read()).status).toBe('approved');
});

test('the bot decides as itself where it is asked itself', async () => {
  const { azureDevOps, ref, read } = await setNative({ approvers: ['Countersign Bot'] });

  await azureDevOps.decideApproval(ref, YES, AS_BOT);

  expect(await read()).toMatchObject({ status: 'approved', steps: [{ actual: { name: 'Countersign Bot' } }] });
});

test('an approval that an administrator bypassed is gone, and the stage goes on', async () => {
  const { azureDevOps, simulator, ref, approval, check, run } = await setNative();
  simulator.completeCheckByItself(check, 'succeeded');

  simulator.bypassApproval(approval);

  expect(await azureDevOps.approval(ref, AS_BOT)).toBeUndefined();
  expect(await azureDevOps.stage({ ...ref, runId: run.id, name: 'deploy_prod' })).toMatchObject({
    state: 'inProgress',
    startedAt: expect.any(String),
  });
});

test.each(['timedOut', 'canceled', 'skipped'] as const)(
  'an approval that ends as %s is read as such',
  async (status) => {
    const { simulator, approval, read } = await setNative();

    simulator.endApproval(approval, status);

    expect((await read()).status).toBe(status);
  },
);

test.each(['Approved!', 'completed', 2, null])('status %j is not known, and above all not approved', async (status) => {
  const { simulator, ref, read, run } = await setNative();
  const pipeline = { owner: { id: run.id } };
  const body = { id: ref.id, status, createdOn: '2026-11-23T08:00:00.1234567Z', pipeline, steps: [{ status }] };
  simulator.faults.add({ on: /approvals\//, status: 200, body });

  expect(await read()).toMatchObject({
    status: 'unknown',
    steps: [{ status: 'unknown', assigned: {} }],
    minRequired: 0,
    blocked: [],
    createdOn: '2026-11-23T08:00:00.123Z',
    mayUpdate: false,
  });
});

test('without a checkpoint in the timeline the stage and the environment are not known', async () => {
  const { simulator, read } = await setNative();
  simulator.faults.add({ on: /timeline/, status: 404 });

  const read404 = await read();

  expect(read404).not.toHaveProperty('stage');
  expect(read404).not.toHaveProperty('environment');
});

test('an environment that the check names by its id alone is looked up', async () => {
  const { simulator, approval, ref, read } = await setNative();
  const checkRuns = [{ id: ref.id, checkConfigurationRef: { resource: { type: 'environment', id: '1' } } }];
  simulator.faults.add({ on: /checks\/runs/, status: 200, body: { id: approval.stage.checkpointId, checkRuns } });

  expect((await read()).environment).toBe('prod');

  simulator.faults.add({ on: /environments/, status: 200, body: { id: 2, name: 'test' } });
  expect(await read()).not.toHaveProperty('environment');
});

test('an approval of a service connection is that of the only environment of its stage', async () => {
  const { simulator, azureDevOps, run, refOf } = await setNative();
  const resource = { type: 'endpoint', id: guidOf('connection'), name: 'azure' };
  const input = { stage: 'deploy_prod', environment: 'prod', approvers: ['Mia Manager'], resource };

  const other = simulator.requestApproval(run, input);

  expect(await azureDevOps.approval(refOf(other), AS_BOT)).toMatchObject({ environment: 'prod' });
});

test('of two environments the one of the own check counts, and else none', async () => {
  const { simulator, azureDevOps, run, refOf } = await setNative();
  const input = { stage: 'deploy_prod', approvers: ['Mia Manager'] };
  const resource = { type: 'endpoint', id: guidOf('connection'), name: 'azure' };
  const other = simulator.requestApproval(run, { ...input, environment: 'prod-eu' });
  const third = simulator.requestApproval(run, { ...input, environment: '', resource });

  expect(await azureDevOps.approval(refOf(other), AS_BOT)).toMatchObject({ environment: 'prod-eu' });
  expect(await azureDevOps.approval(refOf(third), AS_BOT)).not.toHaveProperty('environment');
});

test.each([
  ['a suite that may not be read', { status: 403 }],
  [
    'another suite',
    { status: 200, body: { id: guidOf('another'), resources: [{ type: 'environment', id: '1', name: 'x' }] } },
  ],
])('after %s the environment is not known', async (_, fault) => {
  const { simulator, read } = await setNative();
  simulator.faults.add({ on: /checks\/runs/, ...fault });

  expect(await read()).not.toHaveProperty('environment');
});

test('what a person may not read of the run is read with the own account', async () => {
  const { simulator, as, read, run } = await setNative();
  simulator.faults.add({ on: /build\/builds/, times: 1, status: 403 });

  expect((await read(as('Mia Manager'))).run.id).toBe(run.id);
  expect(simulator.requests.map(({ caller }) => caller)).toContain('bot');
});

test('an approval whose lost decision was taken is seen when it is read again', async () => {
  const { azureDevOps, simulator, ref, as, read } = await setNative({ minRequired: 1 });
  simulator.faults.add({ on: /^PATCH/, times: 1, cut: 'after' });

  await expect(azureDevOps.decideApproval(ref, YES, as('Mia Manager'))).rejects.toThrow(AzureDevOpsUnavailableError);

  expect((await read()).status).toBe('approved');
});
