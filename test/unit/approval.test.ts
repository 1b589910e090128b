import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Attempt, COMMENT_LIMIT, closedBecause, decide, stillHolds } from '../../services/domain/approval.ts';
import { GATE_STATES, type Gate } from '../../services/domain/gate.ts';
import { ANN, aDecision, aGate, anAsk, aPerson, BOB, CARLA, DAN, TENANT } from '../builders.ts';

const NOW = '2026-11-23T10:05:00.000Z';

/** By Bob, who may. */
function anAttempt(overrides: Partial<Attempt> = {}): Attempt {
  return { decision: aDecision({ at: NOW }), revision: 1, person: BOB, isApprover: true, ...overrides };
}

function refusalOf(gate: Gate, attempt: Attempt): string | undefined {
  const outcome = decide(gate, attempt);
  return outcome.kind === 'refused' ? outcome.refusal : undefined;
}

test.each([
  ['approve', 'approved'],
  ['reject', 'rejected'],
] as const)('to %s settles a gate as %s, with who, when and why', (verdict, state) => {
  const decision = aDecision({ verdict, at: NOW, comment: 'looked at it' });
  const gate = aGate();

  expect(decide(gate, anAttempt({ decision }))).toEqual({ kind: 'decided', gate: { ...gate, state, decision } });
});

test('a typed command means the present revision', () => {
  const { revision: _, ...typed } = anAttempt();

  expect(decide(aGate({ revision: 7 }), typed).kind).toBe('decided');
});

test.each([
  ['somebody whom the directory does not know', { person: undefined }, 'not-in-directory'],
  ['the requester', { person: ANN }, 'own-deployment'],
  ['an author', { person: DAN }, 'commit-author'],
  ['a guest', { person: { ...BOB, guest: true } }, 'guest'],
  ['a disabled account', { person: { ...BOB, disabled: true } }, 'disabled'],
  ['somebody whom the route does not ask', { isApprover: false }, 'not-an-approver'],
  ['somebody who saw an older revision', { revision: 0 }, 'stale-revision'],
  ['somebody who claims a later revision', { revision: 2 }, 'stale-revision'],
] as const)('a decision by %s settles nothing', (_, attempt, refusal) => {
  for (const verdict of ['approve', 'reject'] as const) {
    const decision = aDecision({ verdict, at: NOW, comment: 'because' });
    expect(decide(aGate(), anAttempt({ decision, ...attempt }))).toEqual({ kind: 'refused', refusal });
  }
});

test('the requester hears that it is their own deployment, approver or not', () => {
  expect(refusalOf(aGate(), anAttempt({ person: ANN, isApprover: false }))).toBe('own-deployment');
});

test('a comment is asked for where the route says so, and blanks are none', () => {
  const reject = (comment: string) => anAttempt({ decision: aDecision({ verdict: 'reject', at: NOW, comment }) });

  expect(refusalOf(aGate(), reject(''))).toBe('comment-required');
  expect(refusalOf(aGate(), reject(' \n'))).toBe('comment-required');
  expect(refusalOf(aGate(), reject('no'))).toBeUndefined();
  expect(refusalOf(aGate(), anAttempt())).toBeUndefined();
  const both = anAsk({ comment: { approve: 'required', reject: 'required' } });
  expect(refusalOf(aGate({ ask: both }), anAttempt())).toBe('comment-required');
});

test('a comment may have 1,000 characters, however many bytes they take', () => {
  const comment = '🦔'.repeat(COMMENT_LIMIT);

  expect(refusalOf(aGate(), anAttempt({ decision: aDecision({ at: NOW, comment }) }))).toBeUndefined();
  expect(refusalOf(aGate(), anAttempt({ decision: aDecision({ at: NOW, comment: `${comment}.` }) }))).toBe(
    'comment-too-long',
  );
});

test.each(
  GATE_STATES.map(
    (state) =>
      [
        state,
        { received: 'not-asked-yet', blocked: 'blocked', asked: undefined, expired: 'expired' }[state as string] ??
          (state === 'asked' ? undefined : 'already-decided'),
      ] as const,
  ),
)('a gate that is %s answers %s', (state, refusal) => {
  expect(closedBecause(aGate({ state }), NOW)).toBe(refusal);
  expect(refusalOf(aGate({ state }), anAttempt())).toBe(refusal);
});

