import { expect, onTestFinished, test } from 'vitest';
import { teamsSetUpOf } from '../../bot/compose.ts';
import { setUpTeams } from '../../bot/console/set-up-teams.ts';
import { createAppInstallations, type InstallationAim } from '../../services/app-installations.ts';
import { createGraphDirectory } from '../../services/directory/graph-directory.ts';
import { createGraphTeamsApps } from '../../services/directory/graph-teams-apps.ts';
import type { Route } from '../../services/domain/route.ts';
import type { PolicySnapshot } from '../../services/ports/policy.ts';
import { throttled } from '../fakes/azure-devops-faults.ts';
import { startGraph } from '../fakes/graph.ts';
import type { GraphUser } from '../fakes/graph-answers.ts';

const MANIFEST = '3d1f5a20-8c1e-4c1b-9b54-6a2a1f2b7c01';
const CATALOG = 'c0ffee00-1111-4222-8333-444444444444';
const APP = { id: CATALOG, externalId: MANIFEST, displayName: 'Countersign' };
const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

function aUser(n: number, over: Partial<GraphUser> = {}): GraphUser {
  const address = `person-${n}@contoso.example`;
  return {
    ...{ id: idOf(n), displayName: `Person ${String(n).padStart(3, '0')}`, userPrincipalName: address },
    ...{ userType: 'Member', accountEnabled: true, mail: address, otherMails: [], proxyAddresses: [] },
    ...over,
  };
}

const aRoute = (...from: readonly `group:${string}`[]) =>
  ({ levels: [{ quorum: 1, from }], freezes: [] }) as unknown as Route;

/** Leads are these people; one route asks them. */
async function scene(users: readonly GraphUser[], routes: readonly Route[] = [aRoute('group:leads')]) {
  const graph = await startGraph();
  onTestFinished(() => graph.close());
  graph.world.users = users;
  graph.world.groups = [{ id: idOf(900), displayName: 'leads', members: users.map(({ id }) => id) }];
  graph.world.teamsApps = [APP];
  graph.world.granted = new Set([
    ...graph.world.granted,
    'AppCatalog.Read.All',
    'TeamsAppInstallation.ReadWriteForUser.All',
  ]);
  const waited: number[] = [];
  let now = 0;
  const options = { url: graph.url, allowLoopback: true, credential: graph.credential, now: () => now };
  const installApp = createAppInstallations({
    ...{ directory: createGraphDirectory(options), apps: createGraphTeamsApps({ ...options, callMs: 2_000 }) },
    wait: async (seconds) => {
      waited.push(seconds);
      now += seconds * 1_000;
    },
  });
  const run = (over: Partial<InstallationAim> = {}) =>
    installApp({ routes, manifestId: MANIFEST, apply: true, ...over });
  const installs = () => graph.requests.filter((one) => one.startsWith('POST'));
  const policy = {
    current: async () => ({ routes, problems: [], brokenRoutes: new Map() }) as unknown as PolicySnapshot,
  };
  const setUp = (options: Readonly<Record<string, string>>) =>
    setUpTeams(async () => ({ installApp, policy, botId: MANIFEST }), options);
  return { graph, run, waited, installs, setUp };
}

const told = ({ installations }: Awaited<ReturnType<Awaited<ReturnType<typeof scene>>['run']>>) =>
  installations.map(({ person, step, isDone }) => `${person.name}: ${step}${isDone ? ' done' : ''}`);

test('the plan says who would get the app and writes nothing; applied, each has it; a second run writes nothing', async () => {
  const { graph, run, installs } = await scene([aUser(1), aUser(2)]);
  graph.world.installed.set(idOf(2), [CATALOG]);

  expect(told(await run({ apply: false }))).toEqual(['Person 001: install', 'Person 002: leave']);
  expect(installs()).toEqual([]);

  expect(told(await run())).toEqual(['Person 001: install done', 'Person 002: leave']);
  expect(graph.world.installed.get(idOf(1))).toEqual([CATALOG]);

  expect(told(await run())).toEqual(['Person 001: leave', 'Person 002: leave']);
  expect(installs()).toHaveLength(1);
});

