import type { Digest, ReaderState } from '../services/domain/digest.ts';
import type { DigestBasis, DigestReader } from '../services/domain/digest-reader.ts';
import { minuteOf } from '../services/domain/finding-history.ts';
import type { Warning } from '../services/domain/warning.ts';
import { ORG } from './builders.ts';
import { fingerprint, NOW } from './unit/judge-input.ts';

/** One medium code finding of payments-api, first seen a day before `NOW`, due in two weeks. */
export function aWarningFound(over: Partial<Warning> = {}): Warning {
  const fingerprints = over.fingerprints ?? [fingerprint(1)];
  return {
    org: ORG,
    service: 'payments-api',
    environments: ['prod'],
    control: 'sast',
    category: 'sast',
    tool: 'semgrep',
    rule: 'weak-random',
    severity: 'medium',
    count: fingerprints.length,
    fingerprints,
    samples: fingerprints.slice(0, 3).map((print) => ({ fingerprint: print, message: 'Not random', path: 'src/a.ts' })),
    because: 'Needs calibration',
    owner: 'group:payments-owners',
    dueAt: '2026-12-07T09:30:00.000Z',
    exceptableIn: 'prod',
    seen: fingerprints.map(() => minuteOf(NOW) - 1_440),
    ...over,
  };
}

export function aReader(over: Partial<DigestReader> = {}): DigestReader {
  return {
    name: 'user:adele',
    standsFor: new Map([['group:payments-owners', new Set(['payments-api'])]]),
    services: new Set(),
    environments: new Set(),
    ...over,
  };
}

export function aBasis(over: Partial<DigestBasis> = {}): DigestBasis {
  return {
    at: NOW,
    vacant: new Set(),
    keeper: 'group:devsecops',
    fallbacks: new Map([['sast', 'group:security-leads']]),
    unownedAfterDays: 5,
    exceptions: [],
    ending: new Set(),
    undecided: [],
    ...over,
  };
}

/** Of a reader whose last digest was two days before `NOW`. */
export function aState(over: Partial<ReaderState> = {}): ReaderState {
  return { since: '2026-11-21T09:30:00.000Z', told: [], horizon: '2026-11-24T23:00:00.000Z', ...over };
}

export function sectionCounts({ counts }: Digest): Partial<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
