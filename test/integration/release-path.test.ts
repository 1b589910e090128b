import { expect, test } from 'vitest';
import { takenAt } from '../../services/domain/baseline.ts';
import { orgOf } from '../../services/domain/gate.ts';
import { stateOf } from '../../services/domain/place-state.ts';
import type { ConnectionFact } from '../../services/domain/platform.ts';
import { platformIndex } from '../../services/domain/platform-index.ts';
import { TENANT } from '../builders.ts';
import {
  anActivity,
  anAuditEntry,
  cardReaders,
  RELEASE_IDENTITY,
  setAuditScene,
  setAuditSceneWith,
} from '../fakes/audit-scene.ts';
import { CAST } from '../fakes/exception-scene.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { PAYMENTS } from '../fakes/signal-scene.ts';
import { aConnection, aSection, heldPlatforms, PROJECT } from '../platforms.ts';

// What the release path is where the catalog does not say: what is known of service connections, and who used them before.

const OWNERS_AND_REVIEWERS = [CAST.adele, CAST.diego, CAST.lee].sort();
const SCOPE = { level: 'resource-group', id: `/subscriptions/${PAYMENTS}/resourceGroups/rg-payments-prod` } as const;
const OTHER_IDENTITY = 'b0000000-0000-4000-8000-00000000000b';

type Scene = Awaited<ReturnType<typeof setAuditScene>>;

const at = (scene: Scene, minutes = 0) => new Date(Date.parse(scene.world.now) + minutes * 60_000).toISOString();

/** Without identities in the catalog, and a platform in which one service connection leads to production of payments-api. */
async function withPlatform(over: Partial<ConnectionFact> = {}, usedBy?: readonly string[]) {
  const scene = await setAuditSceneWith({ platformSources: [heldPlatforms().source] }, createInMemoryTable());
  const { ports } = scene.world;
  const connection = aConnection({ clientId: RELEASE_IDENTITY, scope: SCOPE, ...over });
  const project = { pipelines: ['payments-api'], repositories: [], pipelineIds: { 7: 'payments-api', 8: 'nightly' } };
  const roles = aSection('roles', [], { target: PAYMENTS, name: 'payments-prod' });
  const read = { at: scene.world.now };
  const sections = (fact: ConnectionFact) => [
    aSection('project', project, read),
    aSection('connections', [fact], read),
    { ...roles },
  ];
  for (const section of sections(connection))
    await ports.platforms.put(scene.organization, { section, nextAt: '2027-01-01T00:00:00.000Z' }, undefined);
  await scene.pass(0);
  const scope = { org: orgOf(TENANT, scene.organization), service: 'payments-api', environment: 'prod' };
  const approved = stateOf(
    platformIndex(
      { organization: scene.organization, sections: sections({ ...connection, ...(usedBy && { usedBy }) }) },
      (await ports.policy.current()).catalog,
    ),
    scope,
    { wanted: new Set() },
  );
  const taken = { requestId: 'r', runName: 'n', at: scene.world.now, approvedBy: [] };
  const baseline = takenAt(undefined, approved, taken, 'op');
  if (baseline === undefined) throw new Error('nothing was taken');
  const evidence = { kind: 'baseline-taken', actor: { kind: 'countersign' }, data: {}, texts: {} } as const;
  await ports.baselines.putBaseline({ scope }, { baseline, evidence, op: 'op', at: scene.world.now });
  const uses = (definition: number, over: object = {}) =>
    anAuditEntry('Library.ServiceConnectionExecuted', at(scene, 1), {
      ...{ category: 'execute', projectId: PROJECT },
      data: { ConnectionId: connection.id.toUpperCase(), DefinitionId: definition, PlanType: 'Build', ...over },
    });
  return { ...scene, scene, scope, uses };
}

const events = async ({ world }: Pick<Scene, 'world'>) =>
  (await world.ports.activity.since('2026-11-01T00:00:00.000Z')).map(({ rule }) => rule);

test('where the catalog names no identities those of the connections that lead there are the release path', async () => {
  const { scene, ...platform } = await withPlatform({ principalId: OTHER_IDENTITY });
  const claims = (id: string) => ({ claims: { appid: id } });
  platform.activity(
    anActivity('Microsoft.Web/sites/write', at(scene, 1), claims(RELEASE_IDENTITY)),
    anActivity('Microsoft.Web/sites/write', at(scene, 1), claims(OTHER_IDENTITY)),
  );
  await scene.pass();
  expect(scene.cards()).toEqual([]);

  platform.activity(anActivity('Microsoft.KeyVault/vaults/delete', at(scene, 1)));
  await scene.pass();
  expect(cardReaders(scene)).toEqual(OWNERS_AND_REVIEWERS);
  expect(scene.cards()[0]?.offPath).toMatchObject({ kind: 'write', services: ['payments-api'], environment: 'prod' });
});

