import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Attempt, COMMENT_LIMIT, closedBecause, decide } from '../../services/domain/approval.ts';
import { GATE_STATES, type Gate } from '../../services/domain/gate.ts';
import type { Person } from '../../services/domain/person.ts';
import { ANN, aGate, aLevel, anAsk, aPerson, BOB, CARLA, DAN, TENANT } from '../builders.ts';

const NOW = '2026-11-23T10:05:00.000Z';
const EVE = aPerson();
const FAY = aPerson({ oid: 'f0000000-0000-4000-8000-000000000006', name: 'Fay Frost', upn: 'fay@contoso.example' });

/** By Bob, who may. */
function anAttempt(overrides: Partial<Attempt> = {}): Attempt {
  const person = 'person' in overrides ? overrides.person : BOB;
  const { oid, name } = person ?? EVE;
  const by = { kind: 'person' as const, tenant: TENANT, oid, name };
  return { verdict: 'approve', by, at: NOW, comment: '', revision: 1, person, levels: [0], ...overrides };
}

function refusalOf(gate: Gate, attempt: Attempt): string | undefined {
  const outcome = decide(gate, attempt);
  return outcome.kind === 'refused' ? outcome.refusal : undefined;
}

function after(gate: Gate, ...attempts: readonly Attempt[]): Gate {
  return attempts.reduce((now, attempt) => {
    const outcome = decide(now, attempt);
    return outcome.kind === 'decided' ? outcome.gate : now;
  }, gate);
}

/** Two of Bob, Carla and Eve, then one of Bob and Dan. */
function twoLevels(): Gate {
  const [bob, carla, eve] = [BOB, CARLA, EVE].map(({ oid, name }) => ({ oid, name }));
  const first = aLevel({ quorum: 2, eligible: [bob, carla, eve].filter((one) => one !== undefined) });
  const second = aLevel({ from: ['group:release-managers'] });
  return aGate({ ask: anAsk({ levels: [first, second] }), sources: { ...aGate().sources, authors: [] } as never });
}

test.each([
  ['approve', 'approved'],
  ['reject', 'rejected'],
] as const)('to %s settles a gate as %s, with who, when and why', (verdict, state) => {
  const gate = after(aGate(), anAttempt({ verdict, comment: 'looked at it' }));

  expect(gate).toMatchObject({ state, revision: 1, decision: { verdict, at: NOW, comment: 'looked at it' } });
  expect(gate.decision?.by.oid).toBe(BOB.oid);
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
  ['somebody whom the route does not ask', { levels: [] }, 'not-an-approver'],
  ['somebody who saw an older revision', { revision: 0 }, 'stale-revision'],
  ['somebody who claims a later revision', { revision: 2 }, 'stale-revision'],
] as const)('a decision by %s settles nothing', (_, attempt, refusal) => {
  for (const verdict of ['approve', 'reject'] as const) {
    const wish = anAttempt({ verdict, comment: 'because', ...(attempt as Partial<Attempt>) });
    expect(decide(aGate(), wish)).toEqual({ kind: 'refused', refusal });
  }
});

test('the requester hears that it is their own deployment, approver or not', () => {
  expect(refusalOf(aGate(), anAttempt({ person: ANN, levels: [] }))).toBe('own-deployment');
});

test('whoever ran the stage again, or asked for an exception that it uses, does not decide', () => {
  const sources = aGate().sources as NonNullable<Gate['sources']>;
  const rerun = aGate({ sources: { ...sources, reRunner: { uniqueName: BOB.upn.toUpperCase() } } });
  const excepted = aGate({ sources: { ...sources, exceptionRequesters: [BOB.oid] } });

  expect(refusalOf(rerun, anAttempt())).toBe('re-runner');
  expect(refusalOf(excepted, anAttempt())).toBe('exception-requester');
  expect(refusalOf({ ...rerun, ask: anAsk({ excludes: ['requester'] }) }, anAttempt())).toBeUndefined();
});

test('a comment is asked for where the route says so, and blanks are none', () => {
  const reject = (comment: string) => anAttempt({ verdict: 'reject', comment });

  expect(refusalOf(aGate(), reject(''))).toBe('comment-required');
  expect(refusalOf(aGate(), reject(' \n'))).toBe('comment-required');
  expect(refusalOf(aGate(), reject('no'))).toBeUndefined();
  expect(refusalOf(aGate(), anAttempt())).toBeUndefined();
  const both = anAsk({ comment: { approve: 'required', reject: 'required' } });
  expect(refusalOf(aGate({ ask: both }), anAttempt())).toBe('comment-required');
});

test('a comment may have 1,000 characters, however many bytes they take', () => {
  const comment = '🦔'.repeat(COMMENT_LIMIT);

  expect(refusalOf(aGate(), anAttempt({ comment }))).toBeUndefined();
  expect(refusalOf(aGate(), anAttempt({ comment: `${comment}.` }))).toBe('comment-too-long');
});

