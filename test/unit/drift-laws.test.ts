import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Baseline,
  type Entry,
  entryKey,
  idsIn,
  isKnown,
  type Part,
  type PlaceState,
  placeState,
  takenAt,
  withAccepted,
} from '../../services/domain/baseline.ts';
import { type Change, changesBetween, driftAfter, driftBetween, NO_DRIFT } from '../../services/domain/drift.ts';
import { findingsOf } from '../../services/domain/drift-words.ts';
import { TENANT } from '../builders.ts';

const NOW = '2026-11-24T09:00:00.000Z';
const by = { kind: 'person', tenant: TENANT, oid: 'o', name: 'Ann' } as const;
const KINDS = ['check', 'connection'] as const;
const TARGETS = ['p1', 'p2'] as const;

const values = fc.record({ a: fc.constantFrom('1', '2', '3'), b: fc.constantFrom('yes', 'no') }, { requiredKeys: [] });
const entry: fc.Arbitrary<Entry> = fc
  .record({ kind: fc.constantFrom(...KINDS), target: fc.constantFrom(...TARGETS), id: fc.nat({ max: 5 }), values })
  .map(({ kind, target, id, values: said }) => ({
    ...{ key: entryKey(kind, target, String(id)), kind, name: `${kind} ${id}`, of: '', at: NOW, values: said },
  }));
const part: fc.Arbitrary<Part> = fc
  .record({
    prefix: fc.constantFrom(...KINDS.flatMap((kind) => TARGETS.map((target) => `${entryKey(kind, target)}:`))),
    unknown: fc.option(fc.constant('no right'), { nil: undefined }),
  })
  .map(({ prefix, unknown }) => ({ prefix, name: prefix, at: NOW, ...(unknown === undefined ? {} : { unknown }) }));
const state: fc.Arbitrary<PlaceState> = fc
  .record({
    parts: fc.uniqueArray(part, { selector: ({ prefix }) => prefix }),
    entries: fc.array(entry, { maxLength: 12 }),
  })
  .map(({ parts, entries }) => placeState(parts, entries));
const whole = fc.array(entry, { maxLength: 12 }).map((entries) =>
  placeState(
    KINDS.flatMap((kind) => TARGETS.map((target) => ({ prefix: `${entryKey(kind, target)}:`, name: target, at: NOW }))),
    entries.map((one) => ({ ...one, values: { a: '1', b: 'no', ...one.values } })),
  ),
);
const asBaseline = (known: PlaceState): Baseline => ({
  ...known,
  ...{ taken: { requestId: 'r', runName: 'n', at: NOW, approvedBy: [] }, accepted: [], ops: [] },
});

function applied({ entries }: PlaceState, changes: readonly Change[]): Map<string, Readonly<Record<string, string>>> {
  const all = new Map(entries.map((one) => [one.key, one.values]));
  for (const { key, kind, after } of changes) {
    if (kind === 'removed') all.delete(key);
    else all.set(key, { ...all.get(key), ...after?.values });
  }
  return all;
}

test('equal states do not differ', () => {
  fc.assert(
    fc.property(state, (one) => {
      expect(changesBetween(one, structuredClone(one))).toEqual([]);
    }),
  );
});

test('the changes applied to the baseline give the state, wherever both are known', () => {
  fc.assert(
    fc.property(whole, whole, (before, after) => {
      const now = new Map(after.entries.map((one) => [one.key, one.values]));
      expect(applied(before, changesBetween(before, after))).toEqual(now);
    }),
  );
});

test('nothing is added, removed or changed that is unknown in either of the two', () => {
  fc.assert(
    fc.property(state, state, (before, after) => {
      const keys = changesBetween(before, after).map(({ key }) => key);
      expect(keys.filter((key) => !isKnown(before, key) || !isKnown(after, key))).toEqual([]);
    }),
  );
});

