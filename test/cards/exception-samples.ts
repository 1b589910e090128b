import { exceptionCard, exceptionNewsCard } from '../../cards/exception-card.ts';
import { exceptionFormCard } from '../../cards/exception-form.ts';
import { exceptionRefusedAnswer } from '../../cards/exception-refused-card.ts';
import { exceptionStepAnswer } from '../../cards/exception-step-card.ts';
import { gateCard } from '../../cards/gate-card.ts';
import type { Exception, Silence } from '../../services/domain/exception.ts';
import type { ExceptionTopic } from '../../services/domain/exception-topics.ts';
import { ANN, aBlockedGate, aGate, aJudgedGroup, aJudgement, aRun, aSample, BOB, CARLA } from '../builders.ts';
import type { CardSample } from './samples.ts';
import {
  actor,
  aGrantedException,
  anAsker,
  anException,
  anExceptionVote,
  anOffer,
  NOW,
  PRINT,
  someTerms,
} from './shown-exceptions.ts';

const REQUEST = { requestId: 'abcdefghij234567' };
const ANN_READS = { oid: ANN.oid };
const ALL = { approver: true, owner: true, controlOwner: true };

export function exceptionSamples(): CardSample[] {
  return [
    ...formSamples(),
    ...blockedSamples(),
    ...requestedSamples(),
    ...activeSamples(),
    ...overSamples(),
    ...stepSamples(),
  ];
}

function formSamples(): CardSample[] {
  const blank = { data: REQUEST, viewer: ANN_READS };
  const many = anOffer({
    hidden: {
      ...anOffer().hidden,
      target: { control: 'code-scanning', service: 'payments-api', environment: 'prod' },
      severity: 'high',
      count: 7,
      rules: ['js/sql-injection', 'js/xss', 'js/incomplete-sanitization', 'js/weak-hash', 'js/eval'],
      samples: [aSample(), aSample({ path: 'src/db/orders.ts', line: 88 }), aSample({ path: 'src/web/page.tsx' })],
    },
  });
  const renewed = aGrantedException({ renewal: { number: 1, of: 2, renews: 'EX-7' } });
  const filled = { reason: 'too short', until: 'next sprint', reasonClass: 'mitigated', ticket: 'PAY-123' };
  return [
    {
      name: 'exception-form',
      card: exceptionFormCard({ ...blank, offer: anOffer(), data: { ...REQUEST, fingerprints: [PRINT] } }),
    },
    {
      name: 'exception-form-refused',
      card: exceptionFormCard({
        ...blank,
        offer: many,
        filled,
        problem: { code: 'reason-too-short', least: 20, given: 9 },
      }),
    },
    {
      name: 'exception-form-renew',
      card: exceptionFormCard({
        data: {},
        viewer: ANN_READS,
        offer: anOffer({ renewal: { number: 2, of: 2 } }),
        renews: renewed,
      }),
    },
    { name: 'exception-form-pending', card: exceptionFormCard({ ...blank, offer: anOffer({ pending: 'EX-12' }) }) },
    {
      name: 'exception-form-budget',
      card: exceptionFormCard({ ...blank, offer: anOffer({ budget: { used: 5, limit: 5 } }) }),
    },
    {
      name: 'exception-form-overdrawn',
      card: exceptionFormCard({
        ...blank,
        offer: anOffer({ renewal: { number: 3, of: 2 } }),
        problem: { code: 'renewals-used', of: 2, last: 'EX-12', owner: 'group:devsecops' },
      }),
    },
    {
      name: 'exception-none',
      card: exceptionRefusedAnswer({ code: 'nothing-to-except' }, ANN_READS, REQUEST).card ?? {},
    },
  ];
}

/** What blocks while an exception from it is asked for. */
function blockedSamples(): CardSample[] {
  const many = aJudgedGroup({
    rule: 'azure-storage-key',
    count: 2,
    fingerprints: [PRINT, 'f'.repeat(32)],
    outgrown: ['EX-9'],
  });
  const judgement = aJudgement({ blocks: [aJudgedGroup({ requested: ['EX-12'] }), many] });
  return [{ name: 'blocked-awaits-exception', card: gateCard(aBlockedGate({ judgement, awaits: ['EX-12'] })) }];
}

function requestedSamples(): CardSample[] {
  const two = anException({
    asks: { approvers: 'group:security-leads', quorum: 2 },
    askers: [anAsker(), anAsker({ by: actor(CARLA), accounts: [CARLA.oid] })],
    votes: [anExceptionVote()],
    terms: someTerms({ mitigation: 'The network rule denies every address but our own.', ticket: 'PAY-123' }),
  });
  const { target } = anException();
  const fingerprints = Array.from({ length: 20 }, (_, n) => `${(n + 10).toString(16)}4c9e${n}`.padEnd(32, '7'));
  return [
    {
      name: 'exception-requested-several',
      card: exceptionCard(anException({ target: { ...target, fingerprints } }), { oid: BOB.oid }, { standing: ALL }),
    },
    {
      name: 'exception-requested-approver',
      card: exceptionNewsCard({ ...news(anException(), 'ask'), audience: to(BOB) }),
    },
    { name: 'exception-requested-asker', card: exceptionCard(anException(), ANN_READS, { now: NOW }) },
    { name: 'exception-requested-two', card: exceptionCard(two, { oid: BOB.oid }, { now: NOW, standing: ALL }) },
    {
      name: 'exception-requested-refused',
      card: exceptionCard(two, ANN_READS, {
        now: NOW,
        note: 'Nothing was recorded: you asked for it, so somebody else has to decide.',
      }),
    },
  ];
}

