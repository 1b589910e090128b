import { expect, test } from 'vitest';
import { type ExceptionForm, exceptionFormAnswer, exceptionFormCard } from '../../cards/exception-form.ts';
import { exceptionRefusedAnswer } from '../../cards/exception-refused-card.ts';
import { exceptionStepAnswer } from '../../cards/exception-step-card.ts';
import { ANN } from '../builders.ts';
import { buttonById, buttonsOf, factValue, inputIds, objectsIn, textById } from '../cards/read.ts';
import { aGrantedException, anOffer, someTerms } from '../cards/shown-exceptions.ts';

const viewer = { oid: ANN.oid };
const data = { requestId: 'abcdefghij234567' };
const form = (parts: Partial<ExceptionForm> = {}) => exceptionFormCard({ offer: anOffer(), data, viewer, ...parts });
const input = (card: ReturnType<typeof form>, id: string) => objectsIn(card).find((one) => one['id'] === id);
const INPUTS = ['owner', 'reasonClass', 'reason', 'until', 'reviewEvery', 'mitigation', 'ticket'];

test('the form says what it would hide, who grants it, until when at the latest, and what is left', () => {
  const card = form();

  expect(textById(card, 'state')).toContain('It would hide 1 finding, critical: until its last day it would warn');
  expect(factValue(card, 'facts', 'Would hide')).toContain('azure-storage-key');
  expect(textById(card, 'findings')).toContain('src/config/keys.ts:17');
  expect(factValue(card, 'facts', 'Granted by')).toContain('security-leads (2 approvals');
  expect(factValue(card, 'facts', 'Latest day')).toContain('Wed 9 Dec 2026');
  expect(factValue(card, 'facts', 'Budget')).toBe('4 of 5 exceptions of payments-api are in use');
  expect(factValue(card, 'facts', 'Renewals')).toBe('none yet of 2');
});

test('everything that has to be said is asked for, with what is proposed filled in', () => {
  const card = form();

  expect(inputIds(card)).toEqual(INPUTS);
  expect(input(card, 'owner')).toMatchObject({ value: 'group:payments-team', isRequired: true });
  expect(input(card, 'reviewEvery')).toMatchObject({ value: 'weekly-sync', isRequired: true });
  expect(input(card, 'until')).toMatchObject({ min: '2026-11-25', max: '2026-12-09', isRequired: true });
  expect(input(card, 'mitigation')).not.toHaveProperty('isRequired');
});

test('what was shown comes back with the form', () => {
  const fingerprints = ['0123456789abcdef0123456789abcdef'];

  expect(buttonById(form({ data: { ...data, fingerprints } }), 'submit')?.data).toEqual({
    verb: 'exception.submit',
    service: 'payments-api',
    environment: 'prod',
    control: 'secret-scanning',
    shown: 'abcdefghij234567',
    requestId: data.requestId,
    fingerprint: fingerprints[0],
  });
  expect(buttonById(form(), 'submit')?.data).not.toHaveProperty('fingerprint');
});

test('after a refusal everything that was written stands there still', () => {
  const filled = {
    owner: 'ann@contoso.example',
    reasonClass: 'mitigated',
    reason: 'short',
    until: '2026-12-01',
    ticket: 'T-1',
  };
  const card = form({ filled, problem: { code: 'reason-too-short', least: 20, given: 5 } });

  expect(textById(card, 'error')).toContain('at least 20 characters and has 5');
  for (const [id, value] of Object.entries(filled)) expect(input(card, id)).toMatchObject({ value });
});

test('words instead of a date are said beside the calendar, which takes none', () => {
  const card = form({ filled: { until: 'next sprint' } });

  expect(input(card, 'until')).not.toHaveProperty('value');
  expect(input(card, 'until')?.['label']).toContain('you wrote "next sprint"');
});

