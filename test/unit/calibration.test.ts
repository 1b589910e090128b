import { describe, expect, test } from 'vitest';
import { type Calibration, calibrationsOf } from '../../services/domain/calibration.ts';
import { type ServiceFacts, tallied } from '../../services/domain/calibration-facts.ts';
import type { Contract, Control } from '../../services/domain/contract.ts';
import type { FindingGroup } from '../../services/domain/scan-head.ts';
import { aLife, aScope, daysAgo, lives, pastOf, ruleOf, someFacts, WINDOW } from '../calibrations.ts';
import { aScanHead } from '../scans.ts';
import { aContract, aControl, aGroup, anException, aService, fingerprint } from './judge-input.ts';
import { TWO_ENVIRONMENTS } from './lint-cases.ts';

const WARN = ruleOf('warn', { because: 'to be calibrated', dueDays: 14, decideBy: '2027-03-01' });
const warning = (over: Parameters<typeof aControl>[0] = {}) => aControl({ decisions: [WARN], ...over });
const blocking = () => aControl({ decisions: [ruleOf('block', { group: 'secret-exposure' })] });

/** Findings of these numbers, open on the default branch. */
const open = (numbers: readonly number[], over: Partial<FindingGroup> = {}) => [
  aScanHead({ groups: [aGroup({ fingerprints: numbers.map(fingerprint), ...over })] }),
];
const numbers = (count: number, from = 1) => Array.from({ length: count }, (_one, n) => from + n);
/** So many that were mended within two days, the first of them 40 days ago. */
const mended = (count: number) => numbers(count).map((n) => aLife(40 - (n % 10), 38 - (n % 10)));

function calibrated(control: Control, ...facts: readonly ServiceFacts[]): Calibration {
  return calibratedUnder(aContract(control), ...facts);
}

/** With an environment that is no production. */
const calibratedInBoth = (control: Control, ...facts: readonly ServiceFacts[]) =>
  calibratedUnder({ ...aContract(control), environments: TWO_ENVIRONMENTS }, ...facts);

function calibratedUnder(contract: Contract, ...facts: readonly ServiceFacts[]): Calibration {
  const tallies = facts.map((one) => tallied(contract, one, WINDOW));
  const [calibration] = calibrationsOf(contract, tallies, WINDOW);
  if (calibration === undefined) throw new Error('nothing is said of it');
  return calibration;
}

const failing = ({ reasons }: Calibration) => reasons.filter(({ isMet }) => !isMet).map(({ code }) => code);

