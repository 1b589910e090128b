import type { Problem } from '../problem.ts';

/** The configured organization that this address is, or the answer to a caller who names another. */
export function configuredOrganization(
  organizations: readonly string[],
  sent: string,
  field: 'PlanUrl' | 'organization',
): string | Problem {
  const detail = `${field} is none of the configured organizations (AZURE_DEVOPS_ORGS)`;
  const known = organizations.find((url) => sameOrganization(url, sent));
  return known ?? { status: 403, code: 'unknown-organization', detail, field };
}

/** Compared as texts: nothing is decoded or resolved that a caller could make look like another address. */
function sameOrganization(configured: string, sent: string): boolean {
  return sent.replace(/\/$/, '').toLowerCase() === configured.toLowerCase();
}
