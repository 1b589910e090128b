import { expect, onTestFinished, test } from 'vitest';
import { createWhoApproves } from '../../bot/handlers/who-approves.ts';
import { textById } from '../cards/read.ts';
import { createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { startCountersign } from '../fakes/countersign.ts';
import { by } from '../fakes/waiting-gate.ts';

test('in the chat an unknown name gets the nearest one, a stranger the refusal, anybody else the card', async () => {
  const { core } = await createCoreWorld();
  const ask = createWhoApproves(core.approvers);

  expect(await ask(by(PEOPLE.isaiah), 'payment-api', 'prod')).toEqual({
    text: expect.stringContaining('Did you mean "payments-api"?'),
  });
  expect(await ask(by(PEOPLE.isaiah), 'payments-api', 'pord')).toEqual({
    text: expect.stringContaining('Did you mean "prod"?'),
  });
  expect((await ask(by('99999999-0000-4000-8000-000000000009'), 'payments-api', 'prod')).card).toBeUndefined();
  const { card, text } = await ask(by(PEOPLE.isaiah), 'payments-api', 'prod');
  expect(card && textById(card, 'title')).toBe('Who approves payments-api in prod');
  expect(text).toContain('Alex Wilber, Megan Bowen');
});

test('typed in Teams, the command is answered with the card, and whoever installs the app is reachable from then on', async () => {
  const { teams, close } = await startCountersign();
  onTestFinished(close);
  const isaiah = { oid: PEOPLE.isaiah, name: 'Isaiah Langer' };
  const ask = async () => {
    expect((await teams.say(isaiah, '/Who Approves payments-api PROD')).status).toBe(200);
    return JSON.stringify(teams.messages().at(-1)?.activity);
  };
  await teams.install(isaiah);

  expect(await ask()).toContain('Not reachable before they install Countersign in Teams: Alex Wilber and Megan Bowen');
  await teams.install({ oid: PEOPLE.alex, name: 'Alex Wilber' });
  await teams.install({ oid: PEOPLE.megan, name: 'Megan Bowen' });
  expect(await ask()).toContain('All who get a card can be reached');
});
