import type { LoggedEntry } from '../domain/activity.ts';
import type { Catalog } from '../domain/catalog.ts';
import type { LogWindow } from '../domain/log-window.ts';
import type { FoundTargets, PullTarget } from './signal-source.ts';

export interface LogPage {
  /** As the service wrote them. */
  readonly entries: readonly unknown[];
  /** Opaque; absent on the last page. */
  readonly next?: string;
}

/**
 * A log of who did what, read by time. Each method rejects with SourceUnavailableError or SourceRefusedError (signal-source.ts), which
 * names the permission that is missing where that is it.
 */
export interface AuditLogSource {
  /** Format of its entries. */
  readonly name: 'azure-devops-audit' | 'azure-activity';
  /** The logs that there are: of an organization (its id is the URL), of a subscription. */
  targets(catalog: Catalog): Promise<FoundTargets>;
  /** What happened within these instants, in any order. An entry may come long after it happened, and more than once. */
  page(target: PullTarget, window: LogWindow, next?: string): Promise<LogPage>;
}

/** Reads one entry. `unreadable`: it is none as documented; in words for the log. */
export type ReadLogEntry = (
  source: AuditLogSource['name'],
  target: string,
  written: unknown,
) => Promise<
  | LoggedEntry
  /** Nobody did anything: news of Azure itself. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unreadable'; readonly why: string }
>;
