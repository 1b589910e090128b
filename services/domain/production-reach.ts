import { distinctPlaces, type Place } from './asset.ts';
import { type Platform, type PlatformIdentity, type ReachFact, sectionsOf, type Violation } from './platform.ts';
import { isProduction, type PlatformSetting, placesOfEnvironment, servicesIn } from './platform-places.ts';
import { byText } from './steps.ts';

/** What a set of people can do something to, and whether that is production. */
export interface PlacedReach {
  readonly reach: ReachFact;
  /** Project id. */
  readonly project: string;
  readonly projectName: string;
  /** The environment, where it is about one and its name is known. */
  readonly environment?: string;
  /** Of which nobody can tell what it is, it is production. */
  readonly isProduction: boolean;
  readonly places: readonly Place[];
}

/** Somebody who reaches production, and by what. */
export interface ProductionPerson {
  readonly identity: PlatformIdentity;
  /** Such as `Approvers of prod`, sorted. */
  readonly ways: readonly string[];
  /** Whether they can change what guards production. */
  readonly administers: boolean;
  readonly places: readonly Place[];
}

const NAMES = 5;
const MASTERS: readonly ReachFact['role'][] = ['administrator', 'permission-manager'];

export function placedReaches(platform: Platform, setting: PlatformSetting): PlacedReach[] {
  return sectionsOf(platform, 'reach').flatMap(({ target, name, known }) =>
    (known?.facts ?? []).map((reach) => ({
      reach,
      project: target,
      projectName: name,
      ...placeOf(platform, target, reach, setting),
    })),
  );
}

export function productionReaches(platform: Platform, setting: PlatformSetting): PlacedReach[] {
  return placedReaches(platform, setting).filter((one) => one.isProduction);
}

type Placed = Pick<PlacedReach, 'environment' | 'isProduction' | 'places'>;

function placeOf(platform: Platform, project: string, { subject }: ReachFact, setting: PlatformSetting): Placed {
  if (!subject.startsWith('environment:')) return placeOfProject(platform, project, setting);
  const environment = environmentOf(platform, project, subject);
  if (environment === undefined) return { isProduction: true, places: [] };
  const places = placesOfEnvironment(platform, project, environment, setting);
  return { environment, isProduction: isProduction(environment, setting), places };
}

function environmentOf(platform: Platform, project: string, subject: string): string | undefined {
  const facts = sectionsOf(platform, 'environments').find(({ target }) => target === project)?.known?.facts;
  return facts?.find(({ id }) => subject === `environment:${project}:${id}`)?.name;
}

/** Where a project deploys to production by what the catalog says of its services. */
function placeOfProject(platform: Platform, project: string, setting: PlatformSetting): Placed {
  const isKnown = sectionsOf(platform, 'project').some(
    ({ target, known }) => target === project && known !== undefined,
  );
  const { services } = setting.catalog;
  const places = servicesIn(platform, project, setting.catalog).flatMap((service) =>
    [...(services.get(service)?.environments.keys() ?? [])]
      .filter((environment) => isProduction(environment, setting))
      .map((environment) => ({ service, environment })),
  );
  return { isProduction: !isKnown || places.length > 0, places };
}

/** Everybody who reaches production in any of these roles, once, whatever ways there are; by id. */
export function productionPeople(platform: Platform, setting: PlatformSetting): ReadonlyMap<string, ProductionPerson> {
  const people = new Map<string, ProductionPerson>();
  for (const { reach, places } of productionReaches(platform, setting)) {
    for (const identity of reach.members) {
      const known = people.get(identity.id);
      people.set(identity.id, {
        identity: known === undefined || identity.name < known.identity.name ? identity : known.identity,
        ways: [...new Set([...(known?.ways ?? []), reach.name])].sort(byText),
        administers: known?.administers === true || MASTERS.includes(reach.role),
        places: sortedPlaces([...(known?.places ?? []), ...places]),
      });
    }
  }
  return people;
}

/** Stable over renames. */
export function subjectOf({ reach, project }: Pick<PlacedReach, 'reach' | 'project'>): string {
  return reach.subject === 'project' ? `${reach.role}:project:${project}` : `${reach.role}:${reach.subject}`;
}

/** Of several violations of one subject one, that matters wherever any of them does; the same in whatever order they come. */
export function merged(violations: readonly Violation[]): Violation[] {
  return [...Map.groupBy(violations, ({ subject }) => subject).values()].flatMap((same) => {
    const [first] = same.toSorted((a, b) => byText(a.message, b.message));
    const places = sortedPlaces(same.flatMap((one) => one.places));
    const isEverywhere = same.some((one) => one.places.length === 0);
    return first === undefined ? [] : [{ ...first, places: isEverywhere ? [] : places }];
  });
}

/** Each once, in an order of their own. */
export function sortedPlaces(places: readonly Place[]): Place[] {
  return distinctPlaces(places).sort((a, b) => byText(JSON.stringify(a), JSON.stringify(b)));
}

/** The first names, and how many more. */
export function namesOf(names: readonly string[], more = 0): string {
  const all = [...new Set(names)].sort(byText);
  const left = Math.max(all.length - NAMES, 0) + more;
  return `${all.slice(0, NAMES).join(', ')}${left === 0 ? '' : ` and ${left} more`}`;
}

/** An identity's name, with which it is said when it is that of Countersign itself. */
export function calledIn(platform: Platform): (identity: PlatformIdentity) => string {
  const own = ownAccount(platform);
  return ({ id, name }) => (own !== undefined && own.id === id ? `${name} (the account of Countersign itself)` : name);
}

export function ownAccount(platform: Platform): (PlatformIdentity & { readonly isByToken: boolean }) | undefined {
  return sectionsOf(platform, 'people').find(({ known }) => known?.facts.self !== undefined)?.known?.facts.self;
}
