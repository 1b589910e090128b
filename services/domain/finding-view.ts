import type { Exception } from './exception.ts';
import type { FindingPast } from './finding-event.ts';
import type { ListedGroup } from './finding-list.ts';
import type { ServiceContext } from './judgement.ts';
import type { FindingKey } from './open-finding.ts';
import type { Triage } from './triage.ts';

/** All that is known of one finding. */
export interface FindingView {
  readonly key: FindingKey;
  /** ISO-8601 UTC. */
  readonly at: string;
  /** Absent: the catalog does not know its service. */
  readonly context?: ServiceContext;
  /** What the contract says of it now; empty: it is not open any more. */
  readonly places: readonly ListedGroup[];
  readonly triage?: Triage;
  /** Name of whoever has it; absent: nobody, or they are gone. */
  readonly assignee?: string;
  readonly isUnowned: boolean;
  /** By environment, `-` for what is reported for all of them. */
  readonly pasts: readonly { readonly environment: string; readonly past: FindingPast }[];
  /** Those that cover or covered it, newest first. */
  readonly exceptions: readonly Exception[];
}
