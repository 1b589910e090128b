import { expect, test } from 'vitest';
import type { Gate } from '../../services/domain/gate.ts';
import { COMMIT, ORG } from '../builders.ts';
import { type CoreWorld, createCoreWorld } from '../fakes/core-world.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';

// What users expect of findings and of the contract, 21 to 28; each has a test of its name.

const SCOPE = { org: ORG, service: 'payments-api', environment: '-' };
const DAY = 1_440;
const commit = (n: number) => n.toString(16).padStart(40, 'e');

async function fingerprintOf(world: CoreWorld, rule: string): Promise<string> {
  const { heads } = await world.ports.scopes.view(SCOPE, 'any');
  const group = heads.flatMap(({ groups }) => groups).find((one) => one.rule === rule);
  return group?.fingerprints[0] ?? 'none';
}

async function judgedIn(world: CoreWorld, environment: string): Promise<NonNullable<Gate['judgement']>> {
  await world.report('gitleaks-clean.sarif');
  const id = await world.deliver(environment);
  await world.settle();
  const { judgement } = (await world.core.approvals.find(id)) ?? {};
  if (judgement === undefined) throw new Error(`${id} is not judged`);
  return judgement;
}

test('behaviour 21: the same finding from the next run is the same record; first and last seen and the count move', async () => {
  const world = await createCoreWorld();
  const first = world.now;
  expect(await scanned(world, ['weak-random'])).toMatchObject({ new: 1, known: 0 });
  world.advance(DAY);
  expect(await scanned(world, ['weak-random', 'eval'], { commit: commit(2) })).toMatchObject({ new: 1, known: 1 });
  const print = await fingerprintOf(world, 'weak-random');
  const past = await world.core.findingHistory(SCOPE, print);
  expect(past).toMatchObject({ state: 'open', count: 2, firstSeen: first, lastSeen: world.now, tool: 'semgrep' });
  expect(past?.events.map(({ kind }) => kind)).toEqual(['first-seen']);
  // The same report once more is the same sighting.
  await scanned(world, ['weak-random', 'eval'], { commit: commit(2) });
  expect(await world.core.findingHistory(SCOPE, print)).toEqual(past);
});

test('behaviour 22: a finding that reappears after it was gone is open again, with its history', async () => {
  const world = await createCoreWorld();
  const first = world.now;
  await scanned(world, ['weak-random']);
  const print = await fingerprintOf(world, 'weak-random');
  world.advance(DAY);
  expect(await scanned(world, [], { commit: commit(2) })).toMatchObject({ gone: 1 });
  expect(await world.core.findingHistory(SCOPE, print)).toMatchObject({ state: 'gone', count: 1, lastSeen: first });
  world.advance(DAY);
  const back = await scanned(world, ['weak-random'], { commit: commit(3) });
  expect(back).toMatchObject({ new: 0, known: 0, reopened: 1 });
  const past = await world.core.findingHistory(SCOPE, print);
  expect(past).toMatchObject({ state: 'open', count: 2, firstSeen: first, lastSeen: world.now });
  expect(past?.events.map(({ kind, commit: of }) => [kind, of])).toEqual([
    ['first-seen', COMMIT],
    ['gone', commit(2)],
    ['reopened', commit(3)],
  ]);
});

test("behaviour 25: each warning has a date from the contract; one that is overdue goes to the owner's lead", async () => {
  const world = await createCoreWorld();
  const due = new Date(Date.parse(world.now) + 14 * 86_400_000).toISOString();
  await scanned(world, ['weak-random']);
  const { warns } = await judgedIn(world, 'prod');
  expect(warns).toMatchObject([{ owner: 'group:payments-owners', dueAt: due }]);
  expect(warns[0]).not.toHaveProperty('lead');

  const later = await createCoreWorld();
  await scanned(later, ['weak-random']);
  later.advance(14 * DAY);
  expect((await judgedIn(later, 'prod')).warns).toMatchObject([
    { owner: 'group:payments-owners', dueAt: due, lead: 'group:payments-leads' },
  ]);
});

test('behaviour 26: production and test may decide differently about the same finding, by one contract', async () => {
  const decisions = async (environment: string) => {
    const world = await createCoreWorld();
    await scanned(world, ['hardcoded-credential']);
    const { verdict, blocks, warns, contract } = await judgedIn(world, environment);
    return [verdict, blocks.map(({ rule }) => rule), warns.map(({ rule }) => rule), contract?.checksum];
  };
  const [production, elsewhere] = [await decisions('prod'), await decisions('staging')];
  expect(production.slice(0, 3)).toEqual(['block', ['hardcoded-credential'], []]);
  expect(elsewhere.slice(0, 3)).toEqual(['pass', [], ['hardcoded-credential']]);
  expect(production[3]).toBe(elsewhere[3]);
});

test('behaviour 27: a severity for which a rule sets no date is never overdue', async () => {
  const policyDir = await policyFolder(['contract.yaml', /^ +due: .*\n/gm, '']);
  const world = await createCoreWorld({ policyDir });
  await scanned(world, ['weak-random']);
  world.advance(20 * DAY);
  const { warns } = await judgedIn(world, 'prod');
  expect(warns).toHaveLength(1);
  expect(warns[0]).not.toHaveProperty('dueAt');
  expect(warns[0]).not.toHaveProperty('lead');
});
