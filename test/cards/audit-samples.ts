import { auditCard } from '../../cards/audit-card.ts';
import { reviewCard } from '../../cards/review-card.ts';
import type { Audit } from '../../services/domain/audit.ts';
import type { CardSample } from './samples.ts';
import { aReview } from './trend-samples.ts';

const ACTIVITY = { services: ['payments-api'], environment: 'prod', failed: 0 };
const PLACE = { service: 'payments-api', environment: 'prod' };

/** The cards of `audit` and of its review. */
export function auditSamples(): CardSample[] {
  const review = aReview({ id: '2026-11-23-audit' });
  const zone = 'Europe/Berlin';
  return [
    { name: 'audit', card: auditCard(anAudit(), { review, zone }) },
    {
      name: 'audit-none',
      card: auditCard(
        anAudit({ requests: {}, bypasses: [], exceptions: [], changes: [], offPath: [], activities: [], unknown: [] }),
        { zone },
      ),
    },
    { name: 'audit-reminder', card: reviewCard(review, 'remind', { zone }) },
  ];
}

export function anAudit(over: Partial<Audit> = {}): Audit {
  const control = 'secret-scanning';
  return {
    ...{ at: '2026-11-23T09:30:00.000Z', since: '2026-11-16T00:00:00.000Z' },
    ...{ contractVersion: 7, services: 12, leftOut: 0, unkept: 0 },
    requests: { approved: 5, rejected: 1, bypassed: 2, asked: 1 },
    bypasses: [
      {
        ...{ requestId: 'abcdefghij234567', runName: '20261120.4', services: ['payments-api'], environment: 'prod' },
        ...{ at: '2026-11-20T21:12:00.000Z', standing: 'not-explained' },
      },
      {
        ...{ requestId: 'abcdefghij234566', runName: '20261118.1', services: ['orders-api'], environment: 'prod' },
        ...{ at: '2026-11-18T08:02:00.000Z', standing: 'confirmed' },
      },
    ],
    exceptions: [
      { ...PLACE, exceptionId: 'EX-12', control, kind: 'granted', at: '2026-11-20T10:00:00.000Z' },
      { ...PLACE, exceptionId: 'EX-9', control, kind: 'ended', at: '2026-11-17T00:00:00.000Z' },
    ],
    offPath: [
      {
        ...{ id: 'bcdefghij2345672', kind: 'deployment', services: ['orders-api'], environment: 'prod' },
        ...{ at: '2026-11-19T22:40:00.000Z', standing: 'explained' },
      },
    ],
    activities: [
      { ...ACTIVITY, group: 'weakened', words: 'removed a check', count: 2 },
      { ...ACTIVITY, group: 'permissions', services: [], environment: '-', words: 'changed permissions', count: 14 },
      { ...ACTIVITY, group: 'tokens', services: [], environment: '-', words: 'changed a token or key', count: 3 },
      { ...ACTIVITY, group: 'administration', words: 'changed a service connection', count: 1, failed: 1 },
    ],
    unknown: ['azure-activity of orders-prod: Azure answered 403: give the identity of the bot the role Reader there'],
    changes: [
      { service: 'payments-api', category: 'activity', rule: 'role-assignment-written', count: 3 },
      { service: 'orders-api', category: 'platform', rule: 'unprotected-branch', count: 1 },
    ],
    ...over,
  };
}
