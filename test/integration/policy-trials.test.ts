import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { contractGaps } from '../../bot/console/contract-gaps.ts';
import { simulateContract, snapshotOf } from '../../bot/console/simulate-contract.ts';
import { readWrittenPolicy } from '../../services/policy/written-policy.ts';
import type { PolicySnapshot } from '../../services/ports/policy.ts';
import { aCheck, COMMIT } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { type Edit, policyFolder } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';

const SINCE = { since: '2026-11-01T00:00:00.000Z' };
const REQUESTS = 20;
const guid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** payments-api ten times in each environment and orders-api, each run on its own, with its reports. */
async function past(): Promise<CoreWorld> {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.alex);
  await world.report('gitleaks-clean.sarif');
  await world.report('semgrep-payments.sarif');
  for (let n = 0; n < REQUESTS; n += 1) {
    const check = aCheck({ taskInstanceId: guid(n) });
    const environment = n % 2 === 0 ? 'prod' : 'staging';
    const delivery = { check, jobToken: 'token', runId: 7, stage: `Deploy ${n}`, environment };
    const receipt = await world.core.deliveries.receive({ ...delivery, service: 'payments-api' });
    if (receipt.kind !== 'accepted') throw new Error(JSON.stringify(receipt));
    await world.core.outbox.drain(receipt.org, receipt.requestId);
    world.advance(1);
  }
  await world.settle();
  return world;
}

let world: CoreWorld;
beforeAll(async () => {
  world = await past();
});

async function written(...edits: readonly Edit[]): Promise<PolicySnapshot> {
  return snapshotOf('DIR', await readWrittenPolicy(await policyFolder(...edits), { today: '2026-11-24' }));
}

const simulate = async (...edits: readonly Edit[]) =>
  simulateContract(world.core.trials, await written(...edits), SINCE);
const requestsOf = (lines: readonly string[]) => lines.filter((line) => line.startsWith('request\t'));

const SAST_BLOCKS: Edit = [
  'contract.yaml',
  /then: warn\n {8}because: "Needs calibration: code findings/g,
  'then: block\n        justification: "Needs calibration: code findings',
];

test('the policy in force judges all of the past as it was judged, and changes nothing', async () => {
  const { exitCode, lines, remarks } = await simulate();

  expect({ exitCode, lines }).toEqual({ exitCode: 0, lines: [] });
  expect(remarks).toEqual([
    '20 requests since 2026-11-01 judged again: 0 would have been blocked, 0 would not have been, 0 would have asked others or nobody.',
  ]);
});

test('a rule that blocks instead of warning blocks what it would have, and names its classes', async () => {
  const { exitCode, lines, remarks } = await simulate(SAST_BLOCKS);

  expect(exitCode).toBe(1);
  expect(requestsOf(lines)).toHaveLength(REQUESTS / 2);
  expect(lines[0]).toMatch(
    /^request\t[a-z2-7]{16}\tpayments-api\tprod\t2026-11-24T09:00:00\.000Z\tasks 1 of group:payments-leads\tblocked by sast .*$/,
  );
  const classes = lines.filter((line) => line.startsWith('class\t'));
  expect(classes.length).toBeGreaterThan(0);
  for (const line of classes) {
    expect(line).toMatch(
      /^class\tsast\tsemgrep\t[^\t]+\t(critical|high|medium)\twarn\tblock\t\d+ findings?\t10 requests\tpayments-api$/,
    );
  }
  expect(remarks?.[0]).toContain('10 would have been blocked, 0 would not have been');
});

test('the same answer comes twice', async () => {
  expect(await simulate(SAST_BLOCKS)).toEqual(await simulate(SAST_BLOCKS));
});

test('other people of a route are named, without anybody being looked up', async () => {
  const { lines } = await simulate([
    'routes.yaml',
    '- { quorum: 1, from: ["group:payments-leads"] }',
    '- { quorum: 2, from: ["group:nobody-knows"] }',
  ]);

  expect(lines).toHaveLength(REQUESTS / 2);
  expect(lines[0]).toMatch(/\tasks 1 of group:payments-leads\tasks 2 of group:nobody-knows$/);
});

test('a control that becomes required blocks where it had not reported', async () => {
  const { lines } = await simulate([
    'contract.yaml',
    'evidence: { maxAge: 7d }',
    'evidence: { required: [production] }',
  ]);

  expect(requestsOf(lines)[0]).toContain('blocked by missing-signal: dependency-scanning (payments-api): absent');
});

test('only what was received since, and only one environment, is judged', async () => {
  const one = await written(SAST_BLOCKS);
  const later = await simulateContract(world.core.trials, one, { since: '2026-11-24T09:10:00.000Z' });
  const staging = await simulateContract(world.core.trials, one, { ...SINCE, environment: 'staging' });

  expect(requestsOf(later.lines)).toHaveLength(5);
  expect(staging).toMatchObject({ exitCode: 0, lines: [] });
  await expect(simulateContract(world.core.trials, one, { ...SINCE, environment: 'live' })).rejects.toThrow(
    'there is no environment "live"; there is prod, staging',
  );
});

