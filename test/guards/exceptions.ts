import type { Guard } from './guard.ts';
import { planted } from './planted.ts';

const ACTIVE = 'services/domain/active-exception.ts';
const LIFE = 'services/domain/exception-life.ts';

/** What exceptions cover, for how long, and who grants them. */
export const EXCEPTIONS: readonly Guard[] = [
  {
    against: ['I5', 'T31'],
    guard: 'an exception covers nothing from its end on, whether anybody noted it or not',
    patches: [{ file: ACTIVE, find: 'Date.parse(now) < Date.parse(exception.expiresAt) &&', replace: '' }],
    tests: ['test/unit/active-exception.test.ts'],
    fails: 'the end of an exception is exclusive, however its instant is written',
  },
  {
    against: ['I5'],
    guard: 'an exception covers its own environment alone',
    patches: [{ file: ACTIVE, find: 'exception.environment === finding.environment &&', replace: '' }],
    tests: ['test/unit/active-exception.test.ts'],
    fails: 'an exception does not reach another %s',
  },
  {
    against: ['I5', 'T31'],
    guard: 'what has become worse than it was granted for is not covered',
    patches: [{ file: ACTIVE, find: '!isWorse(finding.severity, exception.severity)', replace: 'true' }],
    tests: ['test/unit/active-exception.test.ts'],
    fails: 'an exception does not cover what has become worse than what it was granted for',
  },
  {
    against: ['I5'],
    guard: 'an exception whose time is over ends, whatever its state',
    patches: [{ file: LIFE, find: 'if (isLive && now >= expiryOf(terms))', replace: "if (isLive && now === '')" }],
    tests: ['test/unit/exception-life.test.ts'],
    fails: 'what is over in time expires, whatever its state before, and nothing else happens to it',
  },
  {
    against: ['T31'],
    guard: 'no exception is asked for beyond the longest time of its control',
    patches: [
      {
        file: 'services/domain/exception-terms.ts',
        find: 'return until > latest ? tooFar : until;',
        replace: 'return until;',
      },
    ],
    tests: ['test/unit/exception-terms.test.ts'],
    fails: 'wherever it is written, a date is taken exactly from today to the latest day in UTC',
  },
  {
    against: ['T31'],
    guard: 'asking anew for what was excepted just now is a renewal of it',
    patches: [
      {
        file: 'services/domain/exception-grants.ts',
        find: 'isRecent(grant, maxDays, now) && overlaps(grant.target, target))',
        replace: "grant.id === '' && overlaps(grant.target, target))",
      },
    ],
    tests: ['test/unit/exception-grants.test.ts'],
    fails: 'asking for a part, for the whole control or for the same goes on from what was granted',
  },
  {
    against: ['T31'],
    guard: 'whoever grants it may take away from what was asked for, never add',
    patches: [{ file: LIFE, find: "if (!isNarrower) return { code: 'wider-than-requested' };", replace: '' }],
    tests: ['test/unit/exception-votes.test.ts'],
    fails: 'nobody approves it for %s',
  },
  {
    against: ['T9', 'T31', 'I6'],
    guard: 'nobody grants what they asked for',
    patches: [
      {
        file: 'services/exception-decisions.ts',
        find: "if (humans.some((human) => hasAsked(exception, human))) return { code: 'own-exception' };",
        replace: '',
      },
    ],
    tests: ['test/integration/exception-words.test.ts'],
    fails:
      'who asked, in person or by joining, who deploys to production, guests and strangers to the group do not grant',
  },
  {
    against: ['T9', 'T31'],
    guard: 'whoever approved it and then asks for it too has approved nothing',
    patches: [
      {
        file: LIFE,
        find: 'exception.votes.filter(({ accounts }) => !accounts.some((one) => asker.accounts.includes(one)));',
        replace: 'exception.votes;',
      },
    ],
    tests: ['test/unit/exception-votes.test.ts'],
    fails: 'who approved it and then asks for it too has approved nothing, by whichever account',
  },
  {
    against: ['T31'],
    guard: 'an exception is in force once as many have granted it as its control asks for',
    patches: [
      {
        file: LIFE,
        find: 'return votes.length >= expiry.quorum ? granted(next, vote.at, calendar) : next;',
        replace: 'return granted(next, vote.at, calendar);',
      },
    ],
    tests: ['test/unit/exception-votes.test.ts'],
    fails: 'of two approvals the first leaves it requested, the second puts it in force',
  },
  {
    against: ['I5', 'T31'],
    guard: 'what another tool lets pass covers nothing here before somebody has granted it',
    patches: planted('what another tool lets pass is in force here once it is brought in'),
    tests: ['test/integration/exception-imports.test.ts'],
    fails: 'one that says everything is asked for in the name of whoever brings it in, on its own terms',
  },
];
