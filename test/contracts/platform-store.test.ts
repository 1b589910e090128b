import { describe, expect, test } from 'vitest';
import type { Section } from '../../services/domain/platform.ts';
import type { StoredSection } from '../../services/ports/platform-store.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { component, key } from '../../services/tables/keys.ts';
import { createPlatformStore } from '../../services/tables/platform-store.ts';
import { TENANT } from '../builders.ts';
import { freshTables } from './fresh-tables.ts';

const AT = '2026-11-24T09:00:00.000Z';
const LATER = '2026-11-24T10:00:00.000Z';
const ORGANIZATION = 'https://dev.azure.com/contoso';
const SHOP = '9d444840-9dc0-11d1-b245-5ffdce74fad2';

const PARTITION = key(component(TENANT), 'platform', component(ORGANIZATION));

const hooks = (count: number, at = AT): Section => ({
  kind: 'hooks',
  target: '-',
  name: 'contoso',
  known: {
    at,
    facts: Array.from({ length: count }, (_, n) => ({
      id: `hook "${n}" äöü`,
      event: 'ms.vss-pipelinechecks-events.approval-pending',
      status: 'enabled',
      isOurs: true,
    })),
  },
});
const neverRead: Section = { kind: 'environments', target: SHOP, name: 'Shop' };

const withoutVersion = ({ version: _, hints, ...stored }: StoredSection) => {
  expect(hints).toEqual([]);
  return stored;
};
const hintsOf = ([stored]: readonly StoredSection[]) => stored?.hints?.map(({ at, thing }) => [at, thing]);

