import type { EvidenceChain, EvidenceLog } from '../../services/ports/evidence-log.ts';
import type { Row, TableName } from '../../services/ports/table.ts';
import { decodeEvidence } from '../../services/tables/evidence-row.ts';

interface Dump {
  dump(): readonly (Row & { readonly table: TableName; readonly partition: string })[];
}

/** Every chain of evidence in the table that changed in that time, by reading all of it. */
export function dumpedEvidence(table: Dump): Pick<EvidenceLog, 'changed'> {
  return {
    changed: async function* (from, before) {
      const chains = Map.groupBy(
        table.dump().filter(({ values }) => 'entry' in values && 'hash' in values),
        ({ table: name, partition, row }) => `${name} ${partition} ${row.slice(0, row.lastIndexOf('~'))}`,
      );
      for (const [place, rows] of chains) {
        const [name, partition = '', prefix = ''] = place.split(' ');
        const entries = rows.map(decodeEvidence);
        const isChanged = entries.some(({ entry }) => isWithin(String(JSON.parse(entry).at), from, before));
        if (isChanged) yield { table: name as EvidenceChain['table'], partition, prefix, entries };
      }
    },
  };
}

function isWithin(at: string, from: string, before: string): boolean {
  return at >= from && at < before;
}
