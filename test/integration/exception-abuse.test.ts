import { expect, test } from 'vitest';
import { MOST_ASKERS } from '../../services/domain/exception-life.ts';
import { createExceptionDecisions } from '../../services/exception-decisions.ts';
import { createExceptionLists } from '../../services/exception-lists.ts';
import { createExceptionRequests } from '../../services/exception-requests.ts';
import { MOST_REFUSALS_RECORDED } from '../../services/ports/exception-word.ts';
import { ORG } from '../builders.ts';
import { aRecord } from '../exceptions.ts';
import { blocked } from '../fakes/blocked-life.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { aLife, type Life } from '../fakes/deployments.ts';
import {
  actor,
  ask,
  CAST,
  exceptionAt,
  exceptionOf,
  grant,
  kindsOf,
  meetAll,
  nextOp,
  TERMS,
} from '../fakes/exception-scene.ts';
import { type Edit, edited } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';

// What somebody would try who wants more of an exception than is granted, or to grant it to themselves.

const TWO: Edit = ['contract.yaml', 'quorum: 1', 'quorum: 2'];
const BY_OWNERS: Edit = ['contract.yaml', 'approvers: "group:security-leads"', 'approvers: "group:payments-owners"'];

async function change(life: Life, ...edits: readonly Edit[]): Promise<void> {
  for (const edit of edits) await edited(life.policyDir, edit);
  life.world.advance(2);
}

test('a control that grants less by now binds what was asked for before: it is granted narrowed, or not', async () => {
  const life = await blocked();
  const { world, requestId } = life;
  const { id } = exceptionOf(await ask(world, { requestId }));
  await change(life, ['contract.yaml', 'max: 7d', 'max: 2d']);
  expect(await grant(world, id)).toMatchObject({ why: { code: 'until-too-far', latest: '2026-11-26', maxDays: 2 } });
  const narrowing = { until: '2026-11-26' };
  const said = { id, by: actor(PEOPLE.megan), op: nextOp(), verdict: 'approve', comment: '', narrowing } as const;
  expect(exceptionOf(await world.core.exceptionDecisions.decide(said)).state).toBe('active');
});

test('a renewal that was asked for while the control had one more is not granted once it has none', async () => {
  const life = await blocked();
  const { world, requestId } = life;
  const { id } = exceptionOf(await ask(world, { requestId }));
  exceptionOf(await grant(world, id));
  const renewal = exceptionOf(await ask(world, { renews: id }));
  await change(life, ['contract.yaml', 'renewals: 1', 'renewals: 0']);
  expect(await grant(world, renewal.id)).toMatchObject({ why: { code: 'renewals-used', of: 0, last: id } });
  expect((await exceptionAt(world, renewal.id)).state).toBe('requested');
});

test('an approval counts as long as who gave it may grant it: not of one who has left the group since', async () => {
  const life = await blocked(['a-key'], TWO, [
    'directory.yaml',
    '# Megan Bowen\n    - a334807a-aed6-4561-9069-6489fbe40623',
    '# Megan Bowen\n    - d20939b8-87c4-4046-b361-3c2c9a0a46e8\n    - a334807a-aed6-4561-9069-6489fbe40623',
  ]);
  const { world, requestId } = life;
  const { id } = exceptionOf(await ask(world, { requestId }));
  exceptionOf(await grant(world, id, PEOPLE.isaiah));
  await change(life, [
    'directory.yaml',
    '    - d20939b8-87c4-4046-b361-3c2c9a0a46e8\n    - a334807a',
    '    - a334807a',
  ]);
  expect(exceptionOf(await grant(world, id, PEOPLE.megan))).toMatchObject({ state: 'requested', votes: [{}] });
  expect(exceptionOf(await grant(world, id, PEOPLE.lee))).toMatchObject({ state: 'active' });
});

test('nobody grants what opens the way for their own deployment, however many wait before it', async () => {
  const life = await blocked(['a-key'], BY_OWNERS);
  const { world } = life;
  const isaiah = { id: PEOPLE.isaiah, uniqueName: 'isaiah.langer@contoso.example', name: 'Isaiah Langer' };
  world.azureDevOps.run = { ...world.azureDevOps.run, requestedFor: isaiah, requestedBy: isaiah };
  world.azureDevOps.sources = { ...world.azureDevOps.sources, requesters: [isaiah], authors: [isaiah] };
  const asked: string[] = [];
  for (let n = 0; n < 21; n += 1) asked.push(await life.deploy({ run: 200 + n, pipeline: 50 + n }));
  const { id } = exceptionOf(await ask(world, { by: actor(PEOPLE.isaiah), requestId: asked[0] ?? '' }));
  for (const requestId of asked.slice(1)) await ask(world, { by: actor(PEOPLE.isaiah), requestId });
  expect(await grant(world, id, PEOPLE.adele)).toMatchObject({ why: { code: 'own-deployment' } });
});

