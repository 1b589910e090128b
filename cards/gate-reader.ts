import type { Gate } from '../services/domain/gate.ts';
import { askedNow } from '../services/domain/quorum.ts';
import { candidateName, isViewer, listOf, type Viewer } from './names.ts';
import { EXCLUDED_WORDS } from './words.ts';

export type Verdict = 'approve' | 'reject' | 'withdraw';

/** What this reader is offered to decide: who is asked, approve or reject; who has approved, to think better of it. */
export function verdictsFor(gate: Gate, viewer: Viewer | undefined): readonly Verdict[] {
  const { state, ask, votes } = gate;
  if (state !== 'asked' || ask === undefined || viewer?.oid === undefined || viewer.isPublic === true) return [];
  if (gate.linkOnly === true) return [];
  if (votes.some(({ by }) => isViewer(viewer, by.oid))) return ['withdraw', 'reject'];
  return askedNow(ask, votes).some(({ oid }) => isViewer(viewer, oid)) ? ['approve', 'reject'] : [];
}

/** Asked, but by an approval of Azure DevOps' own that cannot be given from here. */
export function isAskedElsewhere(gate: Gate, viewer: Viewer | undefined): boolean {
  const { state, ask, votes, linkOnly } = gate;
  if (linkOnly !== true || state !== 'asked' || ask === undefined) return false;
  return viewer?.oid === undefined || askedNow(ask, votes).some(({ oid }) => isViewer(viewer, oid));
}

/** Object ids of those who are offered something: those who are asked first. */
export function readersOffered({ state, ask, votes }: Gate): string[] {
  if (state !== 'asked' || ask === undefined) return [];
  return [...new Set([...askedNow(ask, votes), ...votes.map(({ by }) => by)].map(({ oid }) => oid))];
}

/** Why this reader finds the buttons that there are; undefined once it waits for nobody, and for who is asked. */
export function yourPart(gate: Gate, viewer: Viewer | undefined): string | undefined {
  const { ask, votes } = gate;
  if (gate.state !== 'asked' || ask === undefined || isAskedElsewhere(gate, viewer)) return undefined;
  if (viewer?.oid === undefined || viewer.isPublic === true) {
    return 'If you are asked, "Show my view" brings your buttons.';
  }
  const [first] = verdictsFor(gate, viewer);
  if (first === 'approve') return undefined;
  const others = listOf(askedNow(ask, votes).map(candidateName), 5);
  if (first === 'withdraw') return `You have approved; it still waits for ${others}.`;
  const excluded = ask.levels.flatMap((level) => level.excluded).find(({ oid }) => isViewer(viewer, oid));
  const why = excluded === undefined ? '' : ` (${EXCLUDED_WORDS[excluded.why]})`;
  return `You are not asked${why}; it waits for ${others}.`;
}
