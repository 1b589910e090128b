import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadCatalog } from '../../services/policy/load-catalog.ts';
import { loadDirectory } from '../../services/policy/load-directory.ts';
import type { Loaded } from '../../services/policy/load-file.ts';
import { loadRoutes } from '../../services/policy/load-routes.ts';
import { CONTRACT, load } from './written-contract.ts';

// Each value of each file in turn, wrong: whatever it is, the message must lead to it.

type Mapping = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

/** No text, no choice, no length, no date, no list and no mapping; found again in what was written. */
const WRONG = -97531.5;

const examples: readonly Mapping[] = [
  ...readFileSync('docs/contract.md', 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g),
].map(([, text = '']) => parse(text));
const kindOf = (kind: string) => examples.find((one) => one['kind'] === kind) ?? {};

/** All that the reference shows of a contract and a control, in one. */
function wholeContract(): Mapping {
  const contract = parse(CONTRACT);
  const { sast } = contract.controls;
  const ofControl = new Set([...Object.keys(sast), 'overrides', 'acceptSuppressions']);
  for (const example of examples.filter(({ kind }) => kind === undefined || kind === 'GatingContract')) {
    const isOfControl = example['version'] === undefined && Object.keys(example).every((key) => ofControl.has(key));
    const { decisions = [], controls: _, ...rest } = example as { decisions?: readonly unknown[]; controls?: unknown };
    Object.assign(isOfControl ? sast : contract, rest);
    sast.decisions = [...decisions, ...sast.decisions];
  }
  return contract;
}

const FILES: readonly [string, Mapping, (text: string) => Loaded<unknown>][] = [
  ['contract.yaml', wholeContract(), load],
  ['routes.yaml', kindOf('ApprovalRoutes'), (text) => loadRoutes({ file: 'routes.yaml', text }, () => true)],
  ['catalog.yaml', kindOf('Catalog'), (text) => loadCatalog({ file: 'catalog.yaml', text })],
  ['directory.yaml', kindOf('Directory'), (text) => loadDirectory({ file: 'directory.yaml', text })],
];

function pathsIn(value: unknown, path: Path = []): Path[] {
  if (value === null || typeof value !== 'object') return [path];
  const inner = Array.isArray(value) ? value.map((one, n) => [n, one] as const) : Object.entries(value);
  return [...(path.length === 0 ? [] : [path]), ...inner.flatMap(([key, one]) => pathsIn(one, [...path, key]))];
}

function mappingsIn(value: unknown): Path[] {
  const at = (path: Path) => path.reduce<unknown>((one, key) => (one as Mapping)[key], value);
  return [[], ...pathsIn(value)].filter((path) => {
    const found = at(path);
    return found !== null && typeof found === 'object' && !Array.isArray(found);
  });
}

/** What was written with WRONG in this place, and the message that leads there. */
function wrongAt(whole: Mapping, path: Path) {
  const written = structuredClone(whole);
  const holder = path.slice(0, -1).reduce<Record<string | number, unknown>>((one, key) => one[key] as never, written);
  holder[path.at(-1) ?? ''] = WRONG;
  const text = stringify(written, { aliasDuplicateObjects: false });
  const line = text.split('\n').findIndex((one) => one.includes(String(WRONG))) + 1;
  const field = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
  return { text, said: `:${line} ${field.slice(1)}: ` };
}

test.each(FILES)('the whole %s loads', (_, whole, loader) => {
  const loaded = loader(stringify(whole, { aliasDuplicateObjects: false }));

  expect(loaded.kind === 'broken' && loaded.problems).toBe(false);
});

/** Where a wrong value is not named. */
function unnamed(paths: readonly Path[], [file, whole, loader]: (typeof FILES)[number]): Path[] {
  return paths.filter((path) => {
    const { text, said } = wrongAt(whole, path);
    const loaded = loader(text);
    const problems = loaded.kind === 'broken' ? loaded.problems : [];
    return !problems.some((one) => one.startsWith(`${file}${said}`) && one.includes('; allowed: '));
  });
}

test.each(FILES)('a wrong value anywhere in %s is named by file, line and field, with what is allowed', (...file) => {
  expect(unnamed(pathsIn(file[1]), file)).toEqual([]);
});

test.each(FILES)('an unknown key anywhere in %s is named by file, line and field, with what is allowed', (...file) => {
  const unknown = mappingsIn(file[1]).map((path) => [...path, 'zzz']);

  expect(unnamed(unknown, file)).toEqual([]);
});
