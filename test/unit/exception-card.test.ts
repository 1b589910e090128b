import { expect, test } from 'vitest';
import { exceptionAnswer, exceptionCard, exceptionNewsCard, exceptionSummary } from '../../cards/exception-card.ts';
import type { Exception } from '../../services/domain/exception.ts';
import type { ExceptionTopic } from '../../services/domain/exception-topics.ts';
import { ANN, aGate, aRun, BOB, CARLA } from '../builders.ts';
import { overExceptions } from '../cards/exception-samples.ts';
import { buttonById, buttonsOf, factValue, inputIds, objectsIn, textById } from '../cards/read.ts';
import {
  actor,
  aGrantedException,
  anAsker,
  anException,
  anExceptionVote,
  NOW,
  someTerms,
} from '../cards/shown-exceptions.ts';

const NOBODY = { approver: false, owner: false, controlOwner: false };
const ids = (exception: Exception, oid: string, standing = NOBODY) =>
  buttonsOf(exceptionCard(exception, { oid }, { now: NOW, standing })).map(({ id }) => id);
const APPROVER = { ...NOBODY, approver: true };
const OWNER = { ...NOBODY, owner: true };
const CONTROL_OWNER = { ...NOBODY, controlOwner: true };

test('an approver approves or refuses, for an earlier day too', () => {
  const card = exceptionCard(anException(), { oid: BOB.oid }, { now: NOW, standing: APPROVER });
  const [, until] = objectsIn(card).filter(({ type }) => String(type).startsWith('Input.'));

  expect(ids(anException(), BOB.oid, APPROVER)).toEqual(['approve', 'reject', 'refresh']);
  expect(inputIds(card)).toEqual(['comment', 'until']);
  expect(until).toMatchObject({ type: 'Input.Date', min: '2026-11-25', max: '2026-12-03' });
  expect(buttonById(card, 'approve')?.data).toEqual({
    verb: 'exception.decide',
    verdict: 'approve',
    exceptionId: 'EX-12',
    revision: 1,
  });
});

test('on its last day there is no earlier one to choose', () => {
  const last = anException({ terms: someTerms({ until: '2026-11-25' }) });

  expect(inputIds(exceptionCard(last, { oid: BOB.oid }, { now: NOW, standing: APPROVER }))).toEqual(['comment']);
});

test('whoever asked for it, or joined, decides nothing though they are approvers, and may withdraw it', () => {
  const joined = anException({ askers: [anAsker(), anAsker({ by: actor(CARLA) })] });

  for (const { oid } of [ANN, CARLA]) expect(ids(joined, oid, APPROVER)).toEqual(['withdraw', 'refresh']);
});

test('whoever has approved does not approve again', () => {
  const half = anException({ asks: { approvers: 'group:security-leads', quorum: 2 }, votes: [anExceptionVote()] });

  expect(ids(half, BOB.oid, APPROVER)).toEqual(['refresh']);
  expect(ids(half, CARLA.oid, APPROVER)).toContain('approve');
});

test.each<[string, Exception]>([
  ['asked for', anException()],
  ['in force', aGrantedException()],
])('somebody who is nothing to one that is %s has no button but to look again', (_, exception) => {
  expect(ids(exception, 'x')).toEqual(['refresh']);
});

test.each<[string, object]>([
  ['a channel', {}],
  ['an answer in a channel', { oid: BOB.oid, isPublic: true }],
])('%s shows how it stands and no button that does anything', (_, viewer) => {
  const all = { approver: true, owner: true, controlOwner: true };
  for (const exception of [anException(), aGrantedException()]) {
    const card = exceptionCard(exception, viewer, { standing: all });
    expect(buttonsOf(card).map(({ verb }) => verb)).toEqual(['exception.view']);
    expect(inputIds(card)).toEqual([]);
  }
});

const ASKED = { askedAt: '2026-11-24T08:00:00.000Z', nextAt: '2026-12-01T08:00:00.000Z' };

test('its owner answers the open question, and can do everything else beside it', () => {
  expect(ids(aGrantedException({}, ASKED), CARLA.oid, OWNER)).toEqual([
    'keep',
    'shrink',
    'close',
    'snooze',
    'renew',
    'handover',
    'revoke',
    'refresh',
  ]);
});

test('a question that is not open is neither kept nor put off', () => {
  expect(ids(aGrantedException(), CARLA.oid, OWNER)).not.toContain('keep');
  expect(ids(aGrantedException(), CARLA.oid, OWNER)).not.toContain('snooze');
});

test('a question that was put off twice is not put off again', () => {
  expect(ids(aGrantedException({}, { ...ASKED, snoozed: 2 }), CARLA.oid, OWNER)).not.toContain('snooze');
});

test('a suspended one can be closed or renewed by its owner, and not be kept', () => {
  const suspended = aGrantedException({ state: 'suspended' });

  expect(ids(suspended, CARLA.oid, OWNER)).toEqual(['close', 'renew', 'handover', 'revoke', 'refresh']);
});

