import type { Severity } from '../domain/finding.ts';
import { member } from './json-value.ts';
import { severityOfScore } from './severity.ts';

/** Those of a result or a rule (SARIF 2.1.0, 3.27.10). */
export const LEVELS = ['error', 'warning', 'note', 'none'] as const;
export type Level = (typeof LEVELS)[number];

/** A severity that the tool states itself, beside the level. */
export type Rating = Severity;

/** The level, or undefined for anything that is none: then the next source counts (SARIF 2.1.0, 3.27.10). */
export function levelOf(value: unknown): Level | undefined {
  return LEVELS.find((level) => level === value);
}

const BY_LEVEL = { error: 'high', warning: 'medium', note: 'low', none: 'info' } as const;

export function severityOfLevel(level: Level): Severity {
  return BY_LEVEL[level];
}

/**
 * `security-severity` (a CVSS score, usually as text; bands of GitHub code scanning), else `problem.severity` (CodeQL).
 * A score of 0 is how tools write "no score": the next source counts.
 */
export function ratingOf(properties: unknown): Rating | undefined {
  return severityOfScore(member(properties, 'security-severity')) ?? severityOfProblem(properties);
}

function severityOfProblem(properties: unknown): Severity | undefined {
  const problem = member(properties, 'problem.severity');
  if (problem === 'error') return 'high';
  if (problem === 'warning') return 'medium';
  return problem === 'recommendation' ? 'low' : undefined;
}
