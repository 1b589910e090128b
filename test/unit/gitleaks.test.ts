import { expect, test } from 'vitest';
import { readReport } from './read-sarif.ts';
import { reportOf } from './scanner-reports.ts';

const leak = { RuleID: 'token', Description: 'A token', File: 'a.env', StartLine: 1, Secret: 'canary-0123456789-WXYZ' };

test('a leak has its rule and place and the last four characters of a long value', async () => {
  expect(await reportOf('gitleaks.json')).toMatchObject({
    format: 'gitleaks',
    results: 2,
    scans: [{ tool: 'gitleaks', categories: ['secret'], complete: true }],
    findings: [
      {
        category: 'secret',
        rule: 'made-up-token',
        severity: 'medium',
        message: 'A made-up token, ends in WXYZ',
        path: 'conf/settings.tf',
        line: 12,
      },
      { rule: 'password', message: 'A password', path: 'a.env' },
    ],
    problems: [],
  });
});

test('versions before 8 are read', async () => {
  expect((await reportOf('gitleaks-7.json')).findings).toMatchObject([
    { rule: 'Made-up Access Key', message: 'Made-up Access Key, ends in WXYZ', path: 'overlays/server.yml', line: 224 },
    { message: 'Made-up Access Key', path: 'b.yml' },
  ]);
});

test.each(['gitleaks.json', 'gitleaks-7.json'])(
  'neither the secret nor a person is taken over from %s',
  async (name) => {
    const stored = JSON.stringify(await reportOf(name));
    expect(stored).not.toContain('canary');
    expect(stored).not.toContain('Some Body');
    expect(stored).not.toContain('some.body');
  },
);

test('a leak keeps its identity when lines move, and another value in the same place is another', async () => {
  const printOf = async (change: object) => (await reportOf([{ ...leak, ...change }])).findings[0]?.fingerprint;
  const first = await printOf({});
  expect(await printOf({ StartLine: 900, Match: 'x' })).toBe(first);
  expect(await printOf({ Secret: 'canary-0123456789-WXY0' })).not.toBe(first);
});

test('where the value was already made unreadable, the commit tells leaks apart', async () => {
  const printOf = async (Commit: string) =>
    (await reportOf([{ ...leak, Secret: 'REDACTED', Commit }])).findings[0]?.fingerprint;
  expect(await printOf('c1')).not.toBe(await printOf('c2'));
});

test('an empty list is clean if the sender says that gitleaks wrote it', async () => {
  expect(await reportOf([], { format: 'gitleaks' })).toMatchObject({
    ...{ results: 0, findings: [], problems: [] },
    scans: [{ tool: 'gitleaks', categories: ['secret'], complete: true }],
  });
  expect(await readReport([])).toMatchObject({
    refused: 'unknown-format',
    detail: expect.stringContaining('gitleaks'),
  });
});

test.each<[string, unknown]>([
  ['null', 'null'],
  ['an object', {}],
  ['a leak that is no object', [leak, 1]],
  ['a leak without a rule', [leak, { File: 'a' }]],
])('%s is refused, whatever the sender calls it', async (_what, report) => {
  expect(await readReport(report, { format: 'gitleaks' })).toHaveProperty('refused');
});
