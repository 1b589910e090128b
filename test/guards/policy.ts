import type { Guard } from './guard.ts';

/** The contract, and what changes of it may do. */
export const POLICY: readonly Guard[] = [
  {
    against: ['T32', 'I11'],
    guard: 'a broken contract leaves the last good one in force',
    patches: [
      {
        file: 'services/policy/compose-policy.ts',
        find: "read.loaded.kind === 'loaded' ? read.loaded.value : good.contract;",
        replace: "read.loaded.kind === 'loaded' ? read.loaded.value : undefined;",
      },
    ],
    tests: ['test/unit/policy-folder.test.ts'],
    fails: 'a broken contract never replaces the last good one',
  },
  {
    against: ['T32'],
    guard: 'a weaker contract opens nothing that the older one still blocks',
    patches: [
      {
        file: 'services/domain/older-contract.ts',
        find: "if (current.verdict === 'block' || older.verdict !== 'block') return current;",
        replace: "if (older.verdict === 'block' || older.verdict !== 'block') return current;",
      },
    ],
    tests: ['test/unit/older-contract.test.ts'],
    fails: 'the one in force says %s and the older one %s: version %i decides',
  },
  {
    against: ['T32'],
    guard: 'policy is taken from a protected branch alone',
    patches: [
      {
        file: 'services/azure-devops/policy-repository.ts',
        find: 'if ((await isProtected(branch, read)) === true) return;',
        replace: 'if ((await isProtected(branch, read)) !== null) return;',
      },
    ],
    tests: ['test/contracts/policy-repository-faults.test.ts'],
    fails: 'once the protection is taken away no later commit is taken',
  },
  {
    against: ['T32', 'I7'],
    guard: 'an approval is bound to the rules that it was given under',
    patches: [
      {
        file: 'services/domain/subject.ts',
        find: 'rules: applies === undefined ? null : rulesFor(applies.contract, applies.environment, gate.services),',
        replace: 'rules: applies === undefined ? null : [],',
      },
    ],
    tests: ['test/unit/subject.test.ts'],
    fails: 'a rule of this tier, environment and service changes the checksum',
  },
];
