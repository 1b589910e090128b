import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dateIn } from '../../services/domain/calendar.ts';
import { openSlot } from '../../services/domain/digest-schedule.ts';
import { plusMinutes } from '../../services/domain/instant.ts';
import { type Nudge, type NudgeRecord, type NudgeRules, wayOf } from '../../services/domain/nudge.ts';
import {
  confirmed,
  held,
  heldBackIn,
  listed,
  nextLook,
  releaseOf,
  said,
  settled,
  toldInDigest,
  unsaid,
  written,
} from '../../services/domain/nudge-record.ts';
import { aNudge, aNudgeRecord, someRules, TUESDAY } from '../nudges.ts';

const NIGHT = '2026-11-24T22:00:00.000Z';
const NEXT_MORNING = '2026-11-25T08:00:00.000Z';
const SATURDAY = '2026-11-28T10:00:00.000Z';
const MONDAY_MORNING = '2026-11-30T08:00:00.000Z';

const saidAt = (at: string, ...nudges: readonly Nudge[]) =>
  said(aNudgeRecord(), nudges, { at, date: at.slice(0, 10), isSure: true });

describe('when somebody is told again', () => {
  test('at once in working hours, else when they next begin: not at night, on a weekend or on a holiday', () => {
    const way = (at: string, over = {}) => wayOf(aNudgeRecord(), aNudge(), someRules(over), at);
    expect(way(TUESDAY)).toEqual({ kind: 'send', isUrgent: false });
    expect(way(NIGHT)).toEqual({ kind: 'hold', until: NEXT_MORNING, isHeldBack: false });
    expect(way(SATURDAY)).toMatchObject({ until: MONDAY_MORNING });
    expect(way(TUESDAY, { holidays: ['2026-11-24'] })).toMatchObject({ until: NEXT_MORNING });
  });

  test('quiet hours hold it where work has begun already', () => {
    const early = someRules({ workingMinutes: [360, 840], quiet: [1080, 480] });
    expect(wayOf(aNudgeRecord(), aNudge(), early, '2026-11-24T05:30:00.000Z')).toMatchObject({
      kind: 'hold',
      until: '2026-11-24T07:00:00.000Z',
    });
  });

  test('what would be too late by then is urgent, at night, over the number of the day, and after a message', () => {
    const urgent = { kind: 'send', isUrgent: true };
    expect(wayOf(aNudgeRecord(), aNudge({ deadline: NEXT_MORNING }), someRules(), NIGHT)).toEqual(urgent);
    const after = aNudge({ deadline: plusMinutes(NEXT_MORNING, 1) });
    expect(wayOf(aNudgeRecord(), after, someRules(), NIGHT)).toMatchObject({ kind: 'hold' });
    const full = aNudgeRecord({ days: [{ date: '2026-11-24', said: 6, heldBack: 0 }] });
    expect(wayOf(full, aNudge({ deadline: '2026-11-24T17:00:00.000Z' }), someRules(), TUESDAY)).toEqual(urgent);
    const soon = aNudge({ deadline: plusMinutes(TUESDAY, 5) });
    expect(wayOf(saidAt(TUESDAY, aNudge({ id: 'other' })), soon, someRules(), plusMinutes(TUESDAY, 1))).toEqual(urgent);
  });

  test('each once: not again when it was said or waits, not when its time is over', () => {
    const one = aNudge();
    expect(wayOf(saidAt(TUESDAY, one), one, someRules(), SATURDAY)).toEqual({ kind: 'done' });
    const waiting = held(aNudgeRecord(), { ...one, until: NEXT_MORNING }, '2026-11-24');
    expect(wayOf(waiting, one, someRules(), TUESDAY)).toEqual({ kind: 'done' });
    expect(wayOf(aNudgeRecord(), aNudge({ deadline: TUESDAY }), someRules(), TUESDAY)).toEqual({ kind: 'done' });
  });

  test('what another process claimed is left to it for ten minutes, then said: it may have died before', () => {
    const claimed = said(aNudgeRecord(), [aNudge()], { at: TUESDAY, date: '2026-11-24', isSure: false });
    const way = (minutes: number) => wayOf(claimed, aNudge(), someRules(), plusMinutes(TUESDAY, minutes)).kind;
    expect([way(0), way(9), way(10)]).toEqual(['busy', 'busy', 'hold']);
    const place = { date: '2026-11-24', conversation: 'c', activityId: 'm1', at: TUESDAY };
    const sent = confirmed(claimed, [aNudge()], place);
    expect(wayOf(sent, aNudge(), someRules(), plusMinutes(TUESDAY, 10)).kind).toBe('done');
    expect(wayOf(unsaid(claimed, [aNudge()], '2026-11-24'), aNudge(), someRules(), TUESDAY).kind).toBe('send');
    expect(unsaid(claimed, [aNudge()], '2026-11-24').days).toEqual([{ date: '2026-11-24', said: 0, heldBack: 0 }]);
  });

  test('about the same thing each pause is twice as long as the one before, up to a day', () => {
    const every = someRules({ workingDays: [1, 2, 3, 4, 5, 6, 7], workingMinutes: [0, 1440], quiet: [0, 0] });
    let record = aNudgeRecord();
    let at = TUESDAY;
    const pauses: number[] = [];
    for (let n = 1; n <= 8; n += 1) {
      const slot = `slot ${n}`;
      const way = wayOf(record, aNudge({ slot }), every, at);
      const when = way.kind === 'hold' ? way.until : at;
      if (n > 1) pauses.push((Date.parse(when) - Date.parse(at)) / 60_000);
      record = said(record, [aNudge({ slot })], { at: when, date: dateIn(every.calendar, when), isSure: true });
      at = when;
    }
    expect(pauses).toEqual([60, 120, 240, 480, 960, 1440, 1440]);
  });

  test('over the number of the day it is held back until an hour after the next digest', () => {
    const full = aNudgeRecord({ days: [{ date: '2026-11-24', said: 6, heldBack: 0 }] });
    const way = wayOf(full, aNudge(), someRules(), TUESDAY);
    expect(way).toEqual({ kind: 'hold', until: plusMinutes(NEXT_MORNING, 60), isHeldBack: true });
    expect(wayOf(full, aNudge(), someRules({ capPerDay: 7 }), TUESDAY).kind).toBe('send');
    expect(wayOf(full, aNudge(), someRules(), plusMinutes(NEXT_MORNING, 0)).kind).toBe('send');
  });
});

