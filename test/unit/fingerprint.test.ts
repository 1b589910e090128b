import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type FindingIdentity,
  FingerprintSeries,
  findingContext,
  normalisePath,
} from '../../services/domain/fingerprint.ts';

const identity: FindingIdentity = {
  category: 'sast',
  tool: 'semgrep',
  rule: 'sql-injection',
  path: 'src/orders.js',
  context: 'code:db.query(text)',
};

const identities = fc.record({
  category: fc.constantFrom('sast', 'secret', 'iac'),
  tool: fc.constantFrom('semgrep', 'codeql'),
  rule: fc.constantFrom('a', 'b', 'a b'),
  path: fc.constantFrom('', 'x', 'x/y'),
  context: fc.constantFrom('', 'code:x', 'text:x'),
});

function fingerprintsOf(all: readonly FindingIdentity[]): string[] {
  const series = new FingerprintSeries();
  return all.map((one) => series.next(one));
}

test('a fingerprint is 32 lower-case hexadecimal characters and known for good', () => {
  expect(fingerprintsOf([identity])).toEqual(['3b2b74362e0b2231539b219aee7e334f']);
});

test.each([
  ['category', 'secret'],
  ['tool', 'codeql'],
  ['rule', 'xss'],
  ['path', 'src/moved/orders.js'],
  ['context', 'code:db.query(other)'],
])('another %s is another finding', (key, value) => {
  expect(fingerprintsOf([{ ...identity, [key]: value }])).not.toEqual(fingerprintsOf([identity]));
});

test('no finding shares a fingerprint with another of the same report', () => {
  fc.assert(
    fc.property(fc.array(identities), (all) => {
      expect(new Set(fingerprintsOf(all)).size).toBe(all.length);
    }),
  );
});

test('the order of findings does not change the set of fingerprints', () => {
  const shuffled = fc
    .array(identities)
    .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
  fc.assert(
    fc.property(shuffled, ([all, other]) => {
      expect(fingerprintsOf(other).sort()).toEqual(fingerprintsOf(all).sort());
    }),
  );
});

test('parts do not run into one another', () => {
  const left = { ...identity, rule: 'a', path: 'b/c' };
  const right = { ...identity, rule: 'a/b', path: 'c' };
  expect(fingerprintsOf([left])).not.toEqual(fingerprintsOf([right]));
});

test("the tool's own value comes before the code, and the code before the message", () => {
  const sources = { toolPrint: 'p', snippet: 's', message: 'm' };
  expect(findingContext(sources)).toBe('tool:p');
  expect(findingContext({ snippet: 's', message: 'm' })).toBe('code:s');
  expect(findingContext({ snippet: ' \n', message: 'm' })).toBe('text:m');
  expect(findingContext({ message: 'm' })).toBe('text:m');
});

test('the layout of the code is no part of its identity', () => {
  expect(findingContext({ snippet: '\tif (a) {\n\t\tb()  }', message: '' })).toBe(
    findingContext({ snippet: 'if (a) { b() }', message: '' }),
  );
});

test.each([
  ['Unsafe call in line 12, column 3', 'Unsafe call in line 99, column 14'],
  ['Declared on lines 4-9', 'Declared on lines 14-19'],
  ['See src/a.js:12:3 for the source', 'See src/a.js:14:8 for the source'],
])('a position within the message is no part of the identity: %s', (before, after) => {
  expect(findingContext({ message: before })).toBe(findingContext({ message: after }));
});

test.each([
  ['Package a 1.0.0 is outdated', 'Package a 1.0.1 is outdated'],
  ['Port 22 is open', 'Port 23 is open'],
])('a number that is no position is part of the identity: %s', (one, other) => {
  expect(findingContext({ message: one })).not.toBe(findingContext({ message: other }));
});

test('a long context is kept by its checksum', () => {
  const context = findingContext({ snippet: 'x'.repeat(5_000), message: '' });
  expect(context).toMatch(/^[0-9a-f]{64}$/);
  expect(context).not.toBe(findingContext({ snippet: 'x'.repeat(5_001), message: '' }));
});

test.each([
  ['src/a.ts', 'src/a.ts'],
  ['./src//a.ts', 'src/a.ts'],
  ['src\\win\\a.cs', 'src/win/a.cs'],
  ['src/my%20file.ts', 'src/my file.ts'],
  ['src/100%.ts', 'src/100%.ts'],
  ['file:///home/user/a.ts', 'home/user/a.ts'],
  ['file:/home/user/a.ts', 'home/user/a.ts'],
  ['file:////src/a.js', 'src/a.js'],
  ['file://localhost/src/a.js', 'src/a.js'],
  ['file:///C:/code/a.c', 'c:/code/a.c'],
  ['C:\\code\\a.c', 'c:/code/a.c'],
  ['/abs/a.ts', 'abs/a.ts'],
  ['a/../b/./c', 'b/c'],
  ['../outside', '../outside'],
  ['npm/example@1.0.0', 'npm/example@1.0.0'],
  ['', ''],
])('the place %j is the path %j', (written, path) => {
  expect(normalisePath(written)).toBe(path);
});
