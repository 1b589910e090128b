import { type ArchivedDay, type ArchivedHead, isArchived } from './archived-head.ts';
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
  const anchors = new Map<string, Anchor>();
  const archived = new Map<string, ArchivedHead>();
  const files = new Map<string, string>();
  const lackingOf = (isMeant: (head: ArchivedHead) => boolean): readonly LackingHead[] => {
    const first = new Map<string, LackingHead>();
    for (const [key, { checkpoint, hash, isRequired }] of anchors) {
      const [seq, aggregate] = [Number.parseInt(key, 10), key.slice(key.indexOf(' ') + 1)];
      const known = first.get(aggregate);
      if (isRequired && isMeant({ aggregate, seq, hash }) && (known === undefined || seq < known.seq))
        first.set(aggregate, { aggregate, seq, checkpoint });
    }
    return [...first.values()];
  };
  const isKept = (head: ArchivedHead) => isArchived(head, archived.get(head.aggregate));
  return {
    /** `isRequired`: which of its heads must be there. Why it contradicts one that was noted before, or undefined. */
    note: (checkpoint: Checkpoint, isRequired: (head: Checkpoint['heads'][number]) => boolean): string | undefined => {
      const { number } = checkpoint;
      for (const head of checkpoint.heads) {
        const { aggregate, seq, hash } = head;
        const before = anchors.get(keyOf(head));
        if (before !== undefined && before.hash !== hash)
          return `checkpoints ${before.checkpoint} and ${number} contradict each other about entry ${seq} of ${aggregate}`;
        const required = before?.isRequired === true || isRequired(head);
        anchors.set(keyOf(head), { hash, checkpoint: number, isRequired: required });
      }
      return undefined;
    },
    /** Of an entry that was read: whether a checkpoint has signed it, or another one in its place (its number). */
    met: (entry: EvidenceEntry): 'signed' | number | undefined => {
      const key = keyOf(entry);
      const anchor = anchors.get(key);
      if (anchor === undefined) return undefined;
      if (anchor.hash !== entry.hash) return anchor.checkpoint;
      anchors.delete(key);
      return 'signed';
    },
    /** What was archived may be deleted: as an entry says that is itself signed. */
    archive: ({ file, sha256, heads }: ArchivedDay): void => {
      files.set(file, sha256);
      for (const head of heads) archived.set(head.aggregate, head);
    },
    /** The first entry of each aggregate that must be there, was not met, and is in no archive. */
    lacking: (): readonly LackingHead[] => lackingOf((head) => !isKept(head)),
    /** How many aggregates are in an archive alone, and which archives there are. */
    archived: () => ({
      aggregates: lackingOf(isKept).length,
      files: [...files].map(([name, sha256]) => ({ name, sha256 })),
    }),
  };
}

function keyOf({ aggregate, seq }: Pick<EvidenceEntry, 'aggregate' | 'seq'>): string {
  return `${seq} ${aggregate}`;
}

export type AnchoredHeads = ReturnType<typeof createAnchoredHeads>;
