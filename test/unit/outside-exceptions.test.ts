import { describe, expect, test } from 'vitest';
import { importExceptions } from '../../bot/console/import-exceptions.ts';
import { importOf, lastDayBefore, type OutsideException } from '../../services/domain/outside-exception.ts';
import { readOutsideExceptions } from '../../services/policy/read-outside-exceptions.ts';
import { aJudgedGroup, aSample } from '../builders.ts';
import { fingerprint } from './judge-input.ts';

const read = (text: string) => readOutsideExceptions({ file: 'ignore.yaml', text });

const TRIVY = `vulnerabilities:
  - id: CVE-2024-1
    paths: ["usr/lib/**"]
    purls: ["pkg:npm/lodash"]
    expired_at: 2026-12-20
    statement: No fix yet
  - id: CVE-2024-2
misconfigurations:
  - id: AVD-AWS-0031
secrets:
licenses:
`;

const TERMS = { owner: 'group:platform', reviewEvery: '7d', ticketRef: 'PLAT-7' };
const exemption = (properties: object = {}, name = 'open-ports') => ({
  name,
  id: `/subscriptions/s/providers/Microsoft.Authorization/policyExemptions/${name}`,
  properties: {
    policyAssignmentId: '/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/LimitPorts',
    exemptionCategory: 'Mitigated',
    expiresOn: '2026-12-31T23:59:00.0000000Z',
    description: 'The jump box needs RDP to the office',
    metadata: TERMS,
    ...properties,
  },
});
const listed = (...exemptions: readonly object[]) => read(JSON.stringify({ value: exemptions }));

describe('.trivyignore.yaml', () => {
  test('is read with paths, packages, reason and its last whole day', () => {
    const { entries, problems } = read(TRIVY);

    expect(problems).toEqual([]);
    expect(entries).toMatchObject([
      {
        name: 'CVE-2024-1',
        line: 2,
        paths: ['usr/lib/**'],
        narrowedBy: ['pkg:npm/lodash'],
        terms: { reason: 'No fix yet', until: '2026-12-19' },
      },
      { name: 'CVE-2024-2', line: 7, terms: {} },
      { name: 'AVD-AWS-0031', line: 9 },
    ]);
  });

  test('an entry that cannot be read is named with its line, and the others are read', () => {
    const { entries, problems } = read('vulnerabilities:\n  - id: [a]\n  - id: CVE-1\nsecrets: x\n');
    expect(entries.map(({ name }) => name)).toEqual(['CVE-1']);
    expect(problems).toMatchObject([
      expect.stringContaining('ignore.yaml:2'),
      expect.stringContaining('ignore.yaml:4'),
    ]);
  });
});

describe('exemptions of Azure Policy', () => {
  test('are read as the REST API lists them', () => {
    expect(listed(exemption()).entries).toMatchObject([
      {
        source: 'azure-policy',
        name: 'open-ports',
        rules: ['LimitPorts'],
        exempts: {
          assignment: '/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/LimitPorts',
          references: [],
          scope: '/subscriptions/s',
        },
        narrowedBy: [],
        terms: {
          owner: 'group:platform',
          reasonClass: 'mitigated',
          reason: 'The jump box needs RDP to the office',
          until: '2026-12-31',
          reviewEvery: '7d',
          ticket: 'PLAT-7',
        },
      },
    ]);
  });

  test('and as the command line of Azure does: a bare list without properties', () => {
    const { name, id, properties } = exemption({ policyDefinitionReferenceIds: ['Limit_Skus'] });
    expect(read(JSON.stringify([{ name, id, ...properties }])).entries).toMatchObject([
      { name, rules: ['Limit_Skus'], exempts: { references: ['Limit_Skus'], scope: '/subscriptions/s' } },
    ]);
  });

  test('one for a management group is limited by it: no id of a resource says in which of them it lies', () => {
    const scope = '/providers/Microsoft.Management/managementGroups/corp';
    const id = `${scope}/providers/Microsoft.Authorization/policyExemptions/wide`;
    expect(listed({ ...exemption(), id }).entries).toMatchObject([{ narrowedBy: [scope] }]);
  });

  test.each([
    ['no id', undefined],
    ['an id of something else', '/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/x'],
    ['an id without a scope', '/providers/Microsoft.Authorization/policyExemptions/x'],
    ['a number', 7],
  ])('one with %s says nowhere what it covers: it is left out, and that is said', (_, id) => {
    const { entries, problems } = listed({ ...exemption(), id }, exemption());
    expect(entries).toHaveLength(1);
    expect(problems).toEqual([expect.stringContaining('policyExemptions/NAME')]);
  });

  test('one page of several says that it is', () => {
    const page = JSON.stringify({ value: [], nextLink: 'https://management.azure.com/next' });
    expect(read(page).problems).toEqual([expect.stringContaining('nextLink')]);
  });

  test('whoever requested or approved one there is not taken for its owner', () => {
    const metadata = { requestedBy: 'Storage team', approvedBy: 'IA' };
    const [entry] = listed(exemption({ metadata })).entries;
    expect(entry && importOf(entry, { today: '2026-11-24' })).toEqual({
      kind: 'unmanaged',
      missing: ['owner', 'reviewEvery'],
    });
  });
});

