import type { NamedCover } from '../services/domain/cover.ts';
import type { CoverChange } from '../services/ports/covers.ts';
import { TENANT } from './builders.ts';

/** What the absent person arranges themselves; nobody has to be told. */
export function aCoverSet(absent: string, by: string, until: string, at: string): [NamedCover, CoverChange] {
  const named = (oid: string) => ({ oid, name: `person ${oid.slice(0, 4)}` });
  const actor = { kind: 'person' as const, tenant: TENANT, ...named(absent) };
  const cover = { absent: named(absent), by: named(by), until, setBy: named(absent) };
  return [cover, { op: `cover ${absent} ${by} ${at}`, actor, at, news: [] }];
}
