import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cardText } from '../../cards/card-text.ts';
import { whoApprovesCard } from '../../cards/who-approves-card.ts';
import { canBeApproved, type WhoApproves } from '../../services/domain/who-approves.ts';
import { DirectoryUnavailableError } from '../../services/ports/directory.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { aCoverSet } from '../covers.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { type Edit, policyFolder } from '../fakes/policy-folder.ts';
import { by } from '../fakes/waiting-gate.ts';

const QUESTION = { service: 'payments-api', environment: 'prod', reach: true };

async function aWorld(...edits: readonly Edit[]): Promise<CoreWorld> {
  return createCoreWorld({ policyDir: await policyFolder(...edits) });
}

async function explained(world: CoreWorld, over: Partial<typeof QUESTION> = {}): Promise<WhoApproves> {
  const answered = await world.core.approvers.explain({ ...QUESTION, ...over });
  if (answered.kind !== 'explained') throw new Error(JSON.stringify(answered));
  return answered.answer;
}

test('the route of the sample is explained with its people, as the gate itself takes it', async () => {
  const world = await aWorld();
  await world.meet(PEOPLE.alex);

  const answer = await explained(world);

  expect(answer).toMatchObject({
    approval: 'required',
    choice: { narrower: { by: 'key', key: 'service' } },
    ways: [
      {
        considered: { agrees: ['service', 'environment'] },
        levels: [
          {
            from: ['group:payments-leads'],
            quorum: 1,
            eligible: [{ name: 'Alex Wilber' }, { name: 'Megan Bowen' }],
            excluded: [],
            inactive: [{ group: 'payments-leads', people: [{ name: 'Lee Gu' }] }],
          },
        ],
        never: ['requester', 'commit-authors', 're-runner', 'exception-requester'],
        told: { direct: [{ oid: PEOPLE.alex }, { oid: PEOPLE.megan }], unreachable: [{ oid: PEOPLE.megan }] },
      },
    ],
  });
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  const gate = await world.core.approvals.find(await world.deliver());
  expect(answer.ways[0]?.considered.route.source).toBe(gate?.ask?.levels[0]?.route);
  expect(answer.ways[0]?.levels[0]?.eligible).toEqual(gate?.ask?.levels[0]?.eligible);
});

test('names are taken in any case and answered as the policy writes them', async () => {
  const world = await aWorld();

  expect(await explained(world, { service: 'PAYMENTS-API', environment: 'Prod' })).toMatchObject({
    service: 'payments-api',
    environment: 'prod',
  });
});

test('guests and disabled accounts are told apart from those who may approve', async () => {
  const world = await aWorld([
    'directory.yaml',
    `    - ${PEOPLE.alex} # Alex Wilber\n    - ${PEOPLE.megan}`,
    `    - 78f1bdf8-c249-4648-bb9a-88502761ba65\n    - ${PEOPLE.megan}`,
  ]);

  expect((await explained(world)).ways[0]?.levels[0]).toMatchObject({
    eligible: [{ name: 'Megan Bowen' }],
    excluded: [{ name: 'Pat Visitor', why: 'guest' }],
  });
});

test('a group that nobody is in leaves too few, and says whom that is told', async () => {
  const world = await aWorld(['routes.yaml', '"group:payments-leads"', '"group:payments-bosses"']);

  expect((await explained(world)).ways[0]).toMatchObject({
    levels: [{ empty: ['group:payments-bosses'] }],
    obstacle: { kind: 'too-few-approvers', tell: 'group:release-managers' },
  });
});

test('whoever covers for an approver may approve, as the gate itself takes it', async () => {
  const world = await aWorld();
  await world.ports.covers.set(...aCoverSet(PEOPLE.alex, PEOPLE.lee, '2026-11-26T09:00:00.000Z', world.now));

  const [way] = (await explained(world)).ways;

  expect(way?.levels[0]?.eligible).toContainEqual(expect.objectContaining({ oid: PEOPLE.lee }));
  expect(way?.told.unreachable).toContainEqual(expect.objectContaining({ oid: PEOPLE.lee }));
  expect(cardText(whoApprovesCard(await explained(world)))).toContain('Lee Gu (for Alex Wilber)');
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  const gate = await world.core.approvals.find(await world.deliver());
  expect(way?.levels[0]?.eligible).toEqual(gate?.ask?.levels[0]?.eligible);
});

