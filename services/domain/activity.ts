import { canonicalJson } from './canonical.ts';
import { type Catalog, servicesOf } from './catalog.ts';
import { sha256Half } from './checksum.ts';
import type { Finding, Severity } from './finding.ts';

/** What an entry of an audit log is about, by the names under which Azure DevOps knows it. */
export interface AuditedNames {
  readonly project?: string;
  readonly projectId?: string;
  readonly repository?: string;
  readonly pipeline?: string;
  readonly environment?: string;
  /** Lower case: what kind of resource a check protects. */
  readonly resourceType?: string;
  /** Its number as people see it. */
  readonly run?: string;
  readonly stage?: string;
  /** Service connection, by its id in lower case, and which definition of which kind of plan used it. */
  readonly connection?: string;
  readonly definition?: string;
  /** Lower case. */
  readonly planType?: string;
}

/** One entry of a log that is read as it grows. */
export interface LoggedEntry {
  /** The same however often the entry is read. */
  readonly id: string;
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly operation: string;
  readonly outcome: 'begun' | 'done' | 'failed';
  readonly isWrite: boolean;
  /** `ids`: object and application ids, lower case; compared, and never kept. */
  readonly actor: { readonly ids: readonly string[]; readonly name: string | undefined };
  /** What one wish of somebody's has in common; '' where the log does not say. */
  readonly correlation: string;
  readonly asset?: string;
  readonly about: AuditedNames;
  /** Absent: a success of every day, or a look. */
  readonly finding?: Finding;
}

/** Something that was done, as it is kept: for whoever reviews it, and for nothing else. */
export interface ActivityEvent {
  readonly id: string;
  /** Format of its log. */
  readonly source: string;
  /** Organization (URL) or subscription (id) whose log has it. */
  readonly target: string;
  /** ISO-8601 UTC, as the log says. */
  readonly at: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** Empty: of no service that the catalog knows. */
  readonly services: readonly string[];
  /** `-`: of no environment. */
  readonly environment: string;
  readonly hasFailed: boolean;
}

/** Services and environment that something belongs to. */
export interface ActivityPlace {
  readonly services: readonly string[];
  readonly environment: string;
}

export const NOWHERE: ActivityPlace = { services: [], environment: '-' };

/** By what a log says itself, else by all that it says. */
export function entryId(source: string, target: string, own: string | undefined, written: unknown): string {
  return sha256Half(canonicalJson([source, target.toLowerCase(), own ?? JSON.stringify(written)]));
}

/** Undefined: there is nothing in it to review. */
export function eventOf(
  { id, at, outcome, finding }: LoggedEntry,
  { source, target }: { readonly source: string; readonly target: string },
  { services, environment }: ActivityPlace,
): ActivityEvent | undefined {
  if (finding === undefined) return undefined;
  const { rule, severity, message } = finding;
  const place = { services: [...services].sort(), environment };
  return { id, source, target, at, rule, severity, message, ...place, hasFailed: outcome === 'failed' };
}

/** An environment of Azure DevOps that is watched, with the services that were seen to deploy there. */
export interface SeenEnvironment {
  readonly organization: string;
  readonly project: string;
  readonly projectId: string;
  readonly name: string;
  readonly services: readonly string[];
}

/** Whose it is: of an environment those that deploy there; else by pipeline, else by repository. */
export function placeByName(
  about: AuditedNames,
  catalog: Catalog,
  environments: readonly SeenEnvironment[],
): ActivityPlace {
  const { pipeline = '', repository = '', environment } = about;
  const named = pipeline === '' && repository === '' ? [] : servicesOf(catalog, { pipeline, repository });
  if (environment === undefined) return { services: named, environment: '-' };
  const here = environments.filter((one) => isSame(one.name, environment) && isOf(one, about));
  const seen = here.flatMap(({ services }) => services).filter((name) => catalog.services.has(name));
  return {
    services: named.length > 0 ? named : [...new Set(seen)],
    environment: here[0]?.name ?? environment.toLowerCase(),
  };
}

/** A log that names no project means any. */
function isOf({ project, projectId }: SeenEnvironment, about: AuditedNames): boolean {
  if (about.projectId !== undefined) return isSame(projectId, about.projectId);
  return about.project === undefined || isSame(project, about.project);
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
