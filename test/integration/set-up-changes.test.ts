import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createPatIdentity } from '../../services/azure-devops/identity.ts';
import { createPlatformSetUp } from '../../services/azure-devops/platform-set-up.ts';
import { CHECK_TYPES, TASKS } from '../fakes/platform-checks.ts';
import {
  ADDRESSES,
  aService,
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

describe('what is there already', () => {
  test('a check of somebody else at the environment is left as it is, and ours stands beside it', async () => {
    const scene = await setUpScene({ Shop: ['prod'] });
    const elsewhere = scene.simulator.addAddress('jira', 'https://jira.example');
    const other = scene.simulator.addOurCheck({ id: 1, project: scene.simulator.project }, { connection: elsewhere });
    const approval = scene.simulator.addCheck({ id: 1, project: scene.simulator.project }, CHECK_TYPES.approval, {});
    const before = structuredClone([other, approval]);

    await scene.run();

    expect(scene.simulator.configurations.slice(0, 2)).toEqual(before);
    expect(scene.simulator.configurations).toHaveLength(3);
  });

  test('where a check calls an address that may not be seen none is added: it may be ours', async () => {
    const scene = await setUpScene({ Shop: ['prod'] });
    scene.simulator.addOurCheck(
      { id: 1, project: scene.simulator.project },
      { connection: 'c0ffee00-0000-4000-8000-000000000001', environment: 'prod' },
    );

    const report = await scene.run();

    expect(report.results.find(({ kind }) => kind === 'check')).toMatchObject({
      step: 'cannot',
      why: expect.stringContaining('the role Reader of its service connection'),
    });
    expect(scene.simulator.configurations).toHaveLength(1);
  });

  test('a check of ours that is otherwise is changed, and keeps what somebody added to its body', async () => {
    const scene = await setUpScene({ Shop: ['prod'] });
    await scene.run();
    const [check] = scene.simulator.configurations;
    if (check === undefined) throw new Error('no check was made');
    const inputs = check.settings['inputs'] as Record<string, string>;
    const body = { ...JSON.parse(inputs['body'] ?? ''), environment: 'staging', artifact: '$(digest)' };
    const wrong = { ...inputs, body: JSON.stringify(body), waitForCompletion: 'false' };
    Object.assign(check, { timeout: 43_200, isDisabled: true, settings: { ...check.settings, inputs: wrong } });

    const plan = await scene.run(PLAN);
    expect(plan.results.find(({ step }) => step === 'change')?.why).toBe(
      'it is disabled; it does not wait for its answer; its timeout is 43200 minutes, not 2820; its body environment is another',
    );
    await scene.run();

    expect(await brokenRules(scene)).toEqual([]);
    const mended = scene.simulator.configurations[0]?.settings['inputs'] as Record<string, string>;
    expect(JSON.parse(mended['body'] ?? '')).toMatchObject({ environment: 'prod', artifact: '$(digest)' });
    expect(scene.simulator.configurations).toHaveLength(1);
  });

  test('an Azure Function check that calls this bot is no reason for a second one', async () => {
    const scene = await setUpScene({ Shop: ['prod'] });
    scene.simulator.addCheck({ id: 1, project: scene.simulator.project }, CHECK_TYPES.task, {
      definitionRef: { id: TASKS.invokeFunction },
      inputs: { function: ADDRESSES.checksUrl, waitForCompletion: 'true', body: '{"environment":"prod"}' },
    });

    const report = await scene.run();

    expect(counted(report)).toMatchObject({ 'leave check': 1 });
    expect(scene.simulator.configurations).toHaveLength(1);
  });

  test('with several services a body that names one of them is left, one that names another service is changed', async () => {
    const scene = await setUpScene(
      { Shop: ['prod'] },
      { catalog: (own) => catalogOf(...own, aService('cart', ['prod'])) },
    );
    scene.simulator.addPipeline({ name: 'cart' });
    await scene.run();
    const [check] = scene.simulator.configurations;
    if (check === undefined) throw new Error('no check was made');
    const speaks = (service: string) => {
      const inputs = check.settings['inputs'] as Record<string, string>;
      const body = JSON.stringify({ ...JSON.parse(inputs['body'] ?? ''), service });
      Object.assign(check, { settings: { ...check.settings, inputs: { ...inputs, body } } });
    };

    speaks('cart');
    expect(counted(await scene.run(PLAN))).toMatchObject({ 'leave check': 1 });
    speaks('stranger');
    expect(await brokenRules(scene)).toEqual(['environment-check-elsewhere']);
    await scene.run();

    expect(await brokenRules(scene)).toEqual([]);
  });

  test('a subscription that was disabled is enabled with the password, one with a filter does not count', async () => {
    const scene = await setUpScene({ Shop: ['prod'] });
    const filtered = scene.simulator.subscribe({
      ...{ eventType: 'ms.vss-pipelinechecks-events.approval-pending', url: ADDRESSES.hooksUrl },
      ...{ project: scene.simulator.project, pipelineId: '7' },
    });
    await scene.run();
    expect(scene.simulator.subscriptions).toHaveLength(EVENTS + 1);
    await scene.remove();
    expect(scene.simulator.subscriptions).toEqual([filtered]);
    await scene.run();
    const first = scene.simulator.subscriptions[1];
    if (first === undefined) throw new Error('no subscription was made');
    Object.assign(first, { status: 'disabledBySystem', password: '' });

    await scene.run();

    expect(first).toMatchObject({ status: 'enabled', password: HOOK_PASSWORD });
    expect(scene.simulator.subscriptions).toHaveLength(EVENTS + 1);
  });

  test('a disabled subscription of the whole organization is left as it is: written for one project it were lost to the others', async () => {
    const scene = await setUpScene({ Shop: ['prod'] });
    const everywhere = scene.simulator.subscribe({
      ...{ eventType: 'ms.vss-pipelinechecks-events.approval-pending', url: ADDRESSES.hooksUrl },
    });
    everywhere.status = 'disabledByUser';
    const before = structuredClone(everywhere);

    await scene.run();

    expect(everywhere).toEqual(before);
    expect(scene.simulator.subscriptions).toHaveLength(EVENTS + 1);
  });

  test('a variable group of that name without the key is not written over', async () => {
    const scene = await setUpScene({ Shop: ['prod'] });
    const { project } = scene.simulator;
    scene.simulator.library.groups.push({
      project,
      id: 9,
      name: 'countersign-check',
      variables: { a: { value: '1' } },
    });

    const report = await scene.run();

    expect(counted(report)).toMatchObject({ 'cannot variable-group': 1, 'cannot check': 1 });
    expect(scene.simulator.library.groups).toHaveLength(1);
  });
});

describe('how far it goes', () => {
  test('with observeOnly nothing that the contract enforces is touched', async () => {
    const observed = { observeUntil: '2027-02-01' };
    const contract = contractOf({ prod: {}, pilot: observed, over: { observeUntil: '2026-11-01' } });
    const scene = await setUpScene({ Shop: ['prod', 'pilot', 'over'] }, { contract });

    const report = await scene.run({}, { observeOnly: true });

    const checks = report.results.filter(({ kind }) => kind === 'check');
    expect(checks.map(({ name, step, isDone }) => [name, step, isDone])).toEqual([
      ['prod', 'leave', false],
      ['pilot', 'create', true],
      ['over', 'leave', false],
    ]);
    expect(scene.simulator.configurations.map(({ resource }) => resource.id)).toEqual(['2']);
    expect(checks[1]?.why).toContain('only observed until 2027-02-01');
  });

  test('a scope narrows it to a project or to one environment, without regard to case', async () => {
    const scene = await setUpScene({ Shop: ['prod', 'staging'], Pay: ['live'] });

    await scene.run({ only: { project: 'SHOP', environment: 'Prod' } });
    expect(scene.simulator.configurations.map(({ resource }) => resource.id)).toEqual(['1']);
    expect(scene.simulator.subscriptions).toEqual([]);

    const report = await scene.run({ only: { project: 'pay' } });
    expect([...new Set(report.results.map(({ project }) => project))]).toEqual(['Pay']);
    expect(scene.simulator.subscriptions).toHaveLength(EVENTS);
  });

  test('a project that holds nothing of the catalog is not looked into', async () => {
    const scene = await setUpScene({ Shop: ['prod'] });
    const stranger = scene.simulator.addProject('Stranger');
    scene.simulator.addEnvironment('prod', stranger);

    await scene.run();

    expect(scene.simulator.requests.some(({ path }) => path.includes(`${stranger.id}/_apis/distributedtask`))).toBe(
      false,
    );
    expect(scene.simulator.configurations).toHaveLength(1);
  });
});

test('what Azure DevOps quotes of a refused write is told without the secret that was in it', async () => {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      response.writeHead(400, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ message: `not understood: ${body.slice(body.indexOf(CHECK_KEY))}` }));
    });
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const organization = `http://127.0.0.1:${(server.address() as AddressInfo).port}/contoso`;
  const platform = createPlatformSetUp({
    ...{ organizations: [organization], identity: createPatIdentity('pat'), addresses: ADDRESSES },
    ...{ secrets: { checkKey: CHECK_KEY }, connection: { sleep: async () => undefined } },
  });
  const project = { id: '11111111-1111-4111-8111-111111111111', name: 'Shop' };

  const refused = await platform
    .write(organization, project, { kind: 'variable-group' })
    .catch((error: Error) => error);
  expect(String(refused)).toContain('not understood: …');
  expect(String(refused)).not.toContain(CHECK_KEY);
});
