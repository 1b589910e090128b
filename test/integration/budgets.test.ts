import { beforeAll, describe, expect, test } from 'vitest';
import { aCheck, COMMIT, ORG, TENANT } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import type { Call } from '../fakes/in-memory-table.ts';

// Calls of the table store as it bills them; docs/storage.md, "Budgets", says why each constant is what it is.

interface Scene {
  readonly world: CoreWorld;
  /** `gate commit`, `due list`, … of everything since the last time asked. */
  made(): string[];
}

const guid = (n: number) => `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;

/** Everything warm: cursors written, conversations and policy read, both required reports in. */
async function setScene(history: number): Promise<Scene> {
  const calls: string[] = [];
  const world = await createCoreWorld({
    fault: (call: Call) => {
      calls.push(`${call.table} ${call.kind}`);
      return 'ok';
    },
  });
  for (const oid of [PEOPLE.alex, PEOPLE.adele, PEOPLE.megan]) await world.meet(oid);
  for (let n = 0; n < history; n += 1) {
    await importLeaks(world, n + 1, { commit: n.toString(16).padStart(40, 'd'), rules: [`rule-${n}`] });
    await world.core.deliveries.receive({ ...delivery(n + 1_000), environment: 'staging' });
  }
  await world.settle();
  world.advance(3);
  await world.settle();
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  await world.settle();
  const scene = { world, made: () => calls.splice(0) };
  scene.made();
  return scene;
}

const delivery = (n: number) => ({
  check: aCheck({ taskInstanceId: guid(n) }),
  jobToken: 'token',
  runId: 7,
  stage: 'Deploy',
  environment: 'prod',
});

interface Leaks {
  readonly service?: string;
  readonly commit?: string;
  readonly rules?: readonly string[];
}

async function importLeaks(world: CoreWorld, seed: number, over: Leaks = {}) {
  const rules = over.rules ?? [];
  const results = rules.map((ruleId, n) => ({
    ruleId,
    message: { text: `${ruleId} in ${seed}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: `src/${n}/${ruleId}.ts` }, region: { startLine: 7 } } }],
  }));
  const log = { version: '2.1.0', runs: [{ tool: { driver: { name: 'gitleaks' } }, results }] };
  async function* body() {
    yield Uint8Array.from(Buffer.from(JSON.stringify(log)));
  }
  return world.core.findings.import({
    service: over.service ?? 'payments-api',
    commit: over.commit ?? COMMIT,
    body: body(),
  });
}

async function receive(world: CoreWorld, n: number): Promise<string> {
  const receipt = await world.core.deliveries.receive(delivery(n));
  if (receipt.kind !== 'accepted') throw new Error(receipt.kind);
  return receipt.requestId;
}

async function anAskedGate({ world, made }: Scene, n: number): Promise<string> {
  const id = await receive(world, n);
  await world.core.outbox.drain(ORG, id);
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'asked' });
  made();
  return id;
}

const click = (
  world: CoreWorld,
  requestId: string,
  oid: string = PEOPLE.alex,
  op = `click ${oid}`,
  core: Pick<CoreWorld['core'], 'approvals'> = world.core,
) =>
  core.approvals.decide({
    requestId,
    revision: 1,
    verdict: 'approve',
    comment: '',
    by: { kind: 'person', tenant: TENANT, oid, name: 'as Teams says' },
    op,
  });

let number = 0;
const next = () => {
  number += 1;
  return number;
};

