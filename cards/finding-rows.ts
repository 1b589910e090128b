import { DECISION_CLASSES, type DecisionClass } from '../services/domain/contract.ts';
import { type ListedGroup, quiet } from '../services/domain/finding-list.ts';
import { type OpenGroup, printsOf } from '../services/domain/judgement.ts';
import { vexWords } from './exploitability-words.ts';
import { FOUND_AFTER, foundAfterWords } from './found-after-words.ts';
import { dueWords, kindOf, nextWords } from './gate-findings.ts';
import { counted, grouped, listOf, nameOf, principalName } from './names.ts';
import { showDate } from './show-time.ts';
import { plain } from './text.ts';
import { shortPrint, snoozeWords } from './triage-words.ts';

const NAME_MAX = 64;
const ID_MAX = 20;
const CLAIMS_SHOWN = 3;

/** A symbol and words: none of them is told by its colour. */
export const DECISION_WORDS: Readonly<Record<DecisionClass, { readonly symbol: string; readonly word: string }>> = {
  block: { symbol: '■', word: 'blocks' },
  warn: { symbol: '▲', word: 'warns' },
  monitor: { symbol: '○', word: 'only counted' },
};

/** `2 block, 1 warns, 14 only counted`. */
export function decisionCounts(counts: Readonly<Partial<Record<DecisionClass, number>>>): string {
  const said = DECISION_CLASSES.flatMap((decision) => {
    const count = counts[decision];
    if (count === undefined) return [];
    const verb = decision === 'monitor' ? DECISION_WORDS.monitor.word : decision;
    return [counted(count, DECISION_WORDS[decision].word, verb)];
  });
  return said.join(', ');
}

/** `warns in prod · high, semgrep, 3 findings · owner payments-owners · due Tue 8 Dec 2026 · …`. */
export function standingWords(listed: ListedGroup, at: string): string {
  const { group, environment } = listed;
  const [print] = printsOf(group);
  const parts = [
    group.foundAfter === undefined
      ? `${DECISION_WORDS[group.decision].word} in ${plain(environment, NAME_MAX)}`
      : foundAfterWords(group.foundAfter),
    kindOf(group),
    ownerWords(listed),
    group.lead === undefined ? '' : `lead ${principalName(group.lead)}`,
    group.decision === 'warn' ? dueWords(group, at) : '',
    nextWords(group),
    group.blocksFrom === undefined ? '' : `blocks from ${showDate(group.blocksFrom)}`,
    group.fixAvailable === true ? 'a fix exists' : '',
    vexWords(group),
    claimWords(listed),
    snoozedWords(listed),
    group.exceptionId === undefined ? '' : `excepted by ${plain(group.exceptionId, ID_MAX)}`,
    print === undefined ? '' : shortPrint(print),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

export function standingSymbol({ decision, foundAfter }: Pick<OpenGroup, 'decision' | 'foundAfter'>): string {
  return foundAfter === undefined ? DECISION_WORDS[decision].symbol : FOUND_AFTER.symbol;
}

export function ownerWords({ group: { owner }, hasOwner }: ListedGroup): string {
  return hasOwner ? `owner ${principalName(owner)}` : `no owner: nobody is left in ${principalName(owner)}`;
}

/** `claimed by Adele Vance (2)`; whoever has left is said to have. */
function claimWords({ claims, group }: ListedGroup): string {
  if (claims.length === 0) return '';
  const names = claims.map(({ name, count }) => {
    const share = group.count === 1 ? '' : ` (${grouped(count)})`;
    return name === undefined ? `somebody who has left${share}, so unowned` : `${nameOf(name)}${share}`;
  });
  return `claimed by ${listOf(names, CLAIMS_SHOWN)}`;
}

/** `2 of 3 put off until Fri 27 Nov 2026`. */
function snoozedWords(listed: ListedGroup): string {
  const { snoozes, group } = listed;
  const [first] = snoozes;
  if (first === undefined) return '';
  const share = group.count === 1 ? '' : `${grouped(quiet(listed))} of ${grouped(group.count)} `;
  const others = snoozes.length === 1 ? '' : ' and other days';
  return `${share}put off ${snoozeWords(first.snooze)}${others}`;
}
