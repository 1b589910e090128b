import type { NudgeRecord } from '../../services/domain/nudge.ts';
import { CLAIM_MINUTES, type DigestMark } from '../../services/ports/digest-store.ts';
import type { Values, Write } from '../../services/ports/table.ts';
import type { World } from './world.ts';

type Violated = (invariant: string, what: string) => void;

/** Clocks of processes differ by as much (run.ts, incidents.ts). */
const CLOCKS_MS = 130_000;

/** I13: of one date nobody gets two digests, and nobody is told the same twice of what is known to have been said. */
export interface SaidOnce {
  /** Rows of table `roll`. */
  committed(partition: string, writes: readonly Write[]): void;
  /** A digest has arrived at this reader. */
  digestCame(reader: string): void;
}

export function createSaidOnce(world: World, violated: Violated): SaidOnce {
  const marks = new Map<string, DigestMark>();
  /** By reader and date: when one last came, and whether that is noted. */
  const came = new Map<string, { at: number; isNoted: boolean }>();
  const records = new Map<string, NudgeRecord>();

  function marked(mark: DigestMark): void {
    const before = marks.get(mark.reader);
    marks.set(mark.reader, mark);
    if (before !== undefined && mark.date < before.date)
      violated('I13', `the digest of ${mark.date} to ${mark.reader} comes after that of ${before.date}`);
    const one = came.get(`${mark.reader} ${mark.date}`);
    if (one !== undefined && mark.outcome === 'sent') one.isNoted = true;
  }

  function nudged(record: NudgeRecord): void {
    const before = records.get(record.reader);
    records.set(record.reader, record);
    for (const one of before?.said.filter(({ isSure }) => isSure) ?? []) {
      const now = record.said.find(({ about, slot }) => about === one.about && slot === one.slot);
      if (now !== undefined && !now.isSure) violated('I13', `${record.reader} hears ${one.about} ${one.slot} again`);
    }
  }

  return {
    committed: (partition, writes) => {
      for (const write of writes) {
        if (!('values' in write)) continue;
        if (partition.endsWith('~digest')) marked(inRow<DigestMark>(write.values, 'mark'));
        if (partition.endsWith('~nudge')) nudged(inRow<NudgeRecord>(write.values, 'nudges'));
      }
    },
    digestCame: (reader) => {
      const mark = marks.get(reader);
      const key = `${reader} ${mark?.date}`;
      const before = came.get(key);
      came.set(key, { at: world.time, isNoted: false });
      if (mark?.outcome !== 'claimed') violated('I13', `a digest to ${reader} that nobody had claimed`);
      if (before === undefined) return;
      // After a death or a lost answer nobody knows whether it came: twice is better than never.
      const isTooSoon = world.time - before.at < CLAIM_MINUTES * 60_000 - CLOCKS_MS;
      if (before.isNoted || isTooSoon || !world.isTroubled)
        violated('I13', `two digests of ${mark?.date} to ${reader}`);
    },
  };
}

function inRow<T>(values: Values, name: string): T {
  return JSON.parse(String(values[name])) as T;
}
