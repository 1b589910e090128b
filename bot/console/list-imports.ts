import { exceptionUnreadText, FIELD_WORDS } from '../../cards/exception-words.ts';
import { listOf } from '../../cards/names.ts';
import { clean } from '../../cards/text.ts';
import { importLacks, type ListedImport } from '../../services/domain/imported-exception.ts';
import type { ImportLists } from '../../services/import-lists.ts';
import { exceptionsCsv } from './exceptions-csv.ts';
import type { Outcome } from './outcome.ts';

interface Options {
  readonly service?: string;
  readonly csv?: boolean;
}

const TEXT_MAX = 2_000;
const FIELDS_SHOWN = 9;

/** `exceptions list --unmanaged`: what other tools let pass and nobody answers for, one line each, fields separated by tabs. */
export async function listImports(
  lists: Pick<ImportLists, 'all'>,
  { service, csv = false }: Options,
): Promise<Outcome> {
  const list = await lists.all(service);
  if ('code' in list) throw new Error(exceptionUnreadText(list));
  const { rows } = list;
  const remarks = rows.length === 0 ? ['No unmanaged exceptions.'] : [];
  return { exitCode: 0, lines: csv ? exceptionsCsv([], rows) : rows.map(lineOf), remarks };
}

function lineOf({ imported, standing, over }: ListedImport): string {
  const { id, service, environment, entry } = imported;
  const missing = importLacks(imported).map((field) => FIELD_WORDS[field]);
  const left = [
    ...(entry.narrowedBy.length > 0 ? [`it is limited by ${entry.narrowedBy.join(' ')}`] : []),
    ...(missing.length > 0 ? [`it does not say ${listOf(missing, FIELDS_SHOWN)}`] : []),
    ...(over.length > 0 ? [`${listOf(over, FIELDS_SHOWN)} is over`] : []),
  ];
  const until = entry.terms.until ?? '-';
  const fields = [standing, id, service, environment, entry.source, `line ${entry.line}`, entry.name, until];
  return [...fields, left.length === 0 ? 'it says everything' : left.join('; ')]
    .map((field) => clean(field, TEXT_MAX))
    .join('\t');
}
