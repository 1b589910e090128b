import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GATE_STATES, type Gate } from '../../services/domain/gate.ts';
import { type FreshView, sealFailed, sealSucceeded } from '../../services/domain/seal.ts';
import { aDecision, aGate } from '../builders.ts';

const NOW = '2026-11-23T10:06:00.000Z';
const SUBJECT = 'ab'.repeat(32);

const aView = (overrides: Partial<FreshView> = {}): FreshView => ({
  outcome: 'ask',
  observed: false,
  subjectChecksum: SUBJECT,
  votesHold: true,
  ...overrides,
});

const approved = (overrides: Partial<Gate> = {}) => aGate({ state: 'approved', decision: aDecision(), ...overrides });

test('an approval of the present subject by somebody who may still decide is sealed as succeeded', () => {
  const sealed = sealSucceeded(approved(), aView(), NOW);

  expect(sealed).toMatchObject({
    result: 'succeeded',
    reason: 'approved',
    sealedAt: NOW,
    subjectChecksum: SUBJECT,
  });
  expect(sealed?.lines[0]).toContain('succeeded (approved)');
});

test('a gate that asked nobody and passes afresh is sealed as succeeded, with the subject as it now is', () => {
  const fresh = aView({ outcome: 'pass', subjectChecksum: 'cd'.repeat(32) });

  expect(sealSucceeded(aGate({ state: 'passed' }), fresh, NOW)).toMatchObject({
    reason: 'passed',
    subjectChecksum: 'cd'.repeat(32),
  });
});

test('in an observed environment a blocked gate is sealed as observed, and the lines say what would have been', () => {
  const sealed = sealSucceeded(
    aGate({ state: 'passed', observed: true }),
    aView({ outcome: 'block', observed: true }),
    NOW,
  );

  expect(sealed).toMatchObject({ result: 'succeeded', reason: 'observed' });
  expect(sealed?.lines.join('\n')).toContain('observed, not enforced');
});

test.each<[string, Gate, FreshView, string]>([
  ['the fresh view blocks', approved(), aView({ outcome: 'block' }), NOW],
  ['the subject is another', approved(), aView({ subjectChecksum: 'cd'.repeat(32) }), NOW],
  ['the approver may not decide any more', approved(), aView({ votesHold: false }), NOW],
  ['the decision was to reject', approved({ decision: aDecision({ verdict: 'reject' }) }), aView(), NOW],
  ['there is no decision', aGate({ state: 'approved' }), aView(), NOW],
  ['the gate is closed', approved(), aView(), aGate().closesAt],
  ['people must be asked now', aGate({ state: 'passed' }), aView(), NOW],
  ['the environment enforces by now', aGate({ state: 'passed', observed: true }), aView({ outcome: 'pass' }), NOW],
  ['an approved gate is observed by now', approved(), aView({ observed: true }), NOW],
])('nothing is sealed as succeeded when %s', (_, gate, fresh, now) => {
  expect(sealSucceeded(gate, fresh, now)).toBeUndefined();
});

const anyGate: fc.Arbitrary<Gate> = fc
  .record({
    state: fc.constantFrom(...GATE_STATES),
    observed: fc.boolean(),
    verdict: fc.option(fc.constantFrom('approve' as const, 'reject' as const)),
    subject: fc.option(fc.constantFrom(SUBJECT, 'cd'.repeat(32))),
  })
  .map(({ state, observed, verdict, subject }) => {
    const { subjectChecksum: _, ...rest } = aGate({ state, observed });
    return {
      ...rest,
      ...(subject === null ? {} : { subjectChecksum: subject }),
      ...(verdict === null ? {} : { decision: aDecision({ verdict }) }),
    };
  });

const anyView: fc.Arbitrary<FreshView> = fc.record({
  outcome: fc.constantFrom('block' as const, 'ask' as const, 'pass' as const),
  observed: fc.boolean(),
  subjectChecksum: fc.constantFrom(SUBJECT, 'cd'.repeat(32)),
  votesHold: fc.boolean(),
});

const anyNow = fc.constantFrom(NOW, '2026-11-24T17:29:59.999Z', '2026-11-24T17:30:00.000Z', '2026-12-01T00:00:00.000Z');

test('succeeded means: the contract passes, or a valid approval of this subject stands, or the environment is observed', () => {
  fc.assert(
    fc.property(anyGate, anyView, anyNow, (gate, fresh, now) => {
      const inTime = now < gate.closesAt;
      const observed = fresh.observed && gate.state === 'passed';
      const enforced = !fresh.observed && !gate.observed && fresh.outcome !== 'block';
      const passes = enforced && gate.state === 'passed' && fresh.outcome === 'pass';
      const approves =
        enforced &&
        gate.state === 'approved' &&
        gate.decision?.verdict === 'approve' &&
        gate.subjectChecksum === fresh.subjectChecksum &&
        fresh.votesHold;
      const sealed = sealSucceeded(gate, fresh, now);
      expect(sealed !== undefined).toBe(inTime && (observed || passes || approves));
      if (sealed?.reason === 'observed') expect(fresh.observed).toBe(true);
      if (fresh.outcome === 'block' && sealed !== undefined) expect(sealed.reason).toBe('observed');
    }),
    { numRuns: 2_000 },
  );
});

test('every other seal is failed, whatever the gate', () => {
  fc.assert(
    fc.property(anyGate, anyNow, (gate, now) => {
      const sealed = sealFailed(gate, now);
      expect(sealed).toMatchObject({ result: 'failed', sealedAt: now, subjectChecksum: gate.subjectChecksum ?? '' });
      expect(sealed.lines[0]).toContain(`failed (${sealed.reason})`);
    }),
  );
});

const LATE = '2026-11-24T17:30:00.000Z';

test.each([
  ['rejected', NOW, 'rejected'],
  ['rejected', LATE, 'rejected'],
  ['superseded', NOW, 'superseded'],
  ['superseded', LATE, 'superseded'],
  ['expired', NOW, 'expired'],
  ['failed', NOW, 'blocked'],
  ['failed', LATE, 'blocked'],
  ['approved', NOW, 'blocked'],
  ['approved', LATE, 'expired'],
  ['passed', LATE, 'expired'],
] as const)('a gate that was %s fails at %s as %s', (state, now, reason) => {
  expect(sealFailed(aGate({ state }), now).reason).toBe(reason);
});

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Types that name the word, beside the one function that says it. */
const NAMED_IN = ['services/domain/gate.ts', 'services/ports/azure-devops.ts'];

test('no other source file produces succeeded', async () => {
  const folders = ['bot', 'cards', 'services', 'manifest'];
  const lists = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(`${ROOT}${folder}`, { recursive: true });
      return names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`);
    }),
  );
  const saying: string[] = [];
  for (const file of lists.flat()) {
    const text = await readFile(`${ROOT}${file}`, 'utf8');
    // Whoever only asks for the word says nothing.
    if (/['"`]succeeded['"`]/.test(text.replaceAll("=== 'succeeded'", ''))) saying.push(file);
  }
  expect(lists.flat().length).toBeGreaterThan(50);
  // The first says it of a stage that went on without us: how Azure DevOps would word it of a check.
  expect(saying.sort()).toEqual([
    'services/approval-door.ts',
    'services/domain/decision-claims.ts',
    'services/domain/gate.ts',
    'services/domain/seal.ts',
    'services/ports/azure-devops.ts',
  ]);
  for (const file of NAMED_IN) {
    const text = await readFile(`${ROOT}${file}`, 'utf8');
    expect(text.match(/.*'succeeded'.*/g)).toEqual(["  readonly result: 'succeeded' | 'failed';"]);
  }
});
