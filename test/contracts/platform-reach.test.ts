import { describe, expect, test } from 'vitest';
import { createReachReader } from '../../services/azure-devops/platform-reach.ts';
import { aContract, anEnvironment as aPolicy } from '../unit/judge-input.ts';
import { anEnvironment, environmentsOf } from './platform-people-scene.ts';
import { names, reachScene, roleOf } from './platform-reach-scene.ts';

describe('who reaches what in a project', () => {
  test('is who administers it and its organization, each by groups that are known', async () => {
    const facts = await (await reachScene()).reach();

    expect(roleOf(facts, 'administrator', 'project')).toMatchObject({
      name: 'Administrators of Shop',
      through: ['[Shop]\\Project Administrators'],
      nested: [],
      unresolved: [],
      more: 0,
    });
    expect(names(roleOf(facts, 'administrator', 'project'))).toEqual(['Ann Archer']);
    expect(names(roleOf(facts, 'administrator', 'organization'))).toEqual(['Cleo Chief']);
  });

  test('is whom the approvals of its environments name, people and groups', async () => {
    const own = await reachScene(({ simulator: { people }, project }) => [
      people.addUser('Bob Baker'),
      people.addGroup('Release approvers', [people.addUser('Dan Dole')], project),
    ]);
    const approvers = roleOf(await own.reach(), 'approver', 'environment:');

    expect(approvers.subject).toBe(`environment:${own.project.id}:12`);
    expect(names(approvers)).toEqual(['Bob Baker', 'Dan Dole']);
    expect(approvers.groups?.map(({ name }) => name)).toEqual(['[Shop]\\Release approvers']);
  });

  test('is whoever has a role on an environment: of an administrator, or any but that of a reader', async () => {
    const own = await reachScene();
    const { people } = own.simulator;
    own.simulator.people.roles.set(`${own.project.id}_12`, [
      { subject: people.addUser('Ada Admin'), role: 'Administrator' },
      { subject: people.addUser('Uma User'), role: 'User' },
      { subject: people.addUser('Otto Other'), role: 'SomethingNew' },
      { subject: people.addUser('Rita Reader'), role: 'Reader' },
    ]);
    const facts = await own.reach();

    expect(names(roleOf(facts, 'administrator', 'environment:'))).toEqual(['Ada Admin']);
    expect(names(roleOf(facts, 'deployer', 'environment:'))).toEqual(['Otto Other', 'Uma User']);
  });

  test('is whoever may change permissions of its pipelines, unless it is denied', async () => {
    const own = await reachScene();
    const { people } = own.simulator;
    own.simulator.people.permissions.set(own.project.id, [
      { subject: people.addUser('Peter Permits'), allow: 16_384 | 1, deny: 0 },
      { subject: people.addUser('Dora Denied'), allow: 16_384, deny: 16_384 },
      { subject: people.addUser('Olaf Other'), allow: 128, deny: 0 },
    ]);

    expect(names(roleOf(await own.reach(), 'permission-manager', 'project'))).toEqual(['Peter Permits']);
  });

  test('is said to be unknown where permissions of pipelines or roles may not be read, with the permission that is missing', async () => {
    const own = await reachScene();
    own.simulator.faults.add({ on: /accesscontrollists|securityroles/, status: 403, body: { message: 'no' } });
    const facts = await own.reach();

    expect(roleOf(facts, 'permission-manager', 'project').unresolved).toEqual([
      expect.stringContaining('vso.security_manage'),
    ]);
    for (const role of ['administrator', 'deployer'] as const)
      expect(roleOf(facts, role, 'environment:').unresolved).toEqual([expect.stringContaining('role Reader')]);
  });

  test.each(['accesscontrollists', 'securityroles'])('is refused where %s knows nobody who asks', async (route) => {
    const own = await reachScene();
    own.simulator.faults.add({ on: new RegExp(route), status: 401, body: { message: 'no' } });

    await expect(own.reach()).rejects.toMatchObject({
      name: 'SourceRefusedError',
      message: expect.stringContaining('give the bot'),
    });
  });

  test('asks of an environment that is not production for its administrators alone', async () => {
    const own = await reachScene();
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

describe('reading reach', () => {
  test('comes to the same in parts of one call as at once', async () => {
    const own = await reachScene(({ simulator: { people }, project }) => [
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
    const own = await reachScene();
    const waiting = own.reach({ sections: [] });
    await expect(waiting).rejects.toMatchObject({ name: 'SourceUnavailableError' });
    // It is no word of the organization, which is left alone for as long as one says.
    await expect(waiting).rejects.not.toHaveProperty('retryAfter', expect.any(Number));

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
