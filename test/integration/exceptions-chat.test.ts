import type { IAdaptiveCard } from 'adaptivecards';
import { expect, test } from 'vitest';
import type { TurnPerson } from '../../bot/answer.ts';
import { handlersOf } from '../../bot/handlers-of.ts';
import { TENANT } from '../builders.ts';
import { buttonById, inputIds, objectsIn, textById } from '../cards/read.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { aLife } from '../fakes/deployments.ts';
import { CAST, exceptionAt, kindsOf, meetAll, nextOp, TERMS } from '../fakes/exception-scene.ts';
import type { Edit } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';

// Sentences about exceptions, from the typed line to the record.

/** Adele's deployment of payments-api, blocked by a secret; the clock stands at a Tuesday. */
async function blocked({ environment, edits = [] }: { environment?: string; edits?: readonly Edit[] } = {}) {
  const life = await aLife(...edits);
  const { world } = life;
  await meetAll(world);
  await scanned(world, ['a-key'], {
    tool: 'gitleaks',
    level: 'warning',
    ...(environment === undefined ? {} : { environment }),
  });
  const requestId = await life.deploy();
  const [print = ''] = (await life.gate(requestId)).judgement?.blocks.flatMap(({ fingerprints }) => fingerprints) ?? [];
  expect(print).toMatch(/^[0-9a-f]{32}$/);
  const { runCommand, runAction } = handlersOf(world.core);
  const by = (oid: string): TurnPerson => ({ kind: 'person', tenant: TENANT, oid, name: 'as Teams shows it' });
  return {
    ...life,
    print,
    say: async (oid: string, text: string) => {
      const answer = await runCommand(by(oid), text, nextOp());
      await world.core.idle();
      return answer;
    },
    /** Presses the button of the form, with what is in it and this. */
    send: async (oid: string, card: IAdaptiveCard | undefined, filled: Readonly<Record<string, string>>) => {
      const data = { ...buttonById(card as IAdaptiveCard, 'submit')?.data, ...valuesOf(card), ...filled };
      const answer = await runAction(by(oid), { verb: String(data['verb' as keyof typeof data]), data, op: nextOp() });
      await world.core.idle();
      return answer;
    },
  };
}

/** What a form is filled in with when it is shown. */
function valuesOf(card: IAdaptiveCard | undefined): Readonly<Record<string, string>> {
  const inputs = objectsIn(card).filter(({ type }) => String(type).startsWith('Input.'));
  return Object.fromEntries(
    inputs.flatMap(({ id, value }) => (value === undefined ? [] : [[String(id), String(value)]])),
  );
}

const FILLED = { reasonClass: 'fix-scheduled', reviewEvery: '2d', owner: TERMS.owner };

/** Adele has asked for EX-1, Megan has granted it. */
async function granted() {
  const life = await blocked();
  const line = `request exception ${life.print} payments-api prod until 2026-11-27 because ${TERMS.reason}`;
  const { card } = await life.send(PEOPLE.adele, (await life.say(PEOPLE.adele, line)).card, FILLED);
  expect(JSON.stringify(card)).toContain('EX-1');
  await life.say(PEOPLE.megan, 'grant EX-1');
  expect((await exceptionAt(life.world, 'EX-1')).state).toBe('active');
  return life;
}

test('a sentence with a finding, a date and a reason fills in the form, and nothing is asked for before it is sent', async () => {
  const { world, say, send, print } = await blocked({ environment: 'prod' });

  const { card, text } = await say(PEOPLE.adele, `request exception ${print} until Friday because ${TERMS.reason}`);

  expect(valuesOf(card)).toMatchObject({ until: '2026-11-27', reason: TERMS.reason });
  expect(inputIds(card as IAdaptiveCard)).toEqual(
    expect.arrayContaining(['owner', 'reasonClass', 'reason', 'until', 'reviewEvery']),
  );
  expect(text).toContain('payments-api');
  expect(await world.ports.exceptions.live()).toEqual([]);

  const sent = await send(PEOPLE.adele, card, { reasonClass: 'fix-scheduled' });
  expect(sent.text).toContain('Fri 27 Nov 2026');
  expect(await exceptionAt(world, 'EX-1')).toMatchObject({
    state: 'requested',
    target: { control: 'secret-scanning', service: 'payments-api', environment: 'prod', fingerprints: [print] },
    terms: { until: '2026-11-27', reason: TERMS.reason, reasonClass: 'fix-scheduled' },
  });
});

test('a finding that is open in several places is asked back, with the places', async () => {
  const { world, say, print } = await blocked();
  const { text, card } = await say(PEOPLE.adele, `request exception ${print} until Friday`);
  expect(card).toBeUndefined();
  expect(text).toContain('payments-api in prod');
  expect(text).toContain('payments-api in staging');
  expect(text).toContain(`"request exception ${print} SERVICE ENV"`);
  expect(await world.ports.exceptions.live()).toEqual([]);
});

