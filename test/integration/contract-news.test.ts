import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { changeWords } from '../../cards/contract-change-words.ts';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import { decodeEvidence } from '../../services/tables/evidence-row.ts';
import { TENANT } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE, personal } from '../fakes/core-world.ts';
import { edited, policyFolder } from '../fakes/policy-folder.ts';

const DIEGO = '136b7a8b-8bfb-4a8d-b680-bd2b183ee7cb';
const SECRETS = 'then: block, group: secret-exposure';

const told = ({ news }: CoreWorld) => news.flatMap((one) => ('contractChange' in one ? [one] : []));
const rows = ({ table }: CoreWorld) => table.rowsOf('roll', `${TENANT.toLowerCase()}~contract`);
const chain = (world: CoreWorld) =>
  rows(world)
    .filter(({ row }) => row.startsWith('e~'))
    .map(decodeEvidence);
const data = (world: CoreWorld) => chain(world).map(({ entry }) => (JSON.parse(entry) as { data: unknown }).data);
const untold = (world: CoreWorld) => rows(world).filter(({ row }) => row.startsWith('n~'));

async function aWorld() {
  const policyDir = await policyFolder();
  const world = await createCoreWorld({ policyDir });
  for (const oid of [DIEGO, PEOPLE.lee]) await world.meet(oid);
  await look(world);
  return { world, policyDir };
}

async function look(world: CoreWorld, ...others: readonly Pick<CoreWorld, 'core'>[]): Promise<void> {
  await Promise.all([world, ...others].map(({ core }) => core.reconcile()));
  await world.core.idle();
}

/** What blocked secrets everywhere warns. */
async function weakened(policyDir: string, version = 2): Promise<void> {
  await edited(policyDir, ['contract.yaml', `{ ${SECRETS} }`, '{ then: warn, because: "not yet calibrated" }']);
  if (version !== 1) await edited(policyDir, ['contract.yaml', 'version: 1', `version: ${version}`]);
}

async function weaken({ world, policyDir }: Awaited<ReturnType<typeof aWorld>>, version = 2): Promise<void> {
  await weakened(policyDir, version);
  world.advance(5);
}

test('the first contract is evidence, and no message', async () => {
  const { world } = await aWorld();
  await look(world);
  expect(told(world)).toEqual([]);
  expect(untold(world)).toEqual([]);
  expect(data(world)).toEqual([expect.objectContaining({ version: 1, block: expect.any(Number) })]);
  expect(data(world)[0]).not.toHaveProperty('previous');
});

test('a weaker contract is evidence, and each of its owners is told once what became looser', async () => {
  const life = await aWorld();
  const { world } = life;
  const [first] = data(world) as { block: number; warn: number; checksum: string }[];
  await weaken(life);
  await look(world);
  await look(world);
  world.advance(120);
  await look(world, { core: world.restart() });

  const news = told(world);
  expect(news.map(({ to }) => to).sort()).toEqual([DIEGO, PEOPLE.lee].sort());
  expect(news[0]?.difference?.rules.map(changeWords)).toEqual([
    'secret-scanning: a rule was loosened: block everything is now warn everything',
  ]);
  expect(news[0]?.difference?.parts).toEqual([]);
  expect(data(world)[1]).toMatchObject({
    version: 2,
    block: (first?.block ?? 0) - 1,
    warn: (first?.warn ?? 0) + 1,
    previous: { version: 1, checksum: first?.checksum },
  });
  expect(chain(world)).toHaveLength(2);
  expect(firstBrokenEntry(chain(world))).toBeUndefined();
  expect(untold(world)).toEqual([]);
});

test('of two processes that see it at once one notes it and one tells it', async () => {
  const life = await aWorld();
  const other = { core: life.world.restart() };
  await weaken(life);
  await look(life.world, other, { core: life.world.restart() });
  life.world.advance(11);
  await look(life.world, other);
  expect(chain(life.world)).toHaveLength(2);
  expect(told(life.world)).toHaveLength(2);
});

