import { expect, test } from 'vitest';
import type { Contract, EnvironmentPolicy } from '../../services/domain/contract.ts';
import type { Gate } from '../../services/domain/gate.ts';
import type { Judgement } from '../../services/domain/judgement.ts';
import type { RunSources } from '../../services/domain/run.ts';
import { subjectChecksumOf } from '../../services/domain/subject.ts';
import { aGate, aJudgedGroup, aJudgement, aRun, aRunSources, aSignal, aWarning, COMMIT } from '../builders.ts';
import { aContract, aControl, anEnvironment, aRule, fingerprint } from './judge-input.ts';

interface Parts {
  readonly gate?: Partial<Gate>;
  readonly sources?: Partial<RunSources>;
  readonly judgement?: Partial<Judgement>;
  readonly contract?: Contract;
  readonly environment?: EnvironmentPolicy;
}

const BLOCKS = [aJudgedGroup()];
const WARNS = [aWarning({ fingerprints: [fingerprint(1), fingerprint(2)], count: 2 })];

function checksumOf({ gate, sources, judgement, contract = aContract(), environment = anEnvironment() }: Parts = {}) {
  return subjectChecksumOf(
    aGate(gate),
    aRunSources(sources),
    aJudgement({ blocks: BLOCKS, warns: WARNS, ...judgement }),
    { contract, environment },
  );
}

const [shipped] = aRunSources().commits as [RunSources['commits'][number]];
const otherCommit = { ...shipped, commit: 'beef' };

test('whether a stream that never gates has come is bound only where the contract requires it', () => {
  const stream = (required: boolean, state: 'known' | 'unknown') =>
    checksumOf({ judgement: { signals: [aSignal({ category: 'activity', control: 'activity', required, state })] } });

  expect(stream(false, 'known')).toBe(stream(false, 'unknown'));
  expect(stream(true, 'known')).not.toBe(stream(true, 'unknown'));
});

test('whether another control is known to have run is bound also where it is not required', () => {
  const state = (known: 'known' | 'unknown') =>
    checksumOf({ judgement: { signals: [aSignal({ required: false, state: known })] } });

  expect(state('known')).not.toBe(state('unknown'));
});

test('the checksum is SHA-256 of what an approval is bound to', () => {
  expect(checksumOf()).toMatch(/^[0-9a-f]{64}$/);
});

test.each<[string, Parts]>([
  ['organization', { gate: { org: 'another' } }],
  ['project', { gate: { run: aRun({ projectId: 'another' }) } }],
  ['pipeline', { gate: { run: aRun({ pipeline: { id: 13, name: 'payments-deploy' } }) } }],
  ['run', { gate: { run: aRun({ id: 4712 }) } }],
  ['stage', { gate: { stage: 'deploy_all' } }],
  ['environment', { gate: { environment: 'prod-b' } }],
  ['list of services', { gate: { services: ['orders-api', 'payments-api'] } }],
  ['attempt', { gate: { attempt: 2 } }],
  ['artifact', { gate: { artifact: 'sha256:1' } }],
  ['commit', { sources: { commits: [otherCommit] } }],
  ['further commit', { sources: { commits: [shipped, otherCommit] } }],
  ['finding', { judgement: { warns: [aWarning({ fingerprints: [fingerprint(1), fingerprint(3)] })] } }],
  ['further finding', { judgement: { warns: [...WARNS, aWarning({ fingerprints: [fingerprint(9)] })] } }],
  ['service of a finding', { judgement: { blocks: [aJudgedGroup({ service: 'orders-api' })] } }],
  ['class of a finding', { judgement: { blocks: [], warns: [...WARNS, { ...aJudgedGroup(), decision: 'warn' }] } }],
  ['exception', { judgement: { warns: WARNS.map((group) => ({ ...group, exceptionId: 'EX-1' })) } }],
  ['state of a control', { judgement: { signals: [aSignal({ state: 'unknown' })] } }],
  ['control', { judgement: { signals: [aSignal(), aSignal({ control: 'sast' })] } }],
  ['obstacle', { judgement: { obstacles: [{ kind: 'no-route', detail: '' }] } }],
  ['rule', { contract: aContract(aControl({ decisions: [aRule({ when: { severity: ['high'] } })] })) }],
  ['order of rules', { contract: aContract(aControl({ decisions: [aRule({ from: '2027-01-01' }), aRule()] })) }],
  ['tool of evidence', { contract: aContract(aControl({ evidence: { tools: ['gitleaks'] } })) }],
  ['signal of a control', { contract: aContract(aControl({ signal: { timing: ['build'] } })) }],
])('another %s changes the checksum', (_, parts) => {
  expect(checksumOf(parts)).not.toBe(checksumOf());
});

const control = aControl();
const overridden = (service: string, rule = aRule()) =>
  aContract({ ...control, overrides: new Map([[service, [rule]]]) });
const elsewhere = (when: object) => aContract({ ...control, decisions: [aRule(), aRule({ when })] });

