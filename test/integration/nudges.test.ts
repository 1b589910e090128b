import { expect, test } from 'vitest';
import { plusMinutes } from '../../services/domain/instant.ts';
import type { NudgeNews } from '../../services/ports/notifier.ts';
import { ORG, TENANT } from '../builders.ts';
import { type CoreWorld, createCoreWorldOn, PEOPLE, personal } from '../fakes/core-world.ts';
import { countedInMemory } from '../fakes/counted-tables.ts';
import { aWorldOfRegions, cardsOf, decide, deploys, personOf, receiveStage } from '../fakes/run-scene.ts';

// How people are told again of what they know: approvals that wait.

/** Friday, 15:00 in Berlin. */
const FRIDAY = '2026-11-27T14:00:00.000Z';

const remindersTo = (world: CoreWorld, oid: string) =>
  cardsOf(world, oid).filter(({ notice }) => notice.about === 'reminder');
/** Lists that this person has: reminders that were written anew, then those that were sent as lists. */
const listsFor = ({ news, posted }: Pick<CoreWorld, 'news' | 'posted'>, oid: string): NudgeNews[] => {
  const rewritten = posted.filter(({ to }) => to === personal(oid).id).flatMap((card) => card.news ?? []);
  return [...rewritten, ...news.filter(({ conversation }) => conversation === personal(oid).id)].filter(
    (one) => 'nudges' in one,
  );
};
const listedFor = (world: CoreWorld, oid: string) =>
  listsFor(world, oid).map(({ nudges }) => nudges.map(({ id }) => id).sort());

async function meetIn(world: Pick<CoreWorld, 'core'>, oid: string, zone: string): Promise<void> {
  await world.core.reached([{ kind: 'person', oid }], { ...personal(oid), zone });
}

/** As many requests of as many runs. */
async function requestsOf(world: CoreWorld, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const { run } = world.azureDevOps;
    world.azureDevOps.run = { ...run, id: run.id + 1, pipeline: { ...run.pipeline, id: run.pipeline.id + 1 } };
    ids.push(await receiveStage(world, 'prod'));
  }
  await Promise.all(ids.map((id) => world.core.outbox.drain(ORG, id)));
  await world.settle();
  return ids;
}

async function after(world: Pick<CoreWorld, 'advance' | 'settle'>, minutes: number): Promise<void> {
  world.advance(minutes);
  await world.settle();
}

test('T33: 500 requests for one person in a minute are one reminder, written anew once for all of them and once for what is decided', {
  timeout: 120_000,
}, async () => {
  const world = await aWorldOfRegions();
  const ids = await requestsOf(world, 500);
  await after(world, 61);
  expect(remindersTo(world, PEOPLE.alex)).toHaveLength(1);
  expect(listsFor(world, PEOPLE.alex)).toEqual([]);
  await after(world, 6);
  expect(remindersTo(world, PEOPLE.alex).map(({ updates }) => updates)).toEqual([1]);
  expect(listedFor(world, PEOPLE.alex)).toEqual([[...ids].sort()]);

  await decide(world, ids.slice(0, 20));
  await after(world, 2);
  expect(remindersTo(world, PEOPLE.alex).map(({ updates }) => updates)).toEqual([2]);
  expect(listsFor(world, PEOPLE.alex)).toMatchObject([{ settled: 20 }]);
  expect(listedFor(world, PEOPLE.alex).map((one) => one.length)).toEqual([480]);
});

test('a reminder says so when it is decided: nobody acts on old news', async () => {
  const world = await aWorldOfRegions();
  const [id = ''] = await requestsOf(world, 1);
  await after(world, 61);
  await decide(world, [id]);
  await after(world, 2);
  expect(listsFor(world, PEOPLE.megan)).toMatchObject([{ nudges: [], settled: 1 }]);
});

test('after an hour what else comes due is a new message with what still waits, and the one before says that it goes on there', async () => {
  const world = await aWorldOfRegions();
  const [one = ''] = await requestsOf(world, 1);
  await after(world, 61);
  const [other = ''] = await requestsOf(world, 1);
  await after(world, 61);
  expect(remindersTo(world, PEOPLE.alex)).toHaveLength(1);
  expect(listsFor(world, PEOPLE.alex)).toMatchObject([{ nudges: [], isContinued: true }, {}]);
  expect(listedFor(world, PEOPLE.alex)).toEqual([[], [one, other].sort()]);
});

