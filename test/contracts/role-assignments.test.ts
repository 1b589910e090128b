import { describe, expect, onTestFinished, test } from 'vitest';
import { createRoleAssignments } from '../../services/azure-resources/role-assignments.ts';
import type { ConnectionFact, RoleFact, Section } from '../../services/domain/platform.ts';
import type { ServicePrincipals } from '../../services/ports/service-principals.ts';
import { SourceRefusedError, SourceUnavailableError } from '../../services/ports/signal-source.ts';
import { type RoleAssignmentsFake, startRoleAssignments } from '../fakes/role-assignments.ts';
import { aConnectionFact, CLIENT, PRINCIPAL, PROD, section, setting, TEST } from '../unit/connection-facts.ts';
import { startStranger } from './azure-devops-scene.ts';
import { inParts, type ReadPart } from './section-scene.ts';

const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
const CONTRIBUTOR = 'b24988ac-6180-42a0-ab88-20f7382dd24c';
const CUSTOM = '0f000000-0000-4000-8000-000000000001';
const ORGANIZATION = 'https://dev.azure.com/contoso';
const PERSON = '0d000000-0000-4000-8000-00000000000a';
const TEAM = '0d000000-0000-4000-8000-00000000000b';
const HERE = `/subscriptions/${PROD}`;
const GROUP = `${HERE}/resourceGroups/rg-pay`;
const ABOVE = '/providers/Microsoft.Management/managementGroups/mg-retail';

interface Scene {
  readonly azure: RoleAssignmentsFake;
  readonly read: ReadPart<'roles'>;
}

async function open(
  connections: readonly ConnectionFact[] = [],
  identities: readonly ServicePrincipals[] = [],
): Promise<Scene> {
  const azure = await startRoleAssignments();
  onTestFinished(() => azure.close());
  azure.world.subscriptions = { [PROD]: 'payments-prod' };
  azure.world.managementGroups = { 'mg-retail': [PROD] };
  const { url, credential } = azure;
  const roles = createRoleAssignments({ url, credential, allowLoopback: true, callMs: 2_000, identities });
  const sections: readonly Section[] = [section('connections', connections)];
  const target = { kind: 'roles', target: PROD, name: 'payments-prod' } as const;
  return {
    azure,
    read: (over) => roles.read(ORGANIZATION, { target, sections, calls: 1_000, isHinted: false, ...over }),
  };
}

const known = (...pairs: readonly (readonly [string, string])[]): ServicePrincipals => ({
  find: async (ids) =>
    new Map(
      pairs
        .filter(([clientId]) => ids.includes(clientId))
        .map(([clientId, principalId]) => [clientId, { principalId, name: 'deployer' }]),
    ),
});
const unable: ServicePrincipals = { find: async () => Promise.reject(new Error('not granted')) };

test('assignments of the subscription and from above it are told with whose they are; those of its parts only of connections', async () => {
  const { azure, read } = await open();
  azure.world.assignments = [
    { principalId: PERSON, principalType: 'User', role: OWNER, scope: HERE },
    { principalId: TEAM, principalType: 'Group', role: CONTRIBUTOR, scope: ABOVE },
    { principalId: PRINCIPAL, role: CONTRIBUTOR, scope: '/' },
    { principalId: PERSON, principalType: 'User', role: OWNER, scope: GROUP },
  ];

  expect((await read()).facts).toEqual([
    {
      principalId: PRINCIPAL,
      principalKind: 'service',
      role: 'Contributor',
      may: 'change',
      scope: '/',
      isStanding: true,
    },
    { principalId: PERSON, principalKind: 'person', role: 'Owner', may: 'grant', scope: HERE, isStanding: true },
    { principalId: TEAM, principalKind: 'group', role: 'Contributor', may: 'change', scope: ABOVE, isStanding: true },
  ]);
});

test('an eligible role is told with the name of its holder and is not standing', async () => {
  const { azure, read } = await open();
  azure.world.eligible = [
    { principalId: PERSON, principalType: 'User', displayName: 'Ann Arbor', role: OWNER, scope: HERE },
  ];
  expect((await read()).facts).toMatchObject([{ principalName: 'Ann Arbor', role: 'Owner', isStanding: false }]);
});

test('a condition is told of, not what it says', async () => {
  const { azure, read } = await open();
  const condition = '@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] GuidEquals 1';
  azure.world.assignments = [{ principalId: PERSON, role: OWNER, scope: HERE, condition }];
  const { facts } = await read();
  expect(facts).toMatchObject([{ role: 'Owner', hasCondition: true }]);
  expect(JSON.stringify(facts)).not.toContain('GuidEquals');
});

test('in a directory without Privileged Identity Management nobody is eligible', async () => {
  const { azure, read } = await open();
  azure.world.assignments = [{ principalId: PERSON, role: OWNER, scope: HERE }];
  azure.world.hasPim = false;
  expect((await read()).facts).toHaveLength(1);
});