describe.each([0, 200])('after %i earlier requests and as many reports', (history) => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await setScene(history);
  });

  test('a new check is stored in 2 calls and judged in 9 more; delivered again, it takes 3', async () => {
    const { world, made } = scene;
    const n = next();
    const id = await receive(world, n);
    expect(made()).toEqual(['due commit', 'gate commit']);
    await world.core.outbox.drain(ORG, id);
    const judged = made();
    expect(judged).toHaveLength(9);
    expect(judged.filter((call) => call === 'scope list')).toHaveLength(2);
    await receive(world, n);
    expect(made()).toEqual(['due commit', 'gate commit', 'gate list']);
  });

  test('a check whose record is completed already takes 1', async () => {
    const { world, made } = scene;
    const n = next();
    await anAskedGate(scene, n);
    world.azureDevOps.proof = 'completed';
    await receive(world, n);
    world.azureDevOps.proof = 'proven';
    expect(made()).toEqual(['gate list']);
  });

  test('a decision is recorded in 3 calls and told with 8 more; every later click takes 1', async () => {
    const { world, made } = scene;
    const id = await anAskedGate(scene, next());
    expect(await click(world, id)).toMatchObject({ kind: 'decided' });
    const before = made();
    expect(before.slice(0, 3)).toEqual(['gate list', 'due commit', 'gate commit']);
    await world.core.idle();
    const whole = [...before, ...made()];
    expect(whole.length, whole.join(', ')).toBe(11);
    expect(world.told.at(-1)).toMatchObject({ result: 'succeeded' });

    expect(await click(world, id)).toMatchObject({ kind: 'decided' });
    expect(made()).toEqual(['gate list']);
    expect(await click(world, id, PEOPLE.megan)).toMatchObject({ refusal: 'already-decided' });
    expect(made()).toEqual(['gate list']);
  });

  test('somebody who may not decide costs 2 calls, an unknown request 1', async () => {
    const { world, made } = scene;
    const id = await anAskedGate(scene, next());
    expect(await click(world, id, PEOPLE.isaiah)).toMatchObject({ refusal: 'not-an-approver' });
    expect(made()).toEqual(['gate list', 'gate commit']);
    await click(world, 'unknown');
    expect(made()).toEqual(['gate list']);
  });

  test('who loses a race learns it in at most 5 calls', async () => {
    const { world, made } = scene;
    const id = await anAskedGate(scene, next());
    const other = world.restart();
    const answers = await Promise.all([click(world, id), click(world, id, PEOPLE.megan, 'other', other)]);
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['decided', 'refused']);
    await world.core.idle();
    await other.idle();
    // The winner's are 11; the process that has just started also reads two conversations and makes sure of its cursors.
    expect(made().length).toBeLessThanOrEqual(11 + 5 + 3);
  });

  test('an import takes 7 calls and 3 for its wake-up; the same report again 3', async () => {
    const { world, made } = scene;
    const report = { service: 'orders-api', commit: 'e'.repeat(40), rules: ['a', 'b'] };
    await importLeaks(world, history, { ...report, rules: ['a'] });
    await world.core.idle();
    made();
    await importLeaks(world, history, report);
    await world.core.idle();
    expect(made()).toEqual([
      ...['find get', 'find list', 'scope list', 'find commit', 'due commit', 'scope commit', 'find commit'],
      ...['scope list', 'scope list', 'scope remove'],
    ]);
    await importLeaks(world, history, report);
    await world.core.idle();
    expect(made()).toEqual(['find get', 'find list', 'scope list']);
  });

  test('an import takes 5 calls more for each gate that waits in its scope and is judged as before', async () => {
    const { world, made } = scene;
    await anAskedGate(scene, next());
    const waiting = await world.ports.scopes.waiting({ org: ORG, service: 'payments-api', environment: '-' });
    made();
    await importLeaks(world, history, { commit: 'e'.repeat(40), rules: ['a', 'b'] });
    await world.core.idle();
    expect(waiting.length).toBeGreaterThan(0);
    expect(made()).toHaveLength(10 + 5 * waiting.length);
  });

  test('a tick with nothing due takes 4 calls, but for two in five minutes', async () => {
    const { world, made } = scene;
    world.advance(8);
    await world.settle();
    world.now = new Date(Math.ceil(Date.parse(world.now) / 300_000) * 300_000).toISOString();
    await world.settle();
    made();
    const ticks: number[] = [];
    for (let n = 0; n < 30; n += 1) {
      world.advance(1 / 6);
      expect(await world.ports.due.take(world.now)).toEqual([]);
      ticks.push(made().length);
    }
    expect(ticks.filter((calls) => calls !== 4)).toEqual([12, 8]);
  });

  test('a hint whose work is done already takes 2 calls', async () => {
    const { world, made } = scene;
    const id = await anAskedGate(scene, next());
    world.advance(2);
    const items = await world.ports.due.take(world.now);
    const item = items.find(({ hint }) => hint.kind === 'gate' && hint.id === id);
    if (item === undefined) throw new Error('no hint');
    made();
    await world.core.runDue(item.hint);
    await world.ports.due.done(item);
    expect(made()).toEqual(['gate list', 'due remove']);
  });
});

test('a large report takes one more call for each 20,000 fingerprints of a tool', async () => {
  const { world, made } = await setScene(0);
  const rules = Array.from({ length: 25_000 }, (_, n) => `rule-${n % 5}`);
  const outcome = await importLeaks(world, 1, { commit: 'e'.repeat(40), rules });
  expect(outcome.kind).toBe('imported');
  expect(made().filter((call) => call === 'find commit')).toHaveLength(3);
});
