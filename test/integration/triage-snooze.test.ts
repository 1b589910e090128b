import { expect, test } from 'vitest';
import type { FindingGroup } from '../../services/domain/scan-head.ts';
import { DirectoryUnavailableError } from '../../services/ports/directory.ts';
import type { ScopeStore } from '../../services/ports/scope-store.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { createTriage } from '../../services/triage.ts';
import { createCoreWorld } from '../fakes/core-world.ts';
import { CAST } from '../fakes/exception-scene.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';
import { aWarning, evidenceOf, ORG, refusalOf, wish } from '../fakes/triage-scene.ts';

const DAY = 1_440;

test('a warning is put off until a day that a person writes, 30 days at most', async () => {
  const { world, fingerprint } = await aWarning();
  const until = (day: string) => world.core.triage.snooze({ ...wish(fingerprint, CAST.adele), until: day });

  expect(await until('Friday')).toMatchObject({ triage: { snoozed: { until: '2026-11-27' } } });
  expect(refusalOf(await until('2026-12-25'))).toEqual({ code: 'date-too-far', latest: '2026-12-24' });
  expect(refusalOf(await until('2026-11-23'))).toMatchObject({ code: 'date-past' });
  expect(refusalOf(await until('the cows come home'))).toEqual({ code: 'date-unreadable' });
  expect(refusalOf(await until('x'.repeat(20_000)))).toEqual({ code: 'date-unreadable' });
  expect(await evidenceOf(world, fingerprint)).toHaveLength(1);
});

test('a due date that lies later than 30 days is the latest day', async () => {
  const policyDir = await policyFolder(['contract.yaml', /^ +due: .*\n/gm, '        due: 60d\n']);
  const { world, fingerprint } = await aWarning({ policyDir });
  const until = (day: string) => world.core.triage.snooze({ ...wish(fingerprint, CAST.adele), until: day });

  expect(refusalOf(await until('2027-01-24'))).toEqual({ code: 'date-too-far', latest: '2027-01-23' });
  expect(await until('2027-01-23')).toMatchObject({ kind: 'done' });
});

test('a warning is put off until a fix exists, unless one does', async () => {
  const { world, fingerprint } = await aWarning();
  expect(await world.core.triage.snooze({ ...wish(fingerprint, CAST.adele), until: 'a fix' })).toMatchObject({
    triage: { snoozed: { untilFix: true } },
  });

  const view: ScopeStore['view'] = async (...asked) => {
    const read = await world.ports.scopes.view(...asked);
    const withFix = (group: FindingGroup) => ({ ...group, fixAvailable: true });
    return { ...read, heads: read.heads.map((head) => ({ ...head, groups: head.groups.map(withFix) })) };
  };
  const needs = { ...world.ports, scopes: { view }, orgs: [ORG], strangerBecause: async () => undefined };
  const answer = await createTriage(needs).snooze({ ...wish(fingerprint, CAST.adele), until: 'fix' });
  expect(refusalOf(answer)).toEqual({ code: 'fix-exists' });
});

test('what is overdue or blocks everywhere is not put off', async () => {
  const { world, fingerprint } = await aWarning();
  world.advance(31 * DAY);
  expect(
    refusalOf(await world.core.triage.snooze({ ...wish(fingerprint, CAST.adele), until: 'tomorrow' })),
  ).toMatchObject({ code: 'overdue' });

  const other = await createCoreWorld();
  await scanned(other, ['hardcoded-credential'], { environment: 'prod' });
  const { heads } = await other.ports.scopes.view({ org: ORG, service: 'payments-api', environment: 'prod' }, 'any');
  const blocking = heads[0]?.groups[0]?.fingerprints[0] ?? '';
  const answer = await other.core.triage.snooze({ ...wish(blocking, CAST.adele), until: 'tomorrow' });
  expect(refusalOf(answer)).toEqual({ code: 'blocks', environment: 'prod' });
});

test('released is as if nobody had ever had it, but for the record', async () => {
  const { world, fingerprint } = await aWarning();
  const { triage } = world.core;
  await triage.claim(wish(fingerprint, CAST.adele));
  await triage.snooze({ ...wish(fingerprint, CAST.adele), until: 'tomorrow' });

  const answer = await triage.release(wish(fingerprint, CAST.diego));

  expect(answer).not.toHaveProperty('triage');
  expect(refusalOf(await triage.release(wish(fingerprint, CAST.diego)))).toEqual({ code: 'nothing-to-release' });
  expect((await evidenceOf(world, fingerprint)).map(({ kind, data }) => [kind, data])).toMatchObject([
    ['finding-claimed', {}],
    ['finding-snoozed', { before: { assignee: CAST.adele } }],
    ['finding-released', { before: { assignee: CAST.adele, snoozed: { until: '2026-11-25' } } }],
  ]);
});

test('nothing of it ever gates: what is claimed, snoozed and handed on is judged as if nobody had touched it', async () => {
  const judgements = [];
  for (const isTriaged of [false, true]) {
    const world = await createCoreWorld();
    await scanned(world, ['hardcoded-credential', 'weak-random']);
    const { heads } = await world.ports.scopes.view({ org: ORG, service: 'payments-api', environment: '-' }, 'any');
    const prints = heads.flatMap(({ groups }) => groups.flatMap(({ fingerprints }) => fingerprints));
    for (const print of isTriaged ? prints : []) {
      const answer = await world.core.triage.snooze({ ...wish(print, CAST.adele), until: 'tomorrow' });
      expect(answer.kind).toBe('done');
      await world.core.triage.claim(wish(print, CAST.adele));
    }
    const gate = (await world.ports.gates.locate(await world.deliver()))?.gate;
    judgements.push([gate?.state, gate?.judgement]);
  }
  expect(judgements[0]).toMatchObject(['blocked', { blocks: [{ rule: 'hardcoded-credential' }] }]);
  expect(judgements[1]).toEqual(judgements[0]);
});

test('a directory or a store that does not answer never makes anything of it', async () => {
  const { world, fingerprint } = await aWarning();
  const real = world.ports.directory;
  const silent = { ...real, isMember: () => Promise.reject(new DirectoryUnavailableError('switched off')) };
  const needs = { ...world.ports, directory: silent, orgs: [ORG], strangerBecause: async () => undefined };

  expect(refusalOf(await createTriage(needs).claim(wish(fingerprint, CAST.adele)))).toEqual({
    code: 'stranger',
    refusal: 'cannot-verify-now',
  });
  const down = { ...world.ports.triage, read: () => Promise.reject(new StoreUnavailableError('switched off')) };
  const broken = { ...world.ports, triage: down, orgs: [ORG], strangerBecause: async () => undefined };
  await expect(createTriage(broken).claim(wish(fingerprint, CAST.adele))).rejects.toThrow(StoreUnavailableError);
  expect(await evidenceOf(world, fingerprint)).toEqual([]);
});
