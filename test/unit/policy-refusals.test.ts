import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadCatalog } from '../../services/policy/load-catalog.ts';
import { loadDirectory } from '../../services/policy/load-directory.ts';
import { loadRoutes } from '../../services/policy/load-routes.ts';
import { CONTRACT, load } from './written-contract.ts';

function problemsWith(from: string, to: string): readonly string[] {
  expect(CONTRACT).toContain(from);
  const loaded = load(CONTRACT.replace(from, to));
  return loaded.kind === 'broken' ? loaded.problems : [];
}

test.each([
  ['kind: GatingContract', 'kind: Catalog', 'contract.yaml:1 kind: is "Catalog"; allowed: GatingContract'],
  ['kind: GatingContract\n', '', /^contract\.yaml:1 kind: is missing; allowed: GatingContract$/],
  ['version: 7', 'version: 0', 'contract.yaml:2 version: is 0; allowed: at least 1'],
  ['version: 7', 'version: seven', 'contract.yaml:2 version: is "seven"; allowed: a number'],
  ['version: 7', 'version: 7\nverison: 8', /^contract\.yaml:3 verison: is not a key here; allowed: kind, version, /],
  ['Europe/Berlin', 'Europe/Bern', /^contract\.yaml:4 calendar\.timezone: is "Europe\/Bern"; allowed: an IANA/],
  ['[mon, tue', '[monday, tue', /^contract\.yaml:5 calendar\.workingDays\[0\]: is "monday"; allowed: mon, tue, /],
  ['09:00-17:30', '17:30-09:00', /^contract\.yaml:6 calendar\.workingHours: is "17:30-09:00"; allowed: hours/],
  ['every: 2w', 'every: 2x', /^contract\.yaml:7 calendar\.cadences\.sprint\.every: is "2x"; allowed: a duration/],
  ['from: 2026-11-23', 'from: 2026-11-31', /^contract\.yaml:7 calendar\.cadences\.sprint\.from: is "2026-11-31"; /],
  [
    'tier: production',
    'tier: prod',
    'contract.yaml:9 environments.prod.tier: is "prod"; allowed: production, non-production',
  ],
  [
    'approval: required',
    'approval: yes',
    /^contract\.yaml:9 environments\.prod\.approval: is "yes"; allowed: required, none$/,
  ],
  [
    'approval: required',
    'approval: required, onBlock: { wait: 60 }',
    /^contract\.yaml:9 environments\.prod\.onBlock\.wait: is 60; /,
  ],
  [
    'approval: required',
    'approval: required, enforce: false',
    /^contract\.yaml:9 environments\.prod\.enforce: is false; allowed: true, observe$/,
  ],
  [
    'approval: required',
    'approval: required, enforce: observe',
    /^contract\.yaml:9 environments\.prod\.until: is missing; allowed: a date up to 2027-02-21/,
  ],
  [
    'approval: required',
    'approval: required, enforce: observe, until: 2027-02-22',
    /prod\.until: is "2027-02-22"; allowed: a date up to 2027-02-21/,
  ],
  [
    'approval: required',
    'approval: required, until: 2027-02-01',
    /prod\.until: .* allowed: only with enforce: observe$/,
  ],
  ['  prod:', '  "p r":', /^contract\.yaml:9 environments\."p r": is "p r"; allowed: a name/],
  [
    'category: sast',
    'category: code',
    /^contract\.yaml:13 controls\.sast\.signal\.category: is "code"; allowed: secret, /,
  ],
  [
    'required: [production]',
    'required: production, maxAge: 90m',
    /^contract\.yaml:14 controls\.sast\.evidence\.maxAge: is "90m"; /,
  ],
  [
    'group:security-leads" }\n    expiry',
    'security-leads" }\n    expiry',
    /^contract\.yaml:15 controls\.sast\.owner\.fallback: is "security-leads"; allowed: group:name or user:object-id$/,
  ],
  ['group:security-leads" }\n    expiry', 'user:ann" }\n    expiry', /owner\.fallback: is "user:ann"; /],
  [
    'reviewEvery: 2w',
    'reviewEvery: sprnt',
    /^contract\.yaml:16 controls\.sast\.expiry\.reviewEvery: is "sprnt"; .*cadence of the calendar \(sprint\)$/,
  ],
  ['renewals: 1', 'renewals: -1', 'contract.yaml:16 controls.sast.expiry.renewals: is -1; allowed: at least 0'],
  ['renewals: 1', 'renewals: 1, quorum: 0', 'contract.yaml:16 controls.sast.expiry.quorum: is 0; allowed: at least 1'],
  ['max: 60d', 'max: 12h', /^contract\.yaml:16 controls\.sast\.expiry\.max: is "12h"; /],
  [
    'then: warn',
    'then: deny',
    'contract.yaml:19 controls.sast.decisions[0].then: is "deny"; allowed: block, warn, monitor',
  ],
  [
    'then: warn',
    'then: block\n        group: severity',
    /^contract\.yaml:20 controls\.sast\.decisions\[0\]\.group: is "severity"; allowed: secret-exposure, production-misconfiguration, release-integrity, delivery-path-trust$/,
  ],
  [
    'severity: high',
    'severity: hgih',
    /^contract\.yaml:18 controls\.sast\.decisions\[0\]\.when\.severity: is "hgih"; allowed: critical, /,
  ],
  ['severity: high', 'severity: [high, hgih]', /when\.severity\[1\]: is "hgih"; /],
  [
    'severity: high',
    'environment: prd',
    'contract.yaml:18 controls.sast.decisions[0].when.environment: is "prd"; allowed: prod, staging',
  ],
  ['severity: high', 'regex: ".*"', /when\.regex: is not a key here; allowed: tier, environment, /],
  ['then: warn', 'then: warn\n        from: 2027-02-29', /decisions\[0\]\.from: is "2027-02-29"; allowed: a date/],
  [
    'then: warn',
    'then: warn\n        escalate: [{ after: { age: 3d }, to: everybody }]',
    /escalate\[0\]\.to: is "everybody"; allowed: owner-lead, block, \{ due: 3d \}$/,
  ],
  [
    'then: warn',
    'then: warn\n        escalate: [{ after: {}, to: block }]',
    /escalate\[0\]\.after: names nothing to wait for; allowed: seen, age, services$/,
  ],
  [
    'then: warn',
    'then: warn\n        escalate: [{ after: { age: 3d, within: 9d }, to: block }]',
    /after\.within: stands alone; /,
  ],
])('%j written as %j is refused by file, line and field', (from, to, expected) => {
  const problems = problemsWith(from, to);

  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(expected);
});