test('I13: two processes at the same hints for 48 hours: nobody is told twice of a request, and of none not at all', async () => {
  const world = await aWorldOfRegions();
  const cores = [world.core, world.restart()];
  const ids: string[] = [];
  for (let step = 0; step < (48 * 60) / 5; step += 1) {
    if (step % 36 === 0) ids.push(...(await requestsOf(world, 3)));
    world.advance(5);
    for (const item of await world.ports.due.take(world.now)) {
      const done = await Promise.allSettled(cores.map((core) => core.runDue(item.hint)));
      if (done.every(({ status }) => status === 'fulfilled')) await world.ports.due.done(item);
    }
    await Promise.all(cores.map((core) => core.idle()));
  }
  for (let n = 0; n < 12; n += 1) await after(world, 5);

  const alone = remindersTo(world, PEOPLE.alex).map(({ notice }) => notice.gate.id);
  expect(new Set(alone).size).toBe(alone.length);
  const gates = await Promise.all(ids.map((id) => world.core.approvals.find(id)));
  const reminded = gates.flatMap((gate) => (gate?.remindedAt === undefined ? [] : [gate.id]));
  expect(reminded.length).toBeGreaterThan(20);
  const [stored] = (await world.ports.nudgeRecords.all()).filter(({ record }) => record.reader.includes(PEOPLE.alex));
  const said = stored?.record.said.map(({ about }) => about) ?? [];
  expect(stored?.record.days.filter(({ said: messages }) => messages > 6)).toEqual([]);
  expect(said.sort()).toEqual(reminded.map((id) => `request ${ORG} ${id}`).sort());
});

test('whoever works elsewhere is reminded when they begin, of everything that waited by one list', async () => {
  const world = await aWorldOfRegions();
  await meetIn(world, PEOPLE.alex, 'America/New_York');
  const ids = await requestsOf(world, 3);
  await after(world, 61);
  expect(remindersTo(world, PEOPLE.megan)).toHaveLength(1);
  expect(remindersTo(world, PEOPLE.alex)).toEqual([]);
  world.now = '2026-11-24T13:59:00.000Z';
  await world.settle();
  expect(listedFor(world, PEOPLE.alex)).toEqual([]);
  await after(world, 1);
  expect(listedFor(world, PEOPLE.alex)).toEqual([[...ids].sort()]);
  expect(remindersTo(world, PEOPLE.alex)).toEqual([]);
});

test('what is held until its reader begins is not said once it is decided', async () => {
  const world = await aWorldOfRegions();
  await meetIn(world, PEOPLE.alex, 'America/New_York');
  const [one = '', other = ''] = await requestsOf(world, 2);
  await after(world, 61);
  await decide(world, [one], { oid: PEOPLE.megan });
  world.now = '2026-11-24T14:00:00.000Z';
  await world.settle();
  expect(listedFor(world, PEOPLE.alex)).toEqual([[other]]);
  await decide(world, [other], { oid: PEOPLE.megan });
  await after(world, 2);
  expect(listsFor(world, PEOPLE.alex)).toMatchObject([{ nudges: [], settled: 1 }]);
});

test('a decision while a reminder is being put off: nobody is reminded of it later', async () => {
  const world = await aWorldOfRegions();
  await meetIn(world, PEOPLE.alex, 'America/New_York');
  const [id = ''] = await requestsOf(world, 1);
  const other = world.restart();
  const { nudgeRecords } = world.ports;
  const { of } = nudgeRecords;
  let decided = false;
  nudgeRecords.of = async (reader) => {
    if (!decided && reader.includes(PEOPLE.alex)) {
      decided = true;
      const wish = { requestId: id, revision: 1, verdict: 'approve', comment: '', by: personOf(PEOPLE.megan) } as const;
      expect(await other.approvals.decide({ ...wish, op: 'meanwhile' })).toMatchObject({ kind: 'decided' });
      await other.idle();
    }
    return of(reader);
  };
  await after(world, 61);
  expect(decided).toBe(true);
  expect((await of(`user:${PEOPLE.alex}`))?.record.waiting).toEqual([]);
  world.now = '2026-11-24T14:00:00.000Z';
  await world.settle();
  expect(listsFor(world, PEOPLE.alex)).toEqual([]);
});

test('a reminder reads and writes the record of its reader twice', async () => {
  const counted = countedInMemory([]);
  const world = createCoreWorldOn(counted.table, {});
  await world.meet(PEOPLE.alex);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  await world.deliver();
  await world.settle();
  counted.made();
  await after(world, 61);
  expect(counted.made().filter((call) => call.startsWith('roll'))).toEqual([
    'roll get',
    'roll commit',
    'roll get',
    'roll commit',
  ]);
});

test('what closes before its reader begins is said at once, and says so', async () => {
  const world = await aWorldOfRegions();
  await meetIn(world, PEOPLE.alex, 'Asia/Tokyo');
  world.now = FRIDAY;
  const [id = ''] = await requestsOf(world, 1);
  await after(world, 61);
  // Its token lasts until Sunday.
  expect((await world.core.approvals.find(id))?.closesAt).toBe('2026-11-29T12:00:00.000Z');
  expect(remindersTo(world, PEOPLE.alex).map(({ notice }) => notice.isUrgent)).toEqual([true]);
  expect(remindersTo(world, PEOPLE.megan).map(({ notice }) => notice.isUrgent)).toEqual([undefined]);
});

