import { describe, expect, test } from 'vitest';
import type { PlatformSetUp } from '../../services/ports/platform-set-up.ts';
import { throttled } from '../fakes/azure-devops-faults.ts';
import { aConnection } from '../fakes/platform-connections.ts';
import { BOT, counted, setUpScene } from '../fakes/set-up-scene.ts';

const EVENTS = 5;
const PLAN = { apply: false };

describe('what is interrupted', () => {
  test('a run that is killed after any write is made whole by the next, without duplicates', async () => {
    const writesOfOneRun = 1 + 1 + 1 + 2 + EVENTS;
    for (let n = 1; n <= writesOfOneRun; n += 1) {
      let left = n;
      const dying = (platform: PlatformSetUp): PlatformSetUp => ({
        ...platform,
        write: async (...written) => {
          await platform.write(...written);
          left -= 1;
          if (left === 0) throw new Error('killed');
        },
      });
      const scene = await setUpScene({ Shop: ['prod', 'staging'] }, { through: dying });
      await expect(scene.run()).rejects.toThrow('killed');
      expect(scene.writes()).toHaveLength(n);

      await scene.run();

      const { configurations, library, subscriptions } = scene.simulator;
      expect([n, configurations.length, library.connections.length]).toEqual([n, 2, 1]);
      expect([n, library.groups.length, subscriptions.length]).toEqual([n, 1, EVENTS]);
      expect(scene.writes()).toHaveLength(writesOfOneRun - n);
    }
  });

  test('a write whose answer is lost is looked for before it is written again', async () => {
    for (const on of [/^POST .*serviceendpoint/, /^POST .*variablegroups/, /^POST .*checks\/conf/, /^POST .*hooks/]) {
      const scene = await setUpScene({ Shop: ['prod'] });
      scene.simulator.faults.add({ on, times: 1, cut: 'after' });

      const report = await scene.run();

      const { configurations, library, subscriptions } = scene.simulator;
      expect([on, configurations.length, library.connections.length]).toEqual([on, 1, 1]);
      expect([on, library.groups.length, subscriptions.length]).toEqual([on, 1, EVENTS]);
      expect(report.results.every((one) => one.isDone)).toBe(true);
    }
  });

  test('with 429 it waits as long as it is asked to, else a little longer each time, and goes on', async () => {
    const scene = await setUpScene({ Shop: ['prod'] });
    scene.simulator.faults.add({ ...throttled(/^GET .*environments/, 7), times: 1 });
    scene.simulator.faults.add({ ...throttled(/^POST .*checks\/conf/, 11), times: 1 });
    scene.simulator.faults.add({ on: /^POST .*hooks/, status: 429, body: {}, times: 2 });

    const report = await scene.run();

    expect(scene.waited).toEqual([7, 2, 4, 11]);
    expect(report.results.every((one) => one.isDone)).toBe(true);
    expect(scene.simulator.subscriptions).toHaveLength(EVENTS);
  });

  test('an organization that stops answering is left, and what is not done is told as that', async () => {
    const scene = await setUpScene({ Shop: ['prod'], Pay: ['live'] });
    scene.simulator.faults.add({ on: /^POST .*checks\/conf/, status: 503, body: {} });

    const report = await scene.run();

    const checks = report.results.filter(({ kind }) => kind === 'check');
    expect(checks.map(({ step, project }) => [step, project])).toEqual([
      ['cannot', 'Shop'],
      ['cannot', 'Pay'],
    ]);
    expect(scene.waited.reduce((sum, one) => sum + one, 0)).toBeLessThan(600);
  });

  test('what another has made meanwhile is left to them, and is not made twice', async () => {
    const scene = await setUpScene(
      { Shop: ['prod'] },
      {
        through: (platform) => ({
          ...platform,
          write: async (organization, project, change) => {
            if (change.kind === 'service-connection') await platform.write(organization, project, change);
            return platform.write(organization, project, change);
          },
        }),
      },
    );

    const report = await scene.run();

    expect(scene.simulator.library.connections).toHaveLength(1);
    expect(counted(report)).toMatchObject({ 'leave service-connection': 1, 'created check': 1 });
  });

  test('a name that is taken by what may not be seen is told, and not tried for ever', async () => {
    const scene = await setUpScene({ Shop: ['prod'] });
    scene.simulator.library.connections.push(
      aConnection(scene.simulator.project, 'countersign', { type: 'generic', url: 'https://elsewhere.example' }),
    );

    const report = await scene.run();

    expect(report.results.find(({ kind }) => kind === 'service-connection')).toMatchObject({
      step: 'cannot',
      why: expect.stringContaining('already exists'),
    });
  });
});

describe('what is taken away', () => {
  test('all that was made, in every project, and nothing else', async () => {
    const scene = await setUpScene({ Shop: ['prod', 'staging'], Pay: ['live'] });
    const { simulator } = scene;
    const elsewhere = simulator.addAddress('jira', 'https://jira.example');
    simulator.addOurCheck({ id: 1, project: simulator.project }, { connection: elsewhere });
    simulator.subscribe({
      eventType: 'ms.vss-pipelines.run-state-changed-event',
      url: 'https://bot.contoso.example.org/x',
    });
    simulator.library.groups.push({ project: simulator.project, id: 9, name: 'other', variables: {} });
    const before = structuredClone([simulator.configurations, simulator.subscriptions, simulator.library]);
    await scene.run();
    scene.writes();

    const plan = await scene.remove(PLAN);
    expect(scene.writes()).toEqual([]);
    expect(counted(plan)).toMatchObject({ 'remove check': 3, 'remove hook-subscription': 2 * EVENTS });
    const report = await scene.remove();

    expect(report.results.filter(({ isDone, step }) => !isDone && step !== 'leave')).toEqual([]);
    expect([simulator.configurations, simulator.subscriptions, simulator.library]).toEqual(before);
    scene.writes();
    await scene.remove();
    expect(scene.writes()).toEqual([]);
  });

  test('a connection and a group that people made stay, and so does what a check still needs', async () => {
    const scene = await setUpScene({ Shop: ['prod', 'staging'] });
    const { simulator } = scene;
    simulator.addAddress('by-hand', BOT);
    await scene.run();
    scene.simulator.forbidChecks({ id: 2, project: simulator.project });

    const report = await scene.remove();

    expect(counted(report)).toMatchObject({
      ...{ 'removed check': 1, 'cannot check': 1 },
      ...{ 'leave service-connection': 1, 'cannot variable-group': 1 },
    });
    expect(simulator.library.connections.map(({ name }) => name)).toEqual(['by-hand']);
    expect(simulator.library.groups).toHaveLength(1);
  });

  test('where checks may not be read nothing that they may need is taken away', async () => {
    const scene = await setUpScene({ Shop: ['prod'] });
    await scene.run();
    scene.simulator.faults.add({ on: /queryconfigurations/, status: 403, body: { message: 'no' } });

    const report = await scene.remove();

    expect(counted(report)).toEqual({ 'cannot check': 1, 'removed hook-subscription': EVENTS });
    expect(scene.simulator.library.connections).toHaveLength(1);
  });

  test('of one environment its check alone, and what is gone already is no fault', async () => {
    const scene = await setUpScene({ Shop: ['prod', 'staging'] });
    await scene.run();
    scene.simulator.faults.add({ on: /^DELETE/, times: 1, cut: 'after' });

    const report = await scene.remove({ only: { project: 'Shop', environment: 'prod' } });

    expect(counted(report)).toEqual({ 'removed check': 1 });
    expect(scene.simulator.configurations).toHaveLength(1);
    expect(scene.simulator.library.connections).toHaveLength(1);
  });
});
