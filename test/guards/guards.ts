import { AZURE_DEVOPS } from './azure-devops.ts';
import { DECIDING } from './deciding.ts';
import { EXCEPTIONS } from './exceptions.ts';
import type { Guard } from './guard.ts';
import { KEEPING } from './keeping.ts';
import { PLATFORM } from './platform.ts';
import { POLICY } from './policy.ts';
import { REPORTS } from './reports.ts';
import { STORE } from './store.ts';
import { TEAMS_EDGE } from './teams-edge.ts';

/** Every guard without which a decision could be released or lost. */
export const GUARDS: readonly Guard[] = [
  ...TEAMS_EDGE,
  ...DECIDING,
  ...AZURE_DEVOPS,
  ...REPORTS,
  ...EXCEPTIONS,
  ...STORE,
  ...KEEPING,
  ...POLICY,
  ...PLATFORM,
];

/** What has no guard that a patch could take away, why not, and which test watches it all the same. */
export const WITHOUT_GUARD: readonly {
  readonly against: string;
  readonly why: string;
  readonly test: string;
  readonly name: string;
}[] = [
  {
    against: 'T24',
    why: 'Patterns that backtrack release and lose nothing: they hold the process up. No expression of a user is ever compiled.',
    test: 'test/unit/glob.test.ts',
    name: 'a pattern that makes others backtrack for hours is answered: %s',
  },
  {
    against: 'T29',
    why: 'There is no language model in the product.',
    test: 'test/architecture.test.ts',
    name: 'no source knows a language model',
  },
  {
    against: 'T35',
    why: 'It is kept by the lock file and by whoever changes it, not by code that runs.',
    test: 'test/unit/guards.test.ts',
    name: 'every package is of one exact version, and the lock has its checksum',
  },
  {
    against: 'I16',
    why: 'Too many calls release and lose nothing: they are slow and cost money.',
    test: 'test/integration/budgets.test.ts',
    name: 'after %i requests and as many reports',
  },
];
