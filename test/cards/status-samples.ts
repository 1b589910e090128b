import { gateCard } from '../../cards/gate-card.ts';
import { heartbeatCard } from '../../cards/heartbeat-card.ts';
import { withInstead } from '../../cards/instead-note.ts';
import { outageCard } from '../../cards/outage-card.ts';
import { statusCard } from '../../cards/status-card.ts';
import type { DeliveryHealth } from '../../services/domain/delivery-health.ts';
import { aGate, BOB } from '../builders.ts';
import { aHealth, outOfReach } from '../health.ts';
import { aDeadLetter } from '../scans.ts';
import { anOffPath } from './off-path-samples.ts';

/** Delivery as it should be, and in trouble. */
export function statusSamples() {
  return [
    { name: 'status-fine', card: statusCard(healthy) },
    { name: 'status-trouble', card: statusCard(troubled) },
    { name: 'heartbeat-fine', card: heartbeatCard(healthy) },
    { name: 'heartbeat-trouble', card: heartbeatCard(troubled) },
    {
      name: 'asked-instead',
      card: withInstead(gateCard(aGate(), { oid: BOB.oid }), [
        outOfReach('Carla Cruz', { why: 'blocked' }),
        outOfReach('Bob Berg'),
      ]),
    },
    {
      name: 'outage-operator',
      card: outageCard({ ...OUTAGE, failed: [aGate(), aGate()], waiting: [aGate()], to: '' }),
    },
    { name: 'outage-harmless', card: outageCard({ ...OUTAGE, failed: [], waiting: [], to: '' }) },
  ];
}

const at = '2026-11-23T10:00:00.000Z';
const OUTAGE = { outage: { from: '2026-11-23T06:10:00.000Z', until: '2026-11-23T07:45:00.000Z' } };

const healthy = aHealth({
  contract: { version: 7, checksum: '9f'.repeat(32) },
  processes: 2,
  heartbeat: { lastAt: '2026-11-23T08:00:00.000Z', isMissing: false },
  clocks: [{ with: 'Azure Table Storage', seconds: 1, at }],
  sources: [
    { kind: 'check', at: '2026-11-23T09:41:00.000Z', by: 'noted' },
    { kind: 'report', tool: 'semgrep', service: 'payments-api', at: '2026-11-23T09:12:00.000Z', by: 'this-process' },
    { kind: 'report', tool: 'gitleaks', service: 'orders-api', at: '2026-11-20T16:02:00.000Z', by: 'noted' },
    { kind: 'message', at: '2026-11-23T09:59:30.000Z', by: 'this-process' },
    { kind: 'policy', at: '2026-11-23T09:59:55.000Z', by: 'this-process' },
    { kind: 'directory', at: '2026-11-23T09:59:30.000Z', by: 'this-process' },
    { kind: 'azure-devops', at: '2026-11-23T09:58:00.000Z', by: 'noted' },
  ],
  signals: [
    {
      source: 'azure-policy',
      name: 'payments-prod',
      isSent: false,
      isStale: false,
      pulledAt: '2026-11-23T09:18:00.000Z',
      strangers: { count: 0, samples: [] },
    },
  ],
  digests: {
    sent: 12,
    silent: 3,
    claimed: 0,
    unreachable: 0,
    refused: 0,
    lastAt: '2026-11-23T08:00:00.000Z',
    channels: [{ channel: 'Payments/releases', outcome: 'sent', at: '2026-11-23T08:00:00.000Z' }],
  },
});

const { contract: _, ...withoutContract } = healthy;

const troubled: DeliveryHealth = {
  ...withoutContract,
  waiting: 4,
  waitingSince: '2026-11-23T08:12:00.000Z',
  dueSince: '2026-11-23T08:12:00.000Z',
  bypasses: [aGate().id],
  offPaths: [
    anOffPath({ kind: 'check' }),
    anOffPath({ id: 'cccccccccccccccc', kind: 'write', services: [], environment: '-' }),
  ],
  deadLetters: [aDeadLetter({ requestId: aGate().id })],
  signals: [
    {
      source: 'defender',
      name: 'payments-prod',
      isSent: false,
      isStale: true,
      pulledAt: '2026-11-23T04:18:00.000Z',
      failure: {
        at: '2026-11-23T09:50:00.000Z',
        why: 'Azure answered 403 AuthorizationFailed for defender: give the identity of the bot the role Security Reader there',
      },
      strangers: { count: 0, samples: [] },
    },
    {
      source: 'azure-policy',
      name: 'payments-prod',
      isSent: false,
      isStale: false,
      pulledAt: '2026-11-23T09:18:00.000Z',
      strangers: {
        count: 2,
        samples: [
          { asset: '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-shared' },
          {
            asset: '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-both',
            places: [
              { service: 'payments-api', environment: 'prod' },
              { service: 'orders-api', environment: 'prod' },
            ],
          },
        ],
      },
    },
  ],
  unreachedExceptions: ['EX-12'],
  unreachable: [
    outOfReach('payments/approvals', { recipient: 'channel:payments/approvals', why: 'gone', waits: [aGate().id] }),
    outOfReach('Carla Cruz', { waits: [aGate().id, 'EX-12'] }),
  ],
  withoutApp: ['Carla Cruz'],
  throttled: { count: 14, until: '2026-11-23T10:02:00.000Z' },
  clocks: [{ with: 'Azure Table Storage', seconds: 75, at }],
  lastOutage: { from: '2026-11-23T06:10:00.000Z', until: '2026-11-23T07:45:00.000Z' },
  policyProblems: [
    'contract.yaml:14 expiry.max: 400d is longer than the 90d that are allowed',
    'routes.yaml:3 group:payment-leads is not in the directory',
  ],
};
