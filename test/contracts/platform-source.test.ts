import { describe, expect, test } from 'vitest';
import { HOOK_RULES } from '../../services/domain/platform-hook-rules.ts';
import { platformFindings } from '../../services/domain/platform-rules.ts';
import { personOf } from '../fakes/azure-devops-world.ts';
import { CHECK_TYPES, POLICY_TYPES, TASKS } from '../fakes/platform-checks.ts';
import { aSection, READ_AT } from '../platform-facts.ts';
import { BOT, guarded, setPlatform, setting } from './platform-scene.ts';

describe('what there is to be read', () => {
  test('is each project, and the rest of one that holds something of the catalog', async () => {
    const { simulator, platform, organization } = await setPlatform();
    const tools = simulator.addProject('Tools');
    const none = await platform.targets(organization, setting.catalog, []);
    expect(none.targets).toEqual([
      { kind: 'project', target: simulator.project.id, name: 'Shop' },
      { kind: 'project', target: tools.id, name: 'Tools' },
      ...['people', 'tokens', 'auditing', 'hooks'].map((kind) => ({ kind, target: '-', name: 'contoso' })),
    ]);

    const facts = { pipelines: ['Payments-API'], repositories: [] };
    const known = { kind: 'project', target: tools.id, name: 'Tools', known: { at: READ_AT, facts } } as const;
    const { targets, calls } = await platform.targets(organization, setting.catalog, [known]);
    expect(targets.filter(({ target }) => target === tools.id).map(({ kind }) => kind)).toEqual([
      ...['project', 'environments', 'branches', 'connections', 'variable-groups', 'reach'],
    ]);
    expect(calls).toBe(1);
  });

  test('is unseen where a project that held something of the catalog is shown no more', async () => {
    const { platform, organization } = await setPlatform();
    const facts = { pipelines: ['payments-api'], repositories: [] };
    const gone = { kind: 'project', target: READ_AT, name: 'Gone', known: { at: READ_AT, facts } } as const;
    const { unseen } = await platform.targets(organization, setting.catalog, [gone]);
    expect([...unseen]).toEqual([[READ_AT, expect.stringContaining('give the bot access')]]);
  });
});

describe('a project', () => {
  test('is its pipelines and repositories, in however many pages', async () => {
    const { simulator, read } = await setPlatform();
    simulator.pageBy(2);
    for (const name of ['a', 'b', 'c']) simulator.addPipeline({ name, repository: `repo-${name}` });
    const { facts, calls } = await read('project', { calls: 1 });
    expect(facts).toEqual({
      pipelines: ['a', 'b', 'c'],
      repositories: ['repo-a', 'repo-b', 'repo-c'],
      pipelineIds: { 1: 'a', 2: 'b', 3: 'c' },
    });
    expect(calls).toBe(3);
  });
});

