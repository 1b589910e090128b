import { type ActivityEvent, type ActivityPlace, type AuditedNames, entryId, type LoggedEntry } from './activity.ts';
import { isSamePlace, type Place } from './asset.ts';
import { type Baseline, idsIn, namesIn } from './baseline.ts';
import { connectionsOf, leadsToProduction } from './connection-reach.ts';
import type { Contract } from './contract.ts';
import { doneByOf, type OffPathFound, offPathId, outsideWrite } from './off-path.ts';
import { type Platform, sectionsOf } from './platform.ts';
import { type PlatformSetting, productionPlaces } from './platform-places.ts';
import type { Release } from './release.ts';

type Setting = Pick<PlatformSetting, 'catalog' | 'contract'>;

/**
 * Object and application ids, lower case, of what changes Azure in a place on the release path: those that the catalog names, else those of the
 * service connections that lead there. Undefined: nobody could tell, or not of all of them.
 */
export function releaseIdentities(
  platforms: readonly Platform[],
  place: Place,
  setting: Setting,
): readonly string[] | undefined {
  const named = setting.catalog.services.get(place.service)?.environments.get(place.environment)?.identities ?? [];
  if (named.length > 0) return named;
  const leading = platforms
    .flatMap((platform) => connectionsOf(platform, setting))
    .filter(
      ({ isOfAzure, isOpen, production }) => isOfAzure && (isOpen || production.some((one) => isSamePlace(one, place))),
    );
  if (leading.length === 0 || leading.some(({ identity }) => identity === undefined)) return undefined;
  return leading.flatMap(({ fact, roles }) => [
    ...[fact.clientId, fact.principalId].filter((id) => id !== undefined),
    ...roles.map(({ principalId }) => principalId),
  ]);
}

/** That a pipeline used a service connection that leads to production, or may, as an audit log has it. */
export interface ConnectionUse {
  readonly id: string;
  /** Undefined: nobody has read it yet. */
  readonly name: string | undefined;
  /** Undefined: nobody could tell. */
  readonly pipeline: string | undefined;
  readonly places: readonly Place[];
}

export function isConnectionUse({ operation, outcome, about }: LoggedEntry): boolean {
  const isUse = operation.toLowerCase() === 'library.serviceconnectionexecuted';
  return isUse && outcome !== 'failed' && about.connection !== undefined;
}

/** Undefined: it leads to no production, or is of a project that holds nothing of the catalog. */
export function connectionUse(
  { about }: Pick<LoggedEntry, 'about'>,
  platform: Platform,
  setting: PlatformSetting,
): ConnectionUse | undefined {
  const { connection: id = '', projectId } = about;
  const sections = sectionsOf(platform, 'connections').filter(({ known }) => known !== undefined);
  const pipeline = pipelineOf(platform, about);
  if (!sections.some(({ known }) => known?.facts.some((fact) => fact.id === id))) {
    const places = sections.some(({ target }) => target === projectId) ? productionPlaces(platform, setting) : [];
    return places.length === 0 ? undefined : { id, name: undefined, pipeline, places };
  }
  const found = connectionsOf(platform, setting).find((one) => one.id === id);
  if (found === undefined || !leadsToProduction(found)) return undefined;
  const places = found.production.length > 0 ? found.production : productionPlaces(platform, setting);
  return { id, name: found.name, pipeline, places };
}

/** Classic releases count their definitions by themselves, and of these no names are read. */
function pipelineOf(platform: Platform, { projectId, definition, planType }: AuditedNames): string | undefined {
  if (definition === undefined || planType !== 'build') return undefined;
  const project = sectionsOf(platform, 'project').find(({ target }) => target === projectId);
  const names = project?.known?.facts.pipelineIds;
  return names && (Object.hasOwn(names, definition) ? names[definition] : `number ${definition}`);
}

/** Pipelines that used a connection before it was last approved where it leads, lower case; undefined: no baseline says. */
export function usualPipelines(
  baselines: readonly Baseline[],
  connection: string,
  now: string,
): ReadonlySet<string> | undefined {
  const known = baselines.flatMap(({ entries, accepted }) => [
    ...entries,
    ...accepted.flatMap(({ entry, until }) => (entry === undefined || until <= now ? [] : [entry])),
  ]);
  const lists = known.flatMap(({ kind, key, values }) =>
    kind === 'connection' && idsIn(key)[1] === connection ? (values['usedBy'] ?? []) : [],
  );
  return lists.length === 0 ? undefined : new Set(lists.flatMap(namesIn).map((name) => name.toLowerCase()));
}

