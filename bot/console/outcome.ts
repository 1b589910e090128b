/** What a command of the command line ends with; a command that could not run rejects instead. */
export interface Outcome {
  /** 1: it ran, and the answer is no. */
  readonly exitCode: 0 | 1;
  /** For standard output: what a script reads. */
  readonly lines: readonly string[];
  /** For standard error: what a person wants to know besides. */
  readonly remarks?: readonly string[];
}
