import { expect, test } from 'vitest';
import { outageCard } from '../../cards/outage-card.ts';
import type { OutageNews } from '../../services/domain/outage.ts';
import { type CoreWorld, PEOPLE, personal } from '../fakes/core-world.ts';
import { aLife } from '../fakes/deployments.ts';
import { passing } from '../fakes/digest-scene.ts';
import { CAST } from '../fakes/exception-scene.ts';

const toldTo = ({ news }: Pick<CoreWorld, 'news'>, oid: string): OutageNews[] =>
  news.flatMap((one) => ('outage' in one && one.conversation === personal(oid).id ? [one] : []));
const ids = (gates: OutageNews['failed']) => gates.map(({ id }) => id);

/** Two stages wait, then nothing runs for three hours, in which the wait of one ends. */
async function anOutage() {
  const life = await aLife();
  const { world } = life;
  await world.meet(CAST.diego);
  const asked = await life.deploy({ run: 100 });
  await life.reportMore('gitleaks-clean.sarif', { id: 'generic-api-key', level: 'error' });
  const blocked = await life.deploy({ run: 101, pipeline: 8, stage: 'Other' });
  await world.core.beat();
  world.advance(180);
  const core = world.restart();
  await core.beat();
  return { ...life, core, asked, blocked };
}

async function backAgain({ world }: { world: CoreWorld }, ...cores: readonly CoreWorld['core'][]) {
  for (let minutes = 0; minutes < 30; minutes += 5) {
    world.advance(5);
    await Promise.all(cores.map((core) => core.beat()));
    await world.settle();
    await Promise.all(cores.map((core) => core.reconcile()));
  }
}

test('after an outage operators and requesters are told once what waited and what failed meanwhile, with the way to run it again', async () => {
  const scene = await anOutage();
  const { world, core, asked, blocked, gate } = scene;
  await backAgain(scene, core, world.restart());
  const states = [(await gate(asked)).state, (await gate(blocked)).state];
  for (const oid of [CAST.diego, PEOPLE.isaiah, PEOPLE.adele]) {
    const [told, ...more] = toldTo(world, oid);
    expect(more).toEqual([]);
    expect(told?.outage).toEqual({ from: expect.any(String), until: expect.any(String) });
    expect([...ids(told?.failed ?? []), ...ids(told?.waiting ?? [])].sort()).toEqual(
      [asked, blocked].filter((_, n) => states[n] !== 'superseded').sort(),
    );
    expect(ids(told?.failed ?? [])).toContain(blocked);
    expect(JSON.stringify(told && outageCard(told))).toContain('Action.OpenUrl');
  }
  expect(toldTo(world, PEOPLE.alex)).toEqual([]);
});

test('what was left undone is carried out first: nobody is told before five minutes are over', async () => {
  const scene = await anOutage();
  const { world, core } = scene;
  world.advance(4);
  await core.reconcile();
  expect(toldTo(world, CAST.diego)).toEqual([]);
  world.advance(1);
  await core.reconcile();
  expect(toldTo(world, CAST.diego)).toHaveLength(1);
});

test('what Teams does not take is told later, to nobody twice', async () => {
  const scene = await anOutage();
  const { world, core } = scene;
  world.teams.answer = ({ id }) => (id === personal(PEOPLE.adele).id ? { kind: 'unavailable' } : undefined);
  await backAgain(scene, core);
  expect([toldTo(world, CAST.diego).length, toldTo(world, PEOPLE.adele).length]).toEqual([1, 0]);
  world.teams.answer = () => undefined;
  await backAgain(scene, core);
  expect([toldTo(world, CAST.diego).length, toldTo(world, PEOPLE.adele).length]).toEqual([1, 1]);
});

test('a process that died while it told is followed by another one ten minutes later', async () => {
  const scene = await anOutage();
  const { world, core } = scene;
  const [stored] =
    world.ports.pulse.untold().length > 0 ? world.ports.pulse.untold() : (await world.ports.pulses.read()).outages;
  if (stored === undefined) throw new Error('no outage was noted');
  world.advance(6);
  await world.ports.pulses.putOutage({ ...stored.outage, claimedAt: world.now }, stored);
  await core.beat();
  await core.reconcile();
  expect(toldTo(world, CAST.diego)).toEqual([]);
  await backAgain(scene, core);
  expect(toldTo(world, CAST.diego)).toHaveLength(1);
});

test('while processes note themselves nobody is told of an outage', async () => {
  const { world } = await aLife();
  await world.meet(CAST.diego);
  for (let n = 0; n < 12; n += 1) {
    await world.core.beat();
    await passing(world, 5);
  }
  expect(toldTo(world, CAST.diego)).toEqual([]);
});
