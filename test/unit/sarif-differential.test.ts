import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readReport } from './read-sarif.ts';
import { type Read, readPlainly } from './sarif-reference.ts';

const words = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((text) => text.replace(/[{}[\]]/g, '-')),
  fc.constantFrom('\uD800', 'a\uDC00b', '\u0000', '\uFEFF', '\\', '"', '\\"', '\u2028', 'ÿĀ'),
);
const ids = fc.constantFrom('R0', 'R1', 'R2', 'elsewhere');
const levels = fc.constantFrom('error', 'warning', 'note', 'none');
const optional: { requiredKeys: [] } = { requiredKeys: [] };

const messages = fc.oneof(
  words.map((text) => ({ text })),
  fc.record({ id: fc.constantFrom('default', 'unknown'), arguments: fc.array(words, { minLength: 1, maxLength: 1 }) }),
);
const files = fc.oneof(
  fc.record(
    { uri: fc.constantFrom('a.c', 'lib/b.c'), uriBaseId: fc.constantFrom('SRC', 'NONE') },
    { requiredKeys: ['uri'] },
  ),
  fc.record({ index: fc.integer({ min: -1, max: 2 }) }),
);
const results = fc.record(
  {
    ruleId: ids,
    ruleIndex: fc.integer({ min: -1, max: 3 }),
    level: levels,
    kind: fc.constantFrom('fail', 'pass', 'notApplicable', 'review'),
    baselineState: fc.constantFrom('new', 'absent'),
    message: messages,
    locations: fc.array(
      fc.record({
        physicalLocation: fc.record({
          artifactLocation: files,
          region: fc.record({ startLine: fc.integer({ min: 1, max: 99 }) }),
        }),
      }),
      { maxLength: 2 },
    ),
    suppressions: fc.array(fc.record({ status: fc.constantFrom('accepted', 'rejected') }, optional), { maxLength: 2 }),
    properties: fc.dictionary(fc.constantFrom('results', 'runs', '__proto__', 'tags'), fc.jsonValue({ maxDepth: 3 })),
  },
  { requiredKeys: ['message'] },
);
const rules = fc.record(
  {
    id: ids,
    defaultConfiguration: fc.record({ level: levels }, optional),
    messageStrings: fc.constant({ default: { text: 'Found {0}.' } }),
    properties: fc.record({ 'security-severity': fc.constantFrom('9.1', '7.0', '5.5', '0.5', '0.0') }, optional),
  },
  { requiredKeys: ['id'] },
);
const drivers = fc.record(
  { name: fc.constantFrom('Example', 'CodeQL'), rules: fc.array(rules, { maxLength: 4 }) },
  { requiredKeys: ['name'] },
);
const runs = fc
  .record(
    {
      tool: fc.record({ driver: drivers }),
      artifacts: fc.array(fc.record({ location: fc.record({ uri: fc.constantFrom('c.c', 'd.c') }) }), { maxLength: 3 }),
      originalUriBaseIds: fc.constant({ SRC: { uri: 'src/' } }),
      properties: fc.jsonValue({ maxDepth: 3 }),
      results: fc.array(results, { maxLength: 6 }),
    },
    { requiredKeys: ['tool', 'results'] },
  )
  .chain((run) => fc.shuffledSubarray(Object.entries(run), { minLength: Object.keys(run).length }))
  .map((members) => Object.fromEntries(members));
const logs = fc.record({ version: fc.constant('2.1.0'), runs: fc.array(runs, { minLength: 1, maxLength: 3 }) });
const texts = fc
  .tuple(logs, fc.constantFrom(undefined, 1, '\t'))
  .map(([log, indent]) => JSON.stringify(log, null, indent));
const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 300 });

async function readStreaming(report: string | Uint8Array, at: readonly number[]): Promise<Read | 'refused'> {
  const read = await readReport(report, {}, at);
  if ('refused' in read) return 'refused';
  const findings = read.findings.map(({ rule, severity, message, path, line, suppressed }) => ({
    ...{ rule, severity, message, path, line, suppressed },
  }));
  return { results: read.results, findings };
}

/** `SARIF_FILES=100000` tries so many of each kind. */
const FILES = Number(process.env['SARIF_FILES'] ?? 0);
const TIMEOUT = FILES > 0 ? 4 * 3_600_000 : 60_000;

test('the streaming reader finds what a reader of the whole text finds, wherever the bytes are cut', {
  timeout: TIMEOUT,
}, async () => {
  await fc.assert(
    fc.asyncProperty(texts, cuts, async (text, at) => {
      expect(await readStreaming(text, at)).toEqual(readPlainly(Buffer.from(text)));
    }),
    { numRuns: FILES || 400 },
  );
});

/** Changes what stands at one of the places that the pattern finds. */
function changed(text: string, pattern: RegExp, nth: number, change: (found: string) => string): string {
  const found = [...text.matchAll(pattern)];
  const one = found[nth % Math.max(1, found.length)];
  if (one === undefined) return text;
  return text.slice(0, one.index) + change(one[0]) + text.slice(one.index + one[0].length);
}

const KEY =
  /"(?:version|runs|tool|driver|name|rules|results|artifacts|ruleId|message|kind|level|startLine|uri)"(?=\s*:)/g;
const NUMBER = /(?<=:\s*)-?\d+(?=\s*[,}])/g;
const nth = fc.nat({ max: 10_000 });

