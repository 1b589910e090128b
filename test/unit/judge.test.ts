import { expect, test } from 'vitest';
import { judge } from '../../services/domain/judge.ts';
import { judgeWithoutContract } from '../../services/domain/judgement.ts';
import { COMMIT } from '../builders.ts';
import { aScanHead } from '../scans.ts';
import {
  aContract,
  aControl,
  aGroup,
  aJudgedService,
  anEnvironment,
  anException,
  anInput,
  aRule,
  aService,
  fingerprint,
  OTHER_COMMIT,
} from './judge-input.ts';

// biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
const warns = (when = {}) => aRule({ when, then: 'warn', because: 'Not yet calibrated' });

test('a finding that a rule blocks blocks the gate', () => {
  const judgement = judge(anInput());

  expect(judgement).toMatchObject({
    verdict: 'block',
    at: anInput().now,
    contract: { version: 7, checksum: '9f'.repeat(32) },
    obstacles: [],
    counts: { block: 1, warn: 0, monitor: 0 },
    blocks: [{ service: 'payments-api', control: 'secret-scanning', category: 'secret', tool: 'gitleaks', count: 1 }],
  });
});

test('a judgement says which commit the contract came from, where that is known', () => {
  const { contract } = judge(anInput());

  expect(contract).not.toHaveProperty('commit');
  expect(judge({ ...anInput(), commit: OTHER_COMMIT }).contract).toEqual({ ...contract, commit: OTHER_COMMIT });
});

test('a gate without findings and without missing signals passes', () => {
  expect(judge(anInput({ services: [aJudgedService({ heads: [aScanHead()] })] })).verdict).toBe('pass');
});

test('an obstacle found before any finding blocks a gate that has no finding', () => {
  const obstacle = { kind: 'unknown-service', detail: 'ghost' } as const;

  const judgement = judge(anInput({ services: [], obstacles: [obstacle] }));

  expect(judgement).toMatchObject({ verdict: 'block', obstacles: [obstacle] });
});

test('without a contract everything is blocked, and the first three problems say why', () => {
  expect(judgeWithoutContract('2026-11-23T09:30:00.000Z', ['a', 'b', 'c', 'd'])).toEqual({
    verdict: 'block',
    at: '2026-11-23T09:30:00.000Z',
    obstacles: [{ kind: 'no-contract', detail: 'a; b; c' }],
    ...{ blocks: [], warns: [], signals: [], counts: { block: 0, warn: 0, monitor: 0 } },
  });
  expect(judgeWithoutContract('2026-11-23T09:30:00.000Z', []).obstacles[0]?.detail).toBe('no contract was found');
});

test('a monitored finding is counted and shown nowhere', () => {
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  const contract = aContract(aControl({ decisions: [aRule({ then: 'monitor' })] }));

  expect(judge(anInput({ contract }))).toMatchObject({
    verdict: 'pass',
    blocks: [],
    warns: [],
    counts: { block: 0, warn: 0, monitor: 1 },
  });
});

test('a finding about which all rules of its control are silent warns', () => {
  const contract = aContract(aControl({ decisions: [aRule({ when: { severity: ['critical'] } })] }));

  expect(judge(anInput({ contract }))).toMatchObject({ verdict: 'pass', warns: [{ control: 'secret-scanning' }] });
});

test('a finding of a service that the catalog does not know never blocks by itself', () => {
  const { service: _, ...unknown } = aJudgedService();

  expect(judge(anInput({ services: [unknown] }))).toMatchObject({
    verdict: 'pass',
    warns: [{ owner: 'group:security-leads' }],
  });
});

test('a finding that was suppressed in the report counts all the same', () => {
  const services = [aJudgedService({ heads: [aScanHead({ groups: [aGroup({ suppressed: true })] })] })];

  expect(judge(anInput({ services })).counts.block).toBe(1);
});

test('a suppression counts where the control accepts it, and for suppressed findings only', () => {
  const contract = aContract(aControl({ acceptSuppressions: true }));
  const of = (suppressed: boolean) => [aJudgedService({ heads: [aScanHead({ groups: [aGroup({ suppressed })] })] })];

  expect(judge(anInput({ contract, services: of(true) })).counts).toEqual({ block: 0, warn: 0, monitor: 0 });
  expect(judge(anInput({ contract, services: of(false) })).counts.block).toBe(1);
});

