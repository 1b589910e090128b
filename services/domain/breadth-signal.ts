import type { Place } from './asset.ts';
import type { Catalog } from './catalog.ts';
import { type BreadthGap, type ConnectionBreadth, connectionBreadth } from './connection-breadth.ts';
import { type Platform, type SectionOf, sectionsOf } from './platform.ts';
import { firstUnread, oldestOf, type PlatformSignal, shortened, whyUnread } from './platform-age.ts';
import { isNeededBy, isReachedBy } from './platform-known.ts';
import type { PlatformSetting } from './platform-places.ts';

/** What is deployed: where, and by which pipelines (names) of which projects (ids). */
interface Deploying {
  readonly services: readonly string[];
  readonly environment: string;
  readonly pipelines: readonly string[];
  readonly projects: readonly string[];
}

/** How far something reaches in Azure, and as what. */
interface Reach extends Pick<ConnectionBreadth, 'level' | 'may'> {
  readonly role?: string;
}

interface ReachingConnection extends Reach {
  readonly id: string;
  readonly name: string;
}

/** How far the identity behind the deployment reaches. */
export interface BreadthSignal extends PlatformSignal, Reach {
  /** The first of them. */
  readonly connections: readonly (ReachingConnection & { readonly project?: string })[];
  /** All of them. */
  readonly count: number;
}

/** Whoever has these may hand out access, or do anything. */
const POWERFUL = ['owner', 'user access administrator', 'role based access control administrator'];
const WIDE: readonly ConnectionBreadth['level'][] = ['management-group', 'subscription'];
const NARROW: readonly ConnectionBreadth['level'][] = ['resource-group', 'workspace'];
const CONNECTIONS_KEPT = 3;

/** How far whoever deploys reaches: too far as soon as one connection does, and known only where nothing is missing. */
export function breadthSignal(
  platform: Platform,
  { services, environment, pipelines, projects }: Deploying,
  setting: Pick<PlatformSetting, 'catalog' | 'contract'>,
): BreadthSignal {
  const sections = sectionsOf(platform, 'connections');
  const places = services.map((service) => ({ service, environment }));
  const all = services.flatMap((service) =>
    pipelines.map((pipeline) => reduced(connectionBreadth(platform, setting, { service, environment }, pipeline))),
  );
  const connections = [...new Map(all.flatMap((one) => one.connections).map((one) => [one.id, one])).values()];
  const [widest] = all.filter((one) => one.connections.length > 0).sort((a, b) => width(b) - width(a));
  const roles = rolesOf(platform, connections, places, setting.catalog);
  const shown = {
    ...oldestOf([...sections, ...roles]),
    ...(widest?.level === undefined ? {} : { level: widest.level }),
    ...(widest?.role === undefined ? {} : { role: shortened(widest.role) }),
    connections: [...connections]
      .sort((a, b) => width(b) - width(a) || (a.id < b.id ? -1 : 1))
      .slice(0, CONNECTIONS_KEPT)
      .map((one) => ({ ...one, id: shortened(one.id), name: shortened(one.name), ...projectOf(sections, one.id) })),
    count: connections.length,
  };
  if ([...all, ...connections].some((one) => width(one) === TOO_WIDE)) return { state: 'fail', ...shown };
  const why = whyUnread(projects.length, sections) ?? firstUnread(roles) ?? whyNotNarrow(all, connections);
  return why === undefined ? { state: 'pass', ...shown } : { state: 'unknown', why: shortened(why), ...shown };
}

interface Breadth extends Reach {
  readonly connections: readonly ReachingConnection[];
  readonly why?: string;
}

function reduced({ connections, why, ...reach }: ConnectionBreadth): Breadth {
  const [gap] = why;
  return {
    ...reachOf(reach),
    connections: connections.map(({ id, name, ...one }) => ({ id, name, ...reachOf(one) })),
    ...(gap === undefined ? {} : { why: GAP_WORDS[gap] }),
  };
}

function reachOf({ level, role, may }: Reach): Reach {
  return {
    ...(level === undefined ? {} : { level }),
    ...(role === undefined ? {} : { role }),
    ...(may === undefined ? {} : { may }),
  };
}

const GAP_WORDS: Readonly<Record<BreadthGap, string>> = {
  'project-unknown': 'no project is known that holds the service',
  'connections-unread': 'service connections have not been looked at yet',
  'pipelines-unknown': 'of a connection nobody could tell which pipelines may use it',
  'roles-unknown': 'what its identity may do in Azure is not known',
};

const TOO_WIDE = 2;

/** 0 only where both are known to be narrow. */
function width({ level, role, may }: Reach): number {
  if (WIDE.includes(level) || may === 'grant' || POWERFUL.includes(role?.toLowerCase() ?? '')) return TOO_WIDE;
  return NARROW.includes(level) && role !== undefined ? 0 : 1;
}

/** Where the environment is, where a connection was made for, and wherever its identity was seen: elsewhere nothing is known that could have changed. */
function rolesOf(
  platform: Platform,
  connections: readonly ReachingConnection[],
  places: readonly Place[],
  catalog: Catalog,
): readonly SectionOf<'roles'>[] {
  const ids = new Set(connections.map(({ id }) => id));
  const facts = sectionsOf(platform, 'connections').flatMap(
    ({ known }) => known?.facts.filter(({ id }) => ids.has(id)) ?? [],
  );
  return sectionsOf(platform, 'roles').filter(
    (section) => isReachedBy(section, facts) || places.some((place) => isNeededBy(platform, section, place, catalog)),
  );
}

/** Every connection by itself too: of one nobody may know what is known of the others. */
function whyNotNarrow(all: readonly Breadth[], connections: readonly ReachingConnection[]): string | undefined {
  const unread = all.find(({ why }) => why !== undefined);
  if (unread !== undefined) return unread.why;
  if (connections.length === 0) return 'no service connection is known that its pipeline may use';
  const tops = all.filter((one) => one.connections.length > 0);
  const vague = [...connections, ...tops].find((one) => width(one) > 0);
  if (vague === undefined) return undefined;
  return vague.role === undefined
    ? 'what its identity may do in Azure is not known'
    : 'how far its connection reaches is not known';
}

function projectOf(sections: readonly SectionOf<'connections'>[], id: string): { readonly project?: string } {
  const section = sections.find(({ known }) => (known?.facts ?? []).some((one) => one.id === id));
  return section === undefined ? {} : { project: section.target };
}