const changes = fc.oneof(
  fc.tuple(nth, fc.constantFrom('null', '[]', '{}', '"x"', '[{}]')).map(
    ([at, value]) =>
      (text: string) =>
        changed(text, KEY, at, (key) => `${key}:${value},${key}`),
  ),
  nth.map(
    (at) => (text: string) => changed(text, KEY, at, (key) => key.replace('e', '\\u0065').replace('r', '\\u0072')),
  ),
  fc
    .tuple(
      nth,
      fc.constantFrom('$.0', '$e0', '$0e-1', '$E+0', '-$', '0$', '+$', '$.5', '-0', '1e999', '4294967296', '1e300'),
    )
    .map(
      ([at, notation]) =>
        (text: string) =>
          changed(text, NUMBER, at, (number) => notation.replace('$', number)),
    ),
  fc.tuple(nth, fc.integer({ min: 50, max: 70 })).map(
    ([at, levels]) =>
      (text: string) =>
        changed(text, KEY, at, (key) => `"x":${'['.repeat(levels)}${']'.repeat(levels)},${key}`),
  ),
  fc
    .record({
      at: nth,
      remove: fc.nat({ max: 1 }),
      insert: fc.constantFrom(
        '',
        '"',
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '\\',
        '0',
        ' ',
        '\r\n',
        '\u00A0',
        '\f',
        '\uFEFF',
        'ü',
      ),
    })
    .map(({ at, remove, insert }) => (text: string) => {
      const place = at % text.length;
      return text.slice(0, place) + insert + text.slice(place + remove);
    }),
);

const encodings = fc.constantFrom<((text: string) => Buffer)[]>(
  (text) => Buffer.from(text),
  (text) => Buffer.from(`\uFEFF${text}`),
  (text) => Buffer.from(text, 'utf16le'),
  (text) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  (text) => Buffer.from(text, 'utf16le').swap16(),
  (text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
  (text) => Buffer.from(text, 'latin1'),
);

/** Places of other shapes than the reference knows are left to the tests of places. */
function withOddPathsOf(read: Read | 'refused', expected: Read | 'refused'): Read | 'refused' {
  if (read === 'refused' || expected === 'refused') return read;
  const findings = read.findings.map((finding, at) => {
    const path = expected.findings[at]?.path;
    return path !== undefined && /[^\w./]/.test(path) ? { ...finding, path } : finding;
  });
  return { ...read, findings };
}

test('whatever is changed in a report, and however it is written, both readers refuse it or find the same', {
  timeout: TIMEOUT,
}, async () => {
  const told = { refused: 0, read: 0 };
  await fc.assert(
    fc.asyncProperty(
      texts,
      fc.array(changes, { minLength: 1, maxLength: 3 }),
      encodings,
      cuts,
      async (text, all, encoded, pieces) => {
        const bytes = encoded(all.reduce((now, change) => change(now), text));
        const expected = readPlainly(bytes);
        told[expected === 'refused' ? 'refused' : 'read'] += 1;
        expect(withOddPathsOf(await readStreaming(bytes, pieces), expected)).toEqual(expected);
      },
    ),
    { numRuns: FILES || 1_500 },
  );
  // Neither side of the comparison may be empty.
  expect(Math.min(told.refused, told.read)).toBeGreaterThan(100);
});

test('wherever the one border between two pieces is, the same report is read, and the same one refused', async () => {
  const result = {
    ruleId: 'R\u00e9',
    message: { text: 'a "b" \\ \u{1F600} \uD800' },
    locations: [{}],
    properties: { x: [1, -2.5e3, true, null] },
  };
  const whole = Buffer.from(
    JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: 'x' } }, results: [result, result] }] }),
  );
  const broken = Buffer.from(whole.toString().replace('true', 'tru'));
  const expected = readPlainly(whole);
  expect(expected).toMatchObject({ results: 2 });
  for (let border = 1; border < whole.length; border++) {
    expect(await readStreaming(whole, [border]), `cut at ${border}`).toEqual(expected);
    expect(await readStreaming(broken, [border]), `broken, cut at ${border}`).toBe('refused');
  }
});

const lookalikes = fc.array(fc.record({ ruleId: ids, text: fc.constantFrom('},{"ruleId"', '{"ruleId"', '[[', 'x') }), {
  maxLength: 3,
});
const longTexts = fc
  .tuple(
    fc.array(fc.record({ ruleId: ids, message: messages, level: levels, lookalikes }), {
      minLength: 20,
      maxLength: 40,
    }),
    fc.constantFrom(undefined, 1, '\t'),
  )
  .map(([all, indent]) =>
    JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: 'x' } }, results: all }] }, null, indent),
  );
const longCuts = fc.array(fc.integer({ min: 200, max: 2_000 }), { maxLength: 100 });

test('results that are parsed together are read and refused as each alone, whatever in them looks like the next', {
  timeout: TIMEOUT,
}, async () => {
  const told = { refused: 0, read: 0 };
  await fc.assert(
    fc.asyncProperty(
      longTexts,
      fc.array(changes, { minLength: 1, maxLength: 2 }),
      longCuts,
      async (text, all, pieces) => {
        const bytes = Buffer.from(all.reduce((now, change) => change(now), text));
        const expected = readPlainly(bytes);
        told[expected === 'refused' ? 'refused' : 'read'] += 1;
        expect(await readStreaming(bytes, pieces)).toEqual(expected);
      },
    ),
    { numRuns: FILES || 300 },
  );
  expect(Math.min(told.refused, told.read)).toBeGreaterThan(30);
});
