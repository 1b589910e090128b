import { instantOf, minuteOf } from './finding-history.ts';
import type { DecidedGroup } from './judge.ts';
import { duplicatePrints, partOf } from './judgement.ts';
import type { Past, Pasts } from './past.ts';
import { type FoundAfter, isShipped, type Release, type ReleasedIn, shippedBefore } from './release.ts';
import type { ScanHead } from './scan-head.ts';

/** What is decided of a group as lists show it. */
export interface StandingGroup extends DecidedGroup {
  /** It blocks, and this deployment shipped it before anybody knew: it stops only what comes next. */
  readonly foundAfter?: FoundAfter;
}

/**
 * Tells what blocks apart from what the last deployment of this environment has shipped before it was first seen there. Words
 * for lists only: a gate judges both alike.
 */
export function tellFoundAfter(
  groups: readonly DecidedGroup[],
  { release, pasts }: { readonly release?: ReleasedIn; readonly pasts: Pasts },
): StandingGroup[] {
  if (release === undefined) return [...groups];
  return groups.flatMap((one) => (isBlockOf(one, release.release) ? splitBy(one, release, pasts) : [one]));
}

function isBlockOf({ judged, head }: DecidedGroup, release: Release): boolean {
  return judged.decision === 'block' && isShipped(release, head.commit);
}

function splitBy(one: DecidedGroup, released: ReleasedIn, pasts: Pasts): StandingGroup[] {
  const { judged, head, group } = one;
  const foundAfter = shippedBefore(released);
  const isLater = (past: Past | undefined) => firstSeenAt(head, past) > released.release.at;
  // Of those that are not listed the oldest speaks for all.
  if (judged.fingerprints.length === 0) return isLater(group.past) ? [{ ...one, foundAfter }] : [one];
  const others = duplicatePrints(judged);
  // It was known as soon as one tool knew it.
  const wasKnown = (print: string) => {
    const past = pasts.get(print);
    return past !== undefined && !isLater(past);
  };
  const later = judged.fingerprints.filter(
    (print) => isLater(pasts.get(print) ?? group.past) && !(others.get(print) ?? []).some(wasKnown),
  );
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
