import { expect, test } from 'vitest';
import { createShowStatus } from '../../bot/handlers/show-status.ts';
import { statusCard, statusText } from '../../cards/status-card.ts';
import type { DeliveryHealth, HookHealth, SignalHealth } from '../../services/domain/delivery-health.ts';
import { BOB, TENANT } from '../builders.ts';
import { anOffPath } from '../cards/off-path-samples.ts';
import { factValue, textById } from '../cards/read.ts';
import { aHealth, outOfReach } from '../health.ts';
import { aDeadLetter } from '../scans.ts';

const fine = aHealth();

test('when nothing is wrong the card says so, with the contract in force', () => {
  const card = statusCard(fine);

  expect(textById(card, 'state')).toBe('✓ Everything is delivered');
  expect(factValue(card, 'facts', 'Contract')).toBe('✓ version 7 (abcdef01)');
});

test('its times are in the zone of whoever asks', async () => {
  const known = { strangerBecause: async () => undefined };
  const show = createShowStatus({ deliveryHealth: async () => fine }, known);
  const { text, card } = await show({
    kind: 'person',
    tenant: TENANT,
    oid: BOB.oid,
    name: 'Bob',
    zone: 'America/New_York',
  });

  expect(text).toContain('05:00 America/New_York');
  expect(card && factValue(card, 'facts', 'As of')).toContain('05:00 America/New_York');
});

test('an exception of whose approvers none can be reached is named', () => {
  const card = statusCard({ ...fine, unreachedExceptions: ['EX-12'] });

  expect(textById(card, 'state')).toContain('an exception is asked for of nobody who can be reached');
  expect(factValue(card, 'facts', 'Exceptions')).toBe('✗ nobody who may grant can be reached: EX-12');
});

test('a contract from a repository is named with its commit', () => {
  const contract = { version: 7, checksum: 'abcdef0123456789', commit: '3f2c9a1b0d4e5f60718293a4b5c6d7e8f9012345' };

  expect(factValue(statusCard({ ...fine, contract }), 'facts', 'Contract')).toBe(
    '✓ version 7 (abcdef01) of commit 3f2c9a1b',
  );
});

test('work that is on its way is no trouble', () => {
  const card = statusCard({ ...fine, waiting: 3, waitingSince: '2026-11-23T09:58:00.000Z' });

  expect(textById(card, 'state')).toContain('Everything is delivered');
  expect(factValue(card, 'facts', 'To be sent')).toBe('3, the oldest since Mon 23 Nov 2026, 09:58 UTC');
});

const { contract: _, ...withoutContract } = fine;

test.each<[string, DeliveryHealth, string]>([
  ['a store that does not answer', { ...fine, store: 'unavailable' }, 'the store does not answer'],
  ['a missing contract', withoutContract, 'no contract is in force'],
  ['a dead letter', { ...fine, deadLetters: [aDeadLetter({ requestId: 'abc' })] }, 'something was given up'],
  [
    'an action off the release path that nobody confirmed',
    { ...fine, offPaths: [anOffPath({ kind: 'check' })] },
    'something was done beside the release path',
  ],
  ['a bypass that nobody confirmed', { ...fine, bypasses: ['abc'] }, 'a bypass is not confirmed'],
  ['somebody out of reach', { ...fine, unreachable: [outOfReach('Carla Cruz')] }, 'somebody cannot be reached'],
  [
    'what is due for longer than two minutes',
    { ...fine, dueSince: '2026-11-23T09:58:00.000Z' },
    'what is due is not carried out',
  ],
  [
    'a clock that is more than 60 seconds off',
    { ...fine, clocks: [{ with: 'Azure DevOps', seconds: -61, at: fine.at }] },
    'a clock is wrong',
  ],
  [
    'a source of signals that was not read for hours',
    { ...fine, signals: [signalOf({ isStale: true })] },
    'signals about environments are stale',
  ],
  ['a problem in the policy', { ...fine, policyProblems: ['routes.yaml:3 x'] }, 'the policy has problems'],
])('%s needs attention', (_name, health, trouble) => {
  expect(textById(statusCard(health), 'state')).toContain(`✗ Needs attention: ${trouble}`);
});

