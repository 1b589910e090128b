import { expect, test } from 'vitest';
import { type ActionTable, createRunAction } from '../../bot/actions.ts';
import { createDecideApproval } from '../../bot/handlers/decide-approval.ts';
import { createDecideMany } from '../../bot/handlers/decide-many.ts';
import { operationIdOf } from '../../bot/teams/operation-id.ts';
import { gateCard } from '../../cards/gate-card.ts';
import { groupCard } from '../../cards/group-card.ts';
import { aRun, aRunSources, COMMIT } from '../builders.ts';
import { buttonById } from '../cards/read.ts';
import { type CoreWorld, createCoreWorld, PEOPLE, personal } from '../fakes/core-world.ts';
import { cover } from '../fakes/cover-chat.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { aWaitingGate, by, wish } from '../fakes/waiting-gate.ts';

// Insiders who bend what is allowed, and clients that send the same again, on the core with its store.

const TWO = [
  'routes.yaml',
  'quorum: 1, from: ["group:payments-leads"]',
  'quorum: 2, from: ["group:payments-leads"]',
] as const;

/** A button of the one card that this person has of the request, as Teams sends it. */
async function pressing(world: CoreWorld, oid: string, id: string) {
  const { approvals, views } = world.core;
  const decide = createDecideApproval(approvals, views);
  const runAction = createRunAction({
    'approval.decide': (person, { verb: _, comment = '', ...data }, op) => decide({ ...data, comment, by: person, op }),
    'approval.decideMany': createDecideMany(approvals, views),
  } satisfies Partial<ActionTable> as unknown as ActionTable);
  let clicks = 0;
  const send = async (data: Readonly<Record<string, unknown>>, click: number) => {
    const verb = String(data['verb']);
    const activity = {
      type: 'invoke',
      id: `click ${click}`,
      conversation: { id: 'a' },
      replyToId: 'card',
      value: { action: { verb, data } },
    };
    await runAction(by(oid), { verb, data, op: operationIdOf(activity, oid) });
    await world.settle();
  };
  const gate = async () => (await world.core.approvals.find(id)) ?? expect.fail('no gate');
  const dataOf = async (button: string, isGroup: boolean) => {
    const now = await gate();
    const card = isGroup ? groupCard([now], { oid }) : gateCard(now, { oid });
    return buttonById(card, button)?.data ?? expect.fail(`no button ${button}`);
  };
  return {
    /** Gives back how the network brings the same click again. */
    press: async (button: string, isGroup = false) => {
      clicks += 1;
      const [data, click] = [await dataOf(button, isGroup), clicks];
      await send(data, click);
      return () => send(data, click);
    },
    voters: async () => (await gate()).votes.map((vote) => vote.by.oid),
  };
}

test.each([
  ['its own card', false],
  ['a card of several', true],
])(
  'on %s an approval can be taken back and given again, as often as somebody thinks better of it',
  async (_, isGroup) => {
    const { world, id } = await aWaitingGate({ policyDir: await policyFolder(TWO) });
    const alex = await pressing(world, PEOPLE.alex, id);

    for (let n = 0; n < 3; n += 1) {
      await alex.press('approve', isGroup);
      expect(await alex.voters()).toEqual([PEOPLE.alex]);
      await alex.press('withdraw');
      expect(await alex.voters()).toEqual([]);
    }
  },
);

test('a click that the network brings again after it was taken back approves nothing', async () => {
  const { world, id } = await aWaitingGate({ policyDir: await policyFolder(TWO) });
  const alex = await pressing(world, PEOPLE.alex, id);
  const approveAgain = await alex.press('approve');
  const withdrawAgain = await alex.press('withdraw');

  await approveAgain();
  expect(await alex.voters()).toEqual([]);

  await alex.press('approve');
  await withdrawAgain();
  expect(await alex.voters()).toEqual([PEOPLE.alex]);
});

test('of a withdrawal and the last approval at one moment one is first, and what was answered is what counts', async () => {
  for (const order of ['withdraw first', 'approve first']) {
    const { world, id } = await aWaitingGate({ policyDir: await policyFolder(TWO) });
    const { decide } = world.core.approvals;
    await decide(wish(id, PEOPLE.alex));
    const withdraw = () => decide({ ...wish(id, PEOPLE.alex), verdict: 'withdraw', op: 'withdraw' });
    const approve = () => decide(wish(id, PEOPLE.megan));
    const [taken, given] =
      order === 'withdraw first'
        ? await Promise.all([withdraw(), approve()])
        : (await Promise.all([approve(), withdraw()])).toReversed();
    await world.settle();

    expect(given).toMatchObject({ kind: 'decided' });
    const gate = await world.core.approvals.find(id);
    const isApproved = taken?.kind === 'refused';
    expect(gate?.state).toBe(isApproved ? 'approved' : 'asked');
    expect(gate?.votes.map((vote) => vote.by.oid)).toEqual([...(isApproved ? [PEOPLE.alex] : []), PEOPLE.megan]);
    expect(world.told).toHaveLength(isApproved ? 1 : 0);
    if (isApproved) expect(await withdraw()).toMatchObject({ refusal: 'already-decided' });
  }
});

