import { type EvidenceEntry, firstBrokenEntry } from './evidence.ts';
import { isJsonObject, parsedJson } from './json.ts';

/** One entry as a person reads it. */
export interface SeenEntry {
  readonly seq: number;
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly kind: string;
  /** The name that was recorded, else the object id; undefined: Countersign itself. */
  readonly by?: string;
  /** Codes and numbers that say what became of it, by name. */
  readonly said: readonly (readonly [name: string, value: string])[];
  /** Texts by field; undefined: erased. */
  readonly texts: readonly (readonly [field: string, text: string | undefined])[];
}

/** The whole chain of what people call by an id. */
export interface SeenEvidence {
  readonly id: string;
  readonly entries: readonly SeenEntry[];
  /** Number of the first entry that does not follow from the one before it. */
  readonly brokenAt?: number;
}

/** What of an entry's data a sentence has room for. */
const SAID = ['verdict', 'refusal', 'result', 'reason', 'state', 'from', 'revision', 'until', 'field'];

export function seenEvidence(id: string, entries: readonly EvidenceEntry[]): SeenEvidence {
  const brokenAt = firstBrokenEntry(entries)?.seq;
  return { id, entries: entries.map(seenEntry), ...(brokenAt === undefined ? {} : { brokenAt }) };
}

/** Whatever a forged entry holds, it is shown as far as it can be read. */
function seenEntry({ seq, entry, texts }: EvidenceEntry): SeenEntry {
  const read = parsedJson(entry);
  const { at, kind, actor, data, texts: recorded } = isJsonObject(read) ? read : {};
  const known = isJsonObject(data) ? data : {};
  const by = texts['name']?.text ?? (isJsonObject(actor) ? actor['oid'] : undefined);
  return {
    seq,
    at: String(at),
    kind: String(kind),
    ...(typeof by === 'string' ? { by } : {}),
    said: SAID.flatMap((name) => {
      const value = known[name];
      return typeof value === 'string' || typeof value === 'number' ? [[name, String(value)] as const] : [];
    }),
    texts: Object.keys(isJsonObject(recorded) ? recorded : {}).map((field) => [
      field,
      Object.hasOwn(texts, field) ? texts[field]?.text : undefined,
    ]),
  };
}
