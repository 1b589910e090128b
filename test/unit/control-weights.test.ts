import { expect, test } from 'vitest';
import { BLOCK_GROUPS, type Contract, type DecisionClass } from '../../services/domain/contract.ts';
import {
  CATEGORIES,
  type Category,
  EXPLOITABILITIES,
  type Exploitability,
  SEVERITIES,
  type Severity,
  TIMINGS,
  type Timing,
} from '../../services/domain/finding.ts';
import { PLATFORM_RULES } from '../../services/domain/platform-rule-table.ts';
import { candidateRules, rulesFor, type Setting } from '../../services/domain/rule-match.ts';
import { aScanHead } from '../scans.ts';
import { aGroup, anException, fingerprint } from './judge-input.ts';
import { judgeOne, outcome, type Reported, sampleContract } from './sample-contract.ts';

// What the delivered contract makes of the control types of an Azure DevSecOps programme, cell by cell.

/** Every rule with a `from` is in force by then. */
const SETTLED = '2027-02-01T00:00:00.000Z';

type Row = readonly [meaning: string, reported: Reported, prod: DecisionClass, staging: DecisionClass];

/** A row for each combination of these members. */
function each(members: { readonly [Key in keyof Reported]-?: readonly NonNullable<Reported[Key]>[] }): Reported[] {
  return members.severity.flatMap((severity) =>
    members.timing.flatMap((timing) =>
      members.exploitability.flatMap((exploitability) =>
        members.fixAvailable.flatMap((fixAvailable) =>
          members.rule.map((rule) => ({ severity, timing, exploitability, fixAvailable, rule })),
        ),
      ),
    ),
  );
}

const ANY = {
  severity: SEVERITIES,
  timing: TIMINGS,
  exploitability: EXPLOITABILITIES,
  fixAvailable: [true, false],
  rule: ['some-rule'],
} as const;
const SEVERE: readonly Severity[] = ['critical', 'high', 'medium'];
const MILD: readonly Severity[] = ['low', 'info'];
const NOT_EXPLOITED: readonly Exploitability[] = ['exploitable', 'unknown', 'not-affected'];
const NOT_BEFORE_DEPLOYMENT: readonly Timing[] = ['pre-merge', 'build', 'post-deploy'];

type Members = Partial<Parameters<typeof each>[0]>;

const rows = (meaning: string, members: Members, prod: DecisionClass, staging: DecisionClass): Row[] =>
  each({ ...ANY, ...members }).map((reported) => [meaning, reported, prod, staging]);

const HARDCODED = ['js/hardcoded-credentials', 'py/hard-coded-cred', 'go.hardcoded-secret-key'];

