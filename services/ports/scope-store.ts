import type { ActiveException } from '../domain/active-exception.ts';
import type { EvidenceDraft } from '../domain/evidence.ts';
import type { Grant } from '../domain/exception-grants.ts';
import type { FindingEvent } from '../domain/finding-event.ts';
import type { History, HistoryStep, Track } from '../domain/finding-history.ts';
import { type Gate, scopesOf } from '../domain/gate.ts';
import { joinedSpreads, type Spread } from '../domain/ladder.ts';
import { joined, type Ladder, type Pasts } from '../domain/past.ts';
import { type Release, type ReleasedIn, releaseOf } from '../domain/release.ts';
import type { ScanHead } from '../domain/scan-head.ts';
import { decidedIn, type ScopeMoment } from '../domain/scope-overview.ts';
import { type Contender, contenderOf } from '../domain/supersession.ts';
import type { ScopedVex } from '../domain/vex.ts';

/** One service in one environment of one organization; `-` stands for every environment. */
export interface ScopeKey {
  readonly org: string;
  readonly service: string;
  readonly environment: string;
}

export interface ScopeView {
  readonly heads: readonly ScanHead[];
  /** What was said of vulnerabilities, for the same commits as the heads; also versions that others have replaced. */
  readonly vex: readonly ScopedVex[];
  readonly exceptions: readonly ActiveException[];
  /** Asked for and not decided. */
  readonly requested: readonly ActiveException[];
  /** Of exceptions that were in force lately, by control. */
  readonly grants: ReadonlyMap<string, readonly Grant[]>;
  /** The gates that are registered here. */
  readonly contenders: readonly Contender[];
  /** The last deployment that was let through here. */
  readonly release?: Release;
  /** Of the findings that are open on the service's default branch. */
  readonly pasts: Pasts;
  /** Tools of which one of these is. */
  readonly openTools: ReadonlySet<string>;
  /** `spreadKey` → how far the rule has spread. */
  readonly spreads: ReadonlyMap<string, Spread>;
}

/** A history as it was read; `version` is what it is written by. */
export interface StoredHistory {
  readonly history: History;
  readonly version?: string;
  /** True once a scan of a confirmed run was counted: from then on only such scans are. */
  readonly verified: boolean;
  /** `spreadKey` of the rules that this scope is registered under. */
  readonly spreading: readonly string[];
}

/** One scope in which a tool has found a rule that is still open. */
export interface SpreadEntry {
  readonly scope: ScopeKey;
  readonly tool: string;
  /** Number of services that the scope was told of: one that a step waits for, or 0. */
  readonly noted: number;
  /** ISO-8601 UTC; when it was first told of any. */
  readonly since?: string;
}

/** What one tool of a report found, and what of the past it moves. */
export interface ImportedScan {
  readonly tool: string;
  readonly fingerprints: readonly string[];
  readonly moves:
    | {
        readonly kind: 'history';
        readonly branch: string;
        readonly stored: StoredHistory;
        readonly step: HistoryStep;
        /** Called once it is certain that the history moves: the rules that the scope is registered under from now on. */
        readonly spread?: () => Promise<readonly string[]>;
      }
    /** What the next scan of this branch is compared with. */
    | { readonly kind: 'branch'; readonly branch: string }
    | { readonly kind: 'nothing' };
}

/** What the histories of one scope have seen happen. */
export interface ScopeEvents {
  /** Of each tool the commit of the newest scan that was counted; sorted. */
  readonly newest: readonly { readonly tool: string; readonly commit: string }[];
  /** Fingerprint → all its events, oldest first; of those findings to which something has happened since. */
  readonly events: ReadonlyMap<string, readonly FindingEvent[]>;
  /** Events since then that were not kept: an import keeps 2,000. */
  readonly unkept: number;
}

export interface StoredFinding {
  /** Oldest first. */
  readonly events: readonly FindingEvent[];
  /** Absent: no history knows it. */
  readonly known?: { readonly tool: string; readonly track: Track; readonly history: History };
}

export interface ImportResult {
  /**
   * `known`: every head is of this very report already, and no head was written. Else nothing was, for there is as much as can be
   * judged: `full` of documents of VEX, `crowded` of scan heads of the commit, `too-many-pasts` of tools with open findings.
   */
  readonly kind: 'imported' | 'known' | 'full' | 'crowded' | 'too-many-pasts';
  /** The last deployments of its scope; of `-`, those of every environment. */
  readonly releases: readonly ReleasedIn[];
}

export interface ImportChange {
  readonly scope: ScopeKey;
  readonly op: string;
  readonly heads: readonly ScanHead[];
  readonly vex?: ScopedVex;
  /** Of each tool whose history moves. */
  readonly ladders: readonly Ladder[];
  /** By the last deployments of its scope; of `-`, those of every environment. */
  readonly evidence: (releases: readonly ReleasedIn[]) => EvidenceDraft;
  readonly reportId: string;
  /** ISO-8601 UTC of now. */
  readonly at: string;
}