describe('the figures of a control', () => {
  test('count what is open, new, gone and back, how long it took, and how old the oldest is', () => {
    const pasts = new Map([
      [fingerprint(1), pastOf(120)],
      [fingerprint(2), pastOf(10)],
    ]);
    const events = lives(aLife(20, 18), aLife(30, 20), aLife(60, 59, 50), aLife(200, 100));
    const { figures } = calibrated(warning(), someFacts({ heads: open([1, 2]), pasts, events }));

    expect(figures).toMatchObject({ open: 2, appeared: 1, gone: 3, cameBack: 1, services: 1, oldestDays: 120 });
    expect(figures).toMatchObject({ medianFixDays: 2, slowFixDays: 10, recurrence: 1 / 3, seenDays: 200 });
    expect(figures).toMatchObject({ noise: 0, noiseShare: 0, dueDays: 14, decideBy: '2027-03-01', warnRules: 1 });
  });

  test('what was gone before the window counts no more, and of nothing there is no share', () => {
    const { figures } = calibrated(warning(), someFacts({ events: lives(aLife(200, 100)) }));

    expect(figures).toMatchObject({ open: 0, gone: 0 });
    for (const name of ['recurrence', 'noiseShare', 'exceptedShare', 'medianFixDays', 'oldestDays'])
      expect(figures).not.toHaveProperty(name);
  });

  test('what is suppressed in its report or excepted in any environment is noise', () => {
    const heads = [...open([1]), ...open([2], { suppressed: true, rule: 'aws-key' }), ...open([3])];
    const { figures } = calibrated(blocking(), someFacts({ heads, exceptions: [anException()] }));

    expect(figures).toMatchObject({ open: 3, noise: 2, excepted: 1, blocking: 2 });
  });

  test('two organizations that were told of the same count it once, another environment counts by itself', () => {
    const known = { heads: open([1]), events: lives(aLife(20, 18)), pasts: new Map([[fingerprint(1), pastOf(9)]]) };
    const scopes = [aScope(known), aScope({ ...known, org: 'another' }), aScope({ ...known, environment: 'prod' })];
    const { figures } = calibrated(warning(), { service: aService(), scopes });

    expect(figures).toMatchObject({ open: 2, gone: 2, services: 1 });
  });

  test('of one service they are its own, of several they add up, and how long it took is ranked over all', () => {
    const one = someFacts({ heads: open([1]), events: lives(aLife(20, 18)) });
    const other = {
      ...someFacts({ heads: open([1, 2]), events: lives(aLife(30, 20), aLife(30, 20)) }),
      service: aService({ name: 'cart' }),
    };

    expect(calibrated(warning(), one).figures).toMatchObject({ open: 1, gone: 1, medianFixDays: 2, services: 1 });
    expect(calibrated(warning(), one, other).figures).toMatchObject({
      open: 3,
      gone: 3,
      medianFixDays: 10,
      services: 2,
    });
  });

  test('without any history or finding they are nought, and nothing is advised', () => {
    const { figures, advice, change } = calibrated(warning());

    expect(figures).toMatchObject({ open: 0, appeared: 0, gone: 0, cameBack: 0, noise: 0, services: 0 });
    expect([advice, change]).toEqual(['too-little', undefined]);
  });

  test('findings too many to be listed count, by the past of the oldest', () => {
    const heads = open([], { count: 9_000, unlisted: 'e'.repeat(64), past: pastOf(50) });
    const { figures } = calibrated(blocking(), someFacts({ heads }));

    expect(figures).toMatchObject({ open: 9_000, appeared: 9_000, blocking: 9_000, oldestDays: 50 });
  });

  test('what is gone and of no known rule is told apart, and counts for no control', () => {
    const nameless = aLife(20, 18).map(({ rule: _, category: __, ...event }) => event);
    const { byControl, unknown } = tallied(aContract(warning()), someFacts({ events: lives(nameless) }), WINDOW);

    expect([byControl.size, unknown]).toEqual([0, 1]);
  });
});

