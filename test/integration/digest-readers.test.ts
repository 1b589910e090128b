import { expect, test } from 'vitest';
import { digestCard } from '../../cards/digest-card.ts';
import type { Digest } from '../../services/domain/digest.ts';
import { sectionCounts } from '../digests.ts';
import { type CoreWorld, createCoreWorld, PEOPLE, personal } from '../fakes/core-world.ts';
import { passing, reconciled, sentTo } from '../fakes/digest-scene.ts';
import { actor, CAST } from '../fakes/exception-scene.ts';
import { edited, policyFolder } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';
import { aWarning, wish } from '../fakes/triage-scene.ts';

// Who reads of what, through whole runs. A world begins on a Tuesday at 10:00 in Berlin.

const CHANNEL = { ...personal('payments'), id: '19:payments', kind: 'channel' } as const;

const digestsIn = ({ news }: Pick<CoreWorld, 'news'>, conversation: string) =>
  news.flatMap((one) => ('digest' in one && one.conversation === conversation ? [one] : []));
const countsFor = (world: CoreWorld, oid: string) => sentTo(world, oid).map(sectionCounts);

/** Without anybody in these groups. */
function emptied(...groups: readonly string[]) {
  return groups.map((group) => ['directory.yaml', new RegExp(`\\n {2}${group}:\\n(?: {4}.*\\n)+`, 'g'), '\n'] as const);
}

test('behaviour 43: a channel has one digest a day of everything of its services, when work begins by their calendar', async () => {
  const policyDir = await policyFolder([
    'catalog.yaml',
    '    lead: "group:payments-leads"',
    '    channel: Payments/Ops\n    calendar: { timezone: America/New_York, workingDays: [mon, tue, thu], workingHours: "08:00-16:00" }\n    lead: "group:payments-leads"',
  ]);
  const world = await createCoreWorld({ policyDir });
  await world.core.reached([{ kind: 'channel', channel: 'Payments/Ops' }], CHANNEL);
  await scanned(world, ['weak-random']);
  world.now = '2026-11-24T00:00:00.000Z';
  await passing(world, 3 * 1_440);
  const sent = digestsIn(world, CHANNEL.id);
  // 08:00 in New York; on Wednesdays nobody works there.
  expect(sent.map(({ digest }) => digest.at)).toEqual(['2026-11-24T13:00:00.000Z', '2026-11-26T13:00:00.000Z']);
  expect(sent.map(({ digest }) => sectionCounts(digest))).toEqual([{ new: 1 }, { open: 1 }]);
});

test('somebody who subscribes to an environment has everything of it, and whoever has left has nothing', async () => {
  const policyDir = await policyFolder();
  const world = await createCoreWorld({ policyDir });
  await world.meet(PEOPLE.isaiah);
  // Whoever owns it is told themselves: an operator stands in for nobody.
  for (const oid of [PEOPLE.adele, PEOPLE.alex]) await world.meet(oid);
  await scanned(world, ['weak-random']);
  await world.core.subscribing.subscribe(actor(PEOPLE.isaiah), 'prod');
  await reconciled(world);
  expect(countsFor(world, PEOPLE.isaiah)).toEqual([{ new: 1 }]);
  await edited(policyDir, ['directory.yaml', /(name: Isaiah Langer\n)/g, '$1    disabled: true\n']);
  await reconciled(world, '2026-11-25T09:00:00.000Z');
  expect(countsFor(world, PEOPLE.isaiah)).toHaveLength(1);
});

test("behaviour 24: after the contract's days what nobody owns is in the digest of its control's fallback owner", async () => {
  const policyDir = await policyFolder(...emptied('payments-owners', 'orders-owners'));
  const world = await createCoreWorld({ policyDir });
  await world.meet(PEOPLE.megan);
  await scanned(world, ['weak-random']);
  await reconciled(world, '2026-11-27T09:00:00.000Z');
  await reconciled(world, '2026-11-30T09:00:00.000Z');
  expect(countsFor(world, PEOPLE.megan)).toEqual([{}, { unowned: 1 }]);
});