const CLOSED: Readonly<Record<string, string>> = {
  received: 'not-asked-yet',
  blocked: 'blocked',
  expired: 'expired',
  superseded: 'superseded',
};

test.each(
  GATE_STATES.map((state) => [state, state === 'asked' ? undefined : (CLOSED[state] ?? 'already-decided')] as const),
)('a gate that is %s answers %s', (state, refusal) => {
  expect(closedBecause(aGate({ state }), NOW)).toBe(refusal);
  expect(refusalOf(aGate({ state }), anAttempt())).toBe(refusal);
});

test('a gate is open until the instant it closes', () => {
  const { closesAt } = aGate();

  expect(closedBecause(aGate(), '2026-11-24T17:29:59.999Z')).toBeUndefined();
  for (const state of ['received', 'blocked', 'asked'] as const) {
    expect(closedBecause(aGate({ state }), closesAt)).toBe('expired');
    expect(refusalOf(aGate({ state }), anAttempt({ at: closesAt }))).toBe('expired');
  }
  expect(closedBecause(aGate({ state: 'approved' }), closesAt)).toBe('already-decided');
});

test('a gate that asks nobody, or whose sources nobody read, takes no decision', () => {
  const { ask: _, ...unasked } = aGate();
  const { sources: __, ...unread } = aGate();

  expect(refusalOf(unasked, anAttempt())).toBe('not-asked-yet');
  expect(refusalOf(unread, anAttempt())).toBe('not-asked-yet');
});

test('with a quorum of two one approval leaves the gate waiting, and the second settles it', () => {
  const one = after(twoLevels(), anAttempt());

  expect(one).toMatchObject({ state: 'asked', revision: 1 });
  expect(one.votes.map(({ by }) => by.oid)).toEqual([BOB.oid]);
  const single = { ...one, ask: anAsk({ levels: [aLevel({ quorum: 2 })] }) };
  expect(after(single, anAttempt({ person: CARLA }))).toMatchObject({ state: 'approved', votes: [{}, {}] });
});

test('one person counts once, whichever of their accounts approves', () => {
  const one = after(twoLevels(), anAttempt());
  const second: Person = { ...CARLA, sameAs: [BOB.upn] };

  expect(refusalOf(one, anAttempt())).toBe('already-voted');
  expect(refusalOf(one, anAttempt({ person: second }))).toBe('already-voted');
});

test('one person counts once in a route, in whichever level', () => {
  const filled = after(twoLevels(), anAttempt(), anAttempt({ person: CARLA }));

  expect(refusalOf(filled, anAttempt({ levels: [0, 1] }))).toBe('already-voted');
  expect(after(filled, anAttempt({ person: EVE, levels: [1] })).state).toBe('approved');
});

test('whoever is asked in a later level waits for the levels before, and may reject all the same', () => {
  expect(refusalOf(twoLevels(), anAttempt({ person: EVE, levels: [1] }))).toBe('not-your-turn');
  const reject = anAttempt({ person: EVE, levels: [1], verdict: 'reject', comment: 'no' });
  expect(after(twoLevels(), reject).state).toBe('rejected');
});

test('levels of different routes are asked side by side, and one person may count in each', () => {
  const gate = aGate({ ask: anAsk({ levels: [aLevel(), aLevel({ route: 'routes.yaml:40' })] }) });

  expect(after(gate, anAttempt({ levels: [0] }))).toMatchObject({ state: 'asked' });
  expect(after(gate, anAttempt({ levels: [0, 1] }))).toMatchObject({ state: 'approved', votes: [{ levels: [0, 1] }] });
});

test('until it is settled an approval may be withdrawn, by whoever gave it', () => {
  const one = after(twoLevels(), anAttempt());

  expect(refusalOf(one, anAttempt({ verdict: 'withdraw', person: CARLA }))).toBe('nothing-to-withdraw');
  expect(refusalOf(one, anAttempt({ verdict: 'withdraw', revision: 0 }))).toBe('stale-revision');
  expect(after(one, anAttempt({ verdict: 'withdraw', levels: [] }))).toMatchObject({ state: 'asked', votes: [] });
});

test('whoever withdraws takes back their own approval, no other', () => {
  const [level] = anAsk().levels;
  const three = aGate({ ask: anAsk({ levels: [{ ...aLevel(level), quorum: 3 }] }) });

  const left = after(three, anAttempt(), anAttempt({ person: CARLA }), anAttempt({ verdict: 'withdraw' }));

  expect(left.votes.map(({ by }) => by.oid)).toEqual([CARLA.oid]);
});

test('until it is settled whoever approved may reject, which is final', () => {
  const rejected = after(twoLevels(), anAttempt(), anAttempt({ verdict: 'reject', comment: 'seen too late' }));

  expect(rejected).toMatchObject({ state: 'rejected', decision: { verdict: 'reject' } });
  expect(refusalOf(rejected, anAttempt({ person: CARLA }))).toBe('already-decided');
});

const coverFor = (absent: Person, setBy = absent) => [{ absent, setBy, levels: [0] }];
const COVERED: Partial<Attempt> = { person: EVE, levels: [], covered: coverFor(CARLA) };

