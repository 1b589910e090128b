import { describe, expect, test } from 'vitest';
import { SourceRefusedError, SourceUnavailableError } from '../../services/ports/signal-source.ts';
import { aConnectionFact, CLIENT, PRINCIPAL, PROD, TEST } from '../unit/connection-facts.ts';
import { startStranger } from './azure-devops-scene.ts';
import { CUSTOM, HERE, known, OWNER, open, type Scene } from './role-scene.ts';
import { inParts } from './section-scene.ts';

describe('lists of Azure', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) => ({
      principalId: `0d000000-0000-4000-8000-0000000001${String(n).padStart(2, '0')}`,
      role: CUSTOM,
      scope: HERE,
    }));
  const fill = ({ azure }: Scene) => {
    azure.world.assignments = many(5);
    azure.world.eligible = many(3);
    azure.world.definitions = [
      { id: OWNER, roleName: 'Owner', permissions: [{ actions: ['*'] }] },
      { id: CUSTOM, roleName: 'Deployer', permissions: [{ actions: ['*/read'] }] },
    ];
  };

  test('are read over all pages, whatever a page and a part hold, and every call is counted', async () => {
    const scene = await open([aConnectionFact()], [known([CLIENT, PRINCIPAL])]);
    fill(scene);
    const whole = await scene.read();
    scene.azure.world.pageSize = 2;

    expect(whole.facts).toHaveLength(8);
    expect(new Set(whole.facts.map(({ role }) => role))).toEqual(new Set(['Deployer']));
    expect(whole.calls).toBe(scene.azure.requests.length + 1);
    for (const calls of [1, 2, 3]) {
      const { facts, most, parts } = await inParts((over) => scene.read(over), calls);
      expect(facts).toEqual(whole.facts);
      expect(most).toBeLessThanOrEqual(calls);
      expect(parts).toBeGreaterThan(1);
    }
  });

  test.each([
    ['another host', () => 'https://management.azure.com.evil.example/x'],
    ['another port', (link: string) => link.replace(/:\d+/, ':1')],
    ['a name before the host', (link: string) => link.replace('http://', 'http://user:word@')],
    ['another subscription', (link: string) => link.replaceAll(PROD, TEST)],
    ['no address', () => '//[x'],
  ])('are not followed to %s', async (_where, nextLink) => {
    const scene = await open();
    fill(scene);
    scene.azure.world.pageSize = 2;
    scene.azure.world.nextLink = nextLink;

    await expect(scene.read()).rejects.toThrow(SourceRefusedError);
    expect(scene.azure.requests).toHaveLength(1);
  });

  test.each(['roleAssignments', 'roleEligibilityScheduleInstances', 'roleDefinitions'])(
    '(%s) that are refused name the role that is missing',
    async (list) => {
      for (const status of [401, 403]) {
        const { azure, read } = await open();
        azure.faults.add({ on: new RegExp(list), status, body: { error: { code: 'AuthorizationFailed' } } });
        const refused = read();
        await expect(refused).rejects.toThrow(SourceRefusedError);
        await expect(refused).rejects.toThrow('give the identity of the bot the role Reader');
      }
    },
  );

  test.each(['roleAssignments', 'roleEligibilityScheduleInstances', 'roleDefinitions'])(
    '(%s) with something else in them are refused, never taken for none',
    async (list) => {
      for (const body of [{ items: [] }, { value: [{ properties: {} }] }, 'x']) {
        const { azure, read } = await open();
        azure.faults.add({ on: new RegExp(list), status: 200, body });
        await expect(read()).rejects.toThrow(SourceRefusedError);
      }
    },
  );

  test.each([
    ['a sign-in page', { status: 203, body: '<html>', contentType: 'text/html' }, SourceRefusedError],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, SourceRefusedError],
    ['500', { status: 500 }, SourceUnavailableError],
    ['a cut answer', { cut: 'body' }, SourceUnavailableError],
    ['429 without a time', { status: 429 }, SourceUnavailableError],
  ] as const)('that are answered by %s fail as such', async (_what, fault, kind) => {
    const { azure, read } = await open();
    azure.faults.add({ on: /roleAssignments/, ...fault });
    await expect(read()).rejects.toThrow(kind);
  });

  test('that are slowed down say for how long', async () => {
    const { azure, read } = await open();
    azure.faults.add({ on: /roleDefinitions/, status: 429, headers: { 'retry-after': '17' } });
    await expect(read()).rejects.toMatchObject({ name: 'SourceUnavailableError', retryAfter: 17 });
  });

  test('send the token to nobody else', async () => {
    const stranger = await startStranger();
    const { azure, read } = await open();
    azure.faults.add({ on: /roleAssignments/, status: 302, headers: { location: `${stranger.url}/stolen` } });
    await expect(read()).rejects.toThrow(SourceRefusedError);
    expect(stranger.received).toEqual([]);
  });
});
