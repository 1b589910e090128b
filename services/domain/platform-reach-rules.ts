import { type Platform, type ReachFact, sectionsOf, type Violation } from './platform.ts';
import { isProduction, type PlatformSetting } from './platform-places.ts';
import type { PlatformRule } from './platform-rules.ts';
import {
  merged,
  namesOf,
  type PlacedReach,
  placedReaches,
  productionReaches,
  sortedPlaces,
  subjectOf,
} from './production-reach.ts';
import { byText } from './steps.ts';
import { isWide } from './wide-group.ts';

type Role = ReachFact['role'];
type Told = Pick<Violation, 'message' | 'help'>;

const MASTERS: readonly Role[] = ['administrator', 'permission-manager'];
const WITHOUT_DECISION = 'whoever of them wants to can take the checks off and deploy without a decision';

/** What there is to say of the groups by which people reach production. */
export const REACH_RULES: readonly PlatformRule[] = [
  each('too-many-administrators', 'medium', MASTERS, ({ reach }, { contract }) =>
    tooMany(
      reach,
      contract.limits.maxApprovers,
      'Take whoever does not need it out of the groups, or give the role for hours only.',
    ),
  ),
  each('too-many-approvers', 'medium', ['approver'], ({ reach }, { contract }) =>
    tooMany(
      reach,
      contract.limits.maxApprovers,
      'Name a smaller group in the approval, so that each of them knows what they answer for.',
    ),
  ),
  each('wide-administrators', 'high', MASTERS, (placed) =>
    wide(placed, WITHOUT_DECISION, 'Take these groups out under Security, and name the few who administer it.'),
  ),
  each('wide-approvers', 'medium', ['approver'], (placed) =>
    wide(placed, 'nearly anybody may approve there', 'Name the group of those who answer for it in the approval.'),
  ),
  each('wide-deployers', 'low', ['deployer'], (placed) =>
    wide(
      placed,
      'nearly anybody may have a pipeline deploy there as far as its checks let it',
      'Give the role User under Security of the environment to the pipelines’ own group only.',
    ),
  ),
  each('nested-access', 'low', ['administrator', 'permission-manager', 'approver', 'deployer'], ({ reach }) => {
    const nested = reach.nested ?? [];
    if (nested.length === 0) return undefined;
    return {
      message: `${reach.name} come in by groups within groups (${namesOf(nested)}): whoever fills those gives access that is changed nowhere here`,
      help: 'Name the group itself instead of one that holds it, or let only its owner change it.',
    };
  }),
  each('reach-not-resolved', 'medium', ['administrator', 'permission-manager', 'approver', 'deployer'], notResolved),
  {
    id: 'same-administrators',
    severity: 'low',
    reads: ['reach', 'environments'],
    violations: (platform, setting) => merged([...sameGroups(platform, setting), ...samePeople(platform, setting)]),
  },
];

function each(
  id: string,
  severity: PlatformRule['severity'],
  roles: readonly Role[],
  tell: (placed: PlacedReach, setting: PlatformSetting) => Told | undefined,
): PlatformRule {
  return {
    id,
    severity,
    reads: ['reach'],
    violations: (platform, setting) =>
      merged(
        productionReaches(platform, setting)
          .filter(({ reach }) => roles.includes(reach.role))
          .flatMap((placed) => {
            const told = tell(placed, setting);
            return told === undefined ? [] : [violationOf(platform, placed, told)];
          }),
      ),
  };
}

function violationOf({ organization }: Platform, placed: PlacedReach, told: Told): Violation {
  const { reach, projectName, places } = placed;
  const page = encodeURIComponent(projectName);
  const [, , environment] = reach.subject.split(':');
  const link =
    environment === undefined
      ? `${organization}/${reach.subject === 'organization' ? '' : `${page}/`}_settings/permissions`
      : `${organization}/${page}/_environments/${environment}/security`;
  return { subject: subjectOf(placed), ...told, places, link };
}

function tooMany(reach: ReachFact, most: number, help: string): Told | undefined {
  const people = reach.members.filter(({ kind }) => kind !== 'service');
  const count = people.length + reach.more;
  if (count <= most) return undefined;
  const names = namesOf(
    people.map(({ name }) => name),
    reach.more,
  );
  return { message: `${reach.name} come down to ${count} people, more than ${most}: ${names}`, help };
}