test('a gate is open until the instant it closes', () => {
  const { closesAt } = aGate();

  expect(closedBecause(aGate(), '2026-11-24T17:29:59.999Z')).toBeUndefined();
  for (const state of ['received', 'blocked', 'asked'] as const) {
    expect(closedBecause(aGate({ state }), closesAt)).toBe('expired');
    expect(refusalOf(aGate({ state }), anAttempt({ decision: aDecision({ at: closesAt }) }))).toBe('expired');
  }
  expect(closedBecause(aGate({ state: 'approved' }), closesAt)).toBe('already-decided');
});

test('a gate that asks nobody, or whose sources nobody read, takes no decision', () => {
  const { ask: _, ...unasked } = aGate();
  const { sources: __, ...unread } = aGate();

  expect(refusalOf(unasked, anAttempt())).toBe('not-asked-yet');
  expect(refusalOf(unread, anAttempt())).toBe('not-asked-yet');
});

const anyAttempt: fc.Arbitrary<Attempt> = fc
  .record({
    person: fc.constantFrom(ANN, BOB, CARLA, DAN, { ...BOB, guest: true }, { ...CARLA, disabled: true }, undefined),
    verdict: fc.constantFrom('approve' as const, 'reject' as const),
    comment: fc.constantFrom('', 'because'),
    revision: fc.constantFrom(0, 1, 2, undefined),
    isApprover: fc.boolean(),
    at: fc.constantFrom(NOW, '2026-11-24T17:29:59.999Z', '2026-11-24T17:30:00.000Z'),
  })
  .map(({ verdict, comment, at, revision, ...rest }) => {
    const { oid, name } = rest.person ?? aPerson();
    const decision = { verdict, comment, at, by: { kind: 'person' as const, tenant: TENANT, oid, name } };
    return { ...rest, decision, ...(revision === undefined ? {} : { revision }) };
  });

function settle(gate: Gate, attempts: readonly Attempt[]): Gate {
  return attempts.reduce((now, attempt) => {
    const outcome = decide(now, attempt);
    return outcome.kind === 'decided' ? outcome.gate : now;
  }, gate);
}

test('no order of clicks changes a settled gate: the first allowed decision stands', () => {
  fc.assert(
    fc.property(fc.array(anyAttempt, { maxLength: 12 }), (attempts) => {
      const settled = settle(aGate(), attempts);
      const first = attempts.find((attempt) => decide(aGate(), attempt).kind === 'decided');
      expect(settled.decision).toEqual(first?.decision);
      if (first !== undefined) expect(settle(settled, attempts.toReversed())).toBe(settled);
    }),
  );
});

test('whatever is decided was decided by an approver of this revision who neither asked nor wrote', () => {
  fc.assert(
    fc.property(anyAttempt, (attempt) => {
      if (decide(aGate(), attempt).kind === 'refused') return;
      expect([BOB.oid, CARLA.oid]).toContain(attempt.person?.oid);
      expect(attempt).toMatchObject({ isApprover: true, person: { guest: false, disabled: false } });
      expect(attempt.revision ?? 1).toBe(1);
      expect(attempt.decision.at < aGate().closesAt).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('an approval holds while the approver may still decide', () => {
  expect(stillHolds(aGate(), BOB, true)).toBe(true);
});

test.each([
  ['left the directory', undefined, true],
  ['left the group', BOB, false],
  ['was disabled', { ...BOB, disabled: true }, true],
  ['turned out to be the requester', ANN, true],
] as const)('an approval does not hold once the approver %s', (_, person, isApprover) => {
  expect(stillHolds(aGate(), person, isApprover)).toBe(false);
});

test('an approval of a gate that asks nobody, or whose sources are unknown, does not hold', () => {
  const { ask: _, ...unasked } = aGate();
  const { sources: __, ...unread } = aGate();

  expect(stillHolds(unasked, BOB, true)).toBe(false);
  expect(stillHolds(unread, BOB, true)).toBe(false);
});
