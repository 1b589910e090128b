import { areDuplicates, type DuplicateKeys, readDuplicateKeys } from './duplicate-keys.ts';
import type { ScanHead } from './scan-head.ts';

/** Fingerprints of other tools, named by an exception, that are of the same problem as this one. */
export type DuplicatesOf = (fingerprint: string) => readonly string[];

interface Kept {
  readonly print: string;
  readonly tool: string;
  readonly verified: boolean;
  readonly keys: DuplicateKeys;
}

/**
 * Only of a finding that itself shares a key, whatever else is a duplicate of both. What a confirmed run reports is no
 * duplicate of what anybody may have sent: nobody gets it excepted by a report of their own.
 */
export function namedDuplicates(
  heads: readonly ScanHead[],
  exceptions: readonly { readonly fingerprints?: readonly string[] }[],
): DuplicatesOf {
  const scans = heads.filter(({ groups }) => groups.some(({ duplicateKeys }) => duplicateKeys !== undefined));
  const names = new Set(scans.length === 0 ? [] : exceptions.flatMap(({ fingerprints = [] }) => fingerprints));
  if (names.size === 0 || new Set(scans.map(({ tool }) => tool)).size < 2) return () => [];
  const all = Map.groupBy(scans.flatMap(keptIn), ({ print }) => print);
  const named = new Map<string, Kept[]>();
  for (const name of names) {
    for (const one of all.get(name) ?? [])
      for (const key of one.keys.keys) named.set(key, [...(named.get(key) ?? []), one]);
  }
  return (fingerprint) => {
    const reported = all.get(fingerprint) ?? [];
    const confirmed = reported.filter(({ verified }) => verified);
    const own = confirmed.length > 0 ? confirmed : reported;
    const isDuplicate = (other: Kept) =>
      own.some(
        ({ tool, verified, keys }) =>
          tool !== other.tool && verified === other.verified && areDuplicates(keys, other.keys),
      );
    const others = own.flatMap(({ keys }) => keys.keys.flatMap((key) => named.get(key) ?? [])).filter(isDuplicate);
    return [...new Set(others.map(({ print }) => print))];
  };
}

function keptIn({ tool, verified, groups }: ScanHead): Kept[] {
  return groups.flatMap(({ fingerprints, duplicateKeys = [] }) =>
    fingerprints.flatMap((print, n) => {
      const keys = readDuplicateKeys(duplicateKeys[n] ?? '');
      return keys.keys.length === 0 ? [] : [{ print, tool, verified, keys }];
    }),
  );
}
