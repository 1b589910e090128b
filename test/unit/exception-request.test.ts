import { expect, test } from 'vitest';
import {
  chooseTarget,
  inForceFor,
  MOST_NAMED,
  requestedFor,
  type TargetWish,
} from '../../services/domain/exception-request.ts';
import type { Category } from '../../services/domain/finding.ts';
import type { JudgedGroup } from '../../services/domain/judgement.ts';
import { aJudgedGroup, aSample } from '../builders.ts';
import { anException, fingerprint } from './judge-input.ts';

const HERE = { service: 'payments-api', environment: 'prod' };
const CONTROLS = [{ name: 'secret-scanning' }, { name: 'sast' }];
const NOW = '2026-11-24T10:00:00.000Z';

const prints = (...numbers: readonly number[]) => numbers.map(fingerprint);

/** Of code analysis, which may be excepted as a whole. */
function aGroupOf(numbers: readonly number[], over: Partial<JudgedGroup> = {}): JudgedGroup {
  const fingerprints = prints(...numbers);
  return aJudgedGroup({
    ...{ control: 'sast', category: 'sast', tool: 'semgrep', rule: 'sqli', severity: 'medium' },
    ...{ fingerprints, count: fingerprints.length },
    samples: fingerprints.slice(0, 3).map((print) => aSample({ fingerprint: print })),
    ...over,
  });
}

const choose = (wish: Partial<TargetWish>, ...open: readonly JudgedGroup[]) =>
  chooseTarget({ ...HERE, ...wish }, open, CONTROLS);
const refused = (why: object) => ({ kind: 'refused', why });
const warns = { decision: 'warn' as const };

test('findings are listed, sorted and once each, with what they are', () => {
  const open = [aGroupOf([4, 2]), aGroupOf([1, 3], { rule: 'xss', severity: 'high' })];
  expect(choose({ fingerprints: prints(3, 2, 3) }, ...open)).toEqual({
    kind: 'hidden',
    hidden: {
      target: { ...HERE, control: 'sast', fingerprints: prints(2, 3) },
      ...{ category: 'sast', severity: 'high', count: 2, rules: ['sqli', 'xss'], owner: 'group:payments-team' },
      samples: prints(2, 3).map((print) => aSample({ fingerprint: print })),
    },
  });
});

test('a whole control is meant when no finding is named: then nothing is listed', () => {
  const chosen = choose({ control: 'sast' }, aGroupOf([1, 2]), aGroupOf([3], warns), aJudgedGroup());
  expect(chosen).toMatchObject({ hidden: { target: { ...HERE, control: 'sast' }, count: 2 } });
  expect(chosen).not.toHaveProperty('hidden.target.fingerprints');
});

test('from a request exactly what blocks it is meant', () => {
  const chosen = choose({ control: 'sast', isListed: true }, aGroupOf([2, 1]), aGroupOf([3], warns));
  expect(chosen).toMatchObject({ hidden: { target: { fingerprints: prints(1, 2) }, count: 2 } });
});

test('the control of what was named is known without saying it', () => {
  expect(choose({ fingerprints: prints(1) }, aGroupOf([1]))).toMatchObject({ hidden: { target: { control: 'sast' } } });
});

test.each<[Category, boolean]>([
  ['secret', true],
  ['provenance', true],
  ['sast', false],
  ['dependency', false],
])('of %s only what is named can be excepted: %s', (category, isNamedOnly) => {
  const group = aGroupOf([1], { category });
  const whole = choose({ control: 'sast' }, group);
  if (isNamedOnly) expect(whole).toEqual(refused({ code: 'scope-too-wide', control: 'sast' }));
  else expect(whole.kind).toBe('hidden');
  expect(choose({ control: 'sast', isListed: true }, group).kind).toBe('hidden');
  expect(choose({ fingerprints: prints(1) }, group).kind).toBe('hidden');
});

