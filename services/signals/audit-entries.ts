import type { AuditedNames } from '../domain/activity.ts';
import { type AuditedOperation, auditedOperation } from '../domain/audited-operation.ts';
import { canonicalJson } from '../domain/canonical.ts';
import { sha256Half } from '../domain/checksum.ts';
import type { Severity } from '../domain/finding.ts';
import type { Found, FoundReport, FoundScan } from './found-report.ts';
import { clamp, head } from './json-value.ts';

/** One entry of an audit log: who did what to which, when. */
export interface AuditEntry {
  /** As the rule of its finding. */
  readonly operation: string;
  /** What it was done to, in the case in which it is compared. */
  readonly target: string;
  /** The same in fewer words. */
  readonly targetWords: string;
  readonly asset?: string | undefined;
  readonly actor: AuditActor;
  /** What else tells one change from another: whom access was given to, which policy refused. Kept as a checksum only. */
  readonly details: readonly string[];
  /** What its beginning and its end have in common. */
  readonly correlation: string;
  /** What it was done to, by the names under which Azure DevOps knows it. */
  readonly about?: AuditedNames;
  /** It changes something in Azure, whatever it says of itself. */
  readonly isWrite?: boolean;
  readonly outcome: 'begun' | 'done' | 'failed';
  /** The log itself says that nothing was changed. */
  readonly isLook: boolean;
  /** ISO-8601 UTC. */
  readonly at: string | undefined;
  /** In place of that of the operation. */
  readonly severity?: Severity;
  /** Behind the words of the operation. */
  readonly remark?: string;
}

export interface AuditActor {
  /** Lower case; '' where nobody is named. */
  readonly key: string;
  /** Every object and application id, lower case; compared, and never kept. */
  readonly ids: readonly string[];
  /** Undefined where the log has an address or an id at most. */
  readonly name: string | undefined;
}

/** What is kept of an entry until all are read; texts cut to size. */
interface Change {
  readonly found: Found;
  /** Of several that are the same the greatest is told. */
  readonly rank: string;
}

interface Begun extends Change {
  readonly run: string;
}

/** Of operations, whose weight is looked up once each. */
const KEPT = 1_000;
const TEXT_LIMIT = 300;
const TARGET_LIMIT = 4_000;

/**
 * Makes one finding of all entries in which the same actor did the same to the same thing with the same outcome. The
 * beginning of what failed is no change of its own. In whichever order the entries come, the findings are the same.
 */
export class AuditEntries {
  readonly #report: FoundReport;
  /** By what makes them the same. */
  readonly #changes = new Map<string, Change>();
  readonly #begun: Begun[] = [];
  readonly #failed = new Set<string>();
  readonly #known = new Map<string, ReturnType<typeof auditedOperation>>();

  constructor(report: FoundReport) {
    this.#report = report;
  }

  add(entry: AuditEntry): void {
    const operation = this.#weigh(entry);
    if (operation === 'look') this.#report.problem('it only looked: no finding');
    else if (operation === 'routine') this.#report.problem('a success of every day: no finding');
    else {
      const change = changeOf(entry, operation);
      if (entry.outcome === 'failed') this.#failed.add(runOf(entry));
      if (entry.outcome === 'begun') this.#begun.push({ ...change, run: runOf(entry) });
      else this.#fold(change);
    }
  }

  /** Once, after the last entry. */
  finish(scan: FoundScan): void {
    for (const change of this.#begun) {
      if (this.#failed.has(change.run)) this.#joined();
      else this.#fold(change);
    }
    for (const { found } of this.#changes.values()) this.#report.add(scan, found);
  }

  #weigh({ operation, isLook, outcome }: AuditEntry): ReturnType<typeof auditedOperation> {
    const hasFailed = outcome === 'failed';
    const key = `${isLook} ${hasFailed} ${operation.slice(0, TEXT_LIMIT)}`;
    const known = this.#known.get(key) ?? auditedOperation(operation, { isLook, hasFailed });
    if (this.#known.size < KEPT) this.#known.set(key, known);
    return known;
  }

  #fold(change: Change): void {
    const identity = change.found.identity.toolPrint ?? '';
    const other = this.#changes.get(identity);
    if (other !== undefined) this.#joined();
    if (other === undefined || change.rank > other.rank) this.#changes.set(identity, change);
  }

  #joined(): void {
    this.#report.problem('the same change by the same actor: joined');
  }
}

function changeOf(entry: AuditEntry, { severity, words }: AuditedOperation): Change {
  const { operation, target, asset, outcome, at } = entry;
  const message = messageOf(entry, words);
  const found: Found = {
    category: 'activity',
    rule: head(operation, TEXT_LIMIT),
    severity: entry.severity ?? severity,
    message,
    path: pathOf(head(target, TARGET_LIMIT)),
    ...{ asset, at },
    identity: { toolPrint: checksumOf(entry, outcome === 'failed' ? 'failed' : ''), message },
  };
  return { found, rank: [at ?? '', outcome === 'begun' ? 0 : 1, found.severity, message, asset ?? ''].join(' ') };
}

/** A name is no way up, and nothing in it is an encoding. */
function pathOf(target: string): string {
  const names = target.split(/[/\\]/).filter((name) => name !== '');
  return names.map((name) => (/^\.\.?$/.test(name) ? '-' : name.replaceAll('%', '%25'))).join('/');
}

/** Operation, target and actor, and of what they are besides. */
function checksumOf({ operation, target, actor, details }: AuditEntry, besides: string): string {
  return sha256Half(canonicalJson([operation, target, actor.key, [...details].sort(), besides]));
}

/** What the beginning and the end of one operation have in common. */
function runOf(entry: AuditEntry): string {
  return checksumOf(entry, entry.correlation);
}

function messageOf({ actor, targetWords, outcome, at, remark = '' }: AuditEntry, words: string): string {
  const prefix = outcome === 'failed' ? 'Failed: ' : outcome === 'begun' ? 'Begun: ' : '';
  const when = at === undefined ? '' : `, ${at.slice(0, 16).replace('T', ' ')} UTC`;
  const what = [actor.name ?? 'somebody', words, targetWords].filter((part) => part !== '').join(' ');
  return `${clamp(`${prefix}${what}${remark}`, TEXT_LIMIT - when.length)}${when}`;
}
