import { EMPTY_CHAIN, type EvidenceDraft, type EvidenceEntry, nextEntry } from '../services/domain/evidence.ts';
import { type ExportHead, endLine, entryLine, headLine } from '../services/domain/evidence-export.ts';
import type { ExportFile } from '../services/exported-decisions.ts';
import { ORG, TENANT } from './builders.ts';

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

/** The first entry of a request of that run. */
export function received(org = ORG, run = 4711, environment = 'prod'): EvidenceDraft {
  const place = { run, definition: 12, stage: 'Deploy', environment, services: ['payments-api'] };
  return {
    kind: 'check-received',
    actor: { kind: 'pipeline', name: 'payments-api' },
    data: { tuple: [org, 'p', 1], ...place },
  };
}

export function chainOf(drafts: readonly EvidenceDraft[], aggregate = `${ORG} request`): EvidenceEntry[] {
  const entries: EvidenceEntry[] = [];
  for (const draft of drafts) {
    const written = { aggregate, at: '2026-10-06T09:00:00.000Z', op: `op ${entries.length}`, salt: 'salt' };
    entries.push(nextEntry(entries.at(-1) ?? EMPTY_CHAIN, draft, written));
  }
  return entries;
}