test('what is not open there is not excepted', () => {
  expect(choose({ fingerprints: prints(1, 9) }, aGroupOf([1]))).toEqual(refused({ code: 'unknown-finding' }));
  expect(choose({ fingerprints: [''] }, aGroupOf([1]))).toEqual(refused({ code: 'unknown-finding' }));
  expect(choose({ control: 'sast' })).toEqual(refused({ code: 'nothing-to-except' }));
  expect(choose({ control: 'sast', isListed: true }, aJudgedGroup())).toEqual(refused({ code: 'nothing-to-except' }));
});

test('no finding at all is never the whole control', () => {
  for (const wish of [{ fingerprints: [] }, { fingerprints: [], isRenewal: true as const }])
    expect(choose({ control: 'sast', ...wish }, aGroupOf([1]))).toEqual(refused({ code: 'nothing-to-except' }));
});

test('of a renewal what is mended is left out', () => {
  const renewal = { control: 'sast', fingerprints: prints(1, 2), isRenewal: true } as const;
  expect(choose(renewal, aGroupOf([2, 3]))).toMatchObject({
    hidden: { target: { fingerprints: prints(2) }, count: 1 },
  });
  expect(choose(renewal, aGroupOf([3]))).toEqual(refused({ code: 'nothing-to-except' }));
});

test('a control that the contract does not have is refused with those that it has', () => {
  const known = ['secret-scanning', 'sast'];
  expect(choose({ control: 'dast' }, aGroupOf([1]))).toEqual(refused({ code: 'unknown-control', known }));
  expect(choose({})).toEqual(refused({ code: 'unknown-control', known }));
  const { control: _, ...unmatched } = aGroupOf([1], warns);
  expect(choose({ fingerprints: prints(1) }, unmatched)).toEqual(refused({ code: 'unknown-control', known }));
});

test('an exception has one control: what belongs to another is refused with its name', () => {
  const open = [aGroupOf([1]), aGroupOf([2], { control: 'secret-scanning', category: 'secret' })];
  const why = { code: 'other-control', control: 'secret-scanning' };
  expect(choose({ fingerprints: prints(1, 2) }, ...open)).toEqual(refused(why));
  expect(choose({ control: 'sast', fingerprints: prints(2) }, ...open)).toEqual(refused(why));
});

test('a warning needs no exception, unless it is announced to block', () => {
  const why = { code: 'not-blocking', decision: 'warn' };
  expect(choose({ control: 'sast' }, aGroupOf([1], warns))).toEqual(refused(why));
  expect(choose({ fingerprints: prints(1) }, aGroupOf([1], warns))).toEqual(refused(why));
  const due = { ...warns, escalatesAt: { to: 'due' as const } };
  expect(choose({ control: 'sast' }, aGroupOf([1], due))).toEqual(refused(why));
  for (const announced of [{ blocksFrom: '2026-12-01' }, { escalatesAt: { to: 'block' as const } }])
    expect(choose({ control: 'sast' }, aGroupOf([1], { ...warns, ...announced })).kind).toBe('hidden');
});

test('a warning that was named beside a block is not excepted with it', () => {
  expect(choose({ fingerprints: prints(1, 2) }, aGroupOf([1]), aGroupOf([2], warns))).toMatchObject({
    hidden: { target: { fingerprints: prints(1) }, count: 1 },
  });
});

test('more than can be named, or listed at all, are refused; a whole control has no number', () => {
  const many = Array.from({ length: MOST_NAMED + 1 }, (_, n) => n);
  const why = { code: 'too-many-to-except', most: MOST_NAMED };
  expect(choose({ control: 'sast', isListed: true }, aGroupOf(many))).toEqual(refused(why));
  expect(choose({ fingerprints: prints(...many) }, aGroupOf(many))).toEqual(refused(why));
  expect(choose({ control: 'sast', isListed: true }, aGroupOf(many.slice(1)))).toMatchObject({
    hidden: { count: MOST_NAMED },
  });
  expect(choose({ control: 'sast' }, aGroupOf(many))).toMatchObject({ hidden: { count: MOST_NAMED + 1 } });
  const unlisted = aGroupOf([], { count: 5_000, unlisted: 'ab'.repeat(32) });
  expect(choose({ control: 'sast' }, unlisted)).toEqual(refused(why));
});

