import { describe, expect, test } from 'vitest';
import type { Ladder } from '../../services/domain/past.ts';
import { NO_COMMIT, type ScanHead } from '../../services/domain/scan-head.ts';
import type { ImportChange, ScopeKey } from '../../services/ports/scope-store.ts';
import type { Table } from '../../services/ports/table.ts';
import { createDueIndex } from '../../services/tables/due-index.ts';
import { createScopeStore } from '../../services/tables/scope-store.ts';
import { COMMIT, ORG } from '../builders.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { aScanHead } from '../scans.ts';
import { freshTables } from './fresh-tables.ts';

const AT = '2026-11-23T09:30:00.000Z';
const SCOPE: ScopeKey = { org: ORG, service: 'payments-api', environment: '-' };

function scopesOn(table: Table) {
  const random = { bytes: (count: number) => new Uint8Array(count) };
  return createScopeStore({ table, due: createDueIndex({ table, clock: { now: () => AT } }), random });
}

const aReport = (reportId: string, heads: readonly Partial<ScanHead>[], ladders: readonly Ladder[] = []) => ({
  ...{ scope: SCOPE, op: `import ${reportId}`, ladders, reportId, at: AT },
  heads: heads.map((head) => aScanHead({ reportId, scanId: reportId, ...head })),
  evidence: () => ({ kind: 'report-imported', actor: { kind: 'pipeline', name: 'payments-api' }, data: {} }) as const,
});

/** Reports of 20 tools each that nobody has ever heard of. */
const flood = (count: number, over: Partial<ScanHead> = {}) =>
  Array.from({ length: count / 20 }, (_, n): ImportChange => {
    const tools = Array.from({ length: 20 }, (_one, m) => ({ tool: `${over.verified ?? ''}tool-${n}-${m}`, ...over }));
    return aReport(`flood-${n}-${over.verified}`, tools);
  });

const long = (length: number): Partial<ScanHead> => {
  const sample = { rule: 'r', severity: 'low', suppressed: false, pathGlobs: [], count: 1, samples: [] } as const;
  return { groups: Array.from({ length }, (_, n) => ({ ...sample, fingerprints: [`${n}${'f'.repeat(90_000)}`] })) };
};

const ladder = (tool: string): Ladder => ({
  tool,
  rungs: [{ firstSeen: 1, reached: {}, near: [], fingerprints: ['a'.repeat(32)] }],
});

