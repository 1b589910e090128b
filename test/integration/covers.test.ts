import { expect, test } from 'vitest';
import { type EvidenceEntry, firstBrokenEntry } from '../../services/domain/evidence.ts';
import { DirectoryUnavailableError } from '../../services/ports/directory.ts';
import { decodeEvidence } from '../../services/tables/evidence-row.ts';
import { key, prefixRange } from '../../services/tables/keys.ts';
import { TENANT } from '../builders.ts';
import { type CoreWorld, PEOPLE, personal } from '../fakes/core-world.ts';
import { cover } from '../fakes/cover-chat.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { aWaitingGate, wish } from '../fakes/waiting-gate.ts';

const DIEGO = '136b7a8b-8bfb-4a8d-b680-bd2b183ee7cb';
const PAT = '78f1bdf8-c249-4648-bb9a-88502761ba65';

async function evidenceOf({ table }: CoreWorld, oid: string): Promise<EvidenceEntry[]> {
  const rows = await table.list('roll', `${TENANT.toLowerCase()}~cover`, { ranges: [prefixRange(key('e', oid))] });
  return rows.map(decodeEvidence);
}

const cardsOf = (world: CoreWorld, oid: string) => world.posted.filter(({ to }) => to === personal(oid).id);

const covered = ({ news }: CoreWorld) => news.filter((one) => 'cover' in one);

test('who is away names a cover, who is told, sees what waits and decides it; the record names both', async () => {
  const { world, id } = await aWaitingGate();
  await world.meet(PEOPLE.isaiah);

  const text = await cover(world, PEOPLE.alex, 'me Isaiah Langer until Friday');

  expect(text).toBe(
    'Isaiah Langer covers you until Fri 27 Nov 2026, 23:00 UTC. That is the end of Fri 27 Nov 2026 in Europe/Berlin.\n' +
      'Requests that wait are shown to Isaiah Langer too; each decision names both. "cover me off" ends it.',
  );
  expect(world.news).toMatchObject([{ to: PEOPLE.isaiah, kind: 'set', conversation: personal(PEOPLE.isaiah).id }]);
  expect(cardsOf(world, PEOPLE.isaiah)).toMatchObject([{ notice: { gate: { id, revision: 1 } } }]);

  const answered = await world.core.approvals.decide(wish(id, PEOPLE.isaiah));
  await world.settle();

  expect(answered).toMatchObject({
    kind: 'decided',
    gate: { decision: { by: { oid: PEOPLE.isaiah }, covers: { oid: PEOPLE.alex, name: 'Alex Wilber' } } },
  });
  expect(world.told).toMatchObject([{ result: 'succeeded' }]);
});

test('a manager covers for one of their people: both are told', async () => {
  const { world } = await aWaitingGate();
  await world.meet(PEOPLE.isaiah);

  const text = await cover(world, PEOPLE.megan, 'Alex Wilber by isaiah.langer@contoso.example until in 3 days');

  expect(text).toMatch(/^Isaiah Langer covers Alex Wilber until Fri 27 Nov 2026, 23:00 UTC\./);
  expect(text).toContain('"cover Alex Wilber off" ends it.');
  expect(
    covered(world)
      .map(({ to }) => to)
      .sort(),
  ).toEqual([PEOPLE.alex, PEOPLE.isaiah].sort());
  expect(covered(world)[0]?.cover.setBy).toEqual({ oid: PEOPLE.megan, name: 'Megan Bowen' });
});

