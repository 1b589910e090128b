import type { AuditLogSource } from '../ports/audit-log.ts';
import { quoted } from '../ports/odata.ts';
import type { ResourceManagerOptions } from './resource-manager.ts';
import { createSubscriptions } from './subscriptions.ts';

const EVENTS = 'Microsoft.Insights/eventtypes/management/values';
const FORMAT = 'azure-activity';

/** The activity log of each subscription that the catalog names (Activity Logs - List). */
export function createActivityLog(options: ResourceManagerOptions): AuditLogSource {
  const { origin, read, linked, targets } = createSubscriptions(options, { what: FORMAT, role: 'Reader' });
  return {
    name: FORMAT,
    targets,
    async page(target, { from, until }, next) {
      const url = new URL(`/subscriptions/${target.id}/providers/${EVENTS}`, origin);
      url.searchParams.set('api-version', '2015-04-01');
      url.searchParams.set('$filter', `eventTimestamp ge ${quoted(from)} and eventTimestamp le ${quoted(until)}`);
      const answer = await read({ method: 'GET', url: next === undefined ? url : linked(next, target) });
      const link = answer.nextLink || answer['@odata.nextLink'];
      return { entries: answer.value, ...(link ? { next: link } : {}) };
    },
  };
}
