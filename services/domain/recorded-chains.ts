import type { EvidenceEntry } from './evidence.ts';
import type { RecordedOffPath } from './recorded-bypass.ts';
import { type RecordedChain, recordedChain } from './recorded-chain.ts';
import type { RecordedDecision } from './recorded-decision.ts';

export interface AllRecorded {
  readonly decisions: readonly RecordedDecision[];
  readonly offPaths: readonly RecordedOffPath[];
  /** Chains that prove nothing, in words. */
  readonly unreadable: readonly string[];
}

export interface RecordedChains {
  /** All entries of one aggregate. Of two copies the longer one counts, where it continues the shorter. */
  add(entries: readonly EvidenceEntry[]): void;
  all(): AllRecorded;
}

interface Kept {
  readonly hashes: readonly string[];
  readonly read: RecordedChain;
}

/** What of many chains is about deployments; the others are forgotten as they come. */
export function createRecordedChains(): RecordedChains {
  const kept = new Map<string, Kept>();
  const unreadable = new Set<string>();
  return {
    add: (entries) => {
      const read = recordedChain(entries);
      if (read.kind === 'other') return;
      if (read.kind === 'unreadable') {
        unreadable.add(unreadableWords(read));
        return;
      }
      const aggregate = entries[0]?.aggregate ?? '';
      const next = { hashes: entries.map(({ hash }) => hash), read };
      const before = kept.get(aggregate) ?? next;
      const [shorter, longer] = before.hashes.length < next.hashes.length ? [before, next] : [next, before];
      if (longer.hashes[shorter.hashes.length - 1] !== shorter.hashes.at(-1))
        unreadable.add(`evidence of ${aggregate} says two different things: the longer one was taken`);
      kept.set(aggregate, longer);
    },
    all: () => {
      const all = [...kept.values()].map(({ read }) => read);
      return {
        decisions: all.flatMap((read) => (read.kind === 'decision' ? [read.decision] : [])),
        offPaths: all.flatMap((read) => (read.kind === 'off-path' ? [read.offPath] : [])),
        unreadable: [...unreadable],
      };
    },
  };
}

function unreadableWords({ aggregate, seq, why }: RecordedChain & { kind: 'unreadable' }): string {
  const reason = why === 'broken' ? 'does not verify' : 'is not written as a version that is read here';
  return `evidence of ${aggregate} ${reason} at entry ${seq}: nothing of it is counted`;
}
