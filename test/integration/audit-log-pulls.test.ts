import { describe, expect, test } from 'vitest';
import { freshTables } from '../contracts/fresh-tables.ts';
import { anActivity, anAuditEntry, capitalized, setAuditScene } from '../fakes/audit-scene.ts';
import { signInPage, throttled } from '../fakes/azure-devops-faults.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { PAYMENTS, vault } from '../fakes/signal-scene.ts';

// Audit logs are read as they grow: nothing is missed, nothing counted twice, and what could not be read is unknown.

type Scene = Awaited<ReturnType<typeof setAuditScene>>;

const at = (scene: Scene, minutes = 0) => new Date(Date.parse(scene.world.now) + minutes * 60_000).toISOString();
const events = ({ world }: Scene) => world.ports.activity.since('2026-11-01T00:00:00.000Z');
const rules = async (scene: Scene) => (await events(scene)).map(({ rule }) => rule).sort();
const token = (scene: Scene, minutes = 0, over: object = {}) =>
  anAuditEntry('Token.PatCreateEvent', at(scene, minutes), { category: 'create', ...over });
const failureOf = async (scene: Scene, source: string) =>
  (await scene.signals()).find((signal) => signal.source === source)?.failure?.why;

describe.each(freshTables())('the pulled audit logs, on %s', (_name, newTable) => {
  test('what is in them is kept once with its scope, in either case, over restarts and rounds that overlap', async () => {
    const scene = await setAuditScene(await newTable());
    await scene.pass(0);
    const policy = { data: { RepoName: 'payments-api', FriendlyName: 'main' } };
    scene.audit(token(scene), capitalized(anAuditEntry('Git.RefUpdatePoliciesBypassed', at(scene), policy)));
    scene.activity(anActivity('Microsoft.Authorization/locks/delete', at(scene)));
    await scene.pass();
    await scene.round(scene.world.restart());
    await scene.pass();

    expect((await events(scene)).toSorted((a, b) => (a.rule < b.rule ? -1 : 1))).toMatchObject([
      { rule: 'Git.RefUpdatePoliciesBypassed', severity: 'high', services: ['payments-api'], environment: '-' },
      { rule: 'Token.PatCreateEvent', services: [], environment: '-', source: 'azure-devops-audit' },
      { rule: 'microsoft.authorization/locks/delete', services: ['payments-api'], environment: 'prod' },
      { rule: 'release-path.unknown', services: ['payments-api'], environment: 'prod' },
    ]);
  });

  test('an entry that comes an hour late is not missed, and one that came is not gone when pages lack it', async () => {
    const scene = await setAuditScene(await newTable());
    await scene.pass(0);
    scene.audit(token(scene));
    for (let n = 0; n < 11; n += 1) await scene.pass();
    scene.audit(anAuditEntry('Token.SshCreateEvent', at(scene, -55)));
    await scene.pass();
    await scene.pass(120);

    expect(await rules(scene)).toEqual(['Token.PatCreateEvent', 'Token.SshCreateEvent']);
  });

  test('a page that is cut moves nothing; the next process goes on with that page', async () => {
    const scene = await setAuditScene(await newTable());
    scene.devOps.auditLog.pageSize = 2;
    scene.audit(...Array.from({ length: 5 }, (_, n) => token(scene, -n)));
    const end = scene.devOps.faults.add({ on: /auditlog.*continuationToken=4/, cut: 'body' });
    await scene.pass(0);
    expect(await events(scene)).toHaveLength(4);
    expect(await failureOf(scene, 'azure-devops-audit')).toContain('/_apis/audit/auditlog');
    end();
    scene.world.advance(5);
    const before = scene.devOps.requests.length;
    await scene.round(scene.world.restart());

    expect(await events(scene)).toHaveLength(5);
    const asked = scene.devOps.requests.slice(before).filter(({ path }) => path.includes('auditlog'));
    expect(asked.map(({ path }) => new URLSearchParams(path).get('continuationToken'))).toEqual(['4']);
  });
});