test('who covers for an approver decides in their place, and both are named', () => {
  const gate = after(aGate(), anAttempt(COVERED));

  expect(gate.decision).toMatchObject({ by: { oid: EVE.oid }, covers: { oid: CARLA.oid } });
  expect(gate.votes[0]).toMatchObject({ by: { oid: EVE.oid }, covers: { oid: CARLA.oid } });
});

test('an absent approver and who covers for them count once', () => {
  const gate = after(twoLevels(), anAttempt(COVERED));

  expect(gate.votes).toHaveLength(1);
  expect(refusalOf(gate, anAttempt({ person: CARLA }))).toBe('already-voted');
});

test.each([
  ['the requester', ANN],
  ['an author', DAN],
  ['a disabled account', { ...CARLA, disabled: true }],
])('nobody decides in the place of %s', (_, absent) => {
  expect(refusalOf(aGate(), anAttempt({ ...COVERED, covered: coverFor(absent) }))).toBe('not-an-approver');
});

test('nobody decides in the place of an approver by the arrangement of whoever asked for it or wrote it', () => {
  for (const setBy of [ANN, DAN]) {
    expect(refusalOf(aGate(), anAttempt({ ...COVERED, covered: coverFor(CARLA, setBy) }))).toBe('not-an-approver');
  }
});

test('who covers for two decides for the one who may, and whose turn it is', () => {
  const gate = after(twoLevels(), anAttempt(), anAttempt({ person: CARLA }));
  const later = { absent: EVE, setBy: EVE, levels: [1] };
  const covered = [...coverFor(ANN), ...coverFor(CARLA), later];

  expect(after(gate, anAttempt({ person: FAY, levels: [], covered }))).toMatchObject({
    state: 'approved',
    decision: { covers: { oid: EVE.oid } },
  });
});

test('who is asked later decides for somebody who is asked now, and counts once all the same', () => {
  const attempt = anAttempt({ person: EVE, levels: [1], covered: coverFor(CARLA) });
  const gate = after(twoLevels(), attempt);

  expect(gate.votes).toMatchObject([{ covers: { oid: CARLA.oid }, levels: [0] }]);
  expect(refusalOf(after(gate, anAttempt()), attempt)).toBe('already-voted');
});

test('an absent approver counts once, by whichever of their accounts and whoever covers it', () => {
  const second = { ...CARLA, oid: '00000000-0000-4000-8000-0000000000c2', upn: 'c2@contoso.com', sameAs: [CARLA.oid] };
  const gate = after(twoLevels(), anAttempt(COVERED));

  expect(refusalOf(gate, anAttempt({ person: second }))).toBe('already-voted');
  const other = anAttempt({ person: FAY, levels: [], covered: coverFor(second) });
  expect(refusalOf(gate, other)).toBe('already-voted');
});

test('the requester does not decide by covering for an approver', () => {
  expect(refusalOf(aGate(), anAttempt({ ...COVERED, person: ANN }))).toBe('own-deployment');
});

const anyAttempt: fc.Arbitrary<Attempt> = fc
  .record({
    person: fc.constantFrom(ANN, BOB, CARLA, DAN, { ...BOB, guest: true }, { ...CARLA, disabled: true }, undefined),
    verdict: fc.constantFrom('approve' as const, 'reject' as const, 'withdraw' as const),
    comment: fc.constantFrom('', 'because'),
    revision: fc.constantFrom(0, 1, 2, undefined),
    levels: fc.constantFrom([], [0], [1], [0, 1]),
    at: fc.constantFrom(NOW, '2026-11-24T17:29:59.999Z', '2026-11-24T17:30:00.000Z'),
  })
  .map(({ revision, ...rest }) => {
    const { revision: _, ...attempt } = anAttempt(rest);
    return { ...attempt, ...(revision === undefined ? {} : { revision }) };
  });

test('no order of clicks changes a settled gate', () => {
  fc.assert(
    fc.property(fc.array(anyAttempt, { maxLength: 12 }), fc.constantFrom(aGate(), twoLevels()), (attempts, gate) => {
      const end = after(gate, ...attempts);
      if (end.state !== 'asked') expect(after(end, ...attempts.toReversed())).toBe(end);
    }),
  );
});

test('whatever is approved has for each level as many distinct approvers as it asks for, none of whom asked or wrote', () => {
  fc.assert(
    fc.property(fc.array(anyAttempt, { maxLength: 16 }), (attempts) => {
      const gate = aGate({ ask: anAsk({ levels: [aLevel({ quorum: 2 })] }) });
      const { state, votes } = after(gate, ...attempts);
      const people = new Set(votes.map(({ by }) => by.oid));
      expect(people.size).toBe(votes.length);
      for (const oid of people) expect([BOB.oid, CARLA.oid]).toContain(oid);
      expect(state === 'approved').toBe(votes.length === 2);
    }),
    { numRuns: 500 },
  );
});
