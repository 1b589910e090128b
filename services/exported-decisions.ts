import type { EvidenceEntry } from './domain/evidence.ts';
import { type ExportHead, type ExportLine, readExportLine } from './domain/evidence-export.ts';
import { earlier } from './domain/instant.ts';
import type { DecisionEvidence } from './ports/decision-evidence.ts';

/** A file of exported evidence. */
export interface ExportFile {
  readonly name: string;
  lines(): AsyncIterable<string>;
}

interface Needs {
  readonly tenant: string;
  readonly files: readonly ExportFile[];
}

/** Evidence of files alone, such as those of a month that was archived. Rejects with a sentence for a file that is no whole export of this tenant. */
export function createExportedDecisions({ tenant, files }: Needs): DecisionEvidence {
  const heads: { readonly name: string; readonly head: ExportHead }[] = [];
  return {
    chains: async function* () {
      for (const file of files) {
        const head = (head: ExportHead) => heads.push({ name: file.name, head: ofTenant(file.name, head, tenant) });
        yield* chainsIn(file, head);
      }
    },
    ofRun: async () => [],
    gaps: (from, before) => [
      ...heads.flatMap(({ name, head }) =>
        head.scope === undefined ? [] : [`${name} has evidence of ${head.scope} alone`],
      ),
      ...uncovered(
        heads.map(({ head }) => head),
        from,
        before,
      ),
    ],
  };
}

function ofTenant(name: string, head: ExportHead, tenant: string): ExportHead {
  if (head.tenant.toLowerCase() === tenant.toLowerCase()) return head;
  throw new Error(`${name} has evidence of another tenant, ${head.tenant}`);
}

/** Entries of one aggregate follow one another. */
async function* chainsIn(
  { name, lines }: ExportFile,
  begins: (head: ExportHead) => void,
): AsyncGenerator<readonly EvidenceEntry[]> {
  let chain: EvidenceEntry[] = [];
  let number = 0;
  let isOver = false;
  for await (const text of lines()) {
    number += 1;
    const line = lineAt(name, number, isOver, text);
    if (line.kind === 'head') begins(line.head);
    if (line.kind === 'end') isOver = true;
    if (line.kind !== 'entry') continue;
    if (chain.length > 0 && chain[0]?.aggregate !== line.entry.aggregate) {
      yield chain;
      chain = [];
    }
    chain.push(line.entry);
  }
  if (!isOver)
    throw new Error(`${name} is cut: an export ends with a line that is signed, and line ${number} is its last`);
  if (chain.length > 0) yield chain;
}

function lineAt(name: string, number: number, isOver: boolean, text: string): ExportLine {
  const line = readExportLine(text);
  if (line.kind === 'none') throw new Error(`${name} line ${number} is no line of exported evidence: ${line.why}`);
  if ((line.kind === 'head') !== (number === 1))
    throw new Error(`${name} line ${number}: an export begins with its head, once`);
  if (isOver) throw new Error(`${name} line ${number} stands after the end of the export`);
  return line;
}

/** What of this time no file has, in words. */
function uncovered(heads: readonly ExportHead[], from: string, before: string): string[] {
  const spans = heads
    .map(({ from: begins = '', to, at }) => ({ begins, ends: earlier(to ?? at, at) }))
    .sort((a, b) => (a.begins < b.begins ? -1 : 1));
  const gaps: string[] = [];
  let known = from;
  for (const { begins, ends } of [...spans, { begins: before, ends: before }]) {
    if (begins > known && known < before)
      gaps.push(`no file has the evidence from ${known} to ${earlier(begins, before)}`);
    if (ends > known) known = ends;
  }
  return gaps;
}
