import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { API_KEY } from '../fakes/countersign.ts';
import {
  alex,
  basic,
  COMPLETED,
  HOOK_SECRET,
  type HookScene,
  OTHER_HOOK_SECRET,
  PENDING,
  PUBLIC_URL,
  STAGE,
  setHookScene,
} from '../fakes/hook-scene.ts';
import { linkIn } from '../fakes/sign-in-scene.ts';
import { elementOf, findAction, submittedData, wordsOf } from '../fakes/teams-card.ts';

// The second door on the whole product: service hooks, card, sign-in, and Azure DevOps' own record of who decided.

let scene: HookScene;
beforeAll(async () => {
  scene = await setHookScene();
  await scene.teams.install(alex);
});
afterAll(() => scene.close());
afterEach(() => {
  scene.tables.down = false;
});

const subscribed = (...eventTypes: readonly string[]) =>
  eventTypes.map((eventType) =>
    scene.azureDevOps.subscribe({ eventType, url: scene.eventsUrl, password: HOOK_SECRET }),
  );
const cardOf = (runName: string) =>
  scene.teams.until(() =>
    scene.teams.messages().find((one) => {
      const text = JSON.stringify(one.activity);
      return text.includes(runName) && text.includes('approval.decide');
    }),
  );

test('a native approval is decided on the card after a sign-in, and Azure DevOps has the person who clicked', async () => {
  subscribed(PENDING, COMPLETED, STAGE);
  const { azureDevOps, teams, tokens } = scene;
  const run = await scene.aReportedRun();
  const approval = scene.ask(run);
  const deliveries = await azureDevOps.deliverHooks({ reversed: true, twice: true });
  expect(new Set(deliveries.map(({ status }) => status))).toEqual(new Set([200]));

  const message = await cardOf(run.name);
  const card = teams.cardOf(message);
  const action = findAction(card, 'Action.Execute', { verb: 'approval.decide', verdict: 'approve' });
  const click = (brought = {}) => {
    const invoked = teams.actionActivity(alex, message, action.verb, submittedData(card, action, { comment: 'fine' }));
    return teams.send({ ...invoked, value: { ...(invoked['value'] as object), ...brought } });
  };
  const asked = await click();
  expect(asked.body).toMatchObject({ statusCode: 401, type: 'application/vnd.microsoft.activity.loginRequest' });
  expect(approval.status).toBe('pending');

  const state = tokens.signIn(linkIn(asked), { tenant: '7d1f3c52-0a4e-4a35-9a57-3f0c9d7b8e11', oid: alex.oid });
  const answered = await click({ state });
  expect(wordsOf(elementOf((answered.body as { value: unknown }).value, 'state'))).toContain('pproved');
  await expect.poll(() => approval.status).toBe('approved');
  expect(approval.steps).toMatchObject([
    { actual: { displayName: 'Alex Wilber' }, comment: expect.stringMatching(/^fine \(Countersign request \w+\)$/) },
  ]);
  const shown = () => wordsOf(teams.cardOf(teams.messages().find(({ id }) => id === message.id) ?? message));
  await expect.poll(shown).toContain('as the person who decided');

  azureDevOps.completeStage(run, 'Deploy', 'succeeded');
  await azureDevOps.deliverHooks();
  await expect.poll(shown).toContain('The stage ended as succeeded');
  expect(await scene.gates()).toHaveLength(1);
});

test('while the store is down a delivery is answered 503, and comes again by itself', async () => {
  const [subscription] = subscribed(PENDING);
  const run = await scene.aReportedRun();
  const before = (await scene.gates()).length;
  scene.ask(run);
  scene.tables.down = true;
  expect((await scene.azureDevOps.deliverHooks()).map(({ status }) => status)).toContain(503);
  scene.tables.down = false;
  expect(subscription?.status).toBe('enabled');
  await expect
    .poll(
      async () => {
        await scene.azureDevOps.deliverHooks();
        return (await scene.gates()).length;
      },
      { timeout: 10_000 },
    )
    .toBe(before + 1);
}, 20_000);

test.each([
  ['first', HOOK_SECRET],
  ['second', OTHER_HOOK_SECRET],
])('the %s of two secrets is let in while they are changed', async (_which, secret) => {
  expect((await scene.post({ id: 'e', eventType: 'other' }, basic('countersign', secret))).status).toBe(200);
});

test('operators see subscriptions that are missing or in trouble, and Azure DevOps is asked once for many looks', async () => {
  for (const eventType of [PENDING, COMPLETED])
    scene.azureDevOps.subscribe({ eventType, url: `${PUBLIC_URL}/api/azure-devops/events` });
  const asks = () => scene.azureDevOps.requests.filter(({ path }) => path.includes('hooks/subscriptions')).length;
  const before = asks();
  const health = async () =>
    (await (await fetch(`${scene.url}/health`, { headers: { 'X-Api-Key': API_KEY } })).json()) as { hooks: unknown };
  const [first] = [await health(), await health(), await health()];
  expect(first.hooks).toMatchObject([
    { organization: scene.azureDevOps.organizationUrl(), state: 'ok', lastEventAt: expect.any(String) },
  ]);
  expect(asks() - before).toBe(1);
});
