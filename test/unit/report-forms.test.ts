import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ReportTitle, reportHtml } from '../../bot/console/report-html.ts';
import { reportCsv, reportLines } from '../../bot/console/report-lines.ts';
import { rowWords } from '../../bot/console/report-words.ts';
import { deploymentReport, type ReportInput } from '../../services/domain/deployment-report.ts';
import type { Distinction } from '../../services/domain/separation.ts';
import { aMonth, anApproval, aRecord, aRecordedDecision, aReportInput } from '../report-samples.ts';

// The three forms of a report of deployments.

const ZONE = 'Europe/Berlin';
const TITLE: ReportTitle = {
  ...{ fromDay: '2026-10-01', toDay: '2026-11-01', zone: ZONE },
  ...{ madeAt: '2026-11-02T08:00:00.000Z', evidence: 'its stored evidence' },
};
const htmlOf = (input: ReportInput, title: Partial<ReportTitle> = {}) =>
  reportHtml(deploymentReport(input), { ...TITLE, ...title }).join('\n');
const wordsOf = (over: Parameters<typeof aRecordedDecision>[0]) => {
  const input = aReportInput({ records: [aRecord()], decisions: [aRecordedDecision(over)] });
  const [row] = deploymentReport(input).rows;
  if (row === undefined) throw new Error('no row');
  return rowWords(row, ZONE);
};

test('each form has a line for each record and for each thing without one', () => {
  const report = deploymentReport(aMonth());
  const count = report.rows.length + report.unrecorded.length;
  const lines = reportLines(report, ZONE);

  expect(count).toBe(9);
  expect(reportCsv(report, ZONE)).toHaveLength(count + 1);
  expect(lines.filter((line) => /^(?:deployment|decision|off-path)\t/.test(line))).toHaveLength(count);
  expect(htmlOf(aMonth()).match(/<tr class="(?:good|bad|odd|plain)">/g)).toHaveLength(count);
});

test('the two hours that the clocks show twice are told apart', () => {
  const times = deploymentReport(aMonth()).rows.map((row) => rowWords(row, ZONE).when);

  expect(times.slice(-2)).toEqual(['2026-10-25 02:30:00 +02:00', '2026-10-25 02:30:00 +01:00']);
});

test('who decided is shown by the name of then, in whose place, and an erased name is said to be', () => {
  const approvals = [
    anApproval({ covers: { oid: 'o2', name: { text: 'Carla Cruz' } } }),
    anApproval({ oid: 'o3', name: {} }),
    { oid: 'o4' },
  ];

  expect(wordsOf({ approvals }).approvers).toBe(
    'Bob Baker in the place of Carla Cruz, 2026-10-06 11:11:00 +02:00; (name erased) o3, 2026-10-06 11:11:00 +02:00; (name not recorded) o4',
  );
});

test.each<readonly [string, Distinction, Distinction]>([
  ['distinct', 'other', 'other'],
  ['not distinct: Bob Baker asked for it too', 'same', 'other'],
  ['not distinct: Bob Baker wrote some of it too', 'other', 'same'],
  ['requester unknown: no human was named', 'nobody', 'other'],
  ['author unknown: an author is nobody whom the directory knew', 'other', 'unmatched'],
  ['author unknown: who asked for it or wrote it could not all be read', 'other', 'unread'],
  ['not distinct: Bob Baker asked for it too; author unknown: no human was named', 'same', 'nobody'],
])('separation of duties is said as "%s"', (words, requester, author) => {
  expect(wordsOf({ approvals: [anApproval({ separation: { requester, author } })] }).separation).toBe(words);
});

test('separation that was not recorded is unknown, and where nobody approved there is none to keep', () => {
  expect(wordsOf({ approvals: [{ oid: 'o' }] }).separation).toBe('unknown: not recorded then');
  expect(wordsOf({ approvals: [] }).separation).toBe('nobody approved');
});

test('contract, exceptions, what blocked and what was warned of are in the row', () => {
  const over = {
    exceptions: ['EX-1', 'EX-2'],
    blocks: [{ control: 'sca', count: 2 }],
    obstacles: ['no-route'],
    warns: [{ control: 'sast', count: 3 }],
  };

  expect(wordsOf(over)).toMatchObject({
    ...{
      contract: '7, commit 9b1d7e2a4c6f',
      exceptions: 'EX-1, EX-2',
      blocked: 'sca (2), no-route',
      warned: 'sast (3)',
    },
  });
  expect(wordsOf({ contract: undefined }).contract).toBe('not recorded');
  expect(wordsOf({ contract: { version: 8, checksum: 'c'.repeat(64) } }).contract).toBe('8, checksum cccccccccccc');
});

const HOSTILE: readonly (readonly [string, string])[] = [
  ['a script', '<script>alert(1)</script>'],
  ['an image', '"><img src=x onerror=alert(1)>'],
  ['a quote', `'); DROP TABLE x;--`],
  ['another direction', '\u202Egnp.exe'],
  ['control characters', '\u0000\u0007\n\r\t\u2028'],
  ['10,000 characters', 'x'.repeat(10_000)],
  ['half a character', '\uD800'],
  ['a formula', '=HYPERLINK("http://evil")'],
  ['a style', '</style><style>*{display:none}'],
  ['what is escaped already', '&lt;b&gt;'],
];

