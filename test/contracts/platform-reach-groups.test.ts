import { describe, expect, test } from 'vitest';
import { createReachReader } from '../../services/azure-devops/platform-reach.ts';
import { DirectoryUnavailableError } from '../../services/ports/directory.ts';
import { aPerson } from '../builders.ts';
import type { PlatformSubject } from '../fakes/platform-people.ts';
import { environmentsOf, peopleScene } from './platform-people-scene.ts';
import { names, reachScene, roleOf } from './platform-reach-scene.ts';

const OID = 'e0000000-0000-4000-8000-000000000009';

describe('groups', () => {
  test('within groups are resolved to the people in them, and said to be nested', async () => {
    const own = await reachScene();
    const { people } = own.simulator;
    const inner = people.addGroup('Inner', [people.addUser('Ida Inner')], own.project);
    own.groups.project.members.push(people.addGroup('Outer', [inner], own.project).descriptor);
    const found = roleOf(await own.reach(), 'administrator', 'project');

    expect(names(found)).toEqual(['Ann Archer', 'Ida Inner']);
    expect(found.nested).toEqual(['[Shop]\\Inner', '[Shop]\\Outer']);
    expect(found.groups?.map(({ name }) => name)).toEqual(['[Shop]\\Project Administrators']);
  });

  test('that stand in each other are resolved all the same', async () => {
    const own = await reachScene();
    const { people } = own.simulator;
    const one = people.addGroup('One', [people.addUser('Ona One')], own.project);
    const two = people.addGroup('Two', [one, people.addUser('Tom Two')], own.project);
    one.members.push(two.descriptor, own.groups.project.descriptor);
    own.groups.project.members.push(one.descriptor);

    expect(names(roleOf(await own.reach(), 'administrator', 'project'))).toEqual(['Ann Archer', 'Ona One', 'Tom Two']);
  });

  test('are asked for once each, however many roles they have', async () => {
    const own = await reachScene(({ simulator: { people }, project }) => [
      people.addGroup('Team', [people.addUser('Tia Team')], project),
    ]);
    const team = own.simulator.people.group('Team');
    own.groups.project.members.push(team.descriptor);
    own.simulator.people.roles.set(`${own.project.id}_12`, [{ subject: team, role: 'Administrator' }]);
    await own.reach();

    const asked = own.simulator.requests.map(({ path }) => path).filter((path) => path.includes('/memberships/'));
    expect(asked).toHaveLength(new Set(asked).size);
    expect(asked.filter((path) => path.includes(team.descriptor))).toHaveLength(1);
  });

  test('of everybody are not looked into', async () => {
    const own = await reachScene();
    const everybody = own.simulator.people.addGroup(
      'Project Valid Users',
      [own.simulator.people.addUser('Any Body')],
      own.project,
    );
    own.groups.project.members.push(everybody.descriptor);
    const found = roleOf(await own.reach(), 'administrator', 'project');

    expect(found).toMatchObject({
      through: ['[Shop]\\Project Administrators', '[Shop]\\Project Valid Users'],
      unresolved: [],
    });
    expect(own.simulator.requests.filter(({ path }) => path.includes(everybody.descriptor))).toEqual([]);
  });

  test('of many people list some of them and count the rest', async () => {
    const own = await reachScene();
    const { people } = own.simulator;
    const many = Array.from({ length: 400 }, (_, n) =>
      people.addUser(`Many ${String(n).replaceAll(/\d/g, (d) => 'abcdefghij'[Number(d)] ?? '')}`),
    );
    own.groups.project.members.push(...many.map(({ descriptor }) => descriptor));
    const { members, more } = roleOf(await own.reach(), 'administrator', 'project');

    expect(members.length + more).toBe(401);
    expect(members).toHaveLength(100);
  });

  test('of Entra are resolved by the directory, and an account found twice is one', async () => {
    const own = await reachScene();
    const { people } = own.simulator;
    const ann = people.subjects.find(({ displayName }) => displayName === 'Ann Archer');
    own.groups.project.members.push(people.addEntraGroup('Platform team', OID).descriptor);
    const asked: string[] = [];
    const membersOf = async (principal: string) => {
      asked.push(principal);
      return [
        aPerson({ oid: ann?.originId ?? '', name: 'Ann Archer' }),
        aPerson({ oid: OID.replace('9', '8'), name: 'Eve Entra' }),
      ];
    };
    const found = roleOf(await own.reach({}, { membersOf }), 'administrator', 'project');

    expect(asked).toEqual([`group:${OID}`]);
    expect(names(found)).toEqual(['Ann Archer', 'Eve Entra']);
    expect(found.unresolved).toEqual([]);
  });

  test.each([
    ['the directory does not answer', { membersOf: () => Promise.reject(new DirectoryUnavailableError('down')) }],
    ['it knows nobody in it', { membersOf: async () => [] }],
    ['there is no directory', undefined],
  ])('of Entra are unknown and never empty where %s', async (_why, directory) => {
    const own = await reachScene();
    own.groups.project.members.push(own.simulator.people.addEntraGroup('Platform team').descriptor);

    expect(roleOf(await own.reach({}, directory), 'administrator', 'project').unresolved).toEqual([
      '[TEAM FOUNDATION]\\Platform team',
    ]);
  });

  test('and people whom Azure DevOps does not know any more are unknown, by the name that they had', async () => {
    const gone = {
      id: 'c4d5ad8a-d9d7-5c5f-a57a-1a6a3a35a2a5',
      displayName: 'Gone Gustav',
      kind: 'user',
    } as PlatformSubject;
    const own = await reachScene(() => [gone]);

    expect(roleOf(await own.reach(), 'approver', 'environment:').unresolved).toEqual(['Gone Gustav']);
  });

  test('of administrators that are not to be found leave their members unknown', async () => {
    const own = await peopleScene();
    own.simulator.people.subjects.length = 0;
    const sections = [environmentsOf(own.project)];
    const { facts } = await own.read(createReachReader(undefined), 'reach', { sections });

    expect(facts.filter(({ role }) => role === 'administrator').map(({ unresolved }) => unresolved)).toEqual([
      ['Project Administrators'],
      ['Project Collection Administrators'],
    ]);
  });
});