describe('environments', () => {
  test('have their checks, told by ids in whatever case and by nothing that people call them', async () => {
    const { simulator, read } = await setPlatform();
    const { environment, check } = guarded(simulator);
    check.isDisabled = true;
    const approver = { id: 'AB', displayName: 'Leads', descriptor: 'vssgp.x' };
    simulator.addCheck(environment, CHECK_TYPES.approval, { approvers: [approver], minRequiredApprovers: 1 });
    simulator.addCheck(environment, CHECK_TYPES.task, {
      displayName: 'Countersign',
      definitionRef: { id: TASKS.branchControl },
      inputs: { allowedBranches: 'refs/heads/main, refs/heads/release/*', ensureProtectionOfBranch: 'True' },
    });
    simulator.addCheck(environment, { id: TASKS.invokeRest, name: 'Task Check' }, {});
    const { facts } = await read('environments');
    expect(facts).toEqual([
      {
        ...{ id: '1', name: 'prod', openToAll: false, pipelines: [] },
        checks: [
          {
            ...{ id: '1', kind: 'invoke-rest', name: 'Countersign', isDisabled: true, timeoutMinutes: 2_820 },
            ours: { environment: 'prod', service: 'payments-api', waits: true },
          },
          {
            ...{ id: '2', kind: 'approval', name: 'Approval', isDisabled: false, timeoutMinutes: 2_820 },
            approval: {
              approvers: [{ id: 'ab', name: 'Leads', kind: 'group' }],
              ...{ minApprovers: 1, requesterMayApprove: true },
            },
          },
          {
            ...{ id: '3', kind: 'branch-control', name: 'Countersign', isDisabled: false, timeoutMinutes: 2_820 },
            branches: { allowed: ['refs/heads/main', 'refs/heads/release/*'], mustBeProtected: true },
          },
          { id: '4', kind: 'other', name: 'Task Check', isDisabled: false, timeoutMinutes: 2_820 },
        ],
      },
    ]);
  });

  test.each([
    ['another address', 'https://evil.example', undefined],
    ['an address that only begins like ours', `${BOT}.evil.example`, undefined],
    ['another path of ours', BOT, '/api/azure-devops/events'],
  ])('with a check that calls %s have none of ours', async (_, url, urlSuffix) => {
    const { simulator, read } = await setPlatform();
    const environment = simulator.addEnvironment('prod');
    const connection = simulator.addAddress('other', url);
    simulator.addOurCheck(environment, { connection, environment: 'prod', ...(urlSuffix ? { urlSuffix } : {}) });
    const { facts } = await read('environments');
    const [check] = facts[0]?.checks ?? [];
    expect([check?.kind, check?.ours, check?.isUnresolved]).toEqual(['invoke-rest', undefined, undefined]);
  });

  test('with a check whose service connection is not shown leave open whether it is ours', async () => {
    const { simulator, read } = await setPlatform();
    const environment = simulator.addEnvironment('prod');
    simulator.addOurCheck(environment, { connection: simulator.project.id, environment: 'prod' });
    expect((await read('environments')).facts[0]?.checks[0]).toMatchObject({ isUnresolved: true });
    simulator.faults.add({ on: /serviceendpoint/, status: 403 });
    expect((await read('environments')).facts[0]?.checks[0]).toMatchObject({ isUnresolved: true });
  });

  test('an Azure Function that is ours by its address is ours', async () => {
    const { simulator, read } = await setPlatform();
    const inputs = { function: `${BOT}/api/azure-devops/checks?code=x`, waitForCompletion: 'false', body: 'no JSON' };
    simulator.addCheck(simulator.addEnvironment('prod'), CHECK_TYPES.task, {
      definitionRef: { id: TASKS.invokeFunction },
      inputs,
    });
    expect((await read('environments')).facts[0]?.checks[0]?.ours).toEqual({ waits: false });
  });

  test('are used by the pipelines that are named, or by all, or nobody can tell', async () => {
    const { simulator, read } = await setPlatform();
    const deploy = simulator.addPipeline({ name: 'deploy' });
    const [one, two] = [simulator.addEnvironment('a'), simulator.addEnvironment('b')];
    simulator.addEnvironment('c');
    simulator.allowPipelines(one, [deploy]);
    simulator.allowPipelines(two, 'all');
    simulator.faults.add({ on: /pipelinepermissions\/environment\/3/, status: 403 });
    const { target, name } = { target: simulator.project.id, name: 'Shop' };
    const facts = { pipelines: ['deploy'], repositories: [], pipelineIds: { [deploy.id]: 'deploy' } };
    const sections = [{ kind: 'project', target, name, known: { at: READ_AT, facts } } as const];
    const { facts: found } = await read('environments', { sections });
    expect(found.map(({ openToAll, pipelines }) => [openToAll, pipelines])).toEqual([
      [false, ['deploy']],
      [true, []],
      [undefined, []],
    ]);
  });

  test('cost a few calls for many, one more each where nothing is taken from before, and end in parts of any size', async () => {
    const { simulator, read } = await setPlatform();
    simulator.pageBy(50);
    for (let n = 0; n < 120; n += 1) guarded(simulator, `env-${n}`);
    const whole = await read('environments');
    expect(whole.facts).toHaveLength(120);
    expect(whole.calls).toBe(3 + 3 + 1 + 120);

    const known = { at: READ_AT, facts: whole.facts };
    const again = await read('environments', { isHinted: false, calls: 2 }, known);
    expect(again.calls).toBe(3 + 3 + 1);
    expect(again.parts).toBeGreaterThan(3);
    expect(again.facts).toEqual(whole.facts);
  });
});

