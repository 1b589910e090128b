import { expect, test } from 'vitest';
import type { Rule } from '../../services/domain/contract.ts';
import { minuteOf } from '../../services/domain/finding-history.ts';
import { tellFoundAfter } from '../../services/domain/found-after.ts';
import { decisionsOf } from '../../services/domain/judge.ts';
import { alsoFoundBy } from '../../services/domain/judgement.ts';
import type { Past, Pasts } from '../../services/domain/past.ts';
import type { Release } from '../../services/domain/release.ts';
import type { FindingGroup, ScanHead } from '../../services/domain/scan-head.ts';
import { type Warning, warningsIn } from '../../services/domain/warning.ts';
import { aRelease, COMMIT, OLDER_COMMIT, ORG } from '../builders.ts';
import { ruleOf } from '../calibrations.ts';
import { aScanHead } from '../scans.ts';
import { aDependencyScan, aKeyedGroup, inputOf } from './duplicates-input.ts';
import {
  aContract,
  aControl,
  aGroup,
  aJudgedService,
  anEnvironment,
  anException,
  anInput,
  aRule,
  fingerprint,
} from './judge-input.ts';

// What is found in what was deployed already.

const SHIPPED = { commit: COMMIT, repository: 'payments-api', pipeline: 'payments-deploy', runId: 4711 };
/** The report of `aScanHead` came at 09:00. */
const BEFORE = '2026-11-23T08:30:00.000Z';
const at = (instant: string, over: Partial<Release> = {}) => aRelease({ at: instant, commits: [SHIPPED], ...over });
const seenAt = (instant: string): Past => ({ firstSeen: minuteOf(instant), reached: {}, near: [] });

interface Scene {
  readonly release?: Release;
  readonly pasts?: Pasts;
  readonly groups?: readonly FindingGroup[];
  readonly rules?: readonly Rule[];
  readonly excepted?: boolean;
}

function told({ release = at(BEFORE), pasts = new Map(), groups = [aGroup()], rules = [aRule()], excepted }: Scene) {
  const contract = aContract(aControl({ decisions: rules }));
  const exceptions = excepted === true ? [anException()] : [];
  const heads = [aScanHead({ groups })];
  const services = [aJudgedService({ heads, pasts, exceptions })];
  return tellFoundAfter(decisionsOf(anInput({ contract, services })), {
    ...{ release: { environment: 'prod', release }, pasts, heads },
  });
}

const foundAfter = (scene: Scene) =>
  told(scene).map(({ judged, foundAfter: after }) => [judged.count, after?.runName ?? 'before']);

test('what blocks and was first seen after the release that shipped its commit was found after that release', () => {
  expect(told({})[0]?.foundAfter).toEqual({
    requestId: 'abcdefghijklmnop',
    environment: 'prod',
    runName: '20261120.2',
    at: BEFORE,
  });
});

test.each<[string, Scene]>([
  ['its report came before the release', { release: at('2026-11-23T09:00:00.000Z') }],
  ['the release shipped another commit', { release: at(BEFORE, { commits: [{ ...SHIPPED, commit: OLDER_COMMIT }] }) }],
  ['an earlier report had it', { pasts: new Map([[fingerprint(1), seenAt('2026-11-23T08:29:00.000Z')]]) }],
  ['it was first seen in the minute of the release', { pasts: new Map([[fingerprint(1), seenAt(BEFORE)]]) }],
  ['it only warns', { rules: [ruleOf('warn')] }],
  ['an exception covers it', { excepted: true }],
])('it is not when %s', (_what, scene) => {
  expect(foundAfter(scene)).toEqual([[1, 'before']]);
});

test('without any release nothing is', () => {
  const decided = decisionsOf(anInput({ contract: aContract(aControl()), services: [aJudgedService()] }));
  expect(tellFoundAfter(decided, { pasts: new Map(), heads: [] })).toEqual(decided);
});

test('of findings that are judged together only those that came later are, and none is lost', () => {
  const groups = [aGroup({ fingerprints: [1, 2, 3].map(fingerprint) })];
  const pasts = new Map([[fingerprint(2), seenAt('2026-11-20T08:00:00.000Z')]]);
  expect(foundAfter({ groups, pasts })).toEqual([
    [1, 'before'],
    [2, '20261120.2'],
  ]);
});