/** A request that waits and that this person asked for. */
async function aGateAskedForBy(oid: string, upn: string) {
  const world = await createCoreWorld();
  const requester = { id: oid, uniqueName: upn, name: 'The requester' };
  const repository = { id: 'r1', name: 'payments-api', type: 'TfsGit' };
  const commits = [{ commit: COMMIT, repository: 'payments-api', pipeline: 'payments-api', runId: 7 }];
  world.azureDevOps.run = aRun({ requestedFor: requester, requestedBy: requester, repository });
  world.azureDevOps.sources = aRunSources({ commits, requesters: [requester], authors: [], unreadable: [] });
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  const id = await world.deliver();
  await world.settle();
  return { world, id };
}

test('a manager who asked for the deployment chooses nobody who decides on it in the place of their people', async () => {
  const { world, id } = await aGateAskedForBy(PEOPLE.megan, 'megan.bowen@contoso.example');

  expect(await cover(world, PEOPLE.megan, 'Alex Wilber by Isaiah Langer until Friday')).toMatch(/Isaiah Langer covers/);

  const level = (await world.core.approvals.find(id))?.ask?.levels[0];
  expect(level?.eligible.map(({ oid }) => oid)).toEqual([PEOPLE.alex]);
  expect(await world.core.approvals.decide(wish(id, PEOPLE.isaiah))).toMatchObject({ refusal: 'not-an-approver' });
});

test('a cover that the requester arranges between click and seal carries no approval', async () => {
  const { world, id } = await aGateAskedForBy(PEOPLE.megan, 'megan.bowen@contoso.example');
  await cover(world, PEOPLE.alex, 'me Isaiah Langer until Friday');
  const { inForce } = world.ports.covers;
  let clicked = false;
  Object.assign(world.ports.covers, {
    inForce: async (now: string) =>
      (await inForce(now)).map((one) => (clicked ? { ...one, setBy: PEOPLE.megan } : one)),
  });
  const { commit } = world.ports.gates;
  Object.assign(world.ports.gates, {
    commit: async (...change: Parameters<typeof commit>) => {
      clicked ||= change[1].evidence.kind === 'decided';
      return commit(...change);
    },
  });

  expect(await world.core.approvals.decide(wish(id, PEOPLE.isaiah))).toMatchObject({ kind: 'decided' });
  await world.settle();

  expect(world.told).toEqual([]);
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'asked', revision: 2 });
});

test('who turns out at the seal to have written it has approved nothing', async () => {
  const staging = '  - match: { environment: staging }\n    levels: [{ quorum: 1, from: ["group:payments-leads"] }]\n';
  const policyDir = await policyFolder(
    ['contract.yaml', 'tier: non-production, approval: none', 'tier: non-production, approval: required'],
    ['routes.yaml', '  # Every other service in production.', `${staging}\n  # Every other service in production.`],
  );
  const world = await createCoreWorld({ policyDir });
  const { sources } = world.azureDevOps;
  world.azureDevOps.sources = { ...sources, unreadable: ['the authors'], unreadablePeople: ['the authors'] };
  await world.report('gitleaks-clean.sarif');
  const id = await world.deliver('staging');
  await world.settle();
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'asked' });
  const authors = [...sources.authors, { id: PEOPLE.alex, uniqueName: 'alex.wilber@contoso.example' }];
  world.azureDevOps.sources = { ...sources, authors };

  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({ kind: 'decided' });
  await world.settle();

  expect(world.told).toEqual([]);
  const gate = await world.core.approvals.find(id);
  expect(gate).toMatchObject({ state: 'asked', votes: [] });
  expect(gate?.ask?.levels[0]?.eligible.map(({ oid }) => oid)).toEqual([PEOPLE.megan]);
});

test.each([
  ['a guest', 'guest: true', 0],
  ['a disabled account', 'disabled: true', 0],
  ['a member', 'guest: false', 1],
])(
  'what blocks is not sent to %s who could not read it either, whether they asked for it or own it',
  async (_, flag, cards) => {
    const upn = 'upn: adele.vance@contoso.example';
    const world = await createCoreWorld({
      policyDir: await policyFolder(['directory.yaml', upn, `${upn}\n    ${flag}`]),
    });
    await world.meet(PEOPLE.adele);

    await world.deliver();
    await world.settle();

    expect(world.posted.filter(({ to }) => to === personal(PEOPLE.adele).id)).toHaveLength(cards);
  },
);
