import type { AnchoredHeads } from './anchored-heads.ts';
import { type ChainBreak, type ChainHead, checkLink, EMPTY_CHAIN, type EvidenceEntry } from './evidence.ts';

/** What was walked so far. */
export interface Walked {
  readonly entries: number;
  readonly chains: number;
  /** Texts that an entry has the checksum of, and that are not there any more. */
  readonly erased: number;
  /** Entries after the last one of their chain that a checkpoint has signed: nothing but the export itself vouches for them. */
  readonly unanchored: number;
}

/** Reads chains one after the other, each from its first entry. */
export function createChainWalk(anchored: AnchoredHeads) {
  let [aggregate, head, signed]: [string | undefined, ChainHead, number] = [undefined, EMPTY_CHAIN, 0];
  const walked = { entries: 0, chains: 0, erased: 0, unanchored: 0 };
  const begin = (next: string | undefined) => {
    walked.unanchored += head.seq - signed;
    [aggregate, head, signed] = [next, EMPTY_CHAIN, 0];
  };
  return {
    /** Why it does not go on from the entry before, and then nothing was taken; or undefined. */
    take: (entry: EvidenceEntry): string | undefined => {
      const isNext = entry.aggregate === aggregate;
      const before = isNext ? head : EMPTY_CHAIN;
      const link = checkLink(before, entry);
      if ('broken' in link) return breakWords(link.broken, before, entry);
      const met = anchored.met(entry);
      if (typeof met === 'number') return `checkpoint ${met} has signed another entry in its place`;
      if (!isNext) begin(entry.aggregate);
      if (met === 'signed') signed = entry.seq;
      head = { seq: entry.seq, hash: entry.hash };
      walked.chains += isNext ? 0 : 1;
      walked.entries += 1;
      walked.erased += link.fields.length - Object.keys(entry.texts).length;
      return undefined;
    },
    hasBegun: (): boolean => walked.chains > 0,
    walked: (): Walked => {
      begin(undefined);
      return { ...walked };
    },
  };
}

function breakWords(broken: ChainBreak, { seq }: ChainHead, entry: EvidenceEntry): string {
  if (broken === 'out-of-order')
    return `entry ${seq + 1} of its aggregate has to stand here: lines were taken away, added or moved at this place`;
  if (broken === 'changed')
    return seq === 0 ? 'it was changed' : `it, or what it says of entry ${entry.seq - 1}, was changed`;
  if (broken === 'unknown-version') return 'it is of a version that this version of Countersign does not read';
  return broken === 'contradicts' ? 'what stands beside the entry is not what it says' : 'one of its texts was changed';
}
