import type { Condition, Rule } from '../services/domain/contract.ts';
import { showDate } from './show-time.ts';

/** `block when tier production and severity critical or high, from Fri 15 Jan 2027`. Outside text in it is as it was written. */
export function ruleWords({ then, when, from }: Pick<Rule, 'then' | 'when' | 'from'>): string {
  const begins = then === 'block' && from !== undefined ? `, from ${showDate(from)}` : '';
  return `${then} ${conditionWords(when)}${begins}`;
}

/** `when tier production and severity critical or high`, or `everything`. */
export function conditionWords(when: Condition): string {
  const asked = Object.entries(when).map(([key, value]) => askedWords(key, value));
  return asked.length === 0 ? 'everything' : `when ${asked.join(' and ')}`;
}

const YES_OR_NO: Readonly<Record<string, readonly [yes: string, no: string]>> = {
  fixAvailable: ['a fix is available', 'no fix is available'],
  branchProtected: ['the branch is protected', 'the branch is not protected'],
};

function askedWords(key: string, value: unknown): string {
  const [yes, no] = YES_OR_NO[key] ?? [];
  if (typeof value === 'boolean' && yes !== undefined && no !== undefined) return value ? yes : no;
  return `${key} ${Array.isArray(value) ? value.join(' or ') : String(value)}`;
}
