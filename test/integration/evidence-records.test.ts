import { expect, test } from 'vitest';
import { createShowEvidence } from '../../bot/handlers/show-evidence.ts';
import { orgsOf } from '../../bot/reading.ts';
import { firstBrokenEntry, nextEntry } from '../../services/domain/evidence.ts';
import { createEvidenceRecords } from '../../services/tables/evidence-records.ts';
import { decodeEvidence, evidenceWrite } from '../../services/tables/evidence-row.ts';
import { createNotedTable } from '../../services/tables/noted-table.ts';
import { ORGANIZATION, TENANT } from '../builders.ts';
import { aCoverSet } from '../covers.ts';
import { blocked } from '../fakes/blocked-life.ts';
import { type CoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { ask, exceptionOf, grant } from '../fakes/exception-scene.ts';
import { aWaitingGate, by, wish } from '../fakes/waiting-gate.ts';

const AT = '2026-11-28T12:00:00.000Z';
const SECRET = 'Ann was on sick leave';

const entriesOf = async ({ ports }: CoreWorld, id: string) => (await ports.evidenceRecords.of(id)) ?? [];
const textsOf = async (world: CoreWorld, id: string) => (await entriesOf(world, id)).map(({ texts }) => texts);

/** A gate that was decided with this comment. */
async function decided() {
  const { world, id } = await aWaitingGate();
  await world.core.approvals.decide(wish(id, PEOPLE.alex, 'approve', SECRET));
  await world.settle();
  return { world, id };
}

test('a text that is erased is gone from its entry, its chain is whole, and the entry that says so names which it was', async () => {
  const { world, id } = await decided();
  const before = await entriesOf(world, id);
  const seq = before.findIndex(({ texts }) => texts['comment'] !== undefined) + 1;
  expect(await world.ports.evidenceRecords.eraseText(id, 'comment', AT)).toEqual({ kind: 'erased', seqs: [seq] });

  const after = await entriesOf(world, id);
  expect(firstBrokenEntry(after)).toBeUndefined();
  expect(JSON.stringify(after)).not.toContain(SECRET);
  expect(after[seq - 1]).toEqual({ ...before[seq - 1], texts: { name: before[seq - 1]?.texts['name'] } });
  expect(after.slice(0, -1).map(({ entry, hash }) => [entry, hash])).toEqual(
    before.map(({ entry, hash }) => [entry, hash]),
  );
  expect(JSON.parse(after.at(-1)?.entry ?? '')).toMatchObject({
    kind: 'text-erased',
    at: AT,
    data: { field: 'comment', seqs: [seq] },
    prev: before.at(-1)?.hash,
  });
});

test('what is erased already, or was never there, is answered with the texts that there are, and nothing is written', async () => {
  const { world, id } = await decided();
  await world.ports.evidenceRecords.eraseText(id, 'comment', AT);
  const before = await entriesOf(world, id);
  for (const field of ['comment', 'reason', '__proto__', 'constructor']) {
    const answer = await world.ports.evidenceRecords.eraseText(id, field, AT);
    expect(answer).toEqual({ kind: 'no-such-text', fields: ['name', 'requester'] });
  }
  expect(await world.ports.evidenceRecords.eraseText('nobody', 'comment', AT)).toEqual({ kind: 'unknown-id' });
  expect(await entriesOf(world, id)).toEqual(before);
});

test('of an exception a text is erased from every entry that has it, and it is granted and closed on afterwards', async () => {
  const { world, requestId } = await blocked();
  const { id } = exceptionOf(await ask(world, { requestId }));
  const erased = await world.ports.evidenceRecords.eraseText(id.toLowerCase(), 'reason', AT);
  expect(erased).toEqual({ kind: 'erased', seqs: [1] });
  expect(exceptionOf(await grant(world, id)).state).toBe('active');
  const [asked, , granted] = await textsOf(world, id);
  expect([asked?.['reason'], granted?.['reason']?.text]).toEqual([undefined, expect.any(String)]);
  expect(firstBrokenEntry(await entriesOf(world, id))).toBeUndefined();
});

test('a broken chain is left as it is', async () => {
  const { world, id } = await decided();
  const row = world.table.dump().find(({ table, row }) => table === 'gate' && row === 'e~0000000002');
  if (row === undefined) throw new Error('there is a second entry');
  const forged = { ...row.values, entry: String(row.values['entry']).replace('judged', 'Judged') };
  await world.table.commit('gate', row.partition, [{ kind: 'put', row: row.row, values: forged }]);
  expect(await world.ports.evidenceRecords.eraseText(id, 'comment', AT)).toEqual({ kind: 'broken', seq: 2 });
  expect(JSON.stringify(await textsOf(world, id))).toContain(SECRET);
});

test("texts that are no texts are named where the chain is looked at, and end nobody's reading", async () => {
  for (const texts of ['{"comment":null}', '{"comment":{"salt":1,"text":"x"}}', '[]', '{', '"x"']) {
    const { world, id } = await decided();
    const row = world.table.dump().find(({ table, row }) => table === 'gate' && row === 'e~0000000001');
    if (row === undefined) throw new Error('there is a first entry');
    await world.table.commit('gate', row.partition, [{ kind: 'put', row: row.row, values: { ...row.values, texts } }]);
    expect(await world.ports.evidenceRecords.eraseText(id, 'comment', AT)).toEqual({ kind: 'broken', seq: 1 });
    const show = createShowEvidence(world.core.viewEvidence);
    expect((await show(by(PEOPLE.alex), id)).text).toContain('Broken: entry 1 of');
  }
});

test('more texts than one transaction holds are all erased', async () => {
  const { world, id } = await decided();
  const last = (await entriesOf(world, id)).at(-1);
  const gate = world.table.dump().find(({ table, row }) => table === 'gate' && row === 'e~0000000001');
  if (last === undefined || gate === undefined) throw new Error('there are entries');
  const [links, draft] = [[last], { kind: 'refused', actor: { kind: 'countersign' }, data: null } as const];
  for (let n = 0; n < 230; n += 1) {
    const written = { aggregate: last.aggregate, at: AT, op: `op ${n}`, salt: 's' };
    links.push(nextEntry(links.at(-1) ?? last, { ...draft, texts: { why: `${SECRET} ${n}` } }, written));
  }
  for (const link of links.slice(1)) await world.table.commit('gate', gate.partition, [evidenceWrite(['e'], link)]);
  const erased = await world.ports.evidenceRecords.eraseText(id, 'why', AT);
  expect(erased).toEqual({ kind: 'erased', seqs: links.slice(1).map(({ seq }) => seq) });
  const after = await entriesOf(world, id);
  expect(JSON.stringify(after)).not.toContain(`${SECRET} `);
  expect(firstBrokenEntry(after)).toBeUndefined();
});

test('somebody who decides at the same moment is heard, and so is whoever erases', async () => {
  const { world, id } = await aWaitingGate();
  await world.core.approvals.decide({ ...wish(id, PEOPLE.isaiah), by: by(PEOPLE.isaiah) });
  const [erased, said] = await Promise.all([
    world.ports.evidenceRecords.eraseText(id, 'name', AT),
    world.core.approvals.decide(wish(id, PEOPLE.alex)),
  ]);
  expect([erased.kind, said.kind]).toEqual(['erased', 'decided']);
  const entries = await entriesOf(world, id);
  expect(firstBrokenEntry(entries)).toBeUndefined();
  const kinds = entries.map(({ entry }) => (JSON.parse(entry) as { kind: string }).kind);
  expect(kinds).toEqual(expect.arrayContaining(['text-erased', 'decided']));
});

test('`evidence ID` tells the whole chain in words, and a text that was erased as erased', async () => {
  const { world, id } = await decided();
  const show = createShowEvidence(world.core.viewEvidence);
  const before = (await show(by(PEOPLE.alex), id)).text;
  for (const words of [
    'check received by',
    'judged (',
    'decided by Alex Wilber',
    'verdict approve',
    `comment: ${SECRET}`,
  ])
    expect(before).toContain(words);
  expect(before).toContain('each follows from the one before it');
  await world.ports.evidenceRecords.eraseText(id, 'comment', AT);
  const { text, card } = await show(by(PEOPLE.alex), id);
  expect(text).toContain('comment: erased');
  expect(text).toContain('text erased (');
  expect(JSON.stringify([text, card])).not.toContain(SECRET);
});

test('`evidence ID` says where a chain is broken, shows nothing to strangers, and knows what there is none of', async () => {
  const { world, id } = await decided();
  const row = world.table.dump().find(({ table, row }) => table === 'gate' && row === 'e~0000000002');
  if (row === undefined) throw new Error('there is a second entry');
  await world.table.commit('gate', row.partition, [
    { kind: 'put', row: row.row, values: { ...row.values, entry: '7' } },
  ]);
  const show = createShowEvidence(world.core.viewEvidence);
  expect((await show(by(PEOPLE.alex), id)).text).toContain('Broken: entry 2 of');
  const stranger = await show({ ...by(PEOPLE.alex), oid: '00000000-0000-4000-8000-000000000000' }, id);
  expect([stranger.card, stranger.text]).toEqual([undefined, expect.not.stringContaining('decided')]);
  expect((await show(by(PEOPLE.alex), 'EX-99')).card).toBeUndefined();
});

test('who erases is in the entry that says so, also where it was names that were erased', async () => {
  const { world, id } = await decided();
  const table = createNotedTable(world.table, { tenant: TENANT, clock: { now: () => AT } });
  const operator = async () => ({ kind: 'person', tenant: TENANT, oid: PEOPLE.lee, name: 'Olga Operator' }) as const;
  const random = { bytes: (count: number) => new Uint8Array(count) };
  const orgs = orgsOf({ tenant: TENANT, organizations: [ORGANIZATION] });
  const records = createEvidenceRecords({ table, random, orgs, tenant: TENANT, operator });
  expect(await records.eraseText(id, 'name', AT)).toMatchObject({ kind: 'erased' });
  const noted = (await entriesOf(world, id)).at(-1);
  const actor = { kind: 'person', tenant: TENANT, oid: PEOPLE.lee };
  expect(JSON.parse(noted?.entry ?? '')).toMatchObject({ kind: 'text-erased', actor });
  expect(noted?.texts['name']?.text).toBe('Olga Operator');
  expect(await records.eraseText(id, 'name', AT)).toEqual({ kind: 'no-such-text', fields: ['comment', 'requester'] });
});

test('what people know by no id goes by its aggregate, as exports name it', async () => {
  const { world } = await aWaitingGate();
  await world.ports.covers.set(...aCoverSet(PEOPLE.alex, PEOPLE.isaiah, '2026-11-29T12:00:00.000Z', AT));
  const aggregate = `${TENANT} cover ${PEOPLE.alex}`;
  expect(await world.ports.evidenceRecords.eraseText(aggregate, 'name', AT)).toEqual({ kind: 'erased', seqs: [1] });
  const partition = `${TENANT}~cover`;
  const rows = world.table.dump().filter((row) => row.partition === partition && 'entry' in row.values);
  const cover = rows.map(decodeEvidence);
  expect(cover.map(({ texts }) => Object.keys(texts).includes('name'))).toEqual([false, false]);
  expect(firstBrokenEntry(cover)).toBeUndefined();
  const unknown = await world.ports.evidenceRecords.eraseText(`${TENANT} cover nobody`, 'name', AT);
  expect(unknown).toEqual({ kind: 'unknown-id' });
});
