import type { Place } from './asset.ts';
import { connectionsOf, type Level, leadsToProduction, levelOf, type ReachingConnection } from './connection-reach.ts';
import { type ConnectionFact, type Platform, sectionsOf, type Violation } from './platform.ts';
import type { PlatformSetting } from './platform-places.ts';
import type { PlatformRule } from './platform-rules.ts';
import { byText } from './steps.ts';

/** Not used for longer, a connection is a way into production that nobody needs. */
export const UNUSED_DAYS = 90;
const DAY_MS = 86_400_000;
const NAMES = 5;

const LONG_LIVED: Partial<Record<ConnectionFact['credential'], string>> = {
  secret: 'a client secret',
  certificate: 'a certificate',
  password: 'a password',
  token: 'a token',
};
const BROAD: readonly Level[] = ['management-group', 'subscription'];

type Told = Pick<Violation, 'message' | 'help'> & { readonly of?: string };
type Tell = (connection: ReachingConnection, platform: Platform, setting: PlatformSetting) => Told | readonly Told[];

/** What there is to say of service connections that lead to production. */
export const CONNECTION_RULES: readonly PlatformRule[] = [
  each('connection-long-lived-credential', 'medium', ({ name, fact, isOfAzure }) => {
    const credential = LONG_LIVED[fact.credential];
    if (credential === undefined || fact.leadsHere === true) return [];
    return {
      message: `Service connection ${name} reaches production by ${credential}: whoever has a copy of it may do the same, from anywhere, until it ends`,
      help: isOfAzure
        ? 'Convert the connection to workload identity federation in its settings, or have it use a managed identity, and delete the old credential in Entra.'
        : 'Use a connection that gets a new credential for each run, such as one of Azure Resource Manager with federation; where there is none, renew this one often and let few pipelines use it.',
    };
  }),
  each('connection-shared', 'medium', ({ name, fact, projects }) => {
    const others = new Set([
      ...projects.slice(1).map((project) => project.name),
      ...projects.flatMap((project) => project.fact.sharedWith ?? []),
    ]);
    others.delete(projects[0]?.name ?? '');
    if (!fact.isShared && others.size === 0) return [];
    const whom = others.size === 0 ? 'with other projects' : `with ${listed([...others].sort(byText))}`;
    return {
      message: `Service connection ${name} of ${projects[0]?.name} is shared ${whom}: whoever administers pipelines there reaches the same production`,
      help: 'Give each project a connection with an identity of its own, and end the sharing under Security of this one.',
    };
  }),
  each('connection-open-to-all', 'high', ({ projects }) =>
    projects
      .filter(({ fact }) => fact.openToAll === true && fact.hasApproval !== true)
      .map(({ id, name, fact }) => ({
        of: id,
        message: `Service connection ${fact.name} is open to every pipeline of ${name}: anybody who may change a pipeline there, on any branch, reaches production without a decision`,
        help: 'Under Security of the connection restrict its permission to the pipelines that deploy, or add an approval to the connection itself.',
      })),
  ),
  each('connection-broad-scope', 'medium', (connection, platform) => {
    const { scope } = connection.fact;
    if (scope === undefined || !BROAD.includes(scope.level) || isKnownNarrower(connection, platform)) return [];
    const whole =
      scope.level === 'subscription' ? 'a whole subscription' : 'a management group with all its subscriptions';
    return {
      message: `Service connection ${connection.name} was made for ${whole} (${scope.id}): a deployment of one service may change all the others`,
      help: 'Make a connection for the resource group that is deployed to, and give its identity roles there only.',
    };
  }),
  each('connection-unused', 'low', ({ name, projects }, _platform, { now }) => {
    const used = lastUse(projects.map(({ fact }) => fact));
    const limit = new Date(Date.parse(now) - UNUSED_DAYS * DAY_MS).toISOString();
    const isNew = projects.some(({ fact }) => fact.createdAt !== undefined && fact.createdAt > limit);
    if (used === undefined || (used === 'never' ? isNew : used > limit)) return [];
    const since = used === 'never' ? 'No use of it is recorded' : `It was last used on ${used.slice(0, 10)}`;
    return {
      message: `Service connection ${name} reaches production and nobody needs it: ${since[0]?.toLowerCase()}${since.slice(1)}`,
      help: 'Disable the connection, see that nothing misses it, then delete it together with its identity in Entra.',
    };
  }),
  each('connection-not-known', 'medium', (connection, platform) => {
    const unknown = unknownOf(connection, platform);
    if (unknown.length === 0) return [];
    return {
      message: `Of service connection ${connection.name}, which may reach production, nobody could tell ${unknown.join('; ')}`,
      help: 'Make the account of the bot a reader of the connection (User, under Security), give its identity in Azure the role Reader on the subscription and Application.Read.All in Microsoft Graph, as far as they are missing.',
    };
  }),
];

