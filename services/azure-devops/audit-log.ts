import { z } from 'zod';
import type { AuditLogSource } from '../ports/audit-log.ts';
import { SourceRefusedError } from '../ports/signal-source.ts';
import { createAccess } from './access.ts';
import { createConnection } from './connection.ts';
import { hostOf } from './hosts.ts';
import type { BotIdentity } from './identity.ts';
import { auditLogPath } from './paths.ts';
import { translated } from './platform-faults.ts';

export interface AuditLogOptions {
  /** Organization URLs without a trailing slash; besides them only their addresses at the audit service are called. */
  readonly organizations: readonly string[];
  /** The bot's own account; without it everything is refused. */
  readonly identity?: BotIdentity;
  /** Milliseconds for one call (default 15,000). */
  readonly callMs?: number;
}

const ENTRIES_A_PAGE = 1_000;
const PERMISSION = 'give the bot "View audit log" (vso.auditlog) in the organization';
const OFF = 'turn "Log audit events" on in the policies of the organization';
const NO_LOG = 'it is a server of its own, which has no audit log that can be read by time';

const batch = z.object({
  decoratedAuditLogEntries: z.array(z.unknown()),
  continuationToken: z.string().nullish(),
  hasMore: z.boolean().nullish(),
});
/** The reference shows it wrapped, the service was seen to send it as it is. */
const answer = z.union([z.object({ value: batch }).transform(({ value }) => value), batch]);

/** The audit log of each organization (Audit Log - Query), as its entries were written and not joined. */
export function createAuditLog({ organizations, identity, callMs }: AuditLogOptions): AuditLogSource {
  const connection = createConnection({ callMs: callMs ?? 15_000 });
  const hosts = new Map(
    organizations.flatMap((organization) => {
      const host = hostOf(organization, 'auditservice');
      return host === undefined ? [] : [[organization, host] as const];
    }),
  );
  const access = createAccess(connection, [...hosts.values()], identity);
  return {
    name: 'azure-devops-audit',
    targets: async () => ({
      targets: [...hosts.keys()].map((id) => ({ id, name: id.split('/').at(-1) ?? id })),
      unseen: new Map(organizations.filter((one) => !hosts.has(one)).map((one) => [one, NO_LOG])),
    }),
    page: ({ id }, window, next) =>
      translated(
        PERMISSION,
        async () => {
          const read = access.own(hosts.get(id) ?? '');
          const { value } = await read(auditLogPath(window, ENTRIES_A_PAGE, next), answer);
          const { decoratedAuditLogEntries: entries, continuationToken, hasMore } = value;
          if (hasMore === false || (hasMore !== true && !continuationToken)) return { entries };
          if (!continuationToken)
            throw new SourceRefusedError('the audit log says that there is more, and not where it goes on');
          return { entries, next: continuationToken };
        },
        OFF,
      ),
  };
}