test('owners are told later while Teams is down, and who was told is not told again', async () => {
  const life = await aWorld();
  const { world } = life;
  world.teams.answer = ({ id }) => (id === personal(DIEGO).id ? { kind: 'unavailable' } : undefined);
  await weaken(life);
  await look(world);
  expect(told(world).map(({ to }) => to)).toEqual([PEOPLE.lee]);
  world.teams.answer = () => undefined;
  world.advance(5);
  await look(world);
  expect(told(world).map(({ to }) => to)).toEqual([PEOPLE.lee, DIEGO]);
  expect(untold(world)).toEqual([]);
});

test('a process that died while it told is taken over by another one', async () => {
  const life = await aWorld();
  const { world } = life;
  world.teams.answer = () => {
    throw new Error('died');
  };
  await weaken(life);
  await look(world);
  world.teams.answer = () => undefined;
  const other = { core: world.restart() };
  await other.core.reconcile();
  expect(told(world)).toEqual([]);
  world.advance(11);
  await other.core.reconcile();
  expect(told(world)).toHaveLength(2);
});

test('an owner who has not met the bot is told once they have, for fourteen days', async () => {
  const life = await aWorld();
  const { world } = life;
  await world.ports.conversations.forget({ kind: 'person', oid: DIEGO });
  await weaken(life);
  await look(world);
  world.advance(13 * 1_440);
  await look(world);
  expect(untold(world)).toHaveLength(1);
  await world.meet(DIEGO);
  await look(world);
  expect(told(world).map(({ to }) => to)).toEqual([PEOPLE.lee, DIEGO]);
  await world.ports.conversations.forget({ kind: 'person', oid: DIEGO });
  await edited(life.policyDir, ['contract.yaml', 'overuseRate: 0.2', 'overuseRate: 0.9']);
  world.advance(5);
  await look(world);
  world.advance(15 * 1_440);
  await look(world);
  expect(untold(world)).toEqual([]);
  expect(told(world)).toHaveLength(3);
});

test('who owned the contract before hears of the change too, and of parts that are no rules', async () => {
  const { world, policyDir } = await aWorld();
  await world.meet(PEOPLE.isaiah);
  await edited(policyDir, [
    'contract.yaml',
    'owner: "group:devsecops"\n# Hears when',
    'owner: "group:platform"\n# Hears when',
  ]);
  await edited(policyDir, [
    'contract.yaml',
    'tier: production, approval: required',
    'tier: production, approval: none',
  ]);
  world.advance(5);
  await look(world);
  expect(
    told(world)
      .map(({ to }) => to)
      .sort(),
  ).toEqual([DIEGO, PEOPLE.lee, PEOPLE.isaiah].sort());
  expect(told(world)[0]?.difference).toEqual({ rules: [], parts: ['owner', 'environment prod'] });
});

test('what another process noted within two minutes is believed, not taken back', async () => {
  const { world, policyDir } = await aWorld();
  const before = await readFile(join(policyDir, 'contract.yaml'), 'utf8');
  const behind = { core: world.restart() };
  await weakened(policyDir);
  world.advance(5);
  await look(world);
  await writeFile(join(policyDir, 'contract.yaml'), before);
  world.advance(1.5);
  await look(world, behind);
  expect(chain(world)).toHaveLength(2);
  world.advance(5);
  await look(world, behind);
  expect(chain(world)).toHaveLength(3);
  expect(told(world)).toHaveLength(4);
});

test('a store that does not answer stops nothing, and it is noted later', async () => {
  const life = await aWorld();
  const { world } = life;
  const { list } = world.table;
  await weaken(life);
  Object.assign(world.table, {
    list: (...args: Parameters<typeof list>) =>
      args[1].endsWith('~contract') ? Promise.reject(new Error('down')) : list(...args),
  });
  await look(world);
  Object.assign(world.table, { list });
  world.advance(5);
  await look(world);
  expect(told(world)).toHaveLength(2);
});
