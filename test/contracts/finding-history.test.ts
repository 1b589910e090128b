import { describe, expect, test } from 'vitest';
import { minuteOf, next } from '../../services/domain/finding-history.ts';
import { ladderOf, type Past, pastsOf } from '../../services/domain/past.ts';
import { atOnce } from '../../services/domain/steps.ts';
import type { ImportChange, ImportedScan, ScopeKey, ScopeStore } from '../../services/ports/scope-store.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { createDueIndex } from '../../services/tables/due-index.ts';
import { createScopeStore } from '../../services/tables/scope-store.ts';
import { aRelease, COMMIT, ORG } from '../builders.ts';
import { aScanHead } from '../scans.ts';
import { aContract, aControl, aGroup, aRule, fingerprint } from '../unit/judge-input.ts';
import { type FaultyTable, freshTables } from './fresh-tables.ts';

const MAIN = 'refs/heads/main';
const SCOPE: ScopeKey = { org: ORG, service: 'payments-api', environment: '-' };
const FIND = `${ORG}~f~payments-api~-`;
const TOOL = 'gitleaks';

interface Scene {
  readonly table: FaultyTable;
  readonly scopes: ScopeStore;
  /** Of another process. */
  readonly others: ScopeStore;
}

async function setScene(newTable: () => Promise<FaultyTable>): Promise<Scene> {
  const table = await newTable();
  const due = createDueIndex({ table, clock: { now: () => day(1) } });
  const random = { bytes: (count: number) => globalThis.crypto.getRandomValues(new Uint8Array(count)) };
  const [scopes, others] = [createScopeStore({ table, due, random }), createScopeStore({ table, due, random })];
  return { table, scopes, others };
}

const day = (n: number) => `2026-11-${String(n).padStart(2, '0')}T09:30:00.000Z`;

const aReport = (reportId: string, at: string, over: Partial<ImportChange> = {}): ImportChange => ({
  scope: SCOPE,
  op: `import ${reportId} ${at}`,
  heads: [aScanHead({ reportId, scanId: reportId, branch: MAIN, receivedAt: at, scannedAt: at })],
  ladders: [],
  evidence: () => ({ kind: 'report-imported', actor: { kind: 'pipeline', name: 'payments-api' }, data: { reportId } }),
  reportId,
  at,
  ...over,
});

const prints = (numbers: readonly number[]) => numbers.map(fingerprint);
const historyOf = (scopes: ScopeStore, numbers: readonly number[] = [], at = day(1)) =>
  scopes.history(SCOPE, TOOL, MAIN, { at, fingerprints: prints(numbers) });

async function scanOf(
  scopes: ScopeStore,
  reportId: string,
  at: string,
  numbers: readonly number[],
): Promise<ImportedScan> {
  const fingerprints = prints(numbers);
  const stored = await historyOf(scopes, numbers, at);
  const step = atOnce(next(stored.history, { id: `${reportId}.${minuteOf(at)}`, at, fingerprints }));
  return { tool: TOOL, fingerprints, moves: { kind: 'history', branch: MAIN, stored, step } };
}

async function imported(scopes: ScopeStore, reportId: string, n: number, numbers: readonly number[]): Promise<void> {
  await scopes.importReport(aReport(reportId, day(n)), [await scanOf(scopes, reportId, day(n), numbers)]);
}