test('a renewal has its own verb, the terms that there were, and neither day nor reason', () => {
  const renews = aGrantedException({ terms: someTerms({ ticket: 'PAY-1' }) });
  const card = form({ data: {}, renews, offer: anOffer({ renewal: { number: 1, of: 2 } }) });

  expect(buttonById(card, 'submit')?.data).toEqual({ verb: 'exception.renew', exceptionId: 'EX-12', revision: 1 });
  expect(input(card, 'owner')).toMatchObject({ value: 'group:payments-owners' });
  expect(input(card, 'ticket')).toMatchObject({ value: 'PAY-1' });
  for (const id of ['until', 'reason']) expect(input(card, id)).not.toHaveProperty('value');
  expect(textById(card, 'state')).toContain('EX-12 goes on until the end of Fri 4 Dec 2026 (UTC)');
  expect(factValue(card, 'facts', 'Renewals')).toBe('1st renewal of 2');
});

test('what is asked for already can be joined without filling in anything', () => {
  const card = form({ offer: anOffer({ pending: 'EX-12' }) });

  expect(textById(card, 'state')).toContain('EX-12 is asked for already');
  expect(inputIds(card)).toEqual([]);
  expect(buttonById(card, 'submit')).toMatchObject({ title: 'Join it', associatedInputs: 'none' });
  expect(buttonById(card, 'pending')?.data).toMatchObject({ verb: 'exception.view', exceptionId: 'EX-12' });
});

test('a renewal that is asked for already is shown, and not asked for as something wider', () => {
  const card = form({ data: {}, renews: aGrantedException(), offer: anOffer({ pending: 'EX-13' }) });

  expect(textById(card, 'state')).toContain('EX-13 is asked for already');
  expect(buttonsOf(card).map(({ id }) => id)).toEqual(['pending', 'back']);
});

test.each<[string, Partial<ExceptionForm>, RegExp]>([
  [
    'no exceptions are granted',
    { offer: anOffer({ expiry: { ...anOffer().expiry, maxDays: 0 } }) },
    /grants no exceptions/,
  ],
  [
    'the budget is used',
    { offer: anOffer({ budget: { used: 5, limit: 5 } }) },
    /all 5 exceptions that payments-api may have/,
  ],
  ['it has ended', { renews: aGrantedException({ state: 'expired' }) }, /it is over/],
  [
    'all renewals are used',
    { problem: { code: 'renewals-used', of: 2, last: 'EX-12', owner: 'group:devsecops' } },
    /this is no longer an exception.*devsecops, hears of it/,
  ],
])('where %s nobody fills in anything in vain', (_, parts, why) => {
  const card = form(parts);

  expect(textById(card, 'error')).toMatch(why);
  expect(inputIds(card)).toEqual([]);
  expect(buttonsOf(card).map(({ id }) => id)).toEqual(['back']);
});

test('the plain text of the form says how to ask by typing', () => {
  const { text } = exceptionFormAnswer({ offer: anOffer(), data, viewer });

  expect(text).toContain('request exception secret-scanning payments-api prod until DATE because');
});

test('where there is none to be had the sentence stands alone, with the way back to the request', () => {
  const { card } = exceptionRefusedAnswer({ code: 'nothing-to-except' }, viewer, data);
  if (card === undefined) throw new Error('no card');

  expect(textById(card, 'error')).toContain('no exception is needed');
  expect(buttonById(card, 'back')?.data).toMatchObject({ verb: 'approval.view', requestId: data.requestId });
  expect(exceptionRefusedAnswer({ code: 'nothing-to-except' }, viewer)).not.toHaveProperty('card');
});

test('who may read nothing gets no card, whatever they asked from', () => {
  expect(exceptionRefusedAnswer({ code: 'stranger', refusal: 'guest' }, viewer, data)).not.toHaveProperty('card');
});

test.each([
  ['revoke', 'comment', 'exception.revoke'],
  ['handover', 'to', 'exception.handover'],
] as const)('before %s what it needs is asked for, and nothing has happened yet', (step, id, verb) => {
  const { card } = exceptionStepAnswer(aGrantedException(), step, viewer, { code: 'why-required' });

  expect(inputIds(card)).toEqual([id]);
  expect(input(card, id)).toMatchObject({ isRequired: true });
  expect(buttonsOf(card).map((one) => one.verb)).toEqual([verb, 'exception.view']);
  expect(textById(card, 'error')).toContain('write why');
});