test('to know less never shows a change that was not there', () => {
  fc.assert(
    fc.property(whole, whole, fc.constantFrom(...TARGETS), fc.boolean(), (before, after, target, isGone) => {
      const hidden = (one: Part) => one.name === target;
      const parts = isGone
        ? after.parts.filter((one) => !hidden(one))
        : after.parts.map((one) => (hidden(one) ? { ...one, unknown: 'no right' } : one));
      const less = placeState(parts, isGone ? after.entries.filter(({ key }) => !key.includes(target)) : after.entries);
      const all = changesBetween(before, after).map((one) => JSON.stringify(one));
      expect(all).toEqual(expect.arrayContaining(changesBetween(before, less).map((one) => JSON.stringify(one))));
    }),
  );
});

test('the order of parts and entries does not matter', () => {
  fc.assert(
    fc.property(state, state, (before, after) => {
      const turned = (one: PlaceState) => placeState(one.parts.toReversed(), one.entries.toReversed());
      expect(changesBetween(turned(before), turned(after))).toEqual(changesBetween(before, after));
    }),
  );
});

test('a comparison changes no baseline, and the same again shows nothing new', () => {
  fc.assert(
    fc.property(whole, state, (before, after) => {
      const baseline = Object.freeze(asBaseline(before));
      const copy = structuredClone(baseline);
      const first = driftAfter(NO_DRIFT, { baseline, state: after, now: NOW });
      const second = driftAfter(first, { baseline, state: after, now: NOW });
      expect(baseline).toEqual(copy);
      expect(second).toEqual(first);
      expect(findingsOf(second)).toEqual(findingsOf(first));
    }),
  );
});

test('what is not known any more is drift as long as it was, and never gone', () => {
  fc.assert(
    fc.property(whole, whole, (before, after) => {
      const baseline = asBaseline(before);
      const first = driftAfter(NO_DRIFT, { baseline, state: after, now: NOW });
      const blind = driftAfter(first, { baseline, state: placeState([], []), now: NOW });
      expect(blind.items.map(({ fingerprint }) => fingerprint)).toEqual(first.items.map((one) => one.fingerprint));
    }),
  );
});

test('an approved deployment never takes what is there already, only what was not known', () => {
  fc.assert(
    fc.property(state, state, (before, after) => {
      const baseline = asBaseline(before);
      const taken = { requestId: 'r2', runName: 'n2', at: NOW, approvedBy: [] };
      const next = takenAt(baseline, after, taken, 'op') ?? baseline;
      const known = (one: PlaceState) => one.entries.filter(({ key }) => isKnown(before, key));
      const there = new Map(after.entries.filter(({ key }) => isKnown(after, key)).map((one) => [one.key, one]));
      // A field that was not known is as it is now; every other stays.
      const filled = known(baseline).map((one) => ({
        ...one,
        values: { ...there.get(one.key)?.values, ...one.values },
      }));
      expect(known(next)).toEqual(filled);
    }),
  );
});

test('accepting everything leaves no drift; for a time, none until then and the same after', () => {
  fc.assert(
    fc.property(whole, whole, (before, after) => {
      const baseline = asBaseline(before);
      const changes = driftBetween(baseline, after, NOW);
      const accepted = changes.map(({ key, after: one }) => ({ key, ...(one === undefined ? {} : { entry: one }) }));
      expect(driftBetween(withAccepted(baseline, accepted, { by, at: NOW, op: 'op' }), after, NOW)).toEqual([]);
      const until = '2026-12-24T09:00:00.000Z';
      const timed = withAccepted(baseline, accepted, { by, at: NOW, until, op: 'op' });
      expect(driftBetween(timed, after, NOW)).toEqual([]);
      expect(driftBetween(timed, after, until)).toEqual(changes);
    }),
  );
});

test('ids come back out of a key whatever is in them, and no two keys are the same', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), fc.array(fc.string(), { minLength: 1 }), (some, others) => {
      expect(idsIn(entryKey('check', ...some))).toEqual(some.map((id) => id.toWellFormed()));
      const isSame =
        JSON.stringify(some.map((id) => id.toWellFormed())) === JSON.stringify(others.map((id) => id.toWellFormed()));
      expect(entryKey('check', ...some) === entryKey('check', ...others)).toBe(isSame);
    }),
  );
});
