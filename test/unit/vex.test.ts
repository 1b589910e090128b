import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  fitsBeside,
  replaces,
  type ScopedVex,
  VEX_STATUSES,
  type VexStatement,
  vexIn,
  vexKeysOf,
} from '../../services/domain/vex.ts';
import { COMMIT } from '../builders.ts';

const EARLY = '2026-11-20T08:00:00.000Z';
const LATE = '2026-11-21T08:00:00.000Z';
const PAD = vexKeysOf(['CVE-2026-0001'], 'pkg:npm/left-pad@1.0.0') ?? '';

function aStatement(over: Partial<VexStatement> = {}): VexStatement {
  return { keys: PAD, status: 'not-affected', at: EARLY, why: 'not reachable', ...over };
}

function aDocument(statements: readonly VexStatement[], over: Partial<ScopedVex> = {}): ScopedVex {
  const own = { id: 'doc', version: 1, at: EARLY, reportId: 'r', commit: COMMIT, verified: true, receivedAt: LATE };
  return { ...own, statements, ...over };
}

const said = (...documents: readonly ScopedVex[]) => vexIn(documents)?.(PAD, true);

test('a statement is about a finding that shares an id and the package, unless another version is known to be meant', () => {
  const of = (ids: readonly string[], purl: string) =>
    vexIn([aDocument([aStatement()])])?.(vexKeysOf(ids, purl) ?? '', true);

  expect(of(['GHSA-AAAA-BBBB-CCCC', 'CVE-2026-0001'], 'pkg:npm/Left-Pad@v1.0.0')).toMatchObject({
    status: 'not-affected',
  });
  expect(of(['CVE-2026-0001'], 'pkg:npm/left-pad')).toMatchObject({ status: 'not-affected' });
  expect(of(['CVE-2026-0001'], 'pkg:npm/left-pad@1.0.1')).toBeUndefined();
  expect(of(['CVE-2026-0002'], 'pkg:npm/left-pad@1.0.0')).toBeUndefined();
  expect(of(['CVE-2026-0001'], 'pkg:pypi/left-pad@1.0.0')).toBeUndefined();
  expect(vexIn([aDocument([aStatement()])])?.('', true)).toBeUndefined();
});

test('a statement needs a package URL and an id that stands for one vulnerability', () => {
  expect(vexKeysOf(['CVE-2026-0001'], 'left-pad')).toBeUndefined();
  expect(vexKeysOf(['RHSA-2026:1'], 'pkg:npm/left-pad')).toBeUndefined();
});

test('within a document the latest statement counts, of equally late ones the strictest', () => {
  const affected = aStatement({ status: 'affected', why: '' });

  expect(said(aDocument([affected, aStatement({ at: LATE })]))?.status).toBe('not-affected');
  expect(said(aDocument([{ ...affected, at: LATE }, aStatement()]))?.status).toBe('affected');
  expect(said(aDocument([affected, aStatement()]))?.status).toBe('affected');
  expect(said(aDocument([affected, aStatement({ status: 'under-investigation', at: LATE })]))?.status).toBe(
    'under-investigation',
  );
});

test('of a document the newest version counts, and what it says no more is not said any more', () => {
  const first = aDocument([aStatement()]);

  expect(said(first, aDocument([aStatement({ status: 'affected' })], { at: LATE }))?.status).toBe('affected');
  expect(said(first, aDocument([aStatement({ keys: 'another-key-' })], { at: LATE }))).toBeUndefined();
  expect(said(first, aDocument([aStatement({ keys: 'another-key-' })], { version: 2 }))).toBeUndefined();
});

test('between documents the strictest word stands, whichever is later', () => {
  const denied = aDocument([aStatement({ at: LATE })], { at: LATE });
  const confirmed = aDocument([aStatement({ status: 'affected' })], { id: 'other' });
  const unsure = aDocument([aStatement({ status: 'under-investigation' })], { id: 'other' });

  expect(said(denied, confirmed)?.status).toBe('affected');
  expect(said(denied, unsure)?.status).toBe('under-investigation');
});