test('a finding that is open nowhere, or only warns, is said to be', async () => {
  const { say } = await blocked();
  const nowhere = await say(PEOPLE.adele, `request exception ${'0'.repeat(32)}`);
  expect(nowhere.text).toMatch(/^Nothing was recorded: /);
  const alone = await say(PEOPLE.adele, 'request exception');
  expect(alone.text).toContain('"request exception CONTROL SERVICE ENV until DATE because …"');
});

test('a control that grants nothing but single findings says so, and a name that is none names those there are', async () => {
  const { say } = await blocked();
  expect((await say(PEOPLE.adele, 'request exception secret-scanning payments-api prod')).text).toMatch(/one by one/);
  expect((await say(PEOPLE.adele, 'request exception secret-scanning payments-api moon')).text).toContain('staging');
  expect((await say(PEOPLE.adele, 'request exception secret-scanning nobody-s prod')).text).toContain('orders-api');
});

test('a date that is none stands beside the empty field, with what was written', async () => {
  const { say, print } = await blocked();
  const line = `request exception ${print} payments-api prod until the vendor ships because ${TERMS.reason}`;
  const { card, text } = await say(PEOPLE.adele, line);
  expect(valuesOf(card)).not.toHaveProperty('until');
  expect(valuesOf(card)).toMatchObject({ reason: TERMS.reason });
  expect(JSON.stringify(card)).toContain('the vendor ships');
  expect(textById(card as IAdaptiveCard, 'error')).toMatch(/date/);
  expect(text).toMatch(/date/);
});

test('an approver grants in words, and for less time in words; the answer repeats the day in full', async () => {
  const { world, say, send, print } = await blocked();
  const line = `request exception ${print} payments-api prod until 2026-11-30 because ${TERMS.reason}`;
  await send(PEOPLE.adele, (await say(PEOPLE.adele, line)).card, FILLED);

  expect((await say(PEOPLE.megan, 'grant EX-1 fine until Friday')).text).toMatch(/^Nothing was granted/);
  expect((await say(PEOPLE.megan, 'grant EX-1 until some day')).text).toMatch(/date/);
  expect((await say(PEOPLE.megan, 'grant EX-1 until 2027-01-01')).text).not.toMatch(/In force/);
  expect((await exceptionAt(world, 'EX-1')).state).toBe('requested');

  const { text } = await say(PEOPLE.megan, 'grant ex-1 until Friday because a week is too long');
  expect(text).toContain('Fri 27 Nov 2026');
  expect(await exceptionAt(world, 'EX-1')).toMatchObject({
    state: 'active',
    terms: { until: '2026-11-27' },
    votes: [{ comment: 'a week is too long' }],
  });
});

test('who asked does not grant in words either, and a refusal needs a word', async () => {
  const { world, say, send, print } = await blocked();
  const line = `request exception ${print} payments-api prod until 2026-11-30 because ${TERMS.reason}`;
  await send(PEOPLE.adele, (await say(PEOPLE.adele, line)).card, FILLED);
  await say(PEOPLE.adele, 'grant EX-1');
  await say(PEOPLE.megan, 'refuse EX-1');
  expect((await exceptionAt(world, 'EX-1')).state).toBe('requested');
  await say(PEOPLE.megan, 'refuse EX-1 mend it: it takes an hour');
  expect(await exceptionAt(world, 'EX-1')).toMatchObject({
    state: 'rejected',
    end: { why: 'mend it: it takes an hour' },
  });
});

test('withdraw means an exception by its id, and a request for approval by any other', async () => {
  const { world, say, send, print, requestId } = await blockedWithRequest();
  const line = `request exception ${print} payments-api prod until 2026-11-30 because ${TERMS.reason}`;
  await send(PEOPLE.adele, (await say(PEOPLE.adele, line)).card, FILLED);
  await say(PEOPLE.adele, `withdraw ${requestId}`);
  expect((await exceptionAt(world, 'EX-1')).state).toBe('requested');
  await say(PEOPLE.megan, 'withdraw EX-1');
  expect((await exceptionAt(world, 'EX-1')).state).toBe('requested');
  await say(PEOPLE.adele, 'withdraw ex-1');
  expect((await exceptionAt(world, 'EX-1')).state).toBe('withdrawn');
});

async function blockedWithRequest() {
  const life = await blocked();
  return { ...life, requestId: await life.deploy({ run: 101 }) };
}

