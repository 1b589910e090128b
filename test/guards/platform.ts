import type { Guard } from './guard.ts';
import { planted } from './planted.ts';

const DRIFT = ['test/integration/drift.test.ts'];

/** What was approved of a platform, and who may change that. */
export const PLATFORM: readonly Guard[] = [
  {
    against: ['I23', 'T19'],
    guard: 'a look never changes a baseline',
    patches: planted('what a scan finds is the new baseline'),
    tests: DRIFT,
    fails: 'a scan never changes a baseline, nor does the next deployment that somebody approves',
  },
  {
    against: ['I23', 'I6'],
    guard: 'only an approver of the place accepts drift',
    patches: planted('anybody may accept drift'),
    tests: DRIFT,
    fails: 'who approves nothing there cannot accept it, and is told who can; a stale card accepts nothing',
  },
  {
    against: ['I23', 'I11'],
    guard: 'a read that ended half-way is not the whole',
    patches: planted('a read of the platform that ended half-way passes for the whole'),
    tests: ['test/integration/platform-scans.test.ts'],
    fails: 'that is larger than a round is read in several, in whatever process, and nothing of it twice',
  },
  {
    against: ['I23', 'I13'],
    guard: 'of several processes one sends a card of drift',
    patches: planted('a card of drift is sent before anybody claims it'),
    tests: ['test/integration/drift-faults.test.ts'],
    fails: 'of two processes that compare at once one tells the owner',
  },
];