/** What a request leaves in a scope when it goes. */
export interface LeftBehind {
  readonly released?: ReleasedIn;
  readonly moment?: ScopeMoment;
}

/** Scopes in tables `scope` and `find`. Rejects with StoreUnavailableError. */
export interface ScopeStore {
  /** Writes this gate's row into the scope; before the scope is read (storage.md rule 5). */
  register(scope: ScopeKey, contender: Contender): Promise<void>;
  /** Takes the row away again; in the same transaction notes what was let through here last, and how it ended. */
  unregister(scope: ScopeKey, requestId: string, noted?: LeftBehind): Promise<void>;
  /** Requests that wait for something in this scope. */
  waiting(scope: ScopeKey): Promise<readonly string[]>;
  /** Scan heads of these commits and of none (`any`: of every commit), exceptions, who is registered, the last release, what is known of the past: one call. */
  view(scope: ScopeKey, commits: readonly string[] | 'any'): Promise<ScopeView>;
  /**
   * Scopes of one service as `view` gives them with every commit, by environment: one call per 1,000 rows, however many
   * environments. For reports, never while somebody waits for an answer.
   */
  views(
    service: Omit<ScopeKey, 'environment'>,
    environments: readonly string[],
  ): Promise<ReadonlyMap<string, ScopeView>>;
  /** Fingerprints of the last scan of this tool, branch and scope; undefined when there was none. */
  lastScan(scope: ScopeKey, tool: string, branch: string): Promise<ReadonlySet<string> | undefined>;
  /** Of this tool on the default branch; what is gone is read only where the scan differs from what is present. */
  history(
    scope: ScopeKey,
    tool: string,
    branch: string,
    scan: { readonly at: string; readonly fingerprints: readonly string[] },
  ): Promise<StoredHistory>;
  /** What is known of one finding over time. */
  finding(scope: ScopeKey, fingerprint: string): Promise<StoredFinding>;
  /** What has happened since an instant (ISO-8601 UTC): one list. */
  eventsSince(scope: ScopeKey, since: string): Promise<ScopeEvents>;
  /**
   * Manifests first, then the commit: heads, evidence and a wake-up for those who wait (rules 5 and 6); then histories. What is refused
   * is refused before anything of it is written.
   */
  importReport(change: ImportChange, scans: readonly ImportedScan[]): Promise<ImportResult>;
  /** The scopes of this organization in which this rule (`spreadKey`) is open. */
  spreadEntries(org: string, rule: string): Promise<readonly SpreadEntry[]>;
  putSpread(rule: string, entry: SpreadEntry): Promise<void>;
  removeSpread(rule: string, scope: ScopeKey, tool: string): Promise<void>;
  /** What judgements in this scope read of a rule's spread, with a wake-up for those who wait. */
  noteSpread(scope: ScopeKey, rule: string, spread: Spread, at: string): Promise<void>;
  /** Wake-ups of this scope that were not carried out yet. */
  pendingWakes(scope: ScopeKey): Promise<readonly string[]>;
  wakeDone(scope: ScopeKey, wake: string): Promise<void>;
}

/** What judgements know by several scopes of one service: its environment's, and the one that counts for all. */
export function knownIn(views: readonly ScopeView[]) {
  const release = views.find((view) => view.release !== undefined)?.release;
  return {
    ...(release === undefined ? {} : { release }),
    heads: views.flatMap((view) => view.heads),
    vex: views.flatMap((view) => view.vex),
    exceptions: views.flatMap((view) => view.exceptions),
    requested: views.flatMap((view) => view.requested),
    grants: new Map(views.flatMap((view) => [...view.grants])),
    openTools: new Set(views.flatMap(({ openTools }) => [...openTools])),
    pasts: views.map(({ pasts }) => pasts).reduce(joined),
    spreads: joinedSpreads(views.map(({ spreads }) => spreads)),
  };
}

/** Before anything of a gate's scopes is read: whatever is committed later finds its rows (storage.md rule 5). */
export async function enterScopes(scopes: ScopeStore, gate: Gate): Promise<void> {
  await Promise.all(scopesOf(gate).map((scope) => scopes.register(scope, contenderOf(gate))));
}

/** Once Azure DevOps was told; what was let through is noted where the next deployment of the same environment and the next report look. */
export async function leaveScopes(scopes: ScopeStore, gate: Gate): Promise<void> {
  const { environment } = gate;
  const release = releaseOf(gate);
  const moment = decidedIn(gate);
  const released = release === undefined ? {} : { released: { environment, release } };
  await Promise.all(
    scopesOf(gate).map((scope) => {
      const isOwn = scope.environment === environment;
      return scopes.unregister(scope, gate.id, { ...released, ...(isOwn && moment !== undefined ? { moment } : {}) });
    }),
  );
}