test.each(['signal', 'evidence', 'owner', 'expiry', 'decisions'])('a control without %s is refused by name', (part) => {
  const written = parse(CONTRACT);
  delete written.controls.sast[part];
  const loaded = load(stringify(written));

  expect(loaded).toMatchObject({ kind: 'broken' });
  expect(loaded.kind === 'broken' && loaded.problems.join()).toContain(`controls.sast.${part}: is missing; allowed: `);
});

test('a contract without a control or an environment is refused: it would gate nothing', () => {
  const loaded = load(stringify({ ...parse(CONTRACT), controls: {}, environments: {} }));

  expect(loaded.kind === 'broken' && loaded.problems.length).toBe(2);
});

test.each([
  ['category: sast', 'category: sast'],
  ['category: sast', 'category: sast, timing: [pre-deploy]'],
  ['category: sast, tools: [CodeQL, semgrep]', 'category: sast, tools: [codeql]'],
  ['category: sast, rules: ["js/**", "py/**"]', 'category: sast, rules: ["py/**"]'],
  ['category: sast, tools: [codeql], rules: ["js/**"]', 'category: sast, rules: ["js/**"], tools: [codeql]'],
])('a control with { %s } beside one with { %s } is refused: whose a finding is would be open', (one, other) => {
  const { problems } = withControls(one, other);

  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(
    /^contract\.yaml:\d+ controls\.second\.signal: is as narrow as that of sast; allowed: other tools or rules, or one control of both/,
  );
});

test.each([
  ['category: sast', 'category: iac'],
  ['category: sast', 'category: sast, tools: [codeql]'],
  ['category: sast, tools: [codeql]', 'category: sast, rules: ["js/**"]'],
  ['category: sast, tools: [codeql]', 'category: sast, tools: [semgrep]'],
  ['category: sast, rules: ["js/**"]', 'category: sast, rules: ["py/**"]'],
])('a control with { %s } beside one with { %s } is taken', (one, other) => {
  expect(withControls(one, other).kind).toBe('loaded');
});