test('what nobody vouched for takes the place of nothing that Azure DevOps confirmed, and denies nothing that it found', () => {
  const confirmed = aDocument([aStatement({ status: 'affected' })]);
  const sent = aDocument([aStatement()], { verified: false, at: LATE });

  expect(said(confirmed, sent)?.status).toBe('affected');
  expect(vexIn([sent])?.(PAD, true)).toMatchObject({ status: 'not-affected', isVouched: false });
  expect(vexIn([sent])?.(PAD, false)).toMatchObject({ status: 'not-affected', isVouched: true });
  expect(vexIn([{ ...sent, verified: true }])?.(PAD, false)).toMatchObject({ isVouched: true });
});

test('a stored document is replaced by a newer version of it, or by the same once more, and by nothing else', () => {
  const stored = aDocument([aStatement()]);
  const newer = { ...stored, at: LATE, reportId: 'other' };

  expect(replaces(newer, stored)).toBe(true);
  expect(replaces(stored, newer)).toBe(false);
  expect(replaces({ ...stored, reportId: 'other' }, stored)).toBe(true);
  expect(replaces(aDocument([aStatement({ status: 'affected' })]), stored)).toBe(false);
  expect(replaces({ ...newer, id: 'another' }, stored)).toBe(false);
  expect(replaces({ ...newer, verified: false }, stored)).toBe(false);
});

const anyDocument: fc.Arbitrary<ScopedVex> = fc
  .record({
    id: fc.constantFrom('a', 'b'),
    at: fc.constantFrom('', EARLY, LATE),
    version: fc.constantFrom(0, 1),
    verified: fc.boolean(),
    statements: fc.array(
      fc.record({
        keys: fc.constantFrom(PAD, vexKeysOf(['CVE-2026-0001'], 'pkg:npm/left-pad') ?? ''),
        status: fc.constantFrom(...VEX_STATUSES),
        at: fc.constantFrom('', EARLY, LATE),
        why: fc.constantFrom('', 'x'),
      }),
      { maxLength: 4 },
    ),
  })
  .map(({ statements, ...over }) => aDocument(statements, over));

test('the order of documents and of their statements means nothing', () => {
  fc.assert(
    fc.property(fc.array(anyDocument, { maxLength: 5 }), fc.boolean(), (documents, verified) => {
      const turned = documents.toReversed().map((one) => ({ ...one, statements: one.statements.toReversed() }));
      expect(vexIn(turned)?.(PAD, verified)).toEqual(vexIn(documents)?.(PAD, verified));
    }),
  );
});

test('what a document replaces may be taken away or be left: it is the same word', () => {
  fc.assert(
    fc.property(fc.array(anyDocument, { maxLength: 5 }), fc.boolean(), (documents, verified) => {
      const left = documents.filter((one, n) => !documents.some((other, m) => m > n && replaces(other, one)));
      expect(vexIn(left)?.(PAD, verified)).toEqual(vexIn(documents)?.(PAD, verified));
    }),
  );
});

test('tens of thousands of documents are told apart in the time that they are long', () => {
  const many = Array.from({ length: 60_000 }, (_, n) => aDocument([aStatement()], { id: `doc-${n}`, version: n }));
  expect(said(...many, aDocument([aStatement({ status: 'affected' })], { at: LATE }))?.status).toBe('affected');
});

test('one more document fits where it takes the place of another, or others are as much vouched for as it is not', () => {
  const stored = Array.from({ length: 100 }, (_, n) => aDocument([aStatement()], { id: `doc-${n}` }));
  expect(fitsBeside(aDocument([aStatement()], { id: 'more' }), stored)).toBe(false);
  expect(fitsBeside(aDocument([aStatement()], { id: 'more' }), stored.slice(1))).toBe(true);
  expect(fitsBeside(aDocument([aStatement()], { id: 'doc-7', version: 2 }), stored)).toBe(true);
  expect(fitsBeside(aDocument([aStatement()], { id: 'doc-7', version: 0 }), stored)).toBe(false);
  expect(fitsBeside(aDocument([aStatement()], { id: 'more', verified: false }), stored)).toBe(true);
});
