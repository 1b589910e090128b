import { expect, test } from 'vitest';
import { createShowContract } from '../../bot/handlers/show-contract.ts';
import { activityBytes, factValue, textById } from '../cards/read.ts';
import { createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { edited, policyFolder } from '../fakes/policy-folder.ts';
import { by } from '../fakes/waiting-gate.ts';

test('the sample contract is told with its blocks, what will block, and every list that it has', async () => {
  const { core } = await createCoreWorld();
  const { card, text } = await createShowContract(core.viewContract)(by(PEOPLE.isaiah));

  expect(card && textById(card, 'state')).toBe('✓ Nothing about it waits for anybody');
  expect(text).toContain('exposed secret: 2\nsecret-scanning: everything\n');
  expect(text).toContain('blocks from Fri 15 Jan 2027: dependency-scanning: when tier production');
  expect(text).not.toContain('more\n');
});

test('a broken version that says hostile things of any size changes nothing in force and nothing but words on the card', async () => {
  const folder = await policyFolder();
  const world = await createCoreWorld({ policyDir: folder });
  const show = createShowContract(world.core.viewContract);
  const before = await show(by(PEOPLE.isaiah));
  const evil = '"<at>Everyone</at> [Approve](https://evil.example/a) \\u202e"';
  const keys = Array.from({ length: 3_000 }, (_, n) => `  "**[${n}](https://evil.example)**": 1`).join('\n');
  world.advance(10);
  await edited(folder, ['contract.yaml', 'version: 1', `version: ${evil}`]);
  await edited(folder, ['routes.yaml', 'routes:', `${keys.replaceAll('  "', '"')}\nroutes:`]);
  const { card, text } = await show(by(PEOPLE.isaiah));

  expect(card && factValue(card, 'facts', 'In force')).toBe(before.card && factValue(before.card, 'facts', 'In force'));
  expect(card && textById(card, 'error')).toContain('contract.yaml');
  expect(card && activityBytes(card, text)).toBeLessThan(60 * 1_024);
  expect(`${JSON.stringify(card)}${text}`).not.toMatch(/<at>|\]\(|\u202e|\\u202e/);
});

test('whoever is not in the directory hears nothing of it', async () => {
  const { core } = await createCoreWorld();
  const { card, text } = await createShowContract(core.viewContract)(by('99999999-0000-4000-8000-000000000009'));

  expect(card).toBeUndefined();
  expect(text).not.toContain('version');
});

test('a newer contract is known since it was read, a broken one by its problems', async () => {
  const folder = await policyFolder();
  const world = await createCoreWorld({ policyDir: folder });
  const show = () => createShowContract(world.core.viewContract)(by(PEOPLE.isaiah));
  const since = async () => {
    const { card } = await show();
    return card && factValue(card, 'facts', 'At least since');
  };
  expect(await since()).toBe('Tue 24 Nov 2026, 09:00 UTC');
  world.advance(10);
  await edited(folder, ['contract.yaml', 'version: 1', 'version: 2']);
  expect(await since()).toBe('Tue 24 Nov 2026, 09:10 UTC');

  world.advance(10);
  await edited(folder, ['contract.yaml', 'version: 2', 'version: two']);
  expect(await since()).toBe('Tue 24 Nov 2026, 09:10 UTC');
  expect((await show()).text).toMatch(
    /Needs attention: policy files have problems[\s\S]*contract\.yaml:\d+ version: is "two"/,
  );
});
