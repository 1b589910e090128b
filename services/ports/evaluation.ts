import type { Ask, Gate } from '../domain/gate.ts';
import type { Judgement } from '../domain/judgement.ts';
import type { RunSources } from '../domain/run.ts';

/** A gate seen with everything that is known at one instant. */
export interface Evaluation {
  /** `ask`: passes, and people must approve. In an observed environment this is what would have happened. */
  readonly outcome: 'block' | 'ask' | 'pass';
  readonly observed: boolean;
  readonly judgement: Judgement;
  readonly sources: RunSources;
  readonly subjectChecksum: string;
  readonly ask?: Ask;
  /** How long a blocked gate waits from its first blocked judgement. */
  readonly blockWaitMinutes: number;
}

/**
 * Reads policy, scopes and directory afresh and judges. Rejects when any of them does not answer (StoreUnavailable-,
 * DirectoryUnavailable-, AzureDevOpsUnavailableError): then nothing is known, and nothing passes.
 */
export type Evaluate = (gate: Gate, jobToken: () => Promise<string>, now: string) => Promise<Evaluation>;
