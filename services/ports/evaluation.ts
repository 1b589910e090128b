import type { Assessment } from '../domain/assess.ts';
import type { Gate } from '../domain/gate.ts';

/**
 * Reads policy, scopes and directory afresh and judges. Rejects when any of them does not answer (StoreUnavailable-,
 * DirectoryUnavailable-, AzureDevOpsUnavailableError): then nothing is known, and nothing passes.
 */
export type Evaluate = (gate: Gate, jobToken: () => Promise<string>, now: string) => Promise<Assessment>;
