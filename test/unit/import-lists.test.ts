import { expect, test } from 'vitest';
import { listExceptions } from '../../bot/console/list-exceptions.ts';
import { listImports } from '../../bot/console/list-imports.ts';
import { importListCard, importListText } from '../../cards/import-list-card.ts';
import type { ImportList } from '../../services/domain/imported-exception.ts';
import { importOperation, importStanding, planImport } from '../../services/domain/imported-exception.ts';
import { ANN, TENANT } from '../builders.ts';
import { anImport, listedImport } from '../cards/import-list-samples.ts';
import { buttonById, buttonsOf, textById } from '../cards/read.ts';
import { NOW } from './judge-input.ts';

const ME = { oid: ANN.oid };
const TERMS = { owner: 'group:platform', reasonClass: 'mitigated', reason: 'RDP, "office" only', reviewEvery: '7d' };
const AZURE = { source: 'azure-policy', name: 'open-ports', line: 14 } as const;
const listOf = (...rows: ImportList['rows']): ImportList => ({ at: NOW, rows });
const over = (list: ImportList) => ({ all: async () => list });

test('the card says of each its source, line, end there and what is missing, and opens the form for it', () => {
  const card = importListCard(listOf(listedImport(anImport()), listedImport(anImport(), { standing: 'ended' })), ME);

  expect(textById(card, 'title')).toBe('1 exception of other tools is unmanaged');
  expect(buttonById(card, 'request-1')?.data).toEqual({
    verb: 'exception.request',
    service: 'payments-api',
    environment: 'prod',
    imported: 'aaaabbbbccccdddd',
  });
  expect(
    importListText(listOf(listedImport(anImport())), ME)
      .split('\n')
      .slice(1),
  ).toEqual([
    'payments-api',
    'CVE-2024-21626 · prod',
    'Trivy, line 2 · lets pass there without an end',
    '! It does not say the owner, the kind of reason, the last day and how often it is reviewed.',
    'id aaaabbbbccccdddd',
    'Type "request exception import ID SERVICE ENV until DATE because …" to ask for one.',
  ]);
});

test('one that is narrower than its rule has no button, and nobody has any on the card of a channel', () => {
  const narrower = listedImport(anImport({ entry: { narrowedBy: ['pkg:npm/lodash'] } }));
  expect(buttonsOf(importListCard(listOf(narrower), ME))).toEqual([]);
  expect(buttonsOf(importListCard(listOf(listedImport(anImport())), { ...ME, isPublic: true }))).toEqual([]);
});

test('the command line lists them with what is left to say, and nothing of a file begins a line', async () => {
  const hostile = listedImport(anImport({ entry: { name: 'a\nunmanaged\tb' } }), { over: ['EX-7'] });
  const { lines } = await listImports(over(listOf(hostile)), {});
  expect(lines).toEqual([
    'unmanaged\taaaabbbbccccdddd\tpayments-api\tprod\ttrivy\tline 2\ta unmanaged b\t-\tit does not say the owner, the kind of reason, the last day and how often it is reviewed; EX-7 is over',
  ]);
});

test('the export has them behind the exceptions, marked, with their own columns', async () => {
  const lists = { all: async () => ({ filter: { which: 'open' as const }, at: NOW, rows: [], more: 0, unread: 0 }) };
  const row = listedImport(anImport({ entry: { ...AZURE, terms: { ...TERMS, until: '2026-12-31' } } }));
  const { lines } = await listExceptions(lists, { csv: true }, [row]);
  expect(lines[0]).toMatch(/^id,state,.*,source,line,name,rules,paths,narrowedBy,missing,importedBy,importedAt\r$/);
  expect(lines[1]).toMatch(
    /^aaaabbbbccccdddd,unmanaged,,payments-api,prod,.*"RDP, ""office"" only".*,azure-policy,14,open-ports,/,
  );
});

const as = {
  service: 'payments-api',
  environment: 'prod',
  by: { kind: 'person' as const, tenant: TENANT, oid: ANN.oid, name: ANN.name },
  at: NOW,
};
const { entry } = anImport();
const plan = (known: Parameters<typeof planImport>[0], entries: readonly (typeof entry)[], isWhole = true) =>
  planImport(known, { source: 'trivy', entries, isWhole }, as);

test('two entries about the same are two, and only moved within the file they stay what they are', () => {
  const { ids, changed } = plan([], [entry, entry]);
  expect(new Set(ids).size).toBe(2);
  const asked = changed.map((one) => ({ ...one, requested: ['EX-1'] as const }));
  const moved = plan(asked, [entry, { ...entry, line: 30 }]);
  expect(moved.ids).toEqual(ids);
  expect(moved.changed).toEqual([{ ...asked[1], entry: { ...entry, line: 30 } }]);
});

test('exemptions of one name are known by what they let pass, in whichever order they stand', () => {
  const exempt = (scope: string) => ({ ...entry, exempts: { assignment: '/a', references: [], scope } });
  const [one, other] = [exempt('/subscriptions/1'), exempt('/subscriptions/2')];
  expect(plan([], [other, one]).ids).toEqual(plan([], [one, other]).ids.toReversed());
});

test('what an entry says otherwise makes it a new question', () => {
  const [before] = plan([], [entry]).changed;
  if (before === undefined) throw new Error('nothing was planned');
  const other = { ...entry, terms: { reason: 'another' } };
  const [after] = plan([{ ...before, requested: ['EX-1'] }], [other]).changed;
  expect(after).toEqual({ ...before, entry: other });
  const asked = importOperation(before, 'sast');
  expect(after && importOperation(after, 'sast')).not.toBe(asked);
  expect(
    importOperation({ ...before, entry: { ...entry, line: 30 }, by: { ...before.by, oid: 'other' } }, 'sast'),
  ).toBe(asked);
});

test('an entry is what it is by the clock: managed, ended there, or gone', () => {
  const one = anImport({ entry: { terms: { until: '2026-11-30' } } });
  expect(importStanding(one, '2026-11-30')).toBe('unmanaged');
  expect(importStanding(one, '2026-12-01')).toBe('ended');
  expect(importStanding({ ...one, requested: ['EX-1'] }, '2026-12-01')).toBe('requested');
  expect(importStanding({ ...one, goneAt: NOW }, '2026-11-30')).toBe('gone');
});
