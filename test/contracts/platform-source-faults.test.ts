import { describe, expect, test } from 'vitest';
import type { SectionKind } from '../../services/domain/platform.ts';
import { SourceRefusedError, SourceUnavailableError } from '../../services/ports/signal-source.ts';
import { signInPage, throttled } from '../fakes/azure-devops-faults.ts';
import { setPlatform, setting } from './platform-scene.ts';

describe.each<SectionKind>(['project', 'environments', 'branches', 'hooks'])('%s', (kind) => {
  test.each([
    ['401', { status: 401 }],
    ['403', { status: 403 }],
    ['a sign-in page', { ...signInPage(/./) }],
  ])('that are answered with %s are refused, and the message says what to give', async (_, fault) => {
    const { simulator, read } = await setPlatform();
    simulator.faults.add({ ...fault, on: /_apis/ });
    const refused = read(kind);
    await expect(refused).rejects.toThrow(SourceRefusedError);
    await expect(refused).rejects.toThrow(/give the bot/);
  });

  test('that are answered 429 or not at all may be read later, as late as the answer asks', async () => {
    const { simulator, read } = await setPlatform();
    const end = simulator.faults.add(throttled(/_apis/, 90));
    await expect(read(kind)).rejects.toMatchObject({ name: 'SourceUnavailableError', retryAfter: 90 });
    end();
    simulator.faults.add({ on: /_apis/, cut: 'body' });
    await expect(read(kind)).rejects.toThrow(SourceUnavailableError);
  });

  test('that are answered with something else than documented are refused, and nothing of it is a fact', async () => {
    const { simulator, read } = await setPlatform();
    simulator.faults.add({ on: /_apis/, status: 200, body: { value: [{ id: {} }] } });
    await expect(read(kind)).rejects.toThrow(SourceRefusedError);
  });
});

test.each([
  ['Retry-After on a good answer', { 'retry-after': '40' }, 40],
  ['less than half of the allowance', { 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '90' }, 300],
])('%s leaves the organization alone, and the part ends there', async (_, headers, retryAfter) => {
  const { simulator, platform, organization } = await setPlatform();
  for (let n = 0; n < 30; n += 1) simulator.addEnvironment(`env-${n}`);
  simulator.faults.add({ on: /pipelinepermissions\/environment\/3/, headers });
  const target = { kind: 'environments', target: simulator.project.id, name: 'Shop' } as const;
  const part = await platform.read(organization, { target, sections: [], calls: 50, isHinted: true });
  expect(part.retryAfter).toBe(retryAfter);
  expect(part.calls).toBeLessThan(7);
  expect(part.next).toBeDefined();
});

test('no organization but those that are configured is ever asked', async () => {
  const { platform } = await setPlatform();
  await expect(platform.targets('https://dev.azure.com/evil', setting.catalog, [])).rejects.toThrow(SourceRefusedError);
});
