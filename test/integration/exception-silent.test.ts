import { expect, test } from 'vitest';
import { type CoreWorld, PEOPLE } from '../fakes/core-world.ts';
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
  pass,
  toldOf,
} from '../fakes/exception-scene.ts';
import { type Edit, edited } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';

// Who hears of an exception that those who should say something about it do not.

/** Isaiah owns the controls; Megan and Lee grant. */
const OWNED_BY_PLATFORM: Edit = ['contract.yaml', 'fallback: "group:security-leads"', 'fallback: "group:platform"'];
/** Diego and Lee. */
const GRANTED_BY_DEVSECOPS: Edit = [
  'contract.yaml',
  'approvers: "group:security-leads"',
  'approvers: "group:devsecops"',
];
const LONGER: Edit = ['contract.yaml', 'max: 7d', 'max: 60d'];

/** Adele's deployment of payments-api, blocked by a secret; only whom `aLife` meets has a conversation. */
async function blocked(...edits: readonly Edit[]): Promise<Life & { readonly requestId: string }> {
  const life = await aLife(OWNED_BY_PLATFORM, ...edits);
  await scanned(life.world, ['a-key'], { tool: 'gitleaks' });
  const requestId = await life.deploy();
  expect((await life.gate(requestId)).state).toBe('blocked');
  return { ...life, requestId };
}

const topicsTo = ({ world }: Life, oid: string) => toldOf(world, oid).map(({ topic }) => topic);
const until = { until: '2026-12-18' };

async function unreachableIn(world: CoreWorld): Promise<string[]> {
  const { unreachable } = await world.core.status.deliveryHealth();
  return unreachable.map(({ name }) => name);
}

test('a request that nobody decides: its approvers are reminded after a working day, its control’s owner hears of it after two, once each', async () => {
  const life = await blocked(LONGER);
  const { world, requestId } = life;
  await meetAll(world);
  const { id } = exceptionOf(await ask(world, { requestId }, until));
  expect(topicsTo(life, PEOPLE.megan)).toEqual(['ask']);
  await pass(world, 1);
  expect(topicsTo(life, PEOPLE.megan)).toEqual(['ask', 'remind']);
  expect(topicsTo(life, PEOPLE.lee)).toEqual(['ask', 'remind']);
  expect(topicsTo(life, PEOPLE.isaiah)).toEqual([]);
  await pass(world, 1);
  expect(topicsTo(life, PEOPLE.isaiah)).toEqual(['unanswered']);
  await pass(world, 5);
  expect(topicsTo(life, PEOPLE.megan)).toEqual(['ask', 'remind']);
  expect(topicsTo(life, PEOPLE.isaiah)).toEqual(['unanswered']);
  expect(await kindsOf(world, id)).toEqual(['exception-requested', 'approvers-reminded', 'request-unanswered']);
  exceptionOf(await grant(world, id));
});

test('who has approved already is not reminded', async () => {
  const life = await blocked(LONGER, ['contract.yaml', 'quorum: 1', 'quorum: 2']);
  const { world, requestId } = life;
  await meetAll(world);
  const { id } = exceptionOf(await ask(world, { requestId }, until));
  await grant(world, id);
  await pass(world, 1);
  expect(topicsTo(life, PEOPLE.megan)).toEqual(['ask']);
  expect(topicsTo(life, PEOPLE.lee)).toEqual(['ask', 'remind']);
});

test('after a standstill of a week the approvers are reminded once, and nobody else hears of it before they had their day', async () => {
  const life = await blocked(LONGER);
  const { world, requestId } = life;
  await meetAll(world);
  exceptionOf(await ask(world, { requestId }, until));
  world.advance(7 * 1440);
  await world.settle();
  expect(topicsTo(life, PEOPLE.megan)).toEqual(['ask', 'remind']);
  expect(topicsTo(life, PEOPLE.isaiah)).toEqual([]);
  await pass(world, 1);
  expect(topicsTo(life, PEOPLE.isaiah)).toEqual(['unanswered']);
});

