import { expect, test } from 'vitest';
import { exceptionRefusalText } from '../../cards/exception-words.ts';
import type { ExceptionRefusal } from '../../services/domain/exception-refusal.ts';
import { ANN } from '../builders.ts';

const OWNER = 'group:devsecops';

test.each<[ExceptionRefusal, RegExp]>([
  [{ code: 'no-contract' }, /no valid gating contract.*Type "status"/],
  [{ code: 'several-meant' }, /more than one person.*e-mail address/],
  [{ code: 'nobody-meant' }, /nobody of the owner's name.*e-mail address/],
  [{ code: 'unknown-finding' }, /no such finding is open there.*card of the blocked request/],
  [{ code: 'nothing-to-except' }, /nothing of this control is open there/],
  [{ code: 'unknown-control', known: ['sast', 'iac'] }, /no such control. It has sast and iac/],
  [{ code: 'unknown-service', known: ['ledger'] }, /no such service. It has ledger/],
  [{ code: 'unknown-environment', known: ['prod'] }, /no such environment. It has prod/],
  [{ code: 'no-exceptions', control: 'sast', owner: OWNER }, /no exceptions from sast.*devsecops/],
  [{ code: 'scope-too-wide', control: 'secrets' }, /secrets are excepted one by one.*name the finding/],
  [{ code: 'other-control', control: 'iac' }, /belongs to the control iac/],
  [{ code: 'not-blocking', decision: 'warn' }, /only warns there and blocks nothing/],
  [{ code: 'too-many-to-except', most: 100 }, /100 findings at most.*single findings/],
  [{ code: 'field-missing', fields: ['owner', 'until'] }, /the owner and the last day are missing.*form/],
  [{ code: 'field-missing', fields: ['reason'] }, /the reason is missing/],
  [{ code: 'reason-too-short', least: 20, given: 3 }, /at least 20 characters and has 3/],
  [{ code: 'text-too-long', field: 'ticket', most: 400 }, /the ticket is too long. Keep it to 400/],
  [{ code: 'reason-class-unknown', known: ['mitigated'] }, /Choose one of mitigated/],
  [{ code: 'owner-unknown', owner: 'Zed' }, /nobody called Zed.*e-mail address/],
  [{ code: 'owner-guest', owner: 'Gus' }, /Gus is a guest account.*somebody else/],
  [{ code: 'owner-disabled', owner: 'Dee' }, /account of Dee is disabled.*somebody else/],
  [{ code: 'owner-empty', owner: 'group:empty' }, /no active member.*somebody else/],
  [{ code: 'date', why: { code: 'date-past', date: '2026-11-01' } }, /Sun 1 Nov 2026 is over. Write a date as/],
  [{ code: 'until-too-far', latest: '2026-12-09', maxDays: 14 }, /14 days at most. The latest day is Wed 9 Dec 2026/],
  [{ code: 'review-unreadable', cadences: ['sprint'] }, /Write "14d".*or one of sprint/],
  [{ code: 'review-too-rare', mostDays: 7, why: 'control' }, /every 7 days at least. Write "7d" or less/],
  [{ code: 'review-too-rare', mostDays: 3, why: 'expiry' }, /end before its first review. Write "3d" or less/],
  [
    { code: 'already-excepted', id: 'EX-3', until: '2026-12-05T00:00:00.000Z' },
    /EX-3 covers.*until Fri 4 Dec 2026.*"renew EX-3"/,
  ],
  [{ code: 'budget-used', limit: 2, ids: ['EX-1', 'EX-2'] }, /all 2 exceptions.*EX-1 and EX-2.*Close one/],
  [{ code: 'no-baseline', why: 'released', control: 'sast' }, /deployed there already.*budget/],
  [
    { code: 'renewals-used', of: 2, last: 'EX-9', owner: OWNER },
    /no longer an exception. EX-9.*2 renewals.*devsecops, hears/,
  ],
  [
    { code: 'too-few-approvers', approvers: 'group:leads', quorum: 2, left: 1 },
    /leads.*2 approvals.*only 1.*Let somebody else ask/,
  ],
  [{ code: 'too-many-askers', id: 'EX-3' }, /EX-3 is asked for by so many.*goes on all the same/],
  [{ code: 'unknown-exception', id: 'EX-99' }, /no exception EX-99 here. Type "exceptions"/],
  [{ code: 'wrong-state', state: 'revoked' }, /it is revoked. Ask for a new exception/],
  [{ code: 'not-an-approver', approvers: 'group:leads' }, /only leads may grant or refuse it/],
  [{ code: 'own-exception' }, /you asked for it.*somebody else has to decide/],
  [{ code: 'own-deployment' }, /production deployment.*you asked for.*somebody else/],
  [{ code: 'already-voted' }, /approved it already.*Others have to approve too/],
  [{ code: 'comment-required' }, /needs a comment. Write why/],
  [{ code: 'why-required' }, /write why/],
  [{ code: 'stale-revision' }, /has changed since your card.*try again/],
  [{ code: 'not-recorded' }, /at the same moment. Try again/],
  [{ code: 'wider-than-requested' }, /only get less. Choose a day before.*some of the findings/],
  [{ code: 'nothing-narrowed' }, /nothing would get smaller.*before the present one/],
  [{ code: 'no-review-asked' }, /no open question/],
  [{ code: 'snoozed-enough' }, /put off 2 times.*hand it over/],
  [{ code: 'not-its-owner', owner: OWNER }, /only its owner, devsecops/],
  [{ code: 'may-not-revoke', owner: OWNER, approvers: 'group:leads' }, /devsecops.*leads.*owner of its control/],
  [{ code: 'may-not-withdraw' }, /only somebody who asked for it/],
  [{ code: 'control-changed', control: 'sast' }, /no control sast any more/],
  [{ code: 'stranger', refusal: 'guest' }, /guest account/],
])('%j says what did not happen and the way out', (why, said) => {
  const text = exceptionRefusalText(why);

  expect(text).toMatch(/^Nothing was recorded( yet)?: /);
  expect(text).toMatch(said);
  expect(text).toMatch(/\.$/);
});

test('only the person who is meant is called you', () => {
  const why = { code: 'not-its-owner', owner: `user:${ANN.oid}` } as const;

  expect(exceptionRefusalText(why, { oid: ANN.oid })).toContain('its owner, you,');
  expect(exceptionRefusalText(why, { oid: 'x' })).not.toContain('you,');
});

test('a name from outside in a refusal is no mention, no link and of bounded length', () => {
  const owner = `<at>Everyone</at> [x](https://evil.example) ${'x'.repeat(5_000)}`;

  for (const why of [
    { code: 'owner-unknown', owner },
    { code: 'unknown-exception', id: owner },
  ] as const) {
    expect(exceptionRefusalText(why)).not.toMatch(/<at>|\]\(/);
    expect(exceptionRefusalText(why).length).toBeLessThan(600);
  }
});
