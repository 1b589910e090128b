import type { IAdaptiveCard } from 'adaptivecards';
import { expect, test } from 'vitest';
import type { TurnPerson } from '../../bot/answer.ts';
import { handlersOf } from '../../bot/handlers-of.ts';
import { exceptionCard } from '../../cards/exception-card.ts';
import { buttonById, objectsIn, textById } from '../cards/read.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { aLife } from '../fakes/deployments.ts';
import { actor, ask, CAST, exceptionAt, exceptionOf, grant, meetAll, nextOp } from '../fakes/exception-scene.ts';
import { scanned } from '../fakes/scanned.ts';

// Approvers grant, and owners keep, some of the findings that were asked for; nobody more than those.

const FORGED = 'f'.repeat(32);
const person = (oid: string): TurnPerson => ({ ...actor(oid), kind: 'person' });

/** EX-1, asked for from a request that is blocked by these secrets. */
async function asked(rules: readonly string[] = ['key-1', 'key-2', 'key-3']) {
  const life = await aLife();
  const { world } = life;
  await meetAll(world);
  await scanned(world, rules, { tool: 'gitleaks', level: 'warning' });
  const requestId = await life.deploy();
  const { id, target } = exceptionOf(await ask(world, { requestId }));
  const prints = target.fingerprints ?? [];
  expect(prints).toHaveLength(rules.length);
  const { runAction, runCommand } = handlersOf(world.core);
  return {
    ...life,
    id,
    prints,
    requestId,
    state: async () => (await life.gate(requestId)).state,
    card: async (oid: string, standing: object) =>
      exceptionCard(
        await exceptionAt(world, id),
        { oid },
        { standing: { approver: false, owner: false, controlOwner: false, ...standing }, now: world.now },
      ),
    press: async (oid: string, card: IAdaptiveCard, button: string, inputs: object) => {
      const data = { ...buttonById(card, button)?.data, ...inputs } as { readonly verb: string };
      const answer = await runAction(person(oid), { verb: data.verb, data, op: nextOp() });
      await world.core.idle();
      return answer;
    },
    say: async (oid: string, text: string) => {
      const answer = await runCommand(person(oid), text, nextOp());
      await world.core.idle();
      return answer;
    },
  };
}

const choicesOf = (card: IAdaptiveCard) => objectsIn(card).filter(({ id }) => id === 'only');
const errorOf = ({ card }: { readonly card?: unknown }) => textById(card as IAdaptiveCard, 'error');

test('an approver grants some of the findings by the card: what was taken out goes on blocking', async () => {
  const { world, id, prints, card, press, gate, requestId } = await asked();
  const shown = await card(PEOPLE.megan, { approver: true });
  expect(choicesOf(shown)).toMatchObject([
    { isMultiSelect: true, value: prints.join(','), choices: prints.map((value) => ({ value })) },
  ]);
  await press(PEOPLE.megan, shown, 'approve', { only: prints.slice(1).join(',') });
  expect(await exceptionAt(world, id)).toMatchObject({
    state: 'active',
    revision: 2,
    target: { fingerprints: prints.slice(1) },
  });
  expect(await gate(requestId)).toMatchObject({
    state: 'blocked',
    judgement: { blocks: [{ fingerprints: [prints[0]] }] },
  });
});

test('with all findings chosen, as they are at first, it is granted as it was asked for', async () => {
  const { world, id, prints, card, press, state } = await asked();
  await press(PEOPLE.megan, await card(PEOPLE.megan, { approver: true }), 'approve', { only: prints.join(',') });
  expect(await exceptionAt(world, id)).toMatchObject({
    state: 'active',
    revision: 1,
    target: { fingerprints: prints },
  });
  expect(await state()).toBe('asked');
});

