import { expect, onTestFinished, test } from 'vitest';
import { createRoleAssignments } from '../../services/azure-resources/role-assignments.ts';
import { orgOf } from '../../services/domain/gate.ts';
import type { SectionKind } from '../../services/domain/platform.ts';
import { decodeEvidence } from '../../services/tables/evidence-row.ts';
import { findPartition } from '../../services/tables/history-rows.ts';
import { prefixRange } from '../../services/tables/keys.ts';
import { TENANT } from '../builders.ts';
import { known, OWNER as OWNER_ROLE } from '../contracts/role-scene.ts';
import { guidOf } from '../fakes/azure-devops-model.ts';
import { PEOPLE, personal } from '../fakes/core-world.ts';
import { deliverRun, OWNER } from '../fakes/drift-scene.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { aConnection } from '../fakes/platform-connections.ts';
import { setPlatformWorld } from '../fakes/platform-world.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { startRoleAssignments } from '../fakes/role-assignments.ts';
import { wish } from '../fakes/waiting-gate.ts';

// What follows a deployment, by what the real scan reads of the simulator: its sections are due by the hour, by six hours and by the day.

const CLIENT = guidOf('application/azure-payments');
const PRINCIPAL = guidOf('principal of azure-payments');
const SUBSCRIPTION = guidOf('subscription');

/** Roles of payments-prod, and of another that the bot may not read. */
async function setRoles() {
  const azure = await startRoleAssignments();
  onTestFinished(() => azure.close());
  azure.world.subscriptions = { [SUBSCRIPTION]: 'payments-prod', [guidOf('orders')]: 'orders-prod' };
  azure.faults.add({ on: new RegExp(guidOf('orders')), status: 403 });
  const { url, credential } = azure;
  const identities = [known([CLIENT, PRINCIPAL])];
  return { azure, roles: createRoleAssignments({ url, credential, allowLoopback: true, callMs: 2_000, identities }) };
}

async function setReleased(options: Parameters<typeof setPlatformWorld>[1] = {}) {
  const table = createInMemoryTable();
  const { azure, roles } = await setRoles();
  const scene = await setPlatformWorld(table, { ...options, platformSources: [roles] });
  const { world, simulator, organization, scan, guard } = scene;
  const check = guard();
  const pipelines = [simulator.addPipeline({ name: 'payments-api-deploy' })];
  const { data } = aConnection(simulator.project, 'azure-payments');
  const own = { pipelines, data: { ...data, resourceGroupName: 'rg-payments-prod' } };
  simulator.library.connections.push(aConnection(simulator.project, 'azure-payments', own));
  simulator.addRepository('payments-api');
  simulator.addPolicy('fa4e907d-c16b-4a4c-9dfa-4906e5d171dd', { minimumApproverCount: 2 });
  for (const oid of [PEOPLE.alex, OWNER, PEOPLE.megan]) await world.meet(oid);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  await scan(world.core, 4);
  let runs = 6;
  const release = async () => {
    runs += 1;
    const id = await deliverRun(world, runs, { organization });
    await world.settle();
    await world.core.approvals.decide(wish(id, PEOPLE.alex));
    await world.settle();
    return id;
  };
  /** As the scheduler goes on: what is due, then a round, every five minutes. */
  const pass = async (minutes: number) => {
    for (let n = 0; n < minutes / 5; n += 1) {
      world.advance(5);
      await world.settle();
      await scan();
      world.advance(-5);
    }
  };
  const scope = { org: orgOf(TENANT, organization), service: 'payments-api', environment: 'prod' };
  const ends = async () => {
    const rows = await table.list('find', findPartition(scope), { ranges: [prefixRange('bpe')] });
    return rows.map(decodeEvidence).map(({ entry, texts }) => ({
      ...(JSON.parse(entry) as { data: { verdict: string } }).data,
      texts: Object.fromEntries(Object.entries(texts).map(([field, { text }]) => [field, text])),
    }));
  };
  const agesOf = async (...kinds: readonly SectionKind[]) => {
    const all = await world.ports.platforms.all(organization);
    return all.flatMap(({ section }) => (kinds.includes(section.kind) ? [section.known?.at ?? ''] : []));
  };
  const cards = () => world.news.flatMap((one) => ('postDeploy' in one ? [one] : []));
  const drifts = () =>
    world.news.flatMap((one) =>
      'drifted' in one && one.topic !== 'taken' ? [one.drifted.drift.items.map(({ kind }) => kind)] : [],
    );
  return { ...scene, azure, check, release, pass, ends, agesOf, cards, drifts };
}