/** For each control type every combination of severity, timing, exploitability and fix; none is left open. */
const CELLS: Readonly<Record<string, readonly [Category, readonly Row[]]>> = {
  'secret scanning: early hard stop': ['secret', rows('whatever it is, wherever it is found', {}, 'block', 'block')],
  'dependency scanning: gate or warn, by path and exploitability': [
    'dependency',
    [
      ...rows(
        'known to be exploited, can be mended: gate',
        { exploitability: ['known-exploited'], fixAvailable: [true], severity: SEVERE },
        'block',
        'warn',
      ),
      ...rows(
        'the same, called mild by its tool',
        { exploitability: ['known-exploited'], fixAvailable: [true], severity: MILD },
        'block',
        'monitor',
      ),
      ...rows(
        'known to be exploited, nothing to update to',
        { exploitability: ['known-exploited'], fixAvailable: [false], severity: SEVERE },
        'warn',
        'warn',
      ),
      ...rows(
        'the same, called mild',
        { exploitability: ['known-exploited'], fixAvailable: [false], severity: MILD },
        'monitor',
        'monitor',
      ),
      ...rows('not known to be exploited', { exploitability: NOT_EXPLOITED, severity: SEVERE }, 'warn', 'warn'),
      ...rows('the same, called mild', { exploitability: NOT_EXPLOITED, severity: MILD }, 'monitor', 'monitor'),
    ],
  ],
  'static analysis: gate for a narrow class, otherwise warn': [
    'sast',
    [
      ...rows('credentials in code: gate', { rule: HARDCODED, severity: SEVERE }, 'block', 'warn'),
      ...rows('credentials in code, called mild', { rule: HARDCODED, severity: MILD }, 'block', 'monitor'),
      ...rows('all else', { severity: SEVERE }, 'warn', 'warn'),
      ...rows('all else, mild', { severity: MILD }, 'monitor', 'monitor'),
    ],
  ],
  'templates: gate for what is bound for production': [
    'iac',
    [
      ...rows('severe: gate', { severity: ['critical', 'high'] }, 'block', 'warn'),
      ...rows('medium', { severity: ['medium'] }, 'warn', 'warn'),
      ...rows('mild', { severity: MILD }, 'monitor', 'monitor'),
    ],
  ],
  'Azure Policy: gate before the deployment, review after it': [
    'policy',
    [
      ...rows('before the deployment: gate', { timing: ['pre-deploy'] }, 'block', 'warn'),
      ...rows('at any other time: review', { timing: NOT_BEFORE_DEPLOYMENT }, 'warn', 'warn'),
    ],
  ],
  'configuration: gate where the environment makes a rule mandatory': [
    'configuration',
    [
      ...rows('mandatory: gate', { rule: ['mandatory/tls'], severity: [...SEVERE, 'low'] }, 'block', 'warn'),
      ...rows('mandatory, informational', { rule: ['mandatory/tls'], severity: ['info'] }, 'block', 'monitor'),
      ...rows('not mandatory', { severity: [...SEVERE, 'low'] }, 'warn', 'warn'),
      ...rows('not mandatory, informational', { severity: ['info'] }, 'monitor', 'monitor'),
    ],
  ],
  'provenance and integrity: gate': ['provenance', rows('an unproven artifact', {}, 'block', 'warn')],
  'container images: gate for what is bound for production, otherwise warn': [
    'container',
    [
      ...rows('severe, can be mended: gate', { severity: ['critical', 'high'], fixAvailable: [true] }, 'block', 'warn'),
      ...rows(
        'severe, nothing to update to',
        { severity: ['critical', 'high'], fixAvailable: [false] },
        'warn',
        'warn',
      ),
      ...rows('medium', { severity: ['medium'] }, 'warn', 'warn'),
      ...rows('mild', { severity: MILD }, 'monitor', 'monitor'),
    ],
  ],
  'Defender and runtime: review, and selectively a gate': [
    'runtime',
    [
      ...rows('being exploited: gate', { exploitability: ['known-exploited'], severity: SEVERE }, 'block', 'warn'),
      ...rows(
        'being exploited, called mild',
        { exploitability: ['known-exploited'], severity: MILD },
        'block',
        'monitor',
      ),
      ...rows('severe: review', { exploitability: NOT_EXPLOITED, severity: SEVERE }, 'warn', 'warn'),
      ...rows('mild', { exploitability: NOT_EXPLOITED, severity: MILD }, 'monitor', 'monitor'),
    ],
  ],
  'activity and audit streams: drift and evidence, never a gate': [
    'activity',
    rows('whatever it says, whatever it is called', {}, 'monitor', 'monitor'),
  ],
};

test.each(Object.entries(CELLS))('%s', async (_, [category, cells]) => {
  const contract = await sampleContract();
  const inBoth = (reported: Reported) =>
    ['prod', 'staging'].map((name) => outcome(judgeOne(contract, name, category, reported, { now: SETTLED })).decision);

  const judged = cells.map(([meaning, reported]) => [meaning, reported, ...inBoth(reported)]);

  expect(judged).toEqual(cells);
});

test('the cells of each control type are all there are: every severity, timing, exploitability and fix once', () => {
  for (const [, cells] of Object.values(CELLS)) {
    const combinations = cells.map(([, { severity, timing, exploitability, fixAvailable, rule }]) =>
      rule === 'some-rule' ? [severity, timing, exploitability, fixAvailable].join(' ') : '',
    );
    const plain = combinations.filter((combination) => combination !== '');
    expect(new Set(plain).size).toBe(plain.length);
    expect(plain.length).toBe(SEVERITIES.length * TIMINGS.length * EXPLOITABILITIES.length * 2);
  }
});

test('an exception for a secret is short and renewed once at most', async () => {
  const { controls } = await sampleContract();

  expect(controls.find(({ signal }) => signal.category === 'secret')?.expiry).toMatchObject({
    maxDays: 7,
    renewals: 1,
  });
  for (const { expiry } of controls) expect(expiry.maxDays).toBeGreaterThanOrEqual(7);
});

/** What each of the five kinds of warning says of itself. */
const KINDS: Readonly<Record<string, RegExp>> = {
  'medium findings outside production': /^Medium or higher finding outside production$/,
  'drift in lower environments': /^Drift in a lower environment/,
  'hygiene gaps that are not critical': /^Hygiene gap that is not critical/,
  'controls that need more calibration': /^Needs calibration: /,
};

const WARNED: readonly [keyof typeof KINDS, string, Category, Reported][] = [
  ['medium findings outside production', 'staging', 'dependency', { severity: 'medium' }],
  ['medium findings outside production', 'staging', 'sast', { severity: 'medium' }],
  ['medium findings outside production', 'staging', 'container', { severity: 'medium' }],
  ['drift in lower environments', 'staging', 'iac', { severity: 'critical' }],
  ['drift in lower environments', 'staging', 'policy', { timing: 'pre-deploy' }],
  ['hygiene gaps that are not critical', 'prod', 'configuration', { severity: 'low' }],
  ['hygiene gaps that are not critical', 'prod', 'policy', { timing: 'post-deploy' }],
  ['controls that need more calibration', 'prod', 'dependency', { severity: 'critical' }],
  ['controls that need more calibration', 'prod', 'sast', { severity: 'critical' }],
  ['controls that need more calibration', 'prod', 'iac', { severity: 'medium' }],
  ['controls that need more calibration', 'prod', 'container', { severity: 'critical', fixAvailable: false }],
  ['controls that need more calibration', 'staging', 'provenance', {}],
  ['controls that need more calibration', 'prod', 'runtime', { severity: 'critical' }],
];

