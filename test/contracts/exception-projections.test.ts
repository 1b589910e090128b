import { describe, expect, test } from 'vitest';
import { expiryOf } from '../../services/domain/exception.ts';
import type { ExceptionCard, StoredException } from '../../services/ports/exception-store.ts';
import { createLiveExceptions } from '../../services/tables/live-exceptions.ts';
import {
  aProcess,
  changed,
  created,
  grant,
  LATER,
  NOTHING,
  OTHER_ORG,
  renewing,
  requested,
  revoked,
  SCOPE,
  SOON,
} from './exception-scene.ts';
import { freshTables } from './fresh-tables.ts';

const aCard = (over: Partial<ExceptionCard> = {}): ExceptionCard => ({
  ...{ topic: 'ask', recipient: 'user:bob', conversation: 'a conversation', activityId: 'm1', shows: 'requested 1' },
  ...over,
});

describe.each(freshTables())('%s', (_, newTable) => {
  test('cards are noted; what was written anew meanwhile is still to be shown', async () => {
    const { table, exceptions } = aProcess(await newTable());
    const stored = await created(exceptions, requested('EX-1'));
    table.beforeNextWrite('scope', () => grant(aProcess(table).exceptions, stored));
    await exceptions.shown(stored, { cards: [aCard()] });
    const after = (await exceptions.locate('EX-1')) as StoredException;
    expect(after).toMatchObject({
      ...{ cards: [aCard({ shows: '' })], showing: { attempts: 0 }, exception: { state: 'active' } },
    });
    await exceptions.shown(after, { cards: [aCard({ shows: 'active 1' }), aCard({ recipient: 'channel:a/b' })] });
    const shown = await exceptions.locate('EX-1');
    expect(shown?.cards.map(({ recipient, shows }) => [recipient, shows]).sort()).toEqual([
      ['channel:a/b', 'requested 1'],
      ['user:bob', 'active 1'],
    ]);
    expect(shown).not.toHaveProperty('showing');
  });

  test('a pass that is to be made again is counted and hinted at, and so is the next look', async () => {
    const { exceptions, due, clock } = aProcess(await newTable());
    const stored = await created(exceptions, requested('EX-1'));
    clock.at = SOON;
    for (const item of await due.take(SOON)) await due.done(item);
    await exceptions.shown(stored, {
      cards: [],
      retryAt: '2026-11-24T10:05:00.000Z',
      lookAt: '2026-11-24T10:30:00.000Z',
    });
    expect(await exceptions.locate('EX-1')).toMatchObject({
      showing: { attempts: 1, dueAt: '2026-11-24T10:05:00.000Z' },
    });
    expect(await due.take('2026-11-24T10:29:00.000Z')).toHaveLength(1);
    expect(await due.take('2026-11-24T10:31:00.000Z')).toHaveLength(2);
  });

  test('cards are shown once more when somebody asks for it', async () => {
    const { exceptions, due, clock } = aProcess(await newTable());
    await exceptions.shown(await created(exceptions, requested('EX-1')), NOTHING);
    clock.at = SOON;
    for (const item of await due.take(SOON)) await due.done(item);
    await exceptions.showAgain(SCOPE, 'EX-1', SOON);
    expect(await exceptions.locate('EX-1')).toMatchObject({ showing: { attempts: 0, dueAt: SOON } });
    expect(await due.take(LATER)).toMatchObject([{ hint: { kind: 'exception', id: 'EX-1' } }]);
  });

  test('those that are not over are listed by service and organization', async () => {
    const { exceptions } = aProcess(await newTable());
    const places = [{}, { service: 'payments-api-2' }, { environment: 'staging' }];
    for (const [n, target] of places.entries())
      await exceptions.shown(await created(exceptions, requested(`EX-${n + 1}`, { target })), NOTHING);
    await exceptions.shown(await created(exceptions, requested('EX-4', { org: OTHER_ORG })), NOTHING);
    const ids = async (service?: string) => (await exceptions.live(service)).map(({ id }) => id).sort();
    expect(await ids()).toEqual(['EX-1', 'EX-2', 'EX-3', 'EX-4']);
    expect(await ids('payments-api')).toEqual(['EX-1', 'EX-3', 'EX-4']);
    expect((await exceptions.live('payments-api')).map(({ org }) => org)).toContain(OTHER_ORG);
    const { stored } = await grant(exceptions, (await exceptions.locate('EX-1')) as StoredException);
    await exceptions.shown(stored, NOTHING);
    expect((await exceptions.live('payments-api')).find(({ id }) => id === 'EX-1')).toMatchObject({
      ...{ service: 'payments-api', environment: 'prod', exception: stored.exception },
    });
    const last = (await exceptions.locate('EX-1')) as StoredException;
    await exceptions.shown((await exceptions.commit(last, changed(last, revoked(last)))).stored, NOTHING);
    expect(await ids()).toEqual(['EX-2', 'EX-3', 'EX-4']);
  });

  test('an older pass that lists what is over has it looked at once more', async () => {
    const { exceptions } = aProcess(await newTable());
    const stored = await created(exceptions, requested('EX-1'));
    const { stored: active } = await grant(exceptions, stored);
    const fresh = (await exceptions.locate('EX-1')) as StoredException;
    const { stored: gone } = await exceptions.commit(fresh, changed(fresh, revoked(fresh)));
    await exceptions.shown(gone, NOTHING);
    for (const older of [stored, active]) {
      await exceptions.shown(older, NOTHING);
      const now = (await exceptions.locate('EX-1')) as StoredException;
      expect(now.showing).toBeDefined();
      await exceptions.shown(now, NOTHING);
      expect(await exceptions.live()).toEqual([]);
    }
  });

  test('what was shown long ago is listed by nobody any more', async () => {
    const { exceptions } = aProcess(await newTable());
    await exceptions.shown((await grant(exceptions, await created(exceptions, requested('EX-1')))).stored, NOTHING);
    const looked = (await exceptions.locate('EX-1')) as StoredException;
    await exceptions.shown((await exceptions.commit(looked, changed(looked, revoked(looked)))).stored, NOTHING);
    await exceptions.shown(looked, NOTHING);
    expect(await exceptions.live()).toEqual([]);
  });

  test('what a slower pass listed before it died is put right by the next look', async () => {
    const { table, exceptions } = aProcess(await newTable());
    const stored = await created(exceptions, requested('EX-1'));
    const { stored: active } = await grant(exceptions, stored);
    await exceptions.shown(active, NOTHING);
    const fresh = (await exceptions.locate('EX-1')) as StoredException;
    const { stored: gone } = await exceptions.commit(fresh, changed(fresh, revoked(fresh)));
    await exceptions.shown(gone, NOTHING);
    await createLiveExceptions(table, [active.exception.org]).list(active.exception);
    await exceptions.shown((await exceptions.locate('EX-1')) as StoredException, NOTHING);
    expect(await exceptions.live()).toEqual([]);
  });

  test('a judgement sees what is in force, asked for and lately granted in its scope, and nothing of what was', async () => {
    const { exceptions, scopes } = aProcess(await newTable());
    const { stored: one } = await grant(exceptions, await created(exceptions, requested('EX-1')));
    await created(exceptions, requested('EX-2'));
    await created(exceptions, requested('EX-3', { target: { environment: 'staging' } }));
    const view = await scopes.view(SCOPE, []);
    expect(view.exceptions).toMatchObject([
      { id: 'EX-1', fingerprints: ['EX-1'], expiresAt: expiryOf(one.exception.terms) },
    ]);
    expect(view.requested.map(({ id }) => id)).toEqual(['EX-2']);
    expect(view.grants.get('secret-scanning')?.map(({ id }) => id)).toEqual(['EX-1']);
    const fresh = (await exceptions.locate('EX-1')) as StoredException;
    await exceptions.commit(fresh, changed(fresh, revoked(fresh)));
    expect((await scopes.view(SCOPE, [])).exceptions).toEqual([]);
  });

  test('each change that judgements read has a wake-up of its own, even of one second', async () => {
    const { exceptions, scopes } = aProcess(await newTable());
    const stored = await created(exceptions, requested('EX-1'));
    const [first] = await scopes.pendingWakes(SCOPE);
    await grant(exceptions, stored);
    await scopes.wakeDone(SCOPE, first ?? '');
    expect(await scopes.pendingWakes(SCOPE)).toHaveLength(1);
    const fresh = (await exceptions.locate('EX-1')) as StoredException;
    await exceptions.commit(fresh, changed(fresh, { ...fresh.exception, warned: [14] }));
    expect(await scopes.pendingWakes(SCOPE)).toHaveLength(1);
  });

  test('a commit that took long is hinted at anew, with what it replaces', async () => {
    const { table, exceptions, due, clock } = aProcess(await newTable());
    const { stored: old } = await grant(exceptions, await created(exceptions, requested('EX-1')));
    const next = await created(exceptions, requested('EX-2'));
    const fresh = (await exceptions.read(SCOPE, 'EX-2')) as StoredException;
    table.beforeNextWrite('scope', async () => {
      clock.at = SOON;
      for (const item of await due.take(SOON)) await due.done(item);
    });
    await exceptions.commit(fresh, renewing(next, old));
    const hinted = (await due.take(LATER)).map(({ hint }) => ('id' in hint ? hint.id : ''));
    expect(hinted.sort()).toEqual(['EX-1', 'EX-2']);
  });
});