test.each([
  ['a text', 'hello'],
  ['nothing', ''],
  ['another mapping', 'kind: GatingContract'],
  ['a number', '7'],
  ['no YAML', 'a: [b'],
  ['a bomb of aliases', `a: &a [x]\nb: &b [${'*a,'.repeat(60)}*a]\nvulnerabilities: [${'*b,'.repeat(60)}*b]`],
  ['a nest', `vulnerabilities: ${'['.repeat(20_000)}`],
  ['a tag', 'vulnerabilities: !!js/function "x"'],
  ['a key that libraries drop', 'vulnerabilities: []\n__proto__: { id: x }'],
  ['five megabytes', `vulnerabilities: ["${'x'.repeat(5 * 1024 * 1024)}"]`],
])('%s is no file of exceptions: that is said with its name', (_, text) => {
  expect(() => read(text)).toThrow(/ignore\.yaml/);
});

test('of more entries than ten thousand the rest is said to be unread', () => {
  const { entries, problems } = read(`vulnerabilities:\n${'  - id: CVE-1\n'.repeat(10_002)}`);
  expect(entries).toHaveLength(10_000);
  expect(problems).toEqual([expect.stringContaining('2 entries')]);
});

test.each([
  ['2026-12-20', '2026-12-19'],
  ['2026-12-20T00:00:00Z', '2026-12-19'],
  ['2026-12-20T12:00:00', '2026-12-19'],
  ['2026-12-20T23:59:00.0000000Z', '2026-12-20'],
  ['2026-12-20T00:30:00+02:00', '2026-12-18'],
  ['2026-02-30', undefined],
  ['soon', undefined],
  ['', undefined],
])('%s ends with %s, so that it never covers more here than there', (written, until) => {
  expect(lastDayBefore(written)).toBe(until);
});

const COMPLETE: OutsideException = {
  source: 'trivy',
  line: 3,
  name: 'open-ports',
  rules: ['CVE-2024-1'],
  paths: [],
  narrowedBy: [],
  terms: {
    owner: 'group:platform',
    reasonClass: 'mitigated',
    reason: "it's behind a proxy",
    until: '2026-12-19',
    reviewEvery: '7d',
  },
};
const TODAY = { today: '2026-11-24' };
const found = (over = {}) =>
  aJudgedGroup({ rule: 'cve-2024-1', fingerprints: [fingerprint(2), fingerprint(1)], ...over });

describe('what is brought in', () => {
  test('is requested for the findings of its rule that block, and no others', () => {
    const open = [found(), found({ rule: 'CVE-2024-11', fingerprints: [fingerprint(3)] }), found({ decision: 'warn' })];
    expect(importOf(COMPLETE, { ...TODAY, open })).toEqual({
      kind: 'complete',
      fingerprints: [fingerprint(1), fingerprint(2)],
    });
    expect(importOf(COMPLETE, { ...TODAY, open, control: 'sast' })).toEqual({ kind: 'unmatched', why: 'nothing-open' });
  });

  test('with paths only for findings that are known to lie there', () => {
    const samples = [
      aSample({ fingerprint: fingerprint(1), path: 'usr/lib/a.js' }),
      aSample({ fingerprint: fingerprint(2), path: 'src/a.js' }),
    ];
    const entry = { ...COMPLETE, paths: ['usr/**'] };
    expect(importOf(entry, { ...TODAY, open: [found({ samples })] })).toMatchObject({ fingerprints: [fingerprint(1)] });
  });

  test('what is narrower than can be told here is left to people', () => {
    const entry = { ...COMPLETE, narrowedBy: ['pkg:npm/lodash'] };
    expect(importOf(entry, { ...TODAY, open: [found()] })).toEqual({ kind: 'unmatched', why: 'narrower' });
  });

  test('without owner, reason, end or review it is unmanaged, with all that is missing', () => {
    expect(importOf({ ...COMPLETE, terms: {} }, TODAY)).toEqual({
      kind: 'unmanaged',
      missing: ['owner', 'reasonClass', 'reason', 'until', 'reviewEvery'],
    });
  });

  test('what has ended there is not brought in', () => {
    const entry = { ...COMPLETE, terms: { ...COMPLETE.terms, until: '2026-11-23' } };
    expect(importOf(entry, TODAY)).toEqual({ kind: 'ended', until: '2026-11-23' });
  });
});