describe.each(freshTables())('platforms, on %s', (_name, newTable) => {
  const setStore = async () => {
    const table = await newTable();
    return { table, store: createPlatformStore({ table, tenant: TENANT }) };
  };

  test('what was written is read again, whole, whatever its size, and what is not known stays so', async () => {
    const { store } = await setStore();
    const next = 'n'.repeat(600_000);
    const refused = { ...neverRead, unknown: { since: AT, why: 'give the bot the role Reader' } };
    await store.put(ORGANIZATION, { section: hooks(4_000), nextAt: LATER, thoroughAt: AT }, undefined);
    const begun = { at: AT, next, isThorough: true };
    await store.put(ORGANIZATION, { section: refused, nextAt: LATER, begun }, undefined);

    expect((await store.all(ORGANIZATION)).map(withoutVersion)).toEqual([
      { section: refused, nextAt: LATER, begun },
      { section: hooks(4_000), nextAt: LATER, thoroughAt: AT },
    ]);
    expect(await store.all('https://dev.azure.com/fabrikam')).toEqual([]);
  });

  test('a read that goes on writes nothing of what is known again, and a shorter one leaves nothing of a longer one', async () => {
    const { store } = await setStore();
    const first = await store.put(ORGANIZATION, { section: hooks(4_000), nextAt: LATER }, undefined);
    const section = first?.section ?? hooks(0);
    const begun = await store.put(ORGANIZATION, { section, nextAt: LATER, begun: { at: LATER, next: '[]' } }, first);
    expect((await store.all(ORGANIZATION)).map(withoutVersion)).toEqual([
      { section: hooks(4_000), nextAt: LATER, begun: { at: LATER, next: '[]' } },
    ]);

    await store.put(ORGANIZATION, { section: hooks(1, LATER), nextAt: LATER }, begun);
    expect((await store.all(ORGANIZATION)).map(withoutVersion)).toEqual([{ section: hooks(1, LATER), nextAt: LATER }]);
  });

  test('of two processes that store at once one is told that it was not first, and nothing of it is there', async () => {
    const { store } = await setStore();
    const first = await store.put(ORGANIZATION, { section: hooks(1), nextAt: AT }, undefined);
    expect(await store.put(ORGANIZATION, { section: hooks(2), nextAt: AT }, undefined)).toBeUndefined();
    await store.put(ORGANIZATION, { section: hooks(3), nextAt: AT }, first);
    expect(await store.put(ORGANIZATION, { section: hooks(4), nextAt: AT }, first)).toBeUndefined();

    expect((await store.all(ORGANIZATION)).map(({ section }) => section)).toEqual([hooks(3)]);
  });

  test('hints stay until they were heeded, each by itself, and one that came again since stays once more', async () => {
    const { store } = await setStore();
    const shop = { kind: 'environments', target: SHOP } as const;
    await store.hint(ORGANIZATION, shop, AT);
    await store.hint(ORGANIZATION, shop, AT, '-');
    await store.hint(ORGANIZATION, shop, AT, 'Environment/1');
    expect(await store.all(ORGANIZATION)).toEqual([]);
    await store.put(ORGANIZATION, { section: neverRead, nextAt: LATER }, undefined);
    await store.put(ORGANIZATION, { section: { ...neverRead, target: `${SHOP}a` }, nextAt: LATER }, undefined);
    const all = await store.all(ORGANIZATION);
    const [other, hinted] = [`${SHOP}a`, SHOP].map((id) => all.find(({ section }) => section.target === id));
    expect(other?.hints).toEqual([]);
    expect(hintsOf(hinted === undefined ? [] : [hinted])).toEqual(
      expect.arrayContaining([
        [AT, undefined],
        [AT, '-'],
        [AT, 'Environment/1'],
      ]),
    );

    await store.hint(ORGANIZATION, shop, LATER, '-');
    await store.heeded(ORGANIZATION, shop, hinted?.hints ?? []);
    const [again] = (await store.all(ORGANIZATION)).filter(({ section }) => section.target === SHOP);
    expect(hintsOf(again === undefined ? [] : [again])).toEqual([[LATER, '-']]);
  });

  test('what is forgotten is gone with everything behind it, and can begin anew', async () => {
    const { table, store } = await setStore();
    await store.put(ORGANIZATION, { section: hooks(4_000), nextAt: AT }, undefined);
    await store.hint(ORGANIZATION, { kind: 'hooks', target: '-' }, AT);
    await store.forget(ORGANIZATION, { kind: 'hooks', target: '-' });
    await store.forget(ORGANIZATION, { kind: 'hooks', target: '-' });

    expect(await store.all(ORGANIZATION)).toEqual([]);
    expect(await table.list('sys', PARTITION)).toEqual([]);
    expect(await store.put(ORGANIZATION, { section: hooks(1), nextAt: AT }, undefined)).toBeDefined();
  });

  test.each(['missing', 'of another read'])(
    'of which a part is %s nothing is known, and it is read again',
    async (what) => {
      const { table, store } = await setStore();
      await store.put(ORGANIZATION, { section: hooks(4_000), nextAt: LATER }, undefined);
      const row = 's~hooks~-~f~0000000001';
      if (what === 'missing') await table.remove('sys', PARTITION, row);
      else await table.commit('sys', PARTITION, [{ kind: 'put', row, values: { of: LATER, text: '[]' } }]);
      const [stored] = await store.all(ORGANIZATION);

      const { known: _, ...unknown } = hooks(0);
      expect(stored?.section).toEqual(unknown);
      expect(stored?.nextAt).toBe('');
      expect(await store.put(ORGANIZATION, { section: hooks(1), nextAt: AT }, stored)).toBeDefined();
    },
  );

  test('more than a section holds is refused before anything is written', async () => {
    const { store } = await setStore();
    await expect(store.put(ORGANIZATION, { section: hooks(40_000), nextAt: AT }, undefined)).rejects.toThrow(
      RangeError,
    );
    expect(await store.all(ORGANIZATION)).toEqual([]);
  });

  test('a store that does not answer is a fault, and nothing is half there', async () => {
    const { table, store } = await setStore();
    table.failNextCommit('sys', 'before');
    await expect(store.put(ORGANIZATION, { section: hooks(4_000), nextAt: AT }, undefined)).rejects.toThrow(
      StoreUnavailableError,
    );
    expect(await store.all(ORGANIZATION)).toEqual([]);
  });
});
