import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayEnd, dayStart, zonedTime } from '../../services/domain/calendar.ts';
import type { EvidenceDraft, EvidenceEntry } from '../../services/domain/evidence.ts';
import { requesterTexts } from '../../services/domain/exclusion.ts';
import { plusDays } from '../../services/domain/instant.ts';
import { recordedChain } from '../../services/domain/recorded-chain.ts';
import { createRecordedChains } from '../../services/domain/recorded-chains.ts';
import { separationOf } from '../../services/domain/separation.ts';
import { createExportedDecisions, type ExportFile } from '../../services/exported-decisions.ts';
import { ANN, aRunSources, BOB, DAN, ORG, TENANT } from '../builders.ts';
import { chainOf, evidenceFile, fileOf, received } from '../evidence-file.ts';

// What is read of evidence: from whole chains alone, and from files that are whole exports.

const RECEIVED = received();
const said = (kind: string, data: EvidenceDraft['data']): EvidenceDraft => ({
  kind,
  actor: { kind: 'countersign' },
  data,
});

const SEALED = said('verdict-sealed', { result: 'succeeded', reason: 'passed' });

test('a request is read from its first entry on', () => {
  expect(recordedChain(chainOf([RECEIVED, SEALED]))).toMatchObject({
    kind: 'decision',
    decision: { id: 'request', org: ORG, run: { id: 4711 }, state: 'passed', attempt: 1, door: { kind: 'check' } },
  });
});

test.each<readonly [string, (entries: EvidenceEntry[]) => EvidenceEntry[], number, string]>([
  ['whose first entry is gone', (entries) => entries.slice(1), 2, 'broken'],
  ['whose middle is gone', (entries) => entries.filter(({ seq }) => seq !== 2), 3, 'broken'],
  [
    'with an entry that was changed',
    (entries) => entries.map((one) => ({ ...one, entry: one.entry.replace('passed', 'approved') })),
    2,
    'broken',
  ],
  [
    'with an entry that is no JSON',
    (entries) => entries.map((one, n) => (n === 1 ? { ...one, entry: '{' } : one)),
    2,
    'broken',
  ],
])('a chain %s proves nothing', (_what, change, seq, why) => {
  const chain = chainOf([RECEIVED, said('judged', { state: 'passed' }), SEALED]);

  expect(recordedChain(change(chain))).toEqual({ kind: 'unreadable', aggregate: `${ORG} request`, seq, why });
});

test.each<readonly [string, readonly EvidenceDraft[]]>([
  ['a state that there is not', [RECEIVED, said('judged', { state: 'open' })]],
  ['a verdict that there is not', [RECEIVED, said('verdict-sealed', { result: 'succeeded', reason: 'because' })]],
  ['no run', [{ ...RECEIVED, data: {} }]],
])('a chain that says %s is not read as anything else', (_what, drafts) => {
  expect(recordedChain(chainOf(drafts))).toMatchObject({ kind: 'unreadable', why: 'unknown' });
});

test('evidence of other things is passed over, and so is another action off the release path', () => {
  expect(recordedChain(chainOf([said('report-imported', {})]))).toEqual({ kind: 'other' });
  expect(recordedChain(chainOf([said('off-path-detected', { kind: 'write' })]))).toEqual({ kind: 'other' });
  expect(recordedChain([])).toEqual({ kind: 'other' });
});

test('whatever an entry says beside what is known, nothing throws', () => {
  const anyData = fc.dictionary(
    fc.constantFrom('state', 'levels', 'findings', 'contract', 'run', 'verdict', 'separation', 'covers'),
    fc.jsonValue(),
  );
  const kinds = fc.constantFrom(
    'judged',
    'decided',
    'verdict-sealed',
    'told',
    'bypass-explained',
    'check-received',
    'new-kind',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(kinds, anyData), { maxLength: 4 }), (all) => {
      const drafts = all.map(([kind, data]) =>
        said(kind, JSON.parse(JSON.stringify(data, (_, one) => (typeof one === 'number' ? 1 : one)))),
      );
      expect(['decision', 'unreadable']).toContain(recordedChain(chainOf([RECEIVED, ...drafts])).kind);
    }),
  );
});

test('of two copies of a chain the longer one counts, and two that contradict one another are named', () => {
  const long = chainOf([RECEIVED, SEALED]);
  const other = chainOf([RECEIVED, said('expired', {})]);
  const states = (...all: readonly EvidenceEntry[][]) => {
    const chains = createRecordedChains();
    for (const entries of all) chains.add(entries);
    const { decisions, unreadable } = chains.all();
    return { states: decisions.map(({ state }) => state), unreadable: unreadable.length };
  };

  expect(states(long, long.slice(0, 1))).toEqual({ states: ['passed'], unreadable: 0 });
  expect(states(long.slice(0, 1), long)).toEqual({ states: ['passed'], unreadable: 0 });
  expect(states(long, other)).toEqual({ states: ['passed'], unreadable: 1 });
});

const readAll = async (...files: readonly ExportFile[]) => {
  const evidence = createExportedDecisions({ tenant: TENANT, files });
  const chains: (readonly EvidenceEntry[])[] = [];
  for await (const chain of evidence.chains('', '')) chains.push(chain);
  return { chains, evidence };
};
const linesOf = async (file: ExportFile) => {
  const lines: string[] = [];
  for await (const line of file.lines()) lines.push(line);
  return lines;
};