describe('what waits for one reader', () => {
  const waitingFor = (count: number, over: Partial<NudgeRecord> = {}) => {
    const all = Array.from({ length: count }, (_, n) => aNudge({ id: `r${n}` }));
    return all.reduce((record, one) => held(record, { ...one, until: TUESDAY }, '2026-11-24'), aNudgeRecord(over));
  };

  test('is one message, and is written into the card of the day while that was heard within the hour', () => {
    const release = releaseOf(waitingFor(500), someRules(), TUESDAY);
    if (release.kind === 'wait') throw new Error('waits');
    expect([release.kind, release.fresh.length]).toEqual(['post', 500]);
    const shown = listed(waitingFor(500), release, '2026-11-24');
    const place = { date: '2026-11-24', conversation: 'c', activityId: 'm1', at: TUESDAY };
    const record = written(waitingFor(500), release, shown, place);
    expect(record.days).toEqual([{ date: '2026-11-24', said: 1, heldBack: 0 }]);
    expect([record.card?.nudges.length, record.waiting, record.said.length]).toEqual([500, [], 500]);
    const at = plusMinutes(TUESDAY, 30);
    const way = wayOf(record, aNudge({ id: 'later' }), someRules(), at);
    expect(way).toEqual({ kind: 'hold', until: at, isHeldBack: false });
    const more = held(record, { ...aNudge({ id: 'later' }), until: at }, '2026-11-24');
    expect(releaseOf(more, someRules(), at)).toMatchObject({ kind: 'edit', fresh: [{ id: 'later' }] });
    expect(releaseOf(more, someRules(), plusMinutes(TUESDAY, 60)).kind).toBe('post');
  });

  test('while a list of the day has something that waits, a request joins it by a new one; an exception keeps its own buttons', () => {
    const place = { date: '2026-11-24', conversation: 'c', activityId: 'm1', at: TUESDAY };
    const alone = confirmed(saidAt(TUESDAY, aNudge()), [aNudge()], place);
    const at = plusMinutes(TUESDAY, 60);
    const other = aNudge({ id: 'other' });
    expect(wayOf(alone, other, someRules(), at)).toEqual({ kind: 'hold', until: at, isHeldBack: false });
    const release = releaseOf(held(alone, { ...other, until: at }, '2026-11-24'), someRules(), at);
    expect(release).toMatchObject({ kind: 'post', fresh: [{ id: 'other' }] });
    if (release.kind === 'wait') throw new Error('waits');
    expect(listed(alone, release, '2026-11-24').map(({ id }) => id)).toEqual(['gatea1', 'other']);
    expect(wayOf(alone, aNudge({ id: 'EX-1', kind: 'review' }), someRules(), at).kind).toBe('send');
    const decided = settled(alone, () => true) ?? alone;
    expect(wayOf(decided, other, someRules(), at).kind).toBe('send');
  });

  test('an urgent message beside a list leaves the list to be kept up to date', () => {
    const place = { date: '2026-11-24', conversation: 'c', activityId: 'm1', at: TUESDAY };
    const list = confirmed(saidAt(TUESDAY, aNudge()), [aNudge()], place);
    const urgent = aNudge({ id: 'urgent' });
    expect(confirmed(list, [urgent], { ...place, activityId: 'm2' }).card?.activityId).toBe('m1');
    const done = settled(list, () => true) ?? list;
    expect(confirmed(done, [urgent], { ...place, activityId: 'm2' }).card?.activityId).toBe('m2');
  });

  test('of what waits only what would be too late is said out of turn', () => {
    const record = held(waitingFor(2), { ...aNudge({ id: 'soon', deadline: NEXT_MORNING }), until: TUESDAY }, '-');
    expect(releaseOf(record, someRules(), NIGHT)).toMatchObject({
      kind: 'post',
      isUrgent: true,
      fresh: [{ id: 'soon' }],
    });
    const release = releaseOf(waitingFor(2), someRules(), NIGHT);
    if (release.kind !== 'wait') throw new Error('said at night');
    expect(release.record.waiting.map(({ until }) => until)).toEqual([NEXT_MORNING, NEXT_MORNING]);
  });

  test('what is decided is not said, is taken out of the card, and the card is written again once', () => {
    const release = releaseOf(waitingFor(3), someRules(), TUESDAY);
    if (release.kind === 'wait') throw new Error('waits');
    const shown = listed(waitingFor(3), release, '2026-11-24');
    const place = { date: '2026-11-24', conversation: 'c', activityId: 'm1', at: TUESDAY };
    const record = written(waitingFor(3), release, shown, place);
    const less = settled(record, ({ id }) => id === 'r1');
    expect(less?.card).toMatchObject({ isStale: true, settled: 1, nudges: [{ id: 'r0' }, { id: 'r2' }] });
    expect(settled(record, ({ id }) => id === 'r9')).toBeUndefined();
    if (less === undefined) throw new Error('nothing was settled');
    expect(nextLook(less, TUESDAY)).toBe(plusMinutes(TUESDAY, 1));
    expect(releaseOf(less, someRules(), NIGHT)).toEqual({ kind: 'edit', fresh: [], isUrgent: false });
    expect(settled(waitingFor(2), ({ id }) => id === 'r1')?.waiting.map(({ id }) => id)).toEqual(['r0']);
  });

  test('what is decided while the card is under way makes it be written again', () => {
    const before = waitingFor(2);
    const release = releaseOf(before, someRules(), TUESDAY);
    if (release.kind === 'wait') throw new Error('waits');
    const meanwhile = settled(before, ({ id }) => id === 'r0') ?? before;
    const place = { date: '2026-11-24', conversation: 'c', activityId: 'm1', at: TUESDAY };
    expect(written(meanwhile, release, listed(before, release, '2026-11-24'), place).card).toMatchObject({
      isStale: true,
      settled: 1,
      nudges: [{ id: 'r1' }],
    });
  });

  test('what was held back is in the next digest, and not said once more after it', () => {
    const record = held(aNudgeRecord(), { ...aNudge(), until: NEXT_MORNING, isHeldBack: true }, '2026-11-24');
    expect(record.days).toEqual([{ date: '2026-11-24', said: 0, heldBack: 1 }]);
    expect(heldBackIn(record)).toMatchObject([{ id: 'gatea1' }]);
    const told = toldInDigest(record, heldBackIn(record), NEXT_MORNING);
    expect([told.waiting, heldBackIn(told)]).toEqual([[], []]);
    expect(wayOf(told, aNudge(), someRules(), plusMinutes(NEXT_MORNING, 60))).toEqual({ kind: 'done' });
  });
});

