import type { IAdaptiveCard } from 'adaptivecards';
import { expect, test } from 'vitest';
import type { TurnPerson } from '../../bot/answer.ts';
import { handlersOf } from '../../bot/handlers-of.ts';
import { buttonById, factValue, inputIds, textById } from '../cards/read.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { aLife } from '../fakes/deployments.ts';
import { actor, exceptionAt, exceptionOf, grant, meetAll, nextOp, TERMS } from '../fakes/exception-scene.ts';
import { scanned } from '../fakes/scanned.ts';

// What is open as a service comes in, asked for in the chat.

const CREDENTIALS = ['hardcoded-credential-1', 'hardcoded-credential-2'];
const LINE = `request exception baseline sast payments-api prod until 2026-12-24 because ${TERMS.reason}`;
const FILLED = { ...TERMS, until: '2026-12-24', reviewEvery: 'sprint' };

/** payments-api with two code findings that block, and no exception of its own left. */
async function comingIn() {
  const life = await aLife(['contract.yaml', 'exceptionsPerService: 5', 'exceptionsPerService: 1']);
  const { world } = life;
  await meetAll(world);
  await scanned(world, CREDENTIALS);
  const { runAction, runCommand } = handlersOf(world.core);
  const adele: TurnPerson = { ...actor(PEOPLE.adele), kind: 'person' };
  return {
    ...life,
    say: async (text: string) => {
      const answer = await runCommand(adele, text, nextOp());
      await world.core.idle();
      return answer;
    },
    submit: async (form: IAdaptiveCard, inputs: object) => {
      const data = { ...buttonById(form, 'submit')?.data, ...inputs };
      const answer = await runAction(adele, { verb: 'exception.submit', data, op: nextOp() });
      await world.core.idle();
      return answer;
    },
  };
}

const cardIn = ({ card, text }: { readonly card?: unknown; readonly text: string }) => {
  if (card === undefined) throw new Error(text);
  return card as IAdaptiveCard;
};

test('the form of a baseline says what it covers, and what is sent covers that alone, outside the budget', async () => {
  const { world, say, submit } = await comingIn();
  const form = cardIn(await say(LINE));
  expect(textById(form, 'state')).toContain('It would hide 2 findings');
  expect(textById(form, 'state')).toContain('all that are open as payments-api comes in');
  expect(factValue(form, 'facts', 'Covers')).toBe('exactly 2 findings, not what may come');
  expect(factValue(form, 'facts', 'Budget')).toContain('outside of it');
  expect(buttonById(form, 'submit')?.data).toMatchObject({ baseline: true });
  expect(await world.ports.exceptions.live()).toEqual([]);

  const lacking = cardIn(await submit(form, { ...FILLED, reason: '' }));
  expect(textById(lacking, 'error')).toContain('the reason is missing');
  expect(buttonById(lacking, 'submit')?.data).toMatchObject({ baseline: true });
  await submit(lacking, FILLED);
  const asked = await exceptionAt(world, 'EX-1');
  expect(asked).toMatchObject({ state: 'requested', baseline: true, target: { control: 'sast' } });
  expect(asked.target.fingerprints).toHaveLength(2);
});

test('a form of a baseline is sent for nothing else', async () => {
  const { world, say, submit } = await comingIn();
  const form = cardIn(await say(LINE));
  const stripped = JSON.parse(JSON.stringify(form).replaceAll(',"baseline":true', '')) as IAdaptiveCard;
  expect(buttonById(stripped, 'submit')?.data).not.toHaveProperty('baseline');
  expect(textById(cardIn(await submit(stripped, FILLED)), 'error')).toContain('has changed since');
  await scanned(world, [...CREDENTIALS, 'hardcoded-credential-3']);
  expect(textById(cardIn(await submit(form, FILLED)), 'error')).toContain('has changed since');
  expect(await world.ports.exceptions.live()).toEqual([]);
});

test('who wants it a second time, for secrets, or after a deployment is told so before any form', async () => {
  const { world, say, submit, deploy, decide, gate } = await comingIn();
  await scanned(world, ['a-key'], { tool: 'gitleaks' });
  const secrets = await say(LINE.replace('sast', 'secret-scanning'));
  expect(secrets.text).toContain('never covered for all at once');
  await submit(cardIn(await say(LINE)), FILLED);
  exceptionOf(await grant(world, 'EX-1'));
  const again = await say(LINE);
  expect(again.card === undefined ? [] : inputIds(again.card as IAdaptiveCard)).toEqual([]);
  expect(again.text).toContain('was covered once already');

  await scanned(world, [], { tool: 'gitleaks' });
  const requestId = await deploy();
  await decide(requestId, PEOPLE.alex);
  await world.settle();
  expect((await gate(requestId)).state).toBe('approved');
  expect((await say(LINE)).text).toContain('deployed there already');
});
