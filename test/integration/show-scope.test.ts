import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { handlersOf } from '../../bot/handlers-of.ts';
import { plusMinutes } from '../../services/domain/instant.ts';
import type { OffPath } from '../../services/domain/off-path.ts';
import { findPartition } from '../../services/tables/history-rows.ts';
import { momentWrite } from '../../services/tables/moment-rows.ts';
import { anOffPath } from '../cards/off-path-samples.ts';
import { type CoreWorld, createCoreWorld, createCoreWorldOn, PEOPLE } from '../fakes/core-world.ts';
import { countedInMemory, fill } from '../fakes/counted-tables.ts';
import { checked, SCOPE, setDriftScene } from '../fakes/drift-scene.ts';
import { actor, ask, CAST, exceptionOf, grant, meetAll, nextOp, pass } from '../fakes/exception-scene.ts';
import { scanned } from '../fakes/scanned.ts';
import { wish } from '../fakes/waiting-gate.ts';

const say = async (world: Pick<CoreWorld, 'core'>, text: string, oid: string = CAST.adele) =>
  (await handlersOf(world.core).runCommand(actor(oid), text, nextOp())).text;

/** payments-api was let into prod, a scan then found something else, and the next run waits. */
async function aBusyScope() {
  const world = await createCoreWorld();
  for (const oid of [PEOPLE.alex, PEOPLE.adele]) await world.meet(oid);
  await scanned(world, ['weak-random']);
  await world.report('gitleaks-clean.sarif');
  const first = await world.deliver();
  await world.settle();
  await world.core.approvals.decide(wish(first, PEOPLE.alex));
  await world.settle();
  world.advance(60);
  await scanned(world, ['weak-random', 'another']);
  return { world, first };
}

test('approvals, findings, exceptions and what happened stand on one card, in the order of time', async () => {
  const { world, first } = await aBusyScope();
  const text = await say(world, 'show Payments-API prod');

  expect(text).toMatch(/^payments-api in prod/);
  expect(text).toContain('No request waits');
  expect(text).toContain('Findings: 2 warn');
  expect(text).toContain('No exception');
  const found = text.indexOf('semgrep found 1 finding for the first time');
  const released = text.search(new RegExp(`was approved by Alex Wilber\\n.* · "why ${first}"`));
  expect(found).toBeGreaterThan(0);
  expect(released).toBeGreaterThan(found);
});

test('another environment shows what is its own, and what counts for all', async () => {
  const { world, first } = await aBusyScope();
  const text = await say(world, 'show payments-api staging');

  expect(text).not.toContain(first);
  expect(text).toContain('semgrep found 1 finding for the first time');
});

test('a request that waits is there, and one of another environment only where all are asked for', async () => {
  const world = await createCoreWorld();
  for (const oid of [PEOPLE.alex, PEOPLE.adele]) await world.meet(oid);
  const id = await world.deliver();
  await world.settle();

  expect(await say(world, 'show payments-api')).toContain(`"why ${id}"`);
  expect(await say(world, 'show payments-api prod')).toContain(`"why ${id}"`);
  expect(await say(world, 'show payments-api staging')).toContain('No request waits');
});

test('an exception in force is listed until it is over, and what became of it stays in the history', async () => {
  const world = await createCoreWorld();
  await meetAll(world);
  await world.report('gitleaks-orders.sarif');
  const requestId = await world.deliver();
  await world.settle();
  const { id } = exceptionOf(await ask(world, { requestId }));
  await grant(world, id);

  const active = await say(world, 'show payments-api prod', CAST.isaiah);
  expect(active).toContain('1 exception');
  expect(active).toContain(`${id} came into force`);
  await pass(world, 8);
  const over = await say(world, 'show payments-api prod', CAST.isaiah);
  expect(over).toContain('No exception');
  expect(over).toContain(`${id}: ended`);
});

test.each([
  ['show nothing', /service/],
  ['show prod', /service/],
  ['show payments-api moon', /environment/],
])('%s is refused with what there is', async (text, said) => {
  const { world } = await aBusyScope();
  const answer = await say(world, text);
  expect(answer).toMatch(said);
  expect(answer).not.toContain('Last 30 days');
});

test('nobody from outside the directory sees anything', async () => {
  const { world } = await aBusyScope();
  const text = await say(world, 'show payments-api', '10000000-0000-4000-8000-000000000009');
  expect(text).not.toContain('payments-api');
});

test('a rejection stays on the timeline with who rejected, and its id shows what is on record of it', async () => {
  const world = await createCoreWorld();
  for (const oid of [PEOPLE.alex, PEOPLE.adele]) await world.meet(oid);
  await scanned(world, []);
  await world.report('gitleaks-clean.sarif');
  const id = await world.deliver();
  await world.settle();
  await world.core.approvals.decide({ ...wish(id, PEOPLE.alex), verdict: 'reject', comment: 'not today' });
  await world.settle();

  const text = await say(world, 'show payments-api prod');
  expect(text).toContain('No request waits');
  expect(text).toMatch(new RegExp(`✗ Run .* was rejected by Alex Wilber\\n.* · "why ${id}"`));
  expect(await say(world, `why ${id}`)).toContain('Rejected');
  expect(await say(world, 'show payments-api staging')).not.toContain(id);
});

