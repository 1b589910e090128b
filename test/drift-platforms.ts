import type { Entry, PlaceState } from '../services/domain/baseline.ts';
import { entryKey, placeState } from '../services/domain/baseline.ts';
import type {
  BranchFact,
  CheckFact,
  ConnectionFact,
  EnvironmentFact,
  PlatformIdentity,
  ReachFact,
  RoleFact,
  Section,
} from '../services/domain/platform.ts';

export const PROJECT = 'c7f1a4de-0a52-4c09-9f0e-3b8f0a1c2d3e';
export const SUBSCRIPTION = '7d444840-9dc0-11d1-b245-5ffdce74fad2';
export const READ_AT = '2026-11-24T08:00:00.000Z';
export const CLIENT = '5f1d9a52-6f4b-4d3c-8a44-1b7d0f7c9e01';

export function anIdentity(name: string, over: Partial<PlatformIdentity> = {}): PlatformIdentity {
  return { id: `aad.${name.toLowerCase()}`, name, kind: 'person', ...over };
}

export function aCheckFact(over: Partial<CheckFact> = {}): CheckFact {
  return {
    ...{ id: '11', kind: 'invoke-rest', name: 'Countersign', isDisabled: false, timeoutMinutes: 60 },
    ours: { environment: 'prod', service: 'payments-api', waits: true },
    ...over,
  };
}

export function anEnvironment(over: Partial<EnvironmentFact> = {}): EnvironmentFact {
  return { id: '5', name: 'prod', checks: [aCheckFact()], openToAll: false, pipelines: ['payments-api'], ...over };
}

export function aBranch(over: Partial<BranchFact> = {}): BranchFact {
  return {
    ...{ repositoryId: 'r1', repository: 'payments-api', ref: 'refs/heads/main' },
    policies: [{ id: '7', kind: 'minimum-reviewers', isBlocking: true, reviewers: 2, resetsOnPush: true }],
    ...over,
  };
}

export function aConnection(over: Partial<ConnectionFact> = {}): ConnectionFact {
  return {
    ...{
      id: 'c1',
      name: 'azure-payments',
      type: 'azurerm',
      credential: 'federated',
      isShared: false,
      isDisabled: false,
    },
    ...{ openToAll: false, pipelines: ['payments-api'], clientId: CLIENT },
    scope: { level: 'resource-group', id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-payments-prod` },
    ...over,
  };
}

export function aReach(over: Partial<ReachFact> = {}): ReachFact {
  return {
    ...{ role: 'approver', subject: `environment:${PROJECT}:5`, name: 'Approvers of prod' },
    ...{ members: [anIdentity('Ann'), anIdentity('Bob')], through: ['Payments leads'], more: 0 },
    ...over,
  };
}

export function aRole(over: Partial<RoleFact> = {}): RoleFact {
  return {
    ...{ principalId: 'p1', principalName: 'azure-payments', clientId: CLIENT, principalKind: 'service' },
    ...{
      role: 'Contributor',
      scope: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-payments-prod`,
      isStanding: true,
    },
    ...over,
  };
}

export interface PlatformFixture {
  readonly environments: readonly EnvironmentFact[];
  readonly branches: readonly BranchFact[];
  readonly connections: readonly ConnectionFact[];
  readonly reach: readonly ReachFact[];
  readonly roles: readonly RoleFact[];
}

/** Everything of payments-api in prod, read at `at`. */
export function platformSections(over: Partial<PlatformFixture> = {}, at = READ_AT): Section[] {
  const of = { target: PROJECT, name: 'payments' };
  const project = { pipelines: ['payments-api'], repositories: ['payments-api'] };
  return [
    { kind: 'project', ...of, known: { at, facts: project } },
    { kind: 'environments', ...of, known: { at, facts: over.environments ?? [anEnvironment()] } },
    { kind: 'branches', ...of, known: { at, facts: over.branches ?? [aBranch()] } },
    { kind: 'connections', ...of, known: { at, facts: over.connections ?? [aConnection()] } },
    { kind: 'reach', ...of, known: { at, facts: over.reach ?? [aReach()] } },
    { kind: 'roles', target: SUBSCRIPTION, name: 'payments-prod', known: { at, facts: over.roles ?? [aRole()] } },
  ];
}

/** The same sections with one that nobody may read any more; what was known of it stays. */
export function withUnknown(
  sections: readonly Section[],
  kind: Section['kind'],
  why = 'the right to read it is missing',
): Section[] {
  return sections.map((section) =>
    section.kind === kind ? ({ ...section, unknown: { since: READ_AT, why } } as Section) : section,
  );
}

export function anEntry(id: string, over: Partial<Entry> = {}): Entry {
  return {
    ...{ key: entryKey('check', PROJECT, '5', id), kind: 'check', name: `Check ${id}`, of: 'prod', at: READ_AT },
    values: { isDisabled: 'no', timeoutMinutes: '60' },
    ...over,
  };
}

/** A part that is known, with these checks in it. */
export function aState(entries: readonly Entry[], over: Partial<PlaceState> = {}): PlaceState {
  const part = { prefix: `${entryKey('check', PROJECT)}:`, name: 'Checks of environments of payments', at: READ_AT };
  return placeState(over.parts ?? [part], entries);
}
