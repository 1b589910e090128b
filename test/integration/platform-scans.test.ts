import { describe, expect, test } from 'vitest';
import type { HookEvent } from '../../services/domain/hook-event.ts';
import { freshTables } from '../contracts/fresh-tables.ts';
import { signInPage, throttled } from '../fakes/azure-devops-faults.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { setPlatformWorld } from '../fakes/platform-world.ts';

/** First what projects hold, then the rest of them. */
const BOTH = 2;

describe.each(freshTables())('a delivery platform, on %s', (_name, newTable) => {
  const setWorld = async () => setPlatformWorld(await newTable());

  test('is judged for the places of its services, and a gate reads what is wrong as any other finding', async () => {
    const { world, scan, headIn, openIn } = await setWorld();
    await scan(world.core, BOTH);
    expect(await openIn()).toEqual(['branch-without-policies', 'environment-without-check']);
    expect(await headIn()).toMatchObject({ category: 'platform', complete: true });
    expect(await openIn('staging')).toEqual([]);
    expect(await headIn('staging')).toMatchObject({ complete: true });
    expect(await headIn('prod', 'orders-api')).toBeUndefined();
  });

  test('that was mended is well again with the next read', async () => {
    const { world, scan, openIn, guard } = await setWorld();
    await scan(world.core, BOTH);
    guard();
    world.advance(60);
    await scan();
    expect(await openIn()).toEqual(['branch-without-policies']);
  });

  test('of which a read dies between answer and store is read again, and nothing of it is half there', async () => {
    const table = await newTable();
    const { world, scan, section, openIn } = await setPlatformWorld(table);
    await scan();
    table.failNextCommit('sys', 'before');
    await scan();
    expect((await section('environments'))?.known).toBeUndefined();
    expect(await openIn()).not.toContain('environment-without-check');
    await scan(world.restart());
    expect(await openIn()).toContain('environment-without-check');
  });

  test('that two processes read at once is read and judged as by one', async () => {
    const { world, openIn, section, simulator } = await setWorld();
    for (let n = 0; n < 20; n += 1) simulator.addEnvironment(`env-${n}`);
    const other = world.restart();
    for (let n = 0; n < 3; n += 1) {
      await Promise.all([world.core.reconcile(), other.reconcile()]);
      await Promise.all([world.core.idle(), other.idle()]);
      world.advance(5);
    }
    expect((await section('environments'))?.known?.facts).toHaveLength(21);
    // Whoever administers the project administers prod and all the others.
    expect(await openIn()).toEqual(['branch-without-policies', 'environment-without-check', 'same-administrators']);
  });
});

describe('what cannot be read', () => {
  const setRead = async () => {
    const scene = await setPlatformWorld(createInMemoryTable());
    await scene.scan(scene.world.core, BOTH);
    const known = await scene.section('environments');
    scene.guard();
    scene.world.advance(60);
    scene.calls();
    return { ...scene, known };
  };

  test.each([
    ['a missing permission', { on: /distributedtask\/environments/, status: 403 }, /give the bot the role Reader/],
    ['a sign-in page', signInPage(/distributedtask\/environments/), /give the bot the role Reader/],
    ['an answer that is cut', { on: /distributedtask\/environments/, cut: 'body' } as const, /failed/],
    ['a server that is down', { on: /distributedtask\/environments/, status: 503 }, /503/],
    ['throttling', throttled(/distributedtask\/environments/, 60), /429/],
  ])('for %s keeps what was known, with its age, and is unknown beside it', async (_, fault, why) => {
    const { scan, simulator, section, openIn, headIn, known, statusOf, world } = await setRead();
    simulator.faults.add(fault);
    await scan();
    const after = await section('environments');
    expect(after?.known).toEqual(known?.known);
    expect(after?.unknown?.why).toMatch(why);
    expect(await openIn()).toEqual([
      ...['branch-without-policies', 'environment-without-check', 'platform-not-readable'],
    ]);
    expect((await headIn())?.complete).toBe(false);
    const status = await statusOf('environments');
    expect(status?.unknown?.why).toMatch(why);
    expect(status?.at).toBe(known?.known?.at);

    simulator.faults.clear();
    world.advance(60);
    await scan();
    expect(await openIn()).not.toContain('platform-not-readable');
  });

  test('for an account that nobody knows any more leaves every section as it was, each unknown', async () => {
    const { scan, simulator, openIn, headIn, world } = await setRead();
    // A day later all of it is due.
    world.advance(1_440);
    simulator.faults.add(signInPage(/_apis/));
    await scan(world.core, 3);
    const stored = await world.ports.platforms.all(simulator.organizationUrl());
    expect(stored.map(({ section }) => section.unknown === undefined)).not.toContain(true);
    expect(stored.every(({ section }) => section.known !== undefined)).toBe(true);
    expect(await openIn()).toContain('environment-without-check');
    expect((await headIn())?.complete).toBe(false);
  });

  test('is never gone: a project that is hidden from the bot keeps what it said, and a service is not clean without it', async () => {
    const { scan, simulator, openIn, headIn, section } = await setRead();
    simulator.faults.add({ on: /_apis\/projects\?/, status: 200, body: { count: 0, value: [] } });
    await scan();
    expect((await section('environments'))?.unknown?.why).toMatch(/does not see project Shop any more/);
    expect(await openIn()).toContain('environment-without-check');
    expect(await openIn()).toContain('platform-not-readable');
    expect((await headIn())?.complete).toBe(false);
  });

  test('in a later page leaves the earlier ones, and no page is compared alone', async () => {
    const { scan, simulator, section, known, world } = await setRead();
    simulator.pageBy(1);
    simulator.addEnvironment('zeta');
    const end = simulator.faults.add({ on: /environments\?.*continuationToken/, status: 502 });
    await scan();
    expect((await section('environments'))?.known).toEqual(known?.known);
    end();
    await scan(world.core, 2);
    expect((await section('environments'))?.known?.facts.map(({ name }) => name)).toEqual(['prod', 'zeta']);
  });

  test.each([
    ['with Retry-After', throttled(/_apis/, 1_200), 2],
    ['without', { on: /_apis/, status: 429 }, 4],
  ])('in a storm of 429 %s is left alone, and asked again when it may be', async (_, fault, most) => {
    const { scan, simulator, calls, openIn, world } = await setRead();
    simulator.faults.add(fault);
    await scan();
    expect(calls()).toBeLessThanOrEqual(most);
    simulator.faults.clear();
    await scan(world.core, 5);
    expect(await openIn()).toEqual(['branch-without-policies']);
  });
});

