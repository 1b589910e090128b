import type { DeploymentReport } from '../../services/domain/deployment-report.ts';
import {
  DEPLOYMENT_OUTCOMES,
  type DeploymentRow,
  isUndecided,
  SEPARATIONS,
  separationStanding,
} from '../../services/domain/deployment-row.ts';
import type { RowCounts } from '../../services/domain/report-totals.ts';
import { SEPARATION_TOTALS } from './report-lines.ts';
import { REPORT_STYLE } from './report-style.ts';
import { OUTCOME_WORDS, oneLine, type RowWords, rowWords, summaryWords, unrecordedWords } from './report-words.ts';

/** What stands above the tables. */
export interface ReportTitle {
  /** Whole days of `zone`: `2026-10-01`, the last one exclusive. */
  readonly fromDay: string;
  readonly toDay: string;
  readonly zone: string;
  readonly environment?: string;
  /** ISO-8601 UTC. */
  readonly madeAt: string;
  /** Where the evidence was read. */
  readonly evidence: string;
}

/** One file that stands for itself: no script, and nothing that is loaded from elsewhere. */
export function reportHtml(report: DeploymentReport, title: ReportTitle): string[] {
  const name = `Deployments ${title.fromDay} to ${title.toDay}`;
  return [
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width">',
    `<title>${escaped(name)}</title>`,
    `<style>${REPORT_STYLE}</style>`,
    '</head>',
    '<body>',
    ...headOf(report, title),
    ...totalsOf(report),
    ...rowsOf(report, title.zone),
    ...unrecordedOf(report, title.zone),
    ...FOOT,
    '</body>',
    '</html>',
  ];
}

function headOf(report: DeploymentReport, { fromDay, toDay, zone, environment, madeAt, evidence }: ReportTitle) {
  const [summary = '', unrecorded = ''] = summaryWords(report);
  const where = environment === undefined ? 'all environments' : `environment ${environment}`;
  const missing = report.unread.map((line) => `<li>${shown(line)}</li>`);
  return [
    `<header><h1>Deployments and their decisions</h1>`,
    `<p class="span">${shown(`${fromDay} to ${toDay} (exclusive), whole days of ${zone}; ${where}`)}</p>`,
    `<p class="lead">${shown(summary)} ${shown(unrecorded)}</p>`,
    ...(missing.length === 0
      ? []
      : ['<div class="missing"><strong>This report may be incomplete:</strong><ul>', ...missing, '</ul></div>']),
    `<p class="made">${shown(`Made ${madeAt} by Countersign from Azure DevOps' deployment records and ${evidence}.`)}</p></header>`,
  ];
}

function totalsOf({ totals }: DeploymentReport): string[] {
  const heads = [
    ...DEPLOYMENT_OUTCOMES.map((one) => OUTCOME_WORDS[one]),
    ...SEPARATIONS.map((one) => SEPARATION_TOTALS[one]),
  ];
  const cells = ({ all, outcomes, separations }: RowCounts) =>
    [all, ...DEPLOYMENT_OUTCOMES.map((one) => outcomes[one]), ...SEPARATIONS.map((one) => separations[one])]
      .map((count) => `<td${count === 0 ? ' class="zero"' : ''}>${count}</td>`)
      .join('');
  const line = (name: string, counts: RowCounts, isSum = false) =>
    `<tr${isSum ? ' class="sum"' : ''}><th scope="row">${shown(name)}</th>${cells(counts)}</tr>`;
  const name = ({ environment, isProtected }: (typeof totals.environments)[number]) =>
    isProtected ? `${environment} (protected)` : environment;
  return [
    '<section><h2>Totals</h2><table class="totals"><thead>',
    `<tr><td></td><td></td><th colspan="${DEPLOYMENT_OUTCOMES.length}" scope="colgroup">Outcome</th><th colspan="${SEPARATIONS.length}" scope="colgroup">Separation of duties</th></tr>`,
    `<tr><th scope="col">Environment</th>${['deployments', ...heads].map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead><tbody>`,
    ...totals.environments.map((counts) => line(name(counts), counts)),
    line('All', totals.all, true),
    '</tbody></table></section>',
  ];
}

const HEADS = [
  ['when', 'When'],
  ['what', 'Service, environment'],
  ['run', 'Pipeline, run, stage'],
  ['who', 'Requester'],
  ['who', 'Approvers'],
  ['duty', 'Separation of duties'],
  ['rules', 'Contract, findings, exceptions'],
  ['outcome', 'Outcome'],
] as const;

