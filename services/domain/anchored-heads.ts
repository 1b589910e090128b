import type { Checkpoint } from './checkpoint.ts';
import type { EvidenceEntry } from './evidence.ts';

/** An entry that a checkpoint has signed, and that is not there. */
export interface LackingHead {
  readonly aggregate: string;
  readonly seq: number;
  /** Number of the checkpoint. */
  readonly checkpoint: number;
}

interface Anchor {
  readonly hash: string;
  readonly checkpoint: number;
  readonly isRequired: boolean;
}

/** What checkpoints have signed of chains that are still to be read. */
export function createAnchoredHeads() {
  const anchors = new Map<string, Map<number, Anchor>>();
  return {
    /** `isRequired`: which of its heads must be there. Why it contradicts one that was noted before, or undefined. */
    note: (checkpoint: Checkpoint, isRequired: (head: Checkpoint['heads'][number]) => boolean): string | undefined => {
      const { number } = checkpoint;
      for (const head of checkpoint.heads) {
        const { aggregate, seq, hash } = head;
        const known = anchors.get(aggregate) ?? new Map<number, Anchor>();
        const before = known.get(seq);
        if (before !== undefined && before.hash !== hash)
          return `checkpoints ${before.checkpoint} and ${number} contradict each other about entry ${seq} of ${aggregate}`;
        const required = before?.isRequired === true || isRequired(head);
        anchors.set(aggregate, known.set(seq, { hash, checkpoint: number, isRequired: required }));
      }
      return undefined;
    },
    /** Of an entry that was read: whether a checkpoint has signed it, or another one in its place (its number). */
    met: ({ aggregate, seq, hash }: EvidenceEntry): 'signed' | number | undefined => {
      const known = anchors.get(aggregate);
      const anchor = known?.get(seq);
      if (known === undefined || anchor === undefined) return undefined;
      if (anchor.hash !== hash) return anchor.checkpoint;
      known.delete(seq);
      if (known.size === 0) anchors.delete(aggregate);
      return 'signed';
    },
    /** The first entry of each aggregate that must be there and was not met. */
    lacking: (): readonly LackingHead[] =>
      [...anchors].flatMap(([aggregate, known]) => {
        const missing = [...known].filter(([, { isRequired }]) => isRequired).sort(([a], [b]) => a - b);
        return missing.slice(0, 1).map(([seq, { checkpoint }]) => ({ aggregate, seq, checkpoint }));
      }),
  };
}

export type AnchoredHeads = ReturnType<typeof createAnchoredHeads>;
