import { expect, test } from 'vitest';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import { orgOf } from '../../services/domain/gate.ts';
import { createPlatformPostures } from '../../services/platform-postures.ts';
import { type SignalSource, SourceUnavailableError } from '../../services/ports/signal-source.ts';
import { createPostures } from '../../services/postures.ts';
import { ORGANIZATION, TENANT } from '../builders.ts';
import { aConnection, withUnknown } from '../drift-platforms.ts';
import { personal } from '../fakes/core-world.ts';
import { checked, type DriftScene, OWNER, SCOPE, setDriftScene } from '../fakes/drift-scene.ts';

const PAYMENTS = '7d444840-9dc0-11d1-b245-5ffdce74fad2';

/** Azure Policy of payments-prod, as a switch. */
function aPolicySource() {
  const switches = { isDown: false, states: [] as object[], pulls: 0 };
  const source: SignalSource = {
    name: 'azure-policy',
    targets: async () => ({ targets: [{ id: PAYMENTS, name: 'payments-prod' }], unseen: new Map() }),
    page: async () => {
      switches.pulls += 1;
      if (switches.isDown) throw new SourceUnavailableError('Azure does not answer');
      return { body: new TextEncoder().encode(JSON.stringify({ value: switches.states })) };
    },
  };
  return { source, switches };
}

const aState = (name: string) => ({
  timestamp: '2026-11-24T09:00:00Z',
  resourceId: `/subscriptions/${PAYMENTS}/resourceGroups/rg-payments-prod/providers/Microsoft.KeyVault/vaults/${name}`,
  policyAssignmentId: `/subscriptions/${PAYMENTS}/providers/Microsoft.Authorization/policyAssignments/a1`,
  policyDefinitionId: '/providers/Microsoft.Authorization/policyDefinitions/d1',
  policyDefinitionName: 'd1',
  policyDefinitionAction: 'audit',
  isCompliant: false,
  complianceState: 'NonCompliant',
  subscriptionId: PAYMENTS,
});

async function setScene() {
  const { source, switches } = aPolicySource();
  const scene = await setDriftScene({ signalSources: [source] });
  const { ports } = scene.world;
  const shared = {
    ...ports,
    tenant: TENANT,
    organizations: [ORGANIZATION],
    notes: ports.sourceNotes,
    failed: () => {},
  };
  const { judged } = createPostures({ ...shared, notePosture: async () => ({ kind: 'imported' }) });
  // What is wrong with the platform was so before any deployment.
  await createPlatformPostures({ ...shared, judged })(
    { organization: ORGANIZATION, sections: scene.platforms.sections },
    await ports.policy.current(),
  );
  /** The set time has passed: it is looked at, and all is asked for a fresh word. */
  const isAsked = () => after(scene, 31);
  return { ...scene, scene, switches, isAsked };
}

async function after(scene: DriftScene, minutes: number): Promise<void> {
  scene.world.advance(minutes);
  await scene.world.settle();
}

const endOf = async (scene: DriftScene) => {
  const chain = await scene.evidence('bpe');
  return chain.map(({ entry }) => (JSON.parse(entry) as { data: { verdict: string; told: string[] } }).data);
};

test('a clean deployment is looked at once after the set time, silently, and that is recorded', async () => {
  const { scene, world, isAsked, reads, release, round } = await setScene();
  await release();
  await after(scene, 20);
  reads();
  await round();
  expect(await endOf(scene)).toEqual([]);
  await after(scene, 11);
  // What was read before it was asked for may be of before the deployment in part.
  expect(await endOf(scene)).toEqual([]);
  reads();
  await after(scene, 6);

  expect(scene.reviews).toEqual([]);
  expect(await endOf(scene)).toMatchObject([{ verdict: 'clean', told: [] }]);
  await isAsked();
  await after(scene, 600);
  await world.core.reconcile();
  await world.settle();
  expect(await endOf(scene)).toHaveLength(1);
});