test('a renewal in a sentence is asked for at once on the terms there were; what is missing is asked for in its form', async () => {
  const { world, say } = await granted();
  const { card } = await say(CAST.diego, 'renew EX-1 until Monday');
  expect(valuesOf(card)).toMatchObject({ until: '2026-11-30', owner: TERMS.owner });
  expect(await world.ports.exceptions.locate('EX-2')).toBeUndefined();

  const { text } = await say(CAST.diego, 'renew ex-1 because the vendor ships only then until Monday');
  expect(text).toContain('Mon 30 Nov 2026');
  expect(await exceptionAt(world, 'EX-2')).toMatchObject({
    state: 'requested',
    terms: {
      until: '2026-11-30',
      reason: 'the vendor ships only then',
      owner: TERMS.owner,
      reasonClass: 'fix-scheduled',
    },
    renewal: { number: 1, renews: 'EX-1' },
  });
  expect((await exceptionAt(world, 'EX-1')).state).toBe('active');
});

test('its owner reviews it in words; a day is read for shrinking alone', async () => {
  const { world, say } = await granted();
  await say(CAST.diego, 'review EX-1 keep because we wait until Friday');
  expect((await exceptionAt(world, 'EX-1')).reviews.last).toMatchObject({
    answer: 'keep',
    why: 'we wait until Friday',
  });
  const shrunk = await say(CAST.diego, 'review EX-1 shrink until tomorrow because less will do');
  expect(shrunk.text).toContain('Wed 25 Nov 2026');
  expect((await exceptionAt(world, 'EX-1')).terms.until).toBe('2026-11-25');
  await say(CAST.diego, 'review EX-1 shrink until Friday because more is needed');
  expect((await exceptionAt(world, 'EX-1')).terms.until).toBe('2026-11-25');
  await say(CAST.diego, 'review EX-1 close');
  expect((await exceptionAt(world, 'EX-1')).state).toBe('closed');
});

test('it is handed over to a person or a group as the directory has them, and to nobody else', async () => {
  const { world, say } = await granted();
  for (const whom of ['nobody@contoso.example', 'Pat Visitor', 'group:nobody-s', 'user:whatever'])
    await say(CAST.diego, `hand over EX-1 to ${whom}`);
  expect((await exceptionAt(world, 'EX-1')).terms.owner).toBe(TERMS.owner);
  await say(CAST.diego, 'hand over EX-1 to Adele Vance');
  expect((await exceptionAt(world, 'EX-1')).terms.owner).toBe(`user:${PEOPLE.adele}`);
  await say(PEOPLE.adele, 'hand over EX-1 to group:payments-leads');
  expect((await exceptionAt(world, 'EX-1')).terms.owner).toBe('group:payments-leads');
});

test('revoke ends it with its reason, and asks for one', async () => {
  const { world, say } = await granted();
  const { card } = await say(PEOPLE.megan, 'revoke EX-1');
  expect(inputIds(card as IAdaptiveCard)).toEqual(['comment']);
  expect((await exceptionAt(world, 'EX-1')).state).toBe('active');
  await say(PEOPLE.isaiah, 'revoke EX-1 because I say so');
  expect((await exceptionAt(world, 'EX-1')).state).toBe('active');
  await say(PEOPLE.megan, 'revoke EX-1 because it is exploited until Friday');
  expect(await exceptionAt(world, 'EX-1')).toMatchObject({
    state: 'revoked',
    end: { why: 'it is exploited until Friday' },
  });
  expect((await kindsOf(world, 'EX-1')).at(-1)).toBe('exception-revoked');
});

test('an exception is shown by its id, and one that is not there is not', async () => {
  const { say } = await granted();
  const { text } = await say(PEOPLE.isaiah, 'exception ex-1');
  expect(text).toContain('EX-1');
  expect(text).toContain('Fri 27 Nov 2026');
  for (const id of ['EX-2', 'EX-01', 'EX-1~h', '../EX-1', '__proto__', 'EX-99999999999999999999']) {
    const { text: none, card } = await say(PEOPLE.isaiah, `exception ${id}`);
    expect(none).toMatch(/^Nothing was recorded|^There is no/);
    expect(JSON.stringify(card ?? '')).not.toContain('history is being rewritten');
  }
});

test.each([
  'request exception PRINT',
  'request exception PRINT payments-api prod',
  'renew EX-1 until Friday because of this',
  'grant EX-1',
  'refuse EX-1 no',
  'review EX-1 close',
  'revoke EX-1 because of this',
  'revoke EX-1',
  'hand over EX-1 to group:payments-leads',
  'hand over EX-1',
  'withdraw EX-1',
  'exception EX-1',
])('a guest who writes %j changes nothing and reads nothing', async (line) => {
  const { world, say, print } = await granted();
  const before = await kindsOf(world, 'EX-1');
  const { text, card } = await say('78f1bdf8-c249-4648-bb9a-88502761ba65', line.replace('PRINT', print));
  expect(`${text} ${JSON.stringify(card ?? '')}`).not.toMatch(/payments|secret-scanning|rewritten|Diego/);
  expect(await kindsOf(world, 'EX-1')).toEqual(before);
  expect(await world.ports.exceptions.locate('EX-2')).toBeUndefined();
});