test('the chains of all files are read, each whole', async () => {
  const [one, two, three] = ['a', 'b', 'c'].map((name) => chainOf([RECEIVED, SEALED], `${ORG} ${name}`));
  if (one === undefined || two === undefined || three === undefined) throw new Error('three chains');

  expect((await readAll(evidenceFile([one, two]), evidenceFile([three]))).chains).toEqual([one, two, three]);
});

test.each<readonly [string, (lines: string[]) => string[], string]>([
  [
    'is cut',
    (lines) => lines.slice(0, -1),
    'e.jsonl is cut: an export ends with a line that is signed, and line 3 is its last',
  ],
  ['is empty', () => [], 'e.jsonl is cut'],
  ['has no head', (lines) => lines.slice(1), 'e.jsonl line 1: an export begins with its head, once'],
  [
    'has two heads',
    ([head = '', ...lines]) => [head, head, ...lines],
    'e.jsonl line 2: an export begins with its head, once',
  ],
  ['goes on after its end', (lines) => [...lines, lines[1] ?? ''], 'e.jsonl line 5 stands after the end of the export'],
  ['is no JSON', () => ['%PDF-1.7'], 'e.jsonl line 1 is no line of exported evidence'],
  ['is of another product', () => ['{"runs":[]}'], 'e.jsonl line 1 is no line of exported evidence'],
  [
    'is of a later version',
    ([head = '', ...lines]) => [head.replace('"v":1', '"v":2'), ...lines],
    'e.jsonl line 1 is no line of exported evidence: it is of version 2',
  ],
  [
    'is of another tenant',
    ([head = '', ...lines]) => [head.replace(TENANT, 'another'), ...lines],
    'e.jsonl has evidence of another tenant, another',
  ],
])('a file that %s is refused by name', async (_what, change, why) => {
  const lines = await linesOf(evidenceFile([chainOf([RECEIVED, SEALED])]));

  await expect(readAll(fileOf(change(lines), 'e.jsonl'))).rejects.toThrow(why);
});

test('files that touch leave no gap, and what no file has is named', async () => {
  const file = (from: string, to: string, at = '2026-12-01T00:00:00.000Z') => evidenceFile([], { from, to, at });
  const gaps = async (...files: readonly ExportFile[]) =>
    (await readAll(...files)).evidence.gaps('2026-10-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z').length;

  expect(await gaps(evidenceFile([]))).toBe(0);
  expect(await gaps(file('2026-10-15', '2026-11-15'), file('2026-09-01', '2026-10-15'))).toBe(0);
  expect(await gaps(file('2026-09-01', '2026-10-15'), file('2026-10-16', '2026-11-15'))).toBe(1);
  expect(await gaps(file('2026-10-02', '2026-10-15'), file('2026-10-16', '2026-10-30'))).toBe(3);
  expect(await gaps(file('2026-09-01', '2026-12-01', '2026-10-20T00:00:00.000Z'))).toBe(1);
});

test.each([
  ['other', 'other', {}, []],
  ['same', 'other', { requesters: [{ uniqueName: BOB.upn }] }, []],
  ['same', 'other', { requesterAliases: [BOB.oid] }, []],
  ['other', 'same', { authors: [{ uniqueName: DAN.upn }, { id: BOB.oid }] }, []],
  ['other', 'unmatched', {}, ['somebody']],
  ['unread', 'unread', { unreadablePeople: ['commits'] }, []],
  ['same', 'unread', { requesters: [{ id: BOB.oid }], unreadablePeople: ['commits'] }, []],
  ['nobody', 'nobody', { requesters: [{ descriptor: 'svc.1' }], authors: [] }, []],
])('an approver is %s than the requester and %s than the authors', (requester, author, over, unmatched) => {
  expect(separationOf(BOB, aRunSources(over), unmatched)).toEqual({ requester, author });
});

test('whoever asked is named once, a service only where no human is, and nobody not at all', () => {
  const ann = { uniqueName: ANN.upn, name: ANN.name };
  const service = { descriptor: 'svc.1', name: 'Build Service' };

  expect(requesterTexts({ requestedFor: ann, requestedBy: ann })).toEqual({ requester: ANN.name });
  expect(requesterTexts({ requestedFor: ann, requestedBy: { name: BOB.name } })).toEqual({
    requester: `${ANN.name}, ${BOB.name}`,
  });
  expect(requesterTexts({ requestedFor: ann, requestedBy: service })).toEqual({ requester: ANN.name });
  expect(requesterTexts({ requestedFor: service, requestedBy: service })).toEqual({ requester: 'Build Service' });
  expect(requesterTexts({ requestedFor: {}, requestedBy: {} })).toEqual({});
});

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/Sao_Paulo',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'Australia/Lord_Howe',
  'Africa/Cairo',
];

test('a day begins where the one before ends, in every zone', () => {
  const aDate = fc.integer({ min: 0, max: 12_000 }).map((days) => plusDays('2005-01-01', days));
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), aDate, (timezone, date) => {
      expect(dayStart({ timezone }, plusDays(date, 1)) >= dayEnd({ timezone }, date)).toBe(true);
      if (timezone !== 'Pacific/Apia')
        expect(dayStart({ timezone }, plusDays(date, 1))).toBe(dayEnd({ timezone }, date));
      expect(zonedTime({ timezone }, dayStart({ timezone }, date)).slice(0, 10) >= date).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('a time is shown with its offset', () => {
  expect(zonedTime({ timezone: 'Europe/Berlin' }, '2026-10-25T01:30:00.000Z')).toBe('2026-10-25 02:30:00 +01:00');
  expect(zonedTime({ timezone: 'Asia/Kathmandu' }, '2026-10-25T01:30:00.000Z')).toBe('2026-10-25 07:15:00 +05:45');
});
