import { type Entry, idsIn } from '../services/domain/baseline.ts';
import type { Change } from '../services/domain/drift.ts';
import { pageIn } from './azure-devops-pages.ts';

const PORTAL = 'https://portal.azure.com/#@/resource';
const ARM_ID = /^\/subscriptions\/[A-Za-z0-9./_-]{1,900}$/;

/** Where a change is taken back: a page of the configured organization, or of Azure's portal. Undefined: there is none that is certain. */
export function revertPage(organization: string, { before, after }: Change): string | undefined {
  const entry = after ?? before;
  return entry === undefined ? undefined : pageOf(organization, entry);
}

function pageOf(organization: string, { kind, key, of }: Entry): string | undefined {
  const [project = '', id = '', ref = ''] = idsIn(key);
  switch (kind) {
    case 'environment':
    case 'check':
      return pageIn(organization, [project, '_environments', id], { view: 'resources' });
    case 'branch-policy':
      return pageIn(organization, [project, '_settings', 'repositories'], { _a: 'policiesMid', repo: id, refs: ref });
    case 'connection':
      return pageIn(organization, [project, '_settings', 'adminservices'], { resourceId: id });
    case 'reach':
      return pageIn(organization, [project, '_settings', 'permissions'], {});
    case 'role':
      return ARM_ID.test(of) ? `${PORTAL}${of}/users` : undefined;
    case 'resource':
      return ARM_ID.test(of) ? `${PORTAL}${of}` : undefined;
  }
}
