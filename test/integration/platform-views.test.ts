import { expect, test } from 'vitest';
import { showPosture } from '../../bot/console/show-posture.ts';
import { handlersOf } from '../../bot/handlers-of.ts';
import type { Section } from '../../services/domain/platform.ts';
import { ORG, ORGANIZATION } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { actor, nextOp } from '../fakes/exception-scene.ts';
import { scanned } from '../fakes/scanned.ts';
import { wish } from '../fakes/waiting-gate.ts';
import { anEnvironment, aPlatform, aSection, heldPlatforms, ourCheck, PROJECT } from '../platforms.ts';

const UNREAD = { since: '2026-11-24T08:00:00.000Z', why: 'give the account of the bot "View users"' };

/** A world whose platform is read; what a test holds there is known to all. */
async function aWorld(over: Parameters<typeof createCoreWorld>[0] = {}) {
  const platforms = heldPlatforms();
  const world = await createCoreWorld({ ...over, platforms: platforms.store, platformSources: [platforms.source] });
  for (const oid of [PEOPLE.alex, PEOPLE.adele]) await world.meet(oid);
  return { world, platforms };
}

const say = async (world: CoreWorld, text: string, oid: string = PEOPLE.adele) =>
  (await handlersOf(world.core).runCommand(actor(oid), text, nextOp())).text;
const gateOf = async (world: CoreWorld, id: string) => {
  const stored = await world.ports.gates.read(ORG, id);
  if (stored === undefined) throw new Error('there is no such request');
  return stored.gate;
};
/** Everything that the contract requires has reported. */
async function reported(world: CoreWorld) {
  await scanned(world, ['weak-random']);
  await world.report('gitleaks-clean.sarif');
}

test('what is known of the platform is recorded with the judgement, by one call for the gate', async () => {
  const { world, platforms } = await aWorld();
  platforms.hold(aPlatform());
  await reported(world);
  const before = platforms.calls.all;
  const id = await world.deliver();
  await world.settle();

  expect(platforms.calls.all - before).toBe(1);
  const { judgement } = await gateOf(world, id);
  expect(judgement?.platform).toMatchObject({
    organization: ORGANIZATION,
    environment: { state: 'pass', project: PROJECT, environment: '3', ours: 'on' },
    access: { state: 'known' },
    breadth: { state: 'pass', connections: [{ name: 'payments-prod' }] },
  });
  expect(await say(world, `why ${id}`)).toContain('✓ Environment checks pass: our check is on');
});

test('without a platform that is read nothing is recorded, and the card says unknown', async () => {
  const world = await createCoreWorld();
  for (const oid of [PEOPLE.alex, PEOPLE.adele]) await world.meet(oid);
  const id = await world.deliver();
  await world.settle();

  expect((await gateOf(world, id)).judgement).not.toHaveProperty('platform');
  expect(await say(world, `why ${id}`)).toContain(
    '? unknown, for the delivery platform was not read: Environment checks',
  );
});

test('the summary decides nothing: verdict, subject and who is asked are the same whatever it says', async () => {
  const sound = await aWorld();
  sound.platforms.hold(aPlatform());
  const broken = await aWorld();
  broken.platforms.hold(aPlatform(aSection('environments', [anEnvironment({ checks: [] })])));
  const [one, other] = await Promise.all(
    [sound, broken].map(async ({ world }) => {
      await reported(world);
      const id = await world.deliver();
      await world.settle();
      return gateOf(world, id);
    }),
  );

  expect(other?.judgement?.platform?.environment.state).toBe('fail');
  expect(other?.subjectChecksum).toBe(one?.subjectChecksum);
  expect([other?.state, other?.judgement?.verdict]).toEqual([one?.state, one?.judgement?.verdict]);
  expect(other?.ask).toEqual(one?.ask);
});

