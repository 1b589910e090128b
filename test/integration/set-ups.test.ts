import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { checkForm } from '../../services/domain/check-form.ts';
import { AzureDevOpsRefusedError } from '../../services/ports/azure-devops.ts';
import { signInPage } from '../fakes/azure-devops-faults.ts';
import {
  ADDRESSES,
  aService,
  BOT,
  brokenRules,
  CHECK_KEY,
  catalogOf,
  contractOf,
  counted,
  HOOK_PASSWORD,
  setUpScene,
} from '../fakes/set-up-scene.ts';

const EVENTS = 5;
const PLAN = { apply: false };

/** The n-th environment of a list. */
const named = (count: number, prefix: string) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`);

describe('what is made', () => {
  test('the plan says what would be made and writes nothing', async () => {
    const scene = await setUpScene({ Shop: ['prod'] });

    const report = await scene.run(PLAN);

    expect(counted(report)).toEqual({
      'create service-connection': 1,
      'create variable-group': 1,
      'change pipeline-permissions': 1,
      'create check': 1,
      'create hook-subscription': EVENTS,
    });
    expect(scene.writes()).toEqual([]);
  });

  test('the check is that of manifest/pipelines/check.json, its key in the variable group, its connection without a secret', async () => {
    const scene = await setUpScene({ Shop: ['prod'] });

    await scene.run();

    const written = JSON.parse(await readFile(new URL('../../manifest/pipelines/check.json', import.meta.url), 'utf8'));
    const [check] = scene.simulator.configurations;
    const inputs = check?.settings['inputs'] as Record<string, string>;
    expect(JSON.parse(inputs['headers'] ?? '')).toEqual(written.headers);
    expect(JSON.parse(inputs['body'] ?? '')).toEqual({ ...written.body, service: 'shop' });
    expect(inputs).toMatchObject({
      ...{ method: written.method, urlSuffix: written.urlSuffix },
      waitForCompletion: written.waitForCompletion,
    });
    expect(check).toMatchObject({
      timeout: written.timeoutMinutes,
      settings: {
        retryInterval: written.timeBetweenEvaluationsMinutes,
        linkedVariableGroup: written.linkedVariableGroup,
      },
    });
    const [connection] = scene.simulator.library.connections;
    expect([connection?.url, connection?.id]).toEqual([BOT, inputs['connectedServiceName']]);
    expect(scene.simulator.library.groups).toMatchObject([{ name: 'countersign-check', secrets: [CHECK_KEY] }]);
  });

  test('a written form of the domain is the same as manifest/pipelines/check.json', async () => {
    const written = JSON.parse(await readFile(new URL('../../manifest/pipelines/check.json', import.meta.url), 'utf8'));
    const { headers, body, group, timeoutMinutes, retryMinutes, method, urlSuffix } = checkForm('prod', 'payments-api');
    expect({ headers, body, timeoutMinutes, method, urlSuffix }).toEqual({
      ...{ headers: written.headers, body: written.body, timeoutMinutes: written.timeoutMinutes },
      ...{ method: written.method, urlSuffix: written.urlSuffix },
    });
    expect([group, retryMinutes]).toEqual([written.linkedVariableGroup, written.timeBetweenEvaluationsMinutes]);
  });

  test('service hooks go to the address of events with the password, each event once in each project', async () => {
    const scene = await setUpScene({ Shop: ['prod'], Pay: ['live'] });

    await scene.run();

    const { subscriptions } = scene.simulator;
    expect(subscriptions).toHaveLength(2 * EVENTS);
    for (const one of subscriptions)
      expect(one).toMatchObject({ url: ADDRESSES.hooksUrl, username: 'countersign', password: HOOK_PASSWORD });
    expect(new Set(subscriptions.map(({ project, eventType }) => `${project?.name} ${eventType}`)).size).toBe(10);
  });

  test('only the pipelines that the catalog names may use the connection', async () => {
    const scene = await setUpScene({ Shop: ['prod'] });

    await scene.run();

    const [connection] = scene.simulator.library.connections;
    expect(connection?.pipelines?.map(({ name }) => name)).toEqual(['shop']);
    expect(connection?.isOpenToAll).toBe(false);
  });

  test("the bot's own posture finds nothing wrong with the checks, the connection and the hooks", async () => {
    const scene = await setUpScene({ Shop: ['prod'], Pay: ['live'] });
    expect(await brokenRules(scene)).toContain('environment-without-check');

    await scene.run();

    expect(await brokenRules(scene)).toEqual([]);
  });

  test('where several services are deployed to one environment the body names none', async () => {
    const scene = await setUpScene(
      { Shop: ['prod'] },
      { catalog: (own) => catalogOf(...own, aService('cart', ['PROD'])) },
    );
    scene.simulator.addPipeline({ name: 'cart' });

    await scene.run();

    const inputs = scene.simulator.configurations[0]?.settings['inputs'] as Record<string, string>;
    expect(JSON.parse(inputs['body'] ?? '')).not.toHaveProperty('service');
    expect(await brokenRules(scene)).toEqual([]);
  });

  test('a second run changes nothing and writes nothing', async () => {
    const scene = await setUpScene({ Shop: ['prod', 'staging'], Pay: ['live'] });
    await scene.run();
    scene.writes();

    const report = await scene.run();

    expect(scene.writes()).toEqual([]);
    expect(new Set(report.results.map(({ step, isDone }) => `${step} ${isDone}`))).toEqual(new Set(['leave false']));
  });
});

describe('what is refused', () => {
  test('of 200 environments in four projects three are forbidden: 197 are done, three are told with the role, and nothing is done twice', async () => {
    const projects = Object.fromEntries(['Shop', 'Pay', 'Ship', 'Mail'].map((name) => [name, named(50, name)]));
    const scene = await setUpScene(projects);
    const forbidden = [3, 77, 200];
    for (const id of forbidden) scene.simulator.forbidChecks({ id, project: scene.simulator.project });

    const report = await scene.run();

    expect(counted(report)).toMatchObject({ 'created check': 197, 'cannot check': 3 });
    const refused = report.results.filter(({ step }) => step === 'cannot');
    expect(refused.map(({ project, name }) => `${project}/${name}`)).toEqual([
      'Shop/Shop-2',
      'Pay/Pay-26',
      'Mail/Mail-49',
    ]);
    for (const { why } of refused) expect(why).toMatch(/403.*the role Administrator of the environment/);
    scene.writes();

    const again = await scene.run();
    expect(counted(again)).toMatchObject({ 'leave check': 197, 'cannot check': 3 });
    // Only what is still missing is tried.
    expect(scene.writes()).toHaveLength(3);
    expect(scene.simulator.configurations).toHaveLength(197);
  });

  test('a list that may not be read is told with its permission, and what needs it is not made', async () => {
    const scene = await setUpScene({ Shop: ['prod'] });
    scene.simulator.faults.add({ on: /^GET .*variablegroups/, status: 403, body: { message: 'no' } });

    const report = await scene.run();

    const told = report.results.filter(({ step }) => step === 'cannot');
    expect(told.map(({ kind, why }) => [kind, why])).toEqual([
      ['variable-group', expect.stringContaining('the role Reader of the library')],
      ['check', expect.stringContaining('needs the service connection and its key')],
    ]);
    // A check without its key would stop whatever is deployed.
    expect(scene.simulator.configurations).toEqual([]);
    expect(scene.simulator.subscriptions).toHaveLength(EVENTS);
  });

  test('a refused connection leaves its checks undone, and says so of each', async () => {
    const scene = await setUpScene({ Shop: ['prod', 'staging'] });
    scene.simulator.faults.add({ on: /^POST .*serviceendpoint/, status: 403, body: { message: 'no' } });

    const report = await scene.run();

    expect(counted(report)).toMatchObject({
      'cannot service-connection': 1,
      'cannot check': 2,
      'created variable-group': 1,
    });
    expect(report.results.find(({ kind }) => kind === 'service-connection')?.why).toContain(
      'Creator of service connections',
    );
  });

  test.each([
    ['a sign-in page', signInPage(/./)],
    ['401', { on: /./, status: 401, body: {} }],
  ])('with %s for everything it rejects, and says how to sign in', async (_, fault) => {
    const scene = await setUpScene({ Shop: ['prod'] });
    scene.simulator.faults.add(fault);

    await expect(scene.run()).rejects.toThrow(/az login/);
  });

  test('with nobody signed in it rejects at once', async () => {
    const scene = await setUpScene({ Shop: ['prod'] }, { isSignedIn: false });

    await expect(scene.run()).rejects.toThrow(/Entra gave no token.*az login/);
    expect(scene.waited).toEqual([]);
  });

  test('a sign-in that ends on the way stops there and tells the rest as not done', async () => {
    const scene = await setUpScene({ Shop: ['prod', 'staging'] });
    scene.simulator.faults.add(signInPage(/^POST .*checks\/configurations/));

    const report = await scene.run();

    expect(counted(report)).toMatchObject({ 'created service-connection': 1, 'cannot check': 2 });
    expect(report.unread).toEqual([expect.stringContaining('az login')]);
  });

  test('an environment of a service that no project has is told, and none is made', async () => {
    const scene = await setUpScene(
      { Shop: ['prod'] },
      {
        catalog: () => catalogOf(aService('shop', ['prod', 'live']), aService('ghost', ['prod'])),
        contract: contractOf({ prod: {}, live: {} }),
      },
    );

    const report = await scene.run(PLAN);

    const told = report.results.filter(({ step }) => step === 'cannot').map(({ name, why }) => `${name}: ${why}`);
    expect(told).toEqual([
      expect.stringMatching(/^live: no project of shop has this environment/),
      expect.stringMatching(/^prod: no project that you may see has a pipeline or repository of ghost/),
    ]);
  });

  test('an environment that the contract does not have is told, and gets no check', async () => {
    const scene = await setUpScene({ Shop: ['prod'] }, { contract: contractOf({ live: {} }) });

    const report = await scene.run();

    expect(report.results.map(({ step, why }) => [step, why])).toEqual([
      ['cannot', expect.stringContaining('the contract has no environment of this name')],
    ]);
    expect(scene.writes()).toEqual([]);
  });

  test('without secrets no key is stored and no hook is made, and the check waits for its key', async () => {
    const scene = await setUpScene({ Shop: ['prod'] }, { secrets: {} });

    const report = await scene.run({}, { hasKey: false, hasPassword: false });

    expect(counted(report)).toEqual({
      ...{ 'created service-connection': 1, 'cannot variable-group': 1 },
      ...{ 'changed pipeline-permissions': 1, 'cannot check': 1 },
    });
    expect(report.results.find(({ kind }) => kind === 'variable-group')?.why).toContain('CHECK_SECRETS');
  });
});

test('an organization that is not configured is never called', async () => {
  const scene = await setUpScene(
    { Shop: ['prod'] },
    {
      through: (platform) => ({ ...platform, projects: () => platform.projects('https://dev.azure.example/other') }),
    },
  );

  await expect(scene.run()).rejects.toThrow(AzureDevOpsRefusedError);
  expect(scene.simulator.requests).toEqual([]);
});