const PLACE = { service: 'payments-api', environment: 'prod' };
const judging =
  (...open: ReturnType<typeof found>[]) =>
  async () =>
  async (entries: readonly OutsideException[]) =>
    entries.map((entry) => importOf(entry, { ...TODAY, open }));
const run = (
  entries: readonly OutsideException[],
  place = {},
  judge = judging(found({ fingerprints: [fingerprint(1)] })),
) => importExceptions({ entries, problems: [] }, judge, place, TODAY.today);

describe('on the command line', () => {
  test('a complete one is the line with which it is requested, for a shell', async () => {
    const { lines, exitCode } = await run([COMPLETE], PLACE);
    expect(exitCode).toBe(0);
    expect(lines).toEqual([
      `request\ttrivy\tline 3\topen-ports\tcountersign exceptions request --service='payments-api' --environment='prod' --finding='${fingerprint(1)}' --owner='group:platform' --class='mitigated' --reason='it'\\''s behind a proxy' --until='2026-12-19' --review-every='7d'`,
    ]);
  });

  test('nothing that stands in a file is more than a word for the shell or the terminal', async () => {
    const hostile = "'; rm -rf / #\n$(id)\u001b[2J`id`";
    const entry = { ...COMPLETE, name: hostile, terms: { ...COMPLETE.terms, reason: hostile } };
    const [line = ''] = (await run([entry], PLACE)).lines;
    expect(line).not.toMatch(/[^\P{Cc}\t]/u);
    expect(line).toContain(`--reason=''\\''; rm -rf / # $(id)[2J\`id\`'`);
  });

  test('what is unmanaged names what is missing, and is a no', async () => {
    const { lines, exitCode } = await run([{ ...COMPLETE, terms: { reason: 'x' } }]);
    expect(exitCode).toBe(1);
    expect(lines[0]).toBe(
      'unmanaged\ttrivy\tline 3\topen-ports\tit does not say the owner, the kind of reason, the last day and how often it is reviewed',
    );
  });

  test('without a place nothing is looked up, and half a place is refused', async () => {
    const never = () => Promise.reject(new Error('nothing is to be looked up'));
    expect((await run([COMPLETE], {}, never)).lines[0]).toContain('--service and --environment');
    await expect(run([COMPLETE], { service: 'payments-api' })).rejects.toThrow('--service and --environment');
    await expect(run([COMPLETE], { control: 'sast' })).rejects.toThrow('--service and --environment');
  });

  test('an unknown service is a sentence', async () => {
    const refuse = async () => async () => ({ code: 'unknown-service', known: ['payments-api'] }) as const;
    await expect(importExceptions({ entries: [COMPLETE], problems: [] }, refuse, PLACE, TODAY.today)).rejects.toThrow(
      'The catalog has no such service',
    );
  });
});

test('what Trivy calls it is found where another tool stands for it, but not by a path', () => {
  const outside = (paths: readonly string[]): OutsideException => ({
    ...{ source: 'trivy', line: 1, name: 'CVE-2024-1', rules: ['CVE-2024-1'], narrowedBy: [] },
    ...{
      paths,
      terms: {
        owner: 'group:platform',
        reviewEvery: '7d',
        until: '2026-12-20',
        reason: 'No fix yet',
        reasonClass: 'no-fix-yet',
      },
    },
  });
  const duplicates = [{ of: fingerprint(1), tool: 'trivy', rule: 'CVE-2024-1', fingerprint: fingerprint(9) }];
  const open = [aJudgedGroup({ rule: 'GHSA-aaaa-bbbb-cccc', fingerprints: [fingerprint(1)], duplicates })];
  const found = (paths: readonly string[]) => importOf(outside(paths), { open, today: '2026-11-24' });
  expect(found([])).toEqual({ kind: 'complete', fingerprints: [fingerprint(9)] });
  expect(found(['**'])).toEqual({ kind: 'unmatched', why: 'nothing-open' });
});
