import { exceptionListCard } from '../../cards/exception-list-card.ts';
import { importListCard } from '../../cards/import-list-card.ts';
import type { ImportedException, ListedImport } from '../../services/domain/imported-exception.ts';
import { ANN, BOB, TENANT } from '../builders.ts';
import { NOW } from '../unit/judge-input.ts';
import type { CardSample } from './samples.ts';

const ME = { oid: BOB.oid };

interface Parts extends Partial<Omit<ImportedException, 'entry'>> {
  readonly entry?: Partial<ImportedException['entry']>;
}

/** Of Trivy: it says why, and nothing else. */
export function anImport({ entry, ...over }: Parts = {}): ImportedException {
  return {
    id: 'aaaabbbbccccdddd',
    service: 'payments-api',
    environment: 'prod',
    by: { kind: 'person', tenant: TENANT, oid: ANN.oid, name: ANN.name },
    at: NOW,
    ...over,
    entry: {
      source: 'trivy',
      line: 2,
      name: 'CVE-2024-21626',
      rules: ['CVE-2024-21626'],
      paths: [],
      narrowedBy: [],
      terms: { reason: 'The base image mends it with the next release' },
      ...entry,
    },
  };
}

export function listedImport(imported: ImportedException, over: Partial<ListedImport> = {}): ListedImport {
  return { imported, standing: 'unmanaged', over: [], ...over };
}

/** The cards of `exceptions unmanaged`. */
export function importListSamples(): CardSample[] {
  const terms = { owner: 'group:platform', reasonClass: 'mitigated', reason: 'The jump box needs RDP to the office' };
  const azure = { source: 'azure-policy', line: 14, name: 'limit-open-ports-of-the-jump-box' } as const;
  const until = '2026-12-31';
  const rows = [
    listedImport(anImport()),
    listedImport(anImport({ entry: { line: 9, name: 'CVE-2024-1', narrowedBy: ['pkg:npm/lodash@4.17.20'] } })),
    listedImport(anImport({ service: 'orders-api', entry: { ...azure, terms: { ...terms, until } } })),
    listedImport(
      anImport({ service: 'orders-api', entry: { ...azure, line: 40, terms: { ...terms, until, reviewEvery: '7d' } } }),
      { over: ['EX-7'] },
    ),
    listedImport(anImport(), { standing: 'ended' }),
  ];
  const overview = {
    filter: { which: 'open' as const, service: 'payments-api' },
    at: NOW,
    rows: [],
    more: 0,
    unread: 0,
  };
  return [
    { name: 'exceptions-unmanaged', card: importListCard({ at: NOW, rows }, ME) },
    { name: 'exceptions-unmanaged-none', card: importListCard({ at: NOW, rows: [], service: 'payments-api' }, ME) },
    { name: 'exceptions-of-service', card: exceptionListCard({ ...overview, unmanaged: 2 }, ME) },
  ];
}