describe('the identity of a connection is joined', () => {
  const made = aConnectionFact({ scope: { level: 'resource-group', id: GROUP } });
  const fill = ({ azure }: Scene) => {
    azure.world.assignments = [
      { principalId: PRINCIPAL, role: CONTRIBUTOR, scope: GROUP },
      { principalId: TEAM, principalType: 'Group', role: OWNER, scope: HERE },
    ];
    azure.world.groups = { [TEAM]: [PRINCIPAL] };
  };
  const joined = (facts: readonly RoleFact[]) =>
    facts.filter(({ clientId }) => clientId === CLIENT).map(({ role, scope, through }) => [role, scope, through]);
  const whole = [
    ['Owner', HERE, TEAM],
    ['Contributor', GROUP, undefined],
  ];

  test('by the object id that the connection names, with its roles in parts and those by groups', async () => {
    const scene = await open([{ ...made, principalId: PRINCIPAL }]);
    fill(scene);
    expect(joined((await scene.read()).facts)).toEqual(whole);
  });

  test('by the first that knows it, whoever cannot answer', async () => {
    const scene = await open([made], [unable, known([CLIENT, PRINCIPAL])]);
    fill(scene);
    const { facts } = await scene.read();
    expect(joined(facts)).toEqual(whole);
    expect(facts.find(({ clientId }) => clientId === CLIENT)?.principalName).toBe('deployer');
  });

  test('by what was known before where nobody can tell now', async () => {
    const scene = await open([made], [known([CLIENT, PRINCIPAL])]);
    fill(scene);
    const { facts } = await scene.read();
    const later = await open([made], [unable]);
    fill(later);
    expect(joined((await later.read({ before: { at: '2026-11-24T09:00:00.000Z', facts } })).facts)).toEqual(whole);
  });

  test('and else is nobody: its roles in parts are not told, and none is said to be its', async () => {
    const scene = await open([made], [unable]);
    fill(scene);
    expect((await scene.read()).facts).toEqual([expect.not.objectContaining({ clientId: CLIENT })]);
  });

  test('for what it may do here, even where its connection was made for another subscription', async () => {
    const scope = { level: 'subscription', id: `/subscriptions/${TEST}` } as const;
    const scene = await open([{ ...made, scope, principalId: PRINCIPAL }]);
    fill(scene);
    expect(joined((await scene.read()).facts)).toEqual([['Contributor', GROUP, undefined]]);
    expect(scene.azure.requests.filter((request) => request.includes('assignedTo'))).toEqual([]);
  });

  test('not where the connection is turned off', async () => {
    const scene = await open([{ ...made, principalId: PRINCIPAL, isDisabled: true }]);
    fill(scene);
    expect(joined((await scene.read()).facts)).toEqual([]);
  });
});

describe('what a role allows is told by its definition', () => {
  test.each([
    ['everything', [{ actions: ['*'] }], 'grant'],
    ['roles', [{ actions: ['Microsoft.Authorization/*'] }], 'grant'],
    ['one write to roles', [{ actions: ['Microsoft.Authorization/roleAssignments/write'] }], 'grant'],
    ['everything but roles', [{ actions: ['*'], notActions: ['Microsoft.Authorization/*/Write'] }], 'change'],
    ['roles by another permission', [{ actions: ['*'], notActions: ['*/write'] }, { actions: ['*/Write'] }], 'grant'],
    ['looks', [{ actions: ['*/read', 'Microsoft.Web/sites/Read'] }], 'read'],
    ['looks, and data', [{ actions: ['*/read'], dataActions: ['Microsoft.Storage/*/write'] }], 'change'],
    ['keys', [{ actions: ['Microsoft.Storage/storageAccounts/listKeys/action'] }], 'change'],
    ['nothing', [{ actions: [] }], 'read'],
  ])('that of %s', async (roleName, permissions, may) => {
    const { azure, read } = await open();
    azure.world.assignments = [{ principalId: PERSON, role: CUSTOM, scope: HERE }];
    azure.world.definitions = [{ id: CUSTOM, roleName, permissions }];
    expect((await read()).facts).toMatchObject([{ role: roleName, may }]);
  });

  test('and is not known of a role without one, which keeps its id', async () => {
    const { azure, read } = await open();
    azure.world.assignments = [{ principalId: PERSON, role: CUSTOM, scope: HERE }];
    const [fact] = (await read()).facts;
    expect(fact?.role).toBe(CUSTOM);
    expect(fact).not.toHaveProperty('may');
  });
});