describe.each(freshTables())('%s', (_, newTable) => {
  test('a finding that is gone and comes back has its first day, its count and its gap', async () => {
    const { scopes } = await setScene(newTable);
    for (const [n, numbers] of [[1], [], [1]].entries()) await imported(scopes, `r${n}`, n + 1, numbers);
    const { history, verified } = await historyOf(scopes, [1]);
    expect(history).toMatchObject({ seq: 3, scanned: [1, 2, 3].map((n) => minuteOf(day(n))), gone: new Map() });
    expect(verified).toBe(true);
    expect([...history.present]).toEqual([
      [fingerprint(1), { firstSeen: minuteOf(day(1)), total: 2, goneAt: 2, backAt: 3 }],
    ]);
    const { events, known } = await scopes.finding(SCOPE, fingerprint(1));
    expect(events.map(({ kind, at, commit }) => [kind, at, commit])).toEqual([
      ['first-seen', day(1), COMMIT],
      ['gone', day(2), COMMIT],
      ['reopened', day(3), COMMIT],
    ]);
    expect(known).toMatchObject({ tool: TOOL, track: { total: 2 } });
  });

  test('more findings than one row holds, and as many that are gone, are read back whole', async () => {
    const { scopes } = await setScene(newTable);
    const many = Array.from({ length: 13_000 }, (_one, n) => n + 1);
    await imported(scopes, 'one', 1, many);
    expect((await historyOf(scopes, many)).history.present.size).toBe(13_000);
    await imported(scopes, 'none', 2, []);
    const { history } = await historyOf(scopes, many);
    expect([history.present.size, history.gone.size]).toEqual([0, 13_000]);
    expect(history.gone.get(fingerprint(13_000))).toMatchObject({ total: 1, goneAt: 2 });
  });

  test('of what is gone, a row that a longer list has left behind is nothing', async () => {
    const { scopes } = await setScene(newTable);
    const many = Array.from({ length: 13_000 }, (_one, n) => n + 1);
    await imported(scopes, 'one', 1, many);
    await imported(scopes, 'none', 2, []);
    await imported(scopes, 'most', 3, many.slice(0, 12_990));
    const { history } = await historyOf(scopes, many);
    expect([...history.gone.keys()]).toEqual(prints(many.slice(12_990)));
  });

  test('an import writes 2,000 events at most, and how many more there were', async () => {
    const { table, scopes } = await setScene(newTable);
    const many = Array.from({ length: 2_150 }, (_one, n) => n + 1);
    await imported(scopes, 'one', 1, many);
    const rows = (await table.list('find', FIND)).filter(({ row }) => row.startsWith('x~'));
    expect(rows).toHaveLength(2_001);
    expect(rows.find(({ row }) => row.startsWith('x~-~'))?.values).toMatchObject({ more: 150, tool: TOOL });
  });

  test('what has happened since an instant is one list, with the rule of what is gone by now and the newest commit', async () => {
    const { scopes } = await setScene(newTable);
    const groups = [aGroup({ rule: 'aws-key', fingerprints: prints([1, 2]) })];
    const heads = [aScanHead({ reportId: 'one', branch: MAIN, receivedAt: day(1), scannedAt: day(1), groups })];
    await scopes.importReport(aReport('one', day(1), { heads }), [await scanOf(scopes, 'one', day(1), [1, 2])]);
    await imported(scopes, 'two', 3, [2]);
    const other = { ...SCOPE, environment: 'prod' };

    const { newest, events, unkept } = await scopes.eventsSince(SCOPE, day(2));
    expect(newest).toEqual([{ tool: TOOL, commit: COMMIT }]);
    expect([...events.keys()]).toEqual([fingerprint(1)]);
    expect(events.get(fingerprint(1))?.map(({ kind, at, rule, category }) => [kind, at, rule, category])).toEqual([
      ['first-seen', day(1), 'aws-key', 'secret'],
      ['gone', day(3), undefined, undefined],
    ]);
    expect(unkept).toBe(0);
    expect((await scopes.eventsSince(SCOPE, day(4))).events.size).toBe(0);
    expect(await scopes.eventsSince(other, day(1))).toEqual({ newest: [], events: new Map(), unkept: 0 });
  });

  test('events that an import did not keep are told, those before the instant are not', async () => {
    const { scopes } = await setScene(newTable);
    const many = Array.from({ length: 2_150 }, (_one, n) => n + 1);
    await imported(scopes, 'one', 2, many);
    expect(await scopes.eventsSince(SCOPE, day(2))).toMatchObject({ unkept: 150 });
    expect((await scopes.eventsSince(SCOPE, day(2))).events.size).toBe(2_000);
    expect(await scopes.eventsSince(SCOPE, day(3))).toMatchObject({ unkept: 0, events: new Map() });
  });

  test('what was imported before there were histories is known, from now on', async () => {
    const { scopes } = await setScene(newTable);
    const before: ImportedScan = { tool: TOOL, fingerprints: prints([1, 2]), moves: { kind: 'branch', branch: MAIN } };
    await scopes.importReport(aReport('old', day(1)), [before]);
    await imported(scopes, 'new', 2, [2, 3]);
    const { history } = await historyOf(scopes, [2, 3, 1]);
    expect([...history.present.keys(), ...history.gone.keys()]).toEqual(prints([2, 3, 1]));
    expect(history.present.get(fingerprint(2))).toEqual({
      firstSeen: minuteOf(day(2)),
      total: 2,
      goneAt: 0,
      backAt: 0,
    });
    expect(history.present.get(fingerprint(3))).toMatchObject({ total: 1 });
  });

  test('two scans at once are both counted', async () => {
    const { table, scopes, others } = await setScene(newTable);
    await imported(scopes, 'one', 1, [1]);
    const slow = await scanOf(scopes, 'slow', day(2), [1, 2]);
    table.beforeNextWrite('scope', () => imported(others, 'fast', 2, [1, 3]));
    await scopes.importReport(aReport('slow', day(2)), [slow]);
    const { history } = await historyOf(scopes, [1, 2]);
    expect(history.seq).toBe(3);
    expect(history.present.get(fingerprint(1))).toMatchObject({ total: 3 });
    expect([...history.present.keys()]).toEqual(prints([1, 2]));
    expect((await historyOf(scopes, [3])).history.gone.get(fingerprint(3))).toMatchObject({ total: 1, goneAt: 3 });
  });

  test('a history that was not moved after its report was stored is moved when the report is sent again, once', async () => {
    const { table, scopes } = await setScene(newTable);
    await imported(scopes, 'one', 1, [1]);
    const report = aReport('two', day(2));
    table.failNextCommit('scope', 'after');
    await expect(scopes.importReport(report, [await scanOf(scopes, 'two', day(2), [1])])).rejects.toBeInstanceOf(
      StoreUnavailableError,
    );
    expect((await historyOf(scopes, [1])).history.seq).toBe(1);
    for (const at of [day(2), '2026-11-02T10:30:00.000Z', '2026-11-02T11:30:00.000Z']) {
      const again = await scopes.importReport({ ...report, at }, [await scanOf(scopes, 'two', at, [1])]);
      expect(again.kind).toBe('known');
      expect((await historyOf(scopes, [1])).history).toMatchObject({ seq: 2 });
    }
  });

  test('half of a history is a fault, never the whole', async () => {
    const { table, scopes } = await setScene(newTable);
    await imported(
      scopes,
      'one',
      1,
      Array.from({ length: 12_001 }, (_one, n) => n + 1),
    );
    const part = (await table.list('find', FIND)).find(({ row }) => /^m~.*~0000000001$/.test(row));
    await table.remove('find', FIND, part?.row ?? 'none');
    await expect(historyOf(scopes, [1])).rejects.toThrow('the history of gitleaks in payments-api is incomplete');
  });
});

// biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
const WARNS = aRule({ then: 'warn', escalate: [{ after: { ageDays: 30 }, to: 'owner-lead' }] });
const CONTRACT = aContract(aControl({ decisions: [WARNS] }));

/** A report with the pasts of these findings beside its heads. */
async function withPasts(scopes: ScopeStore, reportId: string, n: number, numbers: readonly number[]) {
  const scan = await scanOf(scopes, reportId, day(n), numbers);
  const history = scan.moves.kind === 'history' ? scan.moves.step.history : undefined;
  const pasts = history === undefined ? new Map<string, Past>() : pastsOf(history, []);
  const groups = [aGroup({ fingerprints: prints(numbers), samples: [] })];
  const heads = [
    aScanHead({ reportId, scanId: reportId, branch: MAIN, receivedAt: day(n), scannedAt: day(n), groups }),
  ];
  const ladders = [atOnce(ladderOf(TOOL, heads, pasts, CONTRACT, day(n)))];
  await scopes.importReport(aReport(reportId, day(n), { heads, ladders }), [scan]);
}

describe.each(freshTables())('pasts in a scope, %s', (_, newTable) => {
  test('are read with it, of more findings than one row holds, and replaced by the next report of the tool', async () => {
    const { scopes } = await setScene(newTable);
    const many = Array.from({ length: 10_500 }, (_one, n) => n + 1);
    await withPasts(scopes, 'one', 1, many);
    const { pasts } = await scopes.view(SCOPE, [COMMIT]);
    expect(pasts.size).toBe(many.length);
    expect(pasts.get(fingerprint(10_500))).toEqual({ firstSeen: minuteOf(day(1)), reached: {}, near: [] });
    await withPasts(scopes, 'two', 2, [7, 20_000]);
    expect([...(await scopes.view(SCOPE, [])).pasts]).toEqual([
      [fingerprint(7), { firstSeen: minuteOf(day(1)), reached: {}, near: [] }],
      [fingerprint(20_000), { firstSeen: minuteOf(day(2)), reached: {}, near: [] }],
    ]);
  });

  test('are a fault when half of them is missing: less of a past must never permit more', async () => {
    const { table, scopes } = await setScene(newTable);
    await withPasts(
      scopes,
      'one',
      1,
      Array.from({ length: 10_500 }, (_one, n) => n + 1),
    );
    await table.remove('scope', `${ORG}~s~payments-api~-`, 'l~gitleaks~0000000001');
    await expect(scopes.view(SCOPE, [])).rejects.toThrow('the pasts of report one are incomplete');
  });

  test('have one hint for the next age, which later reports do not write again', async () => {
    const { table, scopes } = await setScene(newTable);
    await withPasts(scopes, 'one', 1, [1]);
    // Read where it lies: to take it, every bucket since would be read.
    const hints = async () => {
      const shards = [0, 1, 2, 3].map((shard) => table.list('due', `20261201T093000~${shard}`));
      return (await Promise.all(shards)).flat();
    };
    const [hint, ...others] = await hints();
    expect(others).toEqual([]);
    expect(JSON.parse(String(hint?.values['hint']))).toEqual({ kind: 'scope', ...SCOPE, step: true });
    for (const shard of [0, 1, 2, 3]) await table.remove('due', `20261201T093000~${shard}`, hint?.row ?? 'none');
    await withPasts(scopes, 'two', 2, [1, 2]);
    expect(await hints()).toEqual([]);
    expect(
      (await table.list('scope', `${ORG}~s~payments-api~-`)).filter(({ row }) => row.startsWith('l~')),
    ).toHaveLength(1);
  });
});

