import { distinctPlaces, type Place } from './asset.ts';
import { connectionsOf, leadsToProduction } from './connection-reach.ts';
import { type Platform, sectionsOf, type VariableGroupFact, type Violation } from './platform.ts';
import { listed } from './platform-connection-rules.ts';
import { isProduction, type PlatformSetting, servicesIn } from './platform-places.ts';
import type { PlatformRule } from './platform-rules.ts';
import { byText } from './steps.ts';

/** What there is to say of credentials and secrets of a project that production is deployed from. */
export const PROJECT_CREDENTIAL_RULES: readonly PlatformRule[] = [
  { id: 'project-mixes-credentials', severity: 'low', reads: ['connections'], violations: mixed },
  groups('variable-group-secrets', 'low', ({ name, secretsHere }) => {
    if (secretsHere === 0) return undefined;
    return {
      message: `Variable group ${name} holds ${secretsHere} ${secretsHere === 1 ? 'secret' : 'secrets'} in Azure DevOps itself: nobody renews them, and nobody sees who reads them`,
      help: 'Put them into a Key Vault, and link the variable group to it.',
    };
  }),
  groups('variable-group-open-to-all', 'medium', ({ name, openToAll }) => {
    if (openToAll !== true) return undefined;
    return {
      message: `Variable group ${name}, which gives out secrets, is open to every pipeline of its project: anybody who may change a pipeline there can read them`,
      help: 'Under Pipeline permissions of the variable group restrict it to the pipelines that need it.',
    };
  }),
  groups('variable-group-not-known', 'medium', ({ name, openToAll }) => {
    if (openToAll !== undefined) return undefined;
    return {
      message: `Which pipelines may read the secrets of variable group ${name} nobody could tell`,
      help: 'Make the account of the bot a reader of the variable group, under its Security.',
    };
  }),
];

type Told = Pick<Violation, 'message' | 'help'>;

/** Of groups that give out secrets. */
function groups(
  id: string,
  severity: PlatformRule['severity'],
  tell: (group: VariableGroupFact) => Told | undefined,
): PlatformRule {
  return {
    id,
    severity,
    reads: ['variable-groups'],
    violations: (platform, setting) =>
      sectionsOf(platform, 'variable-groups').flatMap(({ target, known }) => {
        const places = productionOf(platform, target, setting);
        const secret = places.length === 0 ? [] : (known?.facts ?? []).filter(givesSecrets);
        return secret.flatMap((group) => {
          const told = tell(group);
          const link = `${platform.organization}/${target}/_library?itemType=VariableGroups&view=VariableGroupView&variableGroupId=${group.id}`;
          return told === undefined ? [] : [{ subject: `variable-group:${target}:${group.id}`, ...told, places, link }];
        });
      }),
  };
}

export function givesSecrets({ secretsHere, vault }: VariableGroupFact): boolean {
  return secretsHere > 0 || vault !== undefined;
}

/** Production of the services that a project (id) holds. */
export function productionOf(platform: Platform, project: string, setting: PlatformSetting): Place[] {
  return servicesIn(platform, project, setting.catalog).flatMap((service) =>
    [...(setting.catalog.services.get(service)?.environments.keys() ?? [])]
      .filter((environment) => isProduction(environment, setting))
      .map((environment) => ({ service, environment })),
  );
}

/** Somebody has begun to convert and has not ended: the old way in is the one that counts. */
function mixed(platform: Platform, setting: PlatformSetting): Violation[] {
  const ofAzure = connectionsOf(platform, setting).filter((one) => one.isOfAzure && leadsToProduction(one));
  return sectionsOf(platform, 'connections').flatMap(({ target, name }) => {
    const own = ofAzure.filter(({ projects }) => projects.some(({ id }) => id === target));
    const federated = own.filter(({ fact }) => fact.credential === 'federated');
    const kept = own.filter(({ fact }) => fact.credential === 'secret' || fact.credential === 'certificate');
    if (federated.length === 0 || kept.length === 0) return [];
    const names = (some: typeof own) => listed(some.map((connection) => connection.name).sort(byText));
    return [
      {
        subject: `project:${target}`,
        message: `${name} reaches production by federation (${names(federated)}) and still by credentials that are kept (${names(kept)})`,
        help: 'Convert the others to workload identity federation, or delete them where they are needed no more.',
        places: distinctPlaces(kept.flatMap(({ production }) => production)),
        link: `${platform.organization}/${target}/_settings/adminservices`,
      },
    ];
  });
}
