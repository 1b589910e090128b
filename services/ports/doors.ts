import type { EndedElsewhere } from '../domain/completed-elsewhere.ts';
import type { Door, Gate, Handover } from '../domain/gate.ts';
import type { Person } from '../domain/person.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { ToldVerdict } from './azure-devops.ts';
import type { StoredGate } from './gate-store.ts';

/** How it stands in Azure DevOps itself. */
export interface DoorState extends EndedElsewhere {
  readonly completed: boolean;
  /** With a result of ours at a native approval. */
  readonly handover?: Handover;
}

/** Whether Azure DevOps would take this person's decision; nothing was done yet. */
export type Permission = 'granted' | Refusal;

/** One way in which Azure DevOps waits for us and takes our answer. All reject with AzureDevOpsUnavailable- or -RefusedError. */
export interface Answering {
  /** `result` by our words for it, where it is that of the sealed verdict. */
  state(stored: StoredGate): Promise<DoorState>;
  /** May be repeated with the same verdict. Rejects with AzureDevOpsRefusedError when it does not wait any more. */
  tell(stored: StoredGate, verdict: ToldVerdict): Promise<Handover | undefined>;
  /** Asked before a decision is recorded. Rejects with StoreUnavailableError alone. */
  permission(gate: Gate, person: Person, tenant: string): Promise<Permission>;
}

export type Doors = Readonly<Record<Door['kind'], Answering>>;