test('an approval does not count once who gave it deploys what waits for it', async () => {
  const life = await blocked(['a-key'], TWO);
  const { world, requestId } = life;
  const { id } = exceptionOf(await ask(world, { requestId }));
  exceptionOf(await grant(world, id, PEOPLE.megan));
  const megan = { id: PEOPLE.megan, uniqueName: 'megan.bowen@contoso.example', name: 'Megan Bowen' };
  world.azureDevOps.run = { ...world.azureDevOps.run, requestedFor: megan, requestedBy: megan };
  world.azureDevOps.sources = { ...world.azureDevOps.sources, requesters: [megan], authors: [megan] };
  await life.deploy({ run: 200, pipeline: 50 });
  const { state, votes } = exceptionOf(await grant(world, id, PEOPLE.lee));
  expect([state, votes.map(({ by }) => by.oid)]).toEqual(['requested', [PEOPLE.lee]]);
});

test('nobody stands in for an account that is disabled', async () => {
  const life = await blocked();
  const { world, requestId } = life;
  const cover = await world.core.covering.set({
    absent: { kind: 'person', oid: PEOPLE.lee },
    cover: { kind: 'person', oid: PEOPLE.alex },
    until: '2026-11-28',
    by: actor(PEOPLE.lee),
    op: nextOp(),
  });
  expect(cover).toMatchObject({ kind: 'set' });
  const { id } = exceptionOf(await ask(world, { requestId }));
  await change(life, ['directory.yaml', 'name: Lee Gu\n', 'name: Lee Gu\n    disabled: true\n']);
  expect(await grant(world, id, PEOPLE.alex)).toMatchObject({ why: { code: 'not-an-approver' } });
});

test('a request that is handed over to somebody else is not granted by a click on what was shown before', async () => {
  const { world, requestId } = await blocked();
  const { id, revision } = exceptionOf(await ask(world, { requestId }));
  exceptionOf(
    await world.core.exceptionReviews.handOver({ id, by: actor(CAST.diego), op: nextOp(), to: `user:${CAST.diego}` }),
  );
  const said = { id, by: actor(PEOPLE.megan), op: nextOp(), verdict: 'approve', comment: '', revision } as const;
  expect(await world.core.exceptionDecisions.decide(said)).toMatchObject({ why: { code: 'stale-revision' } });
});

test('a standstill of the contract loses no hint: what ended meanwhile is noted once it can be read again', async () => {
  const { world, requestId } = await blocked();
  const { id } = exceptionOf(await ask(world, { requestId }, { until: '2026-11-25' }));
  exceptionOf(await grant(world, id));
  await world.settle();
  const { current } = world.ports.policy;
  const nothing = {
    catalog: { services: new Map(), broken: new Map() },
    routes: [],
    brokenRoutes: new Map(),
    problems: [],
  };
  Object.assign(world.ports.policy, { current: async () => nothing });
  for (let n = 0; n < 12; n += 1) {
    world.advance(360);
    await world.settle();
  }
  Object.assign(world.ports.policy, { current });
  for (let n = 0; n < 12; n += 1) {
    world.advance(360);
    await world.settle();
  }
  expect((await exceptionAt(world, id)).state).toBe('expired');
});

test('a renewal stays in the organization of what it renews, whatever another one of the same name has open', async () => {
  const { world, requestId } = await blocked();
  const { id } = exceptionOf(await ask(world, { requestId }));
  exceptionOf(await grant(world, id));
  const { scopes } = world.ports;
  const requests = createExceptionRequests({
    ...world.ports,
    scopes: { ...scopes, view: ({ org: _, ...scope }, commits) => scopes.view({ ...scope, org: ORG }, commits) },
    orgs: ['otherorg22', ORG],
    strangerBecause: async () => undefined,
    committed: () => undefined,
  });
  const wish = { service: 'payments-api', environment: 'prod', control: 'secret-scanning', renews: id };
  const by = actor(PEOPLE.adele);
  const renewal = exceptionOf(await requests.request({ ...wish, by, op: nextOp(), terms: TERMS }));
  expect(renewal).toMatchObject({ org: ORG, renewal: { number: 1, renews: id } });
});

