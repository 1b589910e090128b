import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAuditLogs } from '../../services/audit-logs.ts';
import type { AuditLogSource } from '../../services/ports/audit-log.ts';
import type { Policy } from '../../services/ports/policy.ts';
import { SourceRefusedError, SourceUnavailableError } from '../../services/ports/signal-source.ts';
import { readLogEntry } from '../../services/signals/log-entry-reader.ts';
import { createActivityStore } from '../../services/tables/activity-store.ts';
import { createSourceNotes } from '../../services/tables/source-notes.ts';
import { TENANT } from '../builders.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';

const START = Date.parse('2026-11-24T09:00:00.000Z');
const ORGANIZATION = 'https://dev.azure.com/contoso';
const instant = (minutes: number) => new Date(START + minutes * 60_000).toISOString();
const policy = {
  current: async () => ({ catalog: { services: new Map(), broken: new Map() }, contract: {}, problems: [] }),
} as unknown as Policy;

/** When it happened, and how much later the log shows it: up to the hour that is read again. */
const anyEntry = fc.record({ minute: fc.integer({ min: -30, max: 90 }), late: fc.integer({ min: 0, max: 55 }) });
type Late = typeof anyEntry extends fc.Arbitrary<infer Value> ? Value : never;

/** What goes wrong in one round: with the n-th call of the log or of the store, or none. */
const anyRound = fc.record({
  minutes: fc.integer({ min: 1, max: 25 }),
  trouble: fc.constantFrom('none', 'cut', 'throttled', 'forgotten', 'dies-keeping', 'dies-noting'),
  after: fc.integer({ min: 0, max: 3 }),
  page: fc.integer({ min: 1, max: 4 }),
  repeats: fc.boolean(),
});
type Round = typeof anyRound extends fc.Arbitrary<infer Value> ? Value : never;

class Died extends Error {}

/** A log of which some is late, also while its pages are read, and everything that can go wrong. */
function aLog(entries: readonly Late[], isNewestFirst: boolean) {
  const table = createInMemoryTable();
  const state = { now: 0, calls: 0, epoch: 0, round: undefined as Round | undefined };
  const fails = (kind: Round['trouble']) => state.round?.trouble === kind && state.calls++ >= (state.round?.after ?? 0);
  const written = entries.map(({ minute, late }, n) => ({
    shownAt: minute + late,
    minute,
    entry: { id: `e${n}`, actionId: 'Token.PatCreateEvent', category: 'create', timestamp: instant(minute) },
  }));
  const source: AuditLogSource = {
    name: 'azure-devops-audit',
    targets: async () => ({ targets: [{ id: ORGANIZATION, name: 'contoso' }], unseen: new Map() }),
    page: async (_target, { from, until }, next) => {
      if (fails('cut')) throw new SourceUnavailableError('cut');
      if (fails('throttled')) throw new SourceUnavailableError('slower', { retryAfter: 600 });
      const [epoch, place = 0] = next?.split(' ').map(Number) ?? [state.epoch];
      if (epoch !== state.epoch) throw new SourceRefusedError('the token is not known');
      const { page = 4, repeats = false } = state.round ?? {};
      const shown = written.filter((one) => {
        const at = instant(one.minute);
        return one.shownAt <= state.now && at >= from && at <= until;
      });
      const ordered = isNewestFirst ? shown.toReversed() : shown;
      const start = place;
      const own = ordered.slice(start, start + page).map(({ entry }) => entry);
      const more = start + page < ordered.length ? { next: `${state.epoch} ${start + page}` } : {};
      return { entries: repeats ? [...own, ...own] : own, ...more };
    },
  };
  const activity = createActivityStore({ table, tenant: TENANT });
  const dying = {
    ...activity,
    add: async (...asked: Parameters<typeof activity.add>) => {
      await activity.add(...asked);
      if (fails('dies-keeping')) throw new Died();
    },
    putLogCursor: async (...asked: Parameters<typeof activity.putLogCursor>) => {
      if (fails('dies-noting')) throw new Died();
      return activity.putLogCursor(...asked);
    },
  };
  const raised: string[] = [];
  const process = () =>
    createAuditLogs({
      clock: { now: () => instant(state.now) },
      ...{ policy, tenant: TENANT, organizations: [] },
      baselines: { read: () => Promise.reject(new Error('no platform is known')) },
      scopes: {
        view: async () => {
          throw new Error('no entry asks for it');
        },
      },
      sources: [source],
      read: readLogEntry,
      activity: dying,
      notes: createSourceNotes({ table, tenant: TENANT }),
      passedBy: async () => undefined,
      raise: async ({ id }) => void raised.push(id),
      failed: () => undefined,
    });
  return {
    activity,
    play: async (rounds: readonly Round[]) => {
      for (const round of rounds) {
        state.now += round.minutes;
        // From then on no page goes on that was begun before.
        if (round.trouble === 'forgotten') state.epoch += 1;
        Object.assign(state, { round, calls: 0 });
        await process().run();
      }
    },
  };
}

const CALM = Array.from({ length: 14 }, (): Round => {
  return { minutes: 15, trouble: 'none', after: 0, page: 4, repeats: false };
});

test('whatever is cut, late, repeated, reordered, forgotten or killed: what is kept is what the log has, once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyEntry, { maxLength: 25 }),
      fc.array(anyRound, { maxLength: 12 }),
      fc.boolean(),
      async (entries, rounds, isNewestFirst) => {
        const log = aLog(entries, isNewestFirst);
        await log.play([...rounds, ...CALM]);
        const kept = await log.activity.since('2026-11-01T00:00:00.000Z');

        expect(kept.map(({ at }) => at)).toEqual(entries.map(({ minute }) => instant(minute)).sort());
      },
    ),
    { numRuns: 150 },
  );
});

test('where a page goes on is forgotten there: the window is begun anew as soon as the log may be asked again', async () => {
  const log = aLog(
    [0, 1, 2].map((minute) => ({ minute, late: 0 })),
    false,
  );
  const round: Round = { minutes: 5, trouble: 'cut', after: 1, page: 1, repeats: false };
  await log.play([round, { ...round, trouble: 'forgotten' }]);
  expect(await log.activity.since('2026-11-01T00:00:00.000Z')).toHaveLength(1);
  await log.play([{ ...round, minutes: 16, trouble: 'none' }]);

  expect(await log.activity.since('2026-11-01T00:00:00.000Z')).toHaveLength(3);
});
