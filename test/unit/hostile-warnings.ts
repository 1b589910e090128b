import { type Digest, digestFor } from '../../services/domain/digest.ts';
import type { Warning } from '../../services/domain/warning.ts';
import { aSample } from '../builders.ts';
import { aRuleInForce } from '../cards/contract-samples.ts';
import { aBasis, aReader, aState, aWarningFound } from '../digests.ts';
import { aRecord } from '../exceptions.ts';
import type { Lists } from './hostile-records.ts';
import { fingerprint } from './judge-input.ts';

/** Warnings in which every field that somebody outside can write holds `text`. */
export function hostileWarnings(text: string, lists: Lists): Warning[] {
  return Array.from({ length: lists === 'long' ? 30 : 1 }, (_, n) =>
    aWarningFound({
      service: `${n}${text}`,
      environments: [text, text],
      control: text,
      tool: text,
      rule: text,
      because: text,
      owner: `group:${text}`,
      lead: `group:${text}`,
      fingerprints: [fingerprint(n)],
      samples: [aSample({ message: text, path: text, help: text })],
      duplicates: Array.from({ length: 6 }, (_, other) => ({
        ...{ of: fingerprint(n), tool: `${other}${text}`, rule: text },
        fingerprint: fingerprint(100 + other),
      })),
      blocksFrom: '2027-01-15',
      foundAfter: [{ requestId: text, environment: text, runName: text, at: '2026-11-20T09:12:40.000Z' }],
    }),
  );
}

export function hostileDigest(text: string, lists: Lists): Digest {
  const principal = `group:${text}` as const;
  const times = { length: lists === 'long' ? 20 : 1 };
  const target = { control: text, service: text, environment: text };
  const exceptions = Array.from(times, (_, n) => aRecord({ id: `EX-${n + 1}`, target, terms: { owner: principal } }));
  const undecided = Array.from(times, () =>
    aRuleInForce({ decideBy: '2026-11-01', when: { rule: [text] } }, { control: text, owner: principal }),
  );
  const reader = aReader({ standsFor: new Map([[principal, 'all']]) });
  const ending = new Set(exceptions.map(({ id }) => id));
  const basis = aBasis({ vacant: new Set([principal]), exceptions, ending, undecided });
  return digestFor(reader, hostileWarnings(text, lists), basis, aState());
}
