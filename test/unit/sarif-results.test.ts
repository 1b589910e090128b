import { expect, test } from 'vitest';
import { findingOf, findingsOf, logOf, readReport } from './read-sarif.ts';

const at = (artifactLocation: object, region: object = {}) => ({
  locations: [{ physicalLocation: { artifactLocation, region } }],
});

test.each([
  ['error', 'high'],
  ['warning', 'medium'],
  ['note', 'low'],
  ['none', 'info'],
  ['strange', 'medium'],
  [undefined, 'medium'],
])('level %s is severity %s', async (level, severity) => {
  expect(await findingOf({ level })).toMatchObject({ severity });
});

test.each([
  ['9.0', 'critical'],
  ['10.0', 'critical'],
  ['8.9', 'high'],
  ['7', 'high'],
  ['6.9', 'medium'],
  ['4.0', 'medium'],
  ['0.1', 'low'],
  [9.8, 'critical'],
  // No score: the level counts.
  ['0.0', 'high'],
  ['11', 'high'],
  ['-1', 'high'],
  ['severe', 'high'],
  ['', 'high'],
])('security-severity %s is severity %s whatever the level', async (score, severity) => {
  const rules = [{ id: 'R1', properties: { 'security-severity': score } }];
  expect(await findingOf({ ruleId: 'R1', level: 'error' }, {}, { rules })).toMatchObject({ severity });
});

test.each([
  ['error', 'high'],
  ['warning', 'medium'],
  ['recommendation', 'low'],
])('without a score problem.severity %s is severity %s', async (problem, severity) => {
  const rules = [{ id: 'R1', defaultConfiguration: { level: 'none' }, properties: { 'problem.severity': problem } }];
  expect(await findingOf({ ruleId: 'R1' }, {}, { rules })).toMatchObject({ severity });
});

test("a result's own score comes before its rule's", async () => {
  const rules = [{ id: 'R1', properties: { 'security-severity': '9.9' } }];
  const result = { ruleId: 'R1', properties: { 'security-severity': '2.0' } };
  expect(await findingOf(result, {}, { rules })).toMatchObject({ severity: 'low' });
});

test('an override of the invocation comes before the default of the rule, and the result before both', async () => {
  const rules = [{ id: 'R1', defaultConfiguration: { level: 'note' } }];
  const override = { descriptor: { id: 'R1' }, configuration: { level: 'error' } };
  const invocations = [{ executionSuccessful: true, ruleConfigurationOverrides: [override] }];
  expect(await findingOf({ ruleId: 'R1' }, {}, { rules })).toMatchObject({ severity: 'low' });
  expect(await findingOf({ ruleId: 'R1' }, { invocations }, { rules })).toMatchObject({ severity: 'high' });
  expect(await findingOf({ ruleId: 'R1', level: 'warning' }, { invocations }, { rules })).toMatchObject({
    severity: 'medium',
  });
});

test('among several invocations only the one that the result names overrides', async () => {
  const rules = [{ id: 'R1' }];
  const override = { descriptor: { index: 0 }, configuration: { level: 'error' } };
  const invocations = [{}, { ruleConfigurationOverrides: [override] }];
  const result = { ruleId: 'R1', provenance: { invocationIndex: 1 } };
  expect(await findingOf(result, { invocations }, { rules })).toMatchObject({ severity: 'high' });
  expect(await findingOf({ ruleId: 'R1' }, { invocations }, { rules })).toMatchObject({ severity: 'medium' });
});

test.each([['pass'], ['notApplicable']])('a result of kind %s is counted and is no finding', async (kind) => {
  expect(await readReport(logOf({ results: [{ kind }] }))).toMatchObject({ results: 1, findings: [] });
});

test.each([['open'], ['review'], ['informational']])('a result of kind %s is a finding to look at', async (kind) => {
  const rules = [{ id: 'R1', properties: { 'security-severity': '9.9' } }];
  expect(await findingOf({ ruleId: 'R1', kind, level: 'none' }, {}, { rules })).toMatchObject({ severity: 'info' });
});

test('of results that make no finding it is told how many and why, over all runs of the report', async () => {
  const result = { message: { text: 'x' } };
  const results = [result, { ...result, kind: 'pass' }, { ...result, baselineState: 'absent' }];
  const { runs, ...log } = logOf({ results }) as { readonly runs: readonly unknown[] };
  expect(await readReport({ ...log, runs: [...runs, ...runs] })).toMatchObject({
    results: 6,
    findings: [{}, {}],
    problems: [
      '2 entries: a check that passed: no finding',
      '2 entries: gone since the baseline of the report: no finding',
    ],
  });
});

test('a baseline drops only what it says is absent', async () => {
  const results = ['new', 'unchanged', 'updated', 'absent'].map((baselineState) => ({
    ruleId: baselineState,
    baselineState,
  }));
  const report = await readReport(logOf({ results }));
  expect(report).toMatchObject({ results: 4, findings: [{ rule: 'new' }, { rule: 'unchanged' }, { rule: 'updated' }] });
});

