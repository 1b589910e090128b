import { expect, test } from 'vitest';
import { gateCard } from '../../cards/gate-card.ts';
import type { Protection } from '../../services/domain/run.ts';
import { aGate, aJudgement, aRunSources, COMMIT } from '../builders.ts';
import { factValue, textById } from '../cards/read.ts';

// What a card says of the branches that a run ships from.

const PROTECTED = { kind: 'protected' } as const;
const UNPROTECTED = { kind: 'unprotected' } as const;
const UNKNOWN = { kind: 'unknown', why: 'it lies on another host' } as const;

function cardOf(...protections: readonly (Protection | undefined)[]) {
  const branches = protections.map((protection, n) => ({
    ...{ commit: COMMIT, repository: `repository-${n}`, pipeline: 'deploy', runId: 7, ref: 'refs/heads/main' },
    ...(protection === undefined ? {} : { protection }),
  }));
  return gateCard(aGate({ sources: aRunSources({ branches }), judgement: aJudgement() }));
}

test.each<[string, readonly (Protection | undefined)[]]>([
  ['branch protected', [PROTECTED, PROTECTED, undefined]],
  ['branch not protected', [PROTECTED, UNKNOWN, UNPROTECTED]],
  ['branch protection unknown', [PROTECTED, UNKNOWN]],
])('%s is said beside the source, by the weakest branch that was looked at', (said, protections) => {
  const card = cardOf(...protections);
  expect(factValue(card, 'facts', 'Source')).toBe(`main · commit 3f2c9a1b · ${said}`);
  expect(textById(card, 'gate')).not.toContain('Branch protection');
});

test('where nobody looked nothing is said to be in order', () => {
  for (const card of [cardOf(undefined), cardOf()]) {
    expect(factValue(card, 'facts', 'Source')).toBe('main · commit 3f2c9a1b');
    expect(textById(card, 'gate')).toMatch(/– not connected: .*Branch protection/);
  }
});
