import type { Asker, Exception, ExceptionTarget, ExceptionTerms } from '../services/domain/exception.ts';
import { ANN, BOB, ORG, TENANT } from './builders.ts';
import { fingerprint } from './unit/judge-input.ts';

export function anAsker(over: Partial<Asker> = {}): Asker {
  const by = { kind: 'person' as const, tenant: TENANT, oid: ANN.oid, name: ANN.name };
  return { by, at: '2026-11-20T09:00:00.000Z', accounts: [ANN.oid, ANN.upn], ...over };
}

export function someTerms(over: Partial<ExceptionTerms> = {}): ExceptionTerms {
  return {
    owner: 'group:payments-team',
    reasonClass: 'fix-scheduled',
    reason: 'The vendor fixes it with the next release',
    until: '2026-12-18',
    review: { everyDays: 7 },
    ...over,
  };
}

interface Parts extends Partial<Omit<Exception, 'target' | 'terms'>> {
  readonly target?: Partial<ExceptionTarget>;
  readonly terms?: Partial<ExceptionTerms>;
}

/** For one secret of payments-api in prod: asked for by Ann, granted by Bob, in force until the 18th of December. */
export function aRecord({ target, terms, ...over }: Parts = {}): Exception {
  return {
    id: 'EX-12',
    org: ORG,
    target: {
      control: 'secret-scanning',
      service: 'payments-api',
      environment: 'prod',
      fingerprints: [fingerprint(1)],
      ...target,
    },
    terms: someTerms(terms),
    state: 'active',
    revision: 1,
    askers: [anAsker()],
    asks: { approvers: 'group:security-leads', quorum: 1 },
    category: 'secret',
    severity: 'high',
    hides: { count: 1, at: '2026-11-20T09:00:00.000Z' },
    contractVersion: 7,
    renewal: { number: 0, of: 1 },
    votes: [
      {
        by: { kind: 'person', tenant: TENANT, oid: BOB.oid, name: BOB.name },
        at: '2026-11-20T10:00:00.000Z',
        comment: '',
        accounts: [BOB.oid],
      },
    ],
    grantedAt: '2026-11-20T10:00:00.000Z',
    reviews: { missed: 0, snoozed: 0 },
    warned: [],
    ...over,
  };
}

/** Of every finding of its control. */
export function aWideRecord(over: Parts = {}): Exception {
  const { fingerprints: _, ...target } = aRecord(over).target;
  return { ...aRecord(over), target };
}