describe('a log that cannot be read', () => {
  const set = () => setAuditScene(createInMemoryTable());

  test('is unknown, with the permission that is missing named, and is read again once it is given', async () => {
    const scene = await set();
    scene.devOps.auditLog.isReadable = false;
    scene.audit(token(scene));
    await scene.pass(0);
    expect(await failureOf(scene, 'azure-devops-audit')).toContain('"View audit log" (vso.auditlog)');
    const audit = await scene.world.core.audits.audit();
    expect(audit?.unknown).toEqual([expect.stringContaining('vso.auditlog')]);
    expect(audit?.activities).toEqual([]);

    scene.devOps.auditLog.isReadable = true;
    await scene.pass(15);
    expect(await failureOf(scene, 'azure-devops-audit')).toBeUndefined();
    expect((await scene.world.core.audits.audit())?.activities).toMatchObject([{ group: 'tokens', count: 1 }]);
    expect((await scene.world.core.audits.audit())?.unknown).toEqual([]);
  });

  test('of an organization whose auditing is off says so', async () => {
    const scene = await set();
    scene.devOps.auditLog.isOn = false;
    await scene.pass(0);

    expect(await failureOf(scene, 'azure-devops-audit')).toContain('turn "Log audit events" on');
  });

  test('behind a sign-in page is no empty log', async () => {
    const scene = await set();
    scene.devOps.faults.add(signInPage(/auditlog/));
    await scene.pass(0);

    expect(await failureOf(scene, 'azure-devops-audit')).toMatch(
      /203 with a sign-in page: give the bot "View audit log"/,
    );
  });

  test('of a subscription without the role Reader names the role', async () => {
    const scene = await set();
    scene.azure.world.activity = {};
    await scene.pass(0);

    expect(await failureOf(scene, 'azure-activity')).toContain('the role Reader');
  });

  test.each([
    ['with', 600, 10],
    ['without', undefined, 5],
  ])(
    'that asks for patience %s Retry-After is asked again after %s seconds, not before',
    async (_how, seconds, minutes) => {
      const scene = await set();
      const fault = seconds === undefined ? { on: /auditlog/, status: 429 } : throttled(/auditlog/, seconds);
      const end = scene.devOps.faults.add(fault);
      scene.audit(token(scene));
      await scene.pass(0);
      end();
      if (minutes > 5) await scene.pass();
      expect(await events(scene)).toEqual([]);
      await scene.pass();

      expect(await events(scene)).toHaveLength(1);
    },
  );

  test('leaves the other logs alone', async () => {
    const scene = await set();
    scene.devOps.faults.add({ on: /auditlog/, status: 500 });
    scene.activity(anActivity('Microsoft.Authorization/locks/delete', at(scene)));
    await scene.pass(0);

    expect(await rules(scene)).toEqual(['microsoft.authorization/locks/delete', 'release-path.unknown']);
  });

  test('goes on where one of its entries is none as documented, and says how many', async () => {
    const scene = await set();
    scene.audit({ timestamp: at(scene) }, token(scene));
    await scene.pass(0);

    expect(await rules(scene)).toEqual(['Token.PatCreateEvent']);
    expect(await failureOf(scene, 'azure-devops-audit')).toBe(
      '1 of its entries could not be read: an entry names no action',
    );
  });

  test('whose pages have no end is refused, and begun anew', async () => {
    const scene = await set();
    scene.azure.world.pageSize = 1;
    scene.azure.world.nextLink = (link) => link.replace(/skiptoken=\d+/, 'skiptoken=1');
    scene.activity(...[1, 2, 3].map(() => anActivity('Microsoft.Authorization/locks/delete', at(scene))));
    await scene.pass(0);

    expect(await failureOf(scene, 'azure-activity')).toContain('its pages have no end');
  });

  test('names its next page elsewhere, and is not followed', async () => {
    const scene = await set();
    scene.azure.world.pageSize = 1;
    scene.azure.world.nextLink = (link) => link.replace(PAYMENTS, '00000000-0000-4000-8000-000000000000');
    scene.activity(...[1, 2].map(() => anActivity('Microsoft.Authorization/locks/delete', at(scene))));
    await scene.pass(0);

    expect(await failureOf(scene, 'azure-activity')).toContain('it is not followed');
  });
});

test('the answer of the audit log is read as the reference shows it, too', async () => {
  const scene = await setAuditScene(createInMemoryTable());
  scene.devOps.auditLog.isWrapped = true;
  scene.audit(token(scene));
  await scene.pass(0);

  expect(await rules(scene)).toEqual(['Token.PatCreateEvent']);
});

test('what is done to something of nobody is kept, and the catalog is told about', async () => {
  const scene = await setAuditScene(createInMemoryTable());
  const resourceId = vault('keys', 'rg-of-nobody');
  scene.activity(anActivity('Microsoft.Authorization/locks/delete', at(scene), { resourceId }));
  await scene.pass(0);

  expect(await events(scene)).toMatchObject([{ services: [], environment: '-' }]);
  expect((await scene.signals()).find(({ source }) => source === 'azure-activity')?.strangers.count).toBe(1);
});

test('a round in which nothing happened makes so many calls', async () => {
  const scene = await setAuditScene(createInMemoryTable());
  await scene.pass(0);
  const before = [scene.devOps.requests.length, scene.azure.requests.length];
  await scene.pass();

  expect(scene.devOps.requests.slice(before[0]).map(({ path }) => path.split('?')[0]?.split('/').at(-1))).toEqual([
    ...['environmentdeploymentrecords', 'auditlog'],
  ]);
  // The list of subscriptions, for the catalog names them, and the log of each.
  expect(scene.azure.requests.slice(before[1])).toHaveLength(5);
});