function wide({ reach }: PlacedReach, consequence: string, help: string): Told | undefined {
  const groups = reach.through.filter(isWide);
  if (groups.length === 0) return undefined;
  return { message: `${reach.name} take in everybody in ${namesOf(groups)}: ${consequence}`, help };
}

function notResolved({ reach }: PlacedReach): Told | undefined {
  const unresolved = reach.unresolved ?? [];
  if (unresolved.length === 0 && reach.more === 0) return undefined;
  const parts = [
    ...(unresolved.length === 0 ? [] : [`nobody can tell who is behind ${namesOf(unresolved)}`]),
    ...(reach.more === 0 ? [] : [`${reach.more} were not looked at one by one`]),
  ];
  return {
    message: `Not all of ${lowerFirst(reach.name)} are known: ${parts.join(', and ')}`,
    help: 'Let the bot read the members of these groups (docs/permissions.md), or name smaller groups that it can read.',
  };
}

function lowerFirst(text: string): string {
  return `${text[0]?.toLowerCase() ?? ''}${text.slice(1)}`;
}

interface Group {
  readonly name: string;
  readonly project: PlacedReach;
  readonly environments: readonly string[];
}

/** Groups that administer production and something else; those of a project administer all of its environments. */
function sameGroups(platform: Platform, setting: PlatformSetting): Violation[] {
  const found = placedReaches(platform, setting).flatMap((placed) => groupsIn(platform, placed));
  return [...Map.groupBy(found, ({ id }) => id)].flatMap(([id, same]) => {
    const environments = [...new Set(same.flatMap((one) => one.environments))].sort(byText);
    const production = environments.filter((one) => isProduction(one, setting));
    const others = environments.filter((one) => !isProduction(one, setting));
    const [first] = same.toSorted((a, b) => byText(a.name, b.name));
    if (first === undefined || production.length === 0 || others.length === 0) return [];
    const places = sortedPlaces(same.flatMap(({ project }) => (project.isProduction ? project.places : [])));
    return [
      {
        subject: `group:${id}`,
        message: `${first.name} administers ${namesOf(production)} and also ${namesOf(others)}: whoever is let in to try things out can change what guards production`,
        help: 'Give the role Administrator of production’s environments to a group of its own, and keep the administrators of the project few.',
        places,
      },
    ];
  });
}

function groupsIn(platform: Platform, project: PlacedReach): (Group & { readonly id: string })[] {
  const { reach, environment } = project;
  if (reach.role !== 'administrator' || reach.subject === 'organization') return [];
  const whole = reach.subject === 'project' ? environmentsOf(platform, project.project) : [];
  const environments = environment === undefined ? whole : [environment];
  return (reach.groups ?? []).map(({ id, name }) => ({ id, name, project, environments }));
}

function environmentsOf(platform: Platform, project: string): string[] {
  const facts = sectionsOf(platform, 'environments').find(({ target }) => target === project)?.known?.facts;
  return (facts ?? []).map(({ name }) => name);
}

/** Different groups with the same people in them. */
function samePeople(platform: Platform, setting: PlatformSetting): Violation[] {
  const whole = placedReaches(platform, setting).filter(
    ({ reach, environment }) =>
      environment !== undefined && reach.role === 'administrator' && reach.members.length > 0 && isWhole(reach),
  );
  const [production, others] = [whole.filter((one) => one.isProduction), whole.filter((one) => !one.isProduction)];
  return production.flatMap((placed) => {
    const same = others.filter(
      (other) => hasSamePeople(placed.reach, other.reach) && !sharesGroup(placed.reach, other.reach),
    );
    if (same.length === 0) return [];
    const told = {
      message: `The same ${placed.reach.members.length} administer ${placed.environment} and, by other groups, ${namesOf(same.map(({ environment }) => environment ?? ''))}: ${namesOf(placed.reach.members.map(({ name }) => name))}`,
      help: 'Have production administered by fewer people than everything else.',
    };
    return [{ ...violationOf(platform, placed, told), subject: `same-people:${placed.reach.subject}` }];
  });
}

function isWhole({ more, unresolved }: ReachFact): boolean {
  return more === 0 && (unresolved ?? []).length === 0;
}

function hasSamePeople(one: ReachFact, other: ReachFact): boolean {
  const ids = new Set(one.members.map(({ id }) => id));
  return ids.size === other.members.length && other.members.every(({ id }) => ids.has(id));
}

function sharesGroup(one: ReachFact, other: ReachFact): boolean {
  return (one.groups ?? []).some(({ id }) => (other.groups ?? []).some((another) => another.id === id));
}