test.each([
  ['no platform is read', () => setAuditScene(createInMemoryTable())],
  [
    'the identity of a connection that leads there is not known',
    async () => {
      const { clientId: _, ...fact } = aConnection();
      return (await withPlatform({ ...fact, clientId: undefined as never })).scene;
    },
  ],
])('where the catalog names no identities and %s, that nobody can tell is said, and once', async (_, set) => {
  const scene = await set();
  await scene.pass(0);
  scene.activity(
    anActivity('Microsoft.KeyVault/vaults/delete', at(scene, 1)),
    anActivity('Microsoft.KeyVault/vaults/delete', at(scene, 2)),
    anActivity('Microsoft.KeyVault/vaults/read', at(scene, 2)),
  );
  await scene.pass();

  expect(scene.cards()).toEqual([]);
  const found = await scene.world.ports.activity.since('2026-11-01T00:00:00.000Z');
  expect(found.filter(({ rule }) => rule === 'release-path.unknown')).toMatchObject([
    { services: ['payments-api'], environment: 'prod', severity: 'low' },
  ]);
});

test('of what failed, or was only looked at, nobody needs to tell whether it is of the release path', async () => {
  const scene = await setAuditScene(createInMemoryTable());
  await scene.pass(0);
  scene.activity(
    anActivity('Microsoft.KeyVault/vaults/delete', at(scene, 1), { status: { value: 'Failed' } }),
    anActivity('Microsoft.KeyVault/vaults/read', at(scene, 1)),
  );
  await scene.pass();

  expect(await events(scene)).toEqual(['microsoft.keyvault/vaults/delete']);
});

test('a production connection that a pipeline uses which is none of its baseline is told once a day', async () => {
  const { scene, uses } = await withPlatform({}, ['Payments-API']);
  scene.audit(uses(7), uses(8), uses(8));
  await scene.pass();

  expect(cardReaders(scene)).toEqual(OWNERS_AND_REVIEWERS);
  expect(scene.cards()[0]?.offPath).toMatchObject({
    ...{ kind: 'use', services: ['payments-api'], environment: 'prod' },
    what: expect.stringContaining('Pipeline nightly used service connection payments-prod'),
  });
  const rule = 'Library.ServiceConnectionExecuted.unusual';
  expect(await events(scene)).toEqual([rule, rule]);
});

test.each([['payments-api'], []].map((usedBy) => ({ usedBy })))(
  'the pipeline whose deployment was let through there last is on the release path, baseline: $usedBy',
  async ({ usedBy }) => {
    const { scene, scope, uses } = await withPlatform({}, usedBy);
    const commits = [{ commit: 'a'.repeat(40), repository: 'r', pipeline: 'Nightly', runId: 9 }];
    const release = {
      requestId: 'r',
      line: 'l',
      runId: 9,
      attempt: 1,
      runName: 'n',
      url: 'https://dev.azure.com',
      commits,
    };
    const released = { environment: 'prod', release: { ...release, at: scene.world.now, pipeline: 'Nightly' } };
    await scene.world.ports.scopes.unregister(scope, 'r', { released });
    scene.audit(uses(8));
    await scene.pass();

    expect(scene.cards()).toEqual([]);
    expect(await events(scene)).toEqual([]);
  },
);

test('a pipeline that nobody has read yet is none of the usual ones', async () => {
  const { scene, uses } = await withPlatform({}, ['payments-api']);
  scene.audit(uses(99));
  await scene.pass();

  expect([...new Set(scene.cards().map(({ offPath }) => offPath.what))]).toEqual([
    expect.stringContaining('Pipeline number 99 used'),
  ]);
});

test.each([
  ['no baseline says which pipelines are', undefined, {}],
  ['a classic release used it', ['payments-api'], { PlanType: 'Release' }],
  ['nobody has read the connection yet', ['payments-api'], { ConnectionId: 'c0000000-0000-4000-8000-0000000000ff' }],
])('whether a use is a usual one is said to be unknown, once, where %s', async (_, usedBy, over) => {
  const { scene, uses } = await withPlatform({}, usedBy);
  scene.audit(uses(8, over), uses(8, over));
  await scene.pass();

  expect(scene.cards()).toEqual([]);
  expect(await events(scene)).toEqual(['Library.ServiceConnectionExecuted.unknown']);
});

test('uses of a connection that leads to no production, or that failed, are nothing', async () => {
  const elsewhere = { level: 'subscription', id: '/subscriptions/7d444840-9dc0-11d1-b245-5ffdce74fad3' } as const;
  const { scene, uses } = await withPlatform({ scope: elsewhere, pipelines: [] }, []);
  scene.audit(uses(8), { ...uses(8, { ConnectionId: 'another' }), projectId: 'another' });
  await scene.pass();

  expect(scene.cards()).toEqual([]);
  expect(await events(scene)).toEqual([]);
});
