import { expect, test } from 'vitest';
import { type Assessment, assessed, reassessed } from '../../services/domain/assess.ts';
import type { Gate } from '../../services/domain/gate.ts';
import { judge } from '../../services/domain/judge.ts';
import { exceptionsAwaited } from '../../services/domain/judgement.ts';
import { isWaitOver, nextLookAt } from '../../services/domain/schedule.ts';
import { aBlockedGate, aJudgedGroup, aJudgement, aRunSources } from '../builders.ts';
import { aScanHead } from '../scans.ts';
import { aGroup, aJudgedService, anException, anInput, fingerprint } from './judge-input.ts';

// A block whose exception is asked for: what is judged, and how long the gate waits for the answer.

const IN_WAIT = '2026-11-23T10:00:00.000Z';
const AFTER_WAIT = '2026-11-23T10:31:00.000Z';

const blocked = (...requested: readonly string[]) =>
  aJudgement({ blocks: [aJudgedGroup(requested.length === 0 ? {} : { requested })] });
/** Waits until 10:31, closes at half past five the next day. */
const gate = (over: Partial<Gate> = {}) => aBlockedGate(over);

function anAssessment(over: Partial<Assessment> = {}): Assessment {
  const { subjectChecksum = '' } = gate();
  return {
    ...{ outcome: 'block', observed: false, judgement: blocked(), sources: aRunSources(), subjectChecksum },
    ...{ predecessors: [], blockWaitMinutes: 60 },
    ...over,
  };
}

test('a block with an exception asked for outlasts its wait', () => {
  const waits = assessed(gate(), anAssessment({ judgement: blocked('EX-1') }), AFTER_WAIT);
  expect(waits).toMatchObject({ state: 'blocked', awaits: ['EX-1'], waitUntil: AFTER_WAIT });
  expect(isWaitOver(waits, AFTER_WAIT)).toBe(false);
  expect(nextLookAt(waits)).toBe(waits.closesAt);
});

test('it never outlasts the gate itself', () => {
  const { closesAt } = gate();
  expect(assessed(gate(), anAssessment({ judgement: blocked('EX-1') }), closesAt).state).toBe('failed');
});

test('a pass that comes after the gate has closed is expired: nothing would ever let it through', () => {
  const { closesAt } = gate();
  for (const over of [{ outcome: 'pass' }, { observed: true }] as const) {
    expect(assessed(gate(), anAssessment(over), closesAt).state).toBe('expired');
    expect(assessed(gate(), anAssessment(over), IN_WAIT).state).toBe('passed');
  }
});

test('refused after the wait, it ends at once; refused before, at the end of the wait', () => {
  const waits = gate({ awaits: ['EX-1'] });
  const late = assessed(waits, anAssessment(), AFTER_WAIT);
  expect(late.state).toBe('failed');
  expect(late).not.toHaveProperty('awaits');
  const early = assessed(waits, anAssessment(), IN_WAIT);
  expect(early).toMatchObject({ state: 'blocked', waitUntil: AFTER_WAIT });
  expect(nextLookAt(early)).toBe(AFTER_WAIT);
  expect([isWaitOver(early, IN_WAIT), isWaitOver(early, AFTER_WAIT)]).toEqual([false, true]);
});

test('that one is asked for, or another one, is seen as a change; the same is none', () => {
  const waits = assessed(gate(), anAssessment({ judgement: blocked('EX-1') }), IN_WAIT);
  expect(reassessed(gate(), anAssessment({ judgement: blocked('EX-1') }), IN_WAIT)).toEqual(waits);
  expect(reassessed(waits, anAssessment({ judgement: blocked('EX-1') }), IN_WAIT)).toBeUndefined();
  expect(reassessed(waits, anAssessment({ judgement: blocked('EX-2') }), IN_WAIT)).toMatchObject({ awaits: ['EX-2'] });
  expect(reassessed(waits, anAssessment(), IN_WAIT)).not.toHaveProperty('awaits');
});

test('what is asked for changes no question: revision and wait stay', () => {
  const next = reassessed(gate(), anAssessment({ judgement: blocked('EX-1') }), IN_WAIT);
  expect(next).toMatchObject({ revision: gate().revision, waitUntil: gate().waitUntil });
});

test('all that are asked for are awaited, once each', () => {
  const groups = [['EX-2', 'EX-10'], ['EX-2'], undefined].map((requested) =>
    aJudgedGroup(requested === undefined ? {} : { requested }),
  );
  expect(exceptionsAwaited({ blocks: groups })).toEqual(['EX-10', 'EX-2']);
});

const two = [fingerprint(1), fingerprint(2)];
const judged = (over: Partial<ReturnType<typeof aJudgedService>>) =>
  judge(
    anInput({
      services: [aJudgedService({ heads: [aScanHead({ groups: [aGroup({ fingerprints: two })] })], ...over })],
    }),
  );

test('what is only asked for covers nothing: it blocks, and names what is asked for', () => {
  const judgement = judged({ requested: [anException({ id: 'EX-7' })] });
  expect(judgement).toMatchObject({ verdict: 'block', blocks: [{ count: 2, fingerprints: two, requested: ['EX-7'] }] });
  expect(judgement.warns).toEqual([]);
});

test('what is in force splits off its part; the rest blocks and is asked for by itself', () => {
  const rest = anException({ id: 'EX-8', fingerprints: [fingerprint(2)] });
  expect(judged({ exceptions: [anException()], requested: [rest] })).toMatchObject({
    verdict: 'block',
    blocks: [{ count: 1, fingerprints: [fingerprint(2)], requested: ['EX-8'] }],
    warns: [{ count: 1, fingerprints: [fingerprint(1)], exceptionId: 'EX-1' }],
  });
  const [block] = judged({ exceptions: [anException()], requested: [anException({ id: 'EX-8' })] }).blocks;
  expect(block).not.toHaveProperty('requested');
});

test('one exception of several findings lets all of them through', () => {
  expect(judged({ exceptions: [anException({ fingerprints: two })] })).toMatchObject({
    verdict: 'pass',
    blocks: [],
    warns: [{ count: 2, fingerprints: two, exceptionId: 'EX-1' }],
  });
});

test('what became worse is not covered and not taken for asked for; the exception that it outgrew is named', () => {
  const mild = anException({ fingerprints: two, severity: 'medium' });
  const judgement = judged({ exceptions: [mild], requested: [{ ...mild, id: 'EX-2' }] });
  expect(judgement).toMatchObject({ verdict: 'block', blocks: [{ count: 2, outgrown: ['EX-1'] }], warns: [] });
  expect(judgement.blocks[0]).not.toHaveProperty('requested');
});

test('a request for another place is not awaited', () => {
  for (const other of [{ service: 'orders-api' }, { environment: 'staging' }, { control: 'sast' }])
    expect(judged({ requested: [anException(other)] }).blocks[0]).not.toHaveProperty('requested');
});