test('what another tool calls one of them stays with that one', () => {
  const keyed = (prints: readonly number[], subjects: readonly string[]) =>
    aKeyedGroup(
      { severity: 'critical', fingerprints: prints.map(fingerprint) },
      subjects.map((subject) => ({ subject })),
    );
  const heads = [
    aDependencyScan('grype', [keyed([1, 2], ['pkg:npm/a', 'pkg:npm/b'])]),
    aDependencyScan('trivy', [keyed([9], ['pkg:npm/b'])]),
  ];
  const pasts = new Map([[fingerprint(1), seenAt('2026-11-20T08:00:00.000Z')]]);
  const release = { environment: 'prod', release: at(BEFORE) };
  const parts = tellFoundAfter(decisionsOf(inputOf(heads, { pasts })), { release, pasts, heads });

  expect(
    parts.map(({ judged, foundAfter: after }) => [judged.fingerprints, alsoFoundBy(judged), after?.runName]),
  ).toEqual([
    [[fingerprint(1)], [], undefined],
    [[fingerprint(2)], ['trivy'], '20261120.2'],
  ]);
});

test.each<[string, Pasts, Partial<ScanHead>, string | undefined]>([
  ['both found it later', new Map(), {}, '20261120.2'],
  ['the other had it before', new Map([[fingerprint(9), seenAt('2026-11-20T08:00:00.000Z')]]), {}, undefined],
  ['the report of the other came before', new Map(), { receivedAt: '2026-11-23T08:00:00.000Z' }, undefined],
  ['the other finds it in what is not deployed', new Map(), { commit: OLDER_COMMIT }, undefined],
])('what two tools find is dated by the first of its names: %s', (_what, pasts, over, runName) => {
  const heads = [
    aDependencyScan('grype', [aKeyedGroup({ severity: 'critical', fingerprints: [fingerprint(1)] })]),
    aDependencyScan('trivy', [aKeyedGroup({ severity: 'high', fingerprints: [fingerprint(9)] })], over),
  ];
  const release = { environment: 'prod', release: at(BEFORE) };
  const commits = [COMMIT, OLDER_COMMIT];
  const parts = tellFoundAfter(decisionsOf(inputOf(heads, { pasts, commits })), { release, pasts, heads });

  expect(parts.map(({ judged, foundAfter: after }) => [judged.tool, alsoFoundBy(judged), after?.runName])).toEqual([
    ['grype', ['trivy'], runName],
  ]);
});

test('of findings that are too many to list the oldest speaks for all', () => {
  const many = aGroup({ fingerprints: [], unlisted: 'ab'.repeat(32), count: 9_000 });
  expect(foundAfter({ groups: [many] })).toEqual([[9_000, '20261120.2']]);
  expect(foundAfter({ groups: [{ ...many, past: seenAt('2026-11-01T08:00:00.000Z') }] })).toEqual([[9_000, 'before']]);
});

test('its owner reads of it among warnings, before all else, with every environment where it is open', () => {
  const rules = [
    aRule({ when: { tier: ['production'], rule: ['leak'] } }),
    ruleOf('warn', { dueDays: 14, because: 'elsewhere' }),
  ];
  const contract = aContract(aControl({ decisions: rules }));
  const groups = [
    aGroup({ rule: 'leak', severity: 'low' }),
    aGroup({ rule: 'worse', severity: 'critical', fingerprints: [fingerprint(2)] }),
  ];
  const services = [aJudgedService({ heads: [aScanHead({ groups })] })];
  const pasts: Pasts = new Map();
  const scopes = [anEnvironment(), anEnvironment({ name: 'staging', tier: 'non-production' })].map((environment) => {
    const decided = decisionsOf(anInput({ contract, environment, services }));
    const release = environment.name === 'prod' ? { release: { environment: 'prod', release: at(BEFORE) } } : {};
    return { environment: environment.name, groups: tellFoundAfter(decided, { ...release, pasts, heads: [] }), pasts };
  });
  const snoozed = { fingerprint: fingerprint(1), snoozed: { until: '2026-12-30' }, by: 'x', at: BEFORE };
  const read = warningsIn(ORG, scopes, { triages: new Map([[fingerprint(1), snoozed]]), now: BEFORE });
  const said = ({ rule, environments, foundAfter: after }: Warning) => [
    rule,
    environments,
    after?.map((one) => one.environment),
  ];
  expect(read.map(said)).toEqual([
    ['leak', ['prod', 'staging'], ['prod']],
    ['worse', ['prod', 'staging'], undefined],
  ]);
  expect(read[0]?.isSnoozed).toBeUndefined();
});
