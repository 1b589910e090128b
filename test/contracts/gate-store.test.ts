import { describe, expect, test } from 'vitest';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import type { Gate } from '../../services/domain/gate.ts';
import { plusMinutes } from '../../services/domain/instant.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { aDecision, aGate, ORG } from '../builders.ts';
import { collected } from './both-tables.ts';
import { freshTables } from './fresh-tables.ts';
import {
  AT,
  aChange,
  anAskedGate,
  kindsOf,
  LATER,
  OTHER_ORG,
  PARTITION,
  received,
  rowsOf,
  setScene,
} from './gate-scene.ts';

const SEALED = {
  result: 'succeeded',
  reason: 'approved',
  lines: ['Approved'],
  sealedAt: AT,
  subjectChecksum: 'ab'.repeat(32),
} as const;

describe.each(freshTables())('%s', (_, newTable) => {
  test('what create and commit return is what is read', async () => {
    const { gates } = await setScene(newTable);
    const created = await gates.create(received());
    expect(created.kind).toBe('committed');
    expect(await gates.read(ORG, aGate().id)).toEqual(created.stored);
    const done = created.stored.outbox.filter(({ kind }) => kind === 'judge');
    const moved = await gates.commit(created.stored, aChange('assess', {}, { outbox: ['card', 'index'], done }));
    expect(moved.kind).toBe('committed');
    expect(await gates.locate(aGate().id)).toEqual(moved.stored);
    expect(kindsOf(moved.stored)).toEqual(['1 index', '2 card', '2 index']);
    expect(firstBrokenEntry(moved.stored.evidence)).toBeUndefined();
    expect(moved.stored).toMatchObject({ token: 'sealed-token', gate: { state: 'asked' } });
  });

  test('what was received since an instant is found, told or not, in every organization', async () => {
    const { gates } = await setScene(newTable);
    const received = (over: Partial<Gate>) => gates.create({ ...aChange('receive', over), token: 'sealed' });
    await received({ id: 'before', receivedAt: '2026-11-23T09:29:59.999Z' });
    await received({ id: 'then' });
    await received({ id: 'told', state: 'passed', toldAt: LATER });
    await received({ id: 'elsewhere', org: OTHER_ORG });
    await received({ id: 'foreign', org: 'foreignorg' });
    const found = await collected(gates.receivedSince(AT));

    expect(found.map(({ id }) => id).sort()).toEqual(['elsewhere', 'then', 'told']);
    expect(found.find(({ id }) => id === 'then')).toEqual(aGate({ id: 'then' }));
  });

  test('a run leads to every request that it made, told or not', async () => {
    const { gates } = await setScene(newTable);
    const again = aGate({ state: 'received', attempt: 2 });
    for (const gate of [aGate(), again]) await gates.markOpen(gate);
    for (const gate of [aGate(), again]) await gates.markClosed(gate);
    expect([...(await gates.ofRun(ORG, aGate().run.id))].sort()).toEqual([aGate().id, again.id].sort());
    expect(await gates.ofRun(ORG, aGate().run.id + 1)).toEqual([]);
    expect(await gates.ofRun(OTHER_ORG, aGate().run.id)).toEqual([]);
    expect((await gates.open()).map(({ id }) => id)).toEqual([]);
  });

  test('the first request of a run that claims a card has it, until another takes it over from it', async () => {
    const { gates } = await setScene(newTable);
    const [first, second, third] = ['a', 'b', 'c'].map((letter) => aGate({ id: letter.repeat(16) }));
    if (first === undefined || second === undefined || third === undefined) return;
    expect(await gates.claimCard(first, 'leads')).toBe(first.id);
    expect(await gates.claimCard(first, 'leads')).toBe(first.id);
    expect(await gates.claimCard(second, 'leads')).toBe(first.id);
    expect(await gates.claimCard(second, 'managers')).toBe(second.id);
    expect(await gates.claimCard({ ...third, run: { ...third.run, id: 1 } }, 'leads')).toBe(third.id);

    const takenOver = await Promise.all([second, third].map((gate) => gates.claimCard(gate, 'leads', first.id)));
    expect(new Set(takenOver).size).toBe(1);
    expect([second.id, third.id]).toContain(takenOver[0]);
    expect(await gates.claimCard(first, 'leads', first.id)).toBe(takenOver[0]);
    expect(await gates.ofRun(ORG, first.run.id)).toEqual([]);
  });

  test('a member joins with the item that has the card shown again, and what it asks then is what it asked last', async () => {
    const { gates } = await setScene(newTable);
    const { gate } = await anAskedGate(gates);
    await gates.enqueue(gate, 'card', LATER, { id: 'b'.repeat(16), question: '1 0' });
    await gates.enqueue(gate, 'card', LATER, { id: 'b'.repeat(16), question: '2 0' });
    await gates.enqueue(gate, 'card', LATER, { id: 'c'.repeat(16), question: '1 0' });

    const stored = await gates.read(ORG, gate.id);
    expect(stored?.members).toEqual([
      { id: 'b'.repeat(16), question: '2 0' },
      { id: 'c'.repeat(16), question: '1 0' },
    ]);
    expect(kindsOf(stored)).toContain('0 card');
    const committed = await gates.commit(stored as NonNullable<typeof stored>, aChange('judge again'));
    expect(committed.stored.members).toEqual(stored?.members);
  });

  test('a second delivery of a known request is lost and changes nothing', async () => {
    const { table, gates } = await setScene(newTable);
    const first = await gates.create(received());
    const before = await table.list('gate', PARTITION);
    const second = await gates.create({ ...received('receive again'), token: 'another-token' });
    expect(second).toEqual({ kind: 'lost', stored: first.stored });
    expect(await table.list('gate', PARTITION)).toEqual(before);
  });

  test.each(['after', 'after-conflict'] as const)(
    'a commit whose answer is lost (%s) is known as ours',
    async (fault) => {
      const { table, gates } = await setScene(newTable);
      table.failNextCommit('gate', fault);
      const created = await gates.create(received());
      expect(created.kind).toBe('committed');
      table.failNextCommit('gate', fault);
      const moved = await gates.commit(created.stored, aChange('assess'));
      expect(moved).toMatchObject({ kind: 'committed', stored: { gate: { state: 'asked' }, token: 'sealed-token' } });
      expect(await gates.read(ORG, aGate().id)).toEqual(moved.stored);
    },
  );

  test('a commit that never arrived is no answer, leaves no row of the request, and its hint does no harm', async () => {
    const { table, gates, due } = await setScene(newTable);
    table.failNextCommit('gate', 'before');
    await expect(gates.create(received())).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(await rowsOf(table)).toEqual([]);
    expect(await due.take(LATER)).toMatchObject([{ hint: { kind: 'gate', id: aGate().id } }]);
    expect((await gates.create(received())).kind).toBe('committed');
  });

  test('a commit that took long has a hint again: the one before it may be gone', async () => {
    const { table, gates, due, clock } = await setScene(newTable);
    const commit = table.commit.bind(table);
    table.commit = async (...args) => {
      if (args[0] === 'gate') clock.at = LATER;
      return commit(...args);
    };
    await gates.create(received());
    const hints = await due.take(plusMinutes(LATER, 2));
    expect(hints.map(({ place }) => place.row.slice(0, 15))).toContain('20261123T094100');
  });

  test('of two changes from one reading the second is lost and learns what the first did', async () => {
    const { gates } = await setScene(newTable);
    const asked = await anAskedGate(gates);
    const first = await gates.commit(asked, aChange('bob', { state: 'approved', decision: aDecision() }));
    const second = await gates.commit(asked, aChange('carla', { state: 'rejected' }));
    expect(second).toEqual({ kind: 'lost', stored: first.stored });
  });

  test('a change of a header that was written since is lost, though nothing else is in its way', async () => {
    const { table, gates } = await setScene(newTable);
    const asked = await anAskedGate(gates);
    const header = await table.get('gate', PARTITION, 'h');
    await table.commit('gate', PARTITION, [{ kind: 'put', row: 'h', values: header?.values ?? {} }]);
    expect((await gates.commit(asked, aChange('bob', { state: 'rejected' }))).kind).toBe('lost');
  });

  test('what a newer version has added to a record stays in it when this one writes it', async () => {
    const { gates } = await setScene(newTable);
    const later = Object.assign(aGate({ state: 'received' }), { laterField: { by: 'the next version' } });
    const { stored } = await gates.create({ ...received(), gate: later });
    await gates.commit(stored, { ...aChange('assess'), gate: { ...stored.gate, state: 'asked' } });

    const read = await gates.read(ORG, aGate().id);
    expect(read?.gate).toMatchObject({ state: 'asked', laterField: { by: 'the next version' } });
  });

  test('a lost change whose answer was lost too is never taken for ours', async () => {
    const { table, gates } = await setScene(newTable);
    const asked = await anAskedGate(gates);
    table.beforeNextWrite('gate', () =>
      gates.commit(asked, aChange('bob', { state: 'approved', decision: aDecision() })),
    );
    const second = await gates.commit(asked, aChange('carla', { state: 'rejected' }));
    expect(second).toMatchObject({ kind: 'lost', stored: { gate: { state: 'approved' } } });
  });

  test.each([
    ['asked', 'received'],
    ['rejected', 'approved'],
    ['failed', 'passed'],
    ['expired', 'asked'],
    ['abandoned', 'approved'],
  ] as const)('a gate never goes from %s to %s, and the attempt leaves nothing behind', async (from, to) => {
    const { table, gates, due } = await setScene(newTable);
    const { stored } = await gates.create({ ...aChange('receive', { state: from }), token: 'sealed-token' });
    const before = await table.list('gate', PARTITION);
    const change = aChange('forbidden', { state: to }, { outbox: ['verdict'] });
    await expect(gates.commit(stored, change)).rejects.toThrow(`from ${from} to ${to}`);
    expect(await table.list('gate', PARTITION)).toEqual(before);
    expect(await due.take(LATER)).toEqual([]);
  });

  test('a sealed verdict is never written over', async () => {
    const { table, gates } = await setScene(newTable);
    const asked = await anAskedGate(gates);
    const sealed = await gates.commit(asked, aChange('seal', { state: 'approved', verdict: SEALED }));
    const { verdict: _, ...unsealed } = sealed.stored.gate;
    const forged = { ...sealed.stored, gate: unsealed };
    const other = { ...SEALED, result: 'failed', reason: 'blocked' } as const;
    const again = await gates.commit(forged, aChange('seal otherwise', { state: 'failed', verdict: other }));
    expect(again).toMatchObject({ kind: 'lost', stored: { gate: { verdict: SEALED } } });
    expect((await table.get('gate', PARTITION, 't'))?.values).toMatchObject({ result: 'succeeded' });
  });

  test('a revision is decided once', async () => {
    const { table, gates } = await setScene(newTable);
    const asked = await anAskedGate(gates);
    const first = await gates.commit(asked, aChange('bob', { state: 'approved', decision: aDecision() }));
    const { decision: _, ...undecided } = first.stored.gate;
    const forged = { ...first.stored, gate: undecided };
    const rejection = aDecision({ verdict: 'reject' });
    expect(await gates.commit(forged, aChange('carla', { state: 'approved', decision: rejection }))).toMatchObject({
      kind: 'lost',
    });
    expect((await table.get('gate', PARTITION, 'd~0000000001'))?.values).toMatchObject({ verdict: 'approve' });
  });

  test('the job token is gone with the change that drops it', async () => {
    const { table, gates } = await setScene(newTable);
    const asked = await anAskedGate(gates);
    const told = await gates.commit(asked, aChange('told', { toldAt: AT }, { dropToken: true }));
    expect(told.stored.token).toBeUndefined();
    expect(await rowsOf(table)).not.toContain('s');
    expect((await gates.commit(told.stored, aChange('again', { toldAt: AT }, { dropToken: true }))).kind).toBe(
      'committed',
    );
  });

  test('a commit is ours by what it wrote, not by its operation id: the same click may have been refused elsewhere', async () => {
    const { gates } = await setScene(newTable);
    const asked = await anAskedGate(gates);
    const evidence = (kind: string) => ({ kind, actor: { kind: 'countersign' }, data: {} }) as const;
    await gates.commit(asked, { ...aChange('click'), evidence: evidence('refused') });

    const outcome = await gates.commit(asked, { ...aChange('click'), evidence: evidence('decided') });

    expect(outcome.kind).toBe('lost');
  });

  test('an item enqueued twice is one, and its hint is there though its row never comes', async () => {
    const { table, gates, due } = await setScene(newTable);
    const { gate } = await anAskedGate(gates, { outbox: [] });
    table.failNextCommit('gate', 'before');
    await expect(gates.enqueue(gate, 'card', AT)).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(await due.take(LATER)).toMatchObject([{ hint: { id: gate.id } }]);
    await gates.enqueue(gate, 'card', AT);
    await gates.enqueue(gate, 'card', AT);
    const stored = await gates.read(ORG, gate.id);
    expect(stored?.outbox.filter(({ kind }) => kind === 'card')).toMatchObject([{ seq: 0, attempts: 0 }]);
  });

  test('a hint stands before every change that leaves work, and for each moment to look again', async () => {
    const { gates, due } = await setScene(newTable);
    await gates.create(received('receive', { wakeAt: ['2026-11-24T09:30:00.000Z'] }));
    expect(await due.take('2026-11-23T09:30:59.000Z')).toEqual([]);
    expect(await due.take('2026-11-23T09:31:00.000Z')).toHaveLength(1);
    expect(await due.take('2026-11-24T09:30:00.000Z')).toHaveLength(2);
  });

  test('what is open is listed until it is closed, in every organization', async () => {
    const { gates } = await setScene(newTable);
    const [a, b] = [aGate({ id: 'aaaa' }), aGate({ id: 'bbbb', org: OTHER_ORG })];
    await gates.markOpen(a);
    await gates.markOpen(a);
    await gates.markOpen(b);
    expect(await gates.open()).toEqual([
      { org: OTHER_ORG, id: 'bbbb' },
      { org: ORG, id: 'aaaa' },
    ]);
    await gates.markClosed(a);
    await gates.markClosed(a);
    expect(await gates.open()).toEqual([{ org: OTHER_ORG, id: 'bbbb' }]);
  });

  test('a request is found by its id in whichever organization it is, and an unknown one is nothing', async () => {
    const { gates } = await setScene(newTable);
    await gates.create({ ...aChange('receive', { org: OTHER_ORG }), token: 'sealed-token' });
    expect((await gates.locate(aGate().id))?.gate.org).toBe(OTHER_ORG);
    expect(await gates.locate('unknown')).toBeUndefined();
    expect(await gates.read(ORG, aGate().id)).toBeUndefined();
  });
});
