import type { Reply } from './azure-devops-model.ts';
import {
  type GraphRequest,
  type GraphWorld,
  graphFailure,
  notFound,
  pageOf,
  unquoted,
  unsupported,
} from './graph-answers.ts';

const USER = '([0-9a-f-]{36})';
const INSTALLING = 'TeamsAppInstallation.ReadWriteForUser.All';

/** Apps of Teams: the organization's catalog, and who has which. */
export const TEAMS_ROUTES: readonly (readonly [
  RegExp,
  string,
  (world: GraphWorld, request: GraphRequest, id: string) => Reply,
])[] = [
  [/^GET \/v1.0\/appCatalogs\/teamsApps$/, 'AppCatalog.Read.All', listApps],
  [new RegExp(`^GET /v1.0/users/${USER}/teamwork/installedApps$`), INSTALLING, listInstalled],
  [new RegExp(`^POST /v1.0/users/${USER}/teamwork/installedApps$`), INSTALLING, install],
];

function listApps(world: GraphWorld, request: GraphRequest): Reply {
  const wanted = /^externalId eq ('.*')$/.exec(request.query.get('$filter') ?? '')?.[1];
  if (wanted === undefined) return unsupported();
  const found = world.teamsApps.filter(({ externalId }) => externalId === unquoted(wanted));
  return pageOf(
    world,
    request,
    found.map((one) => ({ ...one, distributionMethod: 'organization' })),
  );
}

/** Without `$expand=teamsApp` an installation says nothing of its app. */
function listInstalled(world: GraphWorld, request: GraphRequest, id: string): Reply {
  const refused = refusedFor(world, id);
  if (refused !== undefined) return refused;
  const wanted = /^teamsApp\/id eq ('.*')$/.exec(request.query.get('$filter') ?? '')?.[1];
  if (wanted === undefined || request.query.get('$expand') !== 'teamsApp') return unsupported();
  const own = (world.installed.get(id) ?? []).filter((app) => app === unquoted(wanted));
  return pageOf(
    world,
    request,
    own.map((app) => ({ id: `${id}##${app}`, teamsApp: { id: app } })),
  );
}

function refusedFor(world: GraphWorld, id: string): Reply | undefined {
  const user = world.users.find((one) => one.id === id);
  if (user === undefined || user.withoutApps === 'no-licence') return notFound();
  return undefined;
}

function install(world: GraphWorld, request: GraphRequest, id: string): Reply {
  const refused = refusedFor(world, id);
  if (refused !== undefined) return refused;
  const user = world.users.find((one) => one.id === id);
  if (user?.withoutApps === 'blocked') return graphFailure(403, 'Forbidden');
  const { 'teamsApp@odata.bind': bound = '' } = request.body as Readonly<Record<string, string>>;
  const app = /^https?:\/\/[^/]+\/v1\.0\/appCatalogs\/teamsApps\/([^/]+)$/.exec(bound)?.[1];
  if (!world.teamsApps.some((one) => one.id === app) || app === undefined) return notFound();
  const own = world.installed.get(id) ?? [];
  if (own.includes(app)) return graphFailure(409, 'Conflict');
  world.installed.set(id, [...own, app]);
  return { status: 201 };
}