test('however often it is asked for, a request stays small enough to be decided, and nobody grants what they wanted', async () => {
  const { world, requestId } = await blocked();
  const { id, askers, target } = exceptionOf(await ask(world, { requestId }));
  const stored = await world.ports.exceptions.locate(id);
  if (stored === undefined) throw new Error(`${id} is not there`);
  const [first] = askers;
  const many = Array.from({ length: MOST_ASKERS - 1 }, (_, n) => ({ ...first, requestId: `request ${n}` }));
  await world.ports.exceptions.commit(stored, {
    op: nextOp(),
    exception: { ...stored.exception, askers: [first, ...many] },
    at: world.now,
    evidence: { kind: 'exception-joined', actor: first.by, data: {} },
    wakes: false,
  });
  expect(await ask(world, { by: actor(PEOPLE.megan), requestId })).toMatchObject({
    why: { code: 'too-many-askers', id },
  });
  expect(await ask(world, target)).toMatchObject({ kind: 'requested', exception: { askers: { length: MOST_ASKERS } } });
  expect(exceptionOf(await grant(world, id)).state).toBe('active');
});

test('by however many accounts something is tried that they may not, the record of an exception stops growing, and its last entry says so', async () => {
  const { world, requestId } = await blocked();
  const { id } = exceptionOf(await ask(world, { requestId }));
  const isaiah = await world.ports.directory.person(PEOPLE.isaiah);
  if (isaiah === undefined) throw new Error('the directory has no Isaiah');
  const person = async (oid: string) => ({ ...isaiah, oid });
  const isMember = async () => false;
  const crowd = createExceptionDecisions({
    ...world.ports,
    directory: { ...world.ports.directory, person, isMember },
    strangerBecause: async () => undefined,
    committed: () => undefined,
  });
  const many = Array.from({ length: MOST_REFUSALS_RECORDED + 20 }, (_, n) => `00000000-0000-4000-8000-${n + 1e11}`);
  for (const oid of many) {
    const word = { id, by: actor(oid), op: nextOp(), verdict: 'approve' as const, comment: '' };
    expect(await crowd.decide(word)).toMatchObject({ kind: 'refused', why: { code: 'not-an-approver' } });
  }
  const refusals = (await kindsOf(world, id)).filter((kind) => kind === 'refused');
  expect(refusals).toHaveLength(MOST_REFUSALS_RECORDED);
  const stored = await world.ports.exceptions.locate(id);
  expect(JSON.parse(stored?.evidence.at(-1)?.entry ?? '')).toMatchObject({ data: { furtherRecorded: false } });
  expect(exceptionOf(await grant(world, id)).state).toBe('active');
});

test('whether many exceptions in force are needed is no work of many times many', async () => {
  const { ports } = (await aLife()).world;
  const MANY = 500;
  let looks = 0;
  const all = Array.from({ length: MANY }, (_, n) => ({
    ...aRecord({ id: `EX-${n}`, target: { service: `service-${n}` } }),
    get state() {
      looks += 1;
      return 'active' as const;
    },
  }));
  const live = async () =>
    all.map((exception) => ({ exception, org: ORG, id: exception.id, service: '', environment: 'prod' }));
  const lists = createExceptionLists({
    ...ports,
    exceptions: { ...ports.exceptions, live },
    orgs: [ORG],
    strangerBecause: async () => undefined,
  });
  expect(await lists.all({ which: 'unused' })).toMatchObject({ rows: { length: MANY } });
  expect(looks).toBeLessThan(20 * MANY);
});

test('whoever asked for a deployment grants nothing for it before it could be read what it ships', async () => {
  const { world, deploy, gate } = await aLife(BY_OWNERS);
  await meetAll(world);
  await scanned(world, ['a-key'], { tool: 'gitleaks', level: 'warning' });
  world.azureDevOps.sourcesDown = true;
  expect(await gate(await deploy())).toMatchObject({ state: 'received' });
  const { id } = exceptionOf(await ask(world, { by: actor(CAST.diego), isListed: true }));
  expect(await grant(world, id, PEOPLE.adele)).toMatchObject({ why: { code: 'own-deployment' } });
});

test('of two requests for what is open as a service comes in one is granted', async () => {
  const { world } = await aLife();
  await meetAll(world);
  const wish = { control: 'sast', isBaseline: true };
  const terms = { until: '2026-12-20', reviewEvery: '14d' };
  await scanned(world, ['hardcoded-cred-a']);
  const first = exceptionOf(await ask(world, wish, terms));
  await scanned(world, ['hardcoded-cred-a', 'hardcoded-cred-b']);
  const second = exceptionOf(await ask(world, wish, terms));
  exceptionOf(await grant(world, first.id));
  expect(await grant(world, second.id)).toMatchObject({ why: { code: 'no-baseline', why: 'used' } });
});
