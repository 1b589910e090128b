import type { EvidenceEntry } from './evidence.ts';
import { isJsonObject, parsedJson } from './json.ts';

/** A text that an entry has the checksum of, and that is not there. */
export interface GoneText {
  readonly aggregate: string;
  readonly seq: number;
  readonly field: string;
}

/** Which texts of a chain are gone without an entry that says so; chain by chain. */
export function createGoneTexts() {
  const unexplained: GoneText[] = [];
  const open = new Map<string, GoneText>();
  return {
    /** How many texts this entry has lost; `fields`: what it was recorded with. */
    take: ({ aggregate, seq, entry, texts }: EvidenceEntry, fields: readonly string[]): number => {
      const lost = fields.filter((field) => !Object.hasOwn(texts, field));
      // Who erases says so afterwards.
      if (open.size > 0) for (const key of erasedBy(entry)) open.delete(key);
      for (const field of lost) open.set(`${seq} ${field}`, { aggregate, seq, field });
      return lost.length;
    },
    /** The chain ends here. */
    end: (): void => {
      const [first] = open.values();
      if (first !== undefined) unexplained.push(first);
      open.clear();
    },
    unexplained: (): readonly GoneText[] => unexplained,
  };
}

function erasedBy(entry: string): readonly string[] {
  const said = parsedJson(entry);
  if (!isJsonObject(said) || said['kind'] !== 'text-erased' || !isJsonObject(said['data'])) return [];
  const { field, seqs } = said['data'];
  return Array.isArray(seqs) ? seqs.map((seq) => `${seq} ${field}`) : [];
}
