import { endOf, type ListedException } from '../../services/domain/exception-list.ts';
import { importLacks, type ListedImport } from '../../services/domain/imported-exception.ts';
import { csvRecord } from './csv.ts';

type Cell = string | number | undefined;

/** RFC 4180, with a header that has the columns of imports only where they are listed: each record ends with CR LF, of which the command line writes the LF. */
export function exceptionsCsv(exceptions: readonly ListedException[], imports?: readonly ListedImport[]): string[] {
  const more = imports === undefined ? [] : IMPORT_COLUMNS;
  const records = [
    ...exceptions.map((listed) => [...COLUMNS.map(([, of]) => of(listed)), ...more.map(() => undefined)]),
    ...(imports ?? []).map((listed) => [
      ...COLUMNS.map(([name]) => SHARED[name]?.(listed)),
      ...more.map(([, of]) => of(listed)),
    ]),
  ];
  const header = [...COLUMNS, ...more].map(([name]) => name);
  return [header, ...records.map((cells) => cells.map((cell) => String(cell ?? '')))].map(
    (cells) => `${csvRecord(cells)}\r`,
  );
}

const COLUMNS: readonly (readonly [string, (listed: ListedException) => Cell])[] = [
  ['id', ({ exception }) => exception.id],
  ['state', ({ standing }) => standing],
  ['control', ({ exception }) => exception.target.control],
  ['service', ({ exception }) => exception.target.service],
  ['environment', ({ exception }) => exception.target.environment],
  ['fingerprints', ({ exception }) => exception.target.fingerprints?.join(' ') ?? 'all'],
  ['severity', ({ exception }) => exception.severity],
  ['hides', ({ exception }) => exception.hides.count],
  ['counted', ({ exception }) => exception.hides.at],
  ['owner', ({ exception }) => exception.terms.owner],
  ['reasonClass', ({ exception }) => exception.terms.reasonClass],
  ['reason', ({ exception }) => exception.terms.reason],
  ['mitigation', ({ exception }) => exception.terms.mitigation],
  ['ticket', ({ exception }) => exception.terms.ticket],
  ['until', ({ exception }) => exception.terms.until],
  ['reviewEvery', ({ exception }) => exception.terms.review.cadence ?? `${exception.terms.review.everyDays}d`],
  ['nextReview', ({ exception }) => exception.reviews.nextAt],
  ['askedBy', ({ exception }) => exception.askers.map(({ by }) => by.name).join('; ')],
  ['askedAt', ({ exception }) => exception.askers[0].at],
  ['grantedBy', ({ exception }) => exception.votes.map(({ by }) => by.name).join('; ')],
  ['grantedAt', ({ exception }) => exception.grantedAt],
  ['renewal', ({ exception }) => exception.renewal.number],
  ['renews', ({ exception }) => exception.renewal.renews],
  ['endedAt', (listed) => (isEnded(listed) ? endOf(listed.exception) : undefined)],
  ['endedBy', ({ exception }) => exception.end?.by?.name],
  ['endedBecause', ({ exception }) => exception.end?.why],
];

/** What an entry of another tool has of the same, as its file writes it. */
const SHARED: Readonly<Record<string, (listed: ListedImport) => Cell>> = {
  id: ({ imported }) => imported.id,
  state: ({ standing }) => standing,
  control: ({ imported }) => imported.control,
  service: ({ imported }) => imported.service,
  environment: ({ imported }) => imported.environment,
  owner: ({ imported }) => imported.entry.terms.owner,
  reasonClass: ({ imported }) => imported.entry.terms.reasonClass,
  reason: ({ imported }) => imported.entry.terms.reason,
  ticket: ({ imported }) => imported.entry.terms.ticket,
  until: ({ imported }) => imported.entry.terms.until,
  reviewEvery: ({ imported }) => imported.entry.terms.reviewEvery,
};

const IMPORT_COLUMNS: readonly (readonly [string, (listed: ListedImport) => Cell])[] = [
  ['source', ({ imported }) => imported.entry.source],
  ['line', ({ imported }) => imported.entry.line],
  ['name', ({ imported }) => imported.entry.name],
  ['rules', ({ imported }) => imported.entry.rules.join(' ')],
  ['paths', ({ imported }) => imported.entry.paths.join(' ')],
  ['narrowedBy', ({ imported }) => imported.entry.narrowedBy.join(' ')],
  ['missing', ({ imported }) => importLacks(imported).join(' ')],
  ['importedBy', ({ imported }) => imported.by.name],
  ['importedAt', ({ imported }) => imported.at],
];

function isEnded({ standing }: ListedException): boolean {
  return standing !== 'requested' && standing !== 'active';
}
