import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { auditCommand, auditDeployments } from '../../bot/console/audit-deployments.ts';
import { exportFile } from '../../bot/console/export-file.ts';
import type { DeploymentReports, ReportWish } from '../../services/deployment-reports.ts';
import { deploymentReport, type ReportInput } from '../../services/domain/deployment-report.ts';
import { verifySigned } from '../../services/vault/verify-signed.ts';
import { lively } from '../fakes/evidence-scene.ts';
import { aMonth, aRecord, aRecordedDecision, aReportInput } from '../report-samples.ts';

// The command that asks for a report of deployments: its days, its files, what it ends with.

const ZONE = 'Europe/Berlin';

const reportsOf = (input: ReportInput, asked: ReportWish[] = []): DeploymentReports => ({
  report: async (wish) => {
    asked.push(wish);
    return deploymentReport(input);
  },
});
const WISH = {
  ...{ fromDay: '2026-10-01', toDay: '2026-11-01', zone: ZONE, madeAt: '2026-11-02T08:00:00.000Z' },
  ...({ form: 'lines', files: [] } as const),
};

test.each<readonly [string, 0 | 1, Partial<ReportInput>]>([
  ['all is decided', 0, { records: [aRecord()], decisions: [aRecordedDecision()] }],
  ['nothing was deployed', 0, {}],
  ['something protected was deployed by nobody', 1, { records: [aRecord()] }],
  [
    'something protected went past its gate',
    1,
    { records: [aRecord()], decisions: [aRecordedDecision({ state: 'bypassed' })] },
  ],
  ['something that nothing protects was deployed by nobody', 0, { records: [aRecord({ environment: 'test' })] }],
  [
    'what nobody decided on never began',
    0,
    {
      records: [
        aRecord({
          startedAt: undefined,
          finishedAt: undefined,
          result: 'skipped',
          queuedAt: '2026-10-06T09:00:00.000Z',
        }),
      ],
    },
  ],
  ['something could not be read', 1, { unread: ['something'] }],
])('where %s it ends with %i', async (_what, exitCode, over) => {
  expect((await auditDeployments(reportsOf(aReportInput(over)), WISH)).exitCode).toBe(exitCode);
});

test('what could not be read goes to standard error in every form', async () => {
  for (const form of ['lines', 'csv', 'html'] as const) {
    const { remarks } = await auditDeployments(reportsOf(aReportInput({ unread: ['the month is cut'] })), {
      ...WISH,
      form,
    });
    expect(remarks).toContain('May be incomplete: the month is cut.');
  }
});

test.each<readonly [string, string, string, string, string]>([
  ['UTC', '2026-10-01', '2026-10-02', '2026-10-01T00:00:00.000Z', '2026-10-02T00:00:00.000Z'],
  [ZONE, '2026-10-25', '2026-10-26', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
  [ZONE, '2026-03-29', '2026-03-30', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
  ['America/Sao_Paulo', '2018-11-04', '2018-11-05', '2018-11-04T03:00:00.000Z', '2018-11-05T02:00:00.000Z'],
])('days of %s from %s to %s are those that its clocks have', async (zone, fromDay, toDay, from, before) => {
  const asked: ReportWish[] = [];
  await auditDeployments(reportsOf(aReportInput(), asked), { ...WISH, zone, fromDay, toDay, environment: 'prod' });

  expect(asked).toEqual([{ from, before, environment: 'prod' }]);
});

const run = (options: Readonly<Record<string, string>>, opened: (readonly string[])[] = []) =>
  auditCommand(
    async (files) => {
      opened.push(files);
      return reportsOf(aMonth());
    },
    async () => verifySigned,
    () => '2026-11-02T08:00:00.000Z',
  ).run(() => Promise.reject(new Error('not opened')), [], { from: '2026-10-01', to: '2026-11-01', ...options });

test.each<readonly [string, Readonly<Record<string, string>>]>([
  ['--from is "2026-02-30"; allowed: a date', { from: '2026-02-30' }],
  ['--from is "October"; allowed: a date', { from: 'October' }],
  ['--to is "2026-11-31"; allowed: a date', { to: '2026-11-31' }],
  ['--to is 2026-10-01; allowed: a date after 2026-10-01', { to: '2026-10-01' }],
  ['--zone is "Berlin"; allowed: a name of the IANA time zones', { zone: 'Berlin' }],
  ['--zone is "+02:00"; allowed', { zone: '+02:00' }],
  ['--csv and --html are two forms', { csv: 'true', html: 'true' }],
])('%s: nothing is opened', async (why, options) => {
  const opened: (readonly string[])[] = [];

  await expect(run(options, opened)).rejects.toThrow(why);
  expect(opened).toEqual([]);
});

test('files of evidence are read in place of what is stored', async () => {
  const opened: (readonly string[])[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'countersign-export-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const files = ['a b,c.jsonl', 'd.jsonl'].map((name) => join(folder, name));
  for (const file of files) await writeFile(file, (await (await lively(10)).exported()).join(''));
  await run({}, opened);
  const { lines } = await run({ evidence: files.join('\n'), html: 'true' }, opened);

  expect(opened).toEqual([[], files]);
  expect(lines.join('\n')).toContain(`evidence exported to ${files.join(', ')}`);
  await writeFile(files[1] ?? '', 'x');
  const { exitCode, remarks } = await run({ evidence: files.join('\n') }, opened);
  expect([exitCode, opened.length]).toEqual([1, 2]);
  expect(remarks?.[0]).toBe(`${files[1]} is not what Countersign exported, so nothing is reported:`);
});

test('a file is read line by line, however it is cut, and one that cannot be read is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-export-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'e.jsonl');
  const written = Array.from({ length: 3_000 }, (_, n) => `${n} ${'ä'.repeat(n % 90)}`);
  await writeFile(path, `${written.join('\n')}\n`);
  const lines: string[] = [];
  for await (const line of exportFile(path).lines()) lines.push(line);

  expect(lines).toEqual(written);
  await expect(exportFile(join(folder, 'none')).lines()[Symbol.asyncIterator]().next()).rejects.toThrow(
    'cannot be read (ENOENT)',
  );
  await expect(exportFile(folder).lines()[Symbol.asyncIterator]().next()).rejects.toThrow('cannot be read (EISDIR)');
});
