import type { DecisionClass } from './contract.ts';
import { SEVERITIES } from './finding.ts';
import type { JudgedGroup } from './judgement.ts';

/** Those of one class, the severest first; the rest of the order only has to be the same every time. */
export function listed<Group extends JudgedGroup>(groups: readonly Group[], decision: DecisionClass): Group[] {
  return groups
    .filter((group) => group.decision === decision)
    .map((group) => ({ group, key: sortKey(group) }))
    .sort((a, b) => compareText(a.key, b.key) || compareText(JSON.stringify(a.group), JSON.stringify(b.group)))
    .map(({ group }) => group);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function sortKey(group: JudgedGroup): string {
  return JSON.stringify([
    SEVERITIES.indexOf(group.severity),
    group.service,
    group.control ?? '',
    group.tool,
    group.rule,
    group.exceptionId ?? '',
    group.fingerprints[0] ?? '',
  ]);
}