function rowsOf({ rows }: DeploymentReport, zone: string): string[] {
  if (rows.length === 0) return ['<section><h2>Deployments</h2><p>None in this time.</p></section>'];
  return tableOf(
    'Deployments',
    rows.map((row) => lineOf(rowWords(row, zone), toneOf(row), dutyOf(row))),
  );
}

function unrecordedOf({ unrecorded }: DeploymentReport, zone: string): string[] {
  if (unrecorded.length === 0) return [];
  const lines = unrecorded.map((one) => lineOf(unrecordedWords(one, zone), 'offPath' in one ? 'bad' : 'plain', ''));
  return tableOf('Decisions and alarms of which Azure DevOps has no record', lines);
}

function tableOf(title: string, lines: readonly string[]): string[] {
  const columns = HEADS.map(([name]) => `<col class="${name}">`).join('');
  const heads = HEADS.map(([, head]) => `<th scope="col">${head}</th>`).join('');
  return [
    `<section><h2>${title}</h2><table class="rows"><colgroup>${columns}</colgroup><thead><tr>${heads}</tr></thead><tbody>`,
    ...lines,
    '</tbody></table></section>',
  ];
}

function toneOf(row: DeploymentRow): string {
  if (isUndecided(row)) return row.isProtected ? 'bad' : 'odd';
  return row.outcome === 'approved' || row.outcome === 'passed' ? 'good' : 'plain';
}

function dutyOf({ decision }: DeploymentRow): string {
  const standing = separationStanding(decision?.approvals ?? []);
  return standing === 'same' ? 'bad' : standing === 'unknown' ? 'odd' : '';
}

function lineOf(row: RowWords, tone: string, duty: string): string {
  const { page, run } = row;
  const link = page === '' ? own(run) : `<a href="${escaped(page)}" rel="noreferrer">${own(run)}</a>`;
  const rules = [
    labelled('contract', row.contract),
    labelled('blocked', row.blocked),
    labelled('warned', row.warned),
    labelled('exceptions', row.exceptions),
  ].join('');
  return [
    `<tr class="${tone}"><td>${shown(row.when)}</td>`,
    `<td>${own(row.services)}<br>${own(row.environment)}${row.project === '' ? '' : small(`of ${row.project}`)}</td>`,
    `<td>${own(row.pipeline)} ${link}${small(`${row.stage === '' ? 'no stage named' : `stage ${row.stage}`}, attempt ${row.attempt}`)}${small(row.result)}</td>`,
    `<td>${own(row.requester)}</td><td>${own(row.approvers)}</td>`,
    `<td${duty === '' ? '' : ` class="${duty}"`}>${own(row.separation)}</td><td>${rules}</td>`,
    `<td><strong>${shown(row.outcome)}</strong>${small(row.detail)}${small(row.request)}</td></tr>`,
  ].join('');
}

function labelled(label: string, text: string): string {
  return text === '' ? '' : `<div>${label} ${own(text)}</div>`;
}

function small(text: string): string {
  return text === '' ? '' : `<div class="small">${own(text)}</div>`;
}

const SHOWN_MAX = 1_000;
/** Is not broken at its hyphens. */
const DAY = /\b\d{4}-\d\d-\d\d\b/g;

/** A text of somebody else: its direction of writing ends with it. */
function own(text: string): string {
  return text === '' ? '' : `<bdi>${shown(text)}</bdi>`;
}

function shown(text: string): string {
  const characters = [...oneLine(text)];
  const isLong = characters.length > SHOWN_MAX;
  const cut = isLong
    ? `${characters.slice(0, SHOWN_MAX).join('')}… (${characters.length} characters: the CSV has all)`
    : characters.join('');
  return escaped(cut).replaceAll(DAY, '<span class="day">$&</span>');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

const FOOT = [
  '<footer><p>Each row is one deployment record of Azure DevOps, with the decision that Countersign has evidence of. Names of approvers are those of the directory at that time.',
  'Separation of duties says whether whoever approved was another human than who asked for the run and than every author of what it shipped.',
  '<em>Bypassed</em>: it went on although no decision let it. <em>None</em>: no decision is known. <em>Only observed</em>: the contract recorded what it would have said, and stopped nothing.</p></footer>',
];