test('what is new since is one card to the owner: the release, its approver, and each finding with its source', async () => {
  const { scene, switches, reads, release, round } = await setScene();
  switches.states = [aState('before')];
  // At the very moment of the deployment: it was there before.
  await round();
  const requestId = await release();
  switches.states = [aState('before'), aState('after')];
  await after(scene, 65);
  reads({ connections: [aConnection({ openToAll: true, pipelines: [] })] });
  await round();
  await after(scene, 10);

  expect(scene.reviews).toHaveLength(1);
  const [card] = scene.reviews;
  expect(card?.conversation).toBe(personal(OWNER).id);
  expect(card?.postDeploy.release).toMatchObject({ requestId, approvedBy: [{ name: 'Alex Wilber' }] });
  const found = card?.postDeploy.sources.map(({ source, found: all }) => [source, all.map(({ rule }) => rule).join()]);
  expect(found).toEqual([
    ['azure-policy', 'd1'],
    // Judged by what was read, whether or not it stands as a posture yet.
    ['azure-devops-platform', 'connection-open-to-all'],
    ['drift', 'connection-changed'],
  ]);
  expect(await endOf(scene)).toMatchObject([{ verdict: 'found', told: [`user:${OWNER}`] }]);
  await scene.world.core.runDue({ kind: 'post-deploy', org: SCOPE.org, id: requestId });
  expect(scene.reviews).toHaveLength(1);
});

test('a source that says nothing since is asked again, waited for, and then named as unknown, never clean', async () => {
  const { scene, switches, release, round } = await setScene();
  await release();
  switches.isDown = true;
  for (let n = 0; n < 13; n += 1) {
    scene.world.advance(5);
    await round();
  }

  expect(switches.pulls).toBeGreaterThan(1);
  expect(scene.reviews).toHaveLength(1);
  const [card] = scene.reviews;
  expect(card?.postDeploy.sources.map(({ source, unknown }) => [source, unknown === undefined])).toEqual([
    ['azure-policy', false],
    ['azure-devops-platform', false],
    ['drift', false],
  ]);
  expect(await endOf(scene)).toMatchObject([{ verdict: 'unknown' }]);
});

test('a source that comes back while it is waited for is heard, and nobody is told that it was silent', async () => {
  const { scene, switches, isAsked, reads, release, round } = await setScene();
  await release();
  switches.isDown = true;
  await isAsked();
  reads();
  switches.isDown = false;
  await round();
  await after(scene, 6);

  expect(scene.reviews).toEqual([]);
  expect(await endOf(scene)).toMatchObject([{ verdict: 'clean' }]);
});

test('a restart between deployment and review loses nothing', async () => {
  const { scene, world, isAsked, release } = await setScene();
  await release();
  await isAsked();
  scene.reads(checked({ timeoutMinutes: 4_320 }));
  const other = world.restart();
  await other.reconcile();
  for (let n = 0; n < 8; n += 1) {
    for (const item of await world.ports.due.take(world.now)) {
      await other.runDue(item.hint);
      await world.ports.due.done(item);
    }
    await other.idle();
    world.advance(6);
  }

  expect(scene.reviews).toHaveLength(1);
  expect(scene.reviews[0]?.postDeploy.sources.find(({ source }) => source === 'drift')?.found).toHaveLength(1);
  expect(firstBrokenEntry(await scene.evidence('bpe'))).toBeUndefined();
});

test('a section that cannot be read after the deployment is named, and drift is not called clean', async () => {
  const { scene, isAsked, release, round } = await setScene();
  await release();
  await isAsked();
  scene.reads();
  scene.readsAs((sections) => withUnknown(sections, 'environments'));
  await round();
  for (let n = 0; n < 8; n += 1) await after(scene, 5);

  const said = (source: string) => scene.reviews[0]?.postDeploy.sources.find((one) => one.source === source)?.unknown;
  expect(said('drift')).toContain('Checks of environments of payments');
  expect(said('azure-devops-platform')).toMatch(
    /^Environments and their checks of payments: the right to read it is missing, read 2026-11-24 09:31 UTC$/,
  );
  expect(SCOPE.org).toBe(orgOf(TENANT, ORGANIZATION));
});

test('a deployment outside production, or that nobody had to approve, is not looked at', async () => {
  const { scene, world } = await setScene();
  await world.report('gitleaks-clean.sarif');
  await world.deliver('staging');
  await world.settle();
  await after(scene, 120);

  expect(await endOf(scene)).toEqual([]);
  expect(scene.reviews).toEqual([]);
});
