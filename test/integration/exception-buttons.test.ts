import type { IAdaptiveCard } from 'adaptivecards';
import { expect, test } from 'vitest';
import type { Answer, TurnPerson } from '../../bot/answer.ts';
import { handlersOf } from '../../bot/handlers-of.ts';
import { renderNews } from '../../bot/render.ts';
import { gateCard } from '../../cards/gate-card.ts';
import type { ExceptionNews } from '../../services/ports/notifier.ts';
import { buttonById, buttonsOf, factValue, inputIds, textById } from '../cards/read.ts';
import { type Blocked, blocked } from '../fakes/blocked-life.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import type { Life } from '../fakes/deployments.ts';
import { actor, CAST, exceptionAt, kindsOf, nextOp, pass, TERMS, toldOf } from '../fakes/exception-scene.ts';

const person = (oid: string): TurnPerson => ({ ...actor(oid), kind: 'person' });

/** Presses what is on the card, as a client does: with its data and, where they go along, the inputs. */
async function press(life: Life, oid: string, card: IAdaptiveCard, id: string, inputs: object = {}): Promise<Answer> {
  const pressed = buttonById(card, id);
  if (pressed === undefined) throw new Error(`no ${id} among ${buttonsOf(card).map((one) => one.id)}`);
  const sent = Object.fromEntries(inputIds(card).map((name) => [String(name), '']));
  const data = pressed.associatedInputs === 'auto' ? { ...pressed.data, ...sent, ...inputs } : pressed.data;
  const { runAction } = handlersOf(life.world.core);
  const answer = await runAction(person(oid), { verb: String(pressed.verb), data, op: nextOp() });
  await life.world.settle();
  return answer;
}

function cardIn({ card, text }: Answer): IAdaptiveCard {
  if (card === undefined) throw new Error(text);
  return card;
}

const blockedCard = async (life: Blocked) => gateCard(await life.gate(life.requestId), { oid: PEOPLE.adele });
const newsCard = (life: Life, oid: string, topic: ExceptionNews['topic']) => {
  const told = toldOf(life.world, oid)
    .filter((one) => one.topic === topic)
    .at(-1);
  if (told === undefined) throw new Error(`nobody told ${oid} of ${topic}`);
  return renderNews(told).card as IAdaptiveCard;
};

/** Adele asks from the card that blocks her, and Megan grants it from the card that asks her. */
async function granted(life: Blocked) {
  const form = cardIn(await press(life, PEOPLE.adele, await blockedCard(life), 'exception-1'));
  await press(life, PEOPLE.adele, form, 'submit', TERMS);
  return cardIn(await press(life, PEOPLE.megan, newsCard(life, PEOPLE.megan, 'ask'), 'approve'));
}

test('from the blocked card through the form to the decision of another person every step is a button', async () => {
  const life = await blocked();
  const form = cardIn(await press(life, PEOPLE.adele, await blockedCard(life), 'exception-1'));
  expect(factValue(form, 'facts', 'Budget')).toMatch(/^0 of \d+ exceptions of payments-api are in use$/);

  const lacking = cardIn(await press(life, PEOPLE.adele, form, 'submit', { ...TERMS, reason: '' }));
  expect(textById(lacking, 'error')).toContain('the reason is missing');
  expect(await life.world.ports.exceptions.live()).toEqual([]);

  const asked = cardIn(await press(life, PEOPLE.adele, lacking, 'submit', TERMS));
  expect(textById(asked, 'state')).toContain('Asked for: 0 of 1 approval');
  expect(buttonsOf(asked).map(({ id }) => id)).toEqual(['withdraw', 'handover', 'refresh']);
  expect(textById(await blockedCard(life), 'state')).toContain('EX-1 is asked for');

  const done = cardIn(await press(life, PEOPLE.megan, newsCard(life, PEOPLE.megan, 'ask'), 'approve'));
  expect(textById(done, 'state')).toContain('In force until the end of Mon 30 Nov 2026 (UTC)');
  expect((await life.gate(life.requestId)).state).toBe('asked');
  expect(textById(newsCard(life, PEOPLE.adele, 'outcome'), 'title')).toContain('EX-1 is granted');
});

test('a group of several findings asks for all that block the request', async () => {
  const life = await blocked(['a-key', 'a-key']);
  const prints = (await life.gate(life.requestId)).judgement?.blocks.flatMap(({ fingerprints }) => fingerprints);
  const form = cardIn(await press(life, PEOPLE.adele, await blockedCard(life), 'exception-1'));
  await press(life, PEOPLE.adele, form, 'submit', TERMS);

  expect((await exceptionAt(life.world, 'EX-1')).target.fingerprints).toEqual(prints?.toSorted());
});

