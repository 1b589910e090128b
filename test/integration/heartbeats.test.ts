import { expect, test } from 'vitest';
import { cardText } from '../../cards/card-text.ts';
import { heartbeatCard } from '../../cards/heartbeat-card.ts';
import { troublesOf } from '../../cards/status-troubles.ts';
import type { DeliveryHealth } from '../../services/domain/delivery-health.ts';
import { type CoreWorld, createCoreWorld, PEOPLE, personal } from '../fakes/core-world.ts';
import { passing, reconciled } from '../fakes/digest-scene.ts';
import { CAST } from '../fakes/exception-scene.ts';
import { aHealth } from '../health.ts';

// A world begins on a Tuesday at 10:00 in Berlin: work has begun. Diego and Isaiah are the operators, Diego and Lee own the contract.
const DAY = 1_440;

const beatsOf = ({ news }: Pick<CoreWorld, 'news'>, oid: string): DeliveryHealth[] =>
  news.flatMap((one) => ('heartbeat' in one && one.conversation === personal(oid).id ? [one.heartbeat] : []));
const statusOf = async (world: CoreWorld) => (await world.core.status.deliveryHealth()).heartbeat;

test('operators get one heartbeat each working day when work begins, from however many processes', async () => {
  const world = await createCoreWorld();
  for (const oid of [CAST.diego, PEOPLE.isaiah]) await world.meet(oid);
  world.now = '2026-11-26T00:00:00.000Z';
  await passing(world, 5 * DAY, [world.core, world.restart()]);
  for (const oid of [CAST.diego, PEOPLE.isaiah])
    expect(beatsOf(world, oid).map(({ at }) => at)).toEqual([
      '2026-11-26T08:00:00.000Z',
      '2026-11-27T08:00:00.000Z',
      '2026-11-30T08:00:00.000Z',
    ]);
});

test('a process that another has overtaken since it looked sends nothing', async () => {
  const world = await createCoreWorld();
  await world.meet(CAST.diego);
  const other = world.restart();
  const { of } = world.ports.digestMarks;
  let overtaken = false;
  world.ports.digestMarks.of = async (reader) => {
    const mark = await of(reader);
    if (!overtaken) {
      overtaken = true;
      await other.reconcile();
    }
    return mark;
  };
  await reconciled(world);
  expect(overtaken).toBe(true);
  expect(beatsOf(world, CAST.diego)).toHaveLength(1);
});

test('it says what is not well', async () => {
  const world = await createCoreWorld();
  await world.meet(CAST.diego);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  await world.deliver();
  await reconciled(world);
  const [health] = beatsOf(world, CAST.diego);
  expect(health && troublesOf(health)).toEqual(['somebody cannot be reached']);
  expect(health && cardText(heartbeatCard(health))).toContain(
    'Alex Wilber cannot be reached in Teams: the app is not installed for them',
  );
});

test('where all is well it is one line', () => {
  expect(cardText(heartbeatCard(aHealth()))).toMatch(
    /^Daily heartbeat\n✓ Everything is delivered, 0 digests in 24 hours\n/,
  );
});

test('each in their own zone', async () => {
  const world = await createCoreWorld();
  await world.core.reached([{ kind: 'person', oid: CAST.diego }], {
    ...personal(CAST.diego),
    zone: 'America/New_York',
  });
  await reconciled(world, '2026-11-24T13:55:00.000Z');
  expect(beatsOf(world, CAST.diego)).toEqual([]);
  await reconciled(world, '2026-11-24T14:00:00.000Z');
  expect(beatsOf(world, CAST.diego)).toHaveLength(1);
});

test('where no operator can be reached the owner of the contract gets it', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.lee);
  await reconciled(world);
  expect(beatsOf(world, PEOPLE.lee)).toHaveLength(1);
});

test('while Teams takes nothing it stays due, and then comes once', async () => {
  const world = await createCoreWorld();
  await world.meet(CAST.diego);
  world.teams.answer = () => ({ kind: 'unavailable', retryAfter: 30 });
  await passing(world, 30);
  world.teams.answer = () => undefined;
  await passing(world, 60);
  expect(beatsOf(world, CAST.diego)).toHaveLength(1);
});

test('who installs the app later in the day gets it then', async () => {
  const world = await createCoreWorld();
  await reconciled(world);
  await world.meet(CAST.diego);
  await passing(world, 65);
  expect(beatsOf(world, CAST.diego)).toHaveLength(1);
});

test('a day without one is seen in status, and is no trouble before it is over', async () => {
  const world = await createCoreWorld();
  await world.meet(CAST.diego);
  expect(await statusOf(world)).toBeUndefined();
  await reconciled(world);
  expect(await statusOf(world)).toEqual({ lastAt: world.now, isMissing: false });
  world.now = '2026-11-25T16:29:00.000Z';
  expect(await statusOf(world)).toMatchObject({ isMissing: false });
  world.now = '2026-11-25T16:30:00.000Z';
  expect(await statusOf(world)).toMatchObject({ isMissing: true });
  expect(troublesOf(await world.core.status.deliveryHealth())).toContain('the daily heartbeat is missing');
});

test('that no operator was ever reached is seen once a working day was over', async () => {
  const world = await createCoreWorld();
  await reconciled(world);
  expect(await statusOf(world)).toEqual({ isMissing: false });
  world.now = '2026-11-24T16:30:00.000Z';
  expect(await statusOf(world)).toEqual({ isMissing: true });
});

test('a weekend is no day without one', async () => {
  const world = await createCoreWorld();
  await world.meet(CAST.diego);
  await reconciled(world, '2026-11-27T08:00:00.000Z');
  world.now = '2026-11-30T07:00:00.000Z';
  expect(await statusOf(world)).toMatchObject({ isMissing: false });
});

test('between heartbeats nothing is asked of anybody', async () => {
  const world = await createCoreWorld();
  await world.meet(CAST.diego);
  await reconciled(world);
  let asked = 0;
  const { of } = world.ports.digestMarks;
  world.ports.digestMarks.of = (reader) => {
    asked += 1;
    return of(reader);
  };
  await passing(world, 50);
  expect(asked).toBe(0);
});
