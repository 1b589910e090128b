import type {
  BranchFact,
  ConnectionFact,
  EnvironmentFact,
  HookFact,
  Platform,
  PlatformFacts,
  RoleFact,
} from '../../services/domain/platform.ts';
import {
  anApprovalCheck,
  anEnvironment,
  aPlatform,
  aSection,
  ourCheck,
  READ_AT,
  SHOP,
  unresolved,
} from '../platform-facts.ts';
import * as connections from './connection-facts.ts';

/** Of one rule what breaks it, and the same in order. */
export interface PlatformCase {
  readonly rule: string;
  readonly violating: Platform;
  readonly compliant: Platform;
}

type Policy = BranchFact['policies'][number];
export const STRONG: Policy = {
  id: '1',
  kind: 'minimum-reviewers',
  isBlocking: true,
  reviewers: 1,
  resetsOnPush: true,
};
export const aBranch = (...policies: readonly Policy[]): BranchFact => ({
  ...{ repositoryId: SHOP, repository: 'payments-api', ref: 'refs/heads/main', policies },
});

/** Who has an account in Entra is known by its object id, and named by others by a storage key. */
export const ANN = { id: '5b0e7c1a-0000-4000-8000-00000000000a', key: '9d3f1c22-0000-4000-8000-00000000000b' };
export const aHook = (over: Partial<HookFact> = {}): HookFact => ({
  ...{ id: 'h1', event: 'ms.vss-pipelinechecks-events.approval-pending', status: 'enabled', isOurs: true },
  createdBy: { id: ANN.key, name: 'Ann Arbor', kind: 'person' },
  ...over,
});
export const otherHook = (over: Partial<HookFact> = {}) => aHook({ isOurs: false, project: SHOP, ...over });
export const peopleWith = (
  isDisabled: boolean,
  over: Partial<PlatformFacts['people']> = {},
): PlatformFacts['people'] => ({
  users: 1,
  noted: [
    {
      ...{ ...ANN, name: 'Ann Arbor', kind: 'person', lastSeen: READ_AT },
      ...{ isGuest: false, isDisabled, reachesProduction: false },
    },
  ],
  more: 0,
  ...over,
});

const OF_ORGANIZATION = { target: '-', name: 'contoso' };
export const hooksAndPeople = (hook: HookFact, people = peopleWith(false)): Platform =>
  aPlatform(aSection('hooks', [hook], OF_ORGANIZATION), aSection('people', people, OF_ORGANIZATION));

const environments = (rule: string, over: Partial<EnvironmentFact>): PlatformCase => ({
  rule,
  violating: aPlatform(aSection('environments', [anEnvironment(over)])),
  compliant: aPlatform(aSection('environments', [anEnvironment()])),
});
const branches = (rule: string, ...policies: readonly Policy[]): PlatformCase => ({
  rule,
  violating: aPlatform(aSection('branches', [aBranch(...policies)])),
  compliant: aPlatform(aSection('branches', [aBranch(STRONG)])),
});
const hooks = (rule: string, violating: Platform, compliant = hooksAndPeople(aHook())): PlatformCase => ({
  rule,
  violating,
  compliant,
});

/** Of environments, branches and hooks, by `aPlatformSetting`. */
export const PLATFORM_CASES: readonly PlatformCase[] = [
  environments('environment-without-check', { checks: [] }),
  environments('environment-with-approval-alone', { checks: [anApprovalCheck()] }),
  environments('environment-check-disabled', { checks: [ourCheck({ isDisabled: true })] }),
  environments('environment-check-unknown', { checks: [unresolved()] }),
  environments('environment-check-elsewhere', {
    checks: [ourCheck({ ours: { environment: 'staging', waits: true } })],
  }),
  environments('environment-check-not-waiting', {
    checks: [ourCheck({ ours: { environment: 'prod', waits: false } })],
  }),
  environments('environment-check-timeout', { checks: [ourCheck({ timeoutMinutes: 2_880 })] }),
  environments('environment-approval-by-requester', {
    checks: [ourCheck(), anApprovalCheck({ requesterMayApprove: true })],
  }),
  environments('environment-open-to-all', { openToAll: true, pipelines: [] }),
  environments('environment-use-unknown', { openToAll: undefined, pipelines: [] }),
  environments('environment-foreign-pipeline', { pipelines: ['payments-api', 'tools'] }),
  environments('environment-missing', { name: 'production' }),
  branches('branch-without-policies'),
  branches('branch-policy-weak', { ...STRONG, isBlocking: false }),
  hooks('hook-not-enabled', hooksAndPeople(aHook({ status: 'onProbation' }))),
  hooks('hook-of-inactive-creator', hooksAndPeople(aHook(), peopleWith(true))),
  hooks('other-hook-not-enabled', hooksAndPeople(otherHook({ status: 'onProbation' })), hooksAndPeople(otherHook())),
  hooks(
    'other-hook-of-inactive-creator',
    hooksAndPeople(otherHook(), peopleWith(false, { gone: [ANN.key] })),
    hooksAndPeople(otherHook()),
  ),
];

