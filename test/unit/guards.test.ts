import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { GUARDS, WITHOUT_GUARD } from '../guards/guards.ts';
import { namePattern } from '../guards/name-pattern.ts';
import { patched } from '../patch.ts';
import { MUTANTS } from '../simulation/mutants.ts';

// That each test fails without its guard takes `npm run test:guards`; here that the list still fits the sources.

const ROOT = join(import.meta.dirname, '../..');
const numbered = (letter: string, last: number) => Array.from({ length: last }, (_, n) => `${letter}${n + 1}`);
const THREATS = numbered('T', 35);
const PROMISES = numbered('I', 23);

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** The rows of the table of docs/security.md by their number. */
function rows(): ReadonlyMap<string, readonly string[]> {
  const lines = read('docs/security.md').match(/^\| T\d+ .*\|$/gm) ?? [];
  return new Map(
    lines.map((line) => {
      const [, number = '', ...cells] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
      return [number, cells];
    }),
  );
}

test('each patch of a guard changes its file at one place, and several fit together', () => {
  for (const { patches, guard } of GUARDS) {
    for (const file of new Set(patches.map((patch) => patch.file))) {
      const source = read(file);
      const without = patches.filter((patch) => patch.file === file).reduce(patched, source);
      expect(without, guard).not.toBe(source);
    }
  }
});

test('each patch of a mutant of the simulation stands once in its file', () => {
  for (const { patches } of MUTANTS) for (const patch of patches) patched(read(patch.file), patch);
});

test('each guard, and whatever has none, names a test that there is', () => {
  const named = [
    ...GUARDS.flatMap(({ tests, fails }) => tests.map((file) => [file, fails] as const)),
    ...WITHOUT_GUARD.map(({ test: file, name }) => [file, name] as const),
  ];
  const missing = named.filter(([file, name]) => !read(file).includes(name));

  expect(missing).toEqual([]);
});

test('each threat and each promise has a guard, or a reason why it has none, and not both', () => {
  const guarded = new Set(GUARDS.flatMap(({ against }) => against));
  const unguarded = WITHOUT_GUARD.map(({ against }) => against);

  expect([...THREATS, ...PROMISES].filter((one) => !guarded.has(one) && !unguarded.includes(one))).toEqual([]);
  expect(unguarded.filter((one) => guarded.has(one))).toEqual([]);
  expect([...guarded, ...unguarded].filter((one) => ![...THREATS, ...PROMISES].includes(one))).toEqual([]);
});

test('docs/security.md has each threat by its number, with the file of a guard and the name of its test', () => {
  const table = rows();

  expect([...table.keys()]).toEqual(THREATS);
  for (const [number, [, , where = '', said = '']] of table) {
    const guards = GUARDS.filter(({ against }) => against.includes(number));
    const names = [
      ...guards.map(({ fails }) => fails),
      ...WITHOUT_GUARD.filter(({ against }) => against === number).map(({ name }) => name),
    ];
    expect(
      names.some((name) => said.includes(name)),
      `${number} names none of: ${names.join('; ')}`,
    ).toBe(true);
    const files = guards.flatMap(({ patches }) => patches.map(({ file }) => file));
    expect(files.length === 0 || files.some((file) => where.includes(file)), `${number} names none of: ${files}`).toBe(
      true,
    );
  }
});

test('docs/storage.md has each promise by its number, and docs/security.md says where it is checked', () => {
  const listed = [...read('docs/storage.md').matchAll(/^\| (I\d+) \|/gm)].map(([, number]) => number);
  const [, section = ''] = read('docs/security.md').split('\n## Promises\n');
  const rows = [...section.matchAll(/^\| (I\d+(?:, I\d+)*) \|(.*)\|$/gm)];

  expect(listed).toEqual(PROMISES);
  expect(rows.flatMap(([, numbers = '']) => numbers.split(', ')).sort()).toEqual(PROMISES.toSorted());
  expect(rows.filter(([, , where = '']) => !/[a-z]/.test(where))).toEqual([]);
});

test('the name of a test with places in it fits whatever stands there, and nothing else', () => {
  const pattern = new RegExp(`^${namePattern('(%s) is refused: %s.')}$`);

  expect(pattern.test('(no channel) is refused: channel.')).toBe(true);
  expect(pattern.test('no channel is refused: channel.')).toBe(false);
  expect(pattern.test('(no channel) is refused: channel!')).toBe(false);
});

test('every package is of one exact version, and the lock has its checksum', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  const versions: string[] = Object.values({ ...dependencies, ...devDependencies });
  const { packages } = JSON.parse(read('package-lock.json'));
  const entries = Object.entries<{ readonly integrity?: string; readonly optional?: boolean }>(packages);
  // Of what is for other machines npm writes none where it did not fetch it.
  const unproven = entries.filter(([path, one]) => path !== '' && one.integrity === undefined && !one.optional);

  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  expect(unproven.map(([path]) => path)).toEqual([]);
});
