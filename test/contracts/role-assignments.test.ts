import { describe, expect, onTestFinished, test } from 'vitest';
import { createRoleAssignments } from '../../services/azure-resources/role-assignments.ts';
import type { RoleFact } from '../../services/domain/platform.ts';
import { SourceRefusedError } from '../../services/ports/signal-source.ts';
import { startRoleAssignments } from '../fakes/role-assignments.ts';
import { aConnectionFact, CLIENT, PRINCIPAL, PROD, setting, TEST } from '../unit/connection-facts.ts';
import {
  ABOVE,
  CONTRIBUTOR,
  CUSTOM,
  GROUP,
  HERE,
  known,
  ORGANIZATION,
  OWNER,
  open,
  PERSON,
  type Scene,
  TEAM,
  unable,
} from './role-scene.ts';

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

test('of anything else Azure is not asked', async () => {
  const azure = await startRoleAssignments();
  onTestFinished(() => azure.close());
  const roles = createRoleAssignments({ url: azure.url, credential: azure.credential, allowLoopback: true });
  const target = { kind: 'people', target: '-', name: 'contoso' } as const;
  await expect(roles.read(ORGANIZATION, { target, sections: [], calls: 1, isHinted: false })).rejects.toThrow(
    SourceRefusedError,
  );
  expect(roles.kinds).toEqual(['roles']);
  expect(azure.requests).toEqual([]);
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
