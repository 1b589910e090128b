import { type ListedGroup, listedGroup } from '../domain/finding-list.ts';
import type { Triage } from '../domain/triage.ts';
import type { Holders } from './holders.ts';
import type { FoundIn } from './service-findings.ts';

/** What was found in one place, with what people do with it. */
export function listedIn(
  { org, environment, groups }: FoundIn,
  triages: ReadonlyMap<string, Triage> = new Map(),
  holders: Holders,
  now: string,
): ListedGroup[] {
  return groups.map((group) => {
    const people = { ...holders, hasOwner: holders.hasMember(group.owner) };
    return listedGroup({ org, environment, group }, triages, people, now);
  });
}