test.each<[string, string, string, RegExp]>([
  [
    'for somebody whose manager one is not',
    PEOPLE.isaiah,
    'Alex Wilber by Diego Siciliani until Friday',
    /only Alex Wilber/,
  ],
  ['by oneself', PEOPLE.alex, 'me Alex Wilber until Friday', /nobody covers themselves/],
  ['by a guest', PEOPLE.alex, 'me Pat Visitor until Friday', /Pat Visitor is a guest account/],
  ['by nobody', PEOPLE.alex, 'me Bob Dylan until Friday', /nobody of this name/],
  ['by half a name', PEOPLE.alex, 'me Isaiah until Friday', /nobody of this name/],
  ['until yesterday', PEOPLE.alex, 'me Isaiah Langer until 2026-11-23', /Mon 23 Nov 2026 is over/],
  [
    'for more than 30 days',
    PEOPLE.alex,
    'me Isaiah Langer until 2026-12-25',
    /30 days at most. The latest day is Thu 24 Dec 2026/,
  ],
  ['until no day', PEOPLE.alex, 'me Isaiah Langer until the cows come home', /no date that I can read/],
  [
    'until the end of nothing',
    PEOPLE.alex,
    'me Isaiah Langer until end of term',
    /"end of" and one of sprint and weekly-sync/,
  ],
  ['without a date', PEOPLE.alex, 'me Isaiah Langer', /I do not understand this. Write "cover me/],
  ['by a guest themselves', PAT, 'me Isaiah Langer until Friday', /guest account cannot decide/],
  [
    'by a stranger',
    'f0000000-0000-4000-8000-000000000000',
    'me Isaiah Langer until Friday',
    /not found in the directory/,
  ],
])('a cover %s is refused and nothing is written', async (_what, oid, words, sentence) => {
  const { world } = await aWaitingGate();

  const text = await cover(world, oid, words);

  expect(text).toMatch(sentence);
  expect(text).toMatch(/^Nothing was (changed|recorded)/);
  expect(await world.ports.covers.inForce(world.now)).toEqual([]);
  expect(await world.table.list('roll', `${TENANT.toLowerCase()}~cover`)).toEqual([]);
});

test('another account of the same human, a disabled one and one of two of a name are no covers', async () => {
  const people = (more: string) => ['directory.yaml', '  - oid: d20939b8-87c4-4046-b361-3c2c9a0a46e8', more] as const;
  const policyDir = await policyFolder(
    people(
      [
        '  - { oid: 10000000-0000-4000-8000-000000000001, name: Alex Admin, upn: admin@contoso.example, sameAs: [alex.wilber@contoso.example] }',
        '  - { oid: 10000000-0000-4000-8000-000000000002, name: Gone Gordon, upn: gone@contoso.example, disabled: true }',
        '  - { oid: 10000000-0000-4000-8000-000000000003, name: Isaiah Langer, upn: isaiah2@contoso.example }',
        '  - oid: d20939b8-87c4-4046-b361-3c2c9a0a46e8',
      ].join('\n'),
    ),
  );
  const { world } = await aWaitingGate({ policyDir });

  expect(await cover(world, PEOPLE.alex, 'me Alex Admin until Friday')).toMatch(/another account of the same person/);
  expect(await cover(world, PEOPLE.alex, 'me Gone Gordon until Friday')).toMatch(/Gone Gordon is disabled/);
  expect(await cover(world, PEOPLE.alex, 'me Isaiah Langer until Friday')).toMatch(/more than one person/);
  expect(await cover(world, PEOPLE.alex, 'me isaiah.langer@contoso.example until Friday')).toMatch(
    /^Isaiah Langer covers/,
  );
});

test('one person has one cover: a new one takes the place of the old, who is told', async () => {
  const { world } = await aWaitingGate();
  await world.meet(PEOPLE.isaiah);
  await cover(world, PEOPLE.alex, 'me Isaiah Langer until Friday');

  const text = await cover(world, PEOPLE.alex, 'me Diego Siciliani until 2026-12-01');

  expect(text).toContain('This takes the place of: Isaiah Langer covers you until Fri 27 Nov 2026, 23:00 UTC.');
  expect(await world.ports.covers.inForce(world.now)).toMatchObject([{ absent: PEOPLE.alex, by: DIEGO }]);
  expect(world.news.at(-1)).toMatchObject({ to: PEOPLE.isaiah, kind: 'ended' });
});

test.each<[string, string, string]>([
  ['who is back', PEOPLE.alex, 'me off'],
  ['the manager', PEOPLE.megan, 'Alex Wilber off'],
  ['who covers', PEOPLE.isaiah, 'Alex Wilber off'],
])('%s ends a cover, and the request is no longer with the cover', async (_who, oid, words) => {
  const { world, id } = await aWaitingGate();
  await cover(world, PEOPLE.alex, 'me Isaiah Langer until Friday');

  const text = await cover(world, oid, words);

  expect(text).toMatch(/^Ended: /);
  expect((await world.core.approvals.find(id))?.ask?.levels[0]?.eligible.map((one) => one.oid)).not.toContain(
    PEOPLE.isaiah,
  );
  expect(await world.core.approvals.decide(wish(id, PEOPLE.isaiah))).toMatchObject({ refusal: 'not-an-approver' });
  expect(await cover(world, oid, words)).toMatch(/^Nothing was changed/);
});

test('nobody else ends a cover', async () => {
  const { world } = await aWaitingGate();
  await cover(world, PEOPLE.alex, 'me Isaiah Langer until Friday');

  expect(await cover(world, DIEGO, 'Alex Wilber off')).toMatch(/only Alex Wilber/);
  expect(await world.ports.covers.inForce(world.now)).toHaveLength(1);
});

test('"cover" alone lists who covers me and whom I cover', async () => {
  const { world } = await aWaitingGate();
  await cover(world, PEOPLE.alex, 'me Isaiah Langer until Friday');

  expect(await cover(world, PEOPLE.isaiah, '')).toBe('You cover Alex Wilber until Fri 27 Nov 2026, 23:00 UTC.');
  expect(await cover(world, PEOPLE.alex, '')).toBe('Isaiah Langer covers you until Fri 27 Nov 2026, 23:00 UTC.');
  expect(await cover(world, DIEGO, '')).toMatch(/^Nobody covers you, and you cover nobody\./);
});

test('a cover whom the bot cannot reach is told as soon as they meet, once', async () => {
  const { world } = await aWaitingGate();
  await cover(world, PEOPLE.alex, 'me Isaiah Langer until Friday');
  expect(world.news).toEqual([]);

  await world.meet(PEOPLE.isaiah);
  await world.settle();
  await world.core.reconcile();

  expect(world.news.filter((one) => 'cover' in one)).toMatchObject([{ to: PEOPLE.isaiah }]);
  expect(cardsOf(world, PEOPLE.isaiah)).toHaveLength(1);
});

test('news that Teams did not take is sent by the next reconciliation, unless the cover is over by then', async () => {
  const { world } = await aWaitingGate();
  await world.meet(PEOPLE.isaiah);
  world.teams.answer = () => ({ kind: 'unavailable' });
  await cover(world, PEOPLE.alex, 'me Isaiah Langer until today');
  await cover(world, PEOPLE.megan, 'me Isaiah Langer until Friday');
  world.teams.answer = () => undefined;
  world.now = '2026-11-25T09:00:00.000Z';

  await world.core.reconcile();
  await world.core.reconcile();

  expect(covered(world).map((one) => one.cover.absent.oid)).toEqual([PEOPLE.megan]);
});

test('every cover that is arranged, replaced or ended is one entry of an unbroken chain; a repeated message adds none', async () => {
  const { world } = await aWaitingGate();

  await cover(world, PEOPLE.alex, 'me Isaiah Langer until Friday', [], 'the same message');
  await cover(world, PEOPLE.alex, 'me Isaiah Langer until Friday', [], 'the same message');
  await cover(world, PEOPLE.megan, 'Alex Wilber by Diego Siciliani until tomorrow');
  await cover(world, PEOPLE.alex, 'me off');

  const entries = await evidenceOf(world, PEOPLE.alex);
  expect(firstBrokenEntry(entries)).toBeUndefined();
  expect(entries.map(({ entry }) => JSON.parse(entry))).toMatchObject([
    {
      kind: 'cover-set',
      actor: { oid: PEOPLE.alex },
      data: { absent: PEOPLE.alex, by: PEOPLE.isaiah, until: '2026-11-27T23:00:00.000Z' },
    },
    {
      kind: 'cover-set',
      actor: { oid: PEOPLE.megan },
      data: { by: DIEGO, setBy: PEOPLE.megan, replaced: { by: PEOPLE.isaiah } },
    },
    { kind: 'cover-ended', actor: { oid: PEOPLE.alex }, data: { by: DIEGO } },
  ]);
  expect(entries[0]?.texts).toMatchObject({ absent: { text: 'Alex Wilber' }, by: { text: 'Isaiah Langer' } });
});

test('a mention means the person behind it, whatever its text says, and never falls back on the text', async () => {
  const { world } = await aWaitingGate();
  const mention = (oid: string | undefined, text = '@Megan Bowen', userId = '29:x') => [
    { text, userId, oid: async () => oid },
  ];

  expect(await cover(world, PEOPLE.alex, 'me @Megan Bowen until Friday', mention(PEOPLE.isaiah))).toMatch(
    /^Isaiah Langer covers you/,
  );
  expect(await cover(world, PEOPLE.alex, 'me @Megan Bowen until Friday', mention(undefined))).toMatch(
    /nobody of this name/,
  );
  expect(await cover(world, PEOPLE.alex, 'me @Megan Bowen or so until Friday', mention(PEOPLE.isaiah))).toMatch(
    /more than one person/,
  );
});

test('a mention whose two ids are those of two people names nobody', async () => {
  const { world } = await aWaitingGate();
  await world.ports.conversations.rememberUser({ oid: PEOPLE.isaiah, userId: '29:isaiah' });
  const forged = [{ text: '@Isaiah', userId: '29:somebody-else', oid: async () => PEOPLE.isaiah }];

  expect(await cover(world, PEOPLE.alex, 'me @Isaiah until Friday', forged)).toMatch(/more than one person/);
});

test('when the directory does not answer nothing is arranged', async () => {
  const { world } = await aWaitingGate();
  Object.assign(world.ports.directory, { named: () => Promise.reject(new DirectoryUnavailableError('down')) });

  expect(await cover(world, PEOPLE.alex, 'me Isaiah Langer until Friday')).toMatch(/could not be verified/);
  expect(await world.ports.covers.inForce(world.now)).toEqual([]);
});
