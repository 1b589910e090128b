import { expect, test } from 'vitest';
import { findingCard } from '../../cards/finding-card.ts';
import type { FindingFilter, FindingList } from '../../services/domain/finding-list.ts';
import type { FindingView } from '../../services/domain/finding-view.ts';
import type { TriageRefusal } from '../../services/domain/triage-refusal.ts';
import { createFindingLists } from '../../services/finding-lists.ts';
import { factValue } from '../cards/read.ts';
import { type CoreWorld, createCoreWorld } from '../fakes/core-world.ts';
import { actor, ask, CAST, exceptionOf, grant } from '../fakes/exception-scene.ts';
import { edited, policyFolder } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';
import { aWarning, ORG, printIn, wish } from '../fakes/triage-scene.ts';

const DAY = 1_440;
const commit = (n: number) => n.toString(16).padStart(40, 'e');

async function listed(world: CoreWorld, oid: string, filter: FindingFilter = {}): Promise<FindingList> {
  return isList(await world.core.findingLists.list(actor(oid), filter));
}

function isList<T extends FindingList | FindingView>(answer: T | TriageRefusal): T {
  if ('code' in answer) throw new Error(JSON.stringify(answer));
  return answer;
}

const shown = ({ rows }: FindingList) =>
  rows.map(({ environment, group: { service, decision, rule } }) => `${decision} ${service} ${environment} ${rule}`);

test('a person sees what they and their groups own, what stops a deployment first', async () => {
  const world = await createCoreWorld();
  await scanned(world, ['weak-random', 'hardcoded-credential']);
  await scanned(world, ['weak-random'], { service: 'orders-api' });

  expect(shown(await listed(world, CAST.adele))).toEqual([
    'block payments-api prod hardcoded-credential',
    'warn payments-api prod weak-random',
    'warn payments-api staging hardcoded-credential',
    'warn payments-api staging weak-random',
  ]);
  expect(shown(await listed(world, CAST.lee))).toEqual([
    'warn orders-api prod weak-random',
    'warn orders-api staging weak-random',
  ]);
});

test.each<[FindingFilter, readonly string[]]>([
  [
    { service: 'Payments-API', environment: 'prod' },
    ['block payments-api prod hardcoded-credential', 'warn payments-api prod weak-random'],
  ],
  [{ service: 'payments-api', decision: 'block' }, ['block payments-api prod hardcoded-credential']],
  [{ service: 'prod', decision: 'warn' }, ['warn payments-api prod weak-random']],
  [{ service: 'orders-api' }, []],
])('a list is narrowed by its words: %j', async (filter, rows) => {
  const world = await createCoreWorld();
  await scanned(world, ['weak-random', 'hardcoded-credential']);
  expect(shown(await listed(world, CAST.adele, filter))).toEqual(rows);
});

test('what is only counted is listed on request, and nowhere else', async () => {
  const world = await createCoreWorld();
  await scanned(world, ['weak-random'], { level: 'note' });
  expect(shown(await listed(world, CAST.adele))).toEqual([]);
  expect(shown(await listed(world, CAST.adele, { service: 'payments-api', decision: 'monitor' }))).toEqual([
    'monitor payments-api prod weak-random',
    'monitor payments-api staging weak-random',
  ]);
});

test('what somebody has is in their list, whoever owns it, until it is released or gone', async () => {
  const { world, fingerprint } = await aWarning();
  const to = { kind: 'person', oid: CAST.isaiah } as const;
  await world.core.triage.assign({ ...wish(fingerprint, CAST.megan), to });

  const list = await listed(world, CAST.isaiah);
  expect(shown(list)).toEqual(['warn payments-api prod weak-random', 'warn payments-api staging weak-random']);
  expect(list.rows[0]?.claims).toEqual([{ oid: CAST.isaiah, name: 'Isaiah Langer', count: 1 }]);

  world.advance(11);
  await world.core.triage.release(wish(fingerprint, CAST.isaiah));
  expect(shown(await listed(world, CAST.isaiah))).toEqual([]);
  expect(await world.ports.triage.assignedTo(CAST.isaiah)).toEqual([]);
});

test('a leaver has nothing: what they claimed is listed as unowned', async () => {
  const policyDir = await policyFolder();
  const { world, fingerprint } = await aWarning({ policyDir });
  await world.core.triage.claim(wish(fingerprint, CAST.adele));
  expect((await listed(world, CAST.diego)).counts.unowned).toBe(0);

  await edited(policyDir, ['directory.yaml', '    name: Adele Vance\n', '    name: Adele Vance\n    disabled: true\n']);

  const { rows, counts } = await listed(world, CAST.diego);
  expect(counts.unowned).toBe(2);
  expect(rows[0]).toMatchObject({ unowned: 1, hasOwner: true, claims: [{ oid: CAST.adele, count: 1 }] });
  expect(rows[0]?.claims[0]).not.toHaveProperty('name');
});

test('a finding whose owners are all gone is owned by nobody', async () => {
  const policyDir = await policyFolder([
    'directory.yaml',
    / {2}payments-owners:\n(?: {4}- .*\n)+/g,
    '  payments-owners: []\n',
  ]);
  const { world } = await aWarning({ policyDir });
  expect(await listed(world, CAST.alex)).toMatchObject({ rows: [] });
  const { rows } = await listed(world, CAST.alex, { service: 'payments-api' });
  expect(rows).toMatchObject([
    { hasOwner: false, unowned: 1 },
    { hasOwner: false, unowned: 1 },
  ]);
});

test('behaviour 27: a rule without a date is overdue in no list, however long it lasts', async () => {
  const policyDir = await policyFolder(['contract.yaml', /^ +due: .*\n/gm, '']);
  const { world } = await aWarning({ policyDir });
  world.advance(400 * DAY);
  const { rows, counts } = await listed(world, CAST.adele);
  expect(rows).toHaveLength(2);
  expect(counts.overdue).toBe(0);
  expect(rows.some(({ isOverdue }) => isOverdue)).toBe(false);
});

