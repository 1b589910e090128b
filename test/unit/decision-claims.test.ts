import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decisionClaims, supersedes } from '../../services/domain/decision-claims.ts';
import { GATE_STATES, type Gate, type SealedVerdict } from '../../services/domain/gate.ts';
import { plusMinutes } from '../../services/domain/instant.ts';
import { aCheck, aDecision, aGate, aJudgement, aRun, aRunSources, aVote, ORGANIZATION } from '../builders.ts';

const NOW = '2026-11-23T10:06:00.000Z';
const SEALED: SealedVerdict = {
  result: 'succeeded',
  reason: 'approved',
  lines: ['Approved by Bob: a comment'],
  sealedAt: '2026-11-23T10:05:00.000Z',
  subjectChecksum: 'cd'.repeat(32),
};
const REFUSED: SealedVerdict = { ...SEALED, result: 'failed', reason: 'rejected' };

const sealed = (over: Partial<Gate> = {}) =>
  aGate({ state: 'approved', votes: [aVote()], decision: aDecision(), verdict: SEALED, ...over });
const claimsOf = (gate: Gate, over: { superseded?: boolean; now?: string; issuer?: string } = {}) =>
  decisionClaims(gate, { superseded: false, now: NOW, ...over });

test('a sealed approval is permission for a quarter of an hour, bound to what was sealed', () => {
  expect(claimsOf(sealed(), { issuer: 'https://countersign.contoso.com' })).toMatchObject({
    iss: 'https://countersign.contoso.com',
    sub: sealed().id,
    result: 'succeeded',
    reason: 'approved',
    iat: Date.parse(NOW) / 1_000,
    exp: Date.parse(NOW) / 1_000 + 900,
    validUntil: plusMinutes(NOW, 15),
    subjectChecksum: SEALED.subjectChecksum,
    sealedAt: SEALED.sealedAt,
    stage: 'deploy_prod',
    environment: 'prod',
    services: ['payments-api'],
    commit: aRun().commit,
    approvers: [{ oid: aDecision().by.oid, at: aDecision().at }],
  });
});

test('the claims name the commit that the contract came from', () => {
  const contract = { version: 7, checksum: '9f'.repeat(32), commit: 'beef'.repeat(10) };

  expect(claimsOf(sealed({ judgement: aJudgement({ contract }) })).contract).toEqual(contract);
  expect(claimsOf(sealed()).contract).toEqual({ version: 7, checksum: '9f'.repeat(32) });
});

test('an approval that is not sealed yet is pending', () => {
  expect(claimsOf(aGate({ state: 'approved', decision: aDecision() }))).toMatchObject({
    result: 'pending',
    reason: 'approved',
    sealedAt: null,
  });
});

test.each<[string, Partial<Gate>, { superseded?: boolean; now?: string }, string, string]>([
  ['waits', {}, {}, 'pending', 'asked'],
  ['passed and is not sealed', { state: 'passed' }, {}, 'pending', 'passed'],
  ['is blocked', { state: 'blocked' }, {}, 'pending', 'blocked'],
  ['was rejected and is not sealed', { state: 'rejected' }, {}, 'failed', 'rejected'],
  ['was rejected and sealed', { state: 'rejected', verdict: REFUSED }, {}, 'failed', 'rejected'],
  ['failed', { state: 'failed' }, {}, 'failed', 'failed'],
  ['expired', { state: 'expired' }, {}, 'failed', 'expired'],
  ['is past its end', {}, { now: aGate().closesAt }, 'failed', 'expired'],
  ['was approved past its end', { state: 'approved' }, { now: aGate().closesAt }, 'failed', 'expired'],
  ['was asked anew', { state: 'approved', verdict: SEALED }, { superseded: true }, 'failed', 'superseded'],
  ['ended elsewhere', { state: 'abandoned', verdict: SEALED }, {}, 'failed', 'abandoned'],
  ['was bypassed', { state: 'bypassed', completedElsewhere: 'succeeded' }, {}, 'failed', 'bypassed'],
  ['was superseded', { state: 'superseded' }, {}, 'failed', 'superseded'],
])('a request that %s is no permission', (_what, over, context, result, reason) => {
  const claims = claimsOf(aGate(over), context);
  expect(claims).toMatchObject({ result, reason, validUntil: context.now ?? NOW });
  expect(claims.exp).toBe(claims.iat);
});

