import { expect, test } from 'vitest';
import { digestFor, isEmpty, SHOWN_FIRST } from '../../services/domain/digest.ts';
import { type DigestReader, readBy } from '../../services/domain/digest-reader.ts';
import { minuteOf } from '../../services/domain/finding-history.ts';
import type { Warning } from '../../services/domain/warning.ts';
import { aBasis, aReader, aState, aWarningFound, sectionCounts } from '../digests.ts';
import { aRecord } from '../exceptions.ts';
import { fingerprint, NOW } from './judge-input.ts';

const made = (warnings: readonly Warning[], state = aState(), basis = aBasis()) =>
  digestFor(aReader(), warnings, basis, state);

test.each<[string, Partial<Warning>, string]>([
  ['its date has passed', { dueAt: NOW }, 'overdue'],
  ['it is overdue tomorrow', { dueAt: '2026-11-24T12:00:00.000Z' }, 'escalating'],
  ['it blocks tomorrow', { blocksFrom: '2026-11-24' }, 'escalating'],
  ['it goes to the lead tomorrow', { escalatesAt: { to: 'owner-lead', at: '2026-11-24T12:00:00.000Z' } }, 'escalating'],
  ['one more sighting makes more of it', { escalatesAt: { to: 'due' } }, 'escalating'],
  ['it blocks from a day to come', { blocksFrom: '2027-01-15' }, 'announced'],
  ['it is new', {}, 'new'],
  ['it was there before', { seen: [minuteOf('2026-11-20T09:30:00.000Z')] }, 'open'],
  ['what comes the day after the next is not told yet', { dueAt: '2026-11-24T23:00:00.000Z' }, 'new'],
])('%s', (_, over, section) => {
  expect(sectionCounts(made([aWarningFound(over)]))).toEqual({ [section]: 1 });
});

test('behaviour 27: a warning without a date is never overdue', () => {
  const { dueAt: _, ...undated } = aWarningFound({ seen: [0] });
  expect(sectionCounts(made([undated]))).toEqual({ open: 1 });
});

test('of a group whose findings are partly new each finding is counted once', () => {
  const minute = minuteOf(NOW);
  const fingerprints = [1, 2, 3].map(fingerprint);
  const mixed = aWarningFound({ fingerprints, seen: [minute, minute - 60, minute - 10_000] });
  expect(sectionCounts(made([mixed]))).toEqual({ new: 2, open: 1 });
});

test('of services with something new those come first in which it was found after a release', () => {
  const after = { requestId: 'a', environment: 'prod', runName: '20261120.2', at: '2026-11-20T09:12:40.000Z' };
  const many = aWarningFound({ service: 'a-busy-one', fingerprints: [1, 2, 3].map(fingerprint) });
  const late = aWarningFound({ service: 'late-one', foundAfter: [after] });
  const reader = aReader({ services: new Set(['a-busy-one', 'late-one']) });
  const { parts } = digestFor(reader, [many, late], aBasis(), aState());
  expect(parts.map(({ service }) => service)).toEqual(['late-one', 'a-busy-one']);
});

test('of a first digest everything is new', () => {
  const { since: _, ...first } = aState();
  expect(sectionCounts(made([aWarningFound({ seen: [0] })], first))).toEqual({ new: 1 });
});

test('the day of a rule is announced once; another day is announced anew', () => {
  const old = { seen: [minuteOf('2026-11-01T09:30:00.000Z')] };
  const first = made([aWarningFound({ ...old, blocksFrom: '2027-01-15' })]);
  expect(sectionCounts(first)).toEqual({ announced: 1 });
  const told = aState({ told: first.told });
  expect(sectionCounts(made([aWarningFound({ ...old, blocksFrom: '2027-01-15' })], told))).toEqual({ open: 1 });
  expect(sectionCounts(made([aWarningFound({ ...old, blocksFrom: '2027-02-01' })], told))).toEqual({ announced: 1 });
});

test('what was announced to the reader of everything fits a row of the store', () => {
  const service = 'a'.repeat(190);
  const many = Array.from({ length: 5_000 }, (_, n) =>
    aWarningFound({ service: `${service}${n}`, blocksFrom: '2027-01-15' }),
  );
  const { told } = made(many);
  expect(told).toHaveLength(many.length);
  // A row takes 1 MiB in UTF-16.
  expect(JSON.stringify(told).length).toBeLessThan(2 ** 18);
});

test('what is no announcement any more is forgotten', () => {
  expect(made([aWarningFound()], aState({ told: ['payments-api sast 2026-11-01'] })).told).toEqual([]);
});

test('five of each service and section are named, all are counted', () => {
  const many = Array.from({ length: 12 }, (_, n) => aWarningFound({ rule: `rule-${n}`, dueAt: NOW }));
  const [part] = made(many).parts;
  expect(part).toMatchObject({ service: 'payments-api', section: 'overdue', count: 12, groups: 12 });
  expect(part?.first).toHaveLength(SHOWN_FIRST);
});

test('the service in which something is overdue comes before one with more that is only new', () => {
  const fingerprints = Array.from({ length: 9 }, (_, n) => fingerprint(n));
  const parts = made([
    aWarningFound({ service: 'ledger', fingerprints }),
    aWarningFound({ service: 'zoo', dueAt: NOW }),
    aWarningFound({ service: 'zoo' }),
  ]).parts.map(({ service, section }) => [service, section]);
  expect(parts).toEqual([
    ['zoo', 'overdue'],
    ['ledger', 'new'],
    ['zoo', 'new'],
  ]);
});