test('what was done beside the release path is told with where, when and its id; of many eight, and that there are more', () => {
  const offPaths = Array.from({ length: 9 }, (_, n) => anOffPath({ id: `id${n}`, kind: 'check' }));
  const text = textById(statusCard({ ...fine, offPaths }), 'off-path');

  expect(text).toContain('! A check was weakened · payments-api in prod · Mon 23 Nov 2026, 22:40 UTC · "why id0"');
  expect(text).not.toContain('id8');
  expect(text).toContain('and 1 more: see GET /health');
  expect(statusText(fine)).not.toContain('release path');
});

test('what went wrong is named', () => {
  const text = statusText({
    ...fine,
    deadLetters: [aDeadLetter({ requestId: 'abc' })],
    unreachable: [outOfReach('Carla Cruz')],
    policyProblems: ['routes.yaml:3 no such group'],
  });

  expect(text).toContain('card of abc');
  expect(text).toContain('Carla Cruz');
  expect(text).toContain('routes.yaml:3 no such group');
});

const hooks = (over: Partial<HookHealth> = {}): DeliveryHealth => ({
  ...fine,
  hooks: [{ organization: 'https://dev.azure.com/contoso', state: 'ok', missing: [], ...over }],
});

test('service hooks that are enabled are no trouble, and the last event is told', () => {
  const card = statusCard(hooks({ lastEventAt: '2026-11-23T09:58:00.000Z' }));

  expect(textById(card, 'state')).toContain('Everything is delivered');
  expect(factValue(card, 'facts', 'Hooks of contoso')).toBe('✓ enabled; last event: Mon 23 Nov 2026, 09:58 UTC');
});

test.each([
  ['none', [], 'create them'],
  [
    'incomplete',
    ['ms.vss-pipelinechecks-events.approval-pending'],
    'create them in Project settings → Service hooks (approval-pending)',
  ],
  ['on-probation', [], 'tries again by itself'],
  ['disabled', [], 'enable it'],
  ['unknown', [], 'may not read them'],
] as const)('service hooks that are %s need attention, with the way out', (state, missing, wayOut) => {
  const card = statusCard(hooks({ state, missing }));

  expect(textById(card, 'state')).toContain('service hooks need attention');
  expect(factValue(card, 'facts', 'Hooks of contoso')).toContain(wayOut);
});

test('without service hooks nothing is said of them', () => {
  expect(statusText(fine)).not.toContain('Hooks');
});

test.each([
  [undefined, '✓ nothing that is due waits'],
  ['2026-11-23T09:58:01.000Z', '✓ the oldest due item waits for 1 minute'],
  ['2026-11-23T08:00:00.000Z', '✗ the oldest due item waits for 2 hours'],
])('store lag: with something due since %s it says %s', (dueSince, said) => {
  const card = statusCard({ ...fine, ...(dueSince === undefined ? {} : { dueSince }) });
  expect(factValue(card, 'facts', 'Behind')).toContain(said);
});

test.each([
  [[], '? not compared yet'],
  [[['Azure Table Storage', 1]], '✓ as that of Azure Table Storage'],
  [
    [
      ['Azure DevOps', 60],
      ['Azure DevOps', -3],
    ],
    '✓ 60 seconds ahead of Azure DevOps',
  ],
  [
    [
      ['Azure Table Storage', 0],
      ['Azure DevOps', -61],
    ],
    '✗ as that of Azure Table Storage and 61 seconds behind Azure DevOps: set the clock of the machine',
  ],
] as const)('clocks: of %j it says %s', (given, said) => {
  const clocks = given.map(([other, seconds]) => ({ with: other, seconds, at: fine.at }));
  expect(factValue(statusCard({ ...fine, clocks }), 'facts', 'Clocks')).toBe(said);
});

test('throttling says how often, until when, and that nothing is lost', () => {
  const throttled = { count: 14, until: '2026-11-23T10:02:00.000Z' };
  expect(factValue(statusCard({ ...fine, throttled }), 'facts', 'Throttled')).toBe(
    '– 14 times in the last hour; Teams asked us to wait until Mon 23 Nov 2026, 10:02 UTC, nothing is lost',
  );
});