test('whatever the record, permission is a sealed success that stands, and nothing else lasts', () => {
  const gates = fc.record({
    state: fc.constantFrom(...GATE_STATES),
    verdict: fc.constantFrom(undefined, SEALED, REFUSED),
    superseded: fc.boolean(),
    late: fc.boolean(),
  });
  fc.assert(
    fc.property(gates, ({ state, verdict, superseded, late }) => {
      const gate = aGate({ state, ...(verdict === undefined ? {} : { verdict }) });
      const claims = claimsOf(gate, { superseded, now: late ? gate.closesAt : NOW });
      const stands = verdict === SEALED && !superseded && state !== 'abandoned' && state !== 'bypassed';
      expect(claims.result === 'succeeded').toBe(stands);
      expect(claims.exp > claims.iat).toBe(stands);
    }),
  );
});

test('no name, comment or line of a log is signed', () => {
  const text = JSON.stringify(claimsOf(sealed()));
  for (const outside of [aDecision().by.name, aDecision().comment, ...SEALED.lines]) {
    if (outside !== '') expect(text).not.toContain(outside);
  }
});

test('a run of five hundred commits signs the first hundred and says how many there are', () => {
  const commits = Array.from({ length: 500 }, (_, n) => ({
    commit: String(n).padStart(40, '0'),
    repository: 'r',
    pipeline: 'p',
    runId: 7,
  }));
  const claims = claimsOf(sealed({ sources: aRunSources({ commits: [...commits, ...commits] }) }));
  expect(claims.commits).toHaveLength(100);
  expect(claims.commitCount).toBe(500);
});

const LATER = '2026-11-23T11:00:00.000Z';
const anew = (over: Partial<Gate> = {}) =>
  aGate({
    door: { kind: 'check', ...aCheck({ taskInstanceId: '99999999-9999-4999-8999-999999999999' }) },
    receivedAt: LATER,
    ...over,
  });

const aNativeRef = (id: string) => ({ organization: ORGANIZATION, projectId: 'p', id });
const told = () => aGate({ toldAt: '2026-11-23T10:05:02.000Z' });

test('the same deployment that was asked for after the answer takes the place of the earlier request, never the other way', () => {
  expect(supersedes(anew(), told())).toBe(true);
  expect(supersedes(aGate(), anew())).toBe(false);
  expect(supersedes(aGate(), aGate())).toBe(false);
});

test('an approval of Azure DevOps and a check of one stage speak for themselves, whichever comes later', () => {
  const native = (over: Partial<Gate> = {}) => anew({ door: { kind: 'approval', ...aNativeRef('1') }, ...over });
  expect(supersedes(native(), told())).toBe(false);
  expect(supersedes(anew(), native({ toldAt: '2026-11-23T10:30:00.000Z' }))).toBe(false);
  const second = { door: { kind: 'approval', ...aNativeRef('2') }, receivedAt: '2026-11-23T12:00:00.000Z' } as const;
  expect(supersedes(native(second), native({ toldAt: LATER }))).toBe(false);
  expect(supersedes(native({ ...second, attempt: 2 }), native({ toldAt: LATER }))).toBe(true);
});

test('a further attempt of the same check takes its place whatever the clocks say', () => {
  expect(supersedes(aGate({ attempt: 2 }), aGate())).toBe(true);
  expect(supersedes(aGate(), aGate({ attempt: 2 }))).toBe(false);
});

test.each<[string, Partial<Gate>]>([
  ['another run', { run: aRun({ id: 8 }) }],
  ['another stage', { stage: 'other' }],
  ['another environment', { environment: 'staging' }],
  ['other services', { services: ['orders-api'] }],
  ['another organization', { org: 'otherorg22' }],
])('a request of %s takes the place of none', (_what, over) => {
  expect(supersedes(anew(over), aGate())).toBe(false);
});
