import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Gate, SealedVerdict } from '../../services/domain/gate.ts';
import type { JudgedGroup } from '../../services/domain/judgement.ts';
import { verdictLines } from '../../services/domain/verdict-lines.ts';
import { aDecision, aGate, aJudgedGroup, aJudgement, aSample, aSignal, aVote, aWarning } from '../builders.ts';

const failed = (gate: Partial<Gate>, reason: SealedVerdict['reason'] = 'blocked') =>
  verdictLines(aGate(gate), 'failed', reason);

test('the first line says result, reason, services, environment and request', () => {
  const gate = aGate({ services: ['orders-api', 'payments-api'] });

  expect(verdictLines(gate, 'succeeded', 'approved')[0]).toBe(
    `Countersign: succeeded (approved) for orders-api, payments-api in prod, request ${gate.id}`,
  );
});

test('who decided, when and why is said', () => {
  const approved = aGate({ votes: [aVote()], decision: aDecision() });
  const rejected = aGate({ decision: aDecision({ verdict: 'reject', comment: 'not on a Friday' }) });

  expect(verdictLines(approved, 'succeeded', 'approved')[1]).toBe('Approved by Bob Baker at 2026-11-23T10:05:00.000Z');
  expect(verdictLines(rejected, 'failed', 'rejected')[1]).toBe(
    'Rejected by Bob Baker at 2026-11-23T10:05:00.000Z: not on a Friday',
  );
});

test('what blocks stands before what is in the way, and that before what warns', () => {
  const judgement = aJudgement({
    blocks: [aJudgedGroup({ because: 'Everybody can read it' })],
    warns: [aWarning({ count: 3 })],
    obstacles: [{ kind: 'no-route', detail: 'payments-api in prod' }],
  });

  expect(failed({ judgement }).slice(1, -1)).toEqual([
    '1 block, 3 warn, 0 monitor (contract v7)',
    'BLOCK secret-scanning: gitleaks generic-api-key in src/config/keys.ts:17. Why: Everybody can read it',
    'BLOCK no-route: payments-api in prod',
    'WARN dependency-scanning: trivy CVE-2026-31337 in package-lock.json:812 (3 findings). Why: Needs exploitability context before it may block',
  ]);
});

test('a place is said as far as it is known', () => {
  const { line: _, path: __, ...placeless } = aSample();
  const { line: ___, ...lineless } = aSample();
  const { control: ____, ...unclaimed } = aJudgedGroup({ samples: [placeless] });
  const lines = (...blocks: readonly JudgedGroup[]) => failed({ judgement: aJudgement({ blocks }) });

  expect(lines(unclaimed)[2]).toBe('BLOCK unmatched: gitleaks generic-api-key.');
  expect(lines(aJudgedGroup({ samples: [lineless] }))[2]).toBe(
    'BLOCK secret-scanning: gitleaks generic-api-key in src/config/keys.ts.',
  );
});

test('ten groups of each class are shown', () => {
  const many = (group: typeof aJudgedGroup) => Array.from({ length: 12 }, (_, n) => group({ rule: `rule-${n}` }));

  const lines = failed({ judgement: aJudgement({ blocks: many(aJudgedGroup), warns: many(aWarning) }) });

  expect(lines.filter((line) => line.startsWith('BLOCK'))).toHaveLength(10);
  expect(lines.filter((line) => line.startsWith('WARN'))).toHaveLength(10);
});

test('what was not scanned is named, required or not', () => {
  const signals = [aSignal(), aSignal({ control: 'sast', state: 'unknown', required: false })];

  expect(failed({ judgement: aJudgement({ signals }) })).toContain('Not scanned: sast');
  expect(failed({}).join()).not.toContain('Not scanned');
});

test('without a contract that is said', () => {
  const { contract: _, ...judgement } = aJudgement();

  expect(failed({ judgement })).toContain('0 block, 0 warn, 0 monitor (no contract)');
});