describe('branches', () => {
  test('are the default, what the catalog names and what a check lets through, each with what guards it', async () => {
    const { simulator, read } = await setPlatform();
    const repository = simulator.addRepository('payments-api');
    repository.push({ 'a.txt': 'a' });
    const scopeOf = (scope: object) => ({ repositoryId: repository.id, ...scope });
    const exact = scopeOf({ refName: 'refs/heads/release', matchKind: 'exact' });
    const reviewers = { minimumApproverCount: 2, creatorVoteCounts: false, resetOnSourcePush: true };
    simulator.addPolicy(POLICY_TYPES.reviewers.toUpperCase(), { ...reviewers, scope: [exact] });
    simulator.addPolicy(POLICY_TYPES.build, {
      scope: [{ repositoryId: null, refName: null, matchKind: 'DefaultBranch' }],
    });
    simulator.addPolicy(POLICY_TYPES.status, {
      scope: [scopeOf({ refName: 'refs/heads/rel', matchKind: 'Prefix' })],
    });
    simulator.addPolicy(POLICY_TYPES.required, { scope: [exact] }, { isEnabled: false });
    simulator.addPolicy(POLICY_TYPES.reviewers, { minimumApproverCount: 1, scope: [exact] }, { isBlocking: false });
    simulator.pageBy(2);
    const { facts, calls } = await read('branches', { calls: 1 });
    const own = { repositoryId: repository.id, repository: 'payments-api' };
    expect(facts).toEqual([
      { ...own, ref: 'refs/heads/main', policies: [{ id: '1001', kind: 'build-validation', isBlocking: true }] },
      {
        ...own,
        ref: 'refs/heads/release',
        policies: [
          { ...{ id: '1000', kind: 'minimum-reviewers', isBlocking: true }, reviewers: 2, resetsOnPush: true },
          { id: '1003', kind: 'required-reviewers', isBlocking: true, isDisabled: true },
          {
            ...{ id: '1004', kind: 'minimum-reviewers', isBlocking: false },
            ...{ reviewers: 0, authorCounts: true, resetsOnPush: false },
          },
        ],
      },
    ]);
    expect(calls).toBe(4);
  });
});

describe('service hooks', () => {
  test('are ours where they send to us, with their status and whoever created them', async () => {
    const { simulator, read } = await setPlatform();
    const event = 'ms.vss-pipelinechecks-events.approval-pending';
    const own = simulator.subscribe({ eventType: event, url: `${BOT}/api/azure-devops/events` });
    own.status = 'onProbation';
    simulator.subscribe({ eventType: event, url: `${BOT}.evil.example/api/azure-devops/events` });
    const { facts } = await read('hooks');
    expect(facts.map(({ isOurs, status }) => [isOurs, status])).toEqual([
      [true, 'onProbation'],
      [false, 'enabled'],
    ]);
    expect(facts[0]?.createdBy).toMatchObject({ name: 'Ann Arbor', kind: 'person' });
  });

  test('of somebody whose account is disabled are told, by the storage key that both lists have of them', async () => {
    const { simulator, organization, read } = await setPlatform();
    const { id } = personOf('Ann Arbor');
    simulator.people.addUser('Ann Arbor', { id: id.toUpperCase(), status: 'disabled' });
    simulator.subscribe({ eventType: 'any', url: `${BOT}/api/azure-devops/events` });
    const target = { target: '-', name: 'contoso' };
    const sections = [
      aSection('hooks', (await read('hooks')).facts, target),
      aSection('people', (await read('people')).facts, target),
    ];
    const found = platformFindings(HOOK_RULES, { organization, sections }, setting);
    expect(found.map(({ finding }) => finding.rule)).toEqual(['hook-of-inactive-creator']);
  });

  test('of others are told of in the project whose events they send, and so is who created them and is gone', async () => {
    const { simulator, read } = await setPlatform();
    const { id } = personOf('Ann Arbor');
    const { project } = simulator;
    simulator.subscribe({ eventType: 'any', url: 'https://log.contoso.example', project });
    const hooks = (await read('hooks')).facts;
    expect(hooks).toMatchObject([{ isOurs: false, project: project.id }]);
    const sections = [aSection('hooks', hooks, { target: '-', name: 'contoso' })];
    const gone = async () => (await read('people', { sections })).facts.gone;

    for (let n = 0; n < 3; n += 1) simulator.people.addUser(`Somebody ${n}`);
    expect(await gone()).toEqual([id]);
    simulator.people.addUser('Ann Arbor', { id: id.toUpperCase() });
    expect(await gone()).toEqual([]);
  });
});
