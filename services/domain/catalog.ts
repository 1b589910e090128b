import type { Calendar } from './contract.ts';
import type { Principal } from './person.ts';

/** One service as the catalog knows it (contract.md, catalog.yaml). */
export interface Service {
  readonly name: string;
  readonly owner: Principal;
  readonly lead?: Principal;
  readonly criticality?: string;
  readonly team?: string;
  readonly repositories: readonly string[];
  readonly pipelines: readonly string[];
  /** Glob → owner of what lies there. */
  readonly paths: readonly { readonly glob: string; readonly owner: Principal }[];
  readonly environments: ReadonlyMap<string, ServiceEnvironment>;
  /** Working time of its people where it differs from the contract's. */
  readonly calendar?: Calendar;
  readonly channel?: string;
  /** Full name, `refs/heads/…`; absent: `main` or `master`. */
  readonly defaultBranch?: string;
}

export interface ServiceEnvironment {
  readonly subscription?: string;
  readonly managementGroup?: string;
  readonly resourceGroups: readonly string[];
  readonly tags?: ReadonlyMap<string, string>;
  /** What of its resources in Azure is compared with what was approved. */
  readonly baseline?: readonly BaselineType[];
  /** Object or application ids, lower case, of what deploys there; absent: not known. */
  readonly identities?: readonly string[];
}

/** Whether the catalog says at all where in Azure an environment is. */
export function isInAzure({ subscription, managementGroup, resourceGroups, tags }: ServiceEnvironment): boolean {
  return subscription !== undefined || managementGroup !== undefined || resourceGroups.length > 0 || tags !== undefined;
}

/** A type of resource in Azure, and which of its properties matter. */
export interface BaselineType {
  /** `namespace/type`, lower case. */
  readonly type: string;
  /** Paths such as `properties.httpsOnly`. */
  readonly properties: readonly string[];
}

/** Names of Azure and nothing else: both go into a query. */
export const BASELINE_TYPE = /^[a-z][a-z0-9.]{0,99}(?:\/[a-z][a-z0-9.-]{0,99}){1,5}$/;
export const BASELINE_PROPERTY = /^(?:kind|location|(?:properties|sku|identity)(?:\.[A-Za-z][A-Za-z0-9_]{0,99}){1,8})$/;

export interface Catalog {
  readonly services: ReadonlyMap<string, Service>;
  /** Services whose own file could not be read: their gates stay closed. */
  readonly broken: ReadonlyMap<string, string>;
}

/** What a run may be recognised by. */
export interface Origin {
  readonly repository: string;
  readonly pipeline: string;
}

/** A run may only speak for a service that the catalog ties to its repository or pipeline (case-insensitive). */
export function speaksFor(service: Service, origin: Origin): boolean {
  return (
    includesIgnoringCase(service.repositories, origin.repository) ||
    includesIgnoringCase(service.pipelines, origin.pipeline)
  );
}

/** The services that a run speaks for when it names none: by pipeline, else by repository; sorted. */
export function servicesOf(catalog: Catalog, origin: Origin): string[] {
  const services = [...catalog.services.values()];
  const byPipeline = services.filter((s) => includesIgnoringCase(s.pipelines, origin.pipeline));
  const found = byPipeline.length > 0 ? byPipeline : services.filter((s) => speaksFor(s, origin));
  return found.map((service) => service.name).sort();
}

const USUAL_DEFAULTS = ['refs/heads/main', 'refs/heads/master'];

/** The same branch has one name: `main` is `refs/heads/main`. */
export function fullBranch(name: string): string {
  return name.startsWith('refs/') ? name : `refs/heads/${name}`;
}

/** Whether the history of the service's findings is that of this branch (full name). */
export function isDefaultBranch(service: Service | undefined, branch: string | undefined): boolean {
  if (branch === undefined) return false;
  return service?.defaultBranch === undefined ? USUAL_DEFAULTS.includes(branch) : service.defaultBranch === branch;
}

function includesIgnoringCase(names: readonly string[], name: string): boolean {
  return names.some((candidate) => candidate.toLowerCase() === name.toLowerCase());
}
