import * as z from 'zod';
import { DirectoryUnavailableError } from '../ports/directory.ts';
import { quoted } from '../ports/odata.ts';
import type { TeamsApps } from '../ports/teams-apps.ts';
import { type Call, createGraphClient, type GraphClientOptions } from './graph-client.ts';
import { isObjectId } from './graph-person.ts';

export interface GraphTeamsAppsOptions extends Omit<GraphClientOptions, 'now'> {
  /** Monotonic milliseconds. */
  readonly now?: () => number;
  /** Milliseconds for one request (default 15,000). */
  readonly callMs?: number;
}

const INSTALLING = 'TeamsAppInstallation.ReadWriteForUser.All';
const teamsApp = z.object({
  id: z.string().min(1),
  externalId: z.string().nullish(),
  displayName: z.string().nullish(),
});
const installation = z.object({ id: z.string(), teamsApp: z.object({ id: z.string() }).nullish() });

/** Over Microsoft Graph (List teamsApp; List, Add apps for user). Needs AppCatalog.Read.All and TeamsAppInstallation.ReadWriteForUser.All. */
export function createGraphTeamsApps(options: GraphTeamsAppsOptions): TeamsApps {
  const { now = () => performance.now(), callMs = 15_000 } = options;
  const graph = createGraphClient({ ...options, now });
  const limit = () => AbortSignal.timeout(callMs);
  const ofUser = (oid: string): Pick<Call, 'path' | 'limit' | 'needs'> => {
    if (!isObjectId(oid))
      throw new DirectoryUnavailableError(`${JSON.stringify(oid)} is no object id`, { status: 400 });
    return { path: `users/${oid.toLowerCase()}/teamwork/installedApps`, limit, needs: INSTALLING };
  };
  return {
    async find(manifestId) {
      const query = { filter: `externalId eq ${quoted(manifestId)}` };
      const call = { path: 'appCatalogs/teamsApps', query, limit, needs: 'AppCatalog.Read.All' };
      const found = (await graph.list(call, teamsApp)) ?? [];
      const app = found.find(({ externalId }) => externalId?.toLowerCase() === manifestId.toLowerCase());
      return app === undefined ? undefined : { id: app.id, name: app.displayName || app.id };
    },
    async isInstalled(oid, app) {
      const query = { expand: 'teamsApp', filter: `teamsApp/id eq ${quoted(app)}` };
      const found = await graph.list({ ...ofUser(oid), query }, installation);
      if (found === undefined) throw new DirectoryUnavailableError('Teams does not know this person', { status: 404 });
      return found.some((one) => one.teamsApp?.id === app);
    },
    install: async (oid, app) => {
      const bound = new URL(`/v1.0/appCatalogs/teamsApps/${encodeURIComponent(app)}`, options.url).href;
      await graph.send({ ...ofUser(oid), body: { 'teamsApp@odata.bind': bound } });
    },
  };
}
