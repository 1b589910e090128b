import { expect, test } from 'vitest';
import { likenessIn } from '../../services/domain/likeness.ts';
import type { FindingSample } from '../../services/domain/scan-head.ts';
import { COMMIT, OLDER_COMMIT } from '../builders.ts';
import { aScanHead } from '../scans.ts';
import { aGroup, fingerprint } from './judge-input.ts';

const sample = (n: number, path: string | undefined, message = 'Weak random'): FindingSample => ({
  fingerprint: fingerprint(n),
  message,
  ...(path === undefined ? {} : { path }),
});
const headOf = (commit: string, receivedAt: string, ...samples: readonly FindingSample[]) =>
  aScanHead({
    ...{ commit, receivedAt },
    groups: [aGroup({ fingerprints: samples.map((one) => one.fingerprint), samples, count: samples.length })],
  });
const older = (...samples: readonly FindingSample[]) => headOf(OLDER_COMMIT, '2026-11-20T09:00:00.000Z', ...samples);
const newest = (...samples: readonly FindingSample[]) => headOf(COMMIT, '2026-11-23T09:00:00.000Z', ...samples);

function likes(now: ReturnType<typeof newest>, ...before: readonly ReturnType<typeof newest>[]) {
  const likeness = likenessIn([now], [...before, now]);
  return now.groups.flatMap((group) => likeness({ ...now, ...group }));
}

test('what is found in another file, and is gone where it was, is like that one', () => {
  expect(likes(newest(sample(2, 'src/new.ts')), older(sample(1, 'src/old.ts')))).toEqual([
    { of: fingerprint(2), fingerprint: fingerprint(1), path: 'src/old.ts' },
  ]);
});

test('of several that are gone the one that was there last is meant', () => {
  const oldest = headOf(OLDER_COMMIT, '2026-11-01T09:00:00.000Z', sample(3, 'src/oldest.ts'));
  const [like] = likes(newest(sample(2, 'src/new.ts')), oldest, older(sample(1, 'src/old.ts')));
  expect(like?.path).toBe('src/old.ts');
});

test.each<[string, FindingSample[], FindingSample[]]>([
  ['it is still there', [sample(2, 'src/new.ts'), sample(1, 'src/old.ts')], [sample(1, 'src/old.ts')]],
  ['the message was another', [sample(2, 'src/new.ts')], [sample(1, 'src/old.ts', 'Weak hash')]],
  ['the file is the same', [sample(2, 'src/old.ts')], [sample(1, 'src/old.ts')]],
  ['it has no place', [sample(2, undefined)], [sample(1, 'src/old.ts')]],
  ['the other had no place', [sample(2, 'src/new.ts')], [sample(1, undefined)]],
])('nothing is like it where %s', (_what, now, before) => {
  expect(likes(newest(...now), older(...before))).toEqual([]);
});

test('nothing of another tool, category or rule is like it', () => {
  const now = newest(sample(2, 'src/new.ts'));
  const before = older(sample(1, 'src/old.ts'));
  const others = [
    { ...before, tool: 'trufflehog' },
    { ...before, category: 'sast' as const },
    { ...before, groups: before.groups.map((group) => ({ ...group, rule: 'other' })) },
  ];
  expect(likes(now, ...others)).toEqual([]);
});