test.each([
  [[{ kind: 'external' }], true],
  [[{ kind: 'inSource', status: 'accepted' }], true],
  [[{ status: 'accepted' }, { status: 'underReview' }], false],
  [[{ status: 'accepted' }, { status: 'rejected' }], false],
  [[{ status: 'unheard of' }], false],
  [['accepted'], false],
  [[], false],
  [undefined, false],
  [{ status: 'accepted' }, false],
])('with the suppressions %j a finding is suppressed: %s', async (suppressions, suppressed) => {
  expect(await findingOf({ suppressions })).toMatchObject({ suppressed });
});

const TWO_RULES = [
  { id: 'A', help: { text: 'of A' } },
  { id: 'B', help: { text: 'of B' } },
];
const EXTENSIONS = [
  { name: 'first', rules: [{ id: 'X', help: { text: 'of X' } }] },
  { name: 'second', rules: [{ id: 'A', help: { text: 'of A in second' } }] },
];

test.each([
  [{ ruleId: 'B' }, 'B', 'of B'],
  [{ ruleIndex: 1 }, 'B', 'of B'],
  [{ ruleId: 'B/1/2' }, 'B/1/2', 'of B'],
  [{ ruleId: 'other', ruleIndex: 0 }, 'other', 'of A'],
  [{ ruleId: 'A', ruleIndex: -1 }, 'A', 'of A'],
  [{ ruleId: 'X' }, 'X', 'of X'],
  [{ rule: { id: 'A' } }, 'A', 'of A'],
  [{ rule: { index: 0, toolComponent: { index: 1 } } }, 'A', 'of A in second'],
  [{ ruleId: 'A', rule: { toolComponent: { name: 'second' } } }, 'A', 'of A in second'],
  [{ ruleId: 'unknown' }, 'unknown', undefined],
  [{ ruleIndex: 99 }, 'unnamed', undefined],
])('the rule of %j is %s', async (result, rule, help) => {
  const run = { tool: { driver: { name: 'x', rules: TWO_RULES }, extensions: EXTENSIONS } };
  const [finding] = await findingsOf({ version: '2.1.0', runs: [{ ...run, results: [result] }] });
  expect([finding?.rule, finding?.help]).toEqual([rule, help]);
});

test('members of a run may stand in any order', async () => {
  const tool = { driver: { name: 'semgrep', rules: [{ id: 'R', properties: { 'security-severity': '9.9' } }] } };
  const results = [{ ruleId: 'R', ruleIndex: 0, ...at({ index: 0 }), message: { text: 'm' } }];
  const artifacts = [{ location: { uri: 'a.c', uriBaseId: 'SRC' } }];
  const originalUriBaseIds = { SRC: { uri: 'src/' } };
  const first = { tool, artifacts, originalUriBaseIds, results };
  const last = { results, originalUriBaseIds, artifacts, tool };
  const [before, after] = [
    await readReport({ version: '2.1.0', runs: [first] }),
    await readReport({ version: '2.1.0', runs: [last] }),
  ];
  expect(before).toMatchObject({ findings: [{ severity: 'critical', path: 'src/a.c', tool: 'semgrep' }] });
  expect(after).toEqual(before);
});

test.each([
  ['a relative URI', { uri: 'src/my%20file.c' }, 'src/my file.c'],
  ['an absolute URI', { uri: 'file:///home/user/a.c' }, 'home/user/a.c'],
  ['four slashes', { uri: 'file:////src/a.js' }, 'src/a.js'],
  ['a package coordinate', { uri: 'npm/example@1.0.0' }, 'npm/example@1.0.0'],
  ['a base that no one declared', { uri: 'a.c', uriBaseId: '%SRCROOT%' }, 'a.c'],
  ['a base without a URI', { uri: 'a.c', uriBaseId: 'REPO' }, 'a.c'],
  ['a base within a base', { uri: 'a.c', uriBaseId: 'LIB' }, 'src/lib/a.c'],
  ['a base on the build agent', { uri: 'a.c', uriBaseId: 'AGENT' }, 'a.c'],
  ['an absolute URI within a base', { uri: 'file:///agent/_work/1/s/src/a.c' }, 'src/a.c'],
  ['bases in a circle', { uri: 'a.c', uriBaseId: 'ROUND' }, `${'round/'.repeat(16)}a.c`],
  ['a place in the artifacts', { index: 1 }, 'src/second.c'],
  ['a place beyond the artifacts', { index: 9 }, undefined],
])('the path of %s is relative to the checkout', async (_what, location, path) => {
  const originalUriBaseIds = {
    REPO: { description: { text: 'the checkout' } },
    SRC: { uri: 'src/', uriBaseId: 'REPO' },
    LIB: { uri: 'lib/', uriBaseId: 'SRC' },
    AGENT: { uri: 'file:///agent/_work/1/s/' },
    ROUND: { uri: 'round/', uriBaseId: 'ROUND' },
  };
  const artifacts = [{ location: { uri: 'first.c' } }, { location: { uri: 'second.c', uriBaseId: 'SRC' } }];
  const finding = await findingOf(at(location), { originalUriBaseIds, artifacts });
  expect(finding.path).toBe(path);
});

