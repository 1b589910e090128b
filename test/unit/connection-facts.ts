import type { Catalog } from '../../services/domain/catalog.ts';
import type {
  ConnectionFact,
  Platform,
  PlatformFacts,
  RoleFact,
  Section,
  SectionKind,
  Violation,
} from '../../services/domain/platform.ts';
import { CONNECTION_RULES } from '../../services/domain/platform-connection-rules.ts';
import { IDENTITY_RULES } from '../../services/domain/platform-identity-rules.ts';
import type { PlatformSetting } from '../../services/domain/platform-places.ts';
import { PROJECT_CREDENTIAL_RULES } from '../../services/domain/platform-project-rules.ts';
import { ROLE_RULES } from '../../services/domain/platform-role-rules.ts';
import { aContract, anEnvironment, aService } from './judge-input.ts';

/** A platform in which nothing is wrong, and what is done to it. */
export const SHOP = '0a000000-0000-4000-8000-000000000001';
export const OTHER = '0a000000-0000-4000-8000-000000000002';
export const PROD = '0b000000-0000-4000-8000-000000000001';
export const TEST = '0b000000-0000-4000-8000-000000000002';
export const CLIENT = '0c000000-0000-4000-8000-000000000001';
export const PRINCIPAL = '0d000000-0000-4000-8000-000000000001';
export const HOLDER = '0d000000-0000-4000-8000-00000000000f';
export const CONNECTION = '0e000000-0000-4000-8000-000000000001';
export const NOW = '2026-11-24T09:00:00.000Z';
export const GROUP = `/subscriptions/${PROD}/resourceGroups/rg-payments`;
export const PAYMENTS = { service: 'payments-api', environment: 'prod' };

export function setting(): PlatformSetting {
  const environments = new Map([
    ['prod', { subscription: PROD, resourceGroups: [] }],
    ['test', { subscription: TEST, resourceGroups: [] }],
  ]);
  const service = aService({ environments });
  const catalog: Catalog = { services: new Map([[service.name, service]]), broken: new Map() };
  const tiers = new Map([
    ['prod', anEnvironment()],
    ['test', anEnvironment({ name: 'test', tier: 'non-production' })],
  ]);
  return { catalog, contract: { ...aContract(), environments: tiers }, now: NOW };
}

export function aConnectionFact(over: Partial<ConnectionFact> = {}): ConnectionFact {
  return {
    id: CONNECTION,
    name: 'azure-prod',
    type: 'azurerm',
    credential: 'federated',
    isShared: false,
    isDisabled: false,
    openToAll: false,
    pipelines: ['payments-deploy'],
    hasApproval: false,
    scope: { level: 'resource-group', id: GROUP },
    clientId: CLIENT,
    lastUsed: '2026-11-20T09:00:00.000Z',
    usedBy: ['payments-deploy'],
    createdAt: '2025-01-01T00:00:00.000Z',
    ...over,
  };
}

export function aRoleFact(over: Partial<RoleFact> = {}): RoleFact {
  return {
    principalId: PRINCIPAL,
    clientId: CLIENT,
    principalKind: 'service',
    role: 'Website Contributor',
    may: 'change',
    scope: GROUP,
    isStanding: true,
    ...over,
  };
}

/** Somebody with a role in the whole subscription, by no connection. */
export function aHolder(over: Partial<RoleFact> = {}): RoleFact {
  const { clientId: _, ...role } = aRoleFact({ principalId: HOLDER, principalKind: 'person', role: 'Contributor' });
  return { ...role, scope: SUBSCRIPTION, ...over };
}

/** A second connection, that may look and no more: whatever plans uses it. */
export const PLANNING = aConnectionFact({
  id: '0e000000-0000-4000-8000-000000000009',
  name: 'azure-prod-plan',
  clientId: '0c000000-0000-4000-8000-000000000009',
  pipelines: ['payments-plan'],
});
export const LOOKING = aRoleFact({
  principalId: '0d000000-0000-4000-8000-000000000009',
  clientId: '0c000000-0000-4000-8000-000000000009',
  role: 'Reader',
  may: 'read',
});

export function section<K extends SectionKind>(
  kind: K,
  facts: PlatformFacts[K],
  target = SHOP,
  name = 'Shop',
): Section {
  return { kind, target, name, known: { at: NOW, facts } } as unknown as Section;
}

export function project(target = SHOP, name = 'Shop'): Section {
  return section(
    'project',
    { pipelines: ['payments-deploy', 'payments-plan'], repositories: ['payments-api'] },
    target,
    name,
  );
}

/** With project, connections and roles; given ones come in addition to those that only look. */
export function aPlatform(
  connections: readonly ConnectionFact[] = [aConnectionFact()],
  roles: readonly RoleFact[] = [aRoleFact()],
  ...more: readonly Section[]
): Platform {
  const sections = [
    project(),
    section('connections', [...connections, PLANNING]),
    section('roles', [...roles, LOOKING], PROD, 'payments-prod'),
    ...more,
  ];
  return { organization: 'https://dev.azure.com/contoso', sections };
}

export const CREDENTIAL_RULES = [...CONNECTION_RULES, ...IDENTITY_RULES, ...PROJECT_CREDENTIAL_RULES, ...ROLE_RULES];
export const SUBSCRIPTION = `/subscriptions/${PROD}`;
export const MANAGEMENT_GROUP = '/providers/Microsoft.Management/managementGroups/mg-retail';

/** Rule → violations. */
export function broken(
  platform: Platform,
  over: Partial<ReturnType<typeof setting>> = {},
): Map<string, readonly Violation[]> {
  const found = CREDENTIAL_RULES.map(
    ({ id, violations }) => [id, violations(platform, { ...setting(), ...over })] as const,
  );
  return new Map(found.filter(([, violations]) => violations.length > 0));
}

export const rulesBrokenBy = (connection: Partial<ConnectionFact>, ...roles: readonly RoleFact[]) => [
  ...broken(aPlatform([aConnectionFact(connection)], roles.length > 0 ? roles : [aRoleFact()])).keys(),
];
