import { z } from 'zod';
import type { Catalog } from '../domain/catalog.ts';
import {
  type FoundTargets,
  type PullTarget,
  type SignalSource,
  SourceRefusedError,
  SourceUnavailableError,
} from '../ports/signal-source.ts';
import { createAccess } from './access.ts';
import { createConnection } from './connection.ts';
import { hostOf } from './hosts.ts';
import type { BotIdentity } from './identity.ts';
import { alertsPath, isGuid, repositoriesPath } from './paths.ts';
import { translated } from './platform-faults.ts';

export interface AdvancedSecurityOptions {
  /** Organization URLs without a trailing slash; besides them only their addresses at Advanced Security are called. */
  readonly organizations: readonly string[];
  /** The bot's own account; without it everything is refused. */
  readonly identity?: BotIdentity;
  /** Milliseconds for one call (default 15,000). */
  readonly callMs?: number;
}

const ALERTS_A_PAGE = 500;
const SEEING = 'give the bot "Read" of code (vso.code) in the organization';
const PERMISSION = 'give the bot "Advanced Security: read alerts" (vso.advsec) on the repository';
const OFF = 'turn Advanced Security on for the repository';

const repositories = z.object({
  value: z.array(
    z.object({
      id: z.string().refine(isGuid),
      name: z.string(),
      isDisabled: z.boolean().nullish(),
      project: z.object({ id: z.string().refine(isGuid), name: z.string() }),
    }),
  ),
});
const alerts = z.object({ value: z.array(z.unknown()) });

/**
 * Alerts of GitHub Advanced Security for Azure DevOps (Alerts - List), of the default branch and in every state: whoever may dismiss one
 * there is no approver here. A repository is one of those that the catalog names.
 */
export function createAdvancedSecurity({ organizations, identity, callMs }: AdvancedSecurityOptions): SignalSource {
  const connection = createConnection({ callMs: callMs ?? 15_000 });
  const here = organizations.filter((organization) => hostOf(organization, 'advsec') !== undefined);
  const repositoriesOf = createAccess(connection, organizations, identity);
  const alertsAt = createAccess(
    connection,
    here.flatMap((organization) => hostOf(organization, 'advsec') ?? []),
    identity,
  );
  const list = (catalog: Catalog) => (organization: string) =>
    translated(SEEING, async () => {
      const { value } = await repositoriesOf.own(organization)(repositoriesPath(), repositories);
      return value.value.flatMap((one) => targetOf(catalog, organization, one));
    });
  return {
    name: 'advanced-security',
    targets: async (catalog, isDue = () => true) => {
      const listed = await Promise.all(
        here.map((organization) => listedIn(organization, isDue(organization) ? list(catalog) : undefined)),
      );
      return foundIn(catalog, listed);
    },
    page: ({ id, repository }, next) =>
      translated(
        PERMISSION,
        async () => {
          const [project = '', name = ''] = id.split('/');
          const host = hostOf(repository?.organization ?? '', 'advsec') ?? '';
          const page = await alertsAt.own(host)(alertsPath(project, name, ALERTS_A_PAGE, next), alerts);
          const body = Buffer.from(JSON.stringify(page.value));
          return { body, ...(page.next === undefined ? {} : { next: page.next }) };
        },
        OFF,
      ),
  };
}

interface Listed {
  readonly organization: string;
  /** Absent: it could not be listed, or was not asked. */
  readonly targets?: readonly PullTarget[];
  readonly error?: unknown;
}

async function listedIn(
  organization: string,
  list: ((organization: string) => Promise<readonly PullTarget[]>) | undefined,
): Promise<Listed> {
  if (list === undefined) return { organization };
  return await list(organization).then(
    (targets) => ({ organization, targets }),
    (error: unknown) => ({ organization, error }),
  );
}

/** Each organization by itself: what one of them does not show is unknown, the others go on. */
function foundIn(catalog: Catalog, listed: readonly Listed[]): FoundTargets {
  const unlisted = new Map<string, SourceUnavailableError | SourceRefusedError | undefined>();
  for (const { organization, targets, error } of listed) {
    if (targets !== undefined) continue;
    const isKnown = error instanceof SourceUnavailableError || error instanceof SourceRefusedError;
    if (error !== undefined && (listed.length === 1 || !isKnown)) throw error;
    unlisted.set(organization, isKnown ? error : undefined);
  }
  const targets = listed.flatMap((one) => one.targets ?? []);
  const unseen = unseenIn(catalog, targets, [...unlisted.keys()]);
  return { targets, unseen, ...(unlisted.size === 0 ? {} : { unlisted }) };
}

type Repository = z.output<typeof repositories>['value'][number];

function targetOf(
  { services }: Catalog,
  organization: string,
  { id, name, project, isDisabled }: Repository,
): PullTarget[] {
  const built = [...services.values()]
    .filter((service) => service.repositories.some((one) => one.toLowerCase() === name.toLowerCase()))
    .map((service) => service.name);
  if (built.length === 0 || isDisabled === true) return [];
  return [
    { id: `${project.id}/${id}`, name: `${project.name}/${name}`, repository: { organization, services: built } },
  ];
}

function unseenIn(
  { services }: Catalog,
  targets: readonly PullTarget[],
  unlisted: readonly string[],
): FoundTargets['unseen'] {
  const elsewhere = unlisted.length === 0 ? '' : `, unless it is in ${unlisted.join(', ')}, which could not be listed`;
  const seen = new Set(targets.map(({ name }) => name.split('/').at(-1)?.toLowerCase()));
  const named = [...services.values()].flatMap((service) => service.repositories);
  return new Map(
    named
      .filter((name) => !seen.has(name.toLowerCase()))
      .map((name) => [name, `the bot sees no repository of this name: give it "Read" of code there${elsewhere}`]),
  );
}
