import type { DeploymentReport } from '../../services/domain/deployment-report.ts';
import { DEPLOYMENT_OUTCOMES, SEPARATIONS } from '../../services/domain/deployment-row.ts';
import type { RowCounts } from '../../services/domain/report-totals.ts';
import { csvRecord } from './csv.ts';
import { OUTCOME_WORDS, oneLine, type RowWords, rowWords, unrecordedWords } from './report-words.ts';

const COLUMNS = [
  ...(['kind', 'when', 'outcome', 'services', 'environment', 'pipeline', 'run', 'stage', 'attempt', 'result'] as const),
  ...(['requester', 'approvers', 'separation', 'exceptions', 'contract', 'blocked', 'warned', 'detail'] as const),
  ...(['request', 'at', 'organization', 'project', 'page'] as const),
] satisfies readonly (keyof RowWords)[];

export function reportRows(report: DeploymentReport, zone: string): RowWords[] {
  return [
    ...report.rows.map((row) => rowWords(row, zone)),
    ...report.unrecorded.map((one) => unrecordedWords(one, zone)),
  ];
}

/** RFC 4180 with a header: all that is known of each deployment, and of what Azure DevOps has no record of. */
export function reportCsv(report: DeploymentReport, zone: string): string[] {
  const rows = reportRows(report, zone).map((row) => COLUMNS.map((column) => row[column]));
  return [COLUMNS, ...rows].map((cells) => `${csvRecord(cells)}\r`);
}

/** One line each, fields separated by tabs, their kind first; then the totals. */
export function reportLines(report: DeploymentReport, zone: string): string[] {
  const rows = reportRows(report, zone).map((row) => COLUMNS.map((column) => row[column]));
  const { all, environments } = report.totals;
  const totals = [...environments.map((one) => ({ name: one.environment, ...one })), { name: 'all', ...all }];
  return [...rows, ...totals.flatMap((counts) => totalLines(counts.name, counts))].map((cells) =>
    cells.map(oneLine).join('\t'),
  );
}

function totalLines(name: string, { all, outcomes, separations, undecided }: RowCounts): string[][] {
  const line = (of: string, what: string, count: number) => [of, name, what, String(count)];
  return [
    line('total', 'deployments', all),
    line('total', 'without a decision that let them', undecided),
    ...DEPLOYMENT_OUTCOMES.map((outcome) => line('total outcome', OUTCOME_WORDS[outcome], outcomes[outcome])),
    ...SEPARATIONS.map((one) => line('total separation', SEPARATION_TOTALS[one], separations[one])),
  ];
}

export const SEPARATION_TOTALS = {
  distinct: 'approver distinct from requester and authors',
  same: 'approver asked for it or wrote some of it',
  unknown: 'not known',
  nobody: 'nobody approved',
} as const;
