import type { SectionKind } from './platform.ts';

/** What a service hook says has happened: ids as hints, to be read again from Azure DevOps before anything is done. */
export type HookEvent = HookEnvelope &
  (
    | {
        readonly kind: 'approval';
        readonly projectId: string;
        readonly approvalId: string;
        /** As the delivery names it; nothing in Azure DevOps has confirmed it. */
        readonly environment?: string;
      }
    | { readonly kind: 'stage'; readonly projectId: string; readonly runId: number; readonly stage?: string }
    | { readonly kind: 'run'; readonly projectId: string; readonly runId: number }
    /** Something about alerts of Advanced Security; which, is not believed. */
    | { readonly kind: 'alert' }
    /** What guards production in a project may have changed: its environments, its service connections. */
    | {
        readonly kind: 'platform';
        readonly projectId: string;
        readonly sections: readonly SectionKind[];
        /** Id of the one thing that has, where the event names it. */
        readonly thing?: string;
      }
    /** Something about the checks of a resource; which, is not believed. */
    | { readonly kind: 'check' }
    /** Of no use here, or of one that is only a reason to look again. */
    | { readonly kind: 'other' }
  );

interface HookEnvelope {
  /** The same for every subscription and every resending of one event. */
  readonly id: string;
  /** Such as `ms.vss-pipelinechecks-events.approval-pending`. */
  readonly eventType: string;
  /** The one configured organization that the delivery's addresses lie in; absent when they do not say. */
  readonly organization?: string;
}

/** A delivery that is none: the same one again would be none either. */
export interface UnreadableHook {
  readonly kind: 'unreadable';
  /** In words for the log. */
  readonly why: string;
}
