import { expect, test } from 'vitest';
import { gateCard } from '../../cards/gate-card.ts';
import type { Protection } from '../../services/domain/run.ts';
import { aGate, aJudgement, aRunSources, COMMIT } from '../builders.ts';
import { textById } from '../cards/read.ts';

// What the gate says of the branches that a run ships from.

function gateOf(...protections: readonly (Protection | undefined)[]) {
  const branches = protections.map((protection, n) => ({
    ...{ commit: COMMIT, repository: `repository-${n}`, pipeline: 'deploy', runId: 7, ref: 'refs/heads/main' },
    ...(protection === undefined ? {} : { protection }),
  }));
  const sources = aRunSources({ branches });
  return textById(gateCard(aGate({ sources, judgement: aJudgement() })), 'gate');
}

const PROTECTED = { kind: 'protected' } as const;
const UNPROTECTED = { kind: 'unprotected' } as const;
const UNKNOWN = { kind: 'unknown', why: 'it lies on another host' } as const;

test('branches that are protected are named', () => {
  expect(gateOf(PROTECTED, PROTECTED, undefined)).toContain(
    '✓ Branch protection pass: main of repository-0 and main of repository-1',
  );
});

test('one that is not protected counts for all, and only it is named', () => {
  const said = gateOf(PROTECTED, UNKNOWN, UNPROTECTED);
  expect(said).toContain('✗ Branch protection fail: nobody has to review main of repository-2');
  expect(said).not.toContain('repository-0');
});

test('one of which nothing is known never passes, and says why', () => {
  expect(gateOf(PROTECTED, UNKNOWN)).toContain(
    '? Branch protection unknown: main of repository-1: it lies on another host',
  );
});

test('where nobody looked nothing is said to be in order', () => {
  for (const said of [gateOf(undefined), gateOf()]) expect(said).toMatch(/– not connected: .*Branch protection/);
});
