import { type EvidenceEntry, firstBrokenEntry } from './evidence.ts';
import { type RecordedOffPath, recordedOffPath } from './recorded-bypass.ts';
import { type RecordedDecision, recordedDecision } from './recorded-decision.ts';
import { saidIn } from './recorded-entry.ts';

/** What a chain of evidence says of deployments. */
export type RecordedChain =
  | { readonly kind: 'decision'; readonly decision: RecordedDecision }
  | { readonly kind: 'off-path'; readonly offPath: RecordedOffPath }
  /** Of something else. */
  | { readonly kind: 'other' }
  /** It proves nothing: `broken` where an entry does not continue the chain, `unknown` where it is not written as one that is known. */
  | {
      readonly kind: 'unreadable';
      readonly aggregate: string;
      readonly seq: number;
      readonly why: 'broken' | 'unknown';
    };

const RECEIVED: readonly string[] = ['check-received', 'approval-noticed'];
const OFF_PATH = 'off-path-detected';

/** `entries`: all of one aggregate, from the first one. What does not verify says nothing. */
export function recordedChain(entries: readonly EvidenceEntry[]): RecordedChain {
  const [first] = entries;
  if (first === undefined) return { kind: 'other' };
  const broken = firstBrokenEntry(entries);
  if (broken !== undefined) return unreadable(broken, 'broken');
  const kind = saidIn(first)?.kind;
  if (kind === undefined) return unreadable(first, 'unknown');
  const isDecision = RECEIVED.includes(kind);
  if (!isDecision && kind !== OFF_PATH) return { kind: 'other' };
  const chain = entries.map((entry) => saidIn(entry));
  const said = chain.filter((one) => one !== undefined);
  const strange = entries[chain.indexOf(undefined)];
  if (strange !== undefined) return unreadable(strange, 'unknown');
  if (!isDecision) {
    const offPath = recordedOffPath(first.aggregate, said);
    return offPath === undefined ? { kind: 'other' } : { kind: 'off-path', offPath };
  }
  const decision = recordedDecision(first.aggregate, said);
  return decision === undefined ? unreadable(first, 'unknown') : { kind: 'decision', decision };
}

function unreadable({ aggregate, seq }: EvidenceEntry, why: 'broken' | 'unknown'): RecordedChain {
  return { kind: 'unreadable', aggregate, seq, why };
}
