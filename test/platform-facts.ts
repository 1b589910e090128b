import type { Catalog, Service, ServiceEnvironment } from '../services/domain/catalog.ts';
import type { Contract } from '../services/domain/contract.ts';
import type { CheckFact, EnvironmentFact, Platform, PlatformFacts, Section } from '../services/domain/platform.ts';
import type { PlatformSetting } from '../services/domain/platform-places.ts';

/** A small delivery platform: one project, Shop, in which payments-api is built and deployed. */

export const SHOP = '9d444840-9dc0-11d1-b245-5ffdce74fad2';
export const PLATFORM_ORGANIZATION = 'https://dev.azure.com/contoso';
export const READ_AT = '2026-11-24T09:00:00.000Z';

type SectionInput<K extends keyof PlatformFacts> = Omit<
  Extract<Section, { readonly kind: K }>,
  'kind' | 'target' | 'name'
> & {
  readonly target?: string;
  readonly name?: string;
};

/** A section of Shop, or of its organization. */
export function aSection<K extends keyof PlatformFacts>(
  kind: K,
  facts: PlatformFacts[K],
  over: Partial<SectionInput<K>> = {},
): Section {
  return { kind, target: SHOP, name: 'Shop', known: { at: READ_AT, facts }, ...over } as Section;
}

export function aPlatform(...sections: readonly Section[]): Platform {
  const project = { pipelines: ['payments-api'], repositories: ['payments-api'] };
  const all = sections.some(({ kind }) => kind === 'project') ? sections : [aSection('project', project), ...sections];
  return { organization: PLATFORM_ORGANIZATION, sections: all };
}

export function aPlatformSetting(
  services: Readonly<Record<string, Partial<Service>>> = { 'payments-api': {} },
): PlatformSetting {
  const environments = { tier: 'production', approval: 'required' };
  const contract = {
    environments: new Map([
      ['prod', environments],
      ['staging', { tier: 'non-production', approval: 'none' }],
    ]),
  } as unknown as Contract;
  return { catalog: catalogOf(services), contract, now: READ_AT };
}

function catalogOf(services: Readonly<Record<string, Partial<Service>>>): Catalog {
  const keys = { resourceGroups: [] } satisfies ServiceEnvironment;
  const all = Object.entries(services).map(([name, over]): [string, Service] => [
    name,
    {
      ...{ name, owner: 'group:owners' as unknown as Service['owner'], paths: [] },
      ...{ repositories: [name], pipelines: [name] },
      environments: new Map([
        ['prod', keys],
        ['staging', keys],
      ]),
      ...over,
    },
  ]);
  return { services: new Map(all), broken: new Map() };
}

/** Our check as check.json has it. */
export function ourCheck(over: Partial<CheckFact> = {}): CheckFact {
  return {
    ...{ id: '1', kind: 'invoke-rest', name: 'Countersign', isDisabled: false, timeoutMinutes: 2_820 },
    ours: { environment: 'prod', service: 'payments-api', waits: true },
    ...over,
  };
}

/** An approval that keeps the requester out. */
export function anApprovalCheck(over: Partial<NonNullable<CheckFact['approval']>> = {}): CheckFact {
  const approval = { approvers: [], minApprovers: 1, requesterMayApprove: false, ...over };
  return { id: '2', kind: 'approval', name: 'Leads', isDisabled: false, timeoutMinutes: 2_820, approval };
}

/** A production environment with nothing wrong. */
export function anEnvironment(over: Partial<EnvironmentFact> = {}): EnvironmentFact {
  return {
    ...{ id: '1', name: 'prod', openToAll: false, pipelines: ['payments-api'] },
    checks: [ourCheck()],
    ...over,
  };
}

/** A check that may be ours, which nobody can tell. */
export function unresolved(): CheckFact {
  const { ours: _, ...check } = ourCheck();
  return { ...check, isUnresolved: true };
}