describe('an organization', () => {
  test('that is larger than a round is read in several, in whatever process, and nothing of it twice', async () => {
    const { simulator, world, scan, calls, section, openIn } = await setPlatformWorld(createInMemoryTable());
    for (let n = 0; n < 150; n += 1) simulator.addEnvironment(`env-${n}`);
    await scan();
    const rounds = [calls()];
    for (let n = 0; n < 4; n += 1) {
      await scan(world.restart());
      if (n < 2) expect((await section('environments'))?.known).toBeUndefined();
      if (n < 2) expect(await openIn()).not.toContain('environment-without-check');
      rounds.push(calls());
    }
    expect(Math.max(...rounds)).toBeLessThanOrEqual(60);
    const asked = simulator.requests.filter(({ path }) => path.includes('pipelinepermissions/environment'));
    expect(asked).toHaveLength(151);
    expect(new Set(asked.map(({ path }) => path)).size).toBe(151);
    expect(await openIn()).toContain('environment-without-check');
  });

  test('in which nothing is due is asked for its projects alone', async () => {
    const { scan, world, calls } = await setPlatformWorld(createInMemoryTable());
    await scan(world.core, BOTH);
    calls();
    await scan();
    expect(calls()).toBe(1);
  });

  test('of which one section was hinted at is asked for that alone, from the beginning', async () => {
    const { scan, world, calls, guard, simulator, openIn } = await setPlatformWorld(createInMemoryTable());
    await scan(world.core, BOTH);
    guard();
    calls();
    simulator.addEnvironment('other');
    const hint: HookEvent = {
      id: 'e1',
      eventType: 'ms.vss-pipelinechecks-events.check-updated-event',
      kind: 'platform',
      projectId: simulator.project.id,
      sections: ['environments', 'connections'],
    };
    await world.core.eventReceived(hint);
    await scan();
    // Projects; environments, checks, where they call, who may use each; connections, who may use it, what is asked before.
    expect(calls()).toBe(9);
    await world.core.eventReceived({ ...hint, thing: '1' });
    await scan();
    // The same without who may use the other environment, and the connection.
    expect(calls()).toBe(6);
    expect(await openIn()).toEqual(['branch-without-policies', 'same-administrators']);
    await scan();
    expect(calls()).toBe(1);
  });

  test('whose project the catalog names no more is forgotten, with what it said', async () => {
    const { scan, world, openIn, simulator, headIn, section } = await setPlatformWorld(createInMemoryTable());
    await scan(world.core, BOTH);
    simulator.addPipeline({ name: 'payments-api', project: simulator.addProject('New') });
    await scan();
    simulator.faults.add({
      ...{ on: /_apis\/projects\?/, status: 200 },
      body: { value: [{ id: simulator.addProject('New').id, name: 'New' }] },
    });
    await scan(world.core, BOTH);
    expect((await section('environments'))?.name).toBe('New');
    expect(await openIn()).not.toContain('environment-without-check');
    expect(await headIn()).toMatchObject({ complete: true });
  });
});
