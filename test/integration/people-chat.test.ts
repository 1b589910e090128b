import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { wordsOf } from '../fakes/teams-card.ts';
import { aGateThatAsks, alex } from '../hostile/asked-gate.ts';

const isaiah = { oid: PEOPLE.isaiah, name: 'Isaiah Langer' };
const megan = { oid: PEOPLE.megan, name: 'Megan Bowen' };
const releases = { team: 'Payments', channel: 'Releases' };

let scene: CheckScene;

beforeAll(async () => {
  scene = await setCheckScene();
  await scene.teams.install(alex);
  await scene.teams.installInChannel(releases, alex);
});
afterAll(() => scene.close());

/** What Alex writes in a channel; `<at>NAME</at>` are mentions of whom `people` says. */
async function write(
  text: string,
  people: readonly { name: string; mentioned: Record<string, string> }[],
  members = {},
) {
  const bot = { type: 'mention', text: '<at>Countersign</at>', mentioned: { id: 'bot', name: 'Countersign' } };
  const entities = people.map(({ name, mentioned }) => ({ type: 'mention', text: `<at>${name}</at>`, mentioned }));
  const { teams, app } = scene;
  const channel = { id: '19:payments-releases@thread.tacv2;messageid=1', conversationType: 'channel', isGroup: true };
  await teams.send(
    teams.activity(alex, {
      type: 'message',
      text: `<at>Countersign</at> ${text}`,
      entities: [bot, ...entities],
      conversation: {
        ...channel,
        tenantId: (teams.activity(alex, {})['conversation'] as { tenantId: string }).tenantId,
      },
      ...members,
    }),
  );
  await app.core.idle();
  return String(teams.messages().findLast(({ activity }) => activity['text'] !== undefined)?.activity['text']);
}

test('a mention covers for the person whom Teams means, whatever name it shows; the answer names that person', async () => {
  await scene.teams.install(isaiah);

  const text = await write('cover me <at>Megan Bowen</at> until tomorrow', [
    { name: 'Megan Bowen', mentioned: { id: `29:${isaiah.oid}`, name: 'Megan Bowen', aadObjectId: isaiah.oid } },
  ]);

  expect(text).toMatch(/^Isaiah Langer covers you until /);
  expect(JSON.stringify(scene.teams.messages(`a:${isaiah.oid}`))).toContain('You cover Alex Wilber until');
});

test('a mention that is forged together from two people is refused', async () => {
  await scene.teams.say(megan, 'help');

  const text = await write('cover me <at>Isaiah</at> until tomorrow', [
    { name: 'Isaiah', mentioned: { id: `29:${isaiah.oid}`, name: 'Isaiah', aadObjectId: megan.oid } },
  ]);

  expect(text).toMatch(/^Nothing was changed: this names more than one person/);
});

test('whom Teams does not know is nobody, although the text is somebody’s name', async () => {
  const text = await write('cover me <at>Isaiah Langer</at> until tomorrow', [
    { name: 'Isaiah Langer', mentioned: { id: '29:unknown', name: 'Isaiah Langer' } },
  ]);

  expect(text).toMatch(/^Nothing was changed: the directory has nobody/);
});

test('a mention without an object id means the member of the conversation whom Teams names', async () => {
  scene.teams.members.set('29:diego', { id: '29:diego', aadObjectId: '136B7A8B-8BFB-4A8D-B680-BD2B183EE7CB' });

  const text = await write('cover me <at>Lee Gu</at> until tomorrow', [
    { name: 'Lee Gu', mentioned: { id: '29:diego', name: 'Lee Gu' } },
  ]);

  expect(text).toMatch(/^Diego Siciliani covers you/);
});

test('the day ends where the client of the writer is, and an unknown zone is the calendar’s', async () => {
  const mention = [{ name: 'I', mentioned: { id: `29:${isaiah.oid}`, aadObjectId: isaiah.oid } }];

  const there = await write('cover me <at>I</at> until tomorrow', mention, { localTimezone: 'Pacific/Auckland' });
  const here = await write('cover me <at>I</at> until tomorrow', mention, { localTimezone: 'Nowhere/At-All' });

  expect(there).toContain('in Pacific/Auckland');
  expect(here).toContain('in Europe/Berlin');
});

test('an approver hands over from the card, and the person chosen is asked', async () => {
  const { id } = await aGateThatAsks(scene, {}, { stage: 'Later' });
  await scene.teams.install(megan);
  const card = await scene.teams.until(() =>
    scene.teams.messages(`a:${alex.oid}`).findLast(({ activity }) => JSON.stringify(activity).includes(id)),
  );

  await scene.teams.press(alex, card, 'approval.delegate');
  const answer = await scene.teams.press(alex, card, 'approval.delegate', { to: megan.oid });
  await scene.app.core.idle();

  expect(wordsOf(answer.value)).toContain('Megan Bowen is asked to decide');
  expect(JSON.stringify(scene.teams.messages(`a:${megan.oid}`))).toContain('Alex Wilber asks you to decide');
});
