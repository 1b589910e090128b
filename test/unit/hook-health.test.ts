import { expect, test } from 'vitest';
import { createHookHealth } from '../../services/hook-health.ts';
import {
  AzureDevOpsRefusedError,
  AzureDevOpsUnavailableError,
  type HookSubscription,
} from '../../services/ports/azure-devops.ts';

const ORGANIZATION = 'https://dev.azure.com/contoso';
const TYPES = ['approval-pending', 'approval-completed'].map((what) => `ms.vss-pipelinechecks-events.${what}`);
const EVENT = { kind: 'other', id: 'e', eventType: 'git.push' } as const;

function scene(answer: () => Promise<readonly HookSubscription[]>, url = 'https://bot.example/x') {
  const state = { now: '2026-11-23T10:00:00.000Z', asked: 0 };
  const hookSubscriptions = () => {
    state.asked += 1;
    return answer();
  };
  const azureDevOps = { hookSubscriptions } as unknown as Parameters<typeof createHookHealth>[0]['azureDevOps'];
  const health = createHookHealth({
    organizations: [ORGANIZATION],
    clock: { now: () => state.now },
    azureDevOps,
    url: url === '' ? undefined : url,
  });
  return Object.assign(state, { health });
}

const subscriptions = (...statuses: readonly HookSubscription['status'][]): readonly HookSubscription[] =>
  statuses.map((status, index) => ({ id: String(index), eventType: TYPES[index] ?? 'other', status }));

test.each([
  ['ok', subscriptions('enabled', 'enabled'), []],
  ['none', [], TYPES],
  ['incomplete', subscriptions('enabled'), TYPES.slice(1)],
  ['on-probation', subscriptions('enabled', 'onProbation'), []],
  ['disabled', subscriptions('disabledBySystem', 'onProbation'), []],
  ['disabled', subscriptions('enabled', 'disabledByUser'), []],
  ['disabled', subscriptions('disabledByInactiveIdentity', 'enabled'), []],
] as const)('of several subscriptions the worst counts: %s', async (state, given, missing) => {
  expect(await scene(async () => given).health.current()).toEqual([{ organization: ORGANIZATION, state, missing }]);
});

test.each([new AzureDevOpsRefusedError('no right', 403), new AzureDevOpsUnavailableError('silent')])(
  'what Azure DevOps does not tell is not known, and no fault: %s',
  async (error) => {
    expect(await scene(() => Promise.reject(error)).health.current()).toMatchObject([{ state: 'unknown' }]);
  },
);

test('however often somebody looks, Azure DevOps is asked once in 60 seconds', async () => {
  const looked = scene(async () => subscriptions('enabled', 'enabled'));
  await Promise.all([looked.health.current(), looked.health.current()]);
  looked.now = '2026-11-23T10:00:59.000Z';
  await looked.health.current();
  expect(looked.asked).toBe(1);
  looked.now = '2026-11-23T10:01:00.000Z';
  await looked.health.current();
  expect(looked.asked).toBe(2);
});

test('the last delivery is told at once, for each organization that it can be of', async () => {
  const looked = scene(async () => subscriptions('enabled', 'enabled'));
  await looked.health.current();
  looked.health.received({ ...EVENT, organization: 'https://dev.azure.com/other' });
  expect((await looked.health.current())[0]?.lastEventAt).toBeUndefined();
  looked.health.received(EVENT);
  expect(await looked.health.current()).toMatchObject([{ lastEventAt: looked.now }]);
});

test('where none are expected nothing is asked', async () => {
  const looked = scene(async () => [], '');
  expect([await looked.health.current(), looked.asked]).toEqual([[], 0]);
});
