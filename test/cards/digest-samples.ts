import { digestCard } from '../../cards/digest-card.ts';
import { warningCard, warningListCard } from '../../cards/warnings-card.ts';
import { type Digest, digestFor } from '../../services/domain/digest.ts';
import { minuteOf } from '../../services/domain/finding-history.ts';
import type { Warning } from '../../services/domain/warning.ts';
import { aBasis, aReader, aState, aWarningFound } from '../digests.ts';
import { aRecord } from '../exceptions.ts';
import { fingerprint, NOW } from '../unit/judge-input.ts';
import { aRuleInForce } from './contract-samples.ts';
import { nudgeSamples, someNudges } from './nudge-samples.ts';
import type { CardSample } from './samples.ts';

const OLD = minuteOf('2026-11-01T09:30:00.000Z');

/** Something of every kind in two services, an exception of each kind and a rule that was to be decided on. */
export function aBusyDigest(): Digest {
  const prints = (from: number, count: number) => Array.from({ length: count }, (_, n) => fingerprint(from + n));
  const warnings: Warning[] = [
    aWarningFound({ rule: 'CVE-2026-20002', severity: 'high', dueAt: '2026-11-20T09:00:00.000Z', lead: 'group:leads' }),
    aWarningFound({ rule: 'eval', escalatesAt: { to: 'block', at: '2026-11-24T08:00:00.000Z' } }),
    aWarningFound({ rule: 'xpath', escalatesAt: { to: 'due' }, environments: ['prod', 'staging'] }),
    aWarningFound({ rule: 'hard-coded-host', blocksFrom: '2027-01-15' }),
    aWarningFound({ fingerprints: prints(10, 3), exceptionId: 'EX-7' }),
    aWarningFound({ service: 'ledger', rule: 'weak-hash', owner: 'group:ledger-owners', fingerprints: prints(20, 2) }),
    ...Array.from({ length: 9 }, (_, n) => aWarningFound({ service: 'ledger', rule: `js/rule-${n}` })),
    aWarningFound({ service: 'ledger', rule: 'js/unused', seen: Array.from({ length: 6 }, () => OLD), count: 6 }),
  ];
  const exceptions = [
    aRecord({ id: 'EX-12', terms: { owner: 'group:payments-owners' } }),
    aRecord({
      id: 'EX-13',
      terms: { owner: 'group:payments-owners' },
      reviews: { missed: 0, snoozed: 0, askedAt: NOW },
    }),
  ];
  const undecided = [aRuleInForce({ decideBy: '2026-11-01', when: { severity: ['high'] } })];
  const basis = aBasis({ vacant: new Set(['group:ledger-owners']), exceptions, ending: new Set(['EX-12']), undecided });
  const reader = aReader({
    standsFor: new Map<'group:payments-owners' | 'group:devsecops', Set<string> | 'all'>([
      ['group:payments-owners', new Set(['payments-api', 'ledger'])],
      ['group:devsecops', 'all'],
    ]),
  });
  return digestFor(reader, warnings, basis, aState());
}

/** The same, after a day on which its reader had heard enough. */
export function aHeldBackDigest(): Digest {
  return { ...aBusyDigest(), heldBack: someNudges(10) };
}

/** Nothing that needs its reader. */
export function aQuietDigest(open = 14): Digest {
  const warnings = Array.from({ length: open }, (_, n) => aWarningFound({ rule: `rule-${n}`, seen: [OLD] }));
  return digestFor(aReader(), warnings, aBasis(), aState());
}

const known = { at: NOW, vacant: [], service: 'payments-api' } as const;

/** The cards of `digest` and of what its buttons show, and the lists of what people are told again. */
export function digestSamples(): CardSample[] {
  const warnings = Array.from({ length: 8 }, (_, n) => aWarningFound({ rule: `js/rule-${n}` }));
  const print = fingerprint(1);
  return [
    ...nudgeSamples(),
    { name: 'digest-busy', card: digestCard(aBusyDigest()) },
    { name: 'digest-held-back', card: digestCard(aHeldBackDigest(), 'Europe/Berlin') },
    { name: 'digest-first', card: digestCard(firstOf(aBusyDigest()), 'Europe/Berlin') },
    { name: 'digest-quiet', card: digestCard(aQuietDigest()) },
    { name: 'digest-empty', card: digestCard(aQuietDigest(0)) },
    { name: 'warnings-more', card: warningListCard({ ...known, section: 'new', warnings }) },
    { name: 'warnings-none', card: warningListCard({ ...known, section: 'overdue', warnings: [] }) },
    { name: 'warning', card: warningCard({ ...known, fingerprint: print, warnings: [aWarningFound()] }) },
    { name: 'warning-gone', card: warningCard({ ...known, fingerprint: print, warnings: [] }) },
  ];
}

function firstOf({ since: _, ...digest }: Digest): Digest {
  return digest;
}
