import type { Guard } from './guard.ts';

const RETENTION = 'services/retention.ts';
const TESTS = ['test/unit/retention.test.ts'];
const VERIFICATION = ['test/unit/evidence-verification.test.ts'];

/** What is deleted, and what is written over nothing. */
export const KEEPING: readonly Guard[] = [
  {
    against: ['I1', 'I10'],
    guard: 'nothing is deleted whose archive does not verify',
    patches: [{ file: RETENTION, find: 'if (problem !== undefined)', replace: 'if (problem === file)' }],
    tests: TESTS,
    fails: 'an archive that is not what was written is named, and nothing of its day is deleted',
  },
  {
    against: ['I1', 'I10'],
    guard: 'nothing is deleted before its archive is evidence under a checkpoint',
    patches: [
      {
        file: RETENTION,
        find: '(through > 0 && (await retention.signedThrough(state.day)) < through)',
        replace: '(await retention.signedThrough(state.day)) < 0',
      },
    ],
    tests: TESTS,
    fails: '%s nothing is deleted, and status says so',
  },
  {
    against: ['I1'],
    guard: 'nothing is deleted that does not stand as it was archived',
    patches: [
      {
        file: 'services/tables/retention-store.ts',
        find: '|| (last !== undefined && last.hash !== head.hash)',
        replace: '',
      },
    ],
    tests: TESTS,
    fails: 'a request that changes after it was archived stays, and goes with the day on which it changed',
  },
  {
    against: ['I1'],
    guard: 'nothing is deleted under a legal hold',
    patches: [{ file: RETENTION, find: 'if (legalHold || ', replace: 'if (' }],
    tests: TESTS,
    fails: '%s nothing is deleted, and status says so',
  },
  {
    against: ['I10'],
    guard: 'only a signed entry says that something was archived',
    patches: [
      {
        file: 'services/domain/chain-walk.ts',
        find: 'archives.push(...archivesIn(entry));',
        replace: 'for (const one of archivesIn(entry)) anchored.archive(one);',
      },
    ],
    tests: TESTS,
    fails: 'an entry that nobody has signed excuses nothing',
  },
  {
    against: ['I1'],
    guard: 'a backup is restored over nothing',
    patches: [
      { file: 'services/backups.ts', find: 'if (occupied !== undefined) return refused(occupied);', replace: '' },
    ],
    tests: ['test/unit/backups.test.ts'],
    fails: 'nothing is restored over a store that has a row in table %s',
  },
  {
    against: ['T7', 'I10'],
    guard: 'what a checkpoint has signed and is not there is named',
    patches: [
      {
        file: 'services/domain/anchored-heads.ts',
        find: 'lackingOf((head) => !isKept(head))',
        replace: 'lackingOf(() => false)',
      },
    ],
    tests: VERIFICATION,
    fails: 'an aggregate that is gone from the store is named by what a checkpoint has signed of it',
  },
  {
    against: ['T7', 'I10'],
    guard: 'a chain that was written anew is not the one that a checkpoint has signed',
    patches: [
      {
        file: 'services/domain/anchored-heads.ts',
        find: 'if (anchor.hash !== entry.hash) return anchor.checkpoint;',
        replace: '',
      },
    ],
    tests: VERIFICATION,
    fails: 'of a chain that was rewritten, hashes and all, the first entry that a checkpoint has signed is named',
  },
  {
    against: ['T7'],
    guard: 'the last line of an export signs every byte before it',
    patches: [
      {
        file: 'services/evidence-verification.ts',
        find: 'return end.sha256 === bytes.hex()',
        replace: "return end.sha256 !== ''",
      },
    ],
    tests: ['test/unit/evidence-tampered.test.ts'],
    fails:
      'two neighbours that changed places are named by the first line that does not follow, at the latest by the last',
  },
  {
    against: ['T7'],
    guard: 'nothing is reported of evidence that is not as it was signed',
    patches: [
      {
        file: 'bot/console/audit-deployments.ts',
        find: 'if (verified.exitCode !== 0) return',
        replace: 'if (verified.exitCode > 1) return',
      },
    ],
    tests: ['test/unit/audit-deployments.test.ts'],
    fails: 'files of evidence are read in place of what is stored',
  },
];
