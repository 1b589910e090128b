import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { SimulatedCheck } from '../fakes/azure-devops-model.ts';
import { type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { personalConversation, type TeamsUser } from '../fakes/teams.ts';
import { aGateThatAsks, alex } from '../hostile/asked-gate.ts';

// The whole product: an administrator of Azure DevOps lets a stage go on, and people say why in Teams.

const adele: TeamsUser = { oid: PEOPLE.adele, name: 'Adele Vance' };
const diego: TeamsUser = { oid: '136b7a8b-8bfb-4a8d-b680-bd2b183ee7cb', name: 'Diego Siciliani' };
const REASON = 'The shop was down and nobody of the leads could be reached.';

let scene: CheckScene;
beforeAll(async () => {
  scene = await setCheckScene();
  for (const person of [alex, adele, diego]) await scene.teams.install(person);
});
afterAll(() => scene.close());
afterEach(() => {
  vi.useRealTimers();
});

/** The administrator acts, and the reconciler comes round once the gate is not young any more. */
async function bypassed(check: SimulatedCheck): Promise<void> {
  scene.azureDevOps.completeCheckByItself(check, 'succeeded');
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6 * 60_000 });
  await scene.app.core.reconcile();
  await scene.app.core.idle();
}

const stateOf = async (id: string) => (await scene.app.core.approvals.find(id))?.state;
const cardOf = (user: TeamsUser, id: string) =>
  scene.teams
    .messages(personalConversation(user))
    .findLast((message) => JSON.stringify(scene.teams.cardOf(message)).includes(id)) ??
  expect.fail(`${user.name} has no card of ${id}`);

test('a stage that was let go on while people were asked is explained by its requester and confirmed by its owner', async () => {
  const { id, check } = await aGateThatAsks(scene);
  await bypassed(check);
  expect(await stateOf(id)).toBe('bypassed');
  const explained = await scene.teams.press(adele, cardOf(adele, id), 'bypass.explain', {
    reason: REASON,
    ticket: 'INC-4711',
  });
  expect(JSON.stringify(explained.value)).toContain('explained by you, waits for payments-owners');
  await scene.app.core.idle();
  const confirmed = await scene.teams.press(diego, cardOf(diego, id), 'bypass.confirm');
  expect(JSON.stringify(confirmed.value)).toContain('confirmed by you');
  expect(scene.azureDevOps.events).toEqual([]);
});

test('a stage that was let go on while it was blocked is explained and confirmed by typing', async () => {
  const check = scene.waiting();
  const id = String((await scene.send(check)).json['requestId']);
  await scene.app.core.idle();
  expect(await stateOf(id)).toBe('blocked');
  await bypassed(check);
  expect(await stateOf(id)).toBe('bypassed');
  await scene.teams.say(adele, `explain ${id} INC-4712 ${REASON}`);
  await scene.teams.say(diego, `confirm ${id}`);
  expect((await scene.app.core.approvals.find(id))?.bypass).toMatchObject({
    explained: { by: { oid: adele.oid }, ticket: 'INC-4712', reason: REASON },
    confirmed: { by: { oid: diego.oid } },
  });
});

test('a stage that waits is no bypass', async () => {
  const { id } = await aGateThatAsks(scene);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6 * 60_000 });
  await scene.app.core.reconcile();
  expect(await stateOf(id)).toBe('asked');
});
