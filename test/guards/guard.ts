import type { Patch } from '../patch.ts';

/** Something that keeps a threat or the breach of a promise away, and the test that says so. */
export interface Guard {
  /** Numbers of docs/security.md (T1 to T35) and of docs/storage.md (I1 to I23). */
  readonly against: readonly string[];
  /** What it promises. */
  readonly guard: string;
  /** Together they take it away. */
  readonly patches: readonly Patch[];
  /** Files whose tests are run without it. */
  readonly tests: readonly string[];
  /** Name of a test that must fail then, or a part of it, as it is written in its file. */
  readonly fails: string;
}