const LEADS = aReader({ standsFor: new Map([['group:payments-leads', new Set(['payments-api'])]]) });
const KEEPER = aReader({ standsFor: new Map([['group:devsecops', 'all']]) });
const FALLBACK = aReader({ standsFor: new Map([['group:security-leads', 'all']]) });
const reads = (reader: DigestReader, warning: Warning, basis = aBasis()) => readBy(reader, [warning], basis).length;

test('an owner reads what they own, and only in the services in which they own it', () => {
  expect(reads(aReader(), aWarningFound())).toBe(1);
  expect(reads(aReader(), aWarningFound({ service: 'ledger' }))).toBe(0);
  expect(reads(LEADS, aWarningFound())).toBe(0);
});

test("behaviour 25: what is overdue is read by the owner's lead too", () => {
  expect(reads(LEADS, aWarningFound({ dueAt: NOW, lead: 'group:payments-leads' }))).toBe(1);
});

test('behaviour 24: what nobody owns is listed as such, and read by whom the contract belongs to', () => {
  const basis = aBasis({ vacant: new Set(['group:payments-owners']) });
  expect(reads(KEEPER, aWarningFound())).toBe(0);
  expect(reads(KEEPER, aWarningFound(), basis)).toBe(1);
  const digest = digestFor(KEEPER, [aWarningFound(), aWarningFound({ dueAt: NOW })], basis, aState());
  expect(sectionCounts(digest)).toEqual({ unowned: 1, overdue: 1 });
  expect([digest.unowned, digest.vacant]).toEqual([2, ['group:payments-owners']]);
});

test("behaviour 24: after the contract's days what nobody owns goes to the control's fallback", () => {
  const basis = aBasis({ vacant: new Set(['group:payments-owners']) });
  const aged = (days: number) => aWarningFound({ seen: [minuteOf(NOW) - days * 1_440] });
  expect(reads(FALLBACK, aged(4), basis)).toBe(0);
  expect(reads(FALLBACK, aged(5), basis)).toBe(1);
  expect(reads(FALLBACK, aged(5))).toBe(0);
});

test('who has claimed a finding reads of it; what somebody had who is gone is unowned', () => {
  const bob = aReader({ name: 'user:bob', standsFor: new Map() });
  expect(reads(bob, aWarningFound({ holder: { oid: 'bob', name: 'Bob' } }))).toBe(1);
  expect(reads(bob, aWarningFound({ holder: { oid: 'ann', name: 'Ann' } }))).toBe(0);
  const left = aWarningFound({ holder: { oid: 'ann', isGone: true } });
  expect(reads(KEEPER, left)).toBe(1);
  expect(sectionCounts(made([left]))).toEqual({ unowned: 1 });
  // Of owners of whom nobody is left, somebody has taken it on.
  const vacant = aBasis({ vacant: new Set(['group:payments-owners']) });
  expect(sectionCounts(made([aWarningFound({ holder: { oid: 'bob' } })], aState(), vacant))).toEqual({ new: 1 });
});

test('what is put off is only counted, until it is overdue or gets worse on a known day', () => {
  const isSnoozed = true;
  expect(sectionCounts(made([aWarningFound({ isSnoozed, blocksFrom: '2027-01-15' })]))).toEqual({ open: 1 });
  expect(sectionCounts(made([aWarningFound({ isSnoozed, blocksFrom: '2026-11-24' })]))).toEqual({ escalating: 1 });
  expect(sectionCounts(made([aWarningFound({ isSnoozed, dueAt: NOW })]))).toEqual({ overdue: 1 });
});

test('a channel reads everything of its services, a subscriber also of an environment', () => {
  const none = { standsFor: new Map() };
  expect(reads(aReader({ ...none, services: new Set(['payments-api']) }), aWarningFound())).toBe(1);
  expect(reads(aReader({ ...none, services: new Set(['ledger']) }), aWarningFound())).toBe(0);
  expect(reads(aReader({ ...none, environments: new Set(['prod']) }), aWarningFound())).toBe(1);
  expect(reads(aReader({ ...none, environments: new Set(['staging']) }), aWarningFound())).toBe(0);
});

test('behaviour 44: nothing is urgent about warnings that were there before', () => {
  expect(isEmpty(made([aWarningFound({ seen: [0] })]))).toBe(true);
  expect(isEmpty(made([aWarningFound()]))).toBe(false);
});

test('controls that are not known to have run are told to whom the service concerns, and to nobody else', () => {
  const unscanned = new Map([
    ['payments-api', ['iac', 'sast']],
    ['orders-api', ['sast']],
    ['ledger', []],
  ]);
  const toldTo = (reader: DigestReader) => digestFor(reader, [], aBasis(), aState({ unscanned })).unscanned;
  const owned = { service: 'payments-api', controls: ['iac', 'sast'] };
  expect(toldTo(aReader())).toEqual([owned]);
  expect(toldTo(aReader({ standsFor: new Map(), services: new Set(['orders-api', 'ledger']) }))).toEqual([
    { service: 'orders-api', controls: ['sast'] },
  ]);
  // Whoever stands for a control everywhere owns none of the services.
  expect(toldTo(aReader({ standsFor: new Map([['group:devsecops', 'all']]) }))).toEqual([]);
});

test('of the exceptions to look at the one that ends first is first', () => {
  const ends = ['2026-12-09', '2026-12-01', '2026-12-05'];
  const exceptions = ends.map((until, n) =>
    aRecord({ id: `EX-${n}`, state: 'active', terms: { owner: 'group:payments-owners', until } }),
  );
  const basis = aBasis({ exceptions, ending: new Set(exceptions.map(({ id }) => id)) });
  expect(digestFor(aReader(), [], basis, aState()).exceptions.map(({ exception }) => exception.terms.until)).toEqual(
    ends.toSorted(),
  );
});