test('approvers none of whom can be reached: its control’s owner hears of it at once, and status names it, until one of them can', async () => {
  const life = await blocked(GRANTED_BY_DEVSECOPS);
  const { world, requestId } = life;
  const { id } = exceptionOf(await ask(world, { requestId }));
  await world.settle();
  expect(topicsTo(life, PEOPLE.isaiah)).toEqual(['unanswered']);
  expect((await world.core.status.deliveryHealth()).unreachedExceptions).toEqual([id]);
  expect(await unreachableIn(world)).toContain('Lee Gu');
  await world.meet(PEOPLE.lee);
  await world.settle();
  expect(await unreachableIn(world)).not.toContain('Lee Gu');
  expect(topicsTo(life, PEOPLE.lee)).toEqual(['ask']);
  expect((await exceptionAt(world, id)).silence).toEqual({});
  expect((await world.core.status.deliveryHealth()).unreachedExceptions).toEqual([]);
  expect(await kindsOf(world, id)).toEqual(['exception-requested', 'approvers-unreachable', 'approvers-reached']);
  await world.settle();
  expect(topicsTo(life, PEOPLE.isaiah)).toEqual(['unanswered']);
});

test('one approver who can be reached is enough', async () => {
  const life = await blocked();
  const { id } = exceptionOf(await ask(life.world, { requestId: life.requestId }));
  await life.world.settle();
  expect(await kindsOf(life.world, id)).toEqual(['exception-requested']);
  expect((await life.world.core.status.deliveryHealth()).unreachedExceptions).toEqual([]);
});

test('who waits for a message about an exception is named in status among those who cannot be reached, until nothing calls for it', async () => {
  const life = await blocked(GRANTED_BY_DEVSECOPS);
  const { world, requestId } = life;
  const { id } = exceptionOf(await ask(world, { requestId }));
  await world.settle();
  const unreachable = () => unreachableIn(world);
  expect(await unreachable()).toContain('Lee Gu');
  const why = { id, by: actor(PEOPLE.adele), op: nextOp(), why: '' };
  await world.core.exceptionDecisions.withdraw(why);
  await world.core.idle();
  expect(await unreachable()).not.toContain('Lee Gu');
});

/** Diego owns one in force, and his account is disabled. */
async function orphaned(): Promise<Life & { readonly id: string }> {
  const life = await blocked(LONGER);
  const { world, requestId, policyDir } = life;
  await meetAll(world);
  const { id } = exceptionOf(await ask(world, { requestId }, { ...until, owner: 'Diego Siciliani' }));
  exceptionOf(await grant(world, id));
  expect(topicsTo(life, CAST.diego)).toContain('owned');
  await edited(policyDir, ['directory.yaml', /(oid: 136b7a8b[^\n]*\n)/g, '$1    disabled: true\n']);
  return { ...life, id };
}

test('of one whose owner has left its control’s owner hears instead: of its review, its warnings and its end', async () => {
  const life = await orphaned();
  const { world, id } = life;
  await pass(world, 3);
  expect((await exceptionAt(world, id)).ownerGoneAt).toBeDefined();
  expect(await kindsOf(world, id)).toContain('owner-gone');
  expect(topicsTo(life, PEOPLE.isaiah)).toContain('review');
  expect(topicsTo(life, CAST.diego)).not.toContain('review');
  await pass(world, 7);
  expect(topicsTo(life, PEOPLE.isaiah)).toContain('over');
  expect((await kindsOf(world, id)).filter((kind) => kind === 'owner-gone')).toHaveLength(1);
});

test('its control’s owner hands it over: then it has an owner, who is asked', async () => {
  const life = await orphaned();
  const { world, id } = life;
  await pass(world, 3);
  const word = { id, by: actor(PEOPLE.isaiah), op: nextOp() };
  exceptionOf(await world.core.exceptionReviews.handOver({ ...word, to: 'Adele Vance' }));
  await world.core.idle();
  expect(await exceptionAt(world, id)).not.toHaveProperty('ownerGoneAt');
  expect(topicsTo(life, PEOPLE.adele)).toContain('owned');
  await pass(world, 3);
  expect(topicsTo(life, PEOPLE.adele)).toContain('review');
});
