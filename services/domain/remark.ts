/** Everything that lint can say, and whether it is an error (docs/contract.md, Lint). */
export const REMARK_LEVELS = {
  'no-because': 'error',
  'no-due': 'error',
  'no-decide-by': 'error',
  'no-escalation': 'error',
  'no-justification': 'error',
  'severity-only': 'error',
  'no-environment': 'error',
  'informational-gate': 'error',
  'late-review': 'error',
  unreachable: 'error',
  'many-blocks': 'warning',
  'no-soak': 'warning',
  'soak-unknown': 'warning',
  'decide-by-past': 'warning',
  'unknown-service': 'warning',
  'long-deadline': 'warning',
  'few-approvers': 'warning',
  'no-trust': 'warning',
} as const;
export type RemarkCode = keyof typeof REMARK_LEVELS;

/** A place in the policy as it was written. */
export interface Place {
  /** Relative to the policy folder. */
  readonly file: string;
  readonly path: readonly (string | number)[];
}

/** One thing that lint found unwise about a policy that is sound in its shape. */
export interface Remark {
  readonly level: 'error' | 'warning';
  readonly code: RemarkCode;
  readonly where: Place;
  /** What is wrong and the way out, in words for the policy's author. */
  readonly message: string;
}

export function remark(code: RemarkCode, where: Place, message: string): Remark {
  return { level: REMARK_LEVELS[code], code, where, message };
}

export function inContract(...path: Place['path']): Place {
  return { file: 'contract.yaml', path };
}
