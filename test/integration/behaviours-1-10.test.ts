import { expect, test } from 'vitest';
import { cardText } from '../../cards/card-text.ts';
import { gateCard } from '../../cards/gate-card.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { Gate } from '../../services/domain/gate.ts';
import { ORG } from '../builders.ts';
import { buttonsOf } from '../cards/read.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { aWaitingGate, wish } from '../fakes/waiting-gate.ts';

// What users expect of approvals, 1 to 10; each has a test of its name. The details are tested where they are built.

const QUORUM = [
  'routes.yaml',
  '- { quorum: 1, from: ["group:payments-leads"] }',
  '- { quorum: 2, from: ["group:payments-leads"] }',
] as const;

async function gateOf(world: CoreWorld, id: string): Promise<Gate> {
  const gate = await world.core.approvals.find(id);
  if (gate === undefined) throw new Error(`no request ${id}`);
  return gate;
}

/** What the newest version of this person's card says, and its buttons. */
function shownTo(world: CoreWorld, oid: string) {
  const card = world.posted.filter(({ to, notice }) => to === `a:${oid}` && notice.about === undefined).at(-1);
  if (card === undefined) return undefined;
  const shown = gateCard(card.notice.gate, { oid });
  return { text: cardText(shown), buttons: buttonsOf(shown).map((button) => button['id']), updates: card.updates };
}

const refusalOf = (answer: Awaited<ReturnType<CoreWorld['core']['approvals']['decide']>>) =>
  answer.kind === 'refused' ? answer.refusal : answer.kind;

test('behaviour 1: after an approval every copy shows the outcome, who, when and why, and has no buttons to decide', async () => {
  const { world, id } = await aWaitingGate();
  await world.meet(PEOPLE.megan);
  await world.settle();

  await world.core.approvals.decide(wish(id, PEOPLE.alex, 'approve', 'checked with Adele'));
  await world.settle();

  for (const oid of [PEOPLE.alex, PEOPLE.megan]) {
    const shown = shownTo(world, oid);
    for (const part of ['Approved by', '24 Nov 2026', 'checked with Adele']) expect(shown?.text).toContain(part);
    expect(shown?.buttons).not.toContain('approve');
    expect(shown?.buttons).not.toContain('reject');
  }
});

test('behaviour 2: a second click, by the same or another person, changes nothing and is told so', async () => {
  const { world, id } = await aWaitingGate();
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  const before = await gateOf(world, id);

  expect(refusalOf(await world.core.approvals.decide(wish(id, PEOPLE.megan, 'reject', 'no')))).toBe('already-decided');
  expect(refusalOf(await world.core.approvals.decide({ ...wish(id, PEOPLE.alex), op: 'again' }))).toBe(
    'already-decided',
  );

  expect(await gateOf(world, id)).toEqual(before);
  expect(refusalSentence('already-decided', { gate: before })).toMatch(/Alex Wilber approved it on/);
});

test('behaviour 3: whoever is not entitled is refused in private, and the attempt is in the record', async () => {
  const { world, id } = await aWaitingGate();
  const posts = world.posted.length;

  expect(refusalOf(await world.core.approvals.decide(wish(id, PEOPLE.isaiah)))).toBe('not-an-approver');
  await world.settle();

  expect(world.posted).toHaveLength(posts);
  const stored = await world.ports.gates.read(ORG, id);
  const entry = stored?.evidence.find(({ entry: text }) => text.includes('"kind":"refused"'))?.entry;
  expect(entry).toContain(PEOPLE.isaiah);
  expect(stored?.gate.votes).toEqual([]);
});

test('behaviour 4: the requester cannot approve, is not asked to, and gets no card with buttons', async () => {
  const world = await createCoreWorld({
    policyDir: await policyFolder([
      'directory.yaml',
      `    - ${PEOPLE.alex} # Alex Wilber
    - ${PEOPLE.megan}`,
      `    - ${PEOPLE.adele}
    - ${PEOPLE.alex}
    - ${PEOPLE.megan}`,
    ]),
  });
  for (const oid of [PEOPLE.alex, PEOPLE.adele]) await world.meet(oid);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  const id = await world.deliver();
  await world.settle();

  expect(shownTo(world, PEOPLE.alex)?.buttons).toContain('approve');
  expect(shownTo(world, PEOPLE.adele)).toBeUndefined();
  expect(refusalOf(await world.core.approvals.decide(wish(id, PEOPLE.adele)))).toBe('own-deployment');
});