test('two accounts of one human are one of those whom a quorum needs', async () => {
  const both = ['directory.yaml', `name: Alex Wilber`, `name: Alex Wilber\n    sameAs: ${PEOPLE.megan}`] as const;
  const world = await aWorld(both, [
    'routes.yaml',
    'quorum: 1, from: ["group:payments-leads"]',
    'quorum: 2, from: ["group:payments-leads"]',
  ]);

  expect((await explained(world)).ways[0]?.obstacle).toMatchObject({ kind: 'too-few-approvers' });
});

test('every level is shown with its people', async () => {
  const world = await aWorld([
    'routes.yaml',
    '      - { quorum: 1, from: ["group:payments-leads"] }',
    '      - { from: ["group:payments-leads"] }\n      - { from: ["group:release-managers"] }',
  ]);

  expect((await explained(world)).ways[0]).toMatchObject({
    levels: [{ from: ['group:payments-leads'] }, { from: ['group:release-managers'] }],
  });
});

test('a freeze of today asks for one level more', async () => {
  const world = await aWorld(['routes.yaml', '    # freezes: [{ from: 2026-12-20', '    freezes: [{ from: 2026-11-20']);

  expect((await explained(world)).ways[0]?.levels.at(-1)).toMatchObject({ quorum: 1, frozenUntil: '2027-01-03' });
});

test('where no approval is needed nobody is named, and what a service is must still be known', async () => {
  const world = await aWorld();

  expect(await explained(world, { environment: 'staging' })).toMatchObject({ approval: 'none', ways: [] });
});

test('an observed environment says until when, with whom it would ask', async () => {
  const world = await aWorld(['contract.yaml', 'enforce: true }', 'enforce: observe, until: 2027-01-15 }']);

  expect(await explained(world)).toMatchObject({ observeUntil: '2027-01-15', ways: [{}] });
});

test('a route for a pipeline is a possibility beside the one for all runs, unless the service has no such pipeline', async () => {
  const pipeline: Edit = [
    'routes.yaml',
    'match: { environment: prod, service: payments-api }',
    'match: { environment: prod, pipeline: hotfix }',
  ];
  const sources = async (world: CoreWorld) =>
    (await explained(world)).ways.map(({ considered }) => considered.route.match);

  expect(await sources(await aWorld(pipeline))).toEqual([
    { environment: 'prod', pipeline: 'hotfix' },
    { environment: 'prod' },
  ]);
  const byPipelineOnly: Edit = [
    'catalog.yaml',
    'repositories: [payments-api, payments-api-deploy]',
    'repositories: []',
  ];
  expect(await sources(await aWorld(pipeline, byPipelineOnly))).toEqual([{ environment: 'prod' }]);
});

test('without a matching route the obstacle and what comes nearest are named', async () => {
  const world = await aWorld(
    ['routes.yaml', 'service: payments-api', 'service: billing-api'],
    ['routes.yaml', '- match: { environment: prod }', '- match: { environment: staging }'],
  );

  const { obstacle, ways, choice } = await explained(world);

  expect({ obstacle, ways }).toEqual({ obstacle: { kind: 'no-route', detail: 'payments-api in prod' }, ways: [] });
  expect(choice.differing[0]).toMatchObject({ agrees: ['environment'], differs: { key: 'service' } });
});

test('a broken file of a service is told with its problem, and no wider route stands in', async () => {
  const policyDir = await policyFolder();
  await mkdir(join(policyDir, 'routes'));
  await writeFile(
    join(policyDir, 'routes', 'payments-api.yaml'),
    'kind: ApprovalRoutes\nroutes: [{ match: { service: payments-api, environment: prod } }]\n',
  );

  expect(await explained(await createCoreWorld({ policyDir }))).toMatchObject({
    obstacle: { kind: 'no-route', detail: expect.stringMatching(/^routes\/payments-api\.yaml:2 /) },
    unreadable: expect.stringMatching(/^routes\/payments-api\.yaml:2 /),
    ways: [],
  });
});

