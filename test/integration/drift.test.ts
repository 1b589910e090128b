import { expect, test } from 'vitest';
import { cardText } from '../../cards/card-text.ts';
import { driftNewsCard, driftSummary } from '../../cards/drift-card.ts';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import { aConnection, anEnvironment, anIdentity, aReach, withUnknown } from '../drift-platforms.ts';
import { PEOPLE, personal } from '../fakes/core-world.ts';
import { checked, type DriftScene, findingsIn, kindsOf, OWNER, SCOPE, setDriftScene } from '../fakes/drift-scene.ts';
import { actor } from '../fakes/exception-scene.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { refusedWordsIn } from '../fakes/refused-words.ts';

const driftOf = async ({ world }: DriftScene) => (await world.ports.baselines.read(SCOPE)).drift?.drift;

/** The sample's rules for what is announced block already. */
const BLOCKING = ['contract.yaml', /^ +from: 2027-01-15\n/gm, ''] as const;

/** payments-api was let into prod; half an hour later somebody disables its check. */
async function aDisabledCheck(options: Parameters<typeof setDriftScene>[0] = {}) {
  const scene = await setDriftScene(options);
  const requestId = await scene.release();
  scene.world.advance(30);
  scene.reads(checked({ isDisabled: true }));
  await scene.round();
  return { scene, requestId };
}

test('an approved deployment takes the baseline, with who approved it, and nothing has drifted from it', async () => {
  const scene = await setDriftScene();
  const requestId = await scene.release();
  const { baseline } = await scene.world.ports.baselines.read(SCOPE);

  expect(baseline?.taken).toMatchObject({ requestId, approvedBy: [{ oid: PEOPLE.alex, name: 'Alex Wilber' }] });
  expect(baseline?.entries.map(({ kind }) => kind)).toEqual([
    ...['branch-policy', 'check', 'connection', 'environment', 'reach', 'reach', 'reach', 'role'],
  ]);
  expect(await kindsOf(scene)).toEqual(['baseline-taken']);
  await scene.round();
  expect(scene.cards).toEqual([]);
  expect(await scene.say('drift payments-api')).toContain('All is as approved');
});

test('that a baseline was taken its owner is told once, with what is in it; later deployments say nothing', async () => {
  const scene = await setDriftScene();
  const requestId = await scene.release();
  await scene.round();
  await scene.release();
  await scene.round();

  expect(scene.announced).toHaveLength(1);
  const [told] = scene.announced;
  expect(told?.conversation).toBe(personal(OWNER).id);
  expect(told?.drifted.taken).toMatchObject({ requestId, approvedBy: [{ name: 'Alex Wilber' }] });
  if (told === undefined) throw new Error('nobody was told');
  const text = cardText(driftNewsCard(told));
  expect(text).toContain('payments-api in prod: baseline');
  expect(text).toContain('✓ Its baseline is taken');
  expect(text).toContain(
    'It holds: 1 environment, 1 check, 1 branch policy, 3 lists of who administers, approves or deploys',
  );
  expect(driftSummary(told)).toBe('payments-api in prod: its baseline is taken');
});

test('a check that is disabled is on a card to the owner: what, since when, after which deployment, approved by whom', async () => {
  const { scene, requestId } = await aDisabledCheck();

  const [card, ...others] = scene.cards;
  expect(others).toEqual([]);
  expect(card?.conversation).toBe(personal(OWNER).id);
  const [item] = card?.drifted.drift.items ?? [];
  expect(item).toMatchObject({ kind: 'changed', since: '2026-11-24T09:30:00.000Z', release: { requestId } });
  expect(item?.release?.approvedBy).toEqual([{ oid: PEOPLE.alex, name: 'Alex Wilber' }]);
  expect(await findingsIn(scene)).toEqual(['check-changed']);
  const text = await scene.say('drift payments-api prod');
  expect(text).toContain('Check "Countersign" of environment "prod": is disabled');
  expect(text).toContain('approved by Alex Wilber');
});

test('who approves nothing there cannot accept it, and is told who can; a stale card accepts nothing', async () => {
  const { scene } = await aDisabledCheck();
  const revision = (await driftOf(scene))?.revision ?? 0;

  const refused = await scene.click('drift.accept', { ...SCOPE, revision }, OWNER);
  expect(refused.text).toContain('only an approver of this service and environment accepts drift: Alex Wilber');
  const stale = await scene.click('drift.accept', { ...SCOPE, revision: revision - 1 });
  expect(stale.text).toContain('it has changed since it was shown');
  expect(await kindsOf(scene)).toEqual(['baseline-taken']);
  expect(await findingsIn(scene)).toEqual(['check-changed']);
  await scene.click('drift.accept', { ...SCOPE, revision }, OWNER);
  expect(refusedWordsIn(scene.world)).toMatchObject([
    {
      actor: { oid: OWNER },
      data: { what: 'accept-drift', refusal: 'not-an-approver', revision, environment: 'prod' },
    },
  ]);
});

