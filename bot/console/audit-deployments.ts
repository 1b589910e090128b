import { isZone } from '../../cards/show-time.ts';
import type { DeploymentReports } from '../../services/deployment-reports.ts';
import { dayStart } from '../../services/domain/calendar.ts';
import { isUndecided } from '../../services/domain/deployment-row.ts';
import type { SignatureVerifier } from '../../services/ports/signature-verifier.ts';
import type { ConsoleCommand } from './command.ts';
import type { Outcome } from './outcome.ts';
import { reportHtml } from './report-html.ts';
import { reportCsv, reportLines } from './report-lines.ts';
import { summaryWords } from './report-words.ts';
import { isDate } from './span.ts';
import { verifyEvidence } from './verify-evidence.ts';

type Options = Readonly<Record<string, string>>;

/** `openReports`: over these files of exported evidence, or over what is stored where there is none. */
export function auditCommand(
  openReports: (files: readonly string[]) => Promise<DeploymentReports>,
  signatures: () => Promise<SignatureVerifier>,
  now: () => string,
): ConsoleCommand {
  return {
    usage: 'audit',
    meaning: 'every deployment that Azure DevOps has on record in some days, and who decided on it',
    options: [
      { flags: '--from <date>', meaning: 'first day, as 2026-10-01', isRequired: true },
      { flags: '--to <date>', meaning: 'the day after the last one, as 2026-11-01', isRequired: true },
      { flags: '--zone <name>', meaning: 'whose days and clock, as Europe/Berlin; else UTC', isRequired: false },
      { flags: '--environment <name>', meaning: 'only that one', isRequired: false },
      { flags: '--csv', meaning: 'as CSV with a header', isRequired: false },
      { flags: '--html', meaning: 'as one page to read and print', isRequired: false },
      { flags: '--evidence <file...>', meaning: 'exported evidence in place of what is stored', isRequired: false },
      { flags: '--key <jwks>', meaning: 'file with the key that you know as its signer', isRequired: false },
    ],
    run: async (_, __, { evidence, key, ...options }) => {
      const wish = wishOf(options);
      const files = evidence === undefined ? [] : evidence.split('\n');
      const forged = await firstForged(files, key, signatures);
      return forged ?? auditDeployments(await openReports(files), { ...wish, files, madeAt: now() });
    },
  };
}

/** Of a file that is not whole as it was signed nothing is reported. */
async function firstForged(
  files: readonly string[],
  key: string | undefined,
  signatures: () => Promise<SignatureVerifier>,
): Promise<Outcome | undefined> {
  for (const file of files) {
    const verified = await verifyEvidence(
      { signatures: await signatures() },
      { file, ...(key === undefined ? {} : { key }) },
    );
    const why = `${file} is not what Countersign exported, so nothing is reported:`;
    if (verified.exitCode !== 0) return { exitCode: 1, lines: [], remarks: [why, ...verified.lines] };
  }
  return undefined;
}

const FORMS = ['csv', 'html'] as const;

interface Wish {
  readonly fromDay: string;
  readonly toDay: string;
  readonly zone: string;
  readonly environment?: string;
  readonly form: (typeof FORMS)[number] | 'lines';
}

/** Throws with a sentence for what is wrong with the options. */
function wishOf({ from = '', to = '', zone = 'UTC', environment, csv, html }: Options): Wish {
  for (const [flag, day] of [['--from', from] as const, ['--to', to] as const]) {
    if (!isDate(day)) throw new Error(`${flag} is "${day}"; allowed: a date, written as in 2026-10-01`);
  }
  if (to <= from)
    throw new Error(`--to is ${to}; allowed: a date after ${from}, because its day is not part of the report`);
  if (!isZone(zone)) throw new Error(`--zone is "${zone}"; allowed: a name of the IANA time zones, as Europe/Berlin`);
  if (csv !== undefined && html !== undefined) throw new Error('--csv and --html are two forms: leave one of them out');
  const form = csv === undefined ? (html === undefined ? 'lines' : 'html') : 'csv';
  return { fromDay: from, toDay: to, zone, form, ...(environment === undefined ? {} : { environment }) };
}

/** No where something protected was deployed without a decision that let it, and where something may be missing. */
export async function auditDeployments(
  reports: DeploymentReports,
  { form, files, ...title }: Wish & { readonly files: readonly string[]; readonly madeAt: string },
): Promise<Outcome> {
  const { fromDay, toDay, zone, environment } = title;
  const [from, before] = [dayStart({ timezone: zone }, fromDay), dayStart({ timezone: zone }, toDay)];
  const report = await reports.report({ from, before, ...(environment === undefined ? {} : { environment }) });
  const isFine = report.unread.length === 0 && report.rows.every((row) => !row.isProtected || !isUndecided(row));
  const evidence = files.length === 0 ? 'its stored evidence' : `evidence exported to ${files.join(', ')}`;
  const lines = {
    lines: () => reportLines(report, zone),
    csv: () => reportCsv(report, zone),
    html: () => reportHtml(report, { ...title, evidence }),
  };
  return { exitCode: isFine ? 0 : 1, lines: lines[form](), remarks: summaryWords(report) };
}