test('what is overdue comes first and is no longer quiet; its lead sees it too', async () => {
  const { world, fingerprint } = await aWarning();
  await world.core.triage.snooze({ ...wish(fingerprint, CAST.adele), until: 'in 20 days' });
  const before = await listed(world, CAST.adele);
  expect(before.counts).toMatchObject({ overdue: 0, snoozed: 2 });
  expect(shown(await listed(world, CAST.alex))).toEqual([]);

  world.advance(15 * DAY);

  const { rows, counts } = await listed(world, CAST.adele);
  expect(counts).toMatchObject({ overdue: 1, snoozed: 1 });
  expect(rows.map(({ environment, isOverdue }) => [environment, isOverdue])).toEqual([
    ['prod', true],
    ['staging', false],
  ]);
  expect(shown(await listed(world, CAST.alex))).toEqual(['warn payments-api prod weak-random']);
});

test('what an exception covers is a warning that names it', async () => {
  const world = await createCoreWorld();
  await scanned(world, ['leaked-key'], { tool: 'gitleaks' });
  const print = await printIn(world);
  const { id } = exceptionOf(await ask(world, { fingerprints: [print] }));
  await grant(world, id);
  expect((await listed(world, CAST.adele, { service: 'payments-api', environment: 'prod' })).rows).toMatchObject([
    { group: { decision: 'warn', exceptionId: id } },
  ]);
  const view = isList(await world.core.viewFinding(wish(print, CAST.adele)));
  expect(view.exceptions).toMatchObject([{ id }]);
});

test('one finding: what the contract says of it in each environment, its past, and who has it', async () => {
  const { world, fingerprint } = await aWarning();
  await world.core.triage.claim(wish(fingerprint, CAST.adele));
  world.advance(DAY);
  await scanned(world, ['weak-random'], { commit: commit(2) });

  const view = isList(await world.core.viewFinding(wish(fingerprint.slice(0, 10), CAST.lee)));

  expect(view).toMatchObject({
    key: { org: ORG, service: 'payments-api', fingerprint },
    context: { owner: 'group:payments-owners', lead: 'group:payments-leads', criticality: 'high' },
    places: [
      { environment: 'prod', group: { decision: 'warn' } },
      { environment: 'staging', group: { decision: 'warn' } },
    ],
    assignee: 'Adele Vance',
    isUnowned: false,
    pasts: [{ environment: '-', past: { state: 'open', count: 2, firstSeen: '2026-11-24T09:00:00.000Z' } }],
  });
});

test('a finding that is gone is done: its past stays, and nobody is asked about it any more', async () => {
  const { world, fingerprint } = await aWarning();
  await world.core.triage.claim(wish(fingerprint, CAST.adele));
  world.advance(DAY);
  await scanned(world, [], { commit: commit(2) });

  expect(shown(await listed(world, CAST.adele))).toEqual([]);
  const view = isList(await world.core.viewFinding(wish(fingerprint, CAST.adele)));
  expect(view).toMatchObject({ places: [], pasts: [{ past: { state: 'gone' } }], triage: { assignee: CAST.adele } });
  expect(view.pasts[0]?.past.events.map(({ kind }) => kind)).toEqual(['first-seen', 'gone']);
  expect(await world.core.viewFinding(wish('0'.repeat(32), CAST.adele))).toMatchObject({ code: 'unknown-finding' });
});

test('a file that was moved is a new finding, whose card says where it was before', async () => {
  const { world, fingerprint } = await aWarning();
  world.advance(DAY);
  await scanned(world, ['weak-random'], { commit: commit(2), folder: 'lib' });
  const [row] = (await listed(world, CAST.adele)).rows;
  const moved = row?.group.fingerprints[0] ?? '';
  expect(moved).not.toBe(fingerprint);
  const card = findingCard(isList(await world.core.viewFinding(wish(moved, CAST.adele))));
  expect(factValue(card, 'facts', 'Like')).toContain(`${fingerprint.slice(0, 8)}`);
  expect(factValue(card, 'facts', 'Like')).toContain('src/weak-random.ts');
});

test('a guest, a stranger and somebody of another tenant read nothing', async () => {
  const { world, fingerprint } = await aWarning();
  const others = [
    actor('78f1bdf8-c249-4648-bb9a-88502761ba65'),
    actor('f0000000-0000-4000-8000-000000000000'),
    { ...actor(CAST.adele), tenant: '11111111-1111-4111-8111-111111111111' },
  ];
  for (const by of others) {
    expect(await world.core.findingLists.list(by, { service: 'payments-api' })).toMatchObject({ code: 'stranger' });
    expect(await world.core.viewFinding({ ...wish(fingerprint, CAST.adele), by })).toMatchObject({ code: 'stranger' });
  }
});

test('a list of a service costs a call for each environment, one for all of them and one for what people do', async () => {
  const { world } = await aWarning();
  const calls: string[] = [];
  const { scopes, triage } = world.ports;
  const view: typeof scopes.view = (scope, commits) => {
    calls.push(scope.environment);
    return scopes.view(scope, commits);
  };
  const of: typeof triage.of = (org, service) => {
    calls.push('triage');
    return triage.of(org, service);
  };
  const lists = createFindingLists({
    ...world.ports,
    scopes: { view },
    triage: { ...triage, of },
    orgs: [ORG],
    strangerBecause: async () => undefined,
  });
  await lists.list(actor(CAST.adele), { service: 'payments-api' });
  expect(calls.sort()).toEqual(['-', 'prod', 'staging', 'triage']);
});
