import { expect, test } from 'vitest';
import type { DecisionClass } from '../../services/domain/contract.ts';
import type { Category } from '../../services/domain/finding.ts';
import { judge } from '../../services/domain/judge.ts';
import { aJudgedService, anInput } from './judge-input.ts';
import { type ByTool, judgeOne, SAMPLE_NOW as NOW, outcome, sampleContract } from './sample-contract.ts';

const ROWS: readonly [string, Category, ByTool, DecisionClass, DecisionClass][] = [
  ['secret-scanning', 'secret', {}, 'block', 'block'],
  ['secret-scanning', 'secret', { severity: 'info', timing: 'post-deploy' }, 'block', 'block'],
  ['dependency-scanning', 'dependency', { severity: 'critical' }, 'warn', 'warn'],
  ['dependency-scanning', 'dependency', { severity: 'medium', fixAvailable: true }, 'warn', 'warn'],
  ['dependency-scanning', 'dependency', { severity: 'low' }, 'monitor', 'monitor'],
  ['sast', 'sast', { rule: 'js/hardcoded-credentials' }, 'block', 'warn'],
  ['sast', 'sast', { rule: 'js/sql-injection', severity: 'critical' }, 'warn', 'warn'],
  ['sast', 'sast', { severity: 'medium' }, 'warn', 'warn'],
  ['sast', 'sast', { severity: 'low' }, 'monitor', 'monitor'],
  ['iac', 'iac', { severity: 'critical' }, 'block', 'warn'],
  ['iac', 'iac', { severity: 'medium' }, 'warn', 'warn'],
  ['iac', 'iac', { severity: 'low' }, 'monitor', 'monitor'],
  ['azure-policy', 'policy', { timing: 'pre-deploy', severity: 'low' }, 'block', 'warn'],
  ['azure-policy', 'policy', { timing: 'post-deploy' }, 'warn', 'warn'],
  ['configuration', 'configuration', { rule: 'mandatory/tls/1.2', severity: 'low' }, 'block', 'warn'],
  ['configuration', 'configuration', { severity: 'low' }, 'warn', 'warn'],
  ['configuration', 'configuration', { severity: 'info' }, 'monitor', 'monitor'],
  ['baseline-drift', 'configuration', { tool: 'countersign-drift', rule: 'check-changed' }, 'warn', 'warn'],
  ['baseline-drift', 'configuration', { tool: 'countersign-drift', rule: 'reach-added' }, 'warn', 'warn'],
  ['provenance', 'provenance', { severity: 'low' }, 'block', 'warn'],
  ['container', 'container', { severity: 'high', fixAvailable: true }, 'block', 'warn'],
  ['container', 'container', { severity: 'critical', fixAvailable: false }, 'warn', 'warn'],
  ['container', 'container', { severity: 'medium', fixAvailable: true }, 'warn', 'warn'],
  ['container', 'container', { severity: 'low' }, 'monitor', 'monitor'],
  ['defender-runtime', 'runtime', { exploitability: 'known-exploited', timing: 'post-deploy' }, 'block', 'warn'],
  ['defender-runtime', 'runtime', { severity: 'critical' }, 'warn', 'warn'],
  ['defender-runtime', 'runtime', { severity: 'low' }, 'monitor', 'monitor'],
  ['activity', 'activity', { severity: 'critical' }, 'monitor', 'monitor'],
  // A scan does not record yet whether its branch is protected; a branch of which nothing is known only warns.
  ['delivery-path', 'platform', { severity: 'high' }, 'warn', 'warn'],
  ['delivery-path', 'platform', { severity: 'low' }, 'warn', 'warn'],
  // Announced: they block from February on.
  ['delivery-path', 'platform', { rule: 'environment-without-check', severity: 'high' }, 'warn', 'warn'],
  ['delivery-path', 'platform', { rule: 'environment-check-disabled', severity: 'high' }, 'warn', 'warn'],
  ['delivery-path', 'platform', { rule: 'environment-check-elsewhere', severity: 'high' }, 'warn', 'warn'],
];

test.each(ROWS)(
  '%s: a finding of %s with %j is %s in prod and %s in staging',
  async (control, category, reported, ...expected) => {
    const contract = await sampleContract();

    const outcomes = ['prod', 'staging'].map((name) => outcome(judgeOne(contract, name, category, reported)));

    expect(outcomes.map(({ decision }) => decision)).toEqual(expected);
    for (const shown of outcomes) if (shown.rule !== undefined) expect(shown.control).toBe(control);
  },
);

test('every control of the sample has a row for prod and staging', async () => {
  const { controls } = await sampleContract();

  expect([...new Set(ROWS.map(([control]) => control))].sort()).toEqual(controls.map(({ name }) => name).sort());
});

test('only the four groups block, each where it is meant', async () => {
  const contract = await sampleContract();
  const groups = ROWS.flatMap(([, category, reported]) => {
    const { decision, blockGroup } = outcome(judgeOne(contract, 'prod', category, reported));
    return decision === 'block' ? [`${category} ${blockGroup}`] : [];
  });

  expect([...new Set(groups)].sort()).toEqual([
    'configuration production-misconfiguration',
    'container release-integrity',
    'iac production-misconfiguration',
    'policy production-misconfiguration',
    'provenance release-integrity',
    'runtime production-misconfiguration',
    'sast secret-exposure',
    'secret secret-exposure',
  ]);
});

test('a dependency that is known to be exploited and can be mended warns until its day, then blocks', async () => {
  const contract = await sampleContract();
  const exploited: ByTool = { severity: 'low', exploitability: 'known-exploited', fixAvailable: true };
  const prod = (now: string) => outcome(judgeOne(contract, 'prod', 'dependency', exploited, { now }));

  expect(prod('2027-01-14T23:59:59.999Z')).toMatchObject({ decision: 'warn', blocksFrom: '2027-01-15' });
  expect(prod('2027-01-15T00:00:00.000Z')).toMatchObject({ decision: 'block', blockGroup: 'release-integrity' });
  expect(outcome(judgeOne(contract, 'staging', 'dependency', exploited)).decision).toBe('monitor');
});

test('a check of production that has drifted warns until its day, then blocks', async () => {
  const contract = await sampleContract();
  const drifted: ByTool = { tool: 'countersign-drift', rule: 'check-removed' };
  const prod = (now: string) => outcome(judgeOne(contract, 'prod', 'configuration', drifted, { now }));

  expect(prod('2027-01-14T23:59:59.999Z')).toMatchObject({ decision: 'warn', blocksFrom: '2027-01-15' });
  expect(prod('2027-01-15T00:00:00.000Z')).toMatchObject({ decision: 'block', blockGroup: 'delivery-path-trust' });
});

test('production needs to know that code and secrets were scanned, staging does not', async () => {
  const contract = await sampleContract();
  const nothing = { contract, services: [aJudgedService({ heads: [] })], now: NOW, arrivedAt: NOW };
  const inEnvironment = (name: string) => {
    const environment = contract.environments.get(name);
    return judge(anInput({ ...nothing, ...(environment === undefined ? {} : { environment }) }));
  };

  expect(inEnvironment('prod').obstacles.map(({ detail }) => detail)).toEqual([
    'secret-scanning (payments-api): absent',
    'sast (payments-api): absent',
  ]);
  expect(inEnvironment('staging')).toMatchObject({ verdict: 'pass', obstacles: [] });
});
