import type { Place } from './asset.ts';
import type { Catalog } from './catalog.ts';
import {
  type ConnectionFact,
  ORGANIZATION_SECTIONS,
  type Platform,
  PROJECT_SECTIONS,
  type Section,
  type SectionKey,
  type SectionKind,
  SUBSCRIPTION_SECTIONS,
  sectionsOf,
} from './platform.ts';
import { isNamedBy, isProduction, type PlatformSetting, servicesIn } from './platform-places.ts';
import type { JudgedPart } from './posture.ts';

/** What of a platform concerns the catalog, and what must be known of it to know a place. */

const isOneOf = (kinds: readonly string[], { kind }: Section) => kinds.includes(kind);

/** Without projects that hold nothing of the catalog. One of which nobody knows what it holds counts while the catalog names a service that is nowhere. */
export function concerning(platform: Platform, catalog: Catalog): Platform {
  const projects = sectionsOf(platform, 'project');
  const found = new Set(projects.flatMap(({ target }) => servicesIn(platform, target, catalog)));
  const isWhole = [...catalog.services.keys()].every((name) => found.has(name));
  const foreign = new Set(
    projects.flatMap(({ target, known }) => {
      const isForeign = known === undefined ? isWhole : !isNamedBy(known.facts, catalog);
      return isForeign ? [target] : [];
    }),
  );
  const sections = platform.sections.filter((one) => !isOneOf(PROJECT_SECTIONS, one) || !foreign.has(one.target));
  return { ...platform, sections };
}

/** Whether a section is read as often as what decides on production: all but projects that hold nothing of the catalog. */
export function isOfCatalog(platform: Platform, section: Section, catalog: Catalog): boolean {
  if (section.kind !== 'project' || section.known === undefined) return true;
  return servicesIn(platform, section.target, catalog).length > 0;
}

/** What says whom there is to ask about: who reaches production, and as whom connections sign in. */
const AWAITED: Readonly<Partial<Record<SectionKind, 'connections' | 'reach'>>> = {
  people: 'reach',
  tokens: 'reach',
  roles: 'connections',
};

/** Whether it is first to be read, or refused, what says whom and what there is to ask about; of reach these are the environments. */
export function isAwaiting(platform: Platform, { kind, target }: SectionKey, catalog: Catalog): boolean {
  const isSettled = (of: 'connections' | 'environments' | 'reach', project: string) =>
    sectionsOf(platform, of).some((one) => one.target === project && isRead(one));
  if (kind === 'reach') return !isSettled('environments', target);
  const awaited = AWAITED[kind];
  if (awaited === undefined) return false;
  return sectionsOf(platform, 'project').some(
    (one) => !isRead(one) || (isNamedBy(one.known?.facts, catalog) && !isSettled(awaited, one.target)),
  );
}

function isRead({ known, unknown }: Section): boolean {
  return known !== undefined || unknown !== undefined;
}

/** Whether production of the catalog is reached through a section: what is read first. */
export function leadsToProduction(
  platform: Platform,
  section: Section,
  setting: Pick<PlatformSetting, 'catalog' | 'contract'>,
): boolean {
  if (isOneOf(ORGANIZATION_SECTIONS, section)) return false;
  if (isOneOf(SUBSCRIPTION_SECTIONS, section)) return true;
  return servicesIn(platform, section.target, setting.catalog).some((service) =>
    [...(setting.catalog.services.get(service)?.environments.keys() ?? [])].some((name) => isProduction(name, setting)),
  );
}

/** A place is known once all sections are that say how it can be reached: its projects', its organization's, its subscription's. */
export function knownOf(platform: Platform, place: Place, catalog: Catalog): JudgedPart[] {
  return platform.sections
    .filter((section) => isNeededBy(platform, section, place, catalog))
    .map(({ kind, target, known, unknown }) => ({
      key: `${kind}:${target}`,
      ...(known === undefined ? {} : { at: known.at }),
      isUnknown: known === undefined || unknown !== undefined,
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Whether what is judged of a place depends on a section. */
export function isNeededBy(
  platform: Platform,
  section: Section,
  { service, environment }: Place,
  catalog: Catalog,
): boolean {
  if (isOneOf(ORGANIZATION_SECTIONS, section)) return true;
  if (isOneOf(PROJECT_SECTIONS, section)) return servicesIn(platform, section.target, catalog).includes(service);
  const wanted = subscriptionOf(catalog, { service, environment });
  return wanted === section.target || wanted === section.name.toLowerCase();
}

/** Its id or its name, lower case, as the catalog has it; undefined: it has none. */
export function subscriptionOf({ services }: Catalog, { service, environment }: Place): string | undefined {
  return services.get(service)?.environments.get(environment)?.subscription?.toLowerCase();
}

/** Role assignments in a subscription that a connection was made for, or in which its identity was ever seen. */
export function isReachedBy(
  section: Section,
  connections: readonly Pick<ConnectionFact, 'scope' | 'clientId' | 'principalId'>[],
): boolean {
  if (section.kind !== 'roles') return false;
  const { target, known } = section;
  const identities = new Set(connections.flatMap(({ clientId, principalId }) => [clientId, principalId]));
  identities.delete(undefined);
  return (
    connections.some(({ scope }) => scope?.id.toLowerCase().split('/')[2] === target) ||
    (known?.facts ?? []).some((one) => identities.has(one.clientId) || identities.has(one.principalId))
  );
}
