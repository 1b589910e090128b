import { describe, expect, test } from 'vitest';
import { createReachReader } from '../../services/azure-devops/platform-reach.ts';
import type { ReachFact } from '../../services/domain/platform.ts';
import { DirectoryUnavailableError } from '../../services/ports/directory.ts';
import { aPerson } from '../builders.ts';
import type { PlatformSubject } from '../fakes/platform-people.ts';
import { aContract, anEnvironment as aPolicy } from '../unit/judge-input.ts';
import { anEnvironment, environmentsOf, type PeopleScene, peopleScene } from './platform-people-scene.ts';

const OID = 'e0000000-0000-4000-8000-000000000009';

interface Scene extends PeopleScene {
  readonly groups: Readonly<Record<'project' | 'collection', PlatformSubject>>;
  reach(
    over?: Parameters<PeopleScene['read']>[2],
    directory?: Parameters<typeof createReachReader>[0],
  ): Promise<readonly ReachFact[]>;
}

/** A project with both groups of administrators, and an environment `prod` (12) of which nothing is given to anybody. */
async function scene(approvers: (scene: PeopleScene) => readonly PlatformSubject[] = () => []): Promise<Scene> {
  const own = await peopleScene();
  const { people } = own.simulator;
  const project = people.addGroup('Project Administrators', [people.addUser('Ann Archer')], own.project);
  const collection = people.addGroup('Project Collection Administrators', [people.addUser('Cleo Chief')]);
  const sections = [environmentsOf(own.project, anEnvironment(12, 'prod', approvers(own)))];
  return {
    ...own,
    groups: { project, collection },
    async reach(over = {}, directory = undefined) {
      const read = await own.read(createReachReader(directory), 'reach', { sections, ...(over as object) });
      return read.facts;
    },
  };
}

function of(facts: readonly ReachFact[], role: ReachFact['role'], subject: string): ReachFact {
  const found = facts.find((one) => one.role === role && one.subject.startsWith(subject));
  if (found === undefined) throw new Error(`no ${role} of ${subject}`);
  return found;
}

const names = ({ members }: ReachFact) => members.map(({ name }) => name).sort();

describe('who reaches what in a project', () => {
  test('is who administers it and its organization, each by groups that are known', async () => {
    const facts = await (await scene()).reach();

    expect(of(facts, 'administrator', 'project')).toMatchObject({
      name: 'Administrators of Shop',
      through: ['[Shop]\\Project Administrators'],
      nested: [],
      unresolved: [],
      more: 0,
    });
    expect(names(of(facts, 'administrator', 'project'))).toEqual(['Ann Archer']);
    expect(names(of(facts, 'administrator', 'organization'))).toEqual(['Cleo Chief']);
  });

  test('is whom the approvals of its environments name, people and groups', async () => {
    const own = await scene(({ simulator: { people }, project }) => [
      people.addUser('Bob Baker'),
      people.addGroup('Release approvers', [people.addUser('Dan Dole')], project),
    ]);
    const approvers = of(await own.reach(), 'approver', 'environment:');

    expect(approvers.subject).toBe(`environment:${own.project.id}:12`);
    expect(names(approvers)).toEqual(['Bob Baker', 'Dan Dole']);
    expect(approvers.groups?.map(({ name }) => name)).toEqual(['[Shop]\\Release approvers']);
  });

  test('is whoever has a role on an environment: of an administrator, or any but that of a reader', async () => {
    const own = await scene();
    const { people } = own.simulator;
    own.simulator.people.roles.set(`${own.project.id}_12`, [
      { subject: people.addUser('Ada Admin'), role: 'Administrator' },
      { subject: people.addUser('Uma User'), role: 'User' },
      { subject: people.addUser('Otto Other'), role: 'SomethingNew' },
      { subject: people.addUser('Rita Reader'), role: 'Reader' },
    ]);
    const facts = await own.reach();

    expect(names(of(facts, 'administrator', 'environment:'))).toEqual(['Ada Admin']);
    expect(names(of(facts, 'deployer', 'environment:'))).toEqual(['Otto Other', 'Uma User']);
  });

  test('is whoever may change permissions of its pipelines, unless it is denied', async () => {
    const own = await scene();
    const { people } = own.simulator;
    own.simulator.people.permissions.set(own.project.id, [
      { subject: people.addUser('Peter Permits'), allow: 16_384 | 1, deny: 0 },
      { subject: people.addUser('Dora Denied'), allow: 16_384, deny: 16_384 },
      { subject: people.addUser('Olaf Other'), allow: 128, deny: 0 },
    ]);

    expect(names(of(await own.reach(), 'permission-manager', 'project'))).toEqual(['Peter Permits']);
  });

  test('is said to be unknown where permissions of pipelines or roles may not be read, with the permission that is missing', async () => {
    const own = await scene();
    own.simulator.faults.add({ on: /accesscontrollists|securityroles/, status: 403, body: { message: 'no' } });
    const facts = await own.reach();

    expect(of(facts, 'permission-manager', 'project').unresolved).toEqual([
      expect.stringContaining('vso.security_manage'),
    ]);
    for (const role of ['administrator', 'deployer'] as const)
      expect(of(facts, role, 'environment:').unresolved).toEqual([expect.stringContaining('role Reader')]);
  });

  test('asks of an environment that is not production for its administrators alone', async () => {
    const own = await scene();
    const { people } = own.simulator;
    own.simulator.people.roles.set(`${own.project.id}_7`, [{ subject: people.addUser('Uma User'), role: 'User' }]);
    const contract = {
      ...aContract(),
      environments: new Map([
        ['prod', aPolicy()],
        ['dev', aPolicy({ name: 'dev', tier: 'non-production' })],
      ]),
    };
    const catalog = { services: new Map(), broken: new Map() };
    const sections = [environmentsOf(own.project, anEnvironment(7, 'dev', [people.addUser('Al Approver')]))];
    const facts = await own.reach({ sections, setting: { contract, catalog } });

    expect(facts.map(({ name }) => name)).toEqual([
      'Administrators of Shop',
      'Administrators of the organization',
      'Administrators of dev',
      'Whoever changes permissions of pipelines in Shop',
    ]);
  });
});