/** A month in which everybody names things so. */
function hostileMonth(text: string): ReportInput {
  const record = aRecord({
    runName: text,
    project: text,
    environment: text,
    pipeline: { id: 1, name: text },
    stage: text,
    result: text,
  });
  const decision = aRecordedDecision({
    ...{
      id: text,
      stage: text,
      environment: text,
      services: [text],
      requester: { text },
      exceptions: [text],
      obstacles: [text],
    },
    approvals: [anApproval({ oid: text, name: { text }, covers: { oid: text, name: { text } } })],
    contract: { version: 1, checksum: text, commit: text },
    blocks: [{ control: text, count: 1 }],
    warns: [{ control: text, count: 1 }],
    completedBy: { text },
  });
  const alone = aRecordedDecision({
    ...decision,
    run: { id: 1 },
    rejected: { oid: text, name: { text } },
    state: 'rejected',
  });
  return aReportInput({ records: [record], decisions: [decision, alone], unread: [text] });
}

/** Elements of the page; a day that is kept on one line is one more. */
const tagsIn = (html: string) =>
  [...html.matchAll(/<\/?([a-z!][a-z0-9]*)[^>]*>/gi)].map(([, name]) => name).filter((name) => name !== 'span');

test.each(HOSTILE)('%s becomes no part of the page', (_what, text) => {
  const html = htmlOf(hostileMonth(text), { environment: text, evidence: text });
  const tame = htmlOf(hostileMonth('tame'), { environment: 'tame', evidence: 'tame' });

  expect(tagsIn(html)).toEqual(tagsIn(tame));
  expect(html).not.toMatch(/<script|<img|javascript:/i);
  expect(html.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Zl}\u202A-\u202E\u2066-\u2069]/u);
  expect(html.isWellFormed()).toBe(true);
  expect(html.length).toBeLessThan(100_000);
});

test.each(HOSTILE)('%s becomes no line, field or formula', (_what, text) => {
  const report = deploymentReport(hostileMonth(text));
  const [widths] = [
    reportLines(report, ZONE)
      .slice(0, 2)
      .map((line) => line.split('\t').length),
  ];
  const records = reportCsv(report, ZONE).join('\n');
  const cells = [...records.matchAll(/("(?:[^"]|"")*"|[^,\r\n"]*)(?:,|\r\n|\r$)/g)].map(([, cell = '']) => cell);

  expect(new Set(widths)).toEqual(new Set([23]));
  expect(cells).toHaveLength(3 * 23);
  expect(cells.filter((cell) => /^"?\s*[=+@]/.test(cell))).toEqual([]);
});

test('what is cut in the page says so, and the CSV has all of it', () => {
  const input = hostileMonth('x'.repeat(10_000));

  expect(htmlOf(input)).toContain('… (10000 characters: the CSV has all)');
  expect(htmlOf(input)).not.toContain('x'.repeat(1_001));
  expect(reportCsv(deploymentReport(input), ZONE).join('')).toContain('x'.repeat(10_000));
});

test('a text is shown as it was written, whatever it would mean elsewhere', () => {
  const html = htmlOf(hostileMonth('<b>&"\'</b>'));

  expect(html).toContain('&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt;');
});

test('the page loads nothing and runs nothing: no script, and links to runs of the organization alone', () => {
  const html = htmlOf(aMonth());

  expect(html).toContain(`default-src 'none'`);
  expect(html).not.toMatch(/<(?:script|link|img|iframe|object|embed|form|base)\b|\bsrc=|\bon[a-z]+=|url\(|@import/i);
  const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, link = '']) => link);
  expect(links.length).toBe(8);
  for (const link of links)
    expect(link).toMatch(/^https:\/\/dev\.azure\.com\/contoso\/[0-9a-f-]+\/_build\/results\?buildId=\d+$/);
});

test('any text whatever leaves the page the same elements', () => {
  const tame = tagsIn(htmlOf(hostileMonth('tame')));
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), (text) => {
      expect(tagsIn(htmlOf(hostileMonth(`t${text}`)))).toEqual(tame);
    }),
    { numRuns: 200 },
  );
});

test('the totals of the page and of the lines are those of the report', () => {
  const { totals } = deploymentReport(aMonth());
  const lines = reportLines(deploymentReport(aMonth()), ZONE).filter((line) => line.startsWith('total'));
  const of = (kind: string, name: string) =>
    lines.filter((line) => line.startsWith(`${kind}\t${name}\t`)).map((line) => Number(line.split('\t').at(-1)));

  expect(of('total', 'all')).toEqual([totals.all.all, totals.all.undecided]);
  expect(of('total outcome', 'all')).toEqual(Object.values(totals.all.outcomes));
  expect(of('total separation', 'prod')).toEqual(Object.values(totals.environments[0]?.separations ?? {}));
  const [, sums = ''] = htmlOf(aMonth()).split('<tr class="sum">');
  const cells = [...(sums.split('</tr>')[0] ?? '').matchAll(/<td[^>]*>(\d+)</g)].map(([, count]) => Number(count));
  expect(cells).toEqual([
    totals.all.all,
    ...Object.values(totals.all.outcomes),
    ...Object.values(totals.all.separations),
  ]);
});
