import { expect, test } from 'vitest';
import { createRender } from '../../bot/render.ts';
import { aCoverSet } from '../covers.ts';
import { type CoreWorld, createCoreWorld, PEOPLE, personal } from '../fakes/core-world.ts';
import { type Edit, policyFolder } from '../fakes/policy-folder.ts';
import { wordsOf } from '../fakes/teams-card.ts';

test('once others may decide too, every card that is out says so, and theirs has the buttons', async () => {
  const policyDir = await policyFolder(['routes.yaml', /^ +remindAfter: .*$/gm, '']);
  const world = await createCoreWorld({ policyDir });
  for (const oid of [PEOPLE.alex, PEOPLE.megan, PEOPLE.isaiah]) await world.meet(oid);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  await world.deliver();
  await world.settle();
  const shownTo = async (oid: string) => {
    const card = world.posted.find(({ to }) => to === `a:${oid}`);
    return card && JSON.stringify((await createRender(world.ports.conversations)(card.notice)).card);
  };
  expect(await shownTo(PEOPLE.isaiah)).toBeUndefined();

  world.advance(5 * 60);
  await world.settle();

  for (const oid of [PEOPLE.alex, PEOPLE.megan, PEOPLE.isaiah]) {
    const card = JSON.parse((await shownTo(oid)) ?? '{}');
    expect(wordsOf(card)).toContain('Escalated to release-managers on');
    expect(JSON.stringify(card)).toContain('approval.decide');
  }
});

async function aSilentWorld(...edits: readonly Edit[]): Promise<CoreWorld> {
  const world = await createCoreWorld({ policyDir: await policyFolder(...edits) });
  for (const oid of Object.values(PEOPLE)) await world.meet(oid);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  return world;
}

const cardsOf = ({ posted }: CoreWorld) =>
  posted.filter(({ notice }) => notice.about === undefined).map(({ to }) => to.replace('a:', ''));

test.each<[string, Edit, readonly string[]]>([
  ['asks in a channel alone', ['routes.yaml', /post: \{ dm: true \}/g, 'post: { dm: false, channel: a/b }'], ['19:ab']],
  ['asks more people than get a card', ['contract.yaml', 'maxApprovers: 15', 'maxApprovers: 1'], [PEOPLE.alex]],
])('where a route %s, those to whom it escalates get a card all the same', async (_, edit, before) => {
  const world = await aSilentWorld(edit);
  const channel = { ...personal('ab'), id: '19:ab', kind: 'channel' } as const;
  await world.core.reached([{ kind: 'channel', channel: 'a/b' }], channel);
  await world.deliver();
  await world.settle();
  expect(cardsOf(world)).toEqual(before);

  world.advance(5 * 60);
  await world.settle();

  expect(cardsOf(world)).toContain(PEOPLE.isaiah);
});

test('whoever takes the place of somebody gets a card, however many are asked beside them', async () => {
  const world = await aSilentWorld(['contract.yaml', 'maxApprovers: 15', 'maxApprovers: 1']);
  await world.ports.covers.set(...aCoverSet(PEOPLE.megan, PEOPLE.lee, '2026-11-26T09:00:00.000Z', world.now));
  await world.deliver();
  await world.settle();

  expect(cardsOf(world).sort()).toEqual([PEOPLE.alex, PEOPLE.lee].sort());
});