/** What is told of an entry besides what it says itself: to whoever reviews, and to the owners of what it was done to. */
export interface Judged {
  readonly event?: ActivityEvent;
  readonly found?: OffPathFound;
}

interface Log {
  /** Format and organization or subscription. */
  readonly source: string;
  readonly target: string;
}

/** Pipelines, lower case, whose deployments were last let through where the connection leads: they are the release path. */
export function letThrough(releases: readonly (Release | undefined)[]): ReadonlySet<string> {
  return new Set(releases.flatMap((release) => release?.pipeline?.toLowerCase() ?? []));
}

/** A use by a pipeline that is not usual, or of which nobody can tell. One action for each pipeline and day. */
export function judgedUse(
  entry: LoggedEntry,
  { id, name, pipeline, places }: ConnectionUse,
  { usual, released }: { readonly usual: ReadonlySet<string> | undefined; readonly released: ReadonlySet<string> },
  log: Log,
): Judged {
  if (pipeline !== undefined && released.has(pipeline.toLowerCase())) return {};
  const where = together(places);
  if (name === undefined || pipeline === undefined || usual === undefined) {
    const why =
      usual === undefined
        ? 'no baseline has it yet: the next approved deployment takes it'
        : 'connection or pipeline is not known';
    const message = `Whether service connection ${name ?? id} is used by its usual pipelines nobody can tell: ${why}`;
    return { event: unknownEvent(entry, `use ${id}`, { rule: `${entry.operation}.unknown`, message, ...where }, log) };
  }
  if (usual.has(pipeline.toLowerCase())) return {};
  const message = `Pipeline ${pipeline} used service connection ${name}, which it had not used when it was last approved`;
  const event = {
    ...{ id: entry.id, ...log, at: entry.at, message, ...where },
    ...UNUSUAL,
    rule: `${entry.operation}.unusual`,
  };
  const found: OffPathFound = {
    ...{ id: offPathId('use', id, pipeline, entry.at.slice(0, 10)), kind: 'use', ...where },
    ...{ at: entry.at, what: message, doneBy: doneByOf(entry) },
  };
  return { event, found };
}

const UNUSUAL = { severity: 'medium', hasFailed: false } as const;

/** A change in production beside the release path, or of which nobody can tell whether it is. */
export function judgedWrite(
  entry: LoggedEntry,
  place: Place,
  allowed: readonly string[] | undefined,
  contract: Contract,
  log: Log,
): Judged {
  if (allowed !== undefined) {
    const found = outsideWrite(entry, place, allowed, contract);
    return found === undefined ? {} : { found };
  }
  const { service, environment } = place;
  if (outsideWrite(entry, place, [], contract) === undefined) return {};
  const message = `Whether changes in ${service} in ${environment} come by its release path nobody can tell: name its identities in the catalog, or let the bot read its service connections`;
  const told = { rule: 'release-path.unknown', message, services: [service], environment };
  return { event: unknownEvent(entry, `write ${service} ${environment}`, told, log) };
}

/** Once an hour, and in one line of a review, until somebody does something about it. */
function unknownEvent(
  { at }: LoggedEntry,
  what: string,
  told: Pick<ActivityEvent, 'rule' | 'message' | 'services' | 'environment'>,
  { source, target }: Log,
): ActivityEvent {
  const hour = at.slice(0, 13);
  const id = entryId(source, '-', `unknown ${what} ${hour}`, undefined);
  return { id, source, target, at: `${hour}:00:00.000Z`, severity: 'low', ...told, hasFailed: false };
}

/** Of several environments none can be named. */
function together(places: readonly Place[]): ActivityPlace {
  const [first, ...others] = [...new Set(places.map(({ environment }) => environment))];
  const services = [...new Set(places.map(({ service }) => service))].sort();
  return { services, environment: first === undefined || others.length > 0 ? '-' : first };
}
