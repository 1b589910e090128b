import {
  BLOCK_GROUPS,
  type BlockGroup,
  type Contract,
  type DecisionClass,
  isObserved,
  type PlacedRule,
  rulesOf,
} from './contract.ts';
import { countRules } from './contract-diff.ts';
import { isBeforeDay, plusDays } from './instant.ts';
import { type ContractInForce, contractInForce } from './judgement.ts';
import type { KnownExploitedList } from './known-exploited.ts';
import type { Principal } from './person.ts';

/** Warnings whose day of decision comes within this time are named beforehand. */
export const SOON_DAYS = 14;

/** A rule of the contract, and the control that it belongs to. */
export interface RuleInForce extends PlacedRule {
  readonly control: string;
  /** Who decides about the rule: the control's fallback. */
  readonly owner: Principal;
}

/** What stands out about a contract on one day. */
export interface ContractSummary {
  readonly counts: Readonly<Record<DecisionClass, number>>;
  /** What blocks now, in the order of the groups; without a group: blocks with a justification of their own. */
  readonly blocks: readonly { readonly group?: BlockGroup; readonly rules: readonly RuleInForce[] }[];
  /** What will block, the earliest first. */
  readonly ahead: readonly RuleInForce[];
  /** Warnings that a step makes a block once findings are old, frequent or spread enough. */
  readonly climbing: readonly RuleInForce[];
  /** Warnings that should have been decided on by now, the oldest first, and those whose day is near. */
  readonly overdue: readonly RuleInForce[];
  readonly soon: readonly RuleInForce[];
  /** Environments that are judged and not enforced, and the ISO date until which. */
  readonly observed: readonly { readonly environment: string; readonly until: string }[];
}

/** The contract in force as people ask for it. */
export interface ContractView {
  /** ISO-8601 UTC. */
  readonly at: string;
  /** Absent: none is in force, and every gate is blocked. */
  readonly contract?: ContractInForce & ContractSummary;
  /** ISO-8601 UTC; when this process first read it. It may be in force for longer. */
  readonly readAt?: string;
  /** By what the policy knows vulnerabilities to be exploited; absent: by nothing. */
  readonly knownExploited?: readonly KnownExploitedList[];
  /** What is wrong with newer files, `file:line message`. */
  readonly problems: readonly string[];
}

/** `now` is ISO-8601 UTC; days begin in UTC, as for a judgement. */
export function viewOf(contract: Contract, commit: string | undefined, now: string): ContractView['contract'] {
  return { ...contractInForce(contract, commit), ...summaryOf(contract, now) };
}

function summaryOf(contract: Contract, now: string): ContractSummary {
  const rules = contract.controls.flatMap((control) =>
    rulesOf(control).map((placed) => ({ ...placed, control: control.name, owner: control.owner.fallback })),
  );
  const of = (then: DecisionClass) => rules.filter(({ rule }) => rule.then === then);
  const isAhead = ({ rule }: RuleInForce) => rule.from !== undefined && isBeforeDay(now, rule.from);
  const blocking = of('block').filter((one) => !isAhead(one));
  const undecided = of('warn').filter(({ rule }) => rule.decideBy !== undefined);
  // The day itself still counts: it is overdue on the next one.
  const today = now.slice(0, 10);
  const isOverdue = ({ rule }: RuleInForce) => (rule.decideBy ?? '') < today;
  const isSoon = ({ rule }: RuleInForce) => (rule.decideBy ?? '') <= plusDays(today, SOON_DAYS);
  return {
    counts: countRules(contract),
    blocks: [...BLOCK_GROUPS, undefined].flatMap((group) => {
      const own = blocking.filter(({ rule }) => rule.group === group);
      return own.length === 0 ? [] : [{ ...(group === undefined ? {} : { group }), rules: own }];
    }),
    ahead: byDay(of('block').filter(isAhead), 'from'),
    climbing: of('warn').filter(({ rule }) => rule.escalate.some(({ to }) => to === 'block')),
    overdue: byDay(undecided.filter(isOverdue), 'decideBy'),
    soon: byDay(
      undecided.filter((one) => !isOverdue(one) && isSoon(one)),
      'decideBy',
    ),
    observed: [...contract.environments.values()].flatMap((environment) => {
      const { name, observeUntil } = environment;
      return observeUntil === undefined || !isObserved(environment, now)
        ? []
        : [{ environment: name, until: observeUntil }];
    }),
  };
}

function byDay(rules: readonly RuleInForce[], day: 'from' | 'decideBy'): RuleInForce[] {
  const dayOf = ({ rule }: RuleInForce) => rule[day] ?? '';
  return rules.toSorted((a, b) => (dayOf(a) < dayOf(b) ? -1 : Number(dayOf(a) > dayOf(b))));
}
