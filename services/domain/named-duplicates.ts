import { areDuplicates, type DuplicateKeys, readDuplicateKeys } from './duplicate-keys.ts';
import type { ScanHead } from './scan-head.ts';

/** Fingerprints of other tools, named by an exception, that are of the same problem as this one. */
export type DuplicatesOf = (fingerprint: string) => readonly string[];

/** What one tool reports under the same keys: all of it has the same duplicates. */
interface Alike {
  readonly tool: string;
  readonly verified: boolean;
  readonly keys: DuplicateKeys;
  /** Of its fingerprints those that an exception names. */
  readonly named: Set<string>;
}

const NONE: readonly string[] = [];

/**
 * Only of a finding that itself shares a key, whatever else is a duplicate of both. What a confirmed run reports is no
 * duplicate of what anybody may have sent: nobody gets it excepted by a report of their own. The same list for all that
 * have the same duplicates.
 */
export function namedDuplicates(
  heads: readonly ScanHead[],
  exceptions: readonly { readonly fingerprints?: readonly string[] }[],
): DuplicatesOf {
  const scans = heads.filter(({ groups }) => groups.some(({ duplicateKeys }) => duplicateKeys !== undefined));
  const names = new Set(scans.length === 0 ? [] : exceptions.flatMap(({ fingerprints = [] }) => fingerprints));
  if (names.size === 0 || new Set(scans.map(({ tool }) => tool)).size < 2) return () => NONE;
  const { byPrint, byKey } = reportedIn(scans, names);
  const listOf = createListOf(byKey);
  return (fingerprint) => {
    const reported = [...(byPrint.get(fingerprint) ?? [])];
    const confirmed = reported.filter(({ verified }) => verified);
    const lists = (confirmed.length > 0 ? confirmed : reported).map(listOf).filter((list) => list.length > 0);
    const [first = NONE, ...others] = lists;
    return others.length === 0 ? first : [...new Set(lists.flat())];
  };
}

function createListOf(byKey: ReadonlyMap<string, readonly Alike[]>) {
  const known = new Map<Alike, readonly string[]>();
  return (own: Alike): readonly string[] => {
    const list = known.get(own) ?? namesOf(own, byKey);
    known.set(own, list);
    return list;
  };
}

function namesOf({ tool, verified, keys }: Alike, byKey: ReadonlyMap<string, readonly Alike[]>): readonly string[] {
  const others = new Set(keys.keys.flatMap((key) => byKey.get(key) ?? []));
  const duplicates = [...others].filter(
    (other) => tool !== other.tool && verified === other.verified && areDuplicates(keys, other.keys),
  );
  return [...new Set(duplicates.flatMap(({ named }) => [...named]))];
}

/** Each kind of finding once, in however many scans it is; by key only those of which one is named. */
function reportedIn(scans: readonly ScanHead[], names: ReadonlySet<string>) {
  const kinds = new Map<string, Alike>();
  const byPrint = new Map<string, Set<Alike>>();
  for (const { print, written, tool, verified } of scans.flatMap(writtenIn)) {
    const kind = `${verified} ${written} ${tool}`;
    const one = kinds.get(kind) ?? { tool, verified, keys: readDuplicateKeys(written), named: new Set() };
    kinds.set(kind, one);
    byPrint.set(print, (byPrint.get(print) ?? new Set()).add(one));
    if (names.has(print)) one.named.add(print);
  }
  const named = [...kinds.values()].filter((one) => one.named.size > 0);
  const places = named.flatMap((one) => one.keys.keys.map((key) => ({ key, one })));
  const byKey = new Map(
    [...Map.groupBy(places, ({ key }) => key)].map(([key, all]) => [key, all.map(({ one }) => one)]),
  );
  return { byPrint, byKey };
}

function writtenIn({ tool, verified, groups }: ScanHead) {
  return groups.flatMap(({ fingerprints, duplicateKeys = [] }) =>
    fingerprints.flatMap((print, n) => {
      const written = duplicateKeys[n] ?? '';
      return written === '' ? [] : [{ print, written, tool, verified }];
    }),
  );
}