test('each source has its last event, its age, and whose word that is', () => {
  const at = '2026-11-23T09:57:00.000Z';
  const card = statusCard({
    ...fine,
    sources: [
      { kind: 'check', at, by: 'this-process' },
      { kind: 'report', tool: 'semgrep', service: 'payments-api', at, by: 'noted' },
      { kind: 'report', tool: 'semgrep', service: 'orders-api', at: '2026-11-22T09:57:00.000Z', by: 'noted' },
    ],
  });
  expect(factValue(card, 'events', 'Checks')).toBe('3 minutes ago, Mon 23 Nov 2026, 09:57 UTC, this process');
  expect(factValue(card, 'events', 'Reports')).toBe(
    'semgrep of payments-api: 3 minutes ago, Mon 23 Nov 2026, 09:57 UTC, noted in the store',
  );
  expect(factValue(card, 'events', 'Directory')).toBe('none known');
});

test.each([
  ['not-installed', undefined, 'the app is not installed for them'],
  ['blocked', 'ConversationBlockedByUser', 'they have blocked the app'],
  ['switched-off', 'BotDisabledByAdmin', 'an administrator has switched the app off'],
  ['left', undefined, 'the directory has nobody active of this name any more'],
  ['refused', 'SomethingNew', 'Teams answered SomethingNew'],
] as const)('who cannot be reached because of %s is named with it and with what waits', (why, code, said) => {
  const loss = code === undefined ? {} : { loss: { code, at: fine.at } };
  const text = statusText({ ...fine, unreachable: [outOfReach('Carla Cruz', { why, ...loss })] });
  expect(text).toContain(`Carla Cruz cannot be reached in Teams: ${said}. Waiting: abcdefghijklmnop`);
});

test('each channel has its last digest, and what Teams answered to one that it did not take', () => {
  const channels = [
    { channel: 'payments', outcome: 'sent', at: fine.at },
    { channel: 'orders', outcome: 'unreachable', at: fine.at, code: 'ConversationNotFound' },
  ] as const;
  const digests = { sent: 1, silent: 0, claimed: 0, unreachable: 1, refused: 0, channels };
  const text = statusText({ ...fine, digests });
  expect(text).toContain('payments: ✓ sent, Mon 23 Nov 2026, 10:00 UTC');
  expect(text).toContain('orders: ✗ not reached (ConversationNotFound), Mon 23 Nov 2026, 10:00 UTC');
});

test('each source of signals says when it was last read whole, and what was wrong with the last try', () => {
  const text = statusText({
    ...fine,
    signals: [
      signalOf(),
      signalOf({
        source: 'defender',
        isStale: true,
        pulledAt: '2026-11-23T05:00:00.000Z',
        failure: { at: fine.at, why: 'Azure answered 403' },
      }),
    ],
  });

  expect(text).toContain('✓ azure-policy of payments-prod, read 20 minutes ago');
  expect(text).toContain('✗ stale: defender of payments-prod, read 5 hours ago');
  expect(text).toContain('Last try failed: Azure answered 403');
});

test('a source that was never read whole, or that only sends, has no age to show', () => {
  const { pulledAt: _, ...never } = signalOf({ isStale: true });

  expect(statusText({ ...fine, signals: [never] })).toContain('never read whole');
  expect(statusText({ ...fine, signals: [{ ...never, isSent: true, isStale: false }] })).toContain('as it is sent');
});

test('assets that nobody has are counted and named', () => {
  const places = ['payments-api', 'orders-api'].map((service) => ({ service, environment: 'prod' }));
  const samples = [{ asset: '/subscriptions/x/resourceGroups/shared' }, { asset: '/subscriptions/x/both', places }];
  const text = statusText({ ...fine, signals: [signalOf({ strangers: { count: 7, samples } })] });

  expect(text).toContain('7 assets, such as /subscriptions/x/resourceGroups/shared');
  expect(text).toContain('equally of payments-api prod, orders-api prod');
});

function signalOf(over: Partial<SignalHealth> = {}): SignalHealth {
  return {
    source: 'azure-policy',
    name: 'payments-prod',
    isSent: false,
    isStale: false,
    pulledAt: '2026-11-23T09:40:00.000Z',
    strangers: { count: 0, samples: [] },
    ...over,
  };
}