function to({ oid }: { readonly oid: string }) {
  return { kind: 'person', oid } as const;
}

function news(exception: Exception, topic: ExceptionTopic) {
  return { exception, topic, audience: { kind: 'channel' } as const };
}

function activeSamples(): CardSample[] {
  const asked = { askedAt: '2026-11-24T08:00:00.000Z', nextAt: '2026-12-01T08:00:00.000Z' };
  const again = [aGate({ state: 'failed', run: aRun({ name: '20261124.2' }) })];
  const owned = aGrantedException({}, asked);
  const missed = aGrantedException({}, { ...asked, missed: 1 });
  const over = aGrantedException({ renewal: { number: 2, of: 2, renews: 'EX-9' }, overdrawnAt: NOW });
  return [
    {
      name: 'exception-granted',
      card: exceptionNewsCard({ ...news(aGrantedException(), 'outcome'), audience: to(ANN), runAgain: again }),
    },
    {
      name: 'exception-granted-runs',
      card: exceptionNewsCard({
        ...news(aGrantedException(), 'outcome'),
        audience: to(ANN),
        runAgain: [...again, aGate({ state: 'failed', run: aRun({ name: '20261124.3' }) })],
      }),
    },
    {
      name: 'exception-owned',
      card: exceptionNewsCard({ ...news(aGrantedException(), 'owned'), audience: to(CARLA) }),
    },
    { name: 'exception-review', card: exceptionCard(owned, { oid: CARLA.oid }, { topic: 'review', now: NOW }) },
    { name: 'exception-review-channel', card: exceptionNewsCard(news(owned, 'review')) },
    { name: 'exception-review-missed', card: exceptionCard(missed, { oid: CARLA.oid }, { topic: 'review', now: NOW }) },
    {
      name: 'exception-snoozed',
      card: exceptionCard(aGrantedException({}, { snoozed: 1 }), { oid: CARLA.oid }, { now: NOW, standing: ALL }),
    },
    {
      name: 'exception-ending',
      card: exceptionNewsCard({ ...news(aGrantedException({ warned: [7] }), 'ending'), audience: to(CARLA) }),
    },
    {
      name: 'exception-remind',
      card: exceptionNewsCard({ ...news(silent({ remindedAt: NOW }), 'remind'), audience: to(BOB) }),
    },
    {
      name: 'exception-unanswered',
      card: exceptionNewsCard({
        ...news(silent({ remindedAt: NOW, unansweredAt: NOW }), 'unanswered'),
        audience: to(CARLA),
      }),
    },
    {
      name: 'exception-unreached',
      card: exceptionNewsCard({ ...news(silent({ unreachedAt: NOW }), 'unanswered'), audience: to(CARLA) }),
    },
    {
      name: 'exception-owner-gone',
      card: exceptionNewsCard({ ...news({ ...owned, ownerGoneAt: NOW }, 'review'), audience: to(CARLA) }),
    },
    { name: 'exception-overdrawn', card: exceptionNewsCard({ ...news(over, 'overdrawn'), audience: to(CARLA) }) },
    { name: 'exception-active-anybody', card: exceptionCard(aGrantedException(), { oid: 'x' }, { now: NOW }) },
  ];
}

function silent(silence: Silence): Exception {
  return { ...anException(), silence };
}

/** Those that have ended, and how. */
export function overExceptions(): readonly (readonly [name: string, exception: Exception])[] {
  const end = { at: NOW, by: actor(BOB), why: 'It is mended, so this is not needed any more.' };
  const { grantedAt: _, ...neverGranted } = aGrantedException({ votes: [] });
  return [
    [
      'suspended',
      aGrantedException(
        { state: 'suspended', end: { at: NOW, why: '2 reviews in a row were not answered' } },
        { missed: 2 },
      ),
    ],
    ['rejected', anException({ state: 'rejected', end: { ...end, why: 'Mend it: it takes an hour.' } })],
    ['withdrawn', anException({ state: 'withdrawn', end: { ...end, by: actor(ANN), why: '' } })],
    ['expired', aGrantedException({ state: 'expired', end: { at: NOW, why: 'its time was over' } })],
    ['expired-undecided', { ...neverGranted, state: 'expired', end: { at: NOW, why: 'its time was over' } }],
    ['revoked', aGrantedException({ state: 'revoked', end })],
    [
      'closed',
      aGrantedException({
        state: 'closed',
        end: { ...end, why: 'renewed by EX-13' },
        renewal: { number: 1, of: 2, renews: 'EX-9', renewedBy: 'EX-13' },
      }),
    ],
  ];
}

function overSamples(): CardSample[] {
  return overExceptions().map(([name, exception]) => ({
    name: `exception-${name}`,
    card: exceptionCard(exception, { oid: CARLA.oid }, { topic: 'over', now: NOW, standing: ALL }),
  }));
}

function stepSamples(): CardSample[] {
  const viewer = { oid: CARLA.oid };
  return [
    { name: 'exception-revoke', card: exceptionStepAnswer(aGrantedException(), 'revoke', viewer).card },
    {
      name: 'exception-handover',
      card: exceptionStepAnswer(aGrantedException(), 'handover', viewer, { code: 'owner-guest', owner: 'Gus Guest' })
        .card,
    },
  ];
}
