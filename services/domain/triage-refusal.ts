import type { Principal } from './person.ts';
import type { Refusal } from './refusal.ts';
import type { FoundAfter } from './release.ts';
import type { DateRefusal } from './written-date.ts';

/** Why nothing was done with a finding, or nothing is shown. A value, never thrown; cards/triage-words.ts says each in a sentence. */
export type TriageRefusal =
  /** Whoever asks may do nothing here, or cannot be verified now. */
  | { readonly code: 'stranger'; readonly refusal: Refusal }
  | { readonly code: 'no-contract' }
  | { readonly code: 'unknown-service' | 'unknown-environment'; readonly known: readonly string[] }
  /** No beginning of a fingerprint. */
  | { readonly code: 'fingerprint-unreadable' }
  /** `service` absent: it was looked for where the person is concerned. */
  | { readonly code: 'unknown-finding'; readonly fingerprint: string; readonly service?: string }
  /** More than one begins like this; some of them. */
  | {
      readonly code: 'several-findings';
      readonly fingerprint: string;
      readonly found: readonly { readonly service: string; readonly fingerprint: string }[];
    }
  | { readonly code: 'not-concerned'; readonly owners: readonly Principal[]; readonly lead?: Principal }
  /** Somebody else has it, who is there. */
  | { readonly code: 'claimed'; readonly name: string }
  | { readonly code: 'nobody-meant' | 'several-meant' }
  | { readonly code: 'assignee-guest' | 'assignee-disabled'; readonly name: string }
  /** It blocks there: a snooze would change nothing. */
  | { readonly code: 'blocks'; readonly environment: string; readonly foundAfter?: FoundAfter }
  /** Nobody is told of what is only counted. */
  | { readonly code: 'only-counted' }
  /** `dueAt` is ISO-8601 UTC. */
  | { readonly code: 'overdue'; readonly dueAt: string }
  | { readonly code: 'fix-exists' }
  | { readonly code: 'nothing-to-release' }
  /** Others changed it at the same moment, again and again. */
  | { readonly code: 'not-recorded' }
  | DateRefusal;