test.each([
  ['2027-01-14T23:59:59.999Z', 'warn', '2027-01-15'],
  ['2027-01-15T00:00:00.000Z', 'block', undefined],
])('a block rule from 2027-01-15 at %s is %s: the day begins at midnight UTC', (now, decision, blocksFrom) => {
  const contract = aContract(aControl({ decisions: [aRule({ from: '2027-01-15', group: 'release-integrity' })] }));

  const { blocks, warns: shown } = judge(anInput({ contract, now }));

  const [group] = [...blocks, ...shown];
  expect(group).toMatchObject({ decision, blockGroup: 'release-integrity' });
  expect(group?.blocksFrom).toBe(blocksFrom);
});

test('a rule that warns is not held back by a later day', () => {
  const contract = aContract(aControl({ decisions: [{ ...warns(), from: '2027-01-15' }] }));

  expect(judge(anInput({ contract })).warns[0]).not.toHaveProperty('blocksFrom');
});

test('the justification of a rule is told, else its because', () => {
  const because = (rule: object) =>
    judge(anInput({ contract: aContract(aControl({ decisions: [aRule(rule)] })) })).blocks[0]?.because;

  expect(because({ justification: 'Shipping it is a choice', because: 'Not this' })).toBe('Shipping it is a choice');
  expect(because({ because: 'Known to everybody' })).toBe('Known to everybody');
  expect(because({})).toBeUndefined();
});

test('whoever may except a finding stands on it', () => {
  expect(judge(anInput()).blocks[0]?.exception).toEqual({
    maxDays: 7,
    approvers: 'group:security-leads',
    minReason: 20,
  });
});

test('an active exception turns a block into a warning that names it, never into nothing', () => {
  const judgement = judge(anInput({ services: [aJudgedService({ exceptions: [anException()] })] }));

  expect(judgement).toMatchObject({
    verdict: 'pass',
    blocks: [],
    counts: { block: 0, warn: 1, monitor: 0 },
    warns: [{ decision: 'warn', exceptionId: 'EX-1', fingerprints: [fingerprint(1)] }],
  });
});

test('an exception for one of two findings leaves the other blocked, each with its own sample', () => {
  const heads = [aScanHead({ groups: [aGroup({ fingerprints: [fingerprint(1), fingerprint(2)] })] })];

  const judgement = judge(anInput({ services: [aJudgedService({ heads, exceptions: [anException()] })] }));

  expect(judgement.blocks).toMatchObject([
    { count: 1, fingerprints: [fingerprint(2)], samples: [{ fingerprint: fingerprint(2) }] },
  ]);
  expect(judgement.blocks[0]?.samples).toHaveLength(1);
  expect(judgement.warns).toMatchObject([{ count: 1, fingerprints: [fingerprint(1)], exceptionId: 'EX-1' }]);
  expect(judgement.verdict).toBe('block');
});

test('a block group too large to list stays blocked whatever exceptions exist', () => {
  const heads = [aScanHead({ groups: [aGroup({ fingerprints: [], count: 9_000 })] })];
  const { fingerprints: _, ...whole } = anException();

  const judgement = judge(anInput({ services: [aJudgedService({ heads, exceptions: [anException(), whole] })] }));

  expect(judgement).toMatchObject({ verdict: 'block', counts: { block: 9_000, warn: 0 } });
});

test('a group too large to list is shown with its samples and the checksum of what is not listed', () => {
  const samples = [{ fingerprint: fingerprint(1), message: 'A key', path: 'src/keys.ts' }];
  const unlisted = 'ab'.repeat(32);
  const heads = [aScanHead({ groups: [aGroup({ fingerprints: [], count: 9_000, samples, unlisted })] })];

  expect(judge(anInput({ services: [aJudgedService({ heads })] })).blocks).toMatchObject([{ samples, unlisted }]);
});

test('a rule may ask how critical the catalog calls the service', () => {
  const contract = aContract(aControl({ decisions: [aRule({ when: { criticality: ['high'] } }), warns()] }));
  const of = (criticality: string) => [aJudgedService({ service: aService({ criticality }) })];

  expect(judge(anInput({ contract, services: of('high') })).counts.block).toBe(1);
  expect(judge(anInput({ contract, services: of('low') })).counts.block).toBe(0);
});

test('of rules that decide alike the first gives the reason', () => {
  const doubtful = aRule({ when: { recurrence: 2 }, because: 'Seen often' });
  const contract = aContract(aControl({ decisions: [doubtful, aRule({ because: 'Seen at all' })] }));

  expect(judge(anInput({ contract })).blocks[0]?.because).toBe('Seen often');
});