test.each(WARNED)('%s warn: in %s of %s with %j', async (kind, name, category, reported) => {
  const shown = outcome(judgeOne(await sampleContract(), name, category, reported));

  expect(shown).toMatchObject({ decision: 'warn', because: expect.stringMatching(KINDS[kind] ?? /^$/) });
});

test('a finding whose exception is within its time warns and names it; from its end on it blocks', async () => {
  const contract = await sampleContract();
  const exceptions = [anException({ fingerprints: [fingerprint(1)], expiresAt: '2026-11-25T09:00:00.000Z' })];
  const at = (now: string) => outcome(judgeOne(contract, 'prod', 'secret', {}, { now, exceptions }));

  expect(at('2026-11-25T08:59:59.999Z')).toMatchObject({ decision: 'warn', exceptionId: 'EX-1' });
  expect(at('2026-11-25T09:00:00.000Z')).toMatchObject({ decision: 'block', blockGroup: 'secret-exposure' });
});

test('every warning of the delivered contract is of one of these kinds, and every block of one of the four groups', async () => {
  const rules = (await sampleContract()).controls.flatMap(({ decisions }) => decisions);
  const kindsOf = (because = '') => Object.keys(KINDS).filter((kind) => KINDS[kind]?.test(because));

  for (const rule of rules.filter(({ then }) => then === 'warn')) expect(kindsOf(rule.because)).toHaveLength(1);
  const groups = rules.filter(({ then }) => then === 'block').map(({ group }) => group);
  expect([...new Set(groups)].sort()).toEqual([...BLOCK_GROUPS].sort());
});

test('outside production only a secret blocks', async () => {
  const contract = await sampleContract();
  const blocksInStaging = CATEGORIES.filter((category) =>
    each({ ...ANY, rule: ['some-rule', 'mandatory/tls', ...HARDCODED] }).some(
      (reported) => outcome(judgeOne(contract, 'staging', category, reported, { now: SETTLED })).decision === 'block',
    ),
  );

  expect(blocksInStaging).toEqual(['secret']);
});

test('what is merely informational is never judged by its severity: only a rule about something else stops it', async () => {
  const contract = await sampleContract();
  const gates = CATEGORIES.filter((category) => {
    const { decision } = outcome(judgeOne(contract, 'prod', category, { severity: 'info' }, { now: SETTLED }));
    return decision !== 'monitor';
  });

  // The last because nothing is known of the branch.
  expect(gates).toEqual(['secret', 'policy', 'provenance', 'platform']);
});

/** The rule that decides a finding about how production is reached, in the words of its contract. */
function deliveryPath(contract: Contract, severity: Severity, branchProtected?: boolean, rule = 'some-rule'): string {
  const control = contract.controls.find(({ name }) => name === 'delivery-path');
  const environment = contract.environments.get('prod');
  if (control === undefined || environment === undefined) throw new Error('the sample contract has no delivery path');
  const setting: Setting = {
    environment,
    now: SETTLED,
    service: 'payments-api',
    repositories: [],
    ...(branchProtected === undefined ? {} : { branchProtected }),
  };
  const head = aScanHead({ category: 'platform', tool: 'a-tool' });
  const group = aGroup({ severity, rule });
  const rules = candidateRules(rulesFor(control, head, group.rule, setting), group, head, setting);
  return rules.map((rule) => `${rule.then} ${rule.group ?? ''}`.trim()).join(', ');
}

test('production from an unprotected branch blocks, and one of which nothing is known warns', async () => {
  const contract = await sampleContract();

  expect(deliveryPath(contract, 'info', false)).toBe('block delivery-path-trust');
  expect(deliveryPath(contract, 'high', true)).toBe('warn');
  expect(deliveryPath(contract, 'info', true)).toBe('monitor');
  expect(deliveryPath(contract, 'high')).toBe('warn, warn delivery-path-trust');
  expect(deliveryPath(contract, 'info')).toBe('monitor, warn delivery-path-trust');
});

test('only a production environment without our check, or with it disabled, blocks for how it is reached, from its day on', async () => {
  const contract = await sampleContract();
  const rules = PLATFORM_RULES.map(({ id }) => id).filter((rule) =>
    deliveryPath(contract, 'high', true, rule).startsWith('block'),
  );

  expect(rules).toEqual(['environment-without-check', 'environment-check-disabled']);
});
