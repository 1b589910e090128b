import { type Platform, sectionsOf, type Violation } from './platform.ts';
import { type PlatformSetting, placesOfAsset } from './platform-places.ts';
import type { PlatformRule } from './platform-rules.ts';
import { merged, namesOf, ownAccount, productionReaches, subjectOf } from './production-reach.ts';

/** Roles in Azure that docs/permissions.md names; any other is more than is needed, a role of one's own too. */
export const NEEDED_ROLES = [
  'reader',
  'security reader',
  'storage table data contributor',
  'storage blob data contributor',
  'key vault crypto user',
];
const LEAST = 'docs/permissions.md says what is enough.';

/** Countersign's own account is held to what it holds others to. */
export const OWN_ACCOUNT_RULES: readonly PlatformRule[] = [
  {
    id: 'own-account-token',
    severity: 'medium',
    reads: ['people'],
    violations: (platform) => {
      const own = ownAccount(platform);
      if (own?.isByToken !== true) return [];
      return [
        {
          subject: `user:${own.id}`,
          message: `Countersign itself signs in to Azure DevOps as ${own.name} by a personal access token: whoever has a copy of it is Countersign`,
          help: 'Run it with a managed identity or service principal that is a user of the organization, and leave AZURE_DEVOPS_TOKEN empty.',
          places: [],
          link: `${platform.organization}/_settings/users`,
        },
      ];
    },
  },
  {
    id: 'own-account-reaches-production',
    severity: 'medium',
    reads: ['people', 'reach'],
    violations: (platform, setting) => merged(ownReaches(platform, setting)),
  },
  {
    id: 'own-account-azure-role',
    severity: 'medium',
    reads: ['people', 'roles'],
    violations: (platform, setting) => merged(ownRoles(platform, setting)),
  },
];

function ownReaches(platform: Platform, setting: PlatformSetting): Violation[] {
  const own = ownAccount(platform);
  if (own === undefined) return [];
  return productionReaches(platform, setting)
    .filter(({ reach }) => reach.members.some(({ id }) => id === own.id))
    .map((placed) => {
      const { reach, places } = placed;
      const by = reach.through.length === 0 ? 'by itself' : `through ${namesOf(reach.through)}`;
      return {
        subject: `own-account:${subjectOf(placed)}`,
        message: `${own.name}, the account of Countersign itself, is among ${reach.name}, ${by}: it asks others for decisions, and needs this for nothing that it reads`,
        help: `Take the account out of it, unless it answers native approvals as itself (NATIVE_AS_SERVICE); ${LEAST}`,
        places,
      };
    });
}

function ownRoles(platform: Platform, setting: PlatformSetting): Violation[] {
  const own = ownAccount(platform);
  if (own?.oid === undefined) return [];
  return sectionsOf(platform, 'roles')
    .flatMap(({ known }) => known?.facts ?? [])
    .filter((fact) => fact.principalId.toLowerCase() === own.oid && !NEEDED_ROLES.includes(fact.role.toLowerCase()))
    .map(({ role, scope, isStanding }) => ({
      subject: `own-account:role:${role.toLowerCase()}:${scope.toLowerCase()}`,
      message: `The identity of Countersign itself ${isStanding ? 'has' : 'may activate'} the role ${role} on ${scope}, which is more than it needs: it only looks`,
      help: `Take the role away under Access control (IAM) there; ${LEAST}`,
      places: placesOfAsset(platform, scope, setting),
      ...(/^\/subscriptions\//i.test(scope) ? { asset: scope } : {}),
    }));
}
