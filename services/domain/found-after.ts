import { instantOf, minuteOf } from './finding-history.ts';
import type { DecidedGroup } from './judge.ts';
import { duplicatePrints, partOf } from './judgement.ts';
import type { Past, Pasts } from './past.ts';
import { type FoundAfter, isShipped, type ReleasedIn, shippedBefore } from './release.ts';
import type { ScanHead } from './scan-head.ts';

/** What is decided of a group as lists show it. */
export interface StandingGroup extends DecidedGroup {
  /** It blocks, and this deployment shipped it before anybody knew: it stops only what comes next. */
  readonly foundAfter?: FoundAfter;
}

/** What was known of the same service when it was decided. */
interface KnownThen {
  readonly release?: ReleasedIn;
  readonly pasts: Pasts;
  readonly heads: readonly ScanHead[];
}

/**
 * Tells what blocks apart from what the last deployment of this environment has shipped before it was first seen there, by
 * any tool. Words for lists only: a gate judges both alike.
 */
export function tellFoundAfter(groups: readonly DecidedGroup[], known: KnownThen): StandingGroup[] {
  const { release, pasts } = known;
  if (release === undefined) return [...groups];
  const isLaterToo = duplicatesIn(groups, release, known);
  return groups.flatMap((one) => {
    const { judged, head, group } = one;
    if (judged.decision !== 'block' || !isShipped(release.release, head.commit)) return [one];
    const others = duplicatePrints(judged);
    const isLater = (print: string) =>
      firstSeenAt(head, pasts.get(print) ?? group.past) > release.release.at &&
      (others.get(print) ?? []).every(isLaterToo);
    return splitBy(one, shippedBefore(release), isLater);
  });
}

/** What other tools call what blocks: every report that lists it must be of what is deployed, and have come later. */
function duplicatesIn(
  groups: readonly DecidedGroup[],
  { release }: ReleasedIn,
  { pasts, heads }: KnownThen,
): (print: string) => boolean {
  const blocks = groups.filter(({ judged }) => judged.decision === 'block');
  const named = new Set(blocks.flatMap(({ judged: { duplicates = [] } }) => duplicates.map((one) => one.fingerprint)));
  const earlier = new Set<string>();
  for (const head of named.size === 0 ? [] : heads) {
    const isDeployed = isShipped(release, head.commit);
    for (const print of head.groups.flatMap(({ fingerprints }) => fingerprints)) {
      if (named.has(print) && !(isDeployed && firstSeenAt(head, pasts.get(print)) > release.at)) earlier.add(print);
    }
  }
  return (print) => !earlier.has(print);
}

function splitBy(one: DecidedGroup, foundAfter: FoundAfter, isLater: (print: string) => boolean): StandingGroup[] {
  const { judged } = one;
  // Of those that are not listed the oldest speaks for all.
  if (judged.fingerprints.length === 0) return isLater('') ? [{ ...one, foundAfter }] : [one];
  const later = judged.fingerprints.filter(isLater);
  if (later.length === 0) return [one];
  if (later.length === judged.fingerprints.length) return [{ ...one, foundAfter }];
  const before = judged.fingerprints.filter((print) => !later.includes(print));
  return [
    { ...one, judged: partOf(judged, before, before.length) },
    { ...one, judged: partOf(judged, later, later.length), foundAfter },
  ];
}

/** ISO-8601 UTC. A past knows minutes: of the minute in which the report came, the report's own instant is meant. */
function firstSeenAt({ receivedAt }: ScanHead, past: Past | undefined): string {
  return past === undefined || past.firstSeen >= minuteOf(receivedAt) ? receivedAt : instantOf(past.firstSeen);
}