test('a service whose own file of the catalog is broken stays closed, also where no approval is needed', async () => {
  const policyDir = await policyFolder();
  await mkdir(join(policyDir, 'catalog'));
  await writeFile(
    join(policyDir, 'catalog', 'billing.yaml'),
    'kind: Catalog\nservices: { billing: { owner: nobody } }\n',
  );

  const answer = await explained(await createCoreWorld({ policyDir }), { service: 'billing', environment: 'staging' });

  expect(answer.obstacle).toMatchObject({
    kind: 'unknown-service',
    detail: expect.stringMatching(/^catalog\/billing/),
  });
  expect(canBeApproved(answer)).toBe(false);
});

test('who approves already through another group is not asked to activate a membership', async () => {
  const world = await aWorld([
    'routes.yaml',
    '"group:payments-leads"',
    '"group:payments-leads", "group:security-leads"',
  ]);

  expect((await explained(world)).ways[0]?.levels[0]).toMatchObject({
    eligible: [{ name: 'Alex Wilber' }, { name: 'Lee Gu' }, { name: 'Megan Bowen' }],
    inactive: [],
  });
});

test('without a contract every gate is closed, and the mistake is named', async () => {
  const world = await aWorld(['contract.yaml', 'version: 1', 'version: none']);

  expect((await explained(world)).obstacle).toMatchObject({
    kind: 'no-contract',
    detail: expect.stringMatching(/contract\.yaml:\d+ version/),
  });
});

test.each([
  [{ service: 'paymnts-api' }, { what: 'service', known: ['payments-api', 'orders-api'] }],
  [{ environment: 'production' }, { what: 'environment', known: ['prod', 'staging'] }],
])('%j is unknown, and what there is comes back', async (over, answer) => {
  const world = await aWorld();

  expect(await world.core.approvers.explain({ ...QUESTION, ...over })).toEqual({ kind: 'unknown', ...answer });
});

test('only as many get a card of their own as the contract allows, and only they are looked for', async () => {
  const world = await aWorld(['contract.yaml', 'maxApprovers: 15', 'maxApprovers: 1']);

  expect((await explained(world)).ways[0]?.told).toEqual({
    direct: [{ oid: PEOPLE.alex, name: 'Alex Wilber' }],
    unreachable: [{ oid: PEOPLE.alex, name: 'Alex Wilber' }],
  });
});

test('a channel is looked for too, and a route without direct messages looks for nobody else', async () => {
  const world = await aWorld(['routes.yaml', 'post: { dm: true }', 'post: { dm: false, channel: Payments/Releases }']);
  const unknown = (await explained(world)).ways[0]?.told;
  const channel = { kind: 'channel', channel: 'Payments/Releases' } as const;
  await world.core.reached([channel], {
    id: '19:x',
    serviceUrl: 'https://x',
    tenantId: 't',
    kind: 'channel',
    botId: 'b',
  });

  expect(unknown).toEqual({ direct: [], unreachable: [], channel: { name: 'Payments/Releases', isKnown: false } });
  expect((await explained(world)).ways[0]?.told.channel).toEqual({ name: 'Payments/Releases', isKnown: true });
});

test('a silent store leaves reach unchecked and explains the rest', async () => {
  const world = await aWorld();
  world.ports.conversations.find = () => Promise.reject(new StoreUnavailableError('switched off'));

  const { told, levels } = (await explained(world)).ways[0] ?? {};

  expect(told).not.toHaveProperty('unreachable');
  expect(levels?.[0]?.eligible).toHaveLength(2);
});

test('a silent directory is an answer to a person, and a fault for the command line', async () => {
  const world = await aWorld();
  const silent = () => Promise.reject(new DirectoryUnavailableError('switched off'));
  Object.assign(world.ports.directory, { membersOf: silent });

  expect(await world.core.approvers.explainTo(by(PEOPLE.isaiah), QUESTION)).toBe('cannot-verify-now');
  await expect(world.core.approvers.explain(QUESTION)).rejects.toThrow(DirectoryUnavailableError);
});

test.each([
  ['a stranger', by('99999999-0000-4000-8000-000000000009'), 'not-in-directory'],
  ['a guest', by('78f1bdf8-c249-4648-bb9a-88502761ba65'), 'guest'],
  ['somebody of another tenant', { ...by(PEOPLE.alex), tenant: 'another' }, 'wrong-tenant'],
])('%s is told nothing', async (_, asking, refusal) => {
  const world = await aWorld();

  expect(await world.core.approvers.explainTo(asking, QUESTION)).toBe(refusal);
});
