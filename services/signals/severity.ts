import type { Severity } from '../domain/finding.ts';

/**
 * A CVSS base score, as number or text, in the bands of GitHub code scanning. Undefined for anything else; a score of 0 is
 * how tools write that there is none.
 */
export function severityOfScore(value: unknown): Severity | undefined {
  const score =
    typeof value === 'string' && /^\s{0,5}\d{1,2}(?:\.\d{1,5})?\s{0,5}$/.test(value) ? Number(value) : value;
  if (typeof score !== 'number' || !(score > 0 && score <= 10)) return undefined;
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  return score >= 4 ? 'medium' : 'low';
}

/** Words that mean the same to every tool here; a tool's own words come with its reader. */
export const SEVERITY_WORDS: ReadonlyMap<string, Severity> = new Map([
  ['critical', 'critical'],
  ['high', 'high'],
  ['medium', 'medium'],
  ['moderate', 'medium'],
  ['low', 'low'],
  ['negligible', 'info'],
  ['info', 'info'],
]);