test('another folder may be compared with in place of the policy in force', async () => {
  const [before, after] = [await written(SAST_BLOCKS), await written(SAST_BLOCKS)];

  expect(await simulateContract(world.core.trials, after, SINCE, before)).toMatchObject({ exitCode: 0, lines: [] });
});

test('files that do not load are not tried: every problem is named', async () => {
  const broken = simulate(['contract.yaml', 'version: 1', 'version: one'], ['routes.yaml', 'quorum: 1', 'quorum: 0']);

  await expect(broken).rejects.toThrow(/^DIR does not load:\ncontract\.yaml:\d+ version: [\s\S]*routes\.yaml:\d+ /);
});

const LEAD = '- { after: { age: 30d }, to: owner-lead }';

test('steps that lead to a block are tried on the ages and the spread that are stored', async () => {
  const spread: Edit = ['contract.yaml', LEAD, '- { after: { services: 2 }, to: block }'];
  const own = await createCoreWorld({ policyDir: await policyFolder(spread) });
  await scanned(own, ['weak-random'], { service: 'orders-api', commit: 'e'.repeat(40) });
  await scanned(own, ['weak-random']);
  await own.report('gitleaks-clean.sarif');
  own.advance(3 * 1_440);
  await own.deliver();
  const after = async (step: string) =>
    requestsOf((await simulateContract(own.core.trials, await written(['contract.yaml', LEAD, step]), SINCE)).lines);

  expect(await after('- { after: { age: 4d }, to: block }')).toEqual([
    expect.stringMatching(/\tblocked by sast weak-random \(high\)\tasks 1 of group:payments-leads$/),
  ]);
  expect(await after('- { after: { age: 3d }, to: block }')).toEqual([]);
});

test('what a later scan of the default branch told of a finding counts, though the request ships an earlier one', async () => {
  const own = await createCoreWorld({
    policyDir: await policyFolder(['contract.yaml', LEAD, '- { after: { seen: 2, within: 14d }, to: block }']),
  });
  await scanned(own, ['weak-random']);
  await scanned(own, ['weak-random'], { commit: 'e'.repeat(40) });
  await own.report('gitleaks-clean.sarif');
  await own.deliver();
  const { lines } = await simulateContract(own.core.trials, await written(), SINCE);

  expect(requestsOf(lines)).toEqual([expect.stringMatching(/\tblocked by sast weak-random \(high\)\tasks 1 of /)]);
});

test('an owner whom CODEOWNERS cannot name keeps no policy from being tried', async () => {
  const folder = await policyFolder();
  await mkdir(join(folder, 'catalog'));
  await writeFile(join(folder, 'catalog/payments-api.codeowners'), '/src/ @jane\n');
  const policy = await readWrittenPolicy(folder, { today: '2026-11-24' });

  expect(policy.ownerProblems).toEqual([expect.stringMatching(/^catalog\/payments-api\.codeowners:1 owners: /)]);
  expect(await simulateContract(world.core.trials, snapshotOf('DIR', policy), SINCE)).toMatchObject({ exitCode: 0 });
});

test('nothing is written, and neither Azure DevOps nor Teams is called', async () => {
  const own = await past();
  const [rows, told, posted] = [own.table.dump(), own.told.length, own.posted.length];
  own.azureDevOps.down = true;
  await simulateContract(own.core.trials, await written(SAST_BLOCKS), SINCE);
  await contractGaps(own.core.trials, SINCE);

  expect(own.table.dump()).toEqual(rows);
  expect([own.told.length, own.posted.length]).toEqual([told, posted]);
});

test('a report that came since is counted and told, and so is what was judged otherwise then', async () => {
  const own = await past();
  own.advance(60);
  await own.report('gitleaks-orders.sarif', { commit: COMMIT });
  const { lines, remarks } = await simulateContract(own.core.trials, await written(), SINCE);

  // What still waits was judged again by then.
  expect(lines).toEqual([]);
  expect(remarks?.slice(1)).toEqual([
    expect.stringMatching(/^10 requests judged on newer reports .*: ([a-z2-7]{16}, ){4}[a-z2-7]{16} and 5 more\.$/),
    expect.stringMatching(/^10 requests recorded with another outcome than the old policy gives now: /),
  ]);
});

test('a silent store is no answer', async () => {
  const own = await past();
  own.table.failNext('before', { times: 10 });

  await expect(contractGaps(own.core.trials, SINCE)).rejects.toThrow('no connection');
});

test('gaps: nothing is missing where the newest request had all that is required', async () => {
  expect(await contractGaps(world.core.trials, SINCE)).toEqual({
    exitCode: 0,
    lines: [],
    remarks: [
      '2 requests since 2026-11-01, the newest of each service in each environment: 0 signals missing, 0 classes decided differently.',
    ],
  });
});

test('gaps: what the newest request lacks is named with its control, environment, service and request', async () => {
  const policy = await written(['contract.yaml', 'evidence: { maxAge: 7d }', 'evidence: { required: [production] }']);
  const { exitCode, lines } = await contractGaps(world.core.trials, SINCE, policy);

  expect(exitCode).toBe(1);
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^missing\tdependency-scanning\tprod\tpayments-api\tno report was received for what is shipped\t[a-z2-7]{16}$/,
    ),
  );
});
