import type { EvidenceEntry } from '../services/domain/evidence.ts';
import { type ExportHead, endLine, entryLine, headLine } from '../services/domain/evidence-export.ts';
import type { ExportFile } from '../services/exported-decisions.ts';
import { TENANT } from './builders.ts';

/** A file of exported evidence with these chains; unsigned, because who reads it here leaves that to its verification. */
export function evidenceFile(
  chains: readonly (readonly EvidenceEntry[])[],
  head: Partial<ExportHead> = {},
  name = 'evidence.jsonl',
): ExportFile {
  const at = '2026-12-01T00:00:00.000Z';
  const lines = [
    headLine({ v: 1, tenant: TENANT, at, ...head }, []),
    ...chains.flat().map(entryLine),
    endLine('a.b.c'),
  ];
  return fileOf(lines, name);
}

export function fileOf(lines: readonly string[], name = 'evidence.jsonl'): ExportFile {
  return {
    name,
    lines: async function* () {
      yield* lines;
    },
  };
}
