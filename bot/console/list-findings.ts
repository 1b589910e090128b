import { triageRefusalText } from '../../cards/triage-words.ts';
import type { FindingList, ListedGroup } from '../../services/domain/finding-list.ts';
import { printsOf } from '../../services/domain/judgement.ts';
import type { FindingLists } from '../../services/finding-lists.ts';
import type { Outcome } from './outcome.ts';

const COLUMNS = [
  ...['organization', 'service', 'environment', 'decision', 'severity', 'control', 'tool', 'rule', 'count', 'owner'],
  ...['unowned', 'due', 'overdue', 'next', 'claimed', 'snoozed', 'exception', 'fingerprints', 'found after'],
  ...['lead', 'criticality'],
];
/** What a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}]/gu;

/** `findings list --service NAME [--environment NAME] [--csv]`: one group a line. */
export async function listFindings(
  lists: Pick<FindingLists, 'ofService'>,
  { service, environment, csv }: { readonly service: string; readonly environment?: string; readonly csv: boolean },
): Promise<Outcome> {
  const list = await lists.ofService({ service, ...(environment === undefined ? {} : { environment }) });
  if ('code' in list) return { exitCode: 1, lines: [], remarks: [triageRefusalText(list)] };
  const rows = list.rows.map((row) => [...cellsOf(row), ...contextCells(list, row)]);
  const shown = csv ? [COLUMNS, ...rows] : rows;
  return { exitCode: 0, lines: shown.map((cells) => cells.map(csv ? quoted : flat).join(csv ? ',' : '\t')) };
}

function cellsOf({ org, environment, group, isOverdue, unowned, claims, snoozes }: ListedGroup): string[] {
  const { escalatesAt } = group;
  const next = escalatesAt === undefined ? '' : `${escalatesAt.to} ${escalatesAt.at ?? 'when seen again'}`;
  return [
    ...[org, group.service, environment, group.decision, group.severity, group.control ?? '', group.tool, group.rule],
    ...[String(group.count), group.owner, String(unowned), group.dueAt ?? '', isOverdue ? 'overdue' : '', next],
    claims.map(({ oid, count }) => `${oid} ${count}`).join('; '),
    snoozes.map(({ snooze, count }) => `${'untilFix' in snooze ? 'fix' : snooze.until} ${count}`).join('; '),
    group.exceptionId ?? '',
    printsOf(group).join(' '),
    group.foundAfter === undefined ? '' : `${group.foundAfter.runName} ${group.foundAfter.at}`,
  ];
}

function contextCells({ contexts }: FindingList, { group }: ListedGroup): string[] {
  const context = contexts.find(({ service }) => service === group.service);
  return [context?.lead ?? '', context?.criticality ?? ''];
}

/** One record stays one line, whatever a tool has written. */
function flat(cell: string): string {
  return cell.replace(UNPRINTABLE, ' ');
}

/** RFC 4180, and nothing that a spreadsheet would carry out. */
function quoted(cell: string): string {
  const text = flat(cell);
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
