import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { gateCard } from '../../cards/gate-card.ts';
import type { Sent } from '../../services/ports/notifier.ts';
import { ORG, TENANT } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE, personal } from '../fakes/core-world.ts';

const SAMPLE = fileURLToPath(new URL('../../manifest/policy', import.meta.url));
const DIEGO = '136b7a8b-8bfb-4a8d-b680-bd2b183ee7cb';
const LEE = 'a334807a-aed6-4561-9069-6489fbe40623';
const dirs: string[] = [];
afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true });
});

type Edits = Readonly<Record<string, (text: string) => string>>;

/** The sample policy with some of its files changed. */
async function policyWith(edits: Edits): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'policy-'));
  dirs.push(dir);
  await cp(SAMPLE, dir, { recursive: true });
  for (const [name, edit] of Object.entries(edits)) {
    const before = await readFile(join(dir, name), 'utf8');
    const after = edit(before);
    if (after === before) throw new Error(`nothing changed in ${name}`);
    await writeFile(join(dir, name), after);
  }
  return dir;
}

async function aWorld(edits?: Edits, met: readonly string[] = Object.values(PEOPLE)): Promise<CoreWorld> {
  const world = await createCoreWorld(edits === undefined ? {} : { policyDir: await policyWith(edits) });
  for (const oid of met) await world.meet(oid);
  return world;
}

async function asked(world: CoreWorld): Promise<string> {
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  return await world.deliver();
}

async function blocked(world: CoreWorld): Promise<string> {
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-orders.sarif');
  return await world.deliver();
}

const decide = async (world: CoreWorld, requestId: string, oid: string = PEOPLE.alex) => {
  const by = { kind: 'person' as const, tenant: TENANT, oid, name: 'x' };
  await world.core.approvals.decide({ requestId, revision: 1, verdict: 'approve', comment: '', by, op: `op ${oid}` });
  await world.core.idle();
};

const of = (...oids: readonly string[]) => oids.map((oid) => `a:${oid}`).sort();
const readers = (world: CoreWorld) => world.posted.map(({ to }) => to).sort();
/** Whether the last card that this person has offers them to decide. */
const buttonsOf = (world: CoreWorld, oid: string) => {
  const notice = world.posted.findLast(({ to }) => to === `a:${oid}`)?.notice;
  return notice !== undefined && JSON.stringify(gateCard(notice.gate, { oid })).includes('"verb":"approval.decide"');
};
const groupOf = (oids: readonly string[]) => oids.map((oid) => `    - ${oid}\n`).join('');
const stranger = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const strangers = (count: number) => Array.from({ length: count }, (_, n) => stranger(n));
const addPeople = (text: string, count: number) =>
  text.replace(
    'people:\n',
    `people:\n${strangers(count)
      .map((oid, n) => `  - { oid: ${oid}, name: Person ${n}, upn: p${n}@contoso.example }\n`)
      .join('')}`,
  );
/** Sets a group of the sample directory to exactly these people. */
const setGroup = (text: string, name: string, oids: readonly string[]) =>
  text.replace(new RegExp(`  ${name}:\\n(?:    - .*\\n)+`), `  ${name}:\n${groupOf(oids)}`);
const channelOfPayments = (text: string) =>
  text.replace('    team: payments\n', '    team: payments\n    channel: payments/alerts\n');
const CHANNEL = { kind: 'channel', channel: 'payments/alerts' } as const;
const theChannel = { ...personal('x'), id: '19:alerts@thread.tacv2', kind: 'channel' } as const;

test('while people are asked, the approvers have the card and the requester has none', async () => {
  const world = await aWorld();
  await asked(world);
  expect(readers(world)).toEqual(of(PEOPLE.alex, PEOPLE.megan));
  expect(buttonsOf(world, PEOPLE.alex)).toBe(true);
});

test('a decision changes every copy of the card, and tells the requester once', async () => {
  const world = await aWorld();
  const id = await asked(world);
  await decide(world, id);
  expect(readers(world)).toEqual(of(PEOPLE.alex, PEOPLE.megan, PEOPLE.adele));
  for (const { notice } of world.posted) {
    expect(notice.gate).toMatchObject({ state: 'approved', verdict: { result: 'succeeded' } });
    expect(notice.gate.toldAt).toBeDefined();
  }
  expect(buttonsOf(world, PEOPLE.alex)).toBe(false);
  expect(buttonsOf(world, PEOPLE.megan)).toBe(false);
});

