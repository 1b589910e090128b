import type { CoreWorld } from './core-world.ts';

interface Refused {
  readonly actor: { readonly oid: string };
  readonly data: Readonly<Record<string, unknown>>;
}

/** Entries about refused words that stand in a chain of their own, in the order of their rows. */
export function refusedWordsIn(world: CoreWorld): readonly Refused[] {
  const rows = world.table.dump().filter(({ table, partition }) => table === 'roll' && partition.endsWith('~refused'));
  return rows.map(({ values }) => JSON.parse(String(values['entry'])) as Refused);
}
