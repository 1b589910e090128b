import { expect, test } from 'vitest';
import { handlersOf } from '../../bot/handlers-of.ts';
import { auditCard } from '../../cards/audit-card.ts';
import { cardText } from '../../cards/card-text.ts';
import { auditChecksum } from '../../services/domain/audit.ts';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import type { ReviewNews } from '../../services/ports/notifier.ts';
import { decodeEvidence } from '../../services/tables/evidence-row.ts';
import { prefixRange } from '../../services/tables/keys.ts';
import { TENANT } from '../builders.ts';
import { anOffPath } from '../cards/off-path-samples.ts';
import { type CoreWorld, createCoreWorld, PEOPLE, personal } from '../fakes/core-world.ts';
import { actor, CAST, nextOp } from '../fakes/exception-scene.ts';
import { policyFolder } from '../fakes/policy-folder.ts';

// Whom the contract names as reviews.audit looks at what was done once in each period, and records it.

const PARTITION = `${TENANT.toLowerCase()}~review`;

/** Megan and Lee review what was done, Diego and Lee what is only counted; Diego and Lee own the contract. */
async function aWorld(audit = 'audit: "group:security-leads"'): Promise<CoreWorld> {
  const policyDir = await policyFolder(['contract.yaml', 'audit: "group:devsecops"', audit]);
  const world = await createCoreWorld({ policyDir });
  for (const oid of [PEOPLE.megan, PEOPLE.lee, CAST.diego]) await world.meet(oid);
  return world;
}

const audits = ({ news }: CoreWorld) =>
  news.filter((one) => 'review' in one && one.review.id.endsWith('-audit')) as (ReviewNews & {
    conversation: string;
  })[];

async function pass(world: CoreWorld, at: string): Promise<void> {
  world.now = at;
  await world.core.reconcile();
  await world.core.idle();
}

const click = (world: CoreWorld, oid: string, reviewId = '2026-11-23-audit') => {
  const data = { verb: 'review.record', reviewId, revision: 1 };
  return handlersOf(world.core).runAction(actor(oid), { verb: 'review.record', data, op: nextOp() });
};

test('its reviewers get what was done, and the record says who looked at what', async () => {
  const world = await aWorld();
  await world.deliver();
  await world.settle();
  await pass(world, '2026-11-24T09:10:00.000Z');

  expect(audits(world).map(({ conversation }) => conversation)).toEqual(
    [PEOPLE.megan, PEOPLE.lee].map((oid) => personal(oid).id),
  );
  const shown = audits(world)[0]?.audit;
  expect(shown?.requests).toEqual({ blocked: 1 });
  expect(audits(world)[0]?.trends).toBeUndefined();
  expect((await click(world, PEOPLE.megan)).text).toContain('You recorded');
  const chain = (await world.table.list('roll', PARTITION, { ranges: [prefixRange('e')] })).map(decodeEvidence);
  expect(firstBrokenEntry(chain)).toBeUndefined();
  expect(JSON.parse(chain[0]?.entry ?? '')).toMatchObject({
    kind: 'audit-reviewed',
    actor: { kind: 'person', oid: PEOPLE.megan },
    data: { period: '2026-11-23', seen: shown === undefined ? '' : auditChecksum(shown) },
  });
});

test('nobody records it who only reviews the trends, and recording one leaves the other open', async () => {
  const world = await aWorld('audit: "user:adele.vance@contoso.example"'.replace(/".*"/, `"user:${CAST.adele}"`));
  await world.meet(CAST.adele);
  await pass(world, '2026-11-24T09:10:00.000Z');

  expect((await click(world, PEOPLE.megan)).text).toMatch(/^Nothing was recorded: .* reviews this/);
  expect((await click(world, CAST.adele)).text).toContain('You recorded');
  expect((await click(world, CAST.adele, '2026-11-23')).text).toMatch(/^Nothing was recorded: devsecops reviews this/);
});