function each(id: string, severity: PlatformRule['severity'], tell: Tell): PlatformRule {
  return {
    id,
    severity,
    reads: ['connections'],
    violations: (platform, setting) =>
      connectionsOf(platform, setting)
        .filter(leadsToProduction)
        .flatMap((connection) =>
          [tell(connection, platform, setting)].flat().map(({ of, message, help }) => ({
            subject: of === undefined ? subjectOf(connection) : `${subjectOf(connection)}:${of}`,
            message,
            help,
            places: connection.production,
            link: linkTo(platform, connection),
          })),
        ),
  };
}

export function subjectOf({ id }: ReachingConnection): string {
  return `connection:${id}`;
}

export function linkTo({ organization }: Platform, { id, projects }: ReachingConnection): string {
  return `${organization}/${projects[0]?.id}/_settings/adminservices?resourceId=${id}`;
}

/** The first few, and how many more there are. */
export function listed(names: readonly string[]): string {
  const [first, rest] = [names.slice(0, NAMES).join(', '), names.length - NAMES];
  return rest > 0 ? `${first} and ${rest} more` : first;
}

export function placeName({ service, environment }: Place): string {
  return `${service} in ${environment}`;
}

/** Undefined where one of the projects may know of a later one. */
function lastUse(facts: readonly ConnectionFact[]): string | undefined {
  const known = facts.flatMap(({ lastUsed }) => lastUsed ?? []);
  if (known.length < facts.length) return undefined;
  return (
    known
      .filter((used) => used !== 'never')
      .sort(byText)
      .at(-1) ?? 'never'
  );
}

/** Whether nobody needs to guess what its identity may do in the subscription that it was made for. */
export function areRolesKnown({ fact, roles }: ReachingConnection, platform: Platform): boolean {
  if (fact.scope === undefined || roles.length === 0) return false;
  const [, , subscription] = fact.scope.id.toLowerCase().split('/');
  return sectionsOf(platform, 'roles').some(
    ({ target, known }) => known !== undefined && (target === subscription || fact.scope?.level === 'management-group'),
  );
}

function isKnownNarrower(connection: ReachingConnection, platform: Platform): boolean {
  if (connection.fact.scope?.level !== 'subscription' || !areRolesKnown(connection, platform)) return false;
  return connection.roles.every(({ scope }) => !BROAD.includes(levelOf(scope)));
}

function unknownOf(connection: ReachingConnection, platform: Platform): string[] {
  const { projects, isOfAzure, isOpen, fact } = connection;
  const some = (isUnknown: (fact: ConnectionFact) => boolean) => projects.some((project) => isUnknown(project.fact));
  const questions: readonly (readonly [boolean, string])[] = [
    [fact.credential === 'other', 'by what it authenticates'],
    [some(({ openToAll }) => openToAll === undefined), 'which pipelines may use it'],
    [isOfAzure && some(({ lastUsed }) => lastUsed === undefined), 'when it was last used'],
    [
      isOfAzure && !areRolesKnown(connection, platform),
      'what its identity may do in Azure (no role assignment is known to be its)',
    ],
    [isOpen, 'which subscriptions lie in the management group that it was made for'],
  ];
  return questions.flatMap(([isUnknown, what]) => (isUnknown ? [what] : []));
}