describe.each(freshTables())('%s', (_, newTable) => {
  test('a commit takes 200 tools and categories; one more is refused whole, and those that are there are replaced as before', async () => {
    const table = await newTable();
    const scopes = scopesOn(table);
    const vex = {
      ...{ id: 'doc', version: 1, at: AT, receivedAt: AT, commit: COMMIT, verified: true },
      statements: [],
    };
    await scopes.importReport({ ...aReport('vex', []), vex: { ...vex, reportId: 'vex' } }, []);
    for (const report of flood(200)) expect(await scopes.importReport(report, [])).toMatchObject({ kind: 'imported' });
    const dump = async () => [
      await table.list('scope', `${ORG}~s~payments-api~-`),
      await table.list('find', `${ORG}~f~payments-api~-`),
    ];
    const before = await dump();
    const moves = { kind: 'branch', branch: 'refs/heads/main' } as const;

    for (const more of [{ tool: 'one-more' }, { tool: 'tool-0-0', category: 'sast' as const }]) {
      const report = aReport('more', [{ tool: 'tool-1-1' }, more]);
      const scans = [{ tool: 'one-more', fingerprints: ['f'.repeat(32)], moves }];
      expect(await scopes.importReport(report, scans)).toMatchObject({ kind: 'crowded' });
    }
    expect(await dump()).toEqual(before);
    expect(await scopes.importReport(aReport('newer', [{ tool: 'tool-0-0' }]), [])).toMatchObject({ kind: 'imported' });
    const other = aReport('other', [{ tool: 'one-more', commit: 'f'.repeat(40) }]);
    expect(await scopes.importReport(other, [])).toMatchObject({ kind: 'imported' });
  });

  test('what nobody vouched for keeps out nothing that Azure DevOps vouched for, and nothing that the bot finds out itself', async () => {
    const scopes = scopesOn(await newTable());
    for (const report of flood(200, { verified: false })) await scopes.importReport(report, []);
    const beyond = aReport('beyond', [{ tool: 'beyond', verified: false }]);
    expect(await scopes.importReport(beyond, [])).toMatchObject({ kind: 'crowded' });
    for (const report of flood(200, { verified: true }))
      expect(await scopes.importReport(report, [])).toMatchObject({ kind: 'imported' });

    const others = [
      aReport('own', [{ tool: 'countersign', category: 'platform' }]),
      aReport('posture', [{ tool: 'azure-policy', category: 'policy', commit: NO_COMMIT }]),
    ];
    for (const report of others) expect(await scopes.importReport(report, [])).toMatchObject({ kind: 'imported' });
    expect((await scopes.view(SCOPE, [COMMIT])).heads).toHaveLength(402);
  });

  test('reports that come at once do not take more room together than one after the other', async () => {
    const scopes = scopesOn(await newTable());
    const [last, ...first] = flood(200) as [ImportChange, ...ImportChange[]];
    for (const report of first) await scopes.importReport(report, []);
    const rivals = [last, ...flood(20, { category: 'sast' })];
    const kinds = await Promise.all(rivals.map(async (report) => (await scopes.importReport(report, [])).kind));
    expect(kinds.sort()).toEqual(['crowded', 'imported']);
    expect((await scopes.view(SCOPE, [COMMIT])).heads).toHaveLength(200);
  });

  test('of 200 tools open findings are kept whoever vouches for them, and as many again that Azure DevOps vouched for', async () => {
    const scopes = scopesOn(await newTable());
    const found = async (tool: string, commit: number, over: Partial<ScanHead> = {}, rungs?: Ladder['rungs']) => {
      const head = { tool, commit: commit.toString(16).padStart(40, '0'), verified: false, ...over };
      const past = rungs === undefined ? ladder(tool) : { tool, rungs };
      return (await scopes.importReport(aReport(`${tool} ${commit}`, [head], [past]), [])).kind;
    };
    const filled = async (from: number, verified: boolean) => {
      const tools = Array.from({ length: 20 }, (_one, n) => `tool-${from + n}`);
      const heads = tools.map((tool) => ({ tool, verified, commit: from.toString(16).padStart(40, 'a') }));
      return (await scopes.importReport(aReport(`from ${from}`, heads, tools.map(ladder)), [])).kind;
    };
    const twenties = Array.from({ length: 10 }, (_one, n) => n * 20);
    for (const from of twenties) expect(await filled(from, false)).toBe('imported');

    expect(await found('one-more', 1)).toBe('too-many-pasts');
    expect(await found('clean', 2, {}, [])).toBe('imported');
    expect(await found('tool-7', 3)).toBe('imported');
    expect(await found('one-more', 4, { verified: true })).toBe('imported');
    expect(await found('one-more', 5)).toBe('imported');

    for (const from of twenties.slice(1)) expect(await filled(200 + from, true)).toBe('imported');
    expect(await filled(500, true)).toBe('too-many-pasts');
    for (let n = 0; n < 19; n++) expect(await found(`last-${n}`, 6, { verified: true })).toBe('imported');
    expect(await found('beyond', 7, { verified: true })).toBe('too-many-pasts');
    expect(await found('azure-policy', 0, { verified: true, commit: NO_COMMIT })).toBe('imported');
  });
});

test('a commit takes ten of the largest reports, whatever their tools; a smaller one in place of one of them always', async () => {
  const scopes = scopesOn(createInMemoryTable());
  const kindOf = async (tool: string, size: number, over: Partial<ScanHead> = {}) =>
    (await scopes.importReport(aReport(`${tool} ${size}`, [{ tool, ...over, ...long(size) }]), [])).kind;
  for (let n = 0; n < 10; n++) expect(await kindOf(`tool-${n}`, 38)).toBe('imported');

  expect(await kindOf('one-more', 38)).toBe('crowded');
  expect(await kindOf('small', 1)).toBe('imported');
  expect(await kindOf('tool-0', 37)).toBe('imported');
  expect(await kindOf('unvouched', 38, { verified: false })).toBe('imported');
});
