import { expect, test } from 'vitest';
import { blocked } from '../fakes/blocked-life.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { ask, exceptionOf, grant } from '../fakes/exception-scene.ts';
import { edited, policyFolder } from '../fakes/policy-folder.ts';
import { aWarning, wish as claim, evidenceOf } from '../fakes/triage-scene.ts';
import { aWaitingGate, wish } from '../fakes/waiting-gate.ts';

interface Entry {
  readonly kind: string;
  readonly actor: { readonly kind: string; readonly oid?: string };
  readonly data: Readonly<Record<string, unknown>>;
}

async function entriesOf(world: CoreWorld, id: string, kind: string): Promise<readonly Entry[]> {
  const stored = await world.ports.gates.locate(id);
  const all = (stored?.evidence ?? []).map(({ entry }) => JSON.parse(entry) as Entry);
  return all.filter((one) => one.kind === kind);
}

async function reported(world: CoreWorld): Promise<string> {
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  return world.deliver();
}

test('that a question reached too few of those who are asked is evidence, once for each revision, with whom it missed', async () => {
  const world = await createCoreWorld();
  const id = await reported(world);
  for (let n = 0; n < 3; n += 1) {
    world.advance(11);
    await world.settle();
  }
  const [first, ...more] = await entriesOf(world, id, 'card-undelivered');
  expect(more).toEqual([]);
  const missed = first?.data['undelivered'];
  expect(missed).toEqual(expect.arrayContaining([`user:${PEOPLE.alex}`, `user:${PEOPLE.megan}`]));
  expect(first).toMatchObject({ actor: { kind: 'countersign' }, data: { revision: 1, isRefused: false } });
  expect(JSON.stringify(first?.data['levels'])).toContain('group:');
});

test('a question that reached enough people leaves no such entry', async () => {
  const { world, id } = await aWaitingGate();
  await world.settle();
  expect(await entriesOf(world, id, 'card-undelivered')).toEqual([]);
});

test('that nobody decided until the end is evidence, with whom the question was for', async () => {
  const { world, id } = await aWaitingGate();
  world.advance(47 * 60);
  await world.settle();
  expect(await entriesOf(world, id, 'expired')).toMatchObject([
    { data: { from: 'asked', levels: [{ approvals: [] }], controls: expect.any(Array) } },
  ]);
});

test('that a gate stays closed because nobody is left to decide is evidence, by the name of the obstacle', async () => {
  const world = await createCoreWorld();
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  world.azureDevOps.sources = {
    ...world.azureDevOps.sources,
    authors: [PEOPLE.alex, PEOPLE.megan].map((id) => ({ id })),
  };
  const id = await world.deliver();
  expect(await entriesOf(world, id, 'judged')).toMatchObject([{ data: { obstacles: ['too-few-approvers'] } }]);
});

test('a click of somebody who may not decide is evidence', async () => {
  const { world, id } = await aWaitingGate();
  await world.core.approvals.decide(wish(id, PEOPLE.isaiah));
  expect(await entriesOf(world, id, 'refused')).toMatchObject([
    { actor: { oid: PEOPLE.isaiah }, data: { refusal: 'not-an-approver' } },
  ]);
});

test('by which age of what is known a gate was judged is evidence: why a control is unknown, and as of when it is known', async () => {
  const world = await createCoreWorld();
  const id = await world.deliver();
  const [judged] = await entriesOf(world, id, 'judged');
  expect(judged?.data['controls']).toContainEqual(
    expect.objectContaining({ state: 'unknown', why: 'absent', owner: expect.stringMatching(/^(?:group|user):/) }),
  );
});

test('that newer files of the policy are wrong, so that an older version was judged by, is evidence', async () => {
  const policyDir = await policyFolder();
  const world = await createCoreWorld({ policyDir });
  await world.report('semgrep-payments.sarif');
  await edited(policyDir, ['contract.yaml', /^version: .*$/gm, 'version: [']);
  world.advance(2);
  const [judged] = await entriesOf(world, await world.deliver(), 'judged');
  expect(judged?.data).toMatchObject({ policyProblems: expect.any(Number), contract: { version: expect.any(Number) } });
  expect(judged?.data['policyProblems']).toBeGreaterThan(0);
});

test('each entry of an exception says who owns its control and who may grant it, at that moment, a refused click too', async () => {
  const { world, requestId } = await blocked();
  const { id } = exceptionOf(await ask(world, { requestId }));
  await grant(world, id, PEOPLE.isaiah);
  await grant(world, id);
  const { evidence = [] } = (await world.ports.exceptions.locate(id)) ?? {};
  const entries = evidence.map(({ entry }) => JSON.parse(entry) as Entry);
  expect(entries.map(({ kind }) => kind)).toEqual(['exception-requested', 'refused', 'exception-granted']);
  const group = expect.stringMatching(/^group:/);
  for (const { data } of entries) expect(data).toMatchObject({ controlOwner: group, grantedBy: group });
});

test('an entry of a finding that somebody takes says who owns it and its control at that moment', async () => {
  const { world, fingerprint } = await aWarning();
  await world.core.triage.claim(claim(fingerprint, PEOPLE.megan));
  const entries = await evidenceOf(world, fingerprint);
  const owner = expect.stringMatching(/^group:/);
  expect(entries).toMatchObject([{ kind: 'finding-claimed', data: { owners: [owner] } }]);
  const control = expect.objectContaining({ decision: 'warn', control: expect.any(String), owner });
  expect(entries[0]?.data).toMatchObject({ controls: expect.arrayContaining([control]) });
});