test('what nobody records is reminded of, and then the contract’s owner hears of it', async () => {
  const world = await aWorld();
  await pass(world, '2026-11-24T09:00:00.000Z');
  await pass(world, '2026-11-26T09:00:00.000Z');
  await pass(world, '2026-12-01T09:00:00.000Z');

  const escalated = audits(world).filter(({ topic }) => topic === 'escalate');
  expect(escalated.map(({ conversation }) => conversation)).toEqual(
    [CAST.diego, PEOPLE.lee].map((oid) => personal(oid).id),
  );
});

test('a contract that names nobody for it sends it to nobody', async () => {
  const world = await aWorld('');
  await pass(world, '2026-11-24T09:00:00.000Z');

  expect(audits(world)).toEqual([]);
});

test('whoever is in the directory may read it at any time, nobody else', async () => {
  const world = await aWorld();
  const say = async (oid: string) => (await handlersOf(world.core).runCommand(actor(oid), 'audit', nextOp())).text;

  expect(await say(CAST.isaiah)).toMatch(/^What was done\nNo deployment was asked for/);
  expect(await say('10000000-0000-4000-8000-000000000009')).not.toContain('What was done');
});

test('what was done beside the release path and in audit logs is among what is reviewed, reminded of and escalated', async () => {
  const world = await aWorld();
  const seen = {
    source: 'azure-devops-audit',
    target: 'o',
    severity: 'medium',
    message: 'm',
    hasFailed: false,
  } as const;
  const at = '2026-11-20T09:00:00.000Z';
  const place = { services: ['payments-api'], environment: 'prod' };
  await world.ports.activity.add([
    { ...seen, ...place, id: 'a', at, rule: 'CheckConfiguration.Deleted' },
    { ...seen, id: 'b', at, rule: 'Token.PatCreateEvent', services: [], environment: '-' },
    { ...seen, id: 'c', at: '2026-11-01T09:00:00.000Z', rule: 'Token.PatCreateEvent', services: [], environment: '-' },
  ]);
  const evidence = { kind: 'off-path-detected', actor: { kind: 'countersign' }, data: {} } as const;
  await world.ports.offPaths.create({ ...anOffPath(), raisedAt: at }, evidence, 'op');
  await pass(world, '2026-11-24T09:10:00.000Z');
  const shown = audits(world)[0]?.audit;

  expect(shown?.activities).toMatchObject([
    { group: 'weakened', ...place, words: 'removed a check', count: 1 },
    { group: 'tokens', services: [], count: 1 },
  ]);
  expect(shown?.offPath).toMatchObject([{ id: anOffPath().id, standing: 'not-explained' }]);
  const text = shown === undefined ? '' : cardText(auditCard(shown), []);
  expect(text).toMatch(/Checks and policies weakened\npayments-api in prod · removed a check · 1 time/);
  expect(text).toMatch(/None of these\n(?:– .+\n)*– Permissions changed\n/);

  await pass(world, '2026-11-26T09:15:00.000Z');
  await pass(world, '2026-12-01T09:15:00.000Z');
  expect(new Set(audits(world).map(({ topic }) => topic))).toEqual(new Set(['send', 'remind', 'escalate']));
});

test('a log that could not be read is told to whoever reviews, in place of what it says', async () => {
  const world = await aWorld();
  const failure = { at: '2026-11-24T09:00:00.000Z', why: 'give the bot "View audit log"' };
  const note = { source: 'azure-devops-audit', target: 'o', name: 'contoso', failure, nextAt: failure.at };
  await world.ports.sourceNotes.put({ ...note, strangers: { count: 0, samples: [] } });
  await pass(world, '2026-11-24T09:10:00.000Z');
  const shown = audits(world)[0]?.audit;

  expect(shown?.unknown).toEqual(['azure-devops-audit of contoso: give the bot "View audit log"']);
  expect(shown === undefined ? '' : cardText(auditCard(shown), [])).toContain(
    '? Not known: azure-devops-audit of contoso',
  );
});
