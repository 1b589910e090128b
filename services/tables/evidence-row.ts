import { type EvidenceEntry, isSalted } from '../domain/evidence.ts';
import { isJsonObject, parsedJson } from '../domain/json.ts';
import type { Row, Write } from '../ports/table.ts';
import { key, sequence } from './keys.ts';

/** One link of a chain as a row below `prefix`: create-only, so that nothing is ever written over it. */
export function evidenceWrite(prefix: readonly string[], entry: EvidenceEntry): Write {
  const { seq, hash, op, aggregate } = entry;
  const values = { entry: entry.entry, hash, op, aggregate, texts: JSON.stringify(entry.texts) };
  return { kind: 'create', row: key(...prefix, sequence(seq)), values };
}

/** What somebody else wrote is named where the chain is verified, and ends nobody's reading. */
export function decodeEvidence({ row, values }: Row): EvidenceEntry {
  return {
    aggregate: String(values['aggregate']),
    seq: Number(row.split('~').at(-1)),
    entry: String(values['entry']),
    hash: String(values['hash']),
    op: String(values['op']),
    texts: textsIn(String(values['texts'])),
  };
}

/** Texts that cannot be read are one that no entry has recorded. */
function textsIn(stored: string): EvidenceEntry['texts'] {
  const texts = parsedJson(stored);
  const areTexts = isJsonObject(texts) && Object.values(texts).every(isSalted);
  return areTexts ? (texts as EvidenceEntry['texts']) : { '': { salt: '', text: stored } };
}
