import { describe, expect, test } from 'vitest';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import type { FindingGroup, ScanHead } from '../../services/domain/scan-head.ts';
import type { ImportChange, ImportedScan, ScopeKey, ScopeStore } from '../../services/ports/scope-store.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { createDueIndex } from '../../services/tables/due-index.ts';
import { decodeEvidence } from '../../services/tables/evidence-row.ts';
import { createScopeStore } from '../../services/tables/scope-store.ts';
import { COMMIT, ORG } from '../builders.ts';
import { aScanHead } from '../scans.ts';
import { type FaultyTable, freshTables } from './fresh-tables.ts';

const contender = (requestId: string) => ({ requestId, line: 'a line', runId: 4711, attempt: 1 });
const AT = '2026-11-23T09:30:00.000Z';
const LATER = '2026-11-23T09:40:00.000Z';
const SCOPE: ScopeKey = { org: ORG, service: 'payments-api', environment: '-' };
const PARTITION = `${ORG}~s~payments-api~-`;

interface Scene {
  readonly table: FaultyTable;
  readonly scopes: ScopeStore;
  /** Of another process. */
  readonly others: ScopeStore;
  readonly due: ReturnType<typeof createDueIndex>;
  readonly clock: { at: string };
}

async function setScene(newTable: () => Promise<FaultyTable>): Promise<Scene> {
  const table = await newTable();
  const clock = { at: AT };
  const due = createDueIndex({ table, clock: { now: () => clock.at } });
  const random = { bytes: (count: number) => globalThis.crypto.getRandomValues(new Uint8Array(count)) };
  const [scopes, others] = [createScopeStore({ table, due, random }), createScopeStore({ table, due, random })];
  return { table, due, scopes, others, clock };
}

const aReport = (reportId: string, heads: readonly Partial<ScanHead>[] = [{}], at = AT): ImportChange => ({
  scope: SCOPE,
  op: `import ${reportId} ${at}`,
  heads: heads.map((head) => aScanHead({ reportId, scanId: reportId, branch: 'refs/heads/main', ...head })),
  evidence: () => ({ kind: 'report-imported', actor: { kind: 'pipeline', name: 'payments-api' }, data: { reportId } }),
  ladders: [],
  reportId,
  at,
});

const fingerprint = (n: number) => n.toString(16).padStart(32, '0');
const MAIN = 'refs/heads/main';
/** A scan that only the next one of its branch is compared with. */
const found = (...numbers: readonly number[]): ImportedScan[] => [
  { tool: 'gitleaks', fingerprints: numbers.map(fingerprint), moves: { kind: 'branch', branch: MAIN } },
];

/** Each with as many fingerprints as make about 70,000 characters. */
const groups = (count: number): FindingGroup[] =>
  Array.from({ length: count }, (_, n) => ({
    rule: `rule-${n}`,
    severity: 'low',
    suppressed: false,
    pathGlobs: [],
    count: 2_000,
    fingerprints: Array.from({ length: 2_000 }, (_one, i) => fingerprint(n * 2_000 + i)),
    samples: [],
  }));

const reportsIn = async (scopes: ScopeStore) =>
  (await scopes.view(SCOPE, [COMMIT])).heads.map(({ reportId }) => reportId);

async function evidenceOf(table: FaultyTable, reportId: string) {
  const rows = await table.list('scope', PARTITION);
  return rows.filter(({ row }) => row.startsWith(`e~${reportId}~`)).map(decodeEvidence);
}

