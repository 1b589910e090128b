import type {
  CheckFact,
  ConnectionFact,
  EnvironmentFact,
  Platform,
  PlatformFacts,
  RoleFact,
  Section,
  SectionKind,
} from '../services/domain/platform.ts';
import type { PlatformSetting } from '../services/domain/platform-places.ts';
import type { PlatformSummary } from '../services/domain/platform-summary.ts';
import type { PlatformSource } from '../services/ports/platform-source.ts';
import type { PlatformStore, StoredSection } from '../services/ports/platform-store.ts';
import { aRun, ORGANIZATION } from './builders.ts';
import { aContract, anEnvironment as anEnvironmentPolicy, aService } from './unit/judge-input.ts';

/** The project of `aRun`. */
export const PROJECT = aRun().projectId;
export const SUBSCRIPTION = '0a1b2c3d-0000-4000-8000-000000000001';
/** 31 minutes before `aJudgement`. */
export const READ_AT = '2026-11-23T09:00:00.000Z';

/** One section as it was read; `over` may say that it cannot be read now. */
export function aSection<K extends SectionKind>(
  kind: K,
  facts: PlatformFacts[K] | undefined,
  over: { readonly target?: string; readonly name?: string; readonly at?: string; readonly why?: string } = {},
): Section {
  const { target = PROJECT, name = 'payments', at = READ_AT, why } = over;
  return {
    ...{ kind, target, name },
    ...(facts === undefined ? {} : { known: { at, facts } }),
    ...(why === undefined ? {} : { unknown: { since: at, why } }),
  } as Section;
}

export function ourCheck(over: Partial<CheckFact> = {}): CheckFact {
  const ours = { environment: 'prod', service: 'payments-api', waits: true };
  return {
    id: '11',
    kind: 'invoke-rest',
    name: 'Countersign',
    isDisabled: false,
    timeoutMinutes: 1_440,
    ours,
    ...over,
  };
}

export function aCheckOf(kind: CheckFact['kind'], over: Partial<CheckFact> = {}): CheckFact {
  return { id: `12-${kind}`, kind, name: kind, isDisabled: false, timeoutMinutes: 1_440, ...over };
}

export function anEnvironment(over: Partial<EnvironmentFact> = {}): EnvironmentFact {
  const checks = [ourCheck(), aCheckOf('branch-control')];
  return { id: '3', name: 'prod', checks, openToAll: false, pipelines: ['payments-api'], ...over };
}

/** As narrow as a connection may be. */
export function aConnection(over: Partial<ConnectionFact> = {}): ConnectionFact {
  return {
    id: 'c0000000-0000-4000-8000-00000000000c',
    name: 'payments-prod',
    type: 'azurerm',
    credential: 'federated',
    isShared: false,
    isDisabled: false,
    openToAll: false,
    pipelines: [aRun().pipeline.name],
    scope: { level: 'resource-group', id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-payments-prod` },
    clientId: 'd0000000-0000-4000-8000-00000000000d',
    ...over,
  };
}

export function aRole(over: Partial<RoleFact> = {}): RoleFact {
  return {
    principalId: 'e0000000-0000-4000-8000-00000000000e',
    principalKind: 'service',
    clientId: 'd0000000-0000-4000-8000-00000000000d',
    role: 'Contributor',
    may: 'change',
    scope: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-payments-prod`,
    isStanding: true,
    ...over,
  };
}

/** Everything that the signals are made of, in order. */
export function soundSections(): Section[] {
  const pipelines = [aRun().pipeline.name];
  return [
    aSection('project', { pipelines, repositories: ['payments-api'] }),
    aSection('environments', [anEnvironment()]),
    aSection('connections', [aConnection()]),
    aSection('reach', []),
    aSection('people', { users: 4, noted: [], more: 0 }, { target: '-', name: 'contoso' }),
    aSection('roles', [aRole()], { target: SUBSCRIPTION, name: 'payments-prod' }),
  ];
}

/** The sound platform, with these sections in the place of those of their kind. */
export function aPlatform(...instead: readonly Section[]): Platform {
  const replaced = new Map(instead.map((section) => [section.kind, section]));
  return { organization: ORGANIZATION, sections: soundSections().map((one) => replaced.get(one.kind) ?? one) };
}

export function aPlatformSummary(over: Partial<PlatformSummary> = {}): PlatformSummary {
  const asOf = READ_AT;
  return {
    organization: ORGANIZATION,
    portal: 'https://portal.azure.com',
    environment: {
      state: 'pass',
      asOf,
      project: PROJECT,
      environment: '3',
      asks: 'check',
      ours: 'on',
      others: ['branch-control'],
      disabled: 0,
    },
    access: { state: 'known', asOf, project: PROJECT },
    breadth: {
      state: 'pass',
      asOf,
      level: 'resource-group',
      role: 'Contributor',
      connections: [
        {
          id: 'c0000000-0000-4000-8000-00000000000c',
          name: 'payments-prod',
          level: 'resource-group',
          role: 'Contributor',
          project: PROJECT,
        },
      ],
      count: 1,
    },
    ...over,
  };
}

/** A store that holds what a test puts there, and counts how often it is asked. */
export function heldPlatforms(nextAt = '2026-12-31T00:00:00.000Z') {
  const kept = new Map<string, readonly StoredSection[]>();
  const calls = { all: 0 };
  const store: PlatformStore = {
    all: async (organization) => {
      calls.all += 1;
      return kept.get(organization) ?? [];
    },
    put: () => Promise.reject(new Error('views write nothing')),
    forget: () => Promise.reject(new Error('views forget nothing')),
    hint: () => Promise.reject(new Error('views hint at nothing')),
    heeded: () => Promise.reject(new Error('views heed nothing')),
  };
  const hold = ({ organization, sections }: Platform) =>
    kept.set(
      organization,
      sections.map((section) => ({ section, nextAt, version: '1' })),
    );
  /** It reads nothing: what a test holds is all that there is. */
  const source: PlatformSource = {
    kinds: [],
    targets: async () => ({ targets: [], unseen: new Map(), calls: 0 }),
    read: () => Promise.reject(new Error('views read nothing')),
  };
  return { store, calls, hold, source };
}

/** The catalog and the contract by which the sound platform leads to production of payments-api. */
export function aSetting(): Pick<PlatformSetting, 'catalog' | 'contract'> {
  const environments = new Map([['prod', { subscription: SUBSCRIPTION, resourceGroups: [] }]]);
  const service = aService({ environments, pipelines: [aRun().pipeline.name] });
  const catalog = { services: new Map([[service.name, service]]), broken: new Map() };
  return { catalog, contract: { ...aContract(), environments: new Map([['prod', anEnvironmentPolicy()]]) } };
}
