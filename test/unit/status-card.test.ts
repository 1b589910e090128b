import { expect, test } from 'vitest';
import { createShowStatus } from '../../bot/handlers/show-status.ts';
import { statusCard, statusText } from '../../cards/status-card.ts';
import type { DeliveryHealth, HookHealth } from '../../services/domain/delivery-health.ts';
import { BOB, TENANT } from '../builders.ts';
import { factValue, textById } from '../cards/read.ts';
import { aDeadLetter } from '../scans.ts';

const fine: DeliveryHealth = {
  at: '2026-11-23T10:00:00.000Z',
  store: 'ok',
  waiting: 0,
  bypasses: [],
  unreachedExceptions: [],
  deadLetters: [],
  unreachable: [],
  policyProblems: [],
  contract: { version: 7, checksum: 'abcdef0123456789' },
};

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
  ['a bypass that nobody confirmed', { ...fine, bypasses: ['abc'] }, 'a bypass is not confirmed'],
  ['somebody out of reach', { ...fine, unreachable: ['Carla Cruz'] }, 'somebody cannot be reached'],
  ['a problem in the policy', { ...fine, policyProblems: ['routes.yaml:3 x'] }, 'the policy has problems'],
])('%s needs attention', (_name, health, trouble) => {
  expect(textById(statusCard(health), 'state')).toContain(`✗ Needs attention: ${trouble}`);
});

test('what went wrong is named', () => {
  const text = statusText({
    ...fine,
    deadLetters: [aDeadLetter({ requestId: 'abc' })],
    unreachable: ['Carla Cruz'],
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