describe('groups', () => {
  test('within groups are resolved to the people in them, and said to be nested', async () => {
    const own = await scene();
    const { people } = own.simulator;
    const inner = people.addGroup('Inner', [people.addUser('Ida Inner')], own.project);
    own.groups.project.members.push(people.addGroup('Outer', [inner], own.project).descriptor);
    const found = of(await own.reach(), 'administrator', 'project');

    expect(names(found)).toEqual(['Ann Archer', 'Ida Inner']);
    expect(found.nested).toEqual(['[Shop]\\Inner', '[Shop]\\Outer']);
    expect(found.groups?.map(({ name }) => name)).toEqual(['[Shop]\\Project Administrators']);
  });

  test('that stand in each other are resolved all the same', async () => {
    const own = await scene();
    const { people } = own.simulator;
    const one = people.addGroup('One', [people.addUser('Ona One')], own.project);
    const two = people.addGroup('Two', [one, people.addUser('Tom Two')], own.project);
    one.members.push(two.descriptor, own.groups.project.descriptor);
    own.groups.project.members.push(one.descriptor);

    expect(names(of(await own.reach(), 'administrator', 'project'))).toEqual(['Ann Archer', 'Ona One', 'Tom Two']);
  });

  test('are asked for once each, however many roles they have', async () => {
    const own = await scene(({ simulator: { people }, project }) => [
      people.addGroup('Team', [people.addUser('Tia Team')], project),
    ]);
    const team = own.simulator.people.subjects.find(({ displayName }) => displayName === 'Team');
    if (team === undefined) throw new Error('no team');
    own.groups.project.members.push(team.descriptor);
    own.simulator.people.roles.set(`${own.project.id}_12`, [{ subject: team, role: 'Administrator' }]);
    await own.reach();

    const asked = own.simulator.requests.map(({ path }) => path).filter((path) => path.includes('/memberships/'));
    expect(asked).toHaveLength(new Set(asked).size);
    expect(asked.filter((path) => path.includes(team.descriptor))).toHaveLength(1);
  });

  test('of everybody are not looked into', async () => {
    const own = await scene();
    const everybody = own.simulator.people.addGroup(
      'Project Valid Users',
      [own.simulator.people.addUser('Any Body')],
      own.project,
    );
    own.groups.project.members.push(everybody.descriptor);
    const found = of(await own.reach(), 'administrator', 'project');

    expect(found).toMatchObject({
      through: ['[Shop]\\Project Administrators', '[Shop]\\Project Valid Users'],
      unresolved: [],
    });
    expect(own.simulator.requests.filter(({ path }) => path.includes(everybody.descriptor))).toEqual([]);
  });

  test('of many people list some of them and count the rest', async () => {
    const own = await scene();
    const { people } = own.simulator;
    const many = Array.from({ length: 400 }, (_, n) =>
      people.addUser(`Many ${String(n).replaceAll(/\d/g, (d) => 'abcdefghij'[Number(d)] ?? '')}`),
    );
    own.groups.project.members.push(...many.map(({ descriptor }) => descriptor));
    const { members, more } = of(await own.reach(), 'administrator', 'project');

    expect(members.length + more).toBe(401);
    expect(members).toHaveLength(100);
  });

  test('of Entra are resolved by the directory, and an account found twice is one', async () => {
    const own = await scene();
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
    const found = of(await own.reach({}, { membersOf }), 'administrator', 'project');

    expect(asked).toEqual([`group:${OID}`]);
    expect(names(found)).toEqual(['Ann Archer', 'Eve Entra']);
    expect(found.unresolved).toEqual([]);
  });

  test.each([
    ['the directory does not answer', { membersOf: () => Promise.reject(new DirectoryUnavailableError('down')) }],
    ['it knows nobody in it', { membersOf: async () => [] }],
    ['there is no directory', undefined],
  ])('of Entra are unknown and never empty where %s', async (_why, directory) => {
    const own = await scene();
    own.groups.project.members.push(own.simulator.people.addEntraGroup('Platform team').descriptor);

    expect(of(await own.reach({}, directory), 'administrator', 'project').unresolved).toEqual([
      '[TEAM FOUNDATION]\\Platform team',
    ]);
  });

  test('and people whom Azure DevOps does not know any more are unknown, by the name that they had', async () => {
    const gone = {
      id: 'c4d5ad8a-d9d7-5c5f-a57a-1a6a3a35a2a5',
      displayName: 'Gone Gustav',
      kind: 'user',
    } as PlatformSubject;
    const own = await scene(() => [gone]);

    expect(of(await own.reach(), 'approver', 'environment:').unresolved).toEqual(['Gone Gustav']);
  });

  test('of administrators that are not to be found leave their members unknown', async () => {
    const own = await peopleScene();
    const sections = [environmentsOf(own.project)];
    const { facts } = await own.read(createReachReader(undefined), 'reach', { sections });

    expect(facts.filter(({ role }) => role === 'administrator').map(({ unresolved }) => unresolved)).toEqual([
      ['Project Administrators'],
      ['Project Collection Administrators'],
    ]);
  });
});

