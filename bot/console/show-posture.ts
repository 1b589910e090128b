import { subjectPage } from '../../cards/azure-devops-pages.ts';
import { stateWord } from '../../cards/check-row.ts';
import { platformChecks } from '../../cards/platform-checks.ts';
import { triageRefusalText } from '../../cards/triage-words.ts';
import type { ScopePosture } from '../../services/domain/scope-posture.ts';
import type { ScopePostures } from '../../services/scope-postures.ts';
import type { ConsoleCommand } from './command.ts';
import { csvRecord } from './csv.ts';
import type { Outcome } from './outcome.ts';

export const POSTURE_COMMAND: ConsoleCommand = {
  usage: 'posture [service] [environment]',
  meaning: 'how environments stand and the platform before them: signals, broken rules, what could not be read',
  options: [
    { flags: '--json', meaning: 'all that is known, as one JSON document', isRequired: false },
    { flags: '--csv', meaning: 'the same rows as CSV with a header', isRequired: false },
  ],
  run: async (open, [service, environment], { json, csv }) => {
    if (json !== undefined && csv !== undefined)
      throw new Error('--json and --csv are two forms: leave one of them out');
    const form = json === undefined ? (csv === undefined ? 'lines' : 'csv') : 'json';
    const meant =
      service === undefined ? undefined : { service, ...(environment === undefined ? {} : { environment }) };
    return showPosture((await open()).scopePostures, meant, form);
  },
};

/** Of one scope, or of every service: no when a signal fails or is unknown, or there is no such name. */
export async function showPosture(
  postures: Pick<ScopePostures, 'ofScope' | 'all'>,
  meant: { readonly service: string; readonly environment?: string } | undefined,
  form: 'lines' | 'csv' | 'json',
): Promise<Outcome> {
  const read = meant === undefined ? await postures.all() : await postures.ofScope(meant);
  if ('code' in read) return { exitCode: 1, lines: [], remarks: [triageRefusalText(read)] };
  const shown = ('places' in read ? [read] : read).map(shownOf);
  const isFine = shown.every(
    ({ signals, unread }) => signals.every(({ state }) => !TROUBLED.includes(state)) && (unread ?? []).length === 0,
  );
  const remarks = shown.every(({ unread }) => unread === null) ? ['No delivery platform is read.'] : [];
  return { exitCode: isFine ? 0 : 1, lines: linesOf(shown, form), ...(remarks.length === 0 ? {} : { remarks }) };
}

const TROUBLED: readonly string[] = ['fail', 'unknown'];

/** What a script reads: every name and text as it is, so nothing here is safe to be shown as Markdown. */
function shownOf({ service, environment, at, places, rules, unread }: ScopePosture) {
  return {
    service,
    environment: environment ?? null,
    at,
    signals: places.flatMap(({ organization, environment: where, judged }) =>
      platformChecks(judged).map(([signal, check]) => ({
        ...{ organization, environment: where, signal, state: stateWord(check), detail: check.detail },
        ...{ asOf: check.asOf ?? null, page: check.page?.url ?? null },
      })),
    ),
    rules: rules.map((rule) => ({ ...rule, page: subjectPage(rule) ?? null })),
    unread: unread ?? null,
  };
}

type Shown = ReturnType<typeof shownOf>;

function linesOf(shown: readonly Shown[], form: 'lines' | 'csv' | 'json'): string[] {
  if (form === 'json') return JSON.stringify(shown, undefined, 2).split('\n');
  const rows = [...shown.flatMap(rowsOf), ...unreadRows(shown)];
  if (form === 'lines') return rows.map((cells) => cells.map(flat).join('\t'));
  return [COLUMNS, ...rows].map((cells) => `${csvRecord(cells)}\r`);
}

const COLUMNS: readonly string[] = [
  ...['kind', 'organization', 'service', 'environment', 'name', 'state'],
  ...['severity', 'count', 'asOf', 'detail', 'page'],
];

function rowsOf({ service, signals, rules }: Shown): string[][] {
  return [
    ...signals.map(({ organization, environment, signal, state, asOf, detail, page }) => [
      ...['signal', organization, service, environment, signal, state, '', ''],
      ...[asOf ?? '', detail, page ?? ''],
    ]),
    ...rules.map(({ organization, environments, rule, decision, severity, count, message, page }) => [
      ...['rule', organization, service, environments.join(' '), rule, decision, severity, String(count)],
      ...['', message, page ?? ''],
    ]),
  ];
}

/** Each once, however many services it is about. */
function unreadRows(shown: readonly Shown[]): string[][] {
  const all = shown.flatMap(({ unread }) => unread ?? []);
  const distinct = new Map(all.map((one) => [JSON.stringify([one.organization, one.kind, one.name]), one]));
  return [...distinct.values()].map(({ organization, kind, name, at, why }) => [
    ...['unread', organization, '', '', `${kind} of ${name}`, 'unknown', '', ''],
    ...[at ?? '', why, ''],
  ]);
}

/** One record stays one line, whatever somebody has named. */
function flat(cell: string): string {
  return cell.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}
