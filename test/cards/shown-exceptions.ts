import type { Asker, Exception, ExceptionTerms, ExceptionVote, Reviews } from '../../services/domain/exception.ts';
import type { ExceptionOffer } from '../../services/domain/exception-request.ts';
import type { PersonActor } from '../../services/domain/person.ts';
import { ANN, aSample, BOB, ORG, TENANT } from '../builders.ts';

export const NOW = '2026-11-25T09:00:00.000Z';
export const PRINT = '0123456789abcdef0123456789abcdef';

export function actor({ oid, name }: { readonly oid: string; readonly name: string }): PersonActor {
  return { kind: 'person', tenant: TENANT, oid, name };
}

export function someTerms(overrides: Partial<ExceptionTerms> = {}): ExceptionTerms {
  return {
    owner: 'group:payments-owners',
    reasonClass: 'fix-scheduled',
    reason: 'The key is revoked; the history is rewritten with the next release.',
    until: '2026-12-04',
    review: { everyDays: 7, cadence: 'weekly-sync' },
    ...overrides,
  };
}

export function anAsker(overrides: Partial<Asker> = {}): Asker {
  return { by: actor(ANN), at: '2026-11-24T09:00:00.000Z', accounts: [ANN.oid], ...overrides };
}

export function anExceptionVote(overrides: Partial<ExceptionVote> = {}): ExceptionVote {
  return {
    by: actor(BOB),
    at: '2026-11-24T12:00:00.000Z',
    comment: 'The key is dead.',
    accounts: [BOB.oid],
    ...overrides,
  };
}

/** Asked for by Ann; Bob and Carla may grant it. */
export function anException(overrides: Partial<Exception> = {}): Exception {
  return {
    id: 'EX-12',
    org: ORG,
    target: { control: 'secret-scanning', service: 'payments-api', environment: 'prod', fingerprints: [PRINT] },
    terms: someTerms(),
    state: 'requested',
    revision: 1,
    askers: [anAsker()],
    asks: { approvers: 'group:security-leads', quorum: 1 },
    category: 'secret',
    severity: 'critical',
    hides: { count: 1, at: '2026-11-24T09:00:00.000Z' },
    contractVersion: 3,
    renewal: { number: 0, of: 2 },
    votes: [],
    reviews: { missed: 0, snoozed: 0 },
    warned: [],
    ...overrides,
  };
}

/** In force since Bob approved it. */
export function aGrantedException(overrides: Partial<Exception> = {}, reviews: Partial<Reviews> = {}): Exception {
  return anException({
    state: 'active',
    votes: [anExceptionVote()],
    grantedAt: '2026-11-24T12:00:00.000Z',
    reviews: { missed: 0, snoozed: 0, nextAt: '2026-12-01T08:00:00.000Z', ...reviews },
    ...overrides,
  });
}

export function anOffer(overrides: Partial<ExceptionOffer> = {}): ExceptionOffer {
  return {
    hidden: {
      target: anException().target,
      category: 'secret',
      severity: 'critical',
      count: 1,
      rules: ['azure-storage-key'],
      samples: [aSample()],
      owner: 'group:payments-team',
    },
    shown: 'abcdefghij234567',
    owner: 'group:payments-team',
    reviewEvery: 'weekly-sync',
    latest: '2026-12-09',
    expiry: {
      maxDays: 14,
      renewals: 2,
      reviewEveryDays: 7,
      reviewCadence: 'weekly-sync',
      approvers: 'group:security-leads',
      quorum: 2,
      minReason: 20,
      onExpiry: 'restart',
    },
    budget: { used: 4, limit: 5 },
    renewal: { number: 0, of: 2 },
    ...overrides,
  };
}
