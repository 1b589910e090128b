import { statusCard } from '../../cards/status-card.ts';
import type { DeliveryHealth } from '../../services/domain/delivery-health.ts';
import { aGate } from '../builders.ts';
import { aDeadLetter } from '../scans.ts';

/** Delivery as it should be, and in trouble. */
export function statusSamples() {
  return [
    { name: 'status-fine', card: statusCard(healthy) },
    { name: 'status-trouble', card: statusCard(troubled) },
  ];
}

const healthy: DeliveryHealth = {
  at: '2026-11-23T10:00:00.000Z',
  store: 'ok',
  waiting: 0,
  bypasses: [],
  unreachedExceptions: [],
  deadLetters: [],
  unreachable: [],
  policyProblems: [],
  contract: { version: 7, checksum: '9f'.repeat(32) },
};

const troubled: DeliveryHealth = {
  at: '2026-11-23T10:00:00.000Z',
  store: 'ok',
  waiting: 4,
  waitingSince: '2026-11-23T08:12:00.000Z',
  bypasses: [aGate().id],
  deadLetters: [aDeadLetter({ requestId: aGate().id })],
  unreachedExceptions: ['EX-12'],
  unreachable: ['payments/approvals', 'Carla Cruz'],
  policyProblems: [
    'contract.yaml:14 expiry.max: 400d is longer than the 90d that are allowed',
    'routes.yaml:3 group:payment-leads is not in the directory',
  ],
};