test('an approver accepts it: recorded with who and until when, gone from the card and the findings, and back when it ends', async () => {
  const policyDir = await policyFolder(['contract.yaml', 'baselineMax: 180d', 'baselineMax: 1d']);
  const { scene } = await aDisabledCheck({ policyDir });
  const revision = (await driftOf(scene))?.revision ?? 0;
  const answer = await scene.click('drift.accept', { ...SCOPE, revision });
  await scene.world.settle();

  expect(answer.text).toContain('1 change is taken into the baseline until');
  const evidence = await scene.evidence();
  expect(firstBrokenEntry(evidence)).toBeUndefined();
  const entry = JSON.parse(evidence.at(-1)?.entry ?? '{}') as { kind: string; actor: object; data: object };
  expect(entry).toMatchObject({
    kind: 'drift-accepted',
    actor: { kind: 'person', oid: PEOPLE.alex },
    data: { until: '2026-11-25T09:30:00.000Z', accepted: [{ kind: 'changed' }] },
  });
  expect(await findingsIn(scene)).toEqual([]);
  expect(scene.cards.map(({ drifted }) => drifted.drift.items.length)).toEqual([0]);

  scene.world.now = '2026-11-25T09:31:00.000Z';
  await scene.round();
  expect(await findingsIn(scene)).toEqual(['check-changed']);
  expect(scene.cards.at(-1)?.drifted.drift.items).toHaveLength(1);
});

test('the same click again records nothing twice', async () => {
  const { scene } = await aDisabledCheck();
  const revision = (await driftOf(scene))?.revision ?? 0;
  const word = { ...SCOPE, revision, by: actor(PEOPLE.alex), op: 'one' };
  const { core } = scene.world;
  const first = await core.baselines.accept(word);
  await scene.world.settle();
  const second = await core.baselines.accept(word);

  expect([first.kind, second.kind]).toEqual(['accepted', 'accepted']);
  expect(await kindsOf(scene)).toEqual(['baseline-taken', 'drift-accepted']);
});

test('what is put back closes by itself, on the same card', async () => {
  const { scene } = await aDisabledCheck();
  scene.world.advance(5);
  scene.reads();
  await scene.round();

  expect(await findingsIn(scene)).toEqual([]);
  expect(scene.cards.map(({ drifted }) => drifted.drift.items.length)).toEqual([0]);
  expect(await kindsOf(scene)).toEqual(['baseline-taken']);
});

test('more of it is written into the same card, and said once more aloud', async () => {
  const { scene } = await aDisabledCheck();
  scene.world.advance(60);
  scene.reads({
    ...checked({ isDisabled: true }),
    reach: [aReach({ members: [anIdentity('Ann'), anIdentity('Bob'), anIdentity('Mallory')] })],
  });
  await scene.round();

  expect(scene.cards.filter(({ topic }) => topic === 'open').map(({ drifted }) => drifted.drift.items.length)).toEqual([
    2,
  ]);
  expect(scene.cards.filter(({ topic }) => topic === 'grown')).toHaveLength(1);
  await scene.round();
  expect(scene.cards).toHaveLength(2);
});

test('a section that cannot be read drifts nothing, and what had drifted in it stays until it can', async () => {
  const { scene } = await aDisabledCheck();
  scene.world.advance(60);
  scene.reads({ environments: [], reach: [] });
  scene.readsAs((sections) => withUnknown(withUnknown(sections, 'environments'), 'reach'));
  await scene.round();

  const drift = await driftOf(scene);
  expect(drift?.items.map(({ kind, isUnknown }) => [kind, isUnknown])).toEqual([['changed', true]]);
  expect(drift?.unknown.map(({ name }) => name)).toEqual([
    'Checks of environments of payments',
    'Environments of payments',
    'Administrators, approvers and deployers of payments',
  ]);
  expect((await findingsIn(scene)).sort()).toEqual([
    ...['baseline-not-comparable', 'baseline-not-comparable', 'baseline-not-comparable', 'check-changed'],
  ]);
  const revision = drift?.revision ?? 0;
  const answer = await scene.click('drift.accept', { ...SCOPE, revision });
  expect(answer.text).toContain('this cannot be looked at now');
});

test('a platform of which nothing is known at all drifts nothing', async () => {
  const { scene } = await aDisabledCheck();
  scene.world.advance(60);
  scene.readsAs((sections) => sections.filter(({ kind }) => kind === 'roles'));
  await scene.round();

  expect((await driftOf(scene))?.items.map(({ kind }) => kind)).toEqual(['changed']);
});