const { aConnectionFact, aRoleFact, SUBSCRIPTION } = connections;

const connected = (rule: string, over: Partial<ConnectionFact>, ...roles: readonly RoleFact[]): PlatformCase => ({
  rule,
  violating: connections.aPlatform([aConnectionFact(over)], roles.length > 0 ? roles : [aRoleFact()]),
  compliant: connections.aPlatform(),
});
const held = (rule: string, over: Partial<RoleFact>, otherwise: Partial<RoleFact>): PlatformCase => ({
  rule,
  violating: connections.aPlatform([aConnectionFact()], [aRoleFact(), connections.aHolder(over)]),
  compliant: connections.aPlatform([aConnectionFact()], [aRoleFact(), connections.aHolder(otherwise)]),
});
const grouped = (rule: string, over: object): PlatformCase => {
  const group = (more: object) =>
    connections.section('variable-groups', [{ id: '7', name: 'pay', secretsHere: 0, openToAll: false, ...more }]);
  return {
    rule,
    violating: connections.aPlatform([aConnectionFact()], [aRoleFact()], group(over)),
    compliant: connections.aPlatform([aConnectionFact()], [aRoleFact()], group({ vault: 'kv' })),
  };
};
const twin = (over: Partial<ConnectionFact>) =>
  aConnectionFact({ id: '0e000000-0000-4000-8000-000000000002', name: 'twin', ...over });
const { lastUsed: _, ...unused } = aConnectionFact();
const alone = (...facts: readonly ConnectionFact[]): Platform => ({
  organization: 'https://dev.azure.com/contoso',
  sections: [
    connections.project(),
    connections.section('connections', facts),
    connections.section('roles', [aRoleFact(), connections.LOOKING], connections.PROD, 'payments-prod'),
  ],
});

/** Of connections, identities, roles and variable groups, by the setting of connection-facts.ts. */
export const CREDENTIAL_CASES: readonly PlatformCase[] = [
  connected('connection-open-to-all', { openToAll: true, pipelines: [] }),
  connected('connection-long-lived-credential', { credential: 'secret' }),
  connected('connection-shared', { isShared: true }),
  connected(
    'connection-broad-scope',
    { scope: { level: 'subscription', id: SUBSCRIPTION } },
    aRoleFact({ scope: SUBSCRIPTION }),
  ),
  connected('connection-unused', { lastUsed: 'never' }),
  { rule: 'connection-not-known', violating: connections.aPlatform([unused]), compliant: connections.aPlatform() },
  connected('identity-grants-access', {}, aRoleFact({ role: 'Owner', may: 'grant' })),
  connected('identity-role-too-broad', {}, aRoleFact({ role: 'Contributor', scope: SUBSCRIPTION })),
  connected('identity-reaches-beyond-production', {}, aRoleFact({ scope: `/subscriptions/${connections.TEST}` })),
  {
    rule: 'identity-behind-several-connections',
    violating: connections.aPlatform([aConnectionFact(), twin({})]),
    compliant: connections.aPlatform([aConnectionFact(), twin({ clientId: 'another' })]),
  },
  {
    rule: 'identity-plans-and-applies',
    violating: alone(aConnectionFact()),
    compliant: alone(aConnectionFact(), connections.PLANNING),
  },
  {
    rule: 'project-mixes-credentials',
    violating: connections.aPlatform([aConnectionFact(), twin({ credential: 'secret', clientId: 'another' })]),
    compliant: connections.aPlatform([aConnectionFact(), twin({ credential: 'federated', clientId: 'another' })]),
  },
  grouped('variable-group-secrets', { secretsHere: 1 }),
  grouped('variable-group-open-to-all', { vault: 'kv', openToAll: true }),
  grouped('variable-group-not-known', { vault: 'kv', openToAll: undefined }),
  held('principal-grants-access', { role: 'Owner', may: 'grant' }, { role: 'Owner', may: 'grant', isStanding: false }),
  held('principal-role-too-broad', {}, { role: 'Reader', may: 'read' }),
  held('principal-role-eligible', { isStanding: false }, { role: 'Reader', may: 'read', isStanding: false }),
];
