import { expect, test } from 'vitest';
import { readReport } from './read-sarif.ts';
import { reportOf, scannerText } from './scanner-reports.ts';

const [running = '', verified = '', unverified = '', finished = ''] = scannerText('trufflehog.json').split('\n');
const lines = (...all: string[]) => `${all.join('\n')}\n`;

test('a verified secret is critical, another medium, and the place is its file or the kind of source', async () => {
  expect(await reportOf('trufflehog.json')).toMatchObject({
    format: 'trufflehog',
    results: 2,
    scans: [
      {
        tool: 'trufflehog',
        toolVersion: '3.88.0',
        categories: ['secret'],
        complete: true,
        endedAt: '2024-01-15T10:00:00.000Z',
      },
    ],
    findings: [
      {
        rule: 'AWS',
        severity: 'critical',
        path: 'keys/prod.txt',
        line: 4,
        message: 'AWS secret, verified: it works, ends in WXYZ',
      },
      { rule: 'URI', severity: 'medium', path: 'Slack', message: 'URI secret' },
    ],
    problems: [],
  });
});

test('neither the secret, nor what comes with it, nor a person is taken over', async () => {
  const stored = JSON.stringify(await reportOf('trufflehog.json'));
  expect(stored).not.toContain('canary');
  expect(stored).not.toContain('some.body');
});

test('only the line that says it finished proves a scan complete', async () => {
  expect(await reportOf(lines(verified, finished))).toMatchObject({ scans: [{ complete: true }] });
  expect(await reportOf(lines(verified, unverified))).toMatchObject({ results: 2, scans: [{ complete: false }] });
  expect(await reportOf('trufflehog-clean.json')).toMatchObject({ findings: [], scans: [{ complete: true }] });
});

test.each([
  ['no line at all', ''],
  ['only a beginning', lines(running)],
])('%s is no scan', async (_what, text) => {
  expect(await readReport(text, { format: 'trufflehog' })).toMatchObject({ refused: 'no-scan' });
});

test('an error, or fewer verified secrets than counted, makes the scan incomplete', async () => {
  const error = '{"level":"error","logger":"trufflehog","msg":"encountered errors during scan"}';
  expect(await reportOf(lines(verified, error, finished))).toMatchObject({ scans: [{ complete: false }] });
  expect(await reportOf(lines(unverified, finished))).toMatchObject({ scans: [{ complete: false }] });
});

test.each([
  ['a line that is cut off', `${verified}\n${finished.slice(0, 40)}`, '/1'],
  ['a line that is no JSON', lines(verified, 'panic: nil', finished), '/1'],
  ['a line of something else', lines(verified, '{"a":1}', finished), 'Line 2'],
  ['a line that is no object', lines(verified, '7', finished), '[1]'],
])('%s is refused, and its line is named', async (_what, text, place) => {
  expect(await readReport(text)).toMatchObject({ refused: 'malformed', detail: expect.stringContaining(place) });
});