describe('what is said of a control', () => {
  test('ready to block: enough was mended in time, for good, and little of it was noise', () => {
    const ready = calibrated(warning(), someFacts({ heads: open(numbers(5)), events: lives(...mended(20)) }));

    expect([ready.advice, failing(ready)]).toEqual(['ready-to-block', []]);
  });

  test.each<[string, Control, Parameters<typeof someFacts>[0], string]>([
    ['too much is suppressed', warning(), { heads: open(numbers(2), { suppressed: true }) }, 'noise'],
    [
      'too much comes back',
      warning(),
      { events: lives(...mended(20), ...numbers(3).map(() => aLife(30, 29, 28))) },
      'recurrence',
    ],
    [
      'half of it takes longer than the owner has',
      warning(),
      { events: lives(...numbers(20).map(() => aLife(40, 20))) },
      'median-fix',
    ],
    ['no rule sets a date', aControl({ decisions: [ruleOf('warn')] }), {}, 'no-due'],
    ['nothing of it warns', blocking(), {}, 'no-warn-rule'],
    [
      'what warns is decided by a rule before it in production',
      aControl({ decisions: [ruleOf('block', { when: { tier: ['production'] } }), WARN] }),
      {},
      'no-warn-rule',
    ],
    [
      'what warns is not about production',
      aControl({ decisions: [ruleOf('warn', { when: { tier: ['non-production'] }, dueDays: 14 })] }),
      {},
      'no-warn-rule',
    ],
  ])('keep, and why: %s', (_, control, over, code) => {
    const kept = calibrated(control, someFacts({ events: lives(...mended(20)), ...over }));

    expect([kept.advice, failing(kept)]).toEqual(['keep', [code]]);
    expect(kept.change).toBeUndefined();
  });

  test('too little to say: nineteen mended within a month, or four in a longer time', () => {
    const young = numbers(19).map(() => aLife(20, 18));
    expect(calibrated(warning(), someFacts({ events: lives(...young) })).advice).toBe('too-little');
    expect(calibrated(warning(), someFacts({ events: lives(...young, aLife(20, 18)) })).advice).toBe('ready-to-block');
    expect(calibrated(warning(), someFacts({ events: lives(...mended(4)) })).advice).toBe('too-little');
    expect(calibrated(warning(), someFacts({ events: lives(...mended(5)) })).advice).toBe('ready-to-block');
    expect(calibrated(warning()).advice).toBe('too-little');
  });

  test('a block steps down once exceptions let pass more of it than the limit', () => {
    const excepted = (count: number) => numbers(count).map((n) => anException({ fingerprints: [fingerprint(n)] }));
    const facts = (count: number) => someFacts({ heads: open(numbers(10)), exceptions: excepted(count) });

    expect(calibrated(blocking(), facts(2)).advice).toBe('too-little');
    expect(calibrated(blocking(), facts(3))).toMatchObject({
      advice: 'step-down',
      reasons: [{ code: 'overuse', value: 0.3, limit: 0.2 }],
    });
    const few = someFacts({ heads: open(numbers(9)), exceptions: excepted(9) });
    expect(calibrated(blocking(), few).advice).toBe('too-little');
  });

  test('a block steps down when a third of it is noise, a warning does not', () => {
    const heads = [...open(numbers(6)), ...open(numbers(4, 7), { suppressed: true })];

    expect(calibrated(blocking(), someFacts({ heads }))).toMatchObject({
      advice: 'step-down',
      reasons: [{ code: 'noisy', value: 0.4, limit: 0.3 }],
    });
    expect(calibrated(warning(), someFacts({ heads })).advice).toBe('too-little');
  });

  test('nothing of a control whose signals never gate, and what is ready comes first', () => {
    const activity = aControl({ name: 'activity', signal: { category: 'activity' }, decisions: [WARN] });
    const iac = warning({ name: 'iac', signal: { category: 'iac' } });
    const contract = aContract(activity, iac, warning());
    const tallies = [tallied(contract, someFacts({ events: lives(...mended(20)) }), WINDOW)];

    expect(calibrationsOf(contract, tallies, WINDOW).map(({ control, advice }) => [control, advice])).toEqual([
      ['secret-scanning', 'ready-to-block'],
      ['iac', 'too-little'],
    ]);
  });
});

