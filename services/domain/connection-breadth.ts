import { isSamePlace, type Place } from './asset.ts';
import { connectionsOf, LEVELS, type Level, levelOf, type ReachingConnection } from './connection-reach.ts';
import { type ConnectionFact, type Platform, type RoleFact, sectionsOf } from './platform.ts';
import { areRolesKnown } from './platform-connection-rules.ts';
import { type PlatformSetting, servicesIn } from './platform-places.ts';

/** Why less is known than one would want. */
export type BreadthGap =
  /** No project is known to hold the service: nothing was read, or the catalog names none of its pipelines and repositories. */
  | 'project-unknown'
  | 'connections-unread'
  /** Of a connection nobody could tell which pipelines may use it; it is listed. */
  | 'pipelines-unknown'
  /** Of a connection nobody could tell what its identity may do; its level is the one that it was made for. */
  | 'roles-unknown';

export interface UsableConnection {
  readonly id: string;
  readonly name: string;
  readonly credential: ConnectionFact['credential'];
  /** Every pipeline of the project may use it. */
  readonly isOpenToAll: boolean;
  /** The widest that it reaches; absent: Azure does not say. */
  readonly level?: Level;
  /** The strongest role of its identity, by name, and the most that it allows; absent: nobody could tell. */
  readonly role?: string;
  readonly may?: NonNullable<RoleFact['may']>;
}

/** What a deployment could do by the service connections that it may use (peers.md S52). */
export interface ConnectionBreadth {
  /** By id. */
  readonly connections: readonly UsableConnection[];
  /** The widest of all. */
  readonly level?: Level;
  /** The strongest of all. */
  readonly role?: string;
  readonly may?: NonNullable<RoleFact['may']>;
  /** Nothing is missing. */
  readonly isKnown: boolean;
  /** What is missing; each once, in the order of the type. */
  readonly why: readonly BreadthGap[];
}

const GAPS: readonly BreadthGap[] = ['project-unknown', 'connections-unread', 'pipelines-unknown', 'roles-unknown'];
const POWERS = ['grant', undefined, 'change', 'read'] as const;

/** Which connections a run of the pipeline (name) can use that reach the place, and how far these reach at most. */
export function connectionBreadth(
  platform: Platform,
  setting: Pick<PlatformSetting, 'catalog' | 'contract'>,
  place: Place,
  pipeline: string,
): ConnectionBreadth {
  const projects = sectionsOf(platform, 'project')
    .map(({ target }) => target)
    .filter((target) => servicesIn(platform, target, setting.catalog).includes(place.service));
  const mayUse = (connection: ReachingConnection): readonly ConnectionFact[] =>
    connection.projects
      .filter(({ id, fact }) => projects.includes(id) && allows(fact, pipeline))
      .map(({ fact }) => fact);
  const usable = connectionsOf(platform, setting)
    .filter((connection) => reaches(connection, place))
    .map((connection) => ({ connection, facts: mayUse(connection) }))
    .filter(({ facts }) => facts.length > 0);
  const read = sectionsOf(platform, 'connections').filter(({ known }) => known !== undefined);
  const found: readonly (readonly [BreadthGap, boolean])[] = [
    ['project-unknown', projects.length === 0],
    ['connections-unread', projects.some((project) => !read.some(({ target }) => target === project))],
    ['pipelines-unknown', usable.some(({ facts }) => facts.some(({ openToAll }) => openToAll === undefined))],
    ['roles-unknown', usable.some(({ connection }) => !areRolesKnown(connection, platform))],
  ];
  const why = GAPS.filter((gap) => found.some(([name, isSo]) => name === gap && isSo));
  const connections = usable.map(({ connection, facts }) => usableOf(connection, facts));
  return { connections, ...widest(usable.map(({ connection }) => connection)), isKnown: why.length === 0, why };
}

function allows({ openToAll, pipelines }: ConnectionFact, pipeline: string): boolean {
  return openToAll !== false || pipelines.some((one) => one.toLowerCase() === pipeline.toLowerCase());
}

function reaches({ production, others, isOpen }: ReachingConnection, place: Place): boolean {
  return isOpen || [...production, ...others].some((one) => isSamePlace(one, place));
}

function usableOf(connection: ReachingConnection, facts: readonly ConnectionFact[]): UsableConnection {
  const { id, name, fact } = connection;
  const isOpenToAll = facts.some(({ openToAll }) => openToAll === true);
  return { id, name, credential: fact.credential, isOpenToAll, ...widest([connection]) };
}

function widest(connections: readonly ReachingConnection[]): Pick<UsableConnection, 'level' | 'role' | 'may'> {
  const levels = connections.flatMap(levelsOf);
  const level = LEVELS.find((one) => levels.includes(one));
  const [strongest] = connections.flatMap(({ roles }) => roles).sort((a, b) => strengthOf(a) - strengthOf(b));
  if (strongest === undefined) return level === undefined ? {} : { level };
  const { role, may } = strongest;
  return { ...(level === undefined ? {} : { level }), role, ...(may === undefined ? {} : { may }) };
}

/** Where roles are known these say it, and else what it was made for. */
function levelsOf({ roles, fact }: ReachingConnection): Level[] {
  if (roles.length > 0) return roles.map(({ scope }) => levelOf(scope));
  return fact.scope === undefined ? [] : [fact.scope.level];
}

/** What a role allows, then how far, then whether at any time: the strongest is the least. */
function strengthOf({ may, scope, isStanding }: RoleFact): number {
  return POWERS.indexOf(may) * 100 + LEVELS.indexOf(levelOf(scope)) * 10 + (isStanding ? 0 : 1);
}
