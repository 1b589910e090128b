import { expect, test } from 'vitest';
import { tellContradictions, tellRefusals } from '../../bot/refusals.ts';
import type { GateChange } from '../../services/ports/gate-store.ts';
import { aGate, TENANT } from '../builders.ts';
import { createCoreWorld, PEOPLE } from '../fakes/core-world.ts';

function aLog() {
  const lines: [string, object, string][] = [];
  const at = (level: string) => (data: object, message: string) => void lines.push([level, data, message]);
  return { lines, info: at('info'), error: at('error') };
}

test('what is refused to people is told with its reason, and without who they are', async () => {
  const world = await createCoreWorld();
  const log = aLog();
  const core = tellRefusals(world.core, log);
  const by = { kind: 'person', tenant: TENANT, oid: PEOPLE.isaiah, name: 'Isaiah Langer' } as const;
  const requestId = await world.deliver();
  await world.settle();
  const wish = { requestId, verdict: 'approve', comment: 'canary', by, op: 'click-1' } as const;
  await core.approvals.decide(wish);
  await core.approvals.decideMany([{ ...wish, requestId: 'none' }]);
  expect(log.lines).toEqual([
    ['info', { reason: expect.stringMatching(/^(?:blocked|not-)/), requestId, op: 'click-1' }, 'wish refused'],
    ['info', { reason: 'unknown-request' }, 'wish refused'],
  ]);
  expect(JSON.stringify(log.lines)).not.toMatch(/canary|Isaiah|d20939b8/);
});

test('a stage that went on, and a result that is not ours, are told once they are committed', async () => {
  const { ports } = await createCoreWorld();
  const log = aLog();
  const verdict = { result: 'succeeded', reason: 'approved', lines: [], sealedAt: 'x', subjectChecksum: 'x' } as const;
  const outcomes = ['committed', 'committed', 'committed', 'lost'] as const;
  const left = [...outcomes];
  const gates = tellContradictions(
    { ...ports.gates, commit: async (from) => ({ kind: left.shift() ?? 'lost', stored: from }) },
    log,
  );
  const stored = { gate: aGate(), etag: '1', evidence: [], outbox: [], deadLetters: [], cards: [], members: [] };
  const change = (kind: string, gate = aGate({ verdict })): GateChange => ({
    ...{ op: 'x', gate, outbox: [], at: 'x' },
    evidence: { kind, actor: { kind: 'countersign' }, data: {} },
  });
  await gates.commit(stored, change('bypass-detected'));
  await gates.commit(stored, change('completed-without-us'));
  await gates.commit(stored, change('completed-without-us', aGate()));
  await gates.commit(stored, change('bypass-detected'));
  expect(log.lines.map(([level, , message]) => `${level} ${message}`)).toEqual([
    'error stage went on without a decision',
    'error Azure DevOps holds another result than ours',
  ]);
});