test('who grants such exceptions, and the owner of its control, may revoke it', () => {
  expect(ids(aGrantedException(), CARLA.oid, APPROVER)).toEqual(['revoke', 'refresh']);
  expect(ids(aGrantedException(), CARLA.oid, CONTROL_OWNER)).toEqual(['handover', 'revoke', 'refresh']);
});

test.each(overExceptions().filter(([name]) => name !== 'suspended'))(
  'nothing is done about one that is %s',
  (_, over) => {
    const all = { approver: true, owner: true, controlOwner: true };

    expect(ids(over, ANN.oid, all)).toEqual(['refresh']);
  },
);

test.each<[ExceptionTopic, Exception, readonly string[]]>([
  ['ask', anException(), ['approve', 'reject', 'refresh']],
  ['owned', aGrantedException(), ['shrink', 'close', 'renew', 'handover', 'revoke', 'refresh']],
  ['overdrawn', aGrantedException(), ['handover', 'revoke', 'refresh']],
  ['outcome', aGrantedException(), ['refresh']],
  ['remind', anException({ silence: { remindedAt: NOW } }), ['approve', 'reject', 'refresh']],
  ['unanswered', anException({ silence: { unansweredAt: NOW } }), ['handover', 'refresh']],
  ['review', aGrantedException({ ownerGoneAt: NOW }), ['handover', 'revoke', 'refresh']],
])('a message sent for %s has the buttons of those whom it is sent to', (topic, exception, expected) => {
  const card = exceptionNewsCard({ exception, topic, audience: { kind: 'person', oid: CARLA.oid } });

  expect(buttonsOf(card).map(({ id }) => id)).toEqual(expected);
});

const stateOf = (exception: Exception, topic: ExceptionTopic) =>
  textById(exceptionNewsCard({ exception, topic, audience: { kind: 'person', oid: CARLA.oid } }), 'state');

test('the owner of the control reads why nobody decides, and what to do about it', () => {
  const unanswered = anException({ silence: { remindedAt: NOW, unansweredAt: NOW } });
  expect(stateOf(unanswered, 'unanswered')).toMatch(/Nobody has decided, not after a reminder on .*expiry\.approvers/s);
  const unreached = anException({ silence: { unreachedAt: NOW } });
  expect(stateOf(unreached, 'unanswered')).toMatch(/None of those who may grant it can be reached.*expiry\.approvers/s);
  const decided = aGrantedException({ silence: { remindedAt: NOW, unansweredAt: NOW } });
  expect(stateOf(decided, 'unanswered')).not.toContain('Nobody has decided');
  expect(exceptionSummary({ exception: unanswered, topic: 'remind', audience: { kind: 'channel' } })).toMatch(
    /^Reminder: grant EX-12\? Exception from/,
  );
});

test('one whose owner is gone says that it has to be handed over, while it is in force', () => {
  const gone = aGrantedException({ ownerGoneAt: NOW });
  expect(stateOf(gone, 'review')).toContain('Its owner is not in the directory any more: hand it over.');
  expect(stateOf({ ...gone, state: 'expired' }, 'over')).not.toContain('hand it over');
});

test('where nobody looked up what the reader is, they can fetch their own view', () => {
  expect(buttonById(exceptionCard(anException(), {}), 'refresh')?.title).toBe('Show my view');
  expect(buttonById(exceptionCard(anException(), { oid: 'x' }, { standing: NOBODY }), 'refresh')?.title).toBe(
    'Refresh',
  );
});

test('when it ends, how much it hides, who grants it and which renewal it is are facts', () => {
  const card = exceptionCard(aGrantedException({ renewal: { number: 1, of: 2, renews: 'EX-7' } }), {});

  expect(factValue(card, 'facts', 'Last day')).toBe('Fri 4 Dec 2026, to the end of that day (UTC)');
  expect(factValue(card, 'facts', 'Covers')).toBe('exactly 1 finding, not what may come');
  expect(factValue(card, 'facts', 'Hides')).toContain('1 finding, critical');
  expect(factValue(card, 'facts', 'Granted by')).toBe('security-leads (1 approval)');
  expect(factValue(card, 'facts', 'Next review')).toContain('1 Dec 2026');
  expect(factValue(card, 'facts', 'Renewals')).toBe('1st renewal of 2, after EX-7');
});

test('one for a whole control says that it covers what may come too', () => {
  const target = { control: 'code-scanning', service: 'payments-api', environment: 'prod' };

  expect(factValue(exceptionCard(anException({ target }), {}), 'facts', 'Covers')).toContain('those to come included');
});

test('an owner who is a person is shown by their name', () => {
  const terms = someTerms({ owner: `user:${CARLA.oid}`, ownerName: 'Carla Cruz' });

  expect(factValue(exceptionCard(anException({ terms }), {}), 'facts', 'Owner')).toBe('Carla Cruz');
  expect(factValue(exceptionCard(anException({ terms }), { oid: CARLA.oid }), 'facts', 'Owner')).toBe('you');
});