test('a finding without a file is placed by what is named instead', async () => {
  const location = { logicalLocations: [{ fullyQualifiedName: 'module.storage.account' }] };
  expect(await findingOf({ locations: [location] })).toMatchObject({ path: 'module.storage.account' });
  expect(await findingOf({ analysisTarget: { uri: 'a.dll' } })).toMatchObject({ path: 'a.dll' });
  expect(await findingOf({})).not.toHaveProperty('path');
});

test('the line is the first of the region, if there is one', async () => {
  expect(await findingOf(at({ uri: 'a' }, { startLine: 7 }))).toMatchObject({ line: 7 });
  expect(await findingOf(at({ uri: 'a' }, { charOffset: 7 }))).not.toHaveProperty('line');
  expect(await findingOf(at({ uri: 'a' }, { startLine: 0 }))).not.toHaveProperty('line');
});

test.each([
  [{ text: 'As it is.' }, 'As it is.'],
  [{ markdown: '**bold**' }, '**bold**'],
  [{ text: 'Use of {0} and {1}.', arguments: ['a', 'b'] }, 'Use of a and b.'],
  [{ text: 'Without arguments {0} stays.' }, 'Without arguments {0} stays.'],
  [{ id: 'default', arguments: ['a'] }, 'Rule says a and {1}.'],
  [{ id: 'braces', arguments: ['a'] }, '{a}'],
  [{ id: 'global', arguments: ['a'] }, 'Tool says a.'],
  [{ id: 'nowhere', arguments: ['a', 'b'] }, 'nowhere a b'],
  [{ text: 'The value of [x](1) meets [CWE-1](https://example.com/1).' }, 'The value of x meets CWE-1.'],
  [{ text: String.raw`\[this one](1) and [a \[b\]](2)` }, String.raw`\[this one](1) and a [b]`],
  [{}, ''],
  [undefined, ''],
])('the message %j reads %j', async (message, text) => {
  const messageStrings = { default: { text: 'Rule says {0} and {1}.' }, braces: { text: '{{{0}}}' } };
  const driver = {
    rules: [{ id: 'R1', messageStrings }],
    globalMessageStrings: { global: { text: 'Tool says {0}.' } },
  };
  expect(await findingOf({ ruleId: 'R1', message }, {}, driver)).toMatchObject({ message: text });
});

test('texts are cut to what is stored', async () => {
  const rules = [{ id: 'r'.repeat(300), help: { text: 'h'.repeat(900) } }];
  const result = { ruleId: 'r'.repeat(300), message: { text: 'm'.repeat(900) }, ...at({ uri: 'p/'.repeat(900) }) };
  const finding = await findingOf(result, {}, { rules });
  const lengths = [finding.rule.length, finding.help?.length, finding.message.length, finding.path?.length];
  expect(lengths).toEqual([200, 300, 300, 400]);
});

test('help is the help of the rule, else its description', async () => {
  const fullDescription = { text: 'described' };
  expect(
    await findingOf({ ruleIndex: 0 }, {}, { rules: [{ help: { text: 'helped' }, fullDescription }] }),
  ).toMatchObject({ help: 'helped' });
  expect(await findingOf({ ruleIndex: 0 }, {}, { rules: [{ fullDescription }] })).toMatchObject({ help: 'described' });
});

test.each([
  ['the whole snippet', { text: 'Found tok-EXAMPLE-abc in a file.' }, 'Found *** in a file.'],
  ['a value within the snippet', { text: 'Key is EXAMPLE0000aaaa1111.' }, 'Key is ***.'],
  ['an argument', { id: 'default', arguments: ['EXAMPLE0000aaaa1111'] }, 'Key *** found.'],
])('the message of a secret never shows %s', async (what, message, shown) => {
  const text = what === 'the whole snippet' ? 'tok-EXAMPLE-abc' : 'api_key = "EXAMPLE0000aaaa1111"';
  const rules = [{ id: 'R1', messageStrings: { default: { text: 'Key {0} found.' } } }];
  const finding = await findingOf(
    { ruleId: 'R1', message, ...at({ uri: 'a' }, { snippet: { text } }) },
    {},
    { name: 'gitleaks', rules },
  );
  expect(finding).toMatchObject({ category: 'secret', message: shown });
  expect(JSON.stringify(finding)).not.toContain(text);
});

test.each([
  ['a replacement in the report', { fixes: [{}] }, true],
  ['a fixed version', { message: { text: 'Package: a\nFixed Version: 1.2' } }, true],
  ['an empty fixed version', { message: { text: 'Package: a\nFixed Version: \nLink: x' } }, false],
  ['no word of it', { message: { text: 'Package: a' } }, undefined],
])('whether a fix is available is known by %s', async (_what, result, fixAvailable) => {
  expect((await findingOf(result)).fixAvailable).toBe(fixAvailable);
});
