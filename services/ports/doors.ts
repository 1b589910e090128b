import type { Door } from '../domain/gate.ts';
import type { CheckState, ToldVerdict } from './azure-devops.ts';
import type { StoredGate } from './gate-store.ts';

/** One way in which Azure DevOps waits for us and takes our answer. Both reject with AzureDevOpsUnavailable- or -RefusedError. */
export interface Answering {
  /** How it stands in Azure DevOps itself; `result` by our words for it. */
  state(stored: StoredGate): Promise<CheckState>;
  /** May be repeated with the same verdict. */
  tell(stored: StoredGate, verdict: ToldVerdict): Promise<void>;
}

export type Doors = Readonly<Record<Door['kind'], Answering>>;
