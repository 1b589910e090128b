import { exceptionUnreadText } from '../../cards/exception-words.ts';
import type { ExceptionList, ListedException } from '../../services/domain/exception-list.ts';
import type { ListedImport } from '../../services/domain/imported-exception.ts';
import type { ExceptionLists } from '../../services/exception-lists.ts';
import { exceptionsCsv } from './exceptions-csv.ts';
import type { Outcome } from './outcome.ts';

interface Options {
  readonly service?: string;
  readonly ended?: boolean;
  readonly csv?: boolean;
}

/** `exceptions list`: one line each, its fields separated by tabs; or all that is known of each and of what is unmanaged, as CSV with a header. */
export async function listExceptions(
  lists: Pick<ExceptionLists, 'all'>,
  { service, ended = false, csv = false }: Options,
  unmanaged?: readonly ListedImport[],
): Promise<Outcome> {
  const filter = { which: ended ? 'ended' : 'open', ...(service === undefined ? {} : { service }) } as const;
  const list = await lists.all(filter);
  if ('code' in list) throw new Error(exceptionUnreadText(list));
  const lines = csv ? exceptionsCsv(list.rows, unmanaged) : list.rows.map(lineOf);
  return { exitCode: 0, lines, remarks: remarksOf(list) };
}

function lineOf({ exception, standing }: ListedException): string {
  const { target, terms } = exception;
  const fields = [exception.id, standing, target.control, target.service, target.environment, terms.until, terms.owner];
  return fields.map(onOneLine).join('\t');
}

/** Names are from policy files, texts from people: none of them may begin a line or a field. */
function onOneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}

function remarksOf({ rows, more, unread }: ExceptionList): string[] {
  return [
    ...(rows.length === 0 ? ['No exceptions.'] : []),
    ...(more === 0 ? [] : [`${more} that ended earlier are not listed: --service narrows it.`]),
    ...(unread === 0 ? [] : [`${unread} services were not read, because they are too many: --service reads one.`]),
  ];
}