test('a process that dies between its claim and its message: another says it ten minutes later, once', async () => {
  const world = await aWorldOfRegions();
  const [id = ''] = await requestsOf(world, 1);
  const { post } = world.ports.notifier;
  let deaths = 0;
  Object.assign(world.ports.notifier, {
    post: (...about: Parameters<typeof post>) => {
      if (about[1].about === undefined || about[0].id !== personal(PEOPLE.alex).id) return post(...about);
      deaths += 1;
      return Promise.reject(new Error('died'));
    },
  });
  await after(world, 60);
  expect(deaths).toBe(1);
  Object.assign(world.ports.notifier, { post });
  for (let n = 0; n < 9; n += 1) await after(world, 1);
  expect([...remindersTo(world, PEOPLE.alex), ...listsFor(world, PEOPLE.alex)]).toEqual([]);
  for (let n = 0; n < 12; n += 1) await after(world, 1);
  expect(listedFor(world, PEOPLE.alex)).toEqual([[id]]);
  expect(remindersTo(world, PEOPLE.megan)).toHaveLength(1);
});

test('a process that dies while it writes a list: another writes it ten minutes later', async () => {
  const world = await aWorldOfRegions();
  const ids = await requestsOf(world, 3);
  await after(world, 61);
  const { retell } = world.ports.notifier;
  let deaths = 0;
  Object.assign(world.ports.notifier, {
    retell: () => {
      deaths += 1;
      return Promise.reject(new Error('died'));
    },
  });
  await after(world, 5);
  expect(deaths).toBeGreaterThan(0);
  Object.assign(world.ports.notifier, { retell });
  for (let n = 0; n < 9; n += 1) await after(world, 1);
  expect(listsFor(world, PEOPLE.alex)).toEqual([]);
  for (let n = 0; n < 3; n += 1) await after(world, 1);
  expect(listedFor(world, PEOPLE.alex)).toEqual([[...ids].sort()]);
  expect(remindersTo(world, PEOPLE.alex)).toHaveLength(1);
});

test('while Teams takes nothing a list stays due, and then comes once', async () => {
  const world = await aWorldOfRegions();
  const ids = await requestsOf(world, 3);
  await after(world, 61);
  world.teams.answer = ({ id }) => (id === personal(PEOPLE.alex).id ? { kind: 'unavailable' } : undefined);
  for (let n = 0; n < 5; n += 1) await after(world, 5);
  world.teams.answer = () => undefined;
  for (let n = 0; n < 3; n += 1) await after(world, 5);
  const told = [
    ...remindersTo(world, PEOPLE.alex).map(({ notice }) => notice.gate.id),
    ...listedFor(world, PEOPLE.alex).flat(),
  ];
  expect([...new Set(told)].sort()).toEqual([...ids].sort());
});

test('a person’s own reminder is never held, and counts: the one that time alone would send waits an hour after it', async () => {
  const world = await aWorldOfRegions();
  const [id = ''] = await requestsOf(world, 1);
  world.advance(30);
  const by = { kind: 'person', tenant: TENANT, oid: PEOPLE.adele, name: 'Adele' } as const;
  expect(await world.core.reminders.remind({ requestId: id, by, op: 'one' })).toMatchObject({ kind: 'reminded' });
  await world.settle();
  expect(remindersTo(world, PEOPLE.alex).map(({ notice }) => notice.from)).toEqual(['Adele Vance']);
  await after(world, 35);
  expect(remindersTo(world, PEOPLE.alex)).toHaveLength(1);
  await after(world, 25);
  expect(listedFor(world, PEOPLE.alex)).toEqual([[id]]);
});

test('stages of one run that the same people are asked about are one reminder, and no list besides', async () => {
  const world = await aWorldOfRegions();
  await deploys(world, ['prod', 'prod-eu']);
  for (let n = 0; n < 20; n += 1) await after(world, 5);
  expect(remindersTo(world, PEOPLE.alex)).toHaveLength(1);
  expect(listsFor(world, PEOPLE.alex)).toEqual([]);
});

test('over the number of the day reminders are held back, and said the next morning in one list', async () => {
  const world = await aWorldOfRegions();
  const name = `user:${PEOPLE.alex}`;
  const before = await world.ports.nudgeRecords.of(name);
  const days = [{ date: '2026-11-24', said: 6, heldBack: 0 }];
  await world.ports.nudgeRecords.put({ reader: name, days, said: [], waiting: [] }, before);
  world.now = '2026-11-24T14:30:00.000Z';
  const ids = await requestsOf(world, 2);
  await after(world, 61);
  await after(world, 60);
  expect([remindersTo(world, PEOPLE.alex), listsFor(world, PEOPLE.alex)]).toEqual([[], []]);
  expect((await world.ports.nudgeRecords.of(name))?.record.days).toMatchObject([{ said: 6, heldBack: 2 }]);
  world.now = '2026-11-25T09:00:00.000Z';
  await world.settle();
  expect(listedFor(world, PEOPLE.alex)).toEqual([[...ids].sort()]);
  expect(plusMinutes('2026-11-25T08:00:00.000Z', 60)).toBe(world.now);
});
