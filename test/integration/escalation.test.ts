import { expect, test } from 'vitest';
import { COMMIT, ORG } from '../builders.ts';
import { type CoreWorld, createCoreWorld, createCoreWorldOn, PEOPLE } from '../fakes/core-world.ts';
import { countedInMemory } from '../fakes/counted-tables.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';
import { wish } from '../fakes/waiting-gate.ts';

// Warnings that become something stricter by age, by sightings and by spread.

const DAY = 1_440;
const SCOPE = { org: ORG, service: 'payments-api', environment: '-' };
const commit = (n: number) => n.toString(16).padStart(40, 'e');

const LEAD = '- { after: { age: 30d }, to: owner-lead }';
const withStep = (step: string) => policyFolder(['contract.yaml', LEAD, `- ${step}`]);

async function stateOf(world: CoreWorld, id: string) {
  const gate = await world.core.approvals.find(id);
  return { state: gate?.state, because: gate?.judgement?.blocks.map(({ because }) => because) };
}

/** A gate of payments-api in prod that people are asked about. */
async function anAskedGate(world: CoreWorld): Promise<string> {
  await world.meet(PEOPLE.alex);
  await world.report('gitleaks-clean.sarif');
  const id = await world.deliver();
  await world.settle();
  expect(await stateOf(world, id)).toMatchObject({ state: 'asked' });
  return id;
}

test('a gate that waits is closed when a finding reaches its age, without any report; an approval comes too late', async () => {
  const world = await createCoreWorld({
    policyDir: await withStep('{ after: { age: 2d }, to: block, in: production }'),
  });
  await scanned(world, ['weak-random']);
  world.advance(2 * DAY - 60);
  const id = await anAskedGate(world);
  const next = new Date(Date.parse(world.now) + 3_600_000).toISOString();
  const { warns } = (await world.core.approvals.find(id))?.judgement ?? {};
  expect(warns?.[0]?.escalatesAt).toEqual({ to: 'block', at: next });
  world.advance(60);
  await world.settle();
  expect(await stateOf(world, id)).toEqual({ state: 'blocked', because: ['open for 2 days'] });
});

test('one that was found a day later is closed by a hint of its own', async () => {
  const world = await createCoreWorld({
    policyDir: await withStep('{ after: { age: 3d }, to: block, in: production }'),
  });
  await scanned(world, ['old-one'], { commit: commit(1) });
  world.advance(DAY);
  await scanned(world, ['old-one', 'young-one'], { commit: commit(2) });
  world.advance(DAY);
  await scanned(world, ['young-one']);
  world.advance(2 * DAY - 60);
  await world.settle();
  const id = await anAskedGate(world);
  world.advance(60);
  await world.settle();
  expect(await stateOf(world, id)).toEqual({ state: 'blocked', because: ['open for 3 days'] });
});

test('the sighting that makes it often enough closes the gates that wait', async () => {
  const step = '{ after: { seen: 3, within: 14d }, to: block, in: production }';
  const world = await createCoreWorld({ policyDir: await withStep(step) });
  await scanned(world, ['weak-random'], { commit: commit(1) });
  await scanned(world, ['weak-random']);
  const id = await anAskedGate(world);
  expect((await world.core.approvals.find(id))?.judgement?.warns[0]?.escalatesAt).toEqual({ to: 'due' });
  await scanned(world, ['weak-random'], { commit: commit(3), branch: 'refs/heads/topic' });
  await world.settle();
  expect(await stateOf(world, id)).toMatchObject({ state: 'asked' });
  await scanned(world, ['weak-random'], { commit: commit(4) });
  await world.settle();
  expect(await stateOf(world, id)).toEqual({ state: 'blocked', because: ['seen 3 times within 14 days'] });
});

test('the service in which a rule is one too many closes the gates of the others; once it is mended they open again', async () => {
  const world = await createCoreWorld({ policyDir: await withStep('{ after: { services: 2 }, to: block }') });
  await scanned(world, ['weak-random']);
  const id = await anAskedGate(world);
  await scanned(world, ['weak-random'], { service: 'orders-api', commit: commit(2) });
  await world.settle();
  expect(await stateOf(world, id)).toEqual({ state: 'blocked', because: ['found in 2 services'] });
  await scanned(world, [], { service: 'orders-api', commit: commit(3) });
  await world.settle();
  expect(await stateOf(world, id)).toMatchObject({ state: 'asked' });
});

test('a service that mends a rule and has it again is told anew how far it has spread', async () => {
  const world = await createCoreWorld({ policyDir: await withStep('{ after: { services: 2 }, to: block }') });
  const spreadOf = async () => [...(await world.ports.scopes.view(SCOPE, [])).spreads.values()][0]?.services;
  await scanned(world, ['weak-random']);
  await scanned(world, ['weak-random'], { tool: 'codeql' });
  await scanned(world, ['weak-random'], { service: 'orders-api', commit: commit(2) });
  expect(await spreadOf()).toBe(2);
  await scanned(world, [], { commit: commit(3) });
  expect(await spreadOf()).toBe(2);
  await scanned(world, [], { commit: commit(4), tool: 'codeql' });
  await scanned(world, [], { service: 'orders-api', commit: commit(5) });
  await scanned(world, ['weak-random'], { commit: commit(6) });
  expect(await spreadOf()).toBe(0);
});

