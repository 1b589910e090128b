import { expect, test } from 'vitest';
import type { Contract, Rule } from '../../services/domain/contract.ts';
import { minuteOf } from '../../services/domain/finding-history.ts';
import { decisionsOf } from '../../services/domain/judge.ts';
import type { Past } from '../../services/domain/past.ts';
import type { FindingGroup } from '../../services/domain/scan-head.ts';
import { warningsIn } from '../../services/domain/warning.ts';
import { ORG } from '../builders.ts';
import { ruleOf } from '../calibrations.ts';
import { aScanHead } from '../scans.ts';
import { aDependencyScan, aKeyedGroup, inputOf } from './duplicates-input.ts';
import {
  aContract,
  aControl,
  aGroup,
  aJudgedService,
  anEnvironment,
  anInput,
  aRule,
  fingerprint,
} from './judge-input.ts';

const PROD = anEnvironment();
const STAGING = anEnvironment({ name: 'staging', tier: 'non-production' });
const warn = (over: Partial<Rule>) => ruleOf('warn', over);

interface Scene {
  readonly rules: readonly Rule[];
  readonly groups: readonly FindingGroup[];
  readonly pasts?: ReadonlyMap<string, Past>;
}

function found({ rules, groups, pasts = new Map() }: Scene) {
  const contract: Contract = aContract(aControl({ decisions: rules }));
  const services = [aJudgedService({ heads: [aScanHead({ groups })], pasts })];
  const scopes = [PROD, STAGING].map((environment) => ({
    environment: environment.name,
    groups: decisionsOf(anInput({ contract, environment, services })),
    pasts,
  }));
  return warningsIn(ORG, scopes);
}

const prints = (count: number) => Array.from({ length: count }, (_, n) => fingerprint(n + 1));

test('a finding that two environments warn of is one warning with the earlier date', () => {
  const rules = [
    warn({ when: { tier: ['production'] }, dueDays: 14, because: 'where it counts' }),
    warn({ dueDays: 30, because: 'elsewhere' }),
  ];
  const [one, ...more] = found({ rules, groups: [aGroup({ fingerprints: prints(3) })] });
  expect(more).toEqual([]);
  expect(one).toMatchObject({ count: 3, environments: ['prod', 'staging'], fingerprints: prints(3) });
  expect([one?.dueAt?.slice(0, 10), one?.because]).toEqual(['2026-12-07', 'where it counts']);
});

test('an exception may be asked for where it blocks some day, never for what only warns', () => {
  const announced = aRule({ when: { environment: ['staging'] }, from: '2027-01-15' });
  const groups = [aGroup()];
  expect(found({ rules: [announced, warn({ dueDays: 30 })], groups })).toMatchObject([
    { environments: ['prod', 'staging'], exceptableIn: 'staging' },
  ]);
  expect(found({ rules: [warn({ dueDays: 30 })], groups }).map(({ exceptableIn }) => exceptableIn)).toEqual([
    undefined,
  ]);
});

test('a day from which one environment blocks is kept beside the earlier date of another', () => {
  const rules = [aRule({ when: { tier: ['production'] }, from: '2027-01-15' }), warn({ dueDays: 30 })];
  const [one, ...more] = found({ rules, groups: [aGroup()] });
  expect(more).toEqual([]);
  expect(one).toMatchObject({ blocksFrom: '2027-01-15', dueAt: expect.stringMatching(/^2026-12-23/) });
});

test('what blocks in one environment is a warning where it warns, and what is monitored is none', () => {
  const rules = [aRule({ when: { tier: ['production'] } }), warn({ when: { tier: ['non-production'] } })];
  expect(found({ rules, groups: [aGroup()] })).toMatchObject([{ environments: ['staging'], count: 1 }]);
  expect(found({ rules: [ruleOf('monitor')], groups: [aGroup()] })).toEqual([]);
});

test('each finding has its own first sighting; one without a past was first seen with its report', () => {
  const past = { firstSeen: 5, reached: {}, near: [] };
  const pasts = new Map([[fingerprint(1), past]]);
  const [one] = found({ rules: [warn({})], groups: [aGroup({ fingerprints: prints(2) })], pasts });
  expect(one?.seen).toEqual([minuteOf(aScanHead().receivedAt), 5]);
});

test('findings that are too many to list are counted once, whatever the number of environments', () => {
  const many = aGroup({ fingerprints: [], unlisted: 'ab'.repeat(32), count: 9_000 });
  const [one, ...more] = found({ rules: [warn({})], groups: [many] });
  expect(more).toEqual([]);
  expect(one).toMatchObject({ count: 9_000, fingerprints: [], environments: ['prod', 'staging'] });
});

test('the order of reports changes nothing, and the severest come first', () => {
  const groups = [
    aGroup({ rule: 'b', severity: 'low', fingerprints: [fingerprint(7)] }),
    aGroup({ rule: 'a', severity: 'critical', fingerprints: [fingerprint(8)] }),
    aGroup({ rule: 'c', severity: 'low', fingerprints: [fingerprint(9)] }),
  ];
  const rules = [warn({})];
  const forth = found({ rules, groups });
  expect(forth.map(({ rule }) => rule)).toEqual(['a', 'b', 'c']);
  expect(found({ rules, groups: groups.toReversed() })).toEqual(forth);
});

test('a warning says who else found it, and what is said under any of its names counts for it', () => {
  const group = aKeyedGroup({ severity: 'medium' });
  const heads = [
    aDependencyScan('trivy', [group]),
    aDependencyScan('grype', [{ ...group, rule: 'GHSA-aaaa-bbbb-cccc', fingerprints: [fingerprint(9)], samples: [] }]),
  ];
  const pasts = new Map([[fingerprint(1), { firstSeen: 1, reached: {}, near: [] }]]);
  const scopes = [PROD, STAGING].map((environment) => ({
    environment: environment.name,
    groups: decisionsOf({ ...inputOf(heads, { pasts }), environment }),
    pasts,
  }));
  const triages = new Map([[fingerprint(9), { fingerprint: fingerprint(9), assignee: 'oid', by: 'oid', at: '2026' }]]);
  const [one, ...more] = warningsIn(ORG, scopes, { triages, now: '2026-11-24T09:00:00.000Z' });
  expect(more).toEqual([]);
  expect(one).toMatchObject({ count: 1, tool: 'trivy', holder: { oid: 'oid' }, seen: [1] });
  expect(one?.duplicates).toEqual([
    { of: fingerprint(1), tool: 'grype', rule: 'GHSA-aaaa-bbbb-cccc', fingerprint: fingerprint(9) },
  ]);
});

test('a warning is as old as the first of its names, whichever tool stands for it', () => {
  const group = aKeyedGroup({ severity: 'low' });
  const heads = [
    aDependencyScan('trivy', [group]),
    aDependencyScan('grype', [{ ...group, severity: 'medium', fingerprints: [fingerprint(9)], samples: [] }]),
  ];
  const pasts = new Map([[fingerprint(1), { firstSeen: 1, reached: {}, near: [] }]]);
  const scope = { environment: 'prod', groups: decisionsOf(inputOf(heads, { pasts })), pasts };
  expect(warningsIn(ORG, [scope])).toMatchObject([{ tool: 'grype', seen: [1] }]);
});
