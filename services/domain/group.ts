import { sha256Base32 } from './checksum.ts';
import { type Gate, isSettled } from './gate.ts';
import { openLevels } from './quorum.ts';

/**
 * What a gate asks now: its revision and its open levels, for instance `1 0.2`. Undefined unless it waits for people.
 * A card asks one question of each gate; who is away or new in a group changes no question.
 */
export function questionOf({ state, revision, ask, votes }: Gate): string | undefined {
  if (state !== 'asked' || ask === undefined) return undefined;
  return `${revision} ${openLevels(ask, votes).join('.')}`;
}

/** Equal for gates of one run that ask the same people in the same places under the same rules. */
export function askeesOf({ ask, votes }: Gate): string {
  if (ask === undefined) return '';
  const open = openLevels(ask, votes).flatMap((index) => ask.levels[index] ?? []);
  const people = distinct(open.flatMap(({ eligible }) => eligible.map(({ oid }) => oid)));
  const from = distinct(open.flatMap((level) => level.from));
  const { dm, comment } = ask;
  const rules = [from, people, distinct(ask.channels), dm, comment.approve, comment.reject];
  return sha256Base32(JSON.stringify(rules)).slice(0, 16);
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

/** Whether a card that asked this question of the gate still has something to say of it. */
export function isStillOn(gate: Gate, question: string): boolean {
  if (gate.state === 'superseded') return true;
  const isWaiting = gate.state === 'asked' || isSettled(gate.state);
  return isWaiting && question.startsWith(`${gate.revision} `);
}

/** Whether this person may have been asked by the gate's present question, or an earlier one of the same revision. */
export function asks({ ask, votes }: Gate, oid: string): boolean {
  if (ask === undefined) return false;
  return (
    votes.some(({ by }) => by.oid === oid) || ask.levels.some(({ eligible }) => eligible.some((one) => one.oid === oid))
  );
}
