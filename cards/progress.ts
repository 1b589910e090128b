import type { Ask, AskLevel, Gate, Vote } from '../services/domain/gate.ts';
import { openLevels, principalsOf, votesFor } from '../services/domain/quorum.ts';
import { counted, listOf, principalName } from './names.ts';
import { localTime, showDate } from './show-time.ts';

/** `1 of 2 approvals`; of several levels all of them together. */
export function progressWords(ask: Ask, votes: readonly Vote[]): string {
  const { given, needed } = progressOf(ask, votes);
  return `${given} of ${counted(needed, 'approval')}`;
}

export function progressOf(
  { levels }: Ask,
  votes: readonly Vote[],
): { readonly given: number; readonly needed: number } {
  const given = levels.map(({ quorum }, index) => Math.min(quorum, votesFor(votes, index).length));
  return { given: sumOf(given), needed: sumOf(levels.map(({ quorum }) => quorum)) };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** Why a request ended by its time alone: `Only 1 of 2 approvals came before …`. */
export function whyExpired({ ask, votes, closesAt, judgement }: Gate): string {
  const end = localTime(closesAt);
  if (judgement?.verdict === 'block') return `It was still blocked on ${end}`;
  if (ask === undefined || votes.length === 0) return `Nobody decided before ${end}`;
  const { given, needed } = progressOf(ask, votes);
  if (given < needed) return `Only ${progressWords(ask, votes)} came before ${end}`;
  return `It was approved, but its time ended on ${end} before Azure DevOps was told`;
}

/** One line for each level: who counts, how many have approved, which one is asked now. */
export function levelWords(ask: Ask, votes: readonly Vote[]): string[] {
  const open = openLevels(ask, votes);
  return ask.levels.map((level, index) => {
    const given = votesFor(votes, index).length;
    const state = given >= level.quorum ? 'done' : open.includes(index) ? `${given} of ${level.quorum}` : 'later';
    const number = ask.levels.length === 1 ? '' : `${index + 1}. `;
    return `${number}${poolWords(level)}: ${state}`;
  });
}

/** `Frozen until Fri 27 Nov 2026: release-managers must approve too. `; empty without a freeze. */
export function frozenWords(ask: Ask | undefined): string {
  const frozen = (ask?.levels ?? []).filter(({ frozenUntil }) => frozenUntil !== undefined);
  const until = frozen
    .flatMap((level) => level.frozenUntil ?? [])
    .sort()
    .at(-1);
  if (until === undefined) return '';
  const names = [...new Set(frozen.flatMap(principalsOf))].map((principal) => principalName(principal));
  return `Frozen until ${showDate(until)}: ${listOf(names, 3)} must approve too. `;
}

/** `any 1 of 7 payments-leads`. */
export function poolWords(level: AskLevel): string {
  const names = listOf(
    principalsOf(level).map((principal) => principalName(principal)),
    3,
  );
  const frozen = level.frozenUntil === undefined ? '' : `, frozen until ${showDate(level.frozenUntil)}`;
  return `any ${level.quorum} of ${level.eligible.length} ${names}${frozen}`;
}
