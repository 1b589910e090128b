import { expect, test } from 'vitest';
import type { Protection } from '../../services/domain/run.ts';
import { AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import { aCheck, COMMIT, ORG } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { actor, ask, CAST, exceptionOf, grant } from '../fakes/exception-scene.ts';
import type { Call } from '../fakes/in-memory-table.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';
import { wish } from '../fakes/waiting-gate.ts';

// Production from an unprotected branch is blocked; of one of which nothing is known the owner hears.

const UNKNOWN: Protection = { kind: 'unknown', why: 'it cannot be read (403); the bot needs Read' };
const SCOPE = { org: ORG, service: 'payments-api', environment: '-' };

async function aWorld(protection: Protection, options: Parameters<typeof createCoreWorld>[0] = {}) {
  const world = await createCoreWorld(options);
  world.azureDevOps.protection = protection;
  for (const oid of [PEOPLE.alex, PEOPLE.megan]) await world.meet(oid);
  await clean(world);
  return world;
}

async function clean(world: CoreWorld, commit = COMMIT): Promise<void> {
  await world.report('gitleaks-clean.sarif', { commit });
  await scanned(world, [], { commit });
}

let checks = 0;

/** Another stage of another run that ships the same. */
async function aGate(world: CoreWorld, environment = 'prod') {
  checks += 1;
  world.azureDevOps.run = { ...world.azureDevOps.run, id: 8_000 + checks };
  const planId = `22222222-2222-4222-8222-${String(checks).padStart(12, '0')}`;
  const asked = { jobToken: 'job-token-of-the-check', runId: 8_000 + checks, stage: 'Deploy', environment };
  const receipt = await world.core.deliveries.receive({ check: aCheck({ planId }), ...asked });
  if (receipt.kind !== 'accepted') throw new Error(receipt.kind);
  await world.core.outbox.drain(receipt.org, receipt.requestId);
  await world.settle();
  return receipt.requestId;
}

async function gateAt(world: CoreWorld, id: string) {
  const gate = await world.core.approvals.find(id);
  const rules = (which: 'blocks' | 'warns') =>
    gate?.judgement?.[which].map(({ rule, control }) => `${control} ${rule}`);
  return { state: gate?.state, blocks: rules('blocks'), warns: rules('warns') };
}

const headsIn = async (world: CoreWorld) =>
  (await world.ports.scopes.view(SCOPE, 'any')).heads.filter(({ tool }) => tool === 'countersign');

const imports = (world: CoreWorld) =>
  world.table
    .dump()
    .flatMap(({ values }) => (typeof values['entry'] === 'string' ? [values['entry']] : []))
    .filter((entry) => entry.includes('"report-imported"') && entry.includes('"tool":"countersign"')).length;

test('production from an unprotected branch is blocked by the control that claims it', async () => {
  const world = await aWorld({ kind: 'unprotected' });
  const id = await aGate(world);
  expect(await gateAt(world, id)).toEqual({
    state: 'blocked',
    blocks: ['delivery-path unprotected-branch'],
    warns: [],
  });
  const gate = await world.core.approvals.find(id);
  expect(gate?.judgement?.blocks[0]).toMatchObject({ blockGroup: 'delivery-path-trust', severity: 'high', count: 1 });
  expect(gate?.sources?.branches).toMatchObject([{ protection: { kind: 'unprotected' } }]);
});

test('a branch of which nothing is known warns, and the finding says what is missing', async () => {
  const world = await aWorld(UNKNOWN);
  const id = await aGate(world);
  expect(await gateAt(world, id)).toEqual({
    state: 'asked',
    blocks: [],
    warns: ['delivery-path unknown-branch-protection'],
  });
  const [head] = await headsIn(world);
  expect(head?.groups[0]?.samples[0]?.message).toContain(
    'main of payments-api is protected is not known: it cannot be read (403)',
  );
});

test('a protected branch costs no call to the store and leaves nothing behind', async () => {
  const counted = async (options: Parameters<typeof createCoreWorld>[0]) => {
    const world = await aWorld({ kind: 'protected' }, options);
    world.table.resetCalls();
    expect(await gateAt(world, await aGate(world))).toEqual({ state: 'asked', blocks: [], warns: [] });
    expect(await headsIn(world)).toEqual([]);
    return world.table.calls.total;
  };
  const without = await policyFolder([
    'contract.yaml',
    /\n {2}delivery-path:[\s\S]*?\n {6}- \{ then: monitor \}\n/g,
    '\n',
  ]);
  expect(await counted({})).toBe(await counted({ policyDir: without }));
});

test('without a rule or control that asks for it nobody looks', async () => {
  const without = await policyFolder([
    'contract.yaml',
    /\n {2}delivery-path:[\s\S]*?\n {6}- \{ then: monitor \}\n/g,
    '\n',
  ]);
  const world = await aWorld({ kind: 'unprotected' }, { policyDir: without });
  let looks = 0;
  world.ports.azureDevOps.protection = async () => {
    looks += 1;
    return { kind: 'unprotected' };
  };
  expect(await gateAt(world, await aGate(world))).toEqual({ state: 'asked', blocks: [], warns: [] });
  expect(looks).toBe(0);
});

test('it is listed, excepted and shown as any finding', async () => {
  const world = await aWorld({ kind: 'unprotected' });
  const id = await aGate(world);
  const list = await world.core.findingLists.list(actor(CAST.adele), { service: 'payments-api' });
  if ('code' in list) throw new Error(list.code);
  const shown = list.rows.map(({ environment, group: { decision, rule } }) => `${decision} ${environment} ${rule}`);
  expect(shown).toEqual(['block prod unprotected-branch', 'warn staging unprotected-branch']);
  const asked = await ask(world, { requestId: id, control: 'delivery-path' });
  exceptionOf(await grant(world, exceptionOf(asked).id));
  await world.settle();
  expect((await gateAt(world, id)).state).toBe('asked');
});

test('it is stored once, whichever gate of the same commit finds it, and however often one is judged', async () => {
  const world = await aWorld({ kind: 'unprotected' });
  await aGate(world);
  await scanned(world, ['weak-random']);
  await world.settle();
  await aGate(world);
  await aGate(world, 'staging');
  expect(imports(world)).toBe(1);
});

test('once the branch is protected the next run says so, and the finding is gone everywhere', async () => {
  const world = await aWorld({ kind: 'unprotected' });
  await aGate(world);
  world.azureDevOps.protection = { kind: 'protected' };
  const [source] = world.azureDevOps.sources.commits;
  const commit = 'b'.repeat(40);
  world.azureDevOps.sources = { ...world.azureDevOps.sources, commits: source ? [{ ...source, commit }] : [] };
  world.azureDevOps.run = { ...world.azureDevOps.run, commit };
  world.advance(10);
  await clean(world, commit);
  expect(await gateAt(world, await aGate(world))).toEqual({ state: 'asked', blocks: [], warns: [] });
  const list = await world.core.findingLists.list(actor(CAST.adele), { service: 'payments-api' });
  expect('rows' in list && list.rows).toEqual([]);
  expect(imports(world)).toBe(2);
  await aGate(world);
  expect(imports(world)).toBe(2);
});

test('a branch that only one deployment came from is gone from the lists with the next deployment', async () => {
  const world = await aWorld({ kind: 'protected' });
  world.ports.azureDevOps.protection = async (_run, { ref }) => ({
    kind: ref === 'refs/heads/main' ? 'protected' : 'unprotected',
  });
  const { sources } = world.azureDevOps;
  const hotfix = { ref: 'refs/heads/hotfix', repositoryId: '99999999-9999-4999-8999-999999999999' };
  world.azureDevOps.sources = { ...sources, branches: sources.commits.map((one) => ({ ...one, ...hotfix })) };
  await aGate(world);
  expect(await headsIn(world)).toHaveLength(1);
  const commit = 'b'.repeat(40);
  world.azureDevOps.sources = { ...sources, commits: sources.commits.map((one) => ({ ...one, commit })) };
  world.advance(10);
  await clean(world, commit);
  await aGate(world);
  const list = await world.core.findingLists.list(actor(CAST.adele), { service: 'payments-api' });
  expect('rows' in list && list.rows).toEqual([]);
});

test('what was found protected is not asked again for the same gate', async () => {
  const world = await aWorld({ kind: 'protected' });
  let looks = 0;
  world.ports.azureDevOps.protection = async () => {
    looks += 1;
    return { kind: 'protected' };
  };
  await aGate(world);
  await scanned(world, ['weak-random']);
  await world.settle();
  expect(looks).toBe(1);
});

test('an Azure DevOps that does not answer lets nothing pass', async () => {
  const world = await aWorld({ kind: 'protected' });
  world.ports.azureDevOps.protection = async () => {
    throw new AzureDevOpsUnavailableError('down');
  };
  expect((await gateAt(world, await aGate(world))).state).toBe('received');
});

test('a gate that waits for its branch to be protected opens when it is judged again', async () => {
  const world = await aWorld({ kind: 'unprotected' });
  const id = await aGate(world);
  world.azureDevOps.protection = { kind: 'protected' };
  await scanned(world, ['weak-random']);
  await world.settle();
  expect(await gateAt(world, id)).toMatchObject({ state: 'asked', blocks: [] });
});

test('a report that calls itself ours is refused and opens no gate', async () => {
  const world = await aWorld({ kind: 'unprotected' });
  const id = await aGate(world);
  world.advance(1);
  const forged = scanned(world, [], { tool: 'countersign', commit: COMMIT });
  await expect(forged).rejects.toThrow('reserved-tool');
  await world.settle();
  expect(await gateAt(world, id)).toMatchObject({ state: 'blocked', blocks: ['delivery-path unprotected-branch'] });
});

test('an approval is void once the branch that it was given for is found unprotected', async () => {
  const world = await aWorld(UNKNOWN);
  const id = await aGate(world);
  world.azureDevOps.protection = { kind: 'unprotected' };
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();
  expect(await gateAt(world, id)).toMatchObject({ state: 'blocked', blocks: ['delivery-path unprotected-branch'] });
});

test('what a gate ships is read again where it was read before anybody looked at branches', async () => {
  const world = await aWorld({ kind: 'unprotected' });
  const read = world.ports.azureDevOps.sources;
  world.ports.azureDevOps.sources = async (...asked) => {
    const { branches: _, ...older } = await read(...asked);
    return older;
  };
  const id = await aGate(world);
  expect(await gateAt(world, id)).toMatchObject({ state: 'asked' });
  world.ports.azureDevOps.sources = read;
  await scanned(world, ['weak-random']);
  await world.settle();
  expect(await gateAt(world, id)).toMatchObject({ state: 'blocked', blocks: ['delivery-path unprotected-branch'] });
});

/** More transactions than one gate makes until it is blocked, which the test checks. */
const COMMITS = 30;

test.each(['before', 'after'] as const)(
  'whichever transaction fails (%s), production from an unprotected branch is blocked and what was found is stored once',
  async (fault) => {
    let count = 0;
    for (let failing = 1; failing <= COMMITS; failing += 1) {
      let isCounting = false;
      count = 0;
      const meets = ({ kind }: Call) => (isCounting && kind === 'commit' && ++count === failing ? fault : 'ok');
      const world = await aWorld({ kind: 'unprotected' }, { fault: meets });
      isCounting = true;
      const id = await aGate(world).catch(() => aGate(world));
      isCounting = false;
      for (let minutes = 0; minutes < 12; minutes += 2) {
        await world.settle();
        world.advance(2);
      }
      const where = `transaction ${failing}`;
      expect(await gateAt(world, id), where).toMatchObject({ blocks: ['delivery-path unprotected-branch'] });
      expect(await headsIn(world), where).toHaveLength(1);
      expect(imports(world), where).toBe(1);
    }
    expect(count).toBeLessThan(COMMITS);
  },
);