describe('the change to make', () => {
  const facts = someFacts({ events: lives(...mended(20)) });

  test('a block in production two weeks from now, in front of the rule where that is about more', () => {
    const { change } = calibratedInBoth(warning(), facts);

    expect(change?.before).toBe('- { then: warn, because: "to be calibrated", due: 14d, decideBy: 2027-03-01 }');
    expect(change?.after).toEqual([
      expect.stringMatching(
        /^- \{ when: \{ tier: \[production\] \}, then: block, from: 2026-12-07, justification: "Say why\. .*20 gone in 90 days, half of them within 2 days/,
      ),
      change?.before,
    ]);
  });

  test.each([{ tier: ['production'] as const }, { environment: ['prod'] }])('in its place for %j', (when) => {
    const { change } = calibratedInBoth(aControl({ decisions: [{ ...WARN, when }] }), facts);

    expect(change?.after).toHaveLength(1);
  });

  test('in its place where there is no other tier that it could be about', () => {
    const { change } = calibrated(warning(), facts);

    expect(change?.after).toEqual([expect.stringMatching(/^- \{ when: \{ tier: \[production\] \}, then: block/)]);
  });

  test('a block does not climb to a block, its other steps stay', () => {
    const escalate = [
      { after: { services: 3 }, to: 'block' },
      { after: { ageDays: 30 }, to: 'owner-lead' },
    ] as const;
    const { change } = calibrated(warning({ decisions: [{ ...WARN, escalate }] }), facts);

    expect(change?.before).toContain('to: block');
    expect(change?.after[0]).toContain('due: 14d, escalate: [{ after: { age: 30d }, to: owner-lead }] }');
  });

  test('the first of several that warn in production, and how many there are', () => {
    const elsewhere = { ...WARN, when: { tier: ['non-production'] as const } };
    const { change } = calibratedInBoth(
      warning({ decisions: [elsewhere, { ...WARN, when: { severity: ['high'] } }, WARN] }),
      facts,
    );

    expect(change).toMatchObject({ index: 1, choices: 2, superfluous: [] });
  });

  test('an override that would begin to block after it is no stricter then, one that blocks sooner is', () => {
    const own = (from: string) => [ruleOf('block', { when: { tier: ['production'] }, from })];
    const overrides = new Map([
      ['orders-api', own('2026-12-01')],
      ['payments-api', own('2027-01-15')],
    ]);

    expect(calibratedInBoth(warning({ overrides }), facts).change?.superfluous).toEqual(['payments-api']);
  });

  test('a rule of an environment that is no production is not taken along', () => {
    const rule = { ...WARN, when: { environment: ['prod', 'staging'] } };
    const { change } = calibratedInBoth(aControl({ decisions: [rule] }), facts);

    expect(change?.after[0]).toContain('when: { tier: [production], environment: [prod, staging] }');
    expect(change?.after).toHaveLength(2);
  });

  test('what blocks today steps down before what is only announced', () => {
    const heads = [...open(numbers(6)), ...open(numbers(4, 7), { suppressed: true })];
    const announced = ruleOf('block', { when: { severity: ['low'] }, from: '2027-01-15' });
    const { change } = calibrated(aControl({ decisions: [announced, ruleOf('block')] }), someFacts({ heads }));

    expect(change).toMatchObject({ index: 1, choices: 2, before: '- { then: block }' });
  });

  test('a block that steps down warns with a date, a day to be decided, and a way up', () => {
    const heads = [...open(numbers(6)), ...open(numbers(4, 7), { suppressed: true })];
    const { change } = calibrated(blocking(), someFacts({ heads }));

    expect(change?.before).toBe('- { then: block, group: secret-exposure }');
    expect(change?.after).toEqual([expect.stringMatching(/then: warn, because: "Say what must change\. .*40 % noise/)]);
    expect(change?.after[0]).toContain(
      'due: 14d, decideBy: 2027-02-21, escalate: [{ after: { age: 30d }, to: owner-lead }]',
    );
    expect(daysAgo(-90)).toContain('2027-02-21');
  });
});

test('a finding of two tools is open once, and what is excepted under one name is noise', () => {
  const keyed = (print: number) => aGroup({ fingerprints: [fingerprint(print)], duplicateKeys: ['aaaaaaaaaaaa'] });
  const heads = ['gitleaks', 'trufflehog'].map((tool, n) => aScanHead({ tool, groups: [keyed(n + 1)] }));
  const exceptions = [anException({ fingerprints: [fingerprint(1), fingerprint(2)] })];
  const contract = aContract(blocking());
  const tally = tallied(contract, someFacts({ heads, exceptions }), WINDOW).byControl.get('secret-scanning');
  expect(tally).toMatchObject({ open: 1, noise: 1, excepted: 1 });
});