describe.each(freshTables())('%s', (_, newTable) => {
  test('a report is read back whole, and only for its commit', async () => {
    const { scopes } = await setScene(newTable);
    const other = { commit: 'f'.repeat(40) };
    const report = aReport('one', [{ groups: groups(2) }, { category: 'sast', tool: 'Some Tool/2' }]);
    expect(await scopes.importReport(report, found(1, 2))).toMatchObject({ kind: 'imported' });
    await scopes.importReport(aReport('two', [other]), found());
    const byCategory = (a: ScanHead, b: ScanHead) => (a.category < b.category ? -1 : 1);
    const { heads, exceptions } = await scopes.view(SCOPE, [COMMIT]);
    expect([...heads].sort(byCategory)).toEqual([...report.heads].sort(byCategory));
    expect(exceptions).toEqual([]);
    expect((await scopes.view(SCOPE, [])).heads).toEqual([]);
    expect((await scopes.view(SCOPE, 'any')).heads).toHaveLength(3);
    const many = Array.from({ length: 8 }, (_one, n) => n.toString(16).repeat(40));
    expect((await scopes.view(SCOPE, [...many, other.commit])).heads.map(({ reportId }) => reportId)).toEqual(['two']);
  });

  test('the views of a service are what each of its environments is viewed as, and nothing of another service', async () => {
    const { scopes } = await setScene(newTable);
    const [prod, staging] = ['prod', 'Staging Ring'].map((environment) => ({ ...SCOPE, environment }));
    await scopes.importReport(aReport('all'), found(1));
    await scopes.importReport({ ...aReport('of-prod', [{ groups: groups(10) }]), scope: prod as ScopeKey }, found(2));
    await scopes.importReport({ ...aReport('of-staging'), scope: staging as ScopeKey }, found());
    await scopes.register(prod as ScopeKey, contender('waits'));
    for (const service of ['payments-api-2', 'payments'])
      await scopes.importReport({ ...aReport(service), scope: { ...SCOPE, service } }, found());
    const environments = ['-', 'prod', 'Staging Ring', 'test'];
    const views = await scopes.views({ org: ORG, service: SCOPE.service }, environments);

    expect([...views.keys()]).toEqual(environments);
    for (const environment of environments)
      expect(views.get(environment)).toEqual(await scopes.view({ ...SCOPE, environment }, 'any'));
    expect(views.get('prod')?.heads).toHaveLength(1);
    expect(views.get('prod')?.contenders).toHaveLength(1);
    expect(views.get('test')?.heads).toEqual([]);
  });

  test('a head larger than one row is read back whole', async () => {
    const { table, scopes } = await setScene(newTable);
    const report = aReport('large', [{ groups: groups(10) }]);
    await scopes.importReport(report, found(1));
    const rows = (await table.list('scope', PARTITION)).filter(({ row }) => row.startsWith('s~'));
    expect(rows.length).toBeGreaterThan(3);
    expect((await scopes.view(SCOPE, [COMMIT])).heads).toEqual(report.heads);
  });

  test('of a large head no group is judged any more once a smaller one took its place', async () => {
    const { scopes } = await setScene(newTable);
    await scopes.importReport(aReport('large', [{ groups: groups(10) }]), found(1));
    const small = aReport('small', [{ groups: groups(1) }], LATER);
    await scopes.importReport(small, found(1));
    expect((await scopes.view(SCOPE, [COMMIT])).heads).toEqual(small.heads);
    const none = aReport('none', [{ groups: [] }], LATER);
    await scopes.importReport(none, found());
    expect((await scopes.view(SCOPE, 'any')).heads).toEqual(none.heads);
  });

  test('half of a head is a fault, never the whole', async () => {
    const { table, scopes } = await setScene(newTable);
    await scopes.importReport(aReport('large', [{ groups: groups(10) }]), found(1));
    const part = (await table.list('scope', PARTITION)).find(({ row }) => /^s~.*~0000000001$/.test(row));
    await table.remove('scope', PARTITION, part?.row ?? 'none');
    await expect(scopes.view(SCOPE, [COMMIT])).rejects.toThrow('report large are incomplete');
  });

  test('a group of another report is a fault, never part of this one', async () => {
    const { table, scopes } = await setScene(newTable);
    await scopes.importReport(aReport('mine', [{ groups: groups(1) }]), found(1));
    const [part] = (await table.list('scope', PARTITION)).filter(({ row }) => /^s~.*~0000000000$/.test(row));
    if (part === undefined) throw new Error('no group');
    const values = { ...part.values, reportId: 'other' };
    await table.commit('scope', PARTITION, [{ kind: 'put', row: part.row, values }]);
    await expect(scopes.view(SCOPE, [COMMIT])).rejects.toThrow('report mine are incomplete');
  });

  test('the same report again is known and changes no row', async () => {
    const { table, scopes } = await setScene(newTable);
    await scopes.importReport(aReport('one'), found(1));
    const before = [await table.list('scope', PARTITION), await table.list('find', `${ORG}~f~payments-api~-`)];
    expect(await scopes.importReport(aReport('one', [{}], LATER), found(1))).toMatchObject({ kind: 'known' });
    expect([await table.list('scope', PARTITION), await table.list('find', `${ORG}~f~payments-api~-`)]).toEqual(before);
  });

  test('a report that attests nothing is known again by its evidence', async () => {
    const { table, scopes } = await setScene(newTable);
    expect(await scopes.importReport(aReport('empty', []), found())).toMatchObject({ kind: 'imported' });
    expect(await scopes.importReport(aReport('empty', [], LATER), found())).toMatchObject({ kind: 'known' });
    expect(await evidenceOf(table, 'empty')).toHaveLength(1);
  });

  test('a report, another of the same tool, and the first again: the first is judged, and evidence has all three', async () => {
    const { table, scopes } = await setScene(newTable);
    await scopes.importReport(aReport('a', [{ groups: groups(5) }]), found(1));
    await scopes.importReport(aReport('b', [{ groups: groups(1) }]), found(2));
    expect(await reportsIn(scopes)).toEqual(['b']);
    expect(await scopes.importReport(aReport('a', [{ groups: groups(5) }], LATER), found(1))).toMatchObject({
      kind: 'imported',
    });
    expect((await scopes.view(SCOPE, [COMMIT])).heads).toEqual(aReport('a', [{ groups: groups(5) }]).heads);
    expect([...((await scopes.lastScan(SCOPE, 'gitleaks', 'refs/heads/main')) ?? [])]).toEqual([fingerprint(1)]);
    const chain = await evidenceOf(table, 'a');
    expect(chain.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(firstBrokenEntry(chain)).toBeUndefined();
    expect(await evidenceOf(table, 'b')).toHaveLength(1);
  });

  test('a report of which another took one head is no longer known, and takes it back', async () => {
    const { scopes } = await setScene(newTable);
    const both = aReport('both', [{}, { category: 'sast', tool: 'semgrep' }]);
    await scopes.importReport(both, found(1));
    await scopes.importReport(aReport('other', [{ category: 'sast', tool: 'semgrep' }]), found(2));
    expect((await reportsIn(scopes)).sort()).toEqual(['both', 'other']);
    expect(await scopes.importReport(both, found(1))).toMatchObject({ kind: 'imported' });
    expect(await reportsIn(scopes)).toEqual(['both', 'both']);
  });

  test('the last scan is that of its tool, branch and scope, more fingerprints than one row holds included', async () => {
    const { scopes } = await setScene(newTable);
    const many = Array.from({ length: 41_000 }, (_one, n) => n);
    await scopes.importReport(aReport('one'), found(...many));
    const last = await scopes.lastScan(SCOPE, 'gitleaks', 'refs/heads/main');
    expect(last).toEqual(new Set(many.map(fingerprint)));
    expect(await scopes.lastScan(SCOPE, 'gitleaks', 'refs/heads/topic')).toBeUndefined();
    expect(await scopes.lastScan(SCOPE, 'trivy', 'refs/heads/main')).toBeUndefined();
    expect(await scopes.lastScan({ ...SCOPE, environment: 'prod' }, 'gitleaks', 'refs/heads/main')).toBeUndefined();
    await scopes.importReport(aReport('two', [{}], LATER), found());
    expect(await scopes.lastScan(SCOPE, 'gitleaks', 'refs/heads/main')).toEqual(new Set());
  });

  test('a wake-up comes with the heads, stays until it was carried out, and has a hint of its own', async () => {
    const { scopes, due } = await setScene(newTable);
    await scopes.importReport(aReport('one'), found(1));
    expect(await due.take(LATER)).toMatchObject([{ hint: { kind: 'scope', ...SCOPE } }]);
    const wakes = await scopes.pendingWakes(SCOPE);
    expect(wakes).toHaveLength(1);
    await scopes.wakeDone(SCOPE, wakes[0] as string);
    await scopes.wakeDone(SCOPE, wakes[0] as string);
    expect(await scopes.pendingWakes(SCOPE)).toEqual([]);
    await scopes.importReport(aReport('one', [{}], LATER), found(1));
    expect(await scopes.pendingWakes(SCOPE)).toEqual([]);
  });

  test('who registered waits, once, in that scope only, until taken out', async () => {
    const { scopes } = await setScene(newTable);
    for (const id of ['aaaa', 'bbbb', 'aaaa']) await scopes.register(SCOPE, contender(id));
    expect(await scopes.waiting(SCOPE)).toEqual(['aaaa', 'bbbb']);
    expect(await scopes.waiting({ ...SCOPE, environment: 'prod' })).toEqual([]);
    await scopes.unregister(SCOPE, 'aaaa');
    await scopes.unregister(SCOPE, 'aaaa');
    expect(await scopes.waiting(SCOPE)).toEqual(['bbbb']);
  });

  test('a judgement sees who else waits in its scope, and what was released there last, in the same call', async () => {
    const { scopes } = await setScene(newTable);
    await scopes.register(SCOPE, contender('aaaa'));
    await scopes.register(SCOPE, contender('bbbb'));
    const release = { ...contender('bbbb'), runName: '20261123.4', url: 'https://x.example', at: LATER, commits: [] };
    await scopes.unregister(SCOPE, 'bbbb', { released: { environment: '-', release } });
    await scopes.unregister(SCOPE, 'bbbb', { released: { environment: '-', release } });
    expect(await scopes.view(SCOPE, [COMMIT])).toMatchObject({ contenders: [contender('aaaa')], release });
    expect((await scopes.view({ ...SCOPE, environment: 'prod' }, [COMMIT])).release).toBeUndefined();
  });

  test('a report whose commit took long has a hint again: the one before it may be gone', async () => {
    const { table, scopes, due, clock } = await setScene(newTable);
    const commit = table.commit.bind(table);
    table.commit = async (...args) => {
      if (args[0] === 'scope') clock.at = LATER;
      return commit(...args);
    };
    await scopes.importReport(aReport('one'), found(1));
    const hints = await due.take('2026-11-23T09:42:00.000Z');
    expect(hints.map(({ place }) => place.row.slice(0, 15))).toContain('20261123T094100');
  });

  test('a commit that never arrived leaves nothing that a judgement reads', async () => {
    const { table, scopes } = await setScene(newTable);
    await scopes.importReport(aReport('before'), found(1));
    const judged = await scopes.view(SCOPE, [COMMIT]);
    const last = await scopes.lastScan(SCOPE, 'gitleaks', 'refs/heads/main');
    table.failNextCommit('scope', 'before');
    await expect(scopes.importReport(aReport('one'), found(2))).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(await scopes.view(SCOPE, [COMMIT])).toEqual(judged);
    expect(await scopes.lastScan(SCOPE, 'gitleaks', 'refs/heads/main')).toEqual(last);
  });

  test('a commit that a retry underneath met again counts as made', async () => {
    const { table, scopes } = await setScene(newTable);
    table.failNextCommit('scope', 'after-conflict');
    expect(await scopes.importReport(aReport('one'), found(1))).toMatchObject({ kind: 'imported' });
    expect(await evidenceOf(table, 'one')).toHaveLength(1);
    expect(await scopes.lastScan(SCOPE, 'gitleaks', 'refs/heads/main')).toEqual(new Set([fingerprint(1)]));
  });

  test('a lost answer is no answer; the report sent again is known, and its wake-up still waits and is hinted at', async () => {
    const { table, scopes, due } = await setScene(newTable);
    table.failNextCommit('scope', 'after');
    await expect(scopes.importReport(aReport('one'), found(1))).rejects.toBeInstanceOf(StoreUnavailableError);
    for (const item of await due.take(LATER)) await due.done(item);
    expect(await scopes.importReport(aReport('one', [{}], LATER), found(1))).toMatchObject({ kind: 'known' });
    expect(await scopes.pendingWakes(SCOPE)).toHaveLength(1);
    expect(await due.take('2026-11-23T09:42:00.000Z')).toMatchObject([{ hint: { kind: 'scope', ...SCOPE } }]);
  });

  test('the same report twice at once is stored once', async () => {
    const { table, scopes, others } = await setScene(newTable);
    table.beforeNextWrite('scope', () => others.importReport(aReport('one'), found(1)));
    expect(await scopes.importReport(aReport('one'), found(1))).toMatchObject({ kind: 'imported' });
    expect(await evidenceOf(table, 'one')).toHaveLength(1);
  });

  test('a report that was overtaken while it was stored asks to be sent again', async () => {
    const { table, scopes, others } = await setScene(newTable);
    table.beforeNextWrite('scope', async () => {
      await others.importReport(aReport('one'), found(1));
      await others.importReport(aReport('two'), found(2));
    });
    await expect(scopes.importReport(aReport('one'), found(1))).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(await reportsIn(scopes)).toEqual(['two']);
  });
});