function withControls(one: string, other: string) {
  const [, control = ''] = CONTRACT.split('  sast:\n');
  const second = `  second:\n${control.replace('category: sast', other)}`;
  const loaded = load(CONTRACT.replace('category: sast', one) + second);
  return { kind: loaded.kind, problems: loaded.kind === 'broken' ? loaded.problems : [] };
}

test('all problems are told at once, in the order of their lines', () => {
  const loaded = load(
    CONTRACT.replace('version: 7', 'version: 0')
      .replace('severity: high', 'environment: prd')
      .replace('then: monitor', 'then: nothing\n        foo: 1'),
  );

  expect(
    loaded.kind === 'broken' && loaded.problems.map((problem) => problem.split(':').slice(0, 2).join(':')),
  ).toEqual([
    'contract.yaml:2 version',
    'contract.yaml:18 controls.sast.decisions[0].when.environment',
    'contract.yaml:20 controls.sast.decisions[1].then',
    'contract.yaml:21 controls.sast.decisions[1].foo',
  ]);
});

test.each([
  [
    'version: 7',
    'version: 7\nversion: 8',
    'contract.yaml:3 yaml: a key stands twice in one mapping; allowed: each key once',
  ],
  ['version: 7', 'version: !!int 7\nowner: !me x', /^contract\.yaml:3 yaml: has a tag; allowed: plain values/],
  ['version: 7', 'version: *seven', /^contract\.yaml:2 yaml: \*seven has no anchor before it; /],
  ['version: 7', 'version: [7', /^contract\.yaml:\d+ yaml: .*; allowed: YAML 1\.2$/],
  ['version: 7', '__proto__: { version: 7 }', /^contract\.yaml:2 yaml: the key __proto__ is never taken/],
  [
    'controls:',
    '---\ncontrols:',
    /^contract\.yaml:11 yaml: a second document begins here; allowed: one document in a file$/,
  ],
  ['version: 7', '[1]: 7', /^contract\.yaml:2 yaml: a key is a list or mapping; allowed: text$/],
])('%j written as %j is refused as YAML', (from, to, expected) => {
  expect(problemsWith(from, to)[0]).toMatch(expected);
});

test('aliases that multiply are refused, a plain one is taken', () => {
  const list = (item: string) => `[${Array.from({ length: 9 }, () => item).join(', ')}]`;
  const bomb = `a: &a ${list('x')}\nb: &b ${list('*a')}\nc: &c ${list('*b')}\nd: ${list('*c')}\n`;
  const loaded = load(bomb);

  expect(loaded.kind === 'broken' && loaded.problems).toEqual([expect.stringContaining('aliases expand too far')]);
  const shared = CONTRACT.replace('{ required: [production] }', '&e { required: [production] }');
  expect(load(`${shared}limits: {}\n`).kind).toBe('loaded');
});

const words = fc.constantFrom(
  ...'kind: GatingContract ApprovalRoutes Catalog Directory routes: services: people: groups: controls: environments: calendar: cadences: { } [ ] - , & * ! | > " \' # --- ... ? : ~ null 1 .nan __proto__: when: never: match: oid: &a *a <<:'.split(
    ' ',
  ),
  '\n',
  '\n  ',
  '\n    ',
  ' ',
  '\t',
  '\u0000',
);

test('no text makes a loader throw', () => {
  const texts = fc.oneof(
    fc.array(words, { maxLength: 60 }).map((parts) => parts.join(' ')),
    fc.string(),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const source = { file: 'f.yaml', text };
      for (const loaded of [load(text), loadRoutes(source, () => true), loadCatalog(source), loadDirectory(source)]) {
        if (loaded.kind === 'broken') expect(loaded.problems.every((problem) => /^\S+:\d+ /.test(problem))).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

test('no value under any key of a contract makes the loader throw', () => {
  const keys = [...new Set(CONTRACT.match(/\w+(?=:)/g) ?? [])];
  fc.assert(
    fc.property(fc.constantFrom(...keys), fc.json(), (key, json) => {
      load(CONTRACT.replace(new RegExp(`${key}: [^\\n]*`), () => `${key}: ${json}`));
    }),
    { numRuns: 100 },
  );
});

test.each(['['.repeat(4_000), '{a: '.repeat(4_000), `${'- '.repeat(4_000)}x`])('deep nesting is refused', (text) => {
  expect(load(text).kind).toBe('broken');
});
