import { expect, test } from 'vitest';
import { gateCard } from '../../cards/gate-card.ts';
import type { ServiceContext } from '../../services/domain/judgement.ts';
import { aBlockedGate, aGate, aJudgedGroup, aJudgement } from '../builders.ts';
import { factValue } from '../cards/read.ts';

const PAYMENTS = {
  service: 'payments-api',
  owner: 'group:payments-owners',
  lead: 'group:payments-leads',
  criticality: 'high',
} as const;
const ORDERS = { service: 'orders-api', owner: 'group:orders-owners' } as const;

const ownerOn = (...context: readonly ServiceContext[]) =>
  factValue(gateCard(aGate({ judgement: aJudgement({ context }) })), 'facts', 'Owner');

test('owner, lead and criticality of a service stand on its card', () => {
  expect(ownerOn(PAYMENTS)).toBe('payments-owners · lead payments-leads · criticality high');
});

test('of several services each is named with what is known of it', () => {
  expect(ownerOn(PAYMENTS, ORDERS)).toBe(
    'payments-api: payments-owners · lead payments-leads · criticality high; orders-api: orders-owners',
  );
});

test('a blocked deployment says whose it is too', () => {
  const gate = aBlockedGate({ judgement: aJudgement({ blocks: [aJudgedGroup()], context: [ORDERS] }) });

  expect(factValue(gateCard(gate), 'facts', 'Owner')).toBe('orders-owners');
});

test('what nothing is known of has no such line', () => {
  expect(ownerOn()).toBeUndefined();
  expect(factValue(gateCard(aGate()), 'facts', 'Owner')).toBeUndefined();
});