test('a clean deployment is silent, though people and tokens are read once a day and reach every six hours', async () => {
  const { world, release, pass, ends, agesOf, cards } = await setReleased();
  world.advance(100);
  const at = world.now;
  await release();
  await pass(60);

  expect(cards()).toEqual([]);
  const [end] = await ends();
  expect(end).toMatchObject({ verdict: 'clean' });
  expect((await agesOf('environments', 'branches', 'connections', 'reach')).every((one) => one > at)).toBe(true);
  expect((await agesOf('people', 'tokens')).every((one) => one < at)).toBe(true);
  expect(end?.texts['drift besides']).toMatch(/^Role assignments of orders-prod \(.*403/);
  expect(end?.texts['azure-devops-platform besides']).toMatch(
    /Personal access tokens of contoso \(read 2026-11-24 09:/,
  );
});

test('what was weakened since is one card to the owner, with the deployment and its approver, each by the section that tells it', async () => {
  const { world, simulator, azure, check, release, pass, ends, cards } = await setReleased();
  world.advance(100);
  const requestId = await release();
  check.isDisabled = true;
  const at = simulator.library.connections.findIndex(({ name }) => name === 'azure-payments');
  const [open] = simulator.library.connections.slice(at);
  if (open !== undefined) simulator.library.connections.splice(at, 1, { ...open, isOpenToAll: true });
  azure.world.assignments = [{ principalId: PRINCIPAL, role: OWNER_ROLE, scope: `/subscriptions/${SUBSCRIPTION}` }];
  simulator.people.group('Project Administrators').members.push(simulator.people.addUser('Mallory Moss').descriptor);
  await pass(60);

  expect(cards()).toHaveLength(1);
  const [card] = cards();
  expect(card?.conversation).toBe(personal(OWNER).id);
  expect(card?.postDeploy.release).toMatchObject({ requestId, approvedBy: [{ name: 'Alex Wilber' }] });
  const said = (source: string) => card?.postDeploy.sources.find((one) => one.source === source);
  expect(said('azure-devops-platform')?.found.map(({ rule }) => rule)).toEqual(
    expect.arrayContaining(['environment-check-disabled', 'connection-open-to-all']),
  );
  const drifted = said('drift')
    ?.found.map(({ message }) => message)
    .join('\n');
  expect(drifted).toMatch(/is disabled/);
  expect(drifted).toMatch(/is open to all pipelines/);
  expect(drifted).toMatch(/Mallory Moss/);
  expect(drifted).toMatch(/Role Owner of "deployer"/);
  expect(card?.postDeploy.sources.map(({ unknown }) => unknown)).toEqual([undefined, undefined]);
  expect(await ends()).toMatchObject([{ verdict: 'found' }]);
});

test('a section that cannot be read since is one card that names the permission and how old what is known of it is', async () => {
  const { world, simulator, release, pass, ends, cards } = await setReleased();
  world.advance(100);
  await release();
  simulator.faults.add({ on: /policy\/configurations/, status: 403 });
  await pass(60);

  expect(cards()).toHaveLength(1);
  const platform = cards()[0]?.postDeploy.sources.find(({ source }) => source === 'azure-devops-platform');
  expect(platform?.unknown).toMatch(
    /^Branch policies of Shop: .*403.*give the bot "Read" of code.*, read 2026-11-24 09:/,
  );
  expect(await ends()).toMatchObject([{ verdict: 'unknown' }]);
});

test('a section that is never reached in time is one card that says how old it is', async () => {
  const { world, simulator, release, pass, cards } = await setReleased();
  world.advance(100);
  await release();
  simulator.faults.add({ on: /_apis\/graph/, status: 503 });
  await pass(60);

  expect(cards()).toHaveLength(1);
  const platform = cards()[0]?.postDeploy.sources.find(({ source }) => source === 'azure-devops-platform');
  expect(platform?.unknown).toMatch(/^Administrators, approvers and deployers of Shop: .*503.*, read 2026-11-24 09:/);
  expect(platform?.unknown).not.toContain('Environments');
});

test('people, tokens, auditing and hooks are not asked about for it', async () => {
  const { world, release, pass, calls } = await setReleased();
  world.advance(25);
  await release();
  await pass(25);
  calls();
  await pass(20);

  expect(calls(/userentitlements|tokenadmin|auditlog|hooks/i)).toBe(0);
});

test('a source of Azure owes no word of an environment that is nowhere in Azure, and does of one that is', async () => {
  const signalSources = [
    {
      name: 'azure-policy',
      targets: async () => ({ targets: [], unseen: new Map() }),
      page: async () => ({ body: new Uint8Array() }),
    },
  ];
  const nowhere = await policyFolder([
    'catalog.yaml',
    'prod: { subscription: payments-prod, resourceGroups: [rg-payments-prod] }',
    'prod: {}',
  ]);
  const verdicts = [];
  for (const policyDir of [nowhere, undefined]) {
    const { release, pass, ends } = await setReleased({
      signalSources,
      ...(policyDir === undefined ? {} : { policyDir }),
    });
    await release();
    await pass(60);
    verdicts.push(...(await ends()).map(({ verdict, texts }) => [verdict, texts['azure-policy'] === undefined]));
  }
  expect(verdicts).toEqual([
    ['clean', true],
    ['unknown', false],
  ]);
});

test('what a scan has read is compared when it ends, and not a round later', async () => {
  const { world, scan, check, release, drifts } = await setReleased();
  await release();
  world.advance(60);
  check.isDisabled = true;
  await scan();
  expect(drifts()).toEqual([['changed']]);
});

test('a service hook that says that a check was changed has it compared with the next round', async () => {
  const { world, scan, simulator, check, release, drifts } = await setReleased();
  await release();
  await scan();
  check.isDisabled = true;
  await scan();
  expect(drifts()).toEqual([]);
  await world.core.eventReceived({
    ...{ id: 'e1', eventType: 'ms.vss-pipelinechecks-events.check-updated-event', kind: 'platform' },
    ...{ projectId: simulator.project.id, sections: ['environments'], thing: '1' },
  });
  await scan();
  expect(drifts()).toEqual([['changed']]);
});
