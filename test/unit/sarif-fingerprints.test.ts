import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findingsOf, logOf } from './read-sarif.ts';

interface Problem {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly snippet: string | undefined;
  readonly print: string | undefined;
}

const problems = fc.array(
  fc.record({
    rule: fc.constantFrom('A', 'B'),
    file: fc.constantFrom('a.c', 'b.c'),
    line: fc.integer({ min: 1, max: 500 }),
    text: fc.constantFrom('Bad call.', 'Bad value.'),
    snippet: fc.constantFrom(undefined, 'call(a)', 'call(b)'),
    print: fc.constantFrom(undefined, 'abc:1', 'def:1'),
  }),
  { maxLength: 12 },
);

function resultOf({ rule, file, line, text, snippet, print }: Problem): object {
  const region = { startLine: line, ...(snippet === undefined ? {} : { snippet: { text: snippet } }) };
  return {
    ruleId: rule,
    message: { text },
    locations: [{ physicalLocation: { artifactLocation: { uri: file }, region } }],
    ...(print === undefined ? {} : { partialFingerprints: { primaryLocationLineHash: print } }),
  };
}

async function printsOf(all: readonly Problem[]): Promise<string[]> {
  const findings = await findingsOf(logOf({ results: all.map(resultOf) }));
  return findings.map((finding) => finding.fingerprint);
}

test('moved lines keep every fingerprint', async () => {
  await fc.assert(
    fc.asyncProperty(problems, fc.integer({ min: 1, max: 9_000 }), async (all, by) => {
      const moved = all.map((one) => ({ ...one, line: one.line + by }));
      expect(await printsOf(moved)).toEqual(await printsOf(all));
    }),
  );
});

test('another order of results gives the same set of fingerprints', async () => {
  const orders = problems.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray([...all], { minLength: all.length })),
  );
  await fc.assert(
    fc.asyncProperty(orders, async ([all, other]) => {
      expect((await printsOf(other)).sort()).toEqual((await printsOf(all)).sort());
    }),
  );
});

test('no two problems of a report share a fingerprint', async () => {
  await fc.assert(
    fc.asyncProperty(problems, async (all) => {
      expect(new Set(await printsOf(all)).size).toBe(all.length);
    }),
  );
});

const ONE: Problem = { rule: 'A', file: 'a.c', line: 1, text: 'Bad call.', snippet: 'call(a)', print: undefined };

async function printOf(more: object, problem: Partial<Problem> = {}): Promise<string | undefined> {
  const result = { ...resultOf({ ...ONE, ...problem }), ...more };
  return (await findingsOf(logOf({ results: [result] })))[0]?.fingerprint;
}

test('a moved file is another finding', async () => {
  expect(await printOf({}, { file: 'moved/a.c' })).not.toBe(await printOf({}));
});

test("the tool's own value replaces the code, so that an edited line keeps its identity", async () => {
  const prints = { partialFingerprints: { primaryLocationLineHash: 'abc:1' } };
  expect(await printOf(prints, { snippet: 'edited(a)' })).toBe(await printOf(prints));
  expect(await printOf({ partialFingerprints: { primaryLocationLineHash: 'abc:2' } })).not.toBe(await printOf(prints));
});

test("a tool's own value is never the whole identity", async () => {
  const prints = { partialFingerprints: { primaryLocationLineHash: 'abc:1' } };
  expect(await printOf(prints, { rule: 'B' })).not.toBe(await printOf(prints));
  expect(await printOf(prints, { file: 'b.c' })).not.toBe(await printOf(prints));
});

test.each([
  [{ fingerprints: { 'matchBasedId/v1': 'requires login' } }],
  [{ partialFingerprints: { commitSha: 'c0ffee', email: 'a@example.com', date: '2026-01-01' } }],
  [{ partialFingerprints: { scanFileHash: 'f00d' } }],
  [{ partialFingerprints: { primaryLocationStartColumnFingerprint: '4' } }],
  [{ fingerprints: { csvRowSha256: { value: 'aaaa' } } }],
  [{ fingerprints: { stable: '' } }],
  [{ fingerprints: 'text' }],
  [{ fingerprints: null }],
])('%j is no identity', async (more) => {
  expect(await printOf(more)).toBe(await printOf({}));
});

test('an identity written as an object is taken by its value', async () => {
  expect(await printOf({ fingerprints: { id: { value: 'x' } } })).toBe(await printOf({ fingerprints: { id: 'x' } }));
  expect(await printOf({ fingerprints: { id: { value: 'x' } } })).not.toBe(await printOf({}));
});

test('of versioned identities the highest counts', async () => {
  const both = { fingerprints: { 'hash/v1': 'old', 'hash/v2': 'new' } };
  expect(await printOf(both)).toBe(await printOf({ fingerprints: { 'hash/v2': 'new' } }));
});