test('what is blocked goes to the requester and to the owners of what blocks, once to who is both', async () => {
  const world = await aWorld(undefined, [...Object.values(PEOPLE), DIEGO, LEE]);
  await blocked(world);
  expect(readers(world)).toEqual(of(PEOPLE.adele, DIEGO));
});

test('of an owner group of more than five its lead is told, of five everybody', async () => {
  const six = { 'directory.yaml': (text: string) => setGroup(addPeople(text, 6), 'payments-owners', strangers(6)) };
  const large = await aWorld(six, [...Object.values(PEOPLE), ...strangers(6)]);
  await blocked(large);
  expect(readers(large)).toEqual(of(PEOPLE.adele, PEOPLE.alex, PEOPLE.megan));

  const five = { 'directory.yaml': (text: string) => setGroup(addPeople(text, 6), 'payments-owners', strangers(5)) };
  const small = await aWorld(five, [...Object.values(PEOPLE), ...strangers(6)]);
  await blocked(small);
  expect(readers(small)).toEqual(of(PEOPLE.adele, ...strangers(5)));
});

test('a service with a channel is told there instead of its owners', async () => {
  const world = await aWorld({ 'catalog.yaml': channelOfPayments }, [...Object.values(PEOPLE), DIEGO]);
  await world.core.reached([CHANNEL], theChannel);
  await blocked(world);
  expect(readers(world)).toEqual([theChannel.id, ...of(PEOPLE.adele)].sort());
});

test('when requester and owners are unknown, the owner of the contract is told', async () => {
  const nobody = { 'directory.yaml': (text: string) => text.replace(/ {2}payments-owners:\n(?: {4}- .*\n)+/, '') };
  const world = await aWorld(nobody, [...Object.values(PEOPLE), DIEGO, LEE]);
  world.azureDevOps.sources = { ...world.azureDevOps.sources, requesters: [] };
  await blocked(world);
  expect(readers(world)).toEqual(of(DIEGO, LEE));
});

test('a channel known by two names has one card', async () => {
  const byId = { kind: 'channel', channel: theChannel.id } as const;
  const world = await aWorld({
    'catalog.yaml': channelOfPayments,
    'routes.yaml': (text) => text.replace('post: { dm: true }', `post: { dm: true, channel: "${theChannel.id}" }`),
  });
  await world.core.reached([CHANNEL, byId], theChannel);
  const id = await asked(world);
  await world.report('gitleaks-orders.sarif');
  await world.settle();
  expect(world.posted.filter(({ to }) => to === theChannel.id)).toMatchObject([
    { notice: { gate: { state: 'blocked' } } },
  ]);
  expect((await world.ports.gates.read(ORG, id))?.outbox).toEqual([]);
});

test('at most fifteen people get a card of their own', async () => {
  const many = { 'directory.yaml': (text: string) => setGroup(addPeople(text, 20), 'payments-leads', strangers(20)) };
  const world = await aWorld(many, strangers(20));
  const id = await asked(world);
  expect((await world.core.approvals.find(id))?.ask?.levels[0]?.eligible).toHaveLength(20);
  expect(world.posted).toHaveLength(15);
});

test('an approver who wrote the commits sees neither card nor buttons while others are asked', async () => {
  const world = await aWorld();
  world.azureDevOps.sources = {
    ...world.azureDevOps.sources,
    authors: [{ uniqueName: 'alex.wilber@contoso.example' }],
  };
  await asked(world);
  expect(readers(world)).toEqual(of(PEOPLE.megan));
});

test('who is no approver any more loses the buttons of the card that they have', async () => {
  const dir = await policyWith({ 'directory.yaml': (text) => `${text}\n` });
  const world = await createCoreWorld({ policyDir: dir });
  for (const oid of Object.values(PEOPLE)) await world.meet(oid);
  const id = await asked(world);
  expect(buttonsOf(world, PEOPLE.alex)).toBe(true);
  const file = join(dir, 'directory.yaml');
  await writeFile(file, setGroup(await readFile(file, 'utf8'), 'payments-leads', [PEOPLE.megan, PEOPLE.isaiah]));
  world.advance(2);
  await world.report('gitleaks-clean.sarif', { environment: 'prod' });
  await world.settle();
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'asked' });
  expect(buttonsOf(world, PEOPLE.alex)).toBe(false);
  expect(buttonsOf(world, PEOPLE.megan)).toBe(true);
  expect(buttonsOf(world, PEOPLE.isaiah)).toBe(true);
  const shown = world.posted.findLast(({ to }) => to === `a:${PEOPLE.megan}`)?.notice.gate;
  expect(shown && JSON.stringify(gateCard(shown))).toContain('Isaiah Langer');
});

