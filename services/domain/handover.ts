import type { Decision, Gate, Handover } from './gate.ts';
import type { NativeApproval, NativeStep } from './native-approval.ts';

/** One person's word, as it is passed on to a native approval. */
export type Word = Pick<Decision, 'verdict' | 'by' | 'comment'>;

/** Whose words a settled gate has for a native approval; none where the rules alone settled it. */
export function wordsOf({ state, votes, decision }: Gate): readonly Word[] {
  if (state === 'rejected') return decision === undefined ? [] : [decision];
  return state === 'approved' ? votes.map((vote) => ({ ...vote, verdict: 'approve' as const })) : [];
}

/** What Azure DevOps shows beside the person's own name. */
export function ownComment(gate: Gate, { comment }: Word): string {
  return [comment.trim(), markOf(gate)].filter((part) => part !== '').join(' ');
}

/** What Azure DevOps shows beside the bot's name: whose words these are. */
export function serviceComment(gate: Gate, words: readonly Word[]): string {
  const verb = words[0]?.verdict === 'reject' ? 'Rejected' : 'Approved';
  const names = words.map(({ by }) => `${by.name} (${by.oid})`).join(', ');
  const comments = words.map(({ comment }) => comment.trim()).filter((comment) => comment !== '');
  return [`${verb} by ${names} through Countersign.`, ...comments, markOf(gate)].join(' ');
}

/** By this a step is known as ours after an answer was lost: people are named differently in Azure DevOps. */
function markOf({ id }: Gate): string {
  return `(Countersign request ${id})`;
}

/** Whether Azure DevOps holds, in any step, what the sealed verdict said. */
export function isPassedOn(gate: Gate, { steps }: NativeApproval): boolean {
  const wanted = gate.verdict?.result === 'succeeded' ? 'approved' : 'rejected';
  const mark = markOf(gate);
  return steps.some(({ status, comment = '' }) => status === wanted && comment.includes(mark));
}

/** What is known to have been passed on to an approval as it stands. */
export function handoverOf(gate: Gate, approval: NativeApproval, as: 'person' | 'service'): Handover {
  if (!isPassedOn(gate, approval)) return { kind: 'left' };
  return { kind: 'sent', as, missing: approval.status === 'pending' ? missingIn(approval) : 0 };
}

function missingIn({ steps, minRequired }: NativeApproval): number {
  const approved = steps.filter(({ status }) => status === 'approved').length;
  return Math.max(1, (minRequired === 0 ? steps.length : minRequired) - approved);
}

const NAMES_KEPT = 5;
const LONGEST_NAME = 200;

/** Names of those who decided, as Azure DevOps writes them. */
export function decidersOf(steps: readonly NativeStep[]): string[] {
  const decided = steps.filter(({ status }) => status === 'approved' || status === 'rejected');
  const names = decided.map(({ actual }) => actual?.name ?? actual?.uniqueName ?? actual?.id ?? '');
  return [...new Set(names)]
    .filter((name) => name !== '')
    .slice(0, NAMES_KEPT)
    .map((name) => name.slice(0, LONGEST_NAME));
}