test('a second person joins by a button, and a third sees it in the way they may', async () => {
  const life = await blocked();
  const form = cardIn(await press(life, PEOPLE.adele, await blockedCard(life), 'exception-1'));
  await press(life, PEOPLE.adele, form, 'submit', TERMS);
  const offered = cardIn(await press(life, CAST.diego, await blockedCard(life), 'exception-1'));
  expect(textById(offered, 'state')).toContain('EX-1 is asked for already');

  const joined = cardIn(await press(life, CAST.diego, offered, 'submit'));
  expect(textById(joined, 'history')).toContain('Joined by you');
  const seen = cardIn(await press(life, PEOPLE.megan, await blockedCard(life), 'awaited'));
  expect(buttonsOf(seen).map(({ id }) => id)).toEqual(expect.arrayContaining(['approve', 'reject']));
});

test('a form for something that would hide more by now is refused and shown as it is now', async () => {
  const life = await blocked();
  const form = cardIn(await press(life, PEOPLE.adele, await blockedCard(life), 'exception-1'));
  const old = {
    ...form,
    actions: JSON.parse(JSON.stringify(form.actions).replace(/"shown":"[^"]+"/g, '"shown":"aaaaaaaaaaaaaaaa"')),
  };
  const answer = cardIn(await press(life, PEOPLE.adele, old, 'submit', TERMS));

  expect(textById(answer, 'error')).toContain('has changed since');
  expect(inputIds(answer)).toContain('reason');
  expect(await life.world.ports.exceptions.live()).toEqual([]);
});

test('where the control grants none, or nothing is open any more, the button says so and shows no form', async () => {
  const life = await blocked();
  const { runAction } = handlersOf(life.world.core);
  const wish = { verb: 'exception.request', requestId: life.requestId, service: 'payments-api', environment: 'prod' };
  const press = (control: string) =>
    runAction(person(PEOPLE.adele), { verb: wish.verb, data: { ...wish, control }, op: nextOp() });

  const answer = await press('dependency-scanning');
  expect(textById(cardIn(answer), 'error')).toContain('no exception is needed');
  expect(buttonsOf(cardIn(answer)).map(({ id }) => id)).toEqual(['back']);
  expect(textById(cardIn(await press('no-such-control')), 'error')).toContain('no such control');
});

test('an approver grants a shorter time, and a day that cannot be read decides nothing', async () => {
  const life = await blocked();
  const form = cardIn(await press(life, PEOPLE.adele, await blockedCard(life), 'exception-1'));
  await press(life, PEOPLE.adele, form, 'submit', TERMS);
  const card = newsCard(life, PEOPLE.megan, 'ask');

  const unread = cardIn(await press(life, PEOPLE.megan, card, 'approve', { until: 'soon' }));
  expect(textById(unread, 'error')).toContain('no date that I can read');
  expect((await exceptionAt(life.world, 'EX-1')).state).toBe('requested');
  await press(life, PEOPLE.megan, card, 'approve', { until: '2026-11-27' });
  expect(await exceptionAt(life.world, 'EX-1')).toMatchObject({ state: 'active', terms: { until: '2026-11-27' } });
});

test('a refusal without a comment decides nothing, and one with it ends the request', async () => {
  const life = await blocked();
  const form = cardIn(await press(life, PEOPLE.adele, await blockedCard(life), 'exception-1'));
  await press(life, PEOPLE.adele, form, 'submit', TERMS);
  const card = newsCard(life, PEOPLE.megan, 'ask');

  expect(textById(cardIn(await press(life, PEOPLE.megan, card, 'reject')), 'error')).toContain('needs a comment');
  const refused = cardIn(await press(life, PEOPLE.megan, card, 'reject', { comment: 'Mend it.' }));
  expect(textById(refused, 'history')).toContain('Mend it.');
  expect((await exceptionAt(life.world, 'EX-1')).state).toBe('rejected');
});

test('its owner keeps, shrinks and hands it over by buttons, and who is nothing to it has none', async () => {
  const life = await blocked();
  await granted(life);
  await pass(life.world, 2);
  const asked = newsCard(life, CAST.diego, 'review');

  expect(textById(cardIn(await press(life, CAST.diego, asked, 'keep')), 'error')).toContain('write why');
  const kept = cardIn(await press(life, CAST.diego, asked, 'keep', { comment: 'Monday' }));
  expect(textById(kept, 'history')).toMatch(/Kept by you on .* Monday/);
  const shrunk = cardIn(await press(life, CAST.diego, kept, 'shrink', { comment: 'sooner', until: '2026-11-28' }));
  expect((await exceptionAt(life.world, 'EX-1')).terms.until).toBe('2026-11-28');

  const step = cardIn(await press(life, CAST.diego, shrunk, 'handover'));
  const wrong = cardIn(await press(life, CAST.diego, step, 'handover', { to: 'Nobody Known' }));
  expect(textById(wrong, 'error')).toContain('nobody called Nobody Known');
  const handed = cardIn(await press(life, CAST.diego, wrong, 'handover', { to: `user:${PEOPLE.isaiah}` }));
  expect(factValue(handed, 'facts', 'Owner')).toBe('Isaiah Langer');
  expect(buttonsOf(handed).map(({ id }) => id)).toEqual(['refresh']);
});

test('a revocation asks why before anything happens', async () => {
  const life = await blocked();
  const step = cardIn(await press(life, PEOPLE.megan, await granted(life), 'revoke'));
  expect((await exceptionAt(life.world, 'EX-1')).state).toBe('active');

  const blank = cardIn(await press(life, PEOPLE.megan, step, 'revoke'));
  expect(textById(blank, 'error')).toContain('write why');
  await press(life, PEOPLE.megan, blank, 'revoke', { comment: 'the key is in use again' });
  expect((await exceptionAt(life.world, 'EX-1')).state).toBe('revoked');
  expect((await life.gate(life.requestId)).state).toBe('blocked');
});

test('a renewal shows the form first, keeps the terms that there were, and is a request of its own', async () => {
  const life = await blocked();
  await granted(life);
  const { runAction } = handlersOf(life.world.core);
  const data = { verb: 'exception.renew', exceptionId: 'EX-1', revision: 1 };
  const form = cardIn(await runAction(person(CAST.diego), { verb: data.verb, data, op: nextOp() }));
  expect(textById(form, 'title')).toContain('Renew EX-1');

  const inputs = { ...TERMS, reason: 'The rewrite takes a week longer', until: '2026-12-01' };
  const asked = cardIn(await press(life, CAST.diego, form, 'submit', inputs));
  expect(factValue(asked, 'facts', 'Renewals')).toBe('1st renewal of 1, after EX-1');
  expect((await exceptionAt(life.world, 'EX-1')).state).toBe('active');
});

test('whoever wants more than the control grants is told so before any form, and the owner of the control hears of it', async () => {
  const life = await blocked();
  await granted(life);
  const { runAction } = handlersOf(life.world.core);
  const renew = (exceptionId: string) =>
    runAction(person(CAST.diego), {
      verb: 'exception.renew',
      data: { verb: 'exception.renew', exceptionId, revision: 1 },
      op: nextOp(),
    });
  await press(life, CAST.diego, cardIn(await renew('EX-1')), 'submit', { ...TERMS, until: '2026-12-01' });
  await press(life, PEOPLE.megan, newsCard(life, PEOPLE.megan, 'ask'), 'approve');

  const over = cardIn(await renew('EX-2'));
  await life.world.settle();
  expect(textById(over, 'error')).toContain('this is no longer an exception');
  expect(inputIds(over)).toEqual([]);
  const overdrawnAt = life.world.now;
  life.world.advance(60);
  await renew('EX-2');
  await life.world.settle();
  expect((await exceptionAt(life.world, 'EX-2')).overdrawnAt).toBe(overdrawnAt);
  expect((await kindsOf(life.world, 'EX-2')).filter((kind) => kind === 'renewal-refused')).toHaveLength(1);
});

test('a card of an earlier revision renews nothing, and shows the form as it is now', async () => {
  const life = await blocked();
  await granted(life);
  const { runAction } = handlersOf(life.world.core);
  const data = { verb: 'exception.renew', exceptionId: 'EX-1', revision: 0, ...TERMS, until: '2026-12-01' };
  const answer = cardIn(await runAction(person(CAST.diego), { verb: data.verb, data, op: nextOp() }));

  expect(textById(answer, 'error')).toContain('has changed since');
  expect((await life.world.ports.exceptions.live()).map(({ id }) => id)).toEqual(['EX-1']);
});

test.each([
  'exception.view',
  'exception.renew',
  'exception.revoke',
  'exception.handover',
  'exception.withdraw',
  'exception.decide',
  'exception.review',
])('%s of a stranger, and of an exception that nobody was given, is a sentence without a card', async (verb) => {
  const life = await blocked();
  await granted(life);
  const { runAction } = handlersOf(life.world.core);
  const more = { 'exception.decide': { verdict: 'approve' }, 'exception.review': { answer: 'keep', comment: 'x' } };
  const send = (oid: string, exceptionId: string) => {
    const data = { verb, exceptionId, revision: 1, ...(more as Record<string, object>)[verb] };
    return runAction(person(oid), { verb, data, op: nextOp() });
  };

  const stranger = await send('00000000-0000-4000-8000-00000000dead', 'EX-1');
  expect(stranger).not.toHaveProperty('card');
  expect(stranger.text).not.toMatch(/payments|secret-scanning/);
  const unknown = await send(PEOPLE.megan, 'EX-99');
  expect(unknown).not.toHaveProperty('card');
  expect(unknown.text).toContain('there is no exception EX-99 here');
});