test('everybody whom routes may ask is meant once: levels, escalation and freezes, through pages and groups within groups', async () => {
  const users = Array.from({ length: 25 }, (_, n) => aUser(n + 1));
  const route = { ...aRoute('group:leads'), escalateTo: 'group:bosses', freezes: [{ level: `user:${idOf(25)}` }] };
  const { graph, run } = await scene(users, [route as unknown as Route, aRoute('group:leads')]);
  graph.world.pageSize = 4;
  graph.world.groups = [
    { id: idOf(900), displayName: 'leads', members: [...users.slice(0, 20).map(({ id }) => id)] },
    { id: idOf(901), displayName: 'bosses', members: [idOf(902), idOf(1)] },
    { id: idOf(902), displayName: 'more bosses', members: users.slice(20, 24).map(({ id }) => id) },
  ];

  const report = await run();

  expect(report.installations.filter(({ isDone }) => isDone)).toHaveLength(25);
  expect(graph.world.installed.size).toBe(25);
});

test('guests, disabled accounts, people without a licence and such as a policy bars are told with what to do, and stop nobody else', async () => {
  const { run } = await scene([
    aUser(1, { userType: 'Guest' }),
    aUser(2, { accountEnabled: false }),
    aUser(3, { withoutApps: 'no-licence' }),
    aUser(4, { withoutApps: 'blocked' }),
    aUser(5),
  ]);

  const { installations } = await run();

  expect(installations.map(({ step, why }) => `${step}: ${why}`)).toEqual([
    expect.stringMatching(/^cannot: a guest/),
    expect.stringMatching(/^cannot: the account is disabled/),
    expect.stringMatching(/^cannot: .*no licence for Teams.*app setup policy/),
    expect.stringMatching(/^cannot: .*403 Forbidden.*app setup policy/),
    'install: installed',
  ]);
});

test('an app that is not in the catalog is told as that, and nobody is asked about', async () => {
  const { graph, run } = await scene([aUser(1)]);
  graph.world.teamsApps = [];

  expect(await run()).toEqual({ installations: [], unread: [] });
  expect(graph.requests).toHaveLength(1);
});

test('a catalog that may not be read names its permission, and an id that is given is not looked up', async () => {
  const { graph, run } = await scene([aUser(1)]);
  graph.world.granted = new Set([...graph.world.granted].filter((one) => one !== 'AppCatalog.Read.All'));

  await expect(run()).rejects.toThrow(/403.*AppCatalog\.Read\.All/);
  expect(told(await run({ catalogId: CATALOG }))).toEqual(['Person 001: install done']);
});

test('a group that nobody can tell is told, and the others are done', async () => {
  const { graph, run } = await scene([aUser(1)], [aRoute('group:leads', 'group:twins', 'group:nobody')]);
  const twin = { displayName: 'twins', members: [] };
  graph.world.groups = [...graph.world.groups, { id: idOf(903), ...twin }, { id: idOf(904), ...twin }];

  const report = await run();

  expect(told(report)).toEqual(['Person 001: install done']);
  expect(report.unread).toEqual([
    expect.stringMatching(/^group:twins: .*several groups are called/),
    expect.stringMatching(/^group:nobody: nobody is in it/),
  ]);
});

test('with 429 it waits as long as Graph asks and goes on; an answer that is lost is looked for before it is written again', async () => {
  const { graph, run, waited, installs } = await scene([aUser(1), aUser(2)]);
  graph.faults.add({ ...throttled(/^GET .*installedApps/, 7), times: 1 });
  graph.faults.add({ on: /^POST .*installedApps/, times: 1, cut: 'after' });

  const report = await run();

  expect(told(report)).toEqual(['Person 001: install done', 'Person 002: install done']);
  expect(waited).toEqual([7, 2]);
  expect(installs()).toHaveLength(2);
});

test('what another has installed meanwhile is left to them', async () => {
  const { graph, run } = await scene([aUser(1)]);
  graph.faults.add({ on: /^POST/, times: 1, status: 409, body: { error: { code: 'Conflict' } } });

  expect(told(await run())).toEqual(['Person 001: leave']);
});

