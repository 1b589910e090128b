import { z } from 'zod';
import type { Catalog } from '../domain/catalog.ts';
import type { FoundTargets, PullTarget, SignalSource } from '../ports/signal-source.ts';
import { createAccess } from './access.ts';
import { createConnection } from './connection.ts';
import type { BotIdentity } from './identity.ts';
import { alertsPath, isGuid, repositoriesPath } from './paths.ts';
import { asSource, hostOf } from './service-host.ts';

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
  return {
    name: 'advanced-security',
    targets: (catalog) =>
      asSource(SEEING, async () => {
        const found = await Promise.all(
          here.map(async (organization) => {
            const { value } = await repositoriesOf.own(organization)(repositoriesPath(), repositories);
            return value.value.flatMap((one) => targetOf(catalog, organization, one));
          }),
        );
        return { targets: found.flat(), unseen: unseenIn(catalog, found.flat()) };
      }),
    page: ({ id, repository }, next) =>
      asSource(
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

function unseenIn({ services }: Catalog, targets: readonly PullTarget[]): FoundTargets['unseen'] {
  const seen = new Set(targets.map(({ name }) => name.split('/').at(-1)?.toLowerCase()));
  const named = [...services.values()].flatMap((service) => service.repositories);
  return new Map(
    named
      .filter((name) => !seen.has(name.toLowerCase()))
      .map((name) => [name, 'the bot sees no repository of this name: give it "Read" of code there']),
  );
}