test('a card that somebody deleted is posted anew, and the new one is kept in line', async () => {
  const world = await aWorld();
  const id = await asked(world);
  const index = world.posted.findIndex(({ to }) => to === `a:${PEOPLE.alex}`);
  world.posted.splice(index, 1);
  await decide(world, id, PEOPLE.megan);
  const again = world.posted.filter(({ to }) => to === `a:${PEOPLE.alex}`);
  expect(again).toMatchObject([{ notice: { gate: { state: 'approved' } } }]);
  const cards = (await world.ports.gates.read(ORG, id))?.cards.filter(({ recipient }) =>
    recipient.includes(PEOPLE.alex),
  );
  expect(cards).toMatchObject([{ activityId: again[0]?.activityId }]);
});

test('when Teams names a time, nothing is tried before it, and then everybody has one card', async () => {
  const world = await aWorld();
  const tries: string[] = [];
  const busy: Sent = { kind: 'unavailable', retryAfter: 120 };
  world.teams.answer = (to) => {
    tries.push(to.id);
    return to.id === `a:${PEOPLE.megan}` ? busy : undefined;
  };
  await asked(world);
  expect(tries.sort()).toEqual(of(PEOPLE.alex, PEOPLE.megan));
  world.advance(1.9);
  await world.settle();
  expect(tries).toHaveLength(2);
  world.teams.answer = () => undefined;
  world.advance(0.2);
  await world.settle();
  expect(readers(world)).toEqual(of(PEOPLE.alex, PEOPLE.megan));
});

test('whom Teams refuses is not tried again, and keeps nobody else from the card', async () => {
  const world = await aWorld();
  let tries = 0;
  world.teams.answer = (to) => {
    if (to.id !== `a:${PEOPLE.megan}`) return undefined;
    tries += 1;
    return { kind: 'refused', code: 'BotNotInConversationRoster' };
  };
  const id = await asked(world);
  for (let n = 0; n < 5; n += 1) {
    world.advance(10);
    await world.settle();
  }
  expect(tries).toBe(1);
  expect(readers(world)).toEqual(of(PEOPLE.alex));
  expect((await world.ports.gates.read(ORG, id))?.outbox).toEqual([]);
});

test('however often a gate is looked at, nobody has two cards of it', async () => {
  const world = await aWorld();
  const id = await asked(world);
  await world.ports.gates.enqueue({ org: ORG, id }, 'card', world.now);
  await Promise.all([world.core.outbox.drain(ORG, id), world.core.outbox.drain(ORG, id)]);
  await world.restart().outbox.drain(ORG, id);
  await decide(world, id);
  await world.settle();
  expect(new Set(readers(world)).size).toBe(world.posted.length);
});

test('an approver who is met only after the decision gets no card', async () => {
  const world = await aWorld(undefined, [PEOPLE.alex]);
  const id = await asked(world);
  await decide(world, id);
  await world.meet(PEOPLE.megan);
  await world.settle();
  expect(readers(world)).toEqual(of(PEOPLE.alex));
});

test('a deployment without a route is told to its requester and to the owner of the contract', async () => {
  const routes = (text: string) =>
    text
      .replace('environment: prod, service: payments-api', 'environment: prod, service: other')
      .replace(/\n {2}# Every other service[\s\S]*$/, '\n');
  const world = await aWorld({ 'routes.yaml': routes }, [PEOPLE.adele, DIEGO, LEE, PEOPLE.alex]);
  await asked(world);
  await world.core.idle();
  expect(world.posted[0]?.notice.gate.judgement?.obstacles).toMatchObject([{ kind: 'no-route' }]);
  expect(readers(world)).toEqual(of(PEOPLE.adele, DIEGO, LEE));
});

test('when too few may decide, those to whom the route escalates are told at once, with the reason', async () => {
  const leads = (text: string) => text.replace(/( {2}payments-leads:\n)(?: {4}- .*\n)+/, `$1    - ${PEOPLE.adele}\n`);
  const world = await aWorld({ 'directory.yaml': leads });
  await asked(world);
  await world.core.idle();
  expect(world.posted[0]?.notice.gate.judgement?.obstacles).toMatchObject([
    { kind: 'too-few-approvers', detail: expect.stringContaining('Adele Vance (requester)') },
  ]);
  expect(readers(world)).toEqual(of(PEOPLE.adele, PEOPLE.megan, PEOPLE.isaiah));
});

test('a run that passes without approval is no news to anybody', async () => {
  const world = await aWorld();
  await world.deliver('staging');
  await world.settle();
  expect(world.told).toHaveLength(1);
  expect(world.posted).toEqual([]);
});
