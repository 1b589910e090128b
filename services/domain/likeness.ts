import type { JudgedGroup, Like } from './judgement.ts';
import type { FindingSample, ScanHead } from './scan-head.ts';

/**
 * Finds for the samples of a group what older reports of the same tool had as samples, with the same rule and message in
 * another file, and the newest reports (`current`) do not list (contract.md, "Fingerprint"). Only words: a moved file is a new finding.
 */
export function likenessIn(
  current: readonly ScanHead[],
  all: readonly ScanHead[],
): (group: Pick<JudgedGroup, 'tool' | 'category' | 'rule' | 'samples'>) => Like[] {
  const open = new Set(current.flatMap(({ groups }) => groups.flatMap(({ fingerprints }) => fingerprints)));
  const older = all.filter((head) => !current.includes(head)).sort((a, b) => (a.receivedAt < b.receivedAt ? 1 : -1));
  const byKind = Map.groupBy(
    older.flatMap(({ tool, category, groups }) =>
      groups.map(({ rule, samples }) => ({ tool, category, rule, samples })),
    ),
    kindOf,
  );
  return (group) => {
    const before = (byKind.get(kindOf(group)) ?? []).flatMap(({ samples }) => samples);
    const gone = before.filter(({ fingerprint }) => !open.has(fingerprint));
    return group.samples.flatMap((sample) => likeOf(sample, gone) ?? []);
  };
}

function kindOf({ tool, category, rule }: Pick<JudgedGroup, 'tool' | 'category' | 'rule'>): string {
  return JSON.stringify([tool, category, rule]);
}

function likeOf({ fingerprint: of, message, path }: FindingSample, gone: readonly FindingSample[]): Like | undefined {
  if (path === undefined) return undefined;
  const like = gone.find((one) => one.message === message && one.path !== undefined && one.path !== path);
  return like?.path === undefined ? undefined : { of, fingerprint: like.fingerprint, path: like.path };
}
