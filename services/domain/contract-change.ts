import type { Contract, Control } from './contract.ts';
import { diffContracts, type RuleChange } from './contract-diff.ts';

/** A contract as evidence names it. */
export interface ContractVersion {
  readonly version: number;
  readonly checksum: string;
  /** Absent where it comes from a folder. */
  readonly commit?: string;
}

/** One contract that took the place of another. */
export interface ContractChange {
  /** ISO-8601 UTC, when it was noted. */
  readonly at: string;
  readonly before: ContractVersion;
  readonly after: ContractVersion;
}

export interface ContractDifference {
  readonly rules: readonly RuleChange[];
  /** What else is not as it was: `owner`, `environment prod`, `control sast: expiry`. */
  readonly parts: readonly string[];
}

/** For an owner of the contract. */
export interface ContractNews {
  readonly contractChange: ContractChange;
  /** Absent where one of the two was not kept. */
  readonly difference?: ContractDifference;
  /** Object id. */
  readonly to: string;
}

export type Direction = 'looser' | 'stricter' | 'either';

/** People tell versions apart by their number: one that did not rise hides a change. */
export function hasRisen({ before, after }: ContractChange): boolean {
  return after.version > before.version;
}

export function differenceOf(before: Contract, after: Contract): ContractDifference {
  const rules = diffContracts(before, after);
  return { rules, parts: partsChanged(before, after, new Set(rules.map(({ control }) => control))) };
}

/** What a change means by itself: what comes or goes in between can be either, as the first match decides. */
export function directionOf(change: RuleChange): Direction {
  const isCertain = (then: string) => change.service !== undefined || then === 'block';
  switch (change.kind) {
    case 'tightened':
      return 'stricter';
    case 'loosened':
      return 'looser';
    case 'added':
      return isCertain(change.after.then) ? 'stricter' : 'either';
    case 'removed':
      return isCertain(change.before.then) ? 'looser' : 'either';
    case 'reordered':
      return 'either';
  }
}

const PARTS = ['owner', 'operators', 'calendar', 'limits', 'reviews', 'digest'] as const;
const CONTROL_PARTS = ['signal', 'evidence', 'owner', 'expiry', 'acceptSuppressions'] as const;

/** `told`: controls of which changed rules are told already. */
function partsChanged(before: Contract, after: Contract, told: ReadonlySet<string>): string[] {
  const environments = new Set([...before.environments.keys(), ...after.environments.keys()]);
  return [
    ...PARTS.filter((part) => !areEqual(before[part], after[part])),
    ...[...environments]
      .filter((name) => !areEqual(before.environments.get(name), after.environments.get(name)))
      .map((name) => `environment ${name}`),
    ...after.controls.flatMap((control) => {
      const old = before.controls.find(({ name }) => name === control.name);
      return old === undefined ? [] : controlParts(old, control, told.has(control.name));
    }),
  ];
}

function controlParts(before: Control, after: Control, isTold: boolean): string[] {
  const parts: string[] = CONTROL_PARTS.filter((part) => !areEqual(before[part], after[part]));
  const areRulesSame = areEqual(before.decisions, after.decisions) && areEqual(before.overrides, after.overrides);
  if (!areRulesSame && !isTold) parts.push('words, dates or steps of its rules');
  return parts.map((part) => `control ${after.name}: ${part}`);
}

function areEqual(a: unknown, b: unknown): boolean {
  return orderedJson(a) === orderedJson(b);
}

/** The order of names says nothing. */
function orderedJson(value: unknown): string | undefined {
  return JSON.stringify(value, (_, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    const entries = member instanceof Map ? [...(member as Map<string, unknown>)] : Object.entries(member);
    return Object.fromEntries(entries.sort(([x], [y]) => (x < y ? -1 : 1)));
  });
}
