import type { EvidenceEntry } from './evidence.ts';
import { type JsonObject, parsedJson } from './json.ts';
import { jsonRecord, jsonText } from './written-json.ts';

/** A text as evidence has it: absent where it was erased. */
export interface RecordedText {
  readonly text?: string;
}

/** An entry as it was checksummed. */
export interface Said {
  readonly kind: string;
  readonly at: string;
  readonly oid?: string;
  readonly data: JsonObject;
  /** Undefined: it has no such text; without `text`: erased. */
  text(field: string): RecordedText | undefined;
}

/** Undefined for what is no entry of the version that is read here. */
export function saidIn({ entry, texts }: EvidenceEntry): Said | undefined {
  const written = jsonRecord(parsedJson(entry));
  const [kind, at] = [jsonText(written['kind']), jsonText(written['at'])];
  if (written['v'] !== 1 || kind === undefined || at === undefined) return undefined;
  const oid = jsonText(jsonRecord(written['actor'])['oid']);
  const checksums = jsonRecord(written['texts']);
  const text = (field: string) => {
    if (!Object.hasOwn(checksums, field)) return undefined;
    const kept = Object.hasOwn(texts, field) ? texts[field]?.text : undefined;
    return kept === undefined ? {} : { text: kept };
  };
  return { kind, at, data: jsonRecord(written['data']), text, ...(oid === undefined ? {} : { oid }) };
}
