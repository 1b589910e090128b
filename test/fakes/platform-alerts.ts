import { paged } from './azure-devops-catalog-routes.ts';
import type { Reply } from './azure-devops-model.ts';
import { type Asked, notFound, type Route } from './azure-devops-rest.ts';

/** Alerts of Advanced Security, of the default branch alone. */
export const ALERT_ROUTES: readonly Route[] = [
  { method: 'GET', path: /^alert\/repositories\/([^/]+)\/alerts$/, reply: alerts },
];

function alerts(asked: Asked, [id = '']: readonly string[]): Reply {
  const found = asked.world.alerts.get(id.toLowerCase());
  if (found === undefined || asked.query.get('criteria.onlyDefaultBranch') !== 'true')
    return notFound('Advanced Security is not enabled for this repository.');
  return paged(asked, 'top', found);
}
