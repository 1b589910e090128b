import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Finding } from '../../services/domain/finding.ts';
import { plusMinutes } from '../../services/domain/instant.ts';
import {
  afterList,
  afterTold,
  MOST_FINDINGS,
  NO_POSTURE,
  type Posture,
  type PulledList,
  pulledAt,
  reportOf,
} from '../../services/domain/posture.ts';
import { aFinding } from '../scans.ts';

const NOW = '2026-11-24T12:00:00.000Z';
const SUB = 'sub-a';
const ago = (minutes: number) => plusMinutes(NOW, -minutes);
const print = (n: number) => n.toString(16).padStart(32, '0');
const policyFinding = (n: number, over: Partial<Finding> = {}) =>
  aFinding({ fingerprint: print(n), category: 'policy', tool: 'azure-policy', rule: `deny-${n}`, ...over });
const SCANS = [{ tool: 'azure-policy', categories: ['policy'] as const, complete: true }];
const aList = (minutes: number, findings: readonly Finding[] = [], over: Partial<PulledList> = {}): PulledList => ({
  target: SUB,
  at: ago(minutes),
  scans: SCANS,
  findings,
  needs: [SUB],
  ...over,
});
const present = (n: number, minutes: number) => ({
  scans: [],
  findings: [{ ...policyFinding(n, { at: ago(minutes) }), target: SUB }],
  cleared: [],
});
const gone = (n: number, minutes: number) => ({
  scans: [],
  findings: [],
  cleared: [{ fingerprint: print(n), tool: 'azure-policy', at: ago(minutes), target: SUB }],
});
const openIn = (posture: Posture) =>
  reportOf(posture, 'azure-policy')
    .findings.map(({ rule }) => rule)
    .sort();

test('a list with nothing in it is a complete, clean report: that is the evidence that the control ran', () => {
  const posture = afterList(NO_POSTURE, aList(5), NOW);

  expect(reportOf(posture, 'azure-policy')).toEqual({
    format: 'azure-policy',
    results: 0,
    scans: [{ tool: 'azure-policy', categories: ['policy'], complete: true }],
    findings: [],
    problems: [],
  });
  expect(pulledAt(posture)).toBe(ago(5));
});

test('what a later list lacks is no more; an incomplete one takes nothing away and proves nothing', () => {
  const known = afterList(NO_POSTURE, aList(120, [policyFinding(1), policyFinding(2)]), NOW);
  const half = aList(60, [policyFinding(3)], { scans: [{ ...SCANS[0], complete: false } as (typeof SCANS)[0]] });

  expect(openIn(afterList(known, aList(60, [policyFinding(2)]), NOW))).toEqual(['deny-2']);
  expect(openIn(afterList(known, half, NOW))).toEqual(['deny-1', 'deny-2', 'deny-3']);
  expect(pulledAt(afterList(known, half, NOW))).toBe(ago(120));
});

test('a list without any scan is not whole', () => {
  expect(pulledAt(afterList(NO_POSTURE, aList(5, [], { scans: [] }), NOW))).toBeUndefined();
});

test('only what every target that is needed says makes it complete, as old as the oldest of them', () => {
  const needs = [SUB, 'sub-b'];
  const one = afterList(NO_POSTURE, aList(10, [], { needs }), NOW);
  const both = afterList(one, aList(5, [], { needs, target: 'sub-b' }), NOW);

  expect(reportOf(one, 'azure-policy').scans[0]?.complete).toBe(false);
  expect(pulledAt(both)).toBe(ago(10));
  expect(pulledAt(afterList(NO_POSTURE, aList(5, [], { needs: [] }), NOW))).toBeUndefined();
});

test('an event that is older than the list by more than lists lag changes nothing, a newer one does', () => {
  const known = afterList(NO_POSTURE, aList(30, [policyFinding(1, { at: ago(900) })]), NOW);

  expect(openIn(afterTold(known, gone(1, 46), NOW))).toEqual(['deny-1']);
  expect(openIn(afterTold(known, gone(1, 44), NOW))).toEqual([]);
  expect(openIn(afterTold(known, present(2, 46), NOW))).toEqual(['deny-1']);
  expect(openIn(afterTold(known, present(2, 44), NOW))).toEqual(['deny-1', 'deny-2']);
});

