import { expect, test } from 'vitest';
import { digestText } from '../../cards/digest-card.ts';
import { findingText } from '../../cards/finding-card.ts';
import { findingListText } from '../../cards/finding-list-card.ts';
import { triageRefusalText } from '../../cards/triage-words.ts';
import type { Digest } from '../../services/domain/digest.ts';
import { aCheck, COMMIT, ORG } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { reconciled, sentTo } from '../fakes/digest-scene.ts';
import { actor, CAST } from '../fakes/exception-scene.ts';
import { scanned } from '../fakes/scanned.ts';
import { refusalOf, wish as triageWish } from '../fakes/triage-scene.ts';
import { wish } from '../fakes/waiting-gate.ts';

// A finding that arrives after the stage passed is found after that release, never blocked.

const DAY = 1_440;
const LATE = 'hardcoded-credential';
const NEXT = 'f'.repeat(40);

/** payments-api is in prod, and then a scan of the same commit finds what would have stopped it. */
async function aLateFinding() {
  const world = await createCoreWorld();
  for (const oid of [PEOPLE.alex, PEOPLE.adele]) await world.meet(oid);
  await scanned(world, ['weak-random']);
  await world.report('gitleaks-clean.sarif');
  await reconciled(world);
  const id = await world.deliver();
  await world.settle();
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();
  world.advance(DAY);
  await scanned(world, ['weak-random', LATE]);
  return { world, id };
}

async function listed(world: CoreWorld): Promise<string> {
  const list = await world.core.findingLists.list(actor(CAST.adele), { service: 'payments-api' });
  if ('code' in list) throw new Error(list.code);
  return findingListText(list);
}

async function latePrint(world: CoreWorld): Promise<string> {
  const { heads } = await world.ports.scopes.view({ org: ORG, service: 'payments-api', environment: '-' }, 'any');
  return heads.flatMap(({ groups }) => groups).find(({ rule }) => rule === LATE)?.fingerprints[0] ?? 'none';
}

const SAID = 'found after release 20261123.4 (prod, Tue 24 Nov 2026)';

test('lists, the finding itself and triage say after which release it was found, never that it blocks there', async () => {
  const { world } = await aLateFinding();
  const list = await listed(world);
  expect(list).toContain(SAID);
  expect(list).toContain('1 found after its release');
  const fingerprint = await latePrint(world);
  const view = await world.core.viewFinding({ by: actor(CAST.adele), fingerprint, service: 'payments-api' });
  if ('code' in view) throw new Error(view.code);
  expect(findingText(view)).toContain(SAID);
  expect(`${list} ${findingText(view)}`).not.toMatch(/block/);
  const off = { ...triageWish(fingerprint, CAST.adele), environment: 'prod' };
  const refused = await world.core.triage.snooze({ ...off, until: '2026-12-01' });
  expect(triageRefusalText(refusalOf(refused) as never)).toContain(`it was ${SAID}`);
});

test('its owner gets it as new in the next digest, before what is new and only warns', async () => {
  const { world } = await aLateFinding();
  await scanned(world, ['weak-random', 'another', LATE], { tool: 'semgrep' });
  await reconciled(world);
  const digest = sentTo(world, PEOPLE.adele).at(-1) as Digest;
  const fresh = digest.parts.find(({ section }) => section === 'new');
  expect(fresh?.first.map(({ rule }) => rule)).toEqual([LATE, 'another']);
  const text = digestText(digest);
  expect(text).toContain(`${SAID}: the contract would have stopped it`);
  expect(text).not.toMatch(/blocked/);
});

test('the next commit that has it is blocked, and said to be', async () => {
  const { world } = await aLateFinding();
  await scanned(world, ['weak-random', LATE], { commit: NEXT });
  expect(await listed(world)).toContain('blocks in prod');
  expect(await listed(world)).not.toContain('found after');
});

test('a later run of the same commit is judged on it as on everything', async () => {
  const { world } = await aLateFinding();
  world.azureDevOps.run = { ...world.azureDevOps.run, id: 4712 };
  const check = aCheck({ planId: '66666666-6666-4666-8666-666666666666' });
  const asked = { check, jobToken: 'job-token-of-the-check', runId: 4712, stage: 'Deploy', environment: 'prod' };
  const receipt = await world.core.deliveries.receive(asked);
  if (receipt.kind !== 'accepted') throw new Error(receipt.kind);
  await world.core.outbox.drain(receipt.org, receipt.requestId);
  await world.settle();
  const gate = await world.core.approvals.find(receipt.requestId);
  expect([gate?.state, gate?.judgement?.blocks.map(({ rule }) => rule)]).toEqual(['blocked', [LATE]]);
});

test('the evidence of the import names the release that it came after', async () => {
  const { world, id } = await aLateFinding();
  const entries = world.table
    .dump()
    .flatMap(({ values }) => (typeof values['entry'] === 'string' ? [values['entry']] : []))
    .map((entry) => JSON.parse(entry) as { kind: string; data: { commit?: string; foundAfter?: object[] } })
    .filter(({ kind, data }) => kind === 'report-imported' && data.commit === COMMIT);
  expect(entries.filter(({ data }) => data.foundAfter !== undefined).map(({ data }) => data.foundAfter)).toEqual([
    [{ requestId: id, environment: 'prod', runName: '20261123.4', at: '2026-11-24T09:01:00.000Z' }],
  ]);
});