test('the history names who asked, who joined, who approved with their comment, and who ended it and why', () => {
  const end = { at: NOW, by: actor(CARLA), why: 'the key is gone' };
  const votes = [anExceptionVote({ covers: { oid: 'd', name: 'Dan Dorn' } })];
  const askers = [anAsker(), anAsker({ by: actor(CARLA) })] as const;
  const history = textById(exceptionCard(aGrantedException({ state: 'revoked', votes, askers, end }), {}), 'history');

  expect(history).toContain('Asked for by Ann Archer');
  expect(history).toContain('Joined by Carla Cruz');
  expect(history).toMatch(/Approved by Bob Baker for Dan Dorn on .* “ The key is dead. ”/);
  expect(history).toMatch(/Revoked by Carla Cruz on .* “ the key is gone ”/);
});

test('after one missed review it is announced that the next one suspends it', () => {
  const missed = aGrantedException({}, { ...ASKED, missed: 1 });
  const card = exceptionCard(missed, { oid: CARLA.oid }, { topic: 'review' });

  expect(textById(card, 'title')).toMatch(/^Review missed\. Is EX-12 still needed\?/);
  expect(textById(card, 'state')).toMatch(
    /Without an answer by .*1 Dec 2026.* it is suspended, and what it covers blocks/,
  );
  expect(textById(exceptionCard(aGrantedException({}, ASKED), {}), 'state')).toContain('the review counts as missed');
});

test('what it was granted for has become worse: that is said with the question', () => {
  const card = exceptionCard(aGrantedException({}, { ...ASKED, outgrown: 'severity' }), {});

  expect(textById(card, 'state')).toContain('is worse by now, and is not covered any more');
});

test('one of which more was asked for than its control grants says that it is no exception any more, and what can be done', () => {
  const over = aGrantedException({ renewal: { number: 2, of: 2 }, overdrawnAt: NOW });
  const state = textById(exceptionCard(over, {}, { topic: 'overdrawn' }), 'state');

  expect(state).toContain('This is no longer an exception: all 2 renewals are used');
  for (const way of ['mended', 'contract changed', 'revoke it']) expect(state).toContain(way);
});

test('once it is granted whoever asked is told to run the stage again, with the way there', () => {
  const runAgain = [aGate({ state: 'failed' })];
  const news = {
    exception: aGrantedException(),
    topic: 'outcome',
    audience: { kind: 'person', oid: ANN.oid },
  } as const;
  const card = exceptionNewsCard({ ...news, runAgain });

  expect(textById(card, 'state')).toContain('EX-12 is granted: run the stage again.');
  expect(buttonById(card, 'open-run')?.url).toBe(aRun().url);
  expect(exceptionSummary({ ...news, runAgain })).toMatch(/^EX-12 is granted.*: run the stage again$/);
  expect(textById(exceptionNewsCard(news), 'state')).not.toContain('run the stage');
});

test('of several runs each has its own link', () => {
  const runAgain = [aGate({ state: 'failed' }), aGate({ state: 'failed', run: aRun({ name: '20261124.9' }) })];
  const card = exceptionCard(aGrantedException(), { oid: ANN.oid }, { runAgain });

  expect(buttonsOf(card).map(({ id }) => id)).toEqual(expect.arrayContaining(['open-run-1', 'open-run-2']));
  expect(textById(card, 'gate')).toContain('20261124.9');
});

test('a message about something that is over by now does not go on asking', () => {
  const card = exceptionCard(aGrantedException({ state: 'revoked' }), { oid: BOB.oid }, { topic: 'ask' });

  expect(textById(card, 'title')).toBe('EX-12: exception from secret-scanning for payments-api in prod');
  expect(inputIds(card)).toEqual([]);
});

test('one whose last day is over covers nothing, though nobody has noted it yet', () => {
  const standing = { approver: true, owner: true, controlOwner: true };
  const at = (now: string) => exceptionCard(aGrantedException(), { oid: CARLA.oid }, { now, standing });

  expect(textById(at('2026-12-05T00:00:00.000Z'), 'state')).toContain('– Ended');
  expect(buttonsOf(at('2026-12-05T00:00:00.000Z')).map(({ id }) => id)).toEqual(['refresh']);
  expect(textById(at('2026-12-04T23:59:59.999Z'), 'state')).toContain('In force');
});

test('why nothing was done stands in an element of its own', () => {
  const card = exceptionCard(anException(), {}, { note: 'Nothing was recorded: <at>why</at>' });

  expect(textById(card, 'error')).toBe('! Nothing was recorded: ‹at›why‹/at›');
  expect(textById(exceptionCard(anException(), {}), 'error')).toBeUndefined();
});

test('the plain text says the same, and what can be typed', () => {
  const { text } = exceptionAnswer(anException(), { oid: BOB.oid }, { standing: APPROVER });

  expect(text).toContain('Last day: Fri 4 Dec 2026');
  expect(text).toContain('Type "grant EX-12", or "refuse EX-12" and why, or "exception EX-12" for the details.');
  expect(exceptionAnswer(anException(), { oid: 'x' }, { standing: NOBODY }).text).not.toContain('grant EX-12');
});