test.each([
  ['sast', { block: 0, warn: 2, monitor: 0 }],
  // The control was about something else when it was granted: nobody knows what the next secret would be.
  ['secret', { block: 2, warn: 0, monitor: 0 }],
] as const)(
  'an exception of a whole control about %s covers each finding that is listed, unless they must be named',
  (category, counts) => {
    const heads = [aScanHead({ category, groups: [aGroup({ fingerprints: [fingerprint(1), fingerprint(2)] })] })];
    const { fingerprints: _, ...whole } = anException();
    const contract = aContract({ ...aControl(), signal: { ...aControl().signal, category } });

    expect(judge(anInput({ contract, services: [aJudgedService({ heads, exceptions: [whole] })] })).counts).toEqual(
      counts,
    );
  },
);

test.each([
  ['another control', { control: 'sast' }],
  ['another service', { service: 'orders-api' }],
  ['another environment', { environment: 'staging' }],
  ['another finding', { fingerprints: [fingerprint(9)] }],
  ['an earlier time', { expiresAt: anInput().now }],
])('an exception for %s covers nothing', (_, other) => {
  const services = [aJudgedService({ exceptions: [anException(other)] })];

  expect(judge(anInput({ services })).counts).toEqual({ block: 1, warn: 0, monitor: 0 });
});

test('of two exceptions that cover the same finding the first by id is named', () => {
  const exceptions = [anException({ id: 'EX-8' }), anException({ id: 'EX-5' })];

  expect(judge(anInput({ services: [aJudgedService({ exceptions })] })).warns[0]?.exceptionId).toBe('EX-5');
});

test('a finding of a tool that the control does not take as evidence counts all the same', () => {
  const contract = aContract(aControl({ evidence: { tools: ['trufflehog'] } }));

  expect(judge(anInput({ contract })).counts.block).toBe(1);
});

test('a finding counts whatever moment its sender names', () => {
  const contract = aContract(aControl({ signal: { timing: ['build'] } }));
  const services = [aJudgedService({ heads: [aScanHead({ timing: 'post-deploy', groups: [aGroup()] })] })];

  expect(judge(anInput({ contract, services })).counts.block).toBe(1);
});

test('findings of a failed scan count', () => {
  const services = [aJudgedService({ heads: [aScanHead({ complete: false, groups: [aGroup()] })] })];

  expect(judge(anInput({ services })).counts.block).toBe(1);
});

test('a finding of a commit that is not shipped for the service does not count', () => {
  const services = [aJudgedService({ heads: [aScanHead({ commit: OTHER_COMMIT, groups: [aGroup()] })] })];

  expect(judge(anInput({ services }))).toMatchObject({ verdict: 'pass', counts: { block: 0, warn: 0, monitor: 0 } });
});

test('a finding of another commit counts where its own control does not ask for the same commit', () => {
  const services = [aJudgedService({ heads: [aScanHead({ commit: OTHER_COMMIT, groups: [aGroup()] })] })];
  const anyCommit = aControl({ evidence: { sameCommit: false } });
  const narrower = aControl({ name: 'gitleaks-only', signal: { tools: ['gitleaks'] } });

  expect(judge(anInput({ contract: aContract(anyCommit), services })).counts.block).toBe(1);
  expect(judge(anInput({ contract: aContract(anyCommit, narrower), services })).counts.block).toBe(0);
});

test('every shipped commit of the service counts', () => {
  const heads = [COMMIT, OTHER_COMMIT].map((commit) => aScanHead({ commit, groups: [aGroup()] }));

  expect(judge(anInput({ services: [aJudgedService({ heads, commits: [COMMIT, OTHER_COMMIT] })] })).counts.block).toBe(
    2,
  );
});

test('of several services the strictest decides, and each finding names its own', () => {
  const clean = aJudgedService({ name: 'orders-api', service: aService({ name: 'orders-api' }), heads: [] });

  expect(judge(anInput({ services: [clean, aJudgedService()] }))).toMatchObject({
    verdict: 'block',
    blocks: [{ service: 'payments-api' }],
  });
});

test('what is severest is listed first', () => {
  const groups = (['low', 'critical', 'info', 'high', 'medium'] as const).map((severity) =>
    aGroup({ severity, rule: severity }),
  );

  const { blocks } = judge(anInput({ services: [aJudgedService({ heads: [aScanHead({ groups })] })] }));

  expect(blocks.map(({ severity }) => severity)).toEqual(['critical', 'high', 'medium', 'low', 'info']);
});

test('the environment decides: the same finding may block one and not the other', () => {
  const contract = aContract(aControl({ decisions: [aRule({ when: { tier: ['production'] } }), warns()] }));
  const environment = anEnvironment({ name: 'staging', tier: 'non-production' });

  expect(judge(anInput({ contract })).verdict).toBe('block');
  expect(judge(anInput({ contract, environment }))).toMatchObject({ verdict: 'pass', counts: { warn: 1 } });
});
