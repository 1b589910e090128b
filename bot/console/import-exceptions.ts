import { exceptionUnreadText, FIELD_WORDS } from '../../cards/exception-words.ts';
import { listOf } from '../../cards/names.ts';
import { clean } from '../../cards/text.ts';
import { type Imported, importOf, type OutsideException } from '../../services/domain/outside-exception.ts';
import type { ExceptionImports, ImportPlace } from '../../services/exception-imports.ts';
import type { Outcome } from './outcome.ts';

interface OutsideFile {
  readonly entries: readonly OutsideException[];
  readonly problems: readonly string[];
}

interface Options {
  readonly service?: string;
  readonly environment?: string;
  readonly control?: string;
}

const NAME_MAX = 200;
const TEXT_MAX = 2_000;

/**
 * `exceptions import FILE --dry-run`: each entry of another tool with what is missing of it; where all is there and it is known where,
 * the requests to make. Requests nothing. No when something is unmanaged.
 */
export async function importExceptions(
  { entries, problems }: OutsideFile,
  judge: () => Promise<ExceptionImports['judge']>,
  options: Options,
  today: string,
): Promise<Outcome> {
  const place = placeOf(options);
  const judged =
    place === undefined ? entries.map((one) => importOf(one, { today })) : await (await judge())(entries, place);
  if ('code' in judged) throw new Error(exceptionUnreadText(judged));
  const pairs = entries.map((entry, n) => ({ entry, imported: judged[n] }));
  const lines = pairs.flatMap(({ entry, imported }) => (imported === undefined ? [] : linesOf(entry, imported, place)));
  const isUnmanaged = pairs.some(({ imported }) => imported?.kind === 'unmanaged');
  const none = entries.length === 0 ? ['No exceptions in this file.'] : [];
  return { exitCode: isUnmanaged ? 1 : 0, lines, remarks: [...problems, ...none] };
}

/** Both or neither: a finding is excepted in one service and environment. */
function placeOf({ service, environment, control }: Options): ImportPlace | undefined {
  if (service === undefined && environment === undefined && control === undefined) return undefined;
  if (service === undefined || environment === undefined)
    throw new Error('--service and --environment say together where the exceptions are wanted');
  return { service, environment, ...(control === undefined ? {} : { control }) };
}

function linesOf(entry: OutsideException, imported: Imported, place: ImportPlace | undefined): string[] {
  const head = (word: string) => [word, entry.source, `line ${entry.line}`, clean(entry.name, NAME_MAX)];
  const said = (word: string, what: string) => [[...head(word), what].join('\t')];
  switch (imported.kind) {
    case 'unmanaged':
      return said(
        'unmanaged',
        `it does not say ${listOf(
          imported.missing.map((field) => FIELD_WORDS[field]),
          9,
        )}`,
      );
    case 'ended':
      return said('ended', `after ${imported.until}`);
    case 'unmatched':
      return said(
        'unmatched',
        imported.why === 'narrower'
          ? `it is limited by ${clean(entry.narrowedBy.join(' '), NAME_MAX)}: choose its findings yourself`
          : 'nothing that blocks there is of its rule',
      );
    case 'complete':
      if (place === undefined) return said('complete', 'say with --service and --environment where it is wanted');
      return imported.fingerprints.map((print) => [...head('request'), requestOf(entry, place, print)].join('\t'));
  }
}

/** One line for a POSIX shell. */
function requestOf({ terms }: OutsideException, { service, environment }: ImportPlace, finding: string): string {
  const options: readonly (readonly [string, string | undefined])[] = [
    ['service', service],
    ['environment', environment],
    ['finding', finding],
    ['owner', terms.owner],
    ['class', terms.reasonClass],
    ['reason', terms.reason],
    ['until', terms.until],
    ['review-every', terms.reviewEvery],
    ['ticket', terms.ticket],
  ];
  const given = options.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${quoted(value)}`]));
  return ['countersign exceptions request', ...given].join(' ');
}

/** Nothing in single quotes means anything to the shell. */
function quoted(text: string): string {
  return `'${clean(text, TEXT_MAX).replaceAll("'", `'\\''`)}'`;
}