describe('lists of Azure', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) => ({
      principalId: `0d000000-0000-4000-8000-0000000001${String(n).padStart(2, '0')}`,
      role: CUSTOM,
      scope: HERE,
    }));
  const fill = ({ azure }: Scene) => {
    azure.world.assignments = many(5);
    azure.world.eligible = many(3);
    azure.world.definitions = [
      { id: OWNER, roleName: 'Owner', permissions: [{ actions: ['*'] }] },
      { id: CUSTOM, roleName: 'Deployer', permissions: [{ actions: ['*/read'] }] },
    ];
  };

  test('are read over all pages, whatever a page and a part hold, and every call is counted', async () => {
    const scene = await open([aConnectionFact()], [known([CLIENT, PRINCIPAL])]);
    fill(scene);
    const whole = await scene.read();
    scene.azure.world.pageSize = 2;

    expect(whole.facts).toHaveLength(8);
    expect(new Set(whole.facts.map(({ role }) => role))).toEqual(new Set(['Deployer']));
    expect(whole.calls).toBe(scene.azure.requests.length + 1);
    for (const calls of [1, 2, 3]) {
      const { facts, most, parts } = await inParts((over) => scene.read(over), calls);
      expect(facts).toEqual(whole.facts);
      expect(most).toBeLessThanOrEqual(calls);
      expect(parts).toBeGreaterThan(1);
    }
  });

  test.each([
    ['another host', () => 'https://management.azure.com.evil.example/x'],
    ['another port', (link: string) => link.replace(/:\d+/, ':1')],
    ['a name before the host', (link: string) => link.replace('http://', 'http://user:word@')],
    ['another subscription', (link: string) => link.replaceAll(PROD, TEST)],
    ['no address', () => '//[x'],
  ])('are not followed to %s', async (_where, nextLink) => {
    const scene = await open();
    fill(scene);
    scene.azure.world.pageSize = 2;
    scene.azure.world.nextLink = nextLink;

    await expect(scene.read()).rejects.toThrow(SourceRefusedError);
    expect(scene.azure.requests).toHaveLength(1);
  });

  test.each(['roleAssignments', 'roleEligibilityScheduleInstances', 'roleDefinitions'])(
    '(%s) that are refused name the role that is missing',
    async (list) => {
      for (const status of [401, 403]) {
        const { azure, read } = await open();
        azure.faults.add({ on: new RegExp(list), status, body: { error: { code: 'AuthorizationFailed' } } });
        const refused = read();
        await expect(refused).rejects.toThrow(SourceRefusedError);
        await expect(refused).rejects.toThrow('give the identity of the bot the role Reader');
      }
    },
  );

  test.each(['roleAssignments', 'roleEligibilityScheduleInstances', 'roleDefinitions'])(
    '(%s) with something else in them are refused, never taken for none',
    async (list) => {
      for (const body of [{ items: [] }, { value: [{ properties: {} }] }, 'x']) {
        const { azure, read } = await open();
        azure.faults.add({ on: new RegExp(list), status: 200, body });
        await expect(read()).rejects.toThrow(SourceRefusedError);
      }
    },
  );

  test.each([
    ['a sign-in page', { status: 203, body: '<html>', contentType: 'text/html' }, SourceRefusedError],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, SourceRefusedError],
    ['500', { status: 500 }, SourceUnavailableError],
    ['a cut answer', { cut: 'body' }, SourceUnavailableError],
    ['429 without a time', { status: 429 }, SourceUnavailableError],
  ] as const)('that are answered by %s fail as such', async (_what, fault, kind) => {
    const { azure, read } = await open();
    azure.faults.add({ on: /roleAssignments/, ...fault });
    await expect(read()).rejects.toThrow(kind);
  });

  test('that are slowed down say for how long', async () => {
    const { azure, read } = await open();
    azure.faults.add({ on: /roleDefinitions/, status: 429, headers: { 'retry-after': '17' } });
    await expect(read()).rejects.toMatchObject({ name: 'SourceUnavailableError', retryAfter: 17 });
  });

  test('send the token to nobody else', async () => {
    const stranger = await startStranger();
    const { azure, read } = await open();
    azure.faults.add({ on: /roleAssignments/, status: 302, headers: { location: `${stranger.url}/stolen` } });
    await expect(read()).rejects.toThrow(SourceRefusedError);
    expect(stranger.received).toEqual([]);
  });
});

test('targets are the subscriptions of the catalog, by id or name', async () => {
  const azure = await startRoleAssignments();
  onTestFinished(() => azure.close());
  azure.world.subscriptions = { [PROD]: 'payments-prod', [CUSTOM]: 'somebody-else' };
  const roles = createRoleAssignments({ url: azure.url, credential: azure.credential, allowLoopback: true });
  const { targets, unseen } = await roles.targets(ORGANIZATION, setting().catalog, []);

  expect(targets.map(({ kind, target }) => `${kind} ${target}`).sort()).toEqual([`roles ${PROD}`, `roles ${TEST}`]);
  expect([...unseen]).toEqual([]);
});