test('what was cleared is not brought back by an older event, whenever that comes', () => {
  const cleared = afterTold(NO_POSTURE, gone(1, 10), NOW);

  expect(openIn(afterTold(cleared, present(1, 20), NOW))).toEqual([]);
  expect(openIn(afterTold(cleared, present(1, 5), NOW))).toEqual(['deny-1']);
});

test('the end of an alert, told with the instant at which it was raised, ends it', () => {
  expect(openIn(afterTold(afterTold(NO_POSTURE, gone(1, 10), NOW), present(1, 10), NOW))).toEqual([]);
  expect(openIn(afterTold(afterTold(NO_POSTURE, present(1, 10), NOW), gone(1, 10), NOW))).toEqual([]);
});

test('a word from the future counts from now, so that the next one overrules it', () => {
  const told = afterTold(NO_POSTURE, gone(1, -600), NOW);

  expect(openIn(afterTold(told, present(1, -1), plusMinutes(NOW, 1)))).toEqual(['deny-1']);
});

test('what was cleared is forgotten after 30 days', () => {
  const cleared = afterTold(NO_POSTURE, gone(1, 0), NOW);

  expect(afterTold(cleared, gone(2, 0), plusMinutes(NOW, 29 * 1_440)).words.has(print(1))).toBe(true);
  expect(afterTold(cleared, gone(2, 0), plusMinutes(NOW, 31 * 1_440)).words.has(print(1))).toBe(false);
});

test('what is only told is never complete, and a class in which something was found is looked at from then on', () => {
  const told = afterTold(NO_POSTURE, present(1, 10), NOW);

  expect(reportOf(told, 'azure-policy').scans).toEqual([
    { tool: 'azure-policy', categories: ['policy'], complete: false },
  ]);
  expect(reportOf(afterTold(told, gone(1, 5), NOW), 'azure-policy').scans[0]?.categories).toEqual(['policy']);
});

test('beyond what is kept the severest stay, and nothing is proven any more', () => {
  const many = Array.from({ length: MOST_FINDINGS + 1 }, (_, n) =>
    policyFinding(n, { severity: n === MOST_FINDINGS ? 'critical' : 'low' }),
  );
  const posture = afterList(NO_POSTURE, aList(5, many), NOW);

  expect(posture.words.size).toBe(MOST_FINDINGS);
  expect(posture.words.has(print(MOST_FINDINGS))).toBe(true);
  expect(posture.cut).toEqual([SUB]);
  expect(reportOf(posture, 'azure-policy').scans[0]?.complete).toBe(false);
});

test('what was cut stays unknown whatever single words come, until a whole list of its target fits', () => {
  const many = Array.from({ length: MOST_FINDINGS + 1 }, (_, n) => policyFinding(n));
  const needs = [SUB, 'sub-b'];
  const other = afterList(NO_POSTURE, aList(6, [], { needs, target: 'sub-b' }), NOW);
  const full = afterList(other, aList(5, many, { needs }), NOW);
  const told = afterTold(full, gone(1, 4), NOW);
  const half = aList(3, [], { needs, scans: [{ ...SCANS[0], complete: false } as (typeof SCANS)[0]] });

  expect(pulledAt(told)).toBeUndefined();
  expect(pulledAt(afterList(told, half, NOW))).toBeUndefined();
  expect(pulledAt(afterList(told, aList(3, [], { needs, target: 'sub-b' }), NOW))).toBeUndefined();
  expect(pulledAt(afterList(told, aList(3, [], { needs }), NOW))).toBe(ago(6));
});

test('however much is told to be well again, what was found stays', () => {
  const found = afterTold(NO_POSTURE, present(0, 10), NOW);
  const ended = Array.from({ length: 2 * MOST_FINDINGS }, (_, n) => gone(n + 1, 5).cleared).flat();
  const told = afterTold(found, { scans: [], findings: [], cleared: ended }, NOW);

  expect(openIn(told)).toEqual(['deny-0']);
  expect(told.words.size).toBe(MOST_FINDINGS + 1);
  expect(told.cut).toEqual([]);
});

