import type { AnchoredHeads } from './anchored-heads.ts';
import { type ArchivedDay, archivedIn } from './archived-head.ts';
import { type ChainBreak, type ChainHead, checkLink, EMPTY_CHAIN, type EvidenceEntry } from './evidence.ts';
import { createGoneTexts, type GoneText } from './gone-texts.ts';

/** What was walked so far. */
export interface Walked {
  readonly entries: number;
  readonly chains: number;
  /** Texts that an entry has the checksum of, and that are not there any more. */
  readonly erased: number;
  /** Entries after the last one of their chain that a checkpoint has signed: nothing but the export itself vouches for them. */
  readonly unanchored: number;
  /** Texts that are not there although no entry says that they were erased: the first of each aggregate. */
  readonly gone: readonly GoneText[];
}

/** Reads chains one after the other, each from its first entry. */
export function createChainWalk(anchored: AnchoredHeads) {
  let [aggregate, head, signed]: [string | undefined, ChainHead, number] = [undefined, EMPTY_CHAIN, 0];
  const walked = { entries: 0, erased: 0, unanchored: 0 };
  const [gone, seen] = [createGoneTexts(), new Set<string>()];
  /** Not signed yet: no checkpoint is after them. */
  let archives: ArchivedDay[] = [];
  const begin = (next: string | undefined) => {
    if (next === aggregate) return;
    walked.unanchored += head.seq - signed;
    gone.end();
    if (next !== undefined) seen.add(next);
    [aggregate, head, signed, archives] = [next, EMPTY_CHAIN, 0, []];
  };
  const sign = (seq: number) => {
    signed = seq;
    for (const one of archives.splice(0)) anchored.archive(one);
  };
  return {
    /** Why it does not go on from the entry before, and then nothing was taken; or undefined. */
    take: (entry: EvidenceEntry): string | undefined => {
      const isNext = entry.aggregate === aggregate;
      const before = isNext ? head : EMPTY_CHAIN;
      const link = checkLink(before, entry);
      if ('broken' in link) return breakWords(link.broken, before, entry);
      if (!isNext && seen.has(entry.aggregate)) return 'its aggregate stands in the export already';
      const met = anchored.met(entry);
      if (typeof met === 'number') return `checkpoint ${met} has signed another entry in its place`;
      begin(entry.aggregate);
      archives.push(...archivesIn(entry));
      if (met === 'signed') sign(entry.seq);
      head = { seq: entry.seq, hash: entry.hash };
      walked.entries += 1;
      walked.erased += gone.take(entry, link.fields);
      return undefined;
    },
    hasBegun: (): boolean => seen.size > 0,
    walked: (): Walked => {
      begin(undefined);
      return { ...walked, chains: seen.size, gone: gone.unexplained() };
    },
  };
}

function archivesIn(entry: EvidenceEntry): ArchivedDay[] {
  const archived = archivedIn(entry);
  return archived === undefined ? [] : [archived];
}

function breakWords(broken: ChainBreak, { seq }: ChainHead, entry: EvidenceEntry): string {
  if (broken === 'out-of-order')
    return `entry ${seq + 1} of its aggregate has to stand here: lines were taken away, added or moved at this place`;
  if (broken === 'changed')
    return seq === 0 ? 'it was changed' : `it, or what it says of entry ${entry.seq - 1}, was changed`;
  if (broken === 'unknown-version') return 'it is of a version that this version of Countersign does not read';
  return broken === 'contradicts' ? 'what stands beside the entry is not what it says' : 'one of its texts was changed';
}