test('how far rules have spread costs 2 calls for each new one, 3 for each scope that is told, and nothing afterwards', async () => {
  const counted = countedInMemory([]);
  const policyDir = await withStep('{ after: { services: 2 }, to: block }');
  const world = createCoreWorldOn(counted.table, { policyDir });
  const calls = async (rules: readonly string[], service: string, n: number) => {
    await scanned(world, rules, { service, commit: commit(n) });
    return counted.made().length;
  };
  await calls([], 'payments-api', 1);
  const none = await calls([], 'payments-api', 2);
  // Its event, and the hint of its next age.
  const appeared = 2;
  expect(await calls(['weak-random'], 'payments-api', 3)).toBe(none + appeared + 2);
  expect(await calls(['weak-random'], 'payments-api', 4)).toBe(none);
  await calls([], 'orders-api', 5);
  // Its own second wake-up is taken away with the first; that of the other scope is carried out by its hint.
  expect(await calls(['weak-random'], 'orders-api', 6)).toBe(none + appeared + 2 + 2 * 3 + 1);
  expect(await calls(['weak-random'], 'orders-api', 7)).toBe(none);
});

test('the same rule in a second environment, or by a second tool, of one service is no second service', async () => {
  const world = await createCoreWorld({ policyDir: await withStep('{ after: { services: 2 }, to: block }') });
  await scanned(world, ['weak-random']);
  await scanned(world, ['weak-random'], { environment: 'prod' });
  await scanned(world, ['weak-random'], { tool: 'codeql' });
  expect((await world.ports.scopes.view(SCOPE, [])).spreads).toEqual(new Map());
});

const countOf = async (world: CoreWorld) => {
  const { heads } = await world.ports.scopes.view(SCOPE, [COMMIT]);
  const [print = 'none'] = heads.flatMap(({ groups }) => groups.flatMap(({ fingerprints }) => fingerprints));
  return (await world.core.findingHistory(SCOPE, print))?.count;
};

test.each<[string, Parameters<typeof scanned>[2]]>([
  ['another branch', { branch: 'refs/heads/topic' }],
  ['no branch that anybody names', { branch: '' }],
  ['a run that failed', { complete: false }],
  ['another environment', { environment: 'prod' }],
])('a scan of %s moves no history', async (_, over) => {
  const world = await createCoreWorld();
  await scanned(world, ['weak-random']);
  await scanned(world, ['another'], { commit: commit(2), ...over });
  await scanned(world, ['weak-random'], { commit: commit(3), ...over });
  expect(await countOf(world)).toBe(1);
});

test('a history that a confirmed run has moved is not moved by what anybody may say', async () => {
  const world = await createCoreWorld();
  await scanned(world, ['weak-random'], { runId: 7, branch: 'refs/heads/whatever' });
  await scanned(world, ['weak-random'], { commit: commit(2) });
  expect(await scanned(world, [], { commit: commit(3) })).toMatchObject({ gone: 1 });
  expect(await countOf(world)).toBe(1);
});

test('the branch is the one that Azure DevOps confirms, not the one that the pipeline says', async () => {
  const world = await createCoreWorld();
  world.azureDevOps.run = { ...world.azureDevOps.run, branch: 'refs/heads/topic' };
  await scanned(world, ['weak-random'], { runId: 7, branch: 'refs/heads/main' });
  expect(await countOf(world)).toBeUndefined();
});

test.each([
  ['main', 1],
  ['refs/heads/master', 1],
  ['refs/heads/trunk', undefined],
])('without a word in the catalog, %s has the history: %s', async (branch, count) => {
  const world = await createCoreWorld();
  await scanned(world, ['weak-random'], { branch });
  expect(await countOf(world)).toBe(count);
});

test.each([
  ['trunk', 1],
  ['refs/heads/main', undefined],
])('where the catalog says trunk, %s has the history: %s', async (branch, count) => {
  const line = 'team: payments';
  const policyDir = await policyFolder(['catalog.yaml', line, `${line}\n    defaultBranch: trunk`]);
  const world = await createCoreWorld({ policyDir });
  await scanned(world, ['weak-random'], { branch });
  expect(await countOf(world)).toBe(count);
});

test('a rule may ask how often a finding has been seen', async () => {
  const monitor = '- { then: monitor }';
  const often = `- when: { recurrence: 2, tier: production }\n        then: block\n        group: release-integrity\n      ${monitor}`;
  const world = await createCoreWorld({ policyDir: await policyFolder(['contract.yaml', monitor, often]) });
  const rare = await scanned(world, ['style'], { level: 'note' });
  expect(rare.decisions).toMatchObject({ block: 0, monitor: 1 });
  const again = await scanned(world, ['style', 'other'], { level: 'note', commit: commit(2) });
  expect(again.decisions).toMatchObject({ block: 1, monitor: 1 });
  const unknown = await scanned(world, ['style'], { level: 'note', commit: commit(3), branch: 'topic' });
  expect(unknown.decisions).toMatchObject({ block: 1, monitor: 0 });
});

test('a finding of a commit that is deployed already was found after its release; nothing is blocked by it', async () => {
  const world = await createCoreWorld();
  expect((await scanned(world, ['weak-random'])).releases).toEqual([]);
  const id = await anAskedGate(world);
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();
  const told = world.told.length;
  const found = await scanned(world, ['hardcoded-credential'], { timing: 'post-deploy' });
  expect(found.releases).toEqual([{ requestId: id, environment: 'prod', runName: '20261123.4' }]);
  const inProd = await scanned(world, ['hardcoded-credential', 'x'], { environment: 'prod' });
  expect(inProd.releases).toEqual(found.releases);
  await world.settle();
  expect((await world.core.approvals.find(id))?.state).toBe('approved');
  expect(world.told).toHaveLength(told);
  expect((await scanned(world, [], { timing: 'post-deploy' })).releases).toEqual([]);
  expect((await scanned(world, ['weak-random'], { commit: commit(9) })).releases).toEqual([]);
  expect((await scanned(world, ['weak-random'], { environment: 'staging' })).releases).toEqual([]);
});
