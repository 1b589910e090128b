import { expect, test } from 'vitest';
import type { NativeApprovalRef } from '../../services/domain/native-approval.ts';
import { AzureDevOpsRefusedError, AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import { type Fault, signInPage, throttled } from '../fakes/azure-devops-faults.ts';
import { guidOf } from '../fakes/azure-devops-model.ts';
import { AS_BOT, type NativeScene, setNative } from './azure-devops-native-scene.ts';

const YES = { verdict: 'approve', comment: '' } as const;
const ANY = /contoso/;

const ASKED: readonly (readonly [string, (scene: NativeScene) => Promise<unknown>])[] = [
  ['approval', ({ azureDevOps, ref }) => azureDevOps.approval(ref, AS_BOT)],
  ['approval of a person', ({ azureDevOps, ref, as }) => azureDevOps.approval(ref, as('Mia Manager'))],
  ['decideApproval', ({ azureDevOps, ref, as }) => azureDevOps.decideApproval(ref, YES, as('Mia Manager'))],
  ['pendingApprovals', ({ azureDevOps, ref }) => azureDevOps.pendingApprovals(ref.organization)],
  ['stage', ({ azureDevOps, ref, run }) => azureDevOps.stage({ ...ref, runId: run.id, name: 'deploy_prod' })],
  [
    'hookSubscriptions',
    ({ azureDevOps, ref }) => azureDevOps.hookSubscriptions(ref.organization, 'https://bot.example'),
  ],
];

const UNAVAILABLE: readonly (readonly [string, Fault])[] = [
  ['429', throttled(ANY, 7)],
  ['500', { on: ANY, status: 500 }],
  ['503', { on: ANY, status: 503 }],
  ['a connection that ends', { on: ANY, cut: 'before' }],
  ['an answer that is cut', { on: ANY, cut: 'body' }],
];
const REFUSED: readonly (readonly [string, Fault])[] = [
  ['400', { on: ANY, status: 400, body: { message: 'bad' } }],
  ['401', { on: ANY, status: 401 }],
  ['403', { on: ANY, status: 403 }],
  ['a sign-in page as 203', signInPage(ANY)],
  ['a sign-in page as 200', signInPage(ANY, 200)],
  ['a redirect', { on: ANY, status: 302, headers: { location: 'https://evil.example/' } }],
];

const asked = ([name]: readonly [string, unknown]) => name;

for (const [call, ask] of ASKED) {
  test.each(UNAVAILABLE)(`${call} after %s is unavailable: nothing is known`, async (_, fault) => {
    const scene = await setNative();
    scene.simulator.faults.add(fault);

    await expect(ask(scene)).rejects.toThrow(AzureDevOpsUnavailableError);
  });

  test.each(REFUSED)(`${call} after %s is refused`, async (_, fault) => {
    const scene = await setNative();
    scene.simulator.faults.add(fault);

    await expect(ask(scene)).rejects.toThrow(AzureDevOpsRefusedError);
  });

  test(`${call} hands on how long Azure DevOps asks to wait`, async () => {
    const scene = await setNative();
    scene.simulator.faults.add(throttled(ANY, 7));

    await expect(ask(scene)).rejects.toMatchObject({ retryAfter: 7 });
  });

  test(`${call} of an organization that is not configured sends nothing`, async () => {
    const scene = await setNative();
    const organization = scene.simulator.organizationUrl('elsewhere');

    await expect(ask({ ...scene, ref: { ...scene.ref, organization } })).rejects.toMatchObject({ status: 403 });
    expect(scene.simulator.requests).toEqual([]);
  });
}

test.each(
  ASKED.filter(([call]) => call !== 'decideApproval' && call !== 'approval of a person').map(
    (one) => [asked(one), one[1]] as const,
  ),
)('%s needs the own account and is refused without it', async (_, ask) => {
  const scene = await setNative({}, { withoutIdentity: true });

  await expect(ask(scene)).rejects.toMatchObject({ status: 401 });
  expect(scene.simulator.requests).toEqual([]);
});

test('without an own account a person is still asked for', async () => {
  const { azureDevOps, ref, as } = await setNative({ minRequired: 1 }, { withoutIdentity: true });

  await azureDevOps.decideApproval(ref, YES, as('Mia Manager'));

  expect(await azureDevOps.approval(ref, as('Mia Manager'))).toMatchObject({ status: 'approved' });
});

test('a token that is no longer good decides nothing', async () => {
  const { azureDevOps, simulator, ref, read } = await setNative();
  const token = simulator.signIn('Mia Manager');
  simulator.revoke(token);

  await expect(azureDevOps.decideApproval(ref, YES, { kind: 'person', token })).rejects.toMatchObject({ status: 203 });
  expect((await read()).steps.map(({ status }) => status)).toEqual(['pending', 'pending']);
});

test('an approval that a person may not see is none for them, though the bot sees it', async () => {
  const { azureDevOps, simulator, ref, read } = await setNative();
  const elsewhere = simulator.addProject('Elsewhere');
  const token = simulator.signIn('Mia Manager', [elsewhere]);

  expect(await azureDevOps.approval(ref, { kind: 'person', token })).toBeUndefined();
  expect(await read()).toMatchObject({ id: ref.id });
});

test('an approval of another project is none, and is not decided there', async () => {
  const { azureDevOps, simulator, ref, as } = await setNative();
  const elsewhere: NativeApprovalRef = { ...ref, projectId: simulator.addProject('Elsewhere').id };

  expect(await azureDevOps.approval(elsewhere, AS_BOT)).toBeUndefined();
  await expect(azureDevOps.decideApproval(elsewhere, YES, as('Mia Manager'))).rejects.toMatchObject({ status: 404 });
});

test('an approval that does not exist is none', async () => {
  const { azureDevOps, simulator, ref } = await setNative();

  expect(await azureDevOps.approval({ ...ref, id: guidOf('nothing') }, AS_BOT)).toBeUndefined();
  simulator.faults.add({ on: /approvals\//, status: 200, body: 'null' });
  expect(await azureDevOps.approval(ref, AS_BOT)).toBeUndefined();
});

test.each([
  ['a project', { projectId: '../Shop' }],
  ['an approval', { id: `${guidOf('x')}/../y` }],
  ['an approval', { id: '' }],
])('%s that is named by no GUID is refused before anything is sent', async (_, wrong) => {
  const { azureDevOps, simulator, ref, as } = await setNative();

  await expect(azureDevOps.approval({ ...ref, ...wrong }, AS_BOT)).rejects.toMatchObject({ status: 400 });
  await expect(azureDevOps.decideApproval({ ...ref, ...wrong }, YES, as('Mia Manager'))).rejects.toMatchObject({
    status: 400,
  });
  expect(simulator.requests).toEqual([]);
});

/** The answer of the simulator, altered. */
async function altered(scene: NativeScene, path: string, change: object): Promise<object> {
  const url = `${scene.ref.organization}/${scene.ref.projectId}/_apis/${path}`;
  const answer = await fetch(url, { headers: { authorization: `Basic ${btoa(`:${scene.simulator.pat}`)}` } });
  return { ...((await answer.json()) as object), ...change };
}

test.each([
  ['another approval', () => ({ id: guidOf('another') })],
  [
    'one of another project',
    ({ ref }: NativeScene) => ({
      _links: { self: { href: `${ref.organization}/${guidOf('p')}/_apis/pipelines/approvals/${ref.id}` } },
    }),
  ],
  ['one that names no run', () => ({ pipeline: null })],
  ['one that was never created', () => ({ createdOn: 'yesterday' })],
  ['nothing at all', () => ({ id: undefined })],
])('an answer with %s is refused', async (_, change) => {
  const scene = await setNative();
  const body = await altered(scene, `pipelines/approvals/${scene.ref.id}?$expand=steps`, change(scene));
  scene.simulator.faults.add({ on: /approvals\//, status: 200, body });

  await expect(scene.azureDevOps.approval(scene.ref, AS_BOT)).rejects.toThrow(AzureDevOpsRefusedError);
});

test.each([
  ['another run', () => ({ id: 999 })],
  ['a run of another project', () => ({ project: { id: guidOf('p'), name: 'P' } })],
])('an approval is refused when its run is answered with %s', async (_, change) => {
  const scene = await setNative();
  const body = await altered(scene, `build/builds/${scene.run.id}`, change());
  scene.simulator.faults.add({ on: /build\/builds\/\d+\?/, status: 200, body });

  await expect(scene.azureDevOps.approval(scene.ref, AS_BOT)).rejects.toThrow(/another than that of its project/);
});

test('neither a token nor a comment stands in an error', async () => {
  const { azureDevOps, simulator, ref } = await setNative();
  const token = simulator.signIn('Nora Nobody');
  const decision = { verdict: 'reject', comment: 'a comment canary' } as const;

  const error = await azureDevOps.decideApproval(ref, decision, { kind: 'person', token }).catch((one: Error) => one);

  expect(String((error as Error).message)).toMatch(/^PATCH .*approvals was answered 403/);
  expect(JSON.stringify([String(error), Object.entries(error as Error)])).not.toMatch(new RegExp(`${token}|canary`));
});