describe.each(freshTables())('releases, %s', (_, newTable) => {
  test('of an environment are known to reports for it and for all environments, the newest of each', async () => {
    const { scopes } = await setScene(newTable);
    const prod = { ...SCOPE, environment: 'prod' };
    const [older, release] = [aRelease({ requestId: 'older' }), aRelease()];
    for (const one of [older, release])
      for (const scope of [SCOPE, prod])
        await scopes.unregister(scope, 'aaaa', { released: { environment: 'prod', release: one } });
    await scopes.unregister(SCOPE, 'bbbb', { released: { environment: 'staging', release } });
    const known = async (scope: ScopeKey) =>
      (await scopes.importReport(aReport('one', day(1), { scope }), [])).releases;
    expect(await known(SCOPE)).toEqual([
      { environment: 'prod', release },
      { environment: 'staging', release },
    ]);
    expect(await known(prod)).toEqual([{ environment: 'prod', release }]);
    expect((await scopes.view(SCOPE, [])).release).toBeUndefined();
    expect((await scopes.view(prod, [])).release).toEqual(release);
  });

  test('a deployment of five commits reads its scope', async () => {
    const { scopes } = await setScene(newTable);
    const commits = Array.from({ length: 6 }, (_one, n) => String(n).repeat(40));
    for (const count of [3, 4, 5, 6]) expect((await scopes.view(SCOPE, commits.slice(0, count))).heads).toEqual([]);
  });
});