test('behaviour 4: another account of the requester is the requester, though only their first account says so', async () => {
  const sameAs = ['directory.yaml', 'sameAs: [adele@vance.example]', `sameAs: [${PEOPLE.megan}]`] as const;
  const { world, id } = await aWaitingGate({ policyDir: await policyFolder(sameAs) });

  expect((await gateOf(world, id)).ask?.levels[0]).toMatchObject({
    eligible: [{ oid: PEOPLE.alex }],
    excluded: [{ oid: PEOPLE.megan, why: 'requester' }],
  });
  expect(refusalOf(await world.core.approvals.decide(wish(id, PEOPLE.megan)))).toBe('own-deployment');
});

test('behaviour 5: with a quorum of two the card after one approval stays pending and shows "1 of 2"; one person never counts twice', async () => {
  const { world, id } = await aWaitingGate({ policyDir: await policyFolder(QUORUM) });
  await world.meet(PEOPLE.megan);

  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();
  expect(shownTo(world, PEOPLE.megan)?.text).toContain('Waiting for approval: 1 of 2');
  expect(refusalOf(await world.core.approvals.decide({ ...wish(id, PEOPLE.alex), op: 'once more' }))).toBe(
    'already-voted',
  );
  expect(world.told).toEqual([]);

  await world.core.approvals.decide(wish(id, PEOPLE.megan));
  await world.settle();
  expect(world.told).toMatchObject([{ result: 'succeeded' }]);
});

test('behaviour 6: how a group counts is on the card', async () => {
  const { world, id } = await aWaitingGate();

  expect(cardText(gateCard(await gateOf(world, id)))).toContain('any 1 of 2 payments-leads');
});

test('behaviours 7 and 8: the end and what follows from it stand on the card before; after it the card says expired and takes no decision', async () => {
  const { world, id } = await aWaitingGate();
  expect(shownTo(world, PEOPLE.alex)?.text).toMatch(/Closes .*\d{4}.*Without a decision by then the stage fails/);

  world.now = (await gateOf(world, id)).closesAt;
  await world.settle();

  expect(shownTo(world, PEOPLE.alex)?.text).toContain('Expired');
  expect(refusalOf(await world.core.approvals.decide(wish(id, PEOPLE.alex)))).toBe('expired');
  expect(world.told).toMatchObject([{ result: 'failed' }]);
});

test('behaviour 9: a newer run takes the place of an older one that waits, whose card says so and takes no decision', async () => {
  const { world, id } = await aWaitingGate();
  world.azureDevOps.run = { ...world.azureDevOps.run, id: world.azureDevOps.run.id + 1 };

  const receipt = await world.core.deliveries.receive({
    check: { ...checkOf(await gateOf(world, id)), taskInstanceId: '99999999-5555-4555-8555-555555555555' },
    jobToken: 'another-job-token',
    runId: 8,
    stage: 'Deploy',
    environment: 'prod',
  });
  if (receipt.kind === 'accepted') world.core.accepted(receipt);
  await world.settle();

  expect(shownTo(world, PEOPLE.alex)).toBeDefined();
  expect((await gateOf(world, id)).state).toBe('superseded');
  expect(cardText(gateCard(await gateOf(world, id)))).toContain('Superseded');
  expect(refusalOf(await world.core.approvals.decide(wish(id, PEOPLE.alex)))).toBe('superseded');
  expect(world.told).toMatchObject([{ result: 'failed' }]);
});

function checkOf({ door }: Gate) {
  if (door.kind !== 'check') throw new Error('no check');
  const { kind: _, ...check } = door;
  return check;
}

test('behaviour 10: an approval is bound to what was shipped and found; when that changes it is void and the reason is shown', async () => {
  const { world, id } = await aWaitingGate({ policyDir: await policyFolder(QUORUM) });
  await world.core.approvals.decide(wish(id, PEOPLE.alex));

  await world.report('semgrep-checkout.sarif');
  await world.settle();

  const gate = await gateOf(world, id);
  expect(gate).toMatchObject({ state: 'asked', revision: 2, votes: [] });
  expect(shownTo(world, PEOPLE.alex)?.text).toMatch(/Changed since it was asked before: \+\d+ warn/);
  expect(world.posted.some(({ notice }) => notice.about === 'asked-anew')).toBe(true);
});
