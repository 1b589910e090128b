import type { EvidenceChain, EvidenceLog } from '../../services/ports/evidence-log.ts';
import type { Row, TableName } from '../../services/ports/table.ts';
import { decodeEvidence } from '../../services/tables/evidence-row.ts';

interface Dump {
  dump(): readonly (Row & { readonly table: TableName; readonly partition: string })[];
}

/** Every chain of evidence in the table, by reading all of it. */
export function dumpedChains(table: Dump): EvidenceChain[] {
  const rows = table.dump().filter(({ values }) => 'entry' in values && 'hash' in values);
  const chains = Map.groupBy(
    rows,
    ({ table: name, partition, row }) => `${name} ${partition} ${row.slice(0, row.lastIndexOf('~'))}`,
  );
  return [...chains].map(([place, links]) => {
    const [name, partition = '', prefix = ''] = place.split(' ');
    return { table: name as TableName, partition, prefix, entries: links.map(decodeEvidence) };
  });
}

/** The same by time. */
export function dumpedEvidence(table: Dump): Pick<EvidenceLog, 'changed'> {
  return {
    changed: async function* (from, before) {
      for (const chain of dumpedChains(table)) {
        if (chain.entries.some(({ entry }) => isWithin(String(JSON.parse(entry).at), from, before))) yield chain;
      }
    },
  };
}

function isWithin(at: string, from: string, before: string): boolean {
  return at >= from && at < before;
}
