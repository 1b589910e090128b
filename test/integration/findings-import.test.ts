import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Submission } from '../../services/findings.ts';
import { COMMIT, ORG } from '../builders.ts';
import { type CoreWorld, createCoreWorld } from '../fakes/core-world.ts';

const CLEAN = await readFile(new URL('../fixtures/sarif/gitleaks-clean.sarif', import.meta.url));

const importWith = (world: CoreWorld, over: Partial<Submission> = {}, bytes: Uint8Array = CLEAN) => {
  async function* body() {
    yield Uint8Array.from(bytes);
  }
  return world.core.findings.import({ service: 'payments-api', commit: COMMIT, body: body(), ...over });
};

const sarif = (runs: readonly object[]) => Buffer.from(JSON.stringify({ version: '2.1.0', runs }));
const runOf = (name: string, over: object = {}) => ({ tool: { driver: { name } }, results: [], ...over });

/** A world that has stored something already, so that an empty store proves nothing by itself. */
async function aWorld(): Promise<CoreWorld> {
  const world = await createCoreWorld();
  await world.report('semgrep-payments.sarif');
  await world.deliver();
  await world.settle();
  return world;
}

async function* broken(): AsyncIterable<Uint8Array> {
  yield Uint8Array.from(CLEAN.subarray(0, 20));
}

const endedAt = (time: string) => runOf('gitleaks', { invocations: [{ executionSuccessful: true, endTimeUtc: time }] });
const results = (count: number, text: string, suffix = '') =>
  Array.from({ length: count }, (_, n) => ({
    ruleId: `rule-${n}${suffix}`,
    message: { text },
    locations: [{ physicalLocation: { artifactLocation: { uri: `src/${n}.ts` }, region: { startLine: 1 } } }],
  }));

test.each<[string, Partial<Submission>, Uint8Array, object]>([
  [
    'an environment that the contract does not name',
    { environment: 'nowhere' },
    CLEAN,
    { code: 'unknown-environment' },
  ],
  ['a run of another commit', { runId: 7, commit: 'e'.repeat(40) }, CLEAN, { code: 'run-mismatch' }],
  ['a run that may not speak for the service', { runId: 7, service: 'orders-api' }, CLEAN, { code: 'run-mismatch' }],
  ['a scan that ends in the future', {}, sarif([endedAt('2026-11-24T09:06:00Z')]), { code: 'scan-in-future' }],
  [
    'a report in the name of the bot, among others, however it is written',
    { category: 'platform' },
    sarif([runOf('gitleaks'), runOf(' CounterSign! ')]),
    { kind: 'refused', refused: 'reserved-tool' },
  ],
  [
    'a report in the name of what the bot verifies',
    { category: 'provenance' },
    sarif([runOf('gitleaks'), runOf('Sigstore')]),
    { kind: 'refused', refused: 'reserved-tool' },
  ],
  ['a report that breaks off', { body: broken() }, CLEAN, { kind: 'refused' }],
  ['something else than a report', {}, Buffer.from('{"a":1}'), { kind: 'refused' }],
  [
    'more tools than one transaction takes',
    {},
    sarif(Array.from({ length: 40 }, (_, n) => runOf(`tool-${n}`, { results: results(1, 'x') }))),
    { kind: 'refused', refused: 'too-many-findings' },
  ],
  [
    'more text than one transaction takes once it is quoted twice',
    {},
    sarif([runOf('gitleaks', { results: results(3_800, 'x', '"\\'.repeat(100)) })]),
    { kind: 'refused', refused: 'too-many-findings' },
  ],
])('%s is refused and leaves no row at all', async (_what, over, bytes, answer) => {
  const world = await aWorld();
  const before = world.table.dump();
  expect(await importWith(world, over, bytes)).toMatchObject(answer);
  await world.core.idle();
  expect(world.table.dump()).toEqual(before);
});

test('as many tools as are taken fit one transaction', async () => {
  const world = await createCoreWorld();
  const tools = Array.from({ length: 17 }, (_, n) => runOf(`tool-${n}`, { results: results(1, 'x') }));
  expect(await importWith(world, {}, sarif(tools))).toMatchObject({ kind: 'imported' });
});

test('a run that no configured organization has is refused and leaves no row', async () => {
  const world = await aWorld();
  const before = world.table.dump();
  world.ports.azureDevOps.findRuns = async () => [];
  expect(await importWith(world, { runId: 8 })).toMatchObject({ kind: 'invalid', code: 'run-not-found' });
  expect(world.table.dump()).toEqual(before);
});

test('a scan that ended within five minutes from now is taken, as if it ended now', async () => {
  const world = await createCoreWorld();
  expect(await importWith(world, {}, sarif([endedAt('2026-11-24T09:05:00Z')]))).toMatchObject({ kind: 'imported' });
  const { heads } = await world.ports.scopes.view({ org: ORG, service: 'payments-api', environment: '-' }, [COMMIT]);
  expect(heads).toMatchObject([{ scannedAt: world.now }]);
});

test('a commit is the same in capital letters', async () => {
  const world = await createCoreWorld();
  expect(await importWith(world, { runId: 7, commit: COMMIT.toUpperCase() })).toMatchObject({ kind: 'imported' });
  const { heads } = await world.ports.scopes.view({ org: ORG, service: 'payments-api', environment: '-' }, [COMMIT]);
  expect(heads).toMatchObject([{ commit: COMMIT, verified: true }]);
});

test('a report of an unknown service is kept and says that nothing is known about it', async () => {
  const world = await createCoreWorld();
  const outcome = await importWith(world, { service: 'brand-new' });
  expect(outcome).toMatchObject({
    kind: 'imported',
    problems: [expect.stringContaining('no-context'), expect.stringContaining('unverified')],
  });
  const { heads } = await world.ports.scopes.view({ org: ORG, service: 'brand-new', environment: '-' }, [COMMIT]);
  expect(heads).toHaveLength(1);
});

test('a store that fails in the middle of an import leaves nothing that a judgement reads', async () => {
  const world = await aWorld();
  const read = () => world.ports.scopes.view({ org: ORG, service: 'payments-api', environment: '-' }, 'any');
  const before = await read();
  for (const kind of ['get', 'commit'] as const) {
    world.table.failNext('before', { kind });
    await expect(importWith(world)).rejects.toThrow('no connection');
    expect(await read()).toEqual(before);
  }
});

test('a report of npm whose package has half a character for a name is taken as any other', async () => {
  const world = await createCoreWorld();
  const advisory = {
    ...{
      id: 1,
      title: 'A flaw',
      severity: 'high',
      url: 'https://example.com/1',
      module_name: 'a\ud800',
      cves: ['CVE-2026-0001'],
    },
    findings: [{ version: '1.0.0', paths: ['a'] }],
  };
  const report = {
    actions: [],
    advisories: { 1: advisory },
    metadata: { vulnerabilities: { high: 1 }, dependencies: 1 },
  };
  expect(await importWith(world, {}, Buffer.from(JSON.stringify(report)))).toMatchObject({
    kind: 'imported',
    findings: 1,
  });
});