test('at most three examples are shown, of what is meant only', () => {
  const chosen = choose({ fingerprints: prints(2, 5) }, aGroupOf([1, 2]), aGroupOf([3, 4]), aGroupOf([5]));
  expect(chosen).toMatchObject({ hidden: { samples: prints(2, 5).map((one) => ({ fingerprint: one })) } });
  const many = choose({ control: 'sast' }, aGroupOf([1, 2, 3]), aGroupOf([4, 5]));
  expect(many).toHaveProperty('hidden.samples.length', 3);
});

const asked = { target: { ...HERE, control: 'secret-scanning', fingerprints: prints(1) }, severity: 'high' as const };

test('what is covered already needs no exception: for all of it, in force now, and for what is as bad', () => {
  const one = anException({ severity: 'high', fingerprints: prints(1, 2) });
  expect(inForceFor([one], asked, NOW)).toBe(one);
  expect(inForceFor([{ ...one, severity: 'critical' }], asked, NOW)?.id).toBe('EX-1');
  expect(inForceFor([{ ...one, severity: 'medium' }], asked, NOW)).toBeUndefined();
  expect(inForceFor([{ ...one, fingerprints: prints(2) }], asked, NOW)).toBeUndefined();
  const more = { ...asked, target: { ...asked.target, fingerprints: prints(1, 3) } };
  expect(inForceFor([one], more, NOW)).toBeUndefined();
  expect(inForceFor([one], asked, one.expiresAt)).toBeUndefined();
  expect(inForceFor([one], asked, NOW, 'EX-1')).toBeUndefined();
  const { severity: _, ...any } = one;
  expect(inForceFor([any], asked, NOW)).toBe(any);
});

test('a request joins one for the same, or for more, never one for less', () => {
  const wide = anException({ id: 'EX-2', fingerprints: prints(1, 2) });
  expect(requestedFor([anException({ fingerprints: prints(2) }), wide], asked)).toBe(wide);
  expect(
    requestedFor([wide], { ...asked, target: { ...asked.target, fingerprints: prints(1, 2, 3) } }),
  ).toBeUndefined();
  const { fingerprints: _, ...whole } = asked.target;
  expect(requestedFor([wide], { ...asked, target: whole })).toBeUndefined();
});

test('a request by all names of its findings joins one that names each by one of them, if that is for as bad', () => {
  const names = [prints(1, 9), prints(2)];
  const meant = { ...asked, target: { ...asked.target, fingerprints: prints(1, 2, 9) }, names };
  const one = anException({ severity: 'high', fingerprints: prints(1, 2) });
  expect(requestedFor([one], meant)).toBe(one);
  expect(requestedFor([{ ...one, fingerprints: prints(2, 9) }], meant)?.id).toBe(one.id);
  expect(requestedFor([{ ...one, fingerprints: prints(1) }], meant)).toBeUndefined();
  expect(requestedFor([{ ...one, severity: 'medium' }], meant)).toBeUndefined();
  expect(requestedFor([{ ...one, environment: 'staging' }], meant)).toBeUndefined();
});

test('a finding of several tools is asked for by all of its names, whichever is named, and is one', () => {
  const duplicates = [{ of: fingerprint(1), tool: 'codeql', rule: 'js/sqli', fingerprint: fingerprint(9) }];
  for (const named of [1, 9])
    expect(choose({ fingerprints: prints(named) }, aGroupOf([1, 2], { duplicates }))).toMatchObject({
      hidden: { target: { fingerprints: prints(1, 9) }, count: 1, samples: [{ fingerprint: fingerprint(1) }] },
    });
  expect(choose({ control: 'sast', isListed: true }, aGroupOf([1, 2], { duplicates }))).toMatchObject({
    hidden: { target: { fingerprints: prints(1, 2, 9) }, count: 2 },
  });
  expect(choose({ fingerprints: prints(8) }, aGroupOf([1, 2], { duplicates }))).toEqual(
    refused({ code: 'unknown-finding' }),
  );
});