const ZONES = Intl.supportedValuesOf('timeZone');
const anyRules = fc
  .record({
    timezone: fc.constantFrom(...ZONES),
    opens: fc.integer({ min: 0, max: 1_200 }),
    length: fc.integer({ min: 90, max: 1_440 }),
    quiet: fc.constantFrom<readonly [number, number]>([1080, 480], [0, 0], [1320, 360], [720, 780]),
    capPerDay: fc.integer({ min: 1, max: 5 }),
  })
  .map(({ timezone, opens, length, quiet, capPerDay }) =>
    someRules({ timezone, workingMinutes: [opens, Math.min(opens + length, 1_440)], quiet, capPerDay }),
  );
/** Minutes around days on which clocks change in one half of the world or the other. */
const anyStart = fc
  .tuple(
    fc.constantFrom('2026-03-06', '2026-03-27', '2026-04-03', '2026-10-02', '2026-10-23', '2026-11-24'),
    fc.nat(2_880),
  )
  .map(([date, minutes]) => plusMinutes(`${date}T00:00:00.000Z`, minutes));
const anyWish = fc.record({
  after: fc.nat(600),
  id: fc.integer({ min: 1, max: 4 }),
  lasts: fc.option(fc.integer({ min: 1, max: 4_000 }), { nil: undefined }),
});