test.each<[string, Parts]>([
  ['counts', { judgement: { counts: { block: 9, warn: 9, monitor: 9 } } }],
  ['how often a finding was seen', { judgement: { blocks: BLOCKS.map((group) => ({ ...group, count: 7 })) } }],
  ['the same finding from a second scan', { judgement: { blocks: [...BLOCKS, ...BLOCKS] } }],
  ['monitored findings', { judgement: { counts: { block: 1, warn: 2, monitor: 40 } } }],
  ['the time of the judgement', { judgement: { at: '2027-01-01T00:00:00.000Z' } }],
  ['the number of the contract', { judgement: { contract: { version: 8, checksum: '00' } } }],
  ['the version of the contract', { contract: { ...aContract(), version: 8, checksum: '00' } }],
  ['samples and messages', { judgement: { blocks: BLOCKS.map((group) => ({ ...group, samples: [] })) } }],
  ['why a signal is known', { judgement: { signals: [aSignal({ tools: ['ghazdo'], owner: 'group:x' })] } }],
  [
    'the same commit from two pipelines',
    { sources: { commits: [shipped, { ...shipped, pipeline: 'other', runId: 9 }] } },
  ],
  ['who asked and who wrote', { sources: { requesters: [], authors: [] } }],
  ['the name of the run', { gate: { run: aRun({ name: '20261124.1', url: 'https://x', branch: 'refs/heads/x' }) } }],
  ['the times of the gate', { gate: { receivedAt: '2026-01-01T00:00:00.000Z', closesAt: '2026-01-02T00:00:00.000Z' } }],
  ['the revision', { gate: { revision: 9 } }],
  ['a rule for another tier', { contract: elsewhere({ tier: ['non-production'] }) }],
  ['a rule for another environment', { contract: elsewhere({ environment: ['staging'] }) }],
  ['an override for another service', { contract: overridden('orders-api') }],
  [
    'an override for this service in another environment',
    { contract: overridden('payments-api', aRule({ when: { environment: ['staging'] } })) },
  ],
  ['a rule for another service', { contract: elsewhere({ service: ['orders-api'] }) }],
  ['who owns a control', { contract: aContract({ ...control, owner: { from: 'control', fallback: 'group:x' } }) }],
])('%s leaves the checksum as it was', (_, parts) => {
  const base = checksumOf({ contract: aContract({ ...control, decisions: [aRule()] }) });

  expect(checksumOf(parts)).toBe(base);
});

test('a rule of this tier, environment and service changes the checksum', () => {
  const services = { service: ['orders-api', 'payments-api'] };
  for (const when of [{ tier: ['production'] }, { environment: ['prod'] }, services])
    expect(checksumOf({ contract: elsewhere(when) })).not.toBe(checksumOf());
});

test('an override for this service changes the checksum, and so does each change of it', () => {
  const monthly = checksumOf({ contract: overridden('payments-api', aRule({ from: '2027-01-01' })) });

  expect(checksumOf({ contract: overridden('payments-api') })).not.toBe(checksumOf());
  expect(checksumOf({ contract: overridden('payments-api') })).not.toBe(monthly);
});

test('the words and the number of obstacles of one kind leave the checksum as it was', () => {
  const withObstacles = (...details: string[]) =>
    checksumOf({ judgement: { obstacles: details.map((detail) => ({ kind: 'missing-signal' as const, detail })) } });

  expect(withObstacles('a', 'b')).toBe(withObstacles('c'));
});

test('no order matters: of findings, groups, controls, commits, signals or obstacles', () => {
  const obstacles = [
    { kind: 'no-route', detail: '' },
    { kind: 'missing-signal', detail: '' },
  ] as const;
  const signals = [aSignal(), aSignal({ control: 'sast' })];
  const blocks = [...BLOCKS, aJudgedGroup({ fingerprints: [fingerprint(5), fingerprint(6)] })];
  const commits = [shipped, otherCommit];
  const controls = [control, aControl({ name: 'sast' })];
  const one = { judgement: { obstacles, signals, blocks }, sources: { commits }, contract: aContract(...controls) };
  const other = {
    judgement: {
      obstacles: obstacles.toReversed(),
      signals: signals.toReversed(),
      blocks: blocks.map((group) => ({ ...group, fingerprints: group.fingerprints.toReversed() })).toReversed(),
    },
    sources: { commits: commits.toReversed() },
    contract: aContract(...controls.toReversed()),
  };

  expect(checksumOf(other)).toBe(checksumOf(one));
});

test('each exception has a checksum of its own', () => {
  const excepted = (exceptionId: string) =>
    checksumOf({ judgement: { warns: WARNS.map((group) => ({ ...group, exceptionId })) } });

  expect(excepted('EX-1')).not.toBe(excepted('EX-2'));
});

test('a group too large to list is bound by tool and rule, not by how many there are', () => {
  const unlisted = (overrides = {}) =>
    checksumOf({ judgement: { warns: [aWarning({ fingerprints: [], count: 9_000, ...overrides })] } });

  expect(unlisted({ count: 9_001 })).toBe(unlisted());
  expect(unlisted({ rule: 'CVE-2026-1' })).not.toBe(unlisted());
  expect(unlisted({ tool: 'grype' })).not.toBe(unlisted());
  expect(unlisted({ decision: 'block' })).not.toBe(unlisted());
  expect(unlisted({ unlisted: 'ab' })).not.toBe(unlisted({ unlisted: 'cd' }));
});

test('without a contract there is a checksum too, another one', () => {
  const gate = aGate();
  const sources = aRunSources({ commits: [{ ...shipped, commit: COMMIT }] });

  expect(subjectChecksumOf(gate, sources, aJudgement())).toMatch(/^[0-9a-f]{64}$/);
  expect(subjectChecksumOf(gate, sources, aJudgement({ blocks: BLOCKS, warns: WARNS }))).not.toBe(checksumOf());
});

test('the commit that the contract came from is not part of it: a commit about something else voids nothing', () => {
  const contract = { version: 7, checksum: '9f'.repeat(32) };

  expect(checksumOf({ judgement: { contract: { ...contract, commit: COMMIT } } })).toBe(checksumOf());
  expect(checksumOf({ judgement: { contract: { ...contract, commit: 'beef'.repeat(10) } } })).toBe(checksumOf());
});