test('a scan never changes a baseline, nor does the next deployment that somebody approves', async () => {
  const scene = await setDriftScene();
  await scene.release();
  const before = await scene.world.ports.baselines.read(SCOPE);
  scene.world.advance(30);
  scene.reads({ connections: [aConnection({ openToAll: true, pipelines: [] })] });
  await scene.round();
  const requestId = await scene.release();
  await scene.round();

  const { gate } = (await scene.world.ports.gates.read(SCOPE.org, requestId)) ?? {};
  expect(gate?.state).toBe('approved');
  const after = await scene.world.ports.baselines.read(SCOPE);
  expect(after.baseline).toEqual(before.baseline);
  expect(after.baselineVersion).toBe(before.baselineVersion);
  expect(await findingsIn(scene)).toEqual(['connection-changed']);
});

test('while a check has drifted the next deployment is blocked, and accepted it goes on', async () => {
  const { scene } = await aDisabledCheck({ policyDir: await policyFolder(BLOCKING) });
  const requestId = await scene.deploy();
  const stateOf = async () => (await scene.world.ports.gates.read(SCOPE.org, requestId))?.gate.state;
  expect(await stateOf()).toBe('blocked');

  const revision = (await driftOf(scene))?.revision ?? 0;
  await scene.click('drift.accept', { ...SCOPE, revision });
  await scene.world.settle();
  expect(await stateOf()).toBe('asked');
});

test('what could not be read at the first approved deployment is taken at the next one', async () => {
  const scene = await setDriftScene();
  scene.readsAs((sections) => withUnknown(sections, 'connections'));
  await scene.release();
  const has = async () =>
    (await scene.world.ports.baselines.read(SCOPE)).baseline?.entries.some(({ kind }) => kind === 'connection');
  expect(await has()).toBe(false);

  scene.world.advance(60);
  scene.reads();
  await scene.round();
  expect(await has()).toBe(false);
  expect(await findingsIn(scene)).toEqual([]);
  await scene.release();
  expect(await has()).toBe(true);
  expect(await kindsOf(scene)).toEqual(['baseline-taken', 'baseline-taken']);
});

test('a round in which nothing was read anew makes one call for each organization', async () => {
  const { scene } = await aDisabledCheck();
  const { calls } = scene.platforms;
  const reads = scene.world.table.list;
  let listed = 0;
  scene.world.table.list = (table, partition, options) => {
    if (partition.includes('~f~payments-api~prod')) listed += 1;
    return reads(table, partition, options);
  };
  await scene.round();

  expect(scene.platforms.calls - calls).toBe(1);
  expect(listed).toBe(0);
});

test('an exception is asked for by the form that there is, filled in for what has drifted', async () => {
  const { scene } = await aDisabledCheck({ policyDir: await policyFolder(BLOCKING) });
  const revision = (await driftOf(scene))?.revision ?? 0;
  const answer = await scene.click('drift.except', { ...SCOPE, revision }, OWNER);

  expect(answer.text).toContain('baseline-drift');
  expect(JSON.stringify(answer.card)).toContain('is disabled');
});

test('hostile names reach the card, the findings and the row as names, and nothing else', async () => {
  const name = '[x](https://evil.example) <at>Bot</at> \u202Etxt \ud800 {{DATE(2026-01-01T00:00:00Z)}} ~s~0';
  const scene = await setDriftScene();
  await scene.release();
  scene.world.advance(30);
  scene.reads({
    environments: [anEnvironment(), anEnvironment({ id: '6~b~0', name: 'PROD', checks: [] })],
    reach: [aReach({ name, members: [anIdentity(name, { id: 'x:y~z/../%2e' })] })],
  });
  await scene.round();

  const text = await scene.say('drift payments-api prod');
  expect(text).not.toContain('<at>');
  expect(text).not.toContain('\u202E');
  expect(text).not.toContain('](https');
  expect((await driftOf(scene))?.items.length).toBeGreaterThan(0);
  expect(await scene.say('drift nothing')).toContain('the catalog has no such service');
  expect(await scene.say('drift payments-api moon')).toContain('no such environment');
  expect(await scene.say('drift orders-api')).toContain('there is no baseline');
});

test('nobody from outside the directory sees or accepts anything', async () => {
  const { scene } = await aDisabledCheck();
  const outside = '10000000-0000-4000-8000-000000000009';
  expect(await scene.say('drift payments-api', outside)).not.toContain('Check');
  const answer = await scene.click('drift.accept', { ...SCOPE, revision: 1 }, outside);
  expect(answer.text).not.toContain('Check');
  expect(await kindsOf(scene)).toEqual(['baseline-taken']);
});
