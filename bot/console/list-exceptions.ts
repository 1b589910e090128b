import { exceptionUnreadText } from '../../cards/exception-words.ts';
import { type ExceptionList, endOf, type ListedException } from '../../services/domain/exception-list.ts';
import type { ExceptionLists } from '../../services/exception-lists.ts';
import { csvRecord } from './csv.ts';
import type { Outcome } from './outcome.ts';

interface Options {
  readonly service?: string;
  readonly ended?: boolean;
  readonly csv?: boolean;
}

/** `exceptions list`: one line each, its fields separated by tabs; or all that is known of each, as CSV with a header. */
export async function listExceptions(
  lists: Pick<ExceptionLists, 'all'>,
  { service, ended = false, csv = false }: Options,
): Promise<Outcome> {
  const filter = { which: ended ? 'ended' : 'open', ...(service === undefined ? {} : { service }) } as const;
  const list = await lists.all(filter);
  if ('code' in list) throw new Error(exceptionUnreadText(list));
  const lines = csv ? csvOf(list) : list.rows.map(lineOf);
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

const COLUMNS: readonly (readonly [string, (listed: ListedException) => string | number | undefined])[] = [
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

function isEnded({ standing }: ListedException): boolean {
  return standing !== 'requested' && standing !== 'active';
}

/** RFC 4180: each record ends with CR LF, of which the command line writes the LF. */
function csvOf({ rows }: ExceptionList): string[] {
  const records = rows.map((listed) => COLUMNS.map(([, of]) => String(of(listed) ?? '')));
  return [COLUMNS.map(([name]) => name), ...records].map((cells) => `${csvRecord(cells)}\r`);
}