describe('reading reach', () => {
  test('comes to the same in parts of one call as at once', async () => {
    const own = await scene(({ simulator: { people }, project }) => [
      people.addGroup('Team', [people.addUser('Tia Team')], project),
    ]);
    const sections = [
      environmentsOf(
        own.project,
        anEnvironment(
          12,
          'prod',
          own.simulator.people.subjects.filter(({ displayName }) => displayName === 'Team'),
        ),
      ),
    ];
    const whole = await own.read(createReachReader(undefined), 'reach', { sections });
    const parts = await own.read(createReachReader(undefined), 'reach', { sections, calls: 1 });

    expect(parts.facts).toEqual(whole.facts);
    expect(parts.calls.every((calls) => calls <= 1)).toBe(true);
    expect(parts.calls.reduce((sum, calls) => sum + calls, 0)).toBe(whole.calls[0]);
  });

  test('waits until the environments of the project are read, and goes on without them once they are refused', async () => {
    const own = await scene();
    await expect(own.reach({ sections: [] })).rejects.toMatchObject({ name: 'SourceUnavailableError', retryAfter: 60 });

    const refused = {
      kind: 'environments',
      target: own.project.id,
      name: 'Shop',
      unknown: { since: '', why: 'no' },
    } as const;
    expect((await own.reach({ sections: [refused] })).map(({ role }) => role)).toEqual([
      'administrator',
      'administrator',
      'permission-manager',
    ]);
  });
});
