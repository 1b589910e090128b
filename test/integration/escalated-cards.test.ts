import { expect, test } from 'vitest';
import { createRender } from '../../bot/render.ts';
import { createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
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
