import type { Guard } from './guard.ts';

const JUDGE = 'services/domain/judge.ts';
const SIGNAL = 'services/domain/signal.ts';
const EXPLOITABILITY = 'services/domain/exploitability.ts';
const IMPORTED = {
  tests: ['test/integration/findings-import.test.ts'],
  fails: '%s is refused and leaves no row at all',
};
const EVIDENCE = { tests: ['test/unit/signal.test.ts'], fails: 'evidence that is %s blocks where it is required' };

/** What tools report, and what it proves. */
export const REPORTS: readonly Guard[] = [
  {
    against: ['T25'],
    guard: 'a report with a key twice is refused, for two readers would read two reports',
    patches: [
      {
        file: 'services/signals/json-elements.ts',
        find: 'if (keys.has(key)) return',
        replace: 'if (keys.has(key) && at < 0) return',
      },
    ],
    tests: ['test/unit/sarif-hostile.test.ts'],
    fails: '%s is refused as malformed',
  },
  {
    against: ['T25', 'I11'],
    guard: 'a scan that failed or was cut short is no evidence',
    patches: [{ file: SIGNAL, find: "if (!head.complete) return 'incomplete';", replace: '' }],
    ...EVIDENCE,
  },
  {
    against: ['T25', 'I11'],
    guard: 'a scan that is too old is no evidence',
    patches: [
      {
        file: SIGNAL,
        find: "if (maxAge !== undefined && !(age <= maxAge * HOUR)) return 'too-old';",
        replace: '',
      },
    ],
    ...EVIDENCE,
  },
  {
    against: ['T25', 'I11'],
    guard: 'where only what Azure DevOps confirmed counts, nothing else does',
    patches: [
      { file: SIGNAL, find: "if (control.evidence.verified && !head.verified) return 'unverified';", replace: '' },
    ],
    ...EVIDENCE,
  },
  {
    against: ['T25', 'I11'],
    guard: 'a control that must have run and is not known to have is in the way',
    patches: [{ file: JUDGE, find: ', ...missingSignals(signals).map(missingSignal)]', replace: ']' }],
    tests: ['test/unit/judge-laws.test.ts'],
    fails: 'a control that must have run and is not known to have blocks the gate, and no other does',
  },
  {
    against: ['T25'],
    guard: 'a suppression in a report counts only where the control says so',
    patches: [
      {
        file: JUDGE,
        find: 'if (group.suppressed && claim.control.acceptSuppressions) return [];',
        replace: 'if (group.suppressed) return [];',
      },
    ],
    tests: ['test/unit/judge.test.ts'],
    fails: 'a finding that was suppressed in the report counts all the same',
  },
  {
    against: ['T25'],
    guard: 'that somebody is not affected counts only where the control accepts what pipelines say of themselves',
    patches: [
      {
        file: EXPLOITABILITY,
        find: 'if (acceptSuppressions && !isAffected &&',
        replace: 'if (!isAffected &&',
      },
    ],
    tests: ['test/unit/exploitability.test.ts'],
    fails: 'without accepted suppressions no document, beside whatever others, makes anything milder',
  },
  {
    against: ['T25'],
    guard: 'what nobody vouched for denies nothing that a confirmed run found',
    patches: [
      {
        file: EXPLOITABILITY,
        find: 'DENYING.includes(word.status) && word.isVouched;',
        replace: 'DENYING.includes(word.status);',
      },
    ],
    tests: ['test/unit/exploitability.test.ts'],
    fails: 'without a confirmed run denies nothing that a confirmed run found',
  },
  {
    against: ['T25'],
    guard: 'nobody reports as what the bot finds out by itself',
    patches: [
      {
        file: 'services/findings.ts',
        find: 'if (reserved !== undefined) return reservedTool(reserved.tool);',
        replace: '',
      },
    ],
    ...IMPORTED,
  },
  {
    against: ['T25', 'I11'],
    guard: 'a scan of the future is refused, for it would never be too old',
    patches: [
      {
        file: 'services/findings.ts',
        find: "if (future !== undefined) return { kind: 'invalid', code: 'scan-in-future', detail: future };",
        replace: '',
      },
    ],
    ...IMPORTED,
  },
];