test('a check that is switched off shows with the next judgement, and asks nobody anew', async () => {
  const { world, platforms } = await aWorld();
  platforms.hold(aPlatform());
  await reported(world);
  const id = await world.deliver();
  await world.settle();
  const first = await gateOf(world, id);
  platforms.hold(aPlatform(aSection('environments', [anEnvironment({ checks: [ourCheck({ isDisabled: true })] })])));
  await reported(world);
  await world.ports.gates.enqueue({ org: ORG, id }, 'judge', world.now);
  await world.core.outbox.drain(ORG, id);
  await world.settle();
  const second = await gateOf(world, id);

  expect(second.judgement?.platform?.environment.ours).toBe('off');
  expect(second.revision).toBe(first.revision);
  expect(await say(world, `why ${id}`)).toContain('✗ Environment checks fail: our check is disabled');
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();
  expect((await gateOf(world, id)).state).toBe('approved');
});

test('what cannot be read any more is unknown at the next gate, never the pass that it was', async () => {
  const { world, platforms } = await aWorld();
  const sections = aPlatform().sections.map((one) => ({ ...one, unknown: UNREAD }) as Section);
  platforms.hold({ organization: ORGANIZATION, sections });
  const id = await world.deliver();
  await world.settle();

  expect(await say(world, `why ${id}`)).toContain(`? Environment checks unknown: ${UNREAD.why} · last read`);
});

test('posture in the chat is for people of the directory, names what is missing and refuses what it does not know', async () => {
  const { world, platforms } = await aWorld();
  const people = aSection('people', undefined, { target: '-', name: 'contoso', why: UNREAD.why });
  platforms.hold(aPlatform(people));
  const text = await say(world, 'posture Payments-API PROD');

  expect(text).toMatch(/^Posture of payments-api in prod/);
  expect(text).toContain('✓ Environment checks pass: our check is on');
  expect(text).toContain('Users of contoso: give the account of the bot "View users" · nothing is known of it');
  expect(await say(world, 'posture payments-api', '00000000-0000-4000-8000-00000000dead')).not.toContain('Posture of');
  expect(await say(world, 'posture moon')).toMatch(/the catalog has no such service/);
  expect(await say(world, 'posture payments-api moon')).toMatch(/the contract has no such environment/);
});

test('the command line says it of one scope or of all, with 1 as long as anything is not known to be well', async () => {
  const { world, platforms } = await aWorld();
  platforms.hold(aPlatform(aSection('environments', [anEnvironment({ checks: [] })])));
  const { scopePostures: postures } = world.core;
  const lines = await showPosture(postures, { service: 'payments-api', environment: 'prod' }, 'lines');
  const json = await showPosture(postures, { service: 'payments-api', environment: 'prod' }, 'json');
  const csv = await showPosture(postures, undefined, 'csv');

  expect(lines.exitCode).toBe(1);
  expect(lines.lines[0]).toMatch(
    /^signal\thttps:\/\/dev\.azure\.com\/contoso\tpayments-api\tprod\tEnvironment checks\tfail\t\t\t\S+Z\tour check is missing/,
  );
  expect(JSON.parse(json.lines.join('\n'))).toMatchObject([
    {
      service: 'payments-api',
      environment: 'prod',
      signals: [{ signal: 'Environment checks', state: 'fail' }, {}, {}, {}, {}],
    },
  ]);
  expect(csv.lines[0]).toBe('kind,organization,service,environment,name,state,severity,count,asOf,detail,page\r');
  expect(csv.lines.some((line) => line.includes(',orders-api,'))).toBe(true);
  expect(await showPosture(postures, { service: 'moon' }, 'csv')).toMatchObject({ exitCode: 1, lines: [] });
});

test('status tells of each part of the platform, its age, and why it is not known', async () => {
  const { world, platforms } = await aWorld();
  const people = aSection('people', undefined, { target: '-', name: 'contoso', why: UNREAD.why });
  platforms.hold(aPlatform(people));
  const health = await world.core.status.deliveryHealth();

  expect(health.platform).toContainEqual({
    ...{ organization: ORGANIZATION, kind: 'people', target: '-', name: 'contoso', isStale: false },
    unknown: { since: expect.any(String), why: UNREAD.why },
  });
  const text = await say(world, 'status');
  expect(text).toContain('✗ contoso: 5 of 6 parts known');
  expect(text).toContain('? unknown: Users of contoso, never read whole: give the account of the bot "View users"');
});