test.each([
  ['blocked', 'What now: fix what blocks, then run the stage again.'],
  ['rejected', 'What now: talk to the person above, then run the stage again.'],
  ['expired', 'What now: the time to decide is over. Run the stage again to ask anew.'],
  ['superseded', 'What now: nothing here; a newer run of this stage has taken its place.'],
] as const)('a gate that failed as %s ends with what to do', (reason, line) => {
  expect(failed({}, reason).at(-1)).toBe(line);
  expect(verdictLines(aGate(), 'succeeded', 'passed').join()).not.toContain('What now');
});

test.each([
  [4712, 1, 'run 4712 of this stage'],
  [aGate().run.id, 2, 'attempt 2 of this run'],
])('a superseded gate ends with what took its place, never with a fix: %i, attempt %i', (runId, attempt, newer) => {
  const gate = aGate({ state: 'superseded', supersededBy: { requestId: 'abcdefghijklmnop', runId, attempt } });

  expect(verdictLines(gate, 'failed', 'superseded').at(-1)).toBe(
    `What now: nothing here; ${newer} has taken its place.`,
  );
});

test('in an observed environment it is said what would have happened', () => {
  const would = (gate: Partial<Gate>) => verdictLines(aGate(gate), 'succeeded', 'observed')[1];

  expect(would({ judgement: aJudgement({ blocks: [aJudgedGroup()] }) })).toBe(
    'This environment is observed, not enforced: the deployment would have been blocked.',
  );
  expect(would({})).toBe('This environment is observed, not enforced: the deployment would have passed the contract.');
});

test('a gate that nobody judged says only what is known', () => {
  const { judgement: _, ...unjudged } = aGate();

  expect(verdictLines(unjudged, 'failed', 'expired')).toHaveLength(2);
});

test('a line ends after 400 characters', () => {
  const judgement = aJudgement({ blocks: [aJudgedGroup({ rule: 'r'.repeat(1_000) })] });

  expect(failed({ judgement })[2]).toHaveLength(400);
});

test('whatever a report or a person wrote, a line is one short line of plain text', () => {
  const hostile = fc.string({
    unit: fc.constantFrom('a', '\n', '\r', '\u001b', '\u202e', '\u200b', '\u2028', '\u2029', '\u0000', '🦔', ' '),
    maxLength: 900,
  });
  fc.assert(
    fc.property(hostile, (text) => {
      const judgement = aJudgement({
        blocks: [aJudgedGroup({ rule: text, because: text, samples: [aSample({ path: text })] })],
        obstacles: [{ kind: 'missing-signal', detail: text }],
      });
      for (const line of failed({
        judgement,
        votes: [aVote({ comment: text })],
        decision: aDecision({ comment: text }),
      })) {
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(line.length).toBeLessThanOrEqual(400);
      }
    }),
  );
});

test('every approval is said, and in whose place it was given', () => {
  const carla = { ...aVote().by, oid: 'c', name: 'Carla Cruz' };
  const covering = aVote({ by: carla, covers: { oid: 'd', name: 'Dan Dorn' }, comment: 'looked' });
  const lines = verdictLines(aGate({ votes: [aVote(), covering], decision: aDecision() }), 'succeeded', 'approved');

  expect(lines.slice(1, 3)).toEqual([
    'Approved by Bob Baker at 2026-11-23T10:05:00.000Z',
    'Approved by Carla Cruz for Dan Dorn at 2026-11-23T10:05:00.000Z: looked',
  ]);
});

test('who else found it is said once for each tool', () => {
  const duplicates = ['snyk-open-source', 'grype', 'grype'].map((tool, n) => ({
    ...{ of: 'f', tool, rule: 'any' },
    fingerprint: `${n}`,
  }));
  const judgement = aJudgement({ blocks: [aJudgedGroup({ duplicates })] });
  expect(failed({ judgement })[2]).toContain('src/config/keys.ts:17, also found by grype, snyk-open-source.');
});
