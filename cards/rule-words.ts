import type { Condition, Rule } from '../services/domain/contract.ts';

/** `block when tier production and severity critical or high, from 2027-01-15`. Outside text in it is as it was written. */
export function ruleWords({ then, when, from }: Pick<Rule, 'then' | 'when' | 'from'>): string {
  const begins = then === 'block' && from !== undefined ? `, from ${from}` : '';
  return `${then} ${conditionWords(when)}${begins}`;
}

/** `when tier production and severity critical or high`, or `everything`. */
export function conditionWords(when: Condition): string {
  const asked = Object.entries(when).map(
    ([key, value]) => `${key} ${Array.isArray(value) ? value.join(' or ') : String(value)}`,
  );
  return asked.length === 0 ? 'everything' : `when ${asked.join(' and ')}`;
}
