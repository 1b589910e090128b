import { describe, expect, test } from 'vitest';
import type { ScopedVex } from '../../services/domain/vex.ts';
import type { ImportChange, ScopeKey } from '../../services/ports/scope-store.ts';
import { createDueIndex } from '../../services/tables/due-index.ts';
import { createScopeStore } from '../../services/tables/scope-store.ts';
import { COMMIT, ORG } from '../builders.ts';
import { type FaultyTable, freshTables } from './fresh-tables.ts';

const AT = '2026-11-23T09:30:00.000Z';
const LATER = '2026-11-23T09:40:00.000Z';
const SCOPE: ScopeKey = { org: ORG, service: 'payments-api', environment: '-' };

function scopesOn(table: FaultyTable) {
  const random = { bytes: (count: number) => new Uint8Array(count) };
  return createScopeStore({ table, due: createDueIndex({ table, clock: { now: () => AT } }), random });
}

const statements = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    keys: `key-${n}`,
    status: 'affected' as const,
    at: AT,
    why: 'x'.repeat(150),
  }));

const aVex = (reportId: string, over: Partial<ScopedVex> = {}): ScopedVex => ({
  ...{ id: 'doc', version: 1, at: AT, commit: COMMIT, verified: true, receivedAt: AT, reportId },
  statements: statements(1),
  ...over,
});

const ofVex = (vex: ScopedVex): ImportChange => ({
  ...{ scope: SCOPE, op: `import ${vex.reportId}`, heads: [], ladders: [], reportId: vex.reportId, at: AT },
  evidence: () => ({ kind: 'report-imported', actor: { kind: 'pipeline', name: 'payments-api' }, data: {} }),
  vex,
});

describe.each(freshTables())('%s', (_, newTable) => {
  test('what a document says of vulnerabilities is read with the scans of its commit, and is no scan', async () => {
    const scopes = scopesOn(await newTable());
    const vex = aVex('vex-1', { statements: statements(2_000) });
    expect(await scopes.importReport(ofVex(vex), [])).toMatchObject({ kind: 'imported' });
    expect(await scopes.importReport(ofVex(vex), [])).toMatchObject({ kind: 'known' });

    expect(await scopes.view(SCOPE, [COMMIT])).toMatchObject({ heads: [], vex: [vex] });
    expect((await scopes.view(SCOPE, ['f'.repeat(40)])).vex).toEqual([]);
    expect((await scopes.view(SCOPE, 'any')).vex).toEqual([vex]);
    const many = Array.from({ length: 8 }, (_one, n) => n.toString(16).repeat(40));
    expect((await scopes.view(SCOPE, many)).vex).toEqual([]);
    const views = await scopes.views({ org: ORG, service: 'payments-api' }, ['-']);
    expect(views.get('-')?.vex).toEqual([vex]);
    expect(await scopes.pendingWakes(SCOPE)).toHaveLength(1);
  });

  test('a newer version of a document takes the place of the older one, in whichever order they come', async () => {
    const [old, recent] = [aVex('vex-1', { statements: statements(2_000) }), aVex('vex-2', { at: LATER })];
    for (const order of [
      [old, recent],
      [recent, old],
    ]) {
      const table = await newTable();
      const scopes = scopesOn(table);
      for (const one of order) await scopes.importReport(ofVex(one), []);
      expect((await scopes.view(SCOPE, [COMMIT])).vex).toEqual([recent]);
      const rows = await table.list('scope', `${ORG}~s~payments-api~-`);
      expect(rows.filter(({ row }) => row.startsWith(`s~${COMMIT}~vex~`))).toHaveLength(2);
    }
  });

  test('another document, and what nobody vouched for, takes the place of none', async () => {
    const scopes = scopesOn(await newTable());
    const all = [aVex('vex-1'), aVex('vex-2', { id: 'other' }), aVex('vex-3', { verified: false, at: LATER })];
    for (const one of all) await scopes.importReport(ofVex(one), []);
    expect((await scopes.view(SCOPE, [COMMIT])).vex).toEqual(all);
  });

  test('a commit takes so many documents and statements, each vouched for and not; one more is refused, whole', async () => {
    const table = await newTable();
    const scopes = scopesOn(table);
    const short = (count: number) => statements(count).map((one) => ({ ...one, why: '' }));
    for (let n = 0; n < 100; n++) await scopes.importReport(ofVex(aVex(`vex-${n}`, { id: `doc-${n}` })), []);
    const rows = await table.list('scope', `${ORG}~s~payments-api~-`);

    const beyond = [aVex('more', { id: 'more' }), aVex('large', { id: 'doc-1', at: LATER, statements: short(19_902) })];
    for (const one of beyond) expect(await scopes.importReport(ofVex(one), [])).toMatchObject({ kind: 'full' });
    expect(await table.list('scope', `${ORG}~s~payments-api~-`)).toEqual(rows);

    const fitting = [
      aVex('newer', { id: 'doc-1', at: LATER, statements: short(19_901) }),
      aVex('unverified', { id: 'more', verified: false, statements: short(20_000) }),
    ];
    for (const one of fitting) expect(await scopes.importReport(ofVex(one), [])).toMatchObject({ kind: 'imported' });
    expect(await scopes.importReport(ofVex(aVex('again', { id: 'more' })), [])).toMatchObject({ kind: 'full' });
  });

  test('however often a large document comes in a newer version, no row of those before is left', async () => {
    const table = await newTable();
    const scopes = scopesOn(table);
    const partsOf = async () =>
      (await table.list('scope', `${ORG}~s~payments-api~-`)).filter(({ row }) => row.startsWith(`s~${COMMIT}~vex~`));
    const large = statements(12_000).map((one) => ({ ...one, why: 'x'.repeat(120) }));
    const counts: number[] = [];
    for (let version = 1; version <= 4; version++) {
      await scopes.importReport(ofVex(aVex(`vex-${version}`, { version, statements: large })), []);
      counts.push((await partsOf()).length);
    }
    expect(counts[0]).toBeGreaterThan(8);
    expect(counts).toEqual(counts.map(() => counts[0]));
  });
});
