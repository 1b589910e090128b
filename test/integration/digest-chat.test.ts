import { expect, test } from 'vitest';
import { handlersOf } from '../../bot/handlers-of.ts';
import type { Gate } from '../../services/domain/gate.ts';
import { buttonsOf } from '../cards/read.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { rulesOf } from '../fakes/digest-scene.ts';
import { actor } from '../fakes/exception-scene.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';

const said = (world: CoreWorld, oid: string, text: string) =>
  handlersOf(world.core).runCommand({ ...actor(oid), zone: 'Europe/Berlin' }, text, `op ${text}`);

test('digest says what is open of the person and their groups, on a card and as text', async () => {
  const world = await createCoreWorld();
  await scanned(world, rulesOf(7));
  const { text, card } = await said(world, PEOPLE.adele, 'digest');
  expect(text).toContain('● 7 new');
  expect(text).toContain('payments-api: 7 new');
  expect(text).toContain('Europe/Berlin');
  expect(card && buttonsOf(card).map(({ verb }) => verb)).toContain('digest.more');
  expect((await said(world, PEOPLE.isaiah, 'digest')).text).toContain('Nothing new: no warning is open');
});

test('the rest of a section and the reason of one warning come by their buttons', async () => {
  const world = await createCoreWorld();
  await scanned(world, rulesOf(7));
  const { runAction } = handlersOf(world.core);
  const more = { verb: 'digest.more', service: 'payments-api', section: 'new' };
  const rest = await runAction(actor(PEOPLE.adele), { verb: more.verb, data: more, op: 'op' });
  for (const rule of rulesOf(7)) expect(rest.text).toContain(rule);
  const why = rest.card && buttonsOf(rest.card).find(({ verb }) => verb === 'finding.why');
  const reason = await runAction(actor(PEOPLE.adele), { verb: 'finding.why', data: why?.data, op: 'op' });
  expect(reason.text).toContain('Needs calibration: code findings depend on context before they may block');
  const gone = { verb: 'digest.more', service: 'no-such', section: 'new' };
  const answer = await runAction(actor(PEOPLE.adele), { verb: gone.verb, data: gone, op: 'op' });
  expect(answer.text).toBe(
    'Nothing was done: the catalog has no service no-such any more. "digest" shows what is open now.',
  );
});

test('a finding is claimed and put off from its row, and the digest says so from then on', async () => {
  const world = await createCoreWorld();
  await scanned(world, ['weak-random']);
  const { runAction } = handlersOf(world.core);
  const { card } = await said(world, PEOPLE.adele, 'digest');
  const press = (verb: string, more: object = {}) => {
    const data = card && buttonsOf(card).find((one) => one.verb === verb)?.data;
    return runAction(actor(PEOPLE.adele), { verb, data: { ...data, ...more }, op: verb });
  };
  await press('finding.claim');
  expect((await said(world, PEOPLE.adele, 'digest')).text).toContain('Adele Vance has it');
  await press('finding.snooze', { until: '2026-11-30' });
  const later = (await said(world, PEOPLE.adele, 'digest')).text;
  expect(later).toContain('Nothing new: 1 warning open, none overdue');
});

test('a stranger reads no warning', async () => {
  const world = await createCoreWorld();
  await scanned(world, ['weak-random']);
  const stranger = '00000000-0000-4000-8000-000000000000';
  for (const text of ['digest', 'subscribe payments-api', 'unsubscribe payments-api'])
    expect((await said(world, stranger, text)).text).not.toMatch(/weak-random|subscribed/);
});

test.each([
  ['somebody whom the directory does not know', { oid: '00000000-0000-4000-8000-000000000000' }],
  ['a guest', { oid: '78f1bdf8-c249-4648-bb9a-88502761ba65' }],
  ['an owner by the id of another tenant', { oid: PEOPLE.adele, tenant: '00000000-0000-4000-8000-00000000000f' }],
])('%s reads no warning by the buttons of a digest either', async (_, who) => {
  const world = await createCoreWorld();
  await scanned(world, ['weak-random']);
  const { runAction } = handlersOf(world.core);
  const { card } = await said(world, PEOPLE.adele, 'digest');
  const why = card && buttonsOf(card).find(({ verb }) => verb === 'finding.why')?.data;
  const more = { verb: 'digest.more', service: 'payments-api', section: 'new' };
  for (const data of [why, more]) {
    const verb = String(data?.['verb']);
    expect((await runAction(actor(PEOPLE.adele), { verb, data, op: 'op' })).text).toContain('weak-random');
    const answer = await runAction({ ...actor(PEOPLE.adele), ...who }, { verb, data, op: 'op' });
    expect(JSON.stringify(answer)).not.toContain('weak-random');
  }
});

test('subscribe and unsubscribe say what the digest has from now on', async () => {
  const world = await createCoreWorld();
  const say = async (text: string) => (await said(world, PEOPLE.isaiah, text)).text;
  expect(await say('subscribe Payments-Api')).toBe(
    'Your daily digest has everything of payments-api from now on. You are subscribed to payments-api.',
  );
  expect(await say('subscribe payments-api')).toContain('Nothing was done: you are subscribed to payments-api.');
  expect(await say('subscribe prod')).toContain('You are subscribed to payments-api and prod.');
  expect(await say('subscribe paymets-api')).toContain('Did you mean "payments-api"?');
  expect(await say('subscribe')).toContain('"subscribe SCOPE"');
  expect(await say('unsubscribe PROD')).toContain('only what you own of prod');
  expect(await say('unsubscribe prod')).toContain('you are not subscribed to prod');
});

test('what digests read and write gates nothing: with them and without, a request is judged alike', async () => {
  const judged = async (isTold: boolean): Promise<Gate['judgement']> => {
    const world = await createCoreWorld();
    await world.meet(PEOPLE.adele);
    await scanned(world, ['weak-random', 'hardcoded-credential']);
    if (isTold) await said(world, PEOPLE.adele, 'subscribe payments-api');
    if (isTold) await world.core.reconcile();
    expect(world.news.length > 0).toBe(isTold);
    const id = await world.deliver();
    await world.settle();
    return (await world.core.approvals.find(id))?.judgement;
  };
  expect(await judged(true)).toEqual(await judged(false));
});

test('an exception is asked for from the row of what is announced to block; what only warns has no such button', async () => {
  const announced = 'hardcoded-secret**"] }\n        then: block';
  const policyDir = await policyFolder(['contract.yaml', announced, `${announced}\n        from: 2027-01-15`]);
  const world = await createCoreWorld({ policyDir });
  await scanned(world, ['hardcoded-credential', 'weak-random']);
  const { card } = await said(world, PEOPLE.adele, 'digest');
  const offered = (card === undefined ? [] : buttonsOf(card)).filter(({ verb }) => verb === 'exception.request');
  expect(offered).toHaveLength(1);
  const { runAction } = handlersOf(world.core);
  const form = await runAction(actor(PEOPLE.adele), { verb: 'exception.request', data: offered[0]?.data, op: 'op' });
  expect(form.text).toContain('It would hide 1 finding');
});
