import { expect, test } from 'vitest';
import { listFindings } from '../../bot/console/list-findings.ts';
import { handlersOf } from '../../bot/handlers-of.ts';
import { textById } from '../cards/read.ts';
import { type CoreWorld, createCoreWorld } from '../fakes/core-world.ts';
import { actor, CAST, nextOp } from '../fakes/exception-scene.ts';
import { scanned } from '../fakes/scanned.ts';
import { aWarning, evidenceOf, ORG } from '../fakes/triage-scene.ts';

const say = (world: CoreWorld, oid: string, text: string) =>
  handlersOf(world.core).runCommand(actor(oid), text, nextOp());
const click = (world: CoreWorld, oid: string, verb: string, data: object) =>
  handlersOf(world.core).runAction(actor(oid), { verb, data: { verb, ...data }, op: nextOp() });

test('a warning is listed, claimed, put off, handed on and given back, all in the chat', async () => {
  const { world, fingerprint } = await aWarning();
  const short = fingerprint.slice(0, 12);

  const listed = await say(world, CAST.adele, 'findings');
  expect(listed.text).toContain(short);
  expect(listed.card).toBeDefined();
  expect((await say(world, CAST.adele, `claim ${short}`)).text).toMatch(
    /^Recorded for weak-random in payments-api \(prod and staging\): you have it/,
  );
  expect((await say(world, CAST.adele, `snooze ${short} until Friday`)).text).toContain(
    'put off until Fri 27 Nov 2026',
  );
  expect((await say(world, CAST.adele, `snooze ${short} payments-api until fix`)).text).toContain(
    'put off until a fix exists',
  );
  expect((await say(world, CAST.adele, `assign ${short} to Isaiah Langer`)).text).toContain('Isaiah Langer has it');
  expect((await say(world, CAST.adele, 'findings payments-api prod warn')).text).toContain('claimed by Isaiah Langer');
  expect((await say(world, CAST.isaiah, `finding ${short} payments-api`)).text).toContain('Isaiah Langer has it');
  expect((await say(world, CAST.isaiah, `unclaim ${short}`)).text).toMatch(/nobody has weak-random/);

  expect((await evidenceOf(world, fingerprint)).map(({ kind }) => kind)).toEqual([
    'finding-claimed',
    'finding-snoozed',
    'finding-snoozed',
    'finding-assigned',
    'finding-released',
  ]);
});

test('a click claims and leaves its card; without a day or a person it brings the form', async () => {
  const { world, fingerprint } = await aWarning();
  const finding = { fingerprint, service: 'payments-api', environment: 'prod' };

  const claimed = await click(world, CAST.adele, 'finding.claim', finding);
  expect(claimed).not.toHaveProperty('card');
  expect(claimed.text).toMatch(/you have it/);

  const form = await click(world, CAST.adele, 'finding.snooze', finding);
  expect(form.card && textById(form.card, 'title')).toMatch(/^Put off/);
  const done = await click(world, CAST.adele, 'finding.snooze', { ...finding, until: 'tomorrow' });
  expect(done.card && textById(done.card, 'state')).toContain('put off until Wed 25 Nov 2026');

  const people = await click(world, CAST.adele, 'finding.assign', finding);
  expect(JSON.stringify(people.card)).toContain('Diego Siciliani');
  const given = await click(world, CAST.adele, 'finding.assign', { ...finding, to: CAST.diego.toUpperCase() });
  expect(given.text).toContain('Diego Siciliani has it');
});

test.each<[string, object]>([
  ['no fingerprint', { fingerprint: '0123abcd', service: 'payments-api', environment: 'prod' }],
  [
    'an assignee of its own',
    { fingerprint: '0'.repeat(32), service: 'payments-api', environment: 'prod', assignee: CAST.adele },
  ],
  ['no service', { fingerprint: '0'.repeat(32), environment: 'prod' }],
])('a forged button that carries %s does nothing', async (_what, data) => {
  const { world } = await aWarning();
  expect((await click(world, CAST.adele, 'finding.claim', data)).text).toMatch(
    /does not belong to it.*Nothing was done/,
  );
  expect(await world.ports.triage.of(ORG, 'payments-api')).toEqual(new Map());
});

test('ids of another service, an environment that is none and a person of nowhere do nothing', async () => {
  const { world, fingerprint } = await aWarning();
  const finding = { fingerprint, service: 'payments-api', environment: 'prod' };
  const texts = [
    await click(world, CAST.adele, 'finding.claim', { ...finding, service: 'orders-api' }),
    await click(world, CAST.adele, 'finding.claim', { ...finding, environment: '-' }),
    await click(world, CAST.adele, 'finding.claim', { ...finding, service: 'payments-api~-' }),
    await click(world, CAST.adele, 'finding.assign', { ...finding, to: '10000000-0000-4000-8000-000000000009' }),
    await click(world, CAST.isaiah, 'finding.claim', finding),
  ];
  for (const { text } of texts) expect(text).toMatch(/^Nothing was done: /);
  expect(await evidenceOf(world, fingerprint)).toEqual([]);
});

test('the command line lists a service, one group a line, and a spreadsheet carries nothing out', async () => {
  const world = await createCoreWorld();
  await scanned(world, ['=cmd|calc', 'weak,"random"']);

  const { lines, exitCode } = await listFindings(world.core.findingLists, { service: 'payments-api', csv: true });
  expect(exitCode).toBe(0);
  expect(lines[0]).toMatch(/^organization,service,environment,decision,/);
  expect(lines).toHaveLength(5);
  expect(lines.join('\n')).toContain(`"'=cmd|calc"`);
  expect(lines.join('\n')).toContain('"weak,""random"""');

  const plain = await listFindings(world.core.findingLists, {
    service: 'payments-api',
    environment: 'prod',
    csv: false,
  });
  expect(plain.lines).toHaveLength(2);
  const cells = plain.lines[0]?.split('\t');
  expect(cells).toHaveLength(21);
  expect(cells?.slice(-2)).toEqual(['group:payments-leads', 'high']);
});

test.each([
  [{ service: 'nothing' }, /no such service/],
  [{ service: 'prod' }, /no such service/],
  [{ service: 'payments-api', environment: 'moon' }, /no such environment/],
])('the command line says no to %j', async (asked, remark) => {
  const { world } = await aWarning();
  const outcome = await listFindings(world.core.findingLists, { ...asked, csv: false });
  expect(outcome).toMatchObject({ exitCode: 1, lines: [] });
  expect(outcome.remarks?.join('\n')).toMatch(remark);
});