test.each([
  ['none', () => ''],
  ['a forged one', () => FORGED],
  ['a forged one among its own', (prints: readonly string[]) => `${prints[0]},${FORGED}`],
  ['no fingerprint', () => '*'],
  ['more than can be', () => Array.from({ length: 500 }, () => FORGED).join(',')],
])('with %s chosen nothing is granted, and nothing is shrunk', async (_, chosen) => {
  const { world, id, prints, card, press } = await asked();
  const only = chosen(prints);
  const before = await exceptionAt(world, id);
  const answer = await press(PEOPLE.megan, await card(PEOPLE.megan, { approver: true }), 'approve', { only });
  expect(errorOf(answer)).toContain('it may only get less');
  expect(await exceptionAt(world, id)).toEqual(before);

  const active = exceptionOf(await grant(world, id));
  const owned = await card(CAST.diego, { owner: true });
  await press(CAST.diego, owned, 'shrink', { only, comment: 'less will do' });
  expect((await exceptionAt(world, id)).target).toEqual(active.target);
});

test('its owner shrinks it to some of its findings by the card, with why', async () => {
  const { world, id, prints, card, press, state } = await asked();
  await grant(world, id);
  expect(await state()).toBe('asked');
  const owned = await card(CAST.diego, { owner: true });
  expect(choicesOf(owned)).toHaveLength(1);
  const all = await press(CAST.diego, owned, 'shrink', { only: prints.join(','), comment: 'less will do' });
  expect(errorOf(all)).toContain('nothing would get smaller');
  await press(CAST.diego, owned, 'shrink', { only: prints[0], comment: 'the others are mended' });
  expect(await exceptionAt(world, id)).toMatchObject({
    target: { fingerprints: [prints[0]] },
    reviews: { last: { answer: 'shrink', why: 'the others are mended' } },
  });
  expect(await state()).toBe('blocked');
});

test('of an exception from whatever a control finds, what is no fingerprint is nothing less', async () => {
  const { world, press, card } = await asked();
  await scanned(world, ['hardcoded-credential']);
  const { id } = exceptionOf(await ask(world, { control: 'sast' }, { reviewEvery: 'sprint' }));
  expect((await exceptionAt(world, id)).target).not.toHaveProperty('fingerprints');
  const shown = await card(PEOPLE.megan, { approver: true });
  const other = JSON.parse(JSON.stringify(shown).replaceAll('"EX-1"', `"${id}"`));
  expect(errorOf(await press(PEOPLE.megan, other, 'approve', { only: 'anything' }))).toContain('it may only get less');
  expect((await exceptionAt(world, id)).state).toBe('requested');
});

test('the same is said in words, by whole fingerprints', async () => {
  const { world, id, prints, say } = await asked();
  const [first = '', second = ''] = prints;
  for (const words of [`only ${FORGED}`, `only ${first.slice(0, 12)}`, `only ${first} ${FORGED} because x`])
    await say(PEOPLE.megan, `grant ${id} ${words}`);
  expect((await exceptionAt(world, id)).state).toBe('requested');
  await say(
    PEOPLE.megan,
    `grant ${id} only ${first}, ${second.toUpperCase()} until Friday because the third is mended`,
  );
  expect(await exceptionAt(world, id)).toMatchObject({
    state: 'active',
    target: { fingerprints: [first, second] },
    terms: { until: '2026-11-27' },
    votes: [{ comment: 'the third is mended' }],
  });
  await say(CAST.diego, `review ${id} shrink ${FORGED} because x`);
  await say(CAST.diego, `review ${id} shrink ${prints[2]} because it may come back`);
  expect((await exceptionAt(world, id)).target.fingerprints).toEqual([first, second]);
  await say(CAST.diego, `review ${id} shrink ${second} because the first is mended`);
  expect((await exceptionAt(world, id)).target.fingerprints).toEqual([second]);
});

test('there is nothing to choose among with one finding, or with more than can be read', async () => {
  for (const count of [1, 21]) {
    const { card } = await asked(Array.from({ length: count }, (_, n) => `key-${n}`));
    expect(choicesOf(await card(PEOPLE.megan, { approver: true }))).toEqual([]);
  }
});