interface Heard {
  readonly at: string;
  readonly isUrgent: boolean;
  readonly nudges: readonly Nudge[];
}

/** Everything that one reader hears, and what was left unsaid when its time was over. */
function played(
  rules: NudgeRules,
  start: string,
  wishes: readonly { after: number; id: number; lasts?: number | undefined }[],
) {
  let record = aNudgeRecord();
  let now = start;
  const [heard, silent, missed, asked]: [Heard[], Nudge[], Nudge[], Nudge[]] = [[], [], [], []];
  const look = () => {
    const release = releaseOf(record, rules, now);
    if (release.kind === 'wait') {
      missed.push(...record.waiting.filter((one) => !release.record.waiting.some((other) => other.slot === one.slot)));
      record = release.record;
      return;
    }
    const date = dateIn(rules.calendar, now);
    if (release.kind === 'post') heard.push({ at: now, isUrgent: release.isUrgent, nudges: release.fresh });
    else silent.push(...release.fresh);
    record = written(record, release, listed(record, release, date), {
      date,
      conversation: 'c',
      activityId: 'm',
      at: now,
    });
  };
  const passUntil = (until: string) => {
    for (let at = nextLook(record, now); at !== undefined && at <= until; at = nextLook(record, now)) {
      now = at;
      look();
    }
    now = until;
  };
  for (const [n, { after, id, lasts }] of wishes.entries()) {
    passUntil(plusMinutes(now, after));
    const deadline = lasts === undefined ? {} : { deadline: plusMinutes(now, lasts) };
    const nudge = aNudge({ id: `r${id}`, slot: `slot ${n}`, ...deadline });
    asked.push(nudge);
    const way = wayOf(record, nudge, rules, now);
    const date = dateIn(rules.calendar, now);
    if (way.kind === 'hold')
      record = held(record, { ...nudge, until: way.until, ...(way.isHeldBack ? { isHeldBack: true } : {}) }, date);
    if (way.kind !== 'send') continue;
    heard.push({ at: now, isUrgent: way.isUrgent, nudges: [nudge] });
    const claimed = said(record, [nudge], { at: now, date, isSure: false });
    record = confirmed(claimed, [nudge], { date, conversation: 'c', activityId: `m${n}`, at: now });
  }
  passUntil(plusMinutes(now, 30 * 1_440));
  return { heard, silent, missed, asked, record };
}

test('in every zone, around every change of clocks: each is said once and in time, in working hours and within the number of the day unless it is urgent', () => {
  fc.assert(
    fc.property(anyRules, anyStart, fc.array(anyWish, { maxLength: 25 }), (rules, start, wishes) => {
      const { heard, silent, missed, asked, record } = played(rules, start, wishes);
      const told = [...heard.flatMap(({ nudges }) => nudges), ...silent].map(({ slot }) => slot);
      expect(missed).toEqual([]);
      expect(record.waiting).toEqual([]);
      expect([...told].sort()).toEqual(asked.map(({ slot }) => slot).sort());
      const calm = heard.filter(({ isUrgent }) => !isUrgent);
      for (const { at } of calm) expect(openSlot(rules.calendar, rules.quiet, at)).toBeDefined();
      const days = Map.groupBy(calm, ({ at }) => dateIn(rules.calendar, at));
      for (const [, messages] of days) expect(messages.length).toBeLessThanOrEqual(rules.capPerDay);
      for (const { at, isUrgent, nudges } of heard) {
        if (isUrgent) expect(nudges.every(({ deadline }) => deadline !== undefined && deadline > at)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
}, 60_000);
