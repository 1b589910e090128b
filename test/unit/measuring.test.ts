import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { RunAction } from '../../bot/actions.ts';
import type { Core } from '../../bot/core.ts';
import { createMeasuring } from '../../bot/telemetry/measuring.ts';
import type { Gate } from '../../services/domain/gate.ts';
import type { Handlers } from '../../services/outbox.ts';
import { type AzureDevOps, AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import type { GateChange, GateStore, OutboxItem, StoredGate } from '../../services/ports/gate-store.ts';
import { ConflictError, StoreUnavailableError, type Table } from '../../services/ports/table.ts';
import { type Labels, METRICS, type Telemetry, traceOf } from '../../services/ports/telemetry.ts';
import { aDecision, aGate, aJudgement } from '../builders.ts';
import { createCoreWorld } from '../fakes/core-world.ts';
import { createInMemoryAppendLog } from '../fakes/in-memory-append-log.ts';

const NOW = '2026-11-24T09:00:00.000Z';
const BEFORE = '2026-11-24T08:59:00.000Z';

/** What was said, as `metric label=value`, and what gauges would say. */
function aTelemetry() {
  const said: string[] = [];
  const gauges = new Map<string, Parameters<Telemetry['watch']>[1]>();
  const shown = (metric: string, labels: Labels = {}) =>
    [metric, ...Object.entries(labels).map(([name, value]) => `${name}=${value}`)].join(' ');
  const telemetry: Telemetry = {
    traceparent: () => 'of the delivery',
    span: (_name, _options, run) => run(() => undefined),
    spanned: () => undefined,
    count: (metric, labels) => void said.push(shown(metric, labels)),
    record: (metric, seconds, labels) => void said.push(`${shown(metric, labels)} ${seconds}`),
    watch: (metric, gauge) => void gauges.set(metric, gauge),
    stop: async () => undefined,
  };
  return { telemetry, said, gauge: (name: string) => gauges.get(name)?.() };
}

/** The edges of a core, measured, over a store that takes every gate. */
async function measured() {
  const told = aTelemetry();
  const measuring = createMeasuring(told.telemetry, { now: () => NOW });
  const world = await createCoreWorld({ checkpointLog: createInMemoryAppendLog() });
  const kept: Gate[] = [];
  const commit = async ({ gate }: GateChange) => {
    kept.push(gate);
    return { kind: 'committed' as const, stored: stored(gate) };
  };
  const gates: GateStore = {
    ...world.ports.gates,
    ...{ create: commit, commit: (_from, change) => commit(change), tidy: async () => undefined },
  };
  const ports = measuring.ports({ ...world.ports, gates });
  return { ...told, measuring, world, ports, kept };
}

const stored = (gate: Gate, outbox: readonly OutboxItem[] = []): StoredGate => ({
  ...{ gate, etag: '1', evidence: [], outbox, deadLetters: [], cards: [], members: [] },
});
const item = (kind: OutboxItem['kind'], dueAt = BEFORE): OutboxItem => ({
  kind,
  seq: 1,
  attempts: 0,
  dueAt,
  etag: '1',
});
const changeTo = (gate: Gate, kind: GateChange['evidence']['kind'] = 'told'): GateChange => ({
  ...{ op: 'x', gate, outbox: [], at: NOW },
  evidence: { kind, actor: { kind: 'countersign' }, data: {} },
});
const sealed = (over: Partial<Gate> = {}): Gate =>
  aGate({
    state: 'approved',
    receivedAt: BEFORE,
    decision: aDecision({ at: '2026-11-24T08:59:50.000Z' }),
    verdict: { result: 'succeeded', reason: 'approved', lines: [], sealedAt: NOW, subjectChecksum: 'x' },
    ...over,
  });

test('a request keeps the trace of its delivery', async () => {
  const { ports, kept } = await measured();
  await ports.gates.create(changeTo(aGate(), 'check-received'));
  expect(kept[0]?.traceparent).toBe('of the delivery');
});

test('a verdict that was told is counted once, with how long it took', async () => {
  const { ports, said } = await measured();
  const told = sealed({ toldAt: NOW });
  await ports.gates.commit(stored(sealed()), changeTo(told));
  await ports.gates.commit(stored(told), changeTo(told));
  expect(said).toEqual([
    'gate.verdict.sent verdict=succeeded',
    'gate.decision.duration decision=approved 60',
    'gate.verdict.delay decision=approved 10',
  ]);
});

test('another result in Azure DevOps than the sealed one is a contradiction, and no verdict of ours', async () => {
  const { ports, said } = await measured();
  const other = sealed({ toldAt: NOW, state: 'abandoned', completedElsewhere: 'failed' });
  await ports.gates.commit(stored(sealed()), changeTo(other));
  expect(said).toEqual(['gate.verdict.contradiction']);
});

test('a stage that went on without a decision is a bypass', async () => {
  const { ports, said } = await measured();
  const bypassed = aGate({ state: 'bypassed', toldAt: NOW, completedElsewhere: 'succeeded' });
  await ports.gates.commit(stored(aGate()), changeTo(bypassed, 'bypass-detected'));
  expect(said).toEqual(['gate.bypass.detected']);
});

test('a judgement without a required report is counted under the environment of the contract', async () => {
  const { ports, said } = await measured();
  await ports.policy.current();
  const judgement = aJudgement({ obstacles: [{ kind: 'missing-signal', detail: 'x' }] });
  for (const environment of ['prod', 'of nobody'])
    await ports.gates.commit(stored(aGate()), changeTo(aGate({ environment, judgement }), 'judged'));
  expect(said).toEqual(['gate.scan.missing env=prod', 'gate.scan.missing env=other']);
});

test('an item that is given up is a dead letter, one that is tried again is none', async () => {
  const { ports, said } = await measured();
  const retry = [
    { ...item('card'), dead: true },
    { ...item('judge'), dead: false },
  ];
  await ports.gates.tidy(stored(aGate()), { done: [], retry, cards: [], droppedCards: [] });
  expect(said).toEqual(['gate.deadletter.count kind=card']);
});

test('each try of an item is counted by its outcome, and the oldest is remembered until it was exported', async () => {
  const { measuring, said, gauge } = await measured();
  const failing: Handlers = {
    moving: { judge: async (gate) => gate, verdict: () => Promise.reject(new Error('x')) },
    side: { card: async () => ({ retry: {} }), index: async () => ({ hopeless: true }) },
  };
  const handlers = measuring.handlers(failing);
  const gate = stored(aGate(), [item('card')]);
  await handlers.moving.judge?.(gate, item('judge'));
  await expect(handlers.moving.verdict?.(gate, item('verdict'))).rejects.toThrow('x');
  await handlers.side.card?.(gate, item('card'));
  await handlers.side.index?.(gate, item('index'));
  const of = (kind: string, outcome: string) => `gate.outbox.attempts kind=${kind} outcome=${outcome}`;
  expect(said).toEqual([of('judge', 'done'), of('verdict', 'failed'), of('card', 'again'), of('index', 'given-up')]);
  expect(gauge('gate.outbox.age.max')).toEqual([{ value: 60 }]);
  expect(gauge('gate.outbox.age.max')).toEqual([{ value: 0 }]);
});

test('open requests are counted by whoever reconciles, from what that reads anyway', async () => {
  const { measuring, ports, world, gauge } = await measured();
  expect(gauge('gate.outbox.depth')).toEqual([]);
  await world.deliver();
  const [open] = await ports.gates.open();
  const waiting = await ports.gates.read(open?.org ?? '', open?.id ?? '');
  const core = { ...world.core, reconcile: async () => void (await ports.gates.read(open?.org ?? '', open?.id ?? '')) };
  await measuring.core(core as Core).reconcile();
  const kinds = (waiting?.outbox ?? []).map(({ kind }) => kind);
  expect(gauge('gate.outbox.depth')).toEqual([...new Set(kinds)].map((kind) => ({ value: 1, labels: { kind } })));
});

test('calls to the store are counted, conflicts and silence besides', async () => {
  const { measuring, world, said } = await measured();
  const faults = [new ConflictError('x'), new StoreUnavailableError('x'), new Error('x')];
  const failing: Table = { ...world.table, commit: () => Promise.reject(faults.shift()) };
  const table = measuring.table(failing);
  await table.get('sys', 'p', 'r');
  for (const _ of [1, 2, 3]) await expect(table.commit('sys', 'p', [])).rejects.toThrow('x');
  const calls = (op: string) => `gate.storage.calls op=${op}`;
  expect(said).toEqual([
    ...[calls('get'), calls('commit'), 'gate.storage.conflicts op=commit'],
    ...[calls('commit'), 'gate.storage.throttled op=commit', calls('commit')],
  ]);
});

test('who asks us to wait is counted: Teams, and Azure DevOps where it says for how long', async () => {
  const { measuring, world, said } = await measured();
  measuring.throttled();
  const faults = [new AzureDevOpsUnavailableError('x', { retryAfter: 5 }), new AzureDevOpsUnavailableError('x')];
  const azureDevOps: AzureDevOps = { ...world.ports.azureDevOps, prove: () => Promise.reject(faults.shift()) };
  const busy = measuring.ports({ ...world.ports, azureDevOps });
  for (const _ of [1, 2]) await expect(busy.azureDevOps.prove({} as never, 1, 'x')).rejects.toThrow('x');
  expect(said).toEqual(['gate.teams.throttled', 'gate.ado.throttled']);
});

test('a lease is counted when it comes and goes, not while it stays', async () => {
  const { measuring, said } = await measured();
  const answers = [false, true, true, false];
  const leases = measuring.leases({ hold: async () => answers.shift() === true, release: async () => undefined });
  for (const _ of [1, 2, 3, 4]) await leases.hold('x', 30);
  expect(said).toEqual(['gate.lease.changes to=held', 'gate.lease.changes to=lost']);
});

test('a checkpoint has an age once this process has appended one', async () => {
  const { ports, gauge } = await measured();
  expect(gauge('gate.evidence.checkpoint.age')).toEqual([]);
  await ports.checkpointLog?.append('{}\n', { day: '2026-11-24', bytes: 0 });
  expect(gauge('gate.evidence.checkpoint.age')).toEqual([{ value: 0 }]);
});

test('a refused wish is counted by its reason, and so is each of many', async () => {
  const { measuring, world, said } = await measured();
  const by = { kind: 'person', oid: 'x', name: 'Alex', tenant: 'of another' } as const;
  const wish = { requestId: 'none', verdict: 'approve', comment: '', by, op: '1' } as const;
  const core = measuring.core(world.core);
  await core.approvals.decide(wish);
  await core.approvals.decideMany([wish]);
  expect(said).toEqual(Array(2).fill('gate.authz.denied reason=unknown-request'));
});

test('a button that nobody knows is no label', async () => {
  const { measuring, said } = await measured();
  const answer: RunAction = async () => ({ text: '' });
  const { runAction } = measuring.actions({ runAction: answer });
  const by = { oid: 'x', name: 'Alex' } as never;
  for (const verb of ['approval.decide', 'canary']) await runAction(by, { verb, data: {}, op: '1' });
  expect(said.map((line) => line.replace(/ [\d.e-]+$/, ''))).toEqual([
    'gate.click.ack.duration verb=approval.decide',
    'gate.click.ack.duration verb=other',
  ]);
});

test.each([
  [`00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`, true],
  [`00-${'a'.repeat(32)}-${'b'.repeat(16)}-ff`, true],
  [`00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`, false],
  [`00-${'a'.repeat(32)}-${'0'.repeat(16)}-01`, false],
  [`01-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, false],
  [`00-${'A'.repeat(32)}-${'b'.repeat(16)}-01`, false],
  [`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01-x`, false],
  [`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01\n`, false],
  ['', false],
])('%j as a traceparent: %s', (text, isOne) => {
  expect(traceOf(text) !== undefined).toBe(isOne);
});

test('operations.md has each metric with its unit, its labels and what it is', () => {
  const rows = [...readFileSync('docs/operations.md', 'utf8').matchAll(/^\| `((?:gate|http)\.[^`]+)` \|(.*)\|$/gm)];
  const wanted = Object.entries(METRICS).map(([name, { unit, labels, what }]) => {
    const shown = labels.length === 0 ? '' : labels.map((label) => `\`${label}\``).join(', ');
    return [name, ` ${unit} | ${shown} | ${what} `];
  });
  expect(rows.map(([, name, rest]) => [name, rest])).toEqual(wanted);
});

test('every promise of operations.md is measured, and its query asks for what its metric is called there', () => {
  const [, page = ''] = readFileSync('docs/operations.md', 'utf8').split('## How good it must be');
  const rows = [...(page.split('## ')[0]?.matchAll(/^\| .* \| .* \| (`.*`) \| (`.*`) \|$/gm) ?? [])];
  expect(rows).toHaveLength(5);
  for (const [, metrics = '', query = ''] of rows) {
    for (const [, name = ''] of metrics.matchAll(/`([^`]+)`/g)) {
      const { kind, unit } = METRICS[name as keyof typeof METRICS];
      const suffix = { counter: '_total', histogram: '_bucket', gauge: '' }[kind];
      expect(query).toContain(`${name.replaceAll('.', '_')}${unit === 's' ? '_seconds' : ''}${suffix}`);
    }
  }
});