test('a clock that was ahead does not have the last word until its time comes', () => {
  const ahead = plusMinutes(NOW, 1_440);
  const wrong = afterTold(
    afterList(NO_POSTURE, aList(-1_440, [policyFinding(1), policyFinding(2)]), ahead),
    gone(3, -1_440),
    ahead,
  );
  const told = afterTold(wrong, present(3, 1), NOW);

  expect(openIn(told)).toEqual(['deny-1', 'deny-2', 'deny-3']);
  expect(pulledAt(told)).toBeUndefined();
  expect(openIn(afterTold(told, gone(1, 0), NOW))).toEqual(['deny-2', 'deny-3']);

  const later = plusMinutes(NOW, 20);
  const listed = afterList(told, aList(-20, [policyFinding(4)]), later);
  expect(openIn(listed)).toEqual(['deny-4']);
  expect(pulledAt(listed)).toBe(later);
});

test('a list that was begun while the clock was ahead counts as of now', () => {
  expect(pulledAt(afterList(NO_POSTURE, aList(-600), NOW))).toBe(NOW);
});

test('texts that are long beyond measure leave room for the others', () => {
  const loud = policyFinding(1, { message: 'x'.repeat(100_000), help: 'y'.repeat(100_000) });

  expect(JSON.stringify([...afterList(NO_POSTURE, aList(5, [loud]), NOW).words]).length).toBeLessThan(2_000);
});

type Said = { readonly list: PulledList } | { readonly told: ReturnType<typeof present> | ReturnType<typeof gone> };

const prints = fc.integer({ min: 1, max: 4 });
const minutes = fc.integer({ min: 0, max: 120 });
const findings = fc.uniqueArray(prints, { maxLength: 4 });
const said: fc.Arbitrary<Said> = fc.oneof(
  fc.record({ prints, minutes }).map((one) => ({ told: present(one.prints, one.minutes) })),
  fc.record({ prints, minutes }).map((one) => ({ told: gone(one.prints, one.minutes) })),
  fc.record({ findings, minutes, since: minutes }).map((one) => ({
    list: aList(
      one.minutes,
      one.findings.map((n) => policyFinding(n, { at: ago(one.minutes + one.since) })),
    ),
  })),
);
const played = (all: readonly Said[]) =>
  all.reduce<Posture>(
    (posture, one) => ('list' in one ? afterList(posture, one.list, NOW) : afterTold(posture, one.told, NOW)),
    NO_POSTURE,
  );
const plain = ({ words, pulled, tools, needs }: Posture) => ({
  words: [...words].sort(([a], [b]) => (a < b ? -1 : 1)),
  pulled: [...pulled],
  tools: [...tools],
  needs,
});
/** One target has one list of each instant. */
const story = fc
  .array(said, { maxLength: 8 })
  .map((all) => [...new Map(all.map((one, n) => ['list' in one ? one.list.at : `told ${n}`, one])).values()]);

test('lists and events end in the same posture in any order and however often they come', () => {
  fc.assert(
    fc.property(
      story.chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length })),
      ),
      ([all, shuffled]) => {
        const missing = all.filter((one) => !shuffled.includes(one));
        expect(plain(played([...shuffled, ...missing]))).toEqual(plain(played(all)));
      },
    ),
    { numRuns: 2_000 },
  );
});

test('after a list everything that it names and no newer event has cleared is open', () => {
  fc.assert(
    fc.property(fc.array(said, { maxLength: 6 }), findings, (before, listed) => {
      const list = aList(
        0,
        listed.map((n) => policyFinding(n)),
      );
      const late = new Set(
        before.flatMap((one) => ('told' in one ? one.told.cleared.map(({ fingerprint }) => fingerprint) : [])),
      );
      const open = new Set(openIn(afterList(played(before), list, NOW)));
      for (const n of listed) if (!late.has(print(n))) expect(open).toContain(`deny-${n}`);
    }),
  );
});

test('an older word never takes away what a newer one found', () => {
  fc.assert(
    fc.property(fc.array(said, { maxLength: 8 }), said, (before, late) => {
      const posture = played(before);
      const after = played([...before, late]);
      const instant = (n: Said) =>
        'list' in n ? n.list.at : [...n.told.findings, ...n.told.cleared].map(({ at }) => at).join();
      const standing = [...posture.words].filter(([, { at, finding }]) => {
        const isOlder = 'list' in late ? plusMinutes(instant(late), -15) <= at : instant(late) < at;
        return finding !== undefined && isOlder;
      });
      for (const [fingerprint, word] of standing) {
        const known = after.words.get(fingerprint);
        expect(known?.finding).toBeDefined();
        expect((known?.at ?? '') >= word.at).toBe(true);
      }
    }),
    { numRuns: 2_000 },
  );
});