test('what was done beside the release path and what logs say stand where they belong, explained or not', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.adele);
  const evidence = { kind: 'off-path-detected', actor: { kind: 'countersign' }, data: {} } as const;
  const ids = ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb', 'cccccccccccccccc'] as const;
  const raised = (id: string, over: Partial<OffPath> = {}) =>
    world.ports.offPaths.create(anOffPath({ id, at: world.now, raisedAt: world.now, ...over }), evidence, id);
  await raised(ids[0], { kind: 'check', environment: 'Prod' });
  await raised(ids[1], { environment: 'staging' });
  await raised(ids[2], { services: ['orders-api'] });
  await world.ports.activity.add([
    {
      ...{ id: '1', source: 'azure-devops-audit', target: 'o', at: world.now, rule: 'Token.PatCreateEvent' },
      ...{ severity: 'low', message: 'Nestor Wilke created a token', services: ['payments-api'], environment: '-' },
      hasFailed: false,
    },
  ]);

  const text = await say(world, 'show payments-api prod');
  expect(text).toMatch(new RegExp(`! A check was weakened: not explained yet\\n.* · Prod · "why ${ids[0]}"`));
  expect(text).toContain('Audit log: Nestor Wilke created a token');
  for (const id of ids.slice(1)) expect(text).not.toContain(id);
  expect(await say(world, 'show payments-api')).toContain(ids[1]);
  expect(await say(world, 'show orders-api')).not.toContain('Nestor Wilke created a token');
  expect(await say(world, `why ${ids[0]}`)).toContain('A check was weakened');
});

test('the baseline that a deployment took, what was accepted into it and the look after it are told', async () => {
  const scene = await setDriftScene();
  const requestId = await scene.release();
  scene.world.advance(30);
  scene.reads(checked({ isDisabled: true }));
  await scene.round();
  const [card] = scene.cards;
  await scene.click('drift.accept', { ...SCOPE, revision: card?.drifted.drift.revision ?? 0 });
  await scene.world.settle();

  const text = await scene.say('show payments-api prod');
  expect(text).toMatch(new RegExp(`✓ Baseline of 8 things taken with run .* by Alex Wilber\\n.* · "why ${requestId}"`));
  expect(text).toMatch(/✓ .* accepted drift into the baseline until /);
  expect(text).toContain('▲ Drift: 1 change found for the first time');
  expect(text).toContain('✓ Drift: 1 change there no more');
  expect(text).toContain('"drift payments-api prod"');
  for (let looks = 0; looks < 5; looks += 1) {
    scene.world.advance(60);
    await scene.world.settle();
  }
  const later = await scene.say('show payments-api prod');
  expect(later).toMatch(new RegExp(`! \\d new findings after run .*\\n.* · "why ${requestId}"`));
});

test('each command that platform.md names exists, and its answer begins as the page says', async () => {
  const page = readFileSync(new URL('../../docs/platform.md', import.meta.url), 'utf8');
  const [, seen = ''] = page.split('\n## See it\n');
  const rows = [...(seen.split('\n## ')[0] ?? '').matchAll(/^\| `([^`]+)` \| `([^`]+)` \|/gm)];
  const scene = await setDriftScene();
  expect(await scene.say('drift payments-api prod')).toContain('there is no baseline');
  await scene.release();

  expect(rows.length).toBeGreaterThan(4);
  for (const [, command = '', begins = ''] of rows)
    expect((await scene.say(command)).startsWith(begins), command).toBe(true);
});

test('one environment takes 8 calls beside what its findings and requests take, however much ever happened there', async () => {
  const counted = countedInMemory([]);
  const world = createCoreWorldOn(counted.table);
  await world.meet(PEOPLE.adele);
  const shown = async () => {
    counted.made();
    const text = await say(world, 'show payments-api prod');
    return { text, calls: tallied(counted.made()) };
  };
  // Two scopes and people's words about findings; what waits in four shards; then for each scope two lists, and four more.
  const budget = { 'scope list': 2 + 2, 'find list': 1 + 2, 'roll list': 2, 'log list': 1, 'open list': 4 + 1 };
  expect((await shown()).calls).toEqual(budget);

  await fill(counted.table, aLongPast(world.now));
  const { text, calls } = await shown();
  expect(calls).toEqual(budget);
  expect(text).toContain('tool-0 finds 1 finding no more');
  expect(text).toMatch(/and \d+ more, older/);
  expect(text).toMatch(/More happened before .*: it is not shown/);
});

function tallied(calls: readonly string[]): Readonly<Record<string, number>> {
  const own = calls.filter((call) => /^(?:scope|find|roll|log|open) /.test(call));
  return Object.fromEntries([...Map.groupBy(own, (call) => call)].map(([call, all]) => [call, all.length]));
}

/** A report every minute for two days: more than a list holds. */
function* aLongPast(now: string) {
  for (let n = 0; n < 2_880; n += 1) {
    const at = plusMinutes(now, -n);
    const [write] = momentWrite([String(n)], [{ kind: 'gone', at, tool: `tool-${n}`, count: 1 }]);
    if (write?.kind !== 'put') throw new Error('not written');
    const { row, values } = write;
    yield { table: 'find' as const, partition: findPartition(SCOPE), row, values, etag: '' };
  }
}
