import { distinctPlaces, type Place } from './asset.ts';
import { connectionsOf, leadsToProduction, levelOf, type ReachingConnection } from './connection-reach.ts';
import type { Platform, RoleFact, Violation } from './platform.ts';
import { linkTo, listed, placeName, subjectOf } from './platform-connection-rules.ts';
import type { PlatformSetting } from './platform-places.ts';
import type { PlatformRule } from './platform-rules.ts';
import { byText } from './steps.ts';

/** Connections that act as the same in Azure, and what they reach together. */
interface Identity {
  readonly subject: string;
  readonly connections: readonly ReachingConnection[];
  readonly production: readonly Place[];
  readonly others: readonly Place[];
  readonly roles: readonly RoleFact[];
}

/** What there is to say of the identities behind service connections. */
export const IDENTITY_RULES: readonly PlatformRule[] = [
  each('identity-behind-several-connections', 'low', ({ connections, subject }) => {
    if (connections.length < 2) return undefined;
    return {
      message: `Service connections ${namesOf(connections)} act as one identity (${subject.slice(subject.indexOf(':') + 1)}): whoever may use one of them can do what each of them can`,
      help: 'Give each connection an identity of its own, with roles for what its pipelines do.',
    };
  }),
  each('identity-reaches-beyond-production', 'medium', ({ connections, production, others }) => {
    if (production.length === 0 || others.length === 0) return undefined;
    return {
      message: `The identity of ${namesOf(connections)} reaches production (${placesIn(production)}) and what is not (${placesIn(others)}): what runs there without a decision may change production`,
      help: 'Use an identity for production alone, in a subscription or resource group that holds nothing else.',
    };
  }),
  each('identity-grants-access', 'medium', ({ connections, roles }) => {
    const granting = roles.filter(({ may, isStanding }) => isStanding && may === 'grant');
    if (granting.length === 0) return undefined;
    return {
      message: `The identity of ${namesOf(connections)} may give itself and others any access: it is ${rolesIn(granting)}`,
      help: 'Give it Contributor or less at the resource group that is deployed to; where it has to assign roles, a condition on the assignment can limit which.',
    };
  }),
  each('identity-role-too-broad', 'medium', ({ connections, roles }) => {
    const broad = roles.filter(
      ({ may, isStanding, scope }) =>
        isStanding && may !== 'grant' && may !== 'read' && /^(?:subscription|management-group)$/.test(levelOf(scope)),
    );
    if (broad.length === 0) return undefined;
    return {
      message: `The identity of ${namesOf(connections)} may change whole subscriptions at any time: it is ${rolesIn(broad)}`,
      help: 'Give it the role at the resource group that is deployed to instead.',
    };
  }),
  {
    id: 'identity-plans-and-applies',
    severity: 'low',
    reads: ['connections'],
    violations: plansAndApplies,
  },
];

type Told = Pick<Violation, 'message' | 'help'>;

function each(
  id: string,
  severity: PlatformRule['severity'],
  tell: (identity: Identity) => Told | undefined,
): PlatformRule {
  return {
    id,
    severity,
    reads: ['connections'],
    violations: (platform, setting) =>
      identitiesOf(platform, setting).flatMap((identity) => {
        const told = tell(identity);
        if (told === undefined) return [];
        const [first] = identity.connections;
        const link = first === undefined ? {} : { link: linkTo(platform, first) };
        return [{ subject: identity.subject, ...told, places: identity.production, ...link }];
      }),
  };
}

/** Those of Azure that lead to production by one connection at least; a connection of nobody known stands for itself. */
function identitiesOf(platform: Platform, setting: PlatformSetting): Identity[] {
  const ofAzure = connectionsOf(platform, setting).filter(({ isOfAzure }) => isOfAzure);
  const bySubject = Map.groupBy(ofAzure, identityOf);
  return [...bySubject]
    .filter(([, connections]) => connections.some(leadsToProduction))
    .map(([subject, connections]) => ({
      subject,
      connections,
      production: placesOf(connections, ({ production }) => production),
      others: placesOf(connections, ({ others }) => others),
      roles: connections.flatMap(({ roles }) => roles),
    }));
}

function placesOf(
  connections: readonly ReachingConnection[],
  of: (connection: ReachingConnection) => readonly Place[],
): readonly Place[] {
  const [first, ...others] = connections.map(of);
  return others.length === 0 ? (first ?? []) : distinctPlaces(connections.flatMap(of));
}

function identityOf(connection: ReachingConnection): string {
  return connection.identity === undefined ? subjectOf(connection) : `identity:${connection.identity}`;
}

/**
 * Whether a connection plans or applies nobody says. Known is: where all that reaches a place acts as one identity, and that may change something,
 * a plan runs with the rights of an apply.
 */
function plansAndApplies(platform: Platform, setting: PlatformSetting): Violation[] {
  const ofAzure = connectionsOf(platform, setting).filter(({ isOfAzure }) => isOfAzure);
  const reached = ofAzure.flatMap((connection) => connection.production.map((place) => ({ place, connection })));
  const byPlace = Map.groupBy(reached, ({ place }) => JSON.stringify([place.service, place.environment]));
  return [...byPlace.values()].flatMap((found) => {
    const reaching = found.map(({ connection }) => connection);
    const [{ place, connection: first }] = found as unknown as readonly [(typeof found)[number]];
    const isOnly = new Set(reaching.map(identityOf)).size === 1;
    const onlyReads = first.roles.length > 0 && first.roles.every(({ may }) => may === 'read');
    if (!isOnly || onlyReads) return [];
    return [
      {
        subject: `place:${place.service}:${place.environment}`,
        message: `All that reaches ${placeName(place)} acts as one identity, by ${listed(reaching.map(usesOf))}: a plan there runs with the rights of an apply`,
        help: 'Plan with a connection whose identity has the role Reader, and let only the pipeline that applies, behind its approval, use the other.',
        places: [place],
        link: linkTo(platform, first),
      },
    ];
  });
}

function usesOf({ name, projects }: ReachingConnection): string {
  if (projects.some(({ fact }) => fact.openToAll === true)) return `${name} (of every pipeline)`;
  const pipelines = [...new Set(projects.flatMap(({ fact }) => fact.pipelines))].sort(byText);
  return pipelines.length === 0 ? name : `${name} (of ${listed(pipelines)})`;
}

function namesOf(connections: readonly ReachingConnection[]): string {
  return listed(connections.map(({ name }) => name).sort(byText));
}

function placesIn(places: readonly Place[]): string {
  return listed(places.map(placeName).sort(byText));
}

export function rolesIn(roles: readonly RoleFact[]): string {
  const by = ({ through, hasCondition }: RoleFact) =>
    `${through === undefined ? '' : ' by a group'}${hasCondition === true ? ' under a condition' : ''}`;
  return listed([...new Set(roles.map((role) => `${role.role} of ${role.scope}${by(role)}`))].sort(byText));
}
