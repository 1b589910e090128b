import { expect, test } from 'vitest';
import { line } from '../bench/line.ts';
import { withFigures } from '../bench/written-figures.ts';
import { read } from '../pages.ts';

const MEASURED = { date: '2026-12-01', machine: 'two cores, Node v24.21.0' };
const PAGE =
  'before\n<!-- figures: a -->\nold of a\n<!-- end -->\nbetween\n<!-- figures: b -->\nold of b\n<!-- end -->\nafter\n';
const LINES = [
  line('with a bar', 'ms', 12_345.678, { what: 'the same | alone', value: 10_000 }, { bar: 'at most 1.2', met: false }),
  line('without', 'calls', 3, undefined, { bar: 'at most 3 calls', met: true }),
  line('alone', 's', 0.25),
];

test('the figures of one group are written between its marks, with when and where, and nothing else is touched', () => {
  expect(withFigures(PAGE, 'a', LINES, MEASURED)).toBe(
    PAGE.replace(
      'old of a',
      [
        '2026-12-01, two cores, Node v24.21.0:',
        '',
        '| figure | measured | beside | ratio | bar |',
        '|---|---|---|---|---|',
        '| with a bar | 12,350 ms | the same \\| alone: 10,000 | 1.235 | **missed**: at most 1.2 |',
        '| without | 3 calls |  |  | at most 3 calls: met |',
        '| alone | 0.25 s |  |  |  |',
      ].join('\n'),
    ),
  );
});

test('written twice they stand there once', () => {
  const once = withFigures(PAGE, 'b', LINES, MEASURED);
  expect(withFigures(once, 'b', LINES, MEASURED)).toBe(once);
});

test('a group that the page has no place for is named, and nothing is written', () => {
  expect(() => withFigures(PAGE, 'c', LINES, MEASURED)).toThrow('docs/performance.md has no <!-- figures: c -->');
});

test('the page has one place for each group that the bench can run, says what it measures, and has no other place', () => {
  const page = read('docs/performance.md');
  const [, table = ''] = /const GROUPS.* = \{\n([\s\S]*?)\n\};/.exec(read('test/bench/bench.ts')) ?? [];
  const groups = [...table.matchAll(/^ {2}(\w+)/gm)].map(([, name = '']) => name);

  expect(groups.length).toBeGreaterThan(10);
  expect([...page.matchAll(/<!-- figures: (\w+) -->/g)].map(([, name]) => name).sort()).toEqual(groups.sort());
  expect(groups.filter((name) => !page.includes(`\n| \`${name}\` | `))).toEqual([]);
});