test('somebody for whom nothing is answered is told as that, and the others are done', async () => {
  const { graph, run } = await scene([aUser(1), aUser(2), aUser(3)]);
  graph.faults.add({ on: new RegExp(`^POST .*${idOf(2)}`), status: 503, body: {} });

  expect(told(await run())).toEqual(['Person 001: install done', 'Person 002: cannot', 'Person 003: install done']);
  graph.faults.clear();

  expect(told(await run())).toEqual(['Person 001: leave', 'Person 002: install done', 'Person 003: leave']);
});

test('with nobody signed in it rejects at once', async () => {
  const { graph, run, waited } = await scene([aUser(1)]);
  graph.credential.getToken = () => Promise.reject(new Error('CredentialUnavailableError'));

  await expect(run()).rejects.toThrow('no token');
  expect(waited).toEqual([]);
});

test('where the sign-in ends on the way, what was done is told and the rest too; where it never was good it rejects', async () => {
  const { graph, run } = await scene([aUser(1), aUser(2), aUser(3)]);
  graph.faults.add({ on: new RegExp(`^GET .*${idOf(2)}`), status: 401, body: {} });

  const report = await run();
  expect([told(report), report.unread]).toEqual([
    ['Person 001: install done'],
    [expect.stringMatching(/^2 people, Person 002 and whoever comes after: .*401/)],
  ]);

  graph.faults.add({ on: /./, status: 401, body: {} });
  await expect(run()).rejects.toThrow('401');
});

test('setup teams plans, installs, and finds nothing to do, a person a line', async () => {
  const { setUp, installs } = await scene([aUser(1), aUser(2, { displayName: 'Two\nlines' })]);

  const plan = await setUp({});
  expect(plan.exitCode).toBe(0);
  expect(plan.lines).toEqual([
    'install\tPerson 001\tperson-1@contoso.example\thas it not yet',
    'install\tTwo lines\tperson-2@contoso.example\thas it not yet',
  ]);
  expect(plan.remarks).toEqual(['2 install. Nothing was written: --apply does it.']);
  expect(await setUp({ check: 'true' })).toMatchObject({ exitCode: 1, lines: plan.lines });
  expect(installs()).toEqual([]);

  expect(await setUp({ apply: 'true' })).toMatchObject({ exitCode: 0, remarks: ['2 installed.'] });
  expect(await setUp({ check: 'true' })).toMatchObject({ exitCode: 0, remarks: ['2 leave.'] });
});

test('setup teams ends with 1 where somebody cannot have the app, or the catalog has it not and how to bring it there', async () => {
  const { graph, setUp } = await scene([aUser(1, { withoutApps: 'blocked' }), aUser(2)]);

  const applied = await setUp({ apply: 'true' });
  expect(applied.exitCode).toBe(1);
  expect(applied.lines.map((line) => line.split('\t')[0])).toEqual(['cannot', 'installed']);

  graph.world.teamsApps = [];
  const missing = await setUp({});
  expect([missing.exitCode, missing.lines, missing.remarks?.join()]).toEqual([
    1,
    [],
    expect.stringMatching(/npm run package.*Teams admin center/),
  ]);
});

test('wrong options and settings of setup teams are told before anything is called', async () => {
  const { graph, setUp } = await scene([aUser(1)]);
  await expect(setUp({ check: 'true', apply: 'true' })).rejects.toThrow('--check writes nothing');
  await expect(setUp({ app: '../x' })).rejects.toThrow('--app takes the id');
  expect(graph.requests).toEqual([]);

  const env = { POLICY_DIR: 'manifest/policy', BOT_ID: MANIFEST };
  expect(() => teamsSetUpOf({ ...env, BOT_ID: '' })).toThrow('BOT_ID');
  expect(() => teamsSetUpOf({ ...env, BOT_CLOUD: 'china' })).toThrow('app setup policy');
  expect(() => teamsSetUpOf({ ...env, DIRECTORY_FILE: 'people.yaml' })).toThrow('COUNTERSIGN_LOCAL=true only');
  expect(teamsSetUpOf(env).botId).toBe(MANIFEST);
});

test('a policy without routes asks nobody, and is told as that', async () => {
  const { setUp } = await scene([aUser(1)], []);
  await expect(setUp({})).rejects.toThrow('no routes are in force');
});