test('behaviour 24: where nobody is left of the owners of the contract either, operators hear of what nobody owns', async () => {
  const policyDir = await policyFolder(...emptied('payments-owners', 'orders-owners', 'devsecops'));
  const world = await createCoreWorld({ policyDir });
  await world.meet(PEOPLE.isaiah);
  await scanned(world, ['weak-random']);
  await reconciled(world);
  expect(countsFor(world, PEOPLE.isaiah)).toEqual([{ unowned: 1 }]);
});

test('whoever was given a finding and is nothing else here has a digest of it', async () => {
  const sam = '0b1f3c52-7d0a-4c1e-9a57-2f6f0c9f4d11';
  const newcomer = `  - oid: ${sam}\n    name: Sam Newcomer\n    upn: sam.newcomer@contoso.example\ngroups:\n`;
  const { world, fingerprint } = await aWarning({
    policyDir: await policyFolder(['directory.yaml', /^groups:\n/gm, newcomer]),
  });
  await world.meet(sam);
  await reconciled(world);
  expect(countsFor(world, sam)).toEqual([]);
  const to = { kind: 'person', oid: sam } as const;
  expect((await world.core.triage.assign({ ...wish(fingerprint, PEOPLE.adele), to })).kind).toBe('done');
  await reconciled(world, '2026-11-25T09:00:00.000Z');
  expect(countsFor(world, sam)).toEqual([{ new: 1 }]);
});

test('what somebody had who has left is unowned in the next digest', async () => {
  const policyDir = await policyFolder();
  const { world, fingerprint } = await aWarning({ policyDir });
  for (const oid of [CAST.diego, PEOPLE.adele]) await world.meet(oid);
  expect((await world.core.triage.claim(wish(fingerprint, PEOPLE.adele))).kind).toBe('done');
  await reconciled(world);
  expect(countsFor(world, CAST.diego)).toEqual([{ new: 1 }]);
  await edited(policyDir, ['directory.yaml', /(name: Adele Vance\n)/g, '$1    disabled: true\n']);
  await reconciled(world, '2026-11-25T09:00:00.000Z');
  expect(countsFor(world, CAST.diego)).toEqual([{ new: 1 }, { unowned: 1 }]);
  expect(sentTo(world, PEOPLE.adele)).toHaveLength(1);
});

test('status names whom a digest does not reach for want of the app, and not among them who has blocked the bot', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.adele);
  world.teams.answer = () => ({ kind: 'refused', code: 'ConversationBlockedByUser' });
  await reconciled(world);
  const { withoutApp } = await world.core.status.deliveryHealth();
  expect(withoutApp).toContain('Diego Siciliani');
  expect(withoutApp).not.toContain('Adele Vance');
});

test('rules that should have been decided on are in the digest of whoever is to decide, and of nobody else', async () => {
  const policyDir = await policyFolder(['contract.yaml', /decideBy: .*/g, 'decideBy: 2026-11-25']);
  const world = await createCoreWorld({ policyDir });
  for (const oid of [PEOPLE.lee, PEOPLE.adele]) await world.meet(oid);
  await reconciled(world, '2026-11-25T09:00:00.000Z');
  await reconciled(world, '2026-11-27T09:00:00.000Z');
  const undecided = (oid: string) => sentTo(world, oid).map((digest) => digest.undecided.length > 0);
  expect(undecided(PEOPLE.lee)).toEqual([false, true]);
  expect(undecided(PEOPLE.adele)).toEqual([false, false]);
  const shown = digestCard(sentTo(world, PEOPLE.lee)[1] as Digest);
  expect(JSON.stringify(shown)).toContain('was to be decided on Wed 25 Nov 2026 by security-leads');
});
