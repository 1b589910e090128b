import { describe, expect, test } from 'vitest';
import { createConnectionReader } from '../../services/azure-devops/platform-connections.ts';
import { readVariableGroups } from '../../services/azure-devops/platform-variable-groups.ts';
import { SourceRefusedError, SourceUnavailableError } from '../../services/ports/signal-source.ts';
import type { AzureDevOpsSimulator } from '../fakes/azure-devops.ts';
import { signInPage, throttled } from '../fakes/azure-devops-faults.ts';
import { aConnection } from '../fakes/platform-connections.ts';
import { startStranger } from './azure-devops-scene.ts';
import { inParts, partsOf, type ReadPart, startPlatform } from './section-scene.ts';

interface Case {
  readonly simulator: AzureDevOpsSimulator;
  readonly read: ReadPart<'connections'> | ReadPart<'variable-groups'>;
}

/** What each has: three of them, all open to every pipeline. */
const CASES: readonly (readonly [string, RegExp, string, () => Promise<Case>])[] = [
  [
    'service connections',
    /serviceendpoint\/endpoints/,
    'vso.serviceendpoint',
    async () => {
      const simulator = await startPlatform();
      for (const name of ['one', 'two', 'three'])
        simulator.library.connections.push(aConnection(simulator.project, name, { isOpenToAll: true }));
      return { simulator, read: partsOf(simulator, 'connections', createConnectionReader()) };
    },
  ],
  [
    'variable groups',
    /distributedtask\/variablegroups/,
    'vso.variablegroups_read',
    async () => {
      const simulator = await startPlatform();
      const variables = { key: { value: null, isSecret: true } };
      for (const id of [1, 2, 3])
        simulator.library.groups.push({
          project: simulator.project,
          id,
          name: `group ${id}`,
          variables,
          isOpenToAll: true,
        });
      return { simulator, read: partsOf(simulator, 'variable-groups', readVariableGroups) };
    },
  ],
];

describe.each(CASES)('%s', (_what, list, permission, open) => {
  test('are read whole, each once, whatever a page and a part hold', async () => {
    const { simulator, read } = await open();
    const whole = await read();
    simulator.pageBy(1);

    expect(whole.facts).toHaveLength(3);
    expect(whole.next).toBeUndefined();
    for (const calls of [1, 2, 5]) {
      const { facts, most, parts } = await inParts(read as ReadPart<'connections'>, calls);
      expect(facts).toEqual(whole.facts);
      expect(most).toBeLessThanOrEqual(calls);
      expect(parts).toBeGreaterThan(1);
    }
  });

  test('count every call that they cost', async () => {
    const { simulator, read } = await open();
    const { calls } = await read();
    expect(calls).toBe(simulator.requests.length);
  });

  test('whose users were known before are not asked about again, unless somebody said that something changed', async () => {
    const { simulator, read } = await open();
    const { facts } = await read();
    const before = { at: '2026-11-24T09:00:00.000Z', facts } as never;
    const asked = async (isHinted: boolean) => {
      const sent = simulator.requests.length;
      expect((await read({ before, isHinted })).facts).toEqual(facts);
      return simulator.requests.slice(sent).filter(({ path }) => path.includes('pipelinepermissions')).length;
    };

    expect(await asked(false)).toBe(0);
    expect(await asked(true)).toBe(3);
  });

  test('of which one may not be asked about are read all the same, and that one is not known', async () => {
    const { simulator, read } = await open();
    simulator.faults.add({ on: /pipelinepermissions/, status: 403, times: 1, body: { message: 'no' } });
    const { facts } = await read();

    expect(facts.map(({ openToAll }) => openToAll)).toEqual([undefined, true, true]);
  });

  test.each([401, 403])('that are refused with %i name the permission that is missing', async (status) => {
    const { simulator, read } = await open();
    simulator.faults.add({ on: list, status, body: { message: 'Access denied' } });
    const refused = read();

    await expect(refused).rejects.toThrow(SourceRefusedError);
    await expect(refused).rejects.toThrow(permission);
  });

  test('that are answered with a sign-in page are refused, also halfway', async () => {
    const { simulator, read } = await open();
    const end = simulator.faults.add(signInPage(list));
    await expect(read()).rejects.toThrow(SourceRefusedError);
    end();
    simulator.faults.add(signInPage(/pipelinepermissions/));
    await expect(read()).rejects.toThrow(SourceRefusedError);
  });

  test('in an answer that is something else are refused, never taken for none', async () => {
    const { simulator, read } = await open();
    simulator.faults.add({ on: list, status: 200, body: { items: [] } });
    await expect(read()).rejects.toThrow(SourceRefusedError);
  });

  test('that are slowed down may be there later, when that is said', async () => {
    const { simulator, read } = await open();
    const end = simulator.faults.add(throttled(/pipelinepermissions/, 17));
    await expect(read()).rejects.toMatchObject({ name: 'SourceUnavailableError', retryAfter: 17 });
    end();
    simulator.faults.add({ on: list, status: 429 });
    await expect(read()).rejects.toThrow(SourceUnavailableError);
  });

  test.each(['before', 'after', 'body'] as const)(
    'on a connection that breaks (%s) may be there later',
    async (cut) => {
      const { simulator, read } = await open();
      simulator.faults.add({ on: list, cut });
      await expect(read()).rejects.toThrow(SourceUnavailableError);
    },
  );

  test('are gone on with from the part that was given', async () => {
    const { simulator, read } = await open();
    const whole = await read();
    const { next } = await read({ calls: 2 });
    const end = simulator.faults.add({ on: /pipelinepermissions/, status: 503 });
    await expect(read({ next: next as string })).rejects.toThrow(SourceUnavailableError);
    end();
    const sent = simulator.requests.length;

    expect((await read({ next: next as string })).facts).toEqual(whole.facts);
    expect(simulator.requests.slice(sent).filter(({ path }) => list.test(path))).toEqual([]);
  });

  test('are asked for nowhere else, whatever answers point to', async () => {
    const stranger = await startStranger();
    const { simulator, read } = await open();
    simulator.faults.add({ on: list, status: 302, headers: { location: `${stranger.url}/stolen` } });

    await expect(read()).rejects.toThrow(SourceRefusedError);
    expect(stranger.received).toEqual([]);
  });
});
