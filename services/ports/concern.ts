import type { Service } from '../domain/catalog.ts';
import type { Contract } from '../domain/contract.ts';
import type { Principal } from '../domain/person.ts';
import type { Directory } from './directory.ts';
import type { PolicySnapshot } from './policy.ts';

/** What a person answers for. */
export interface Concern {
  /** The person and their groups, as far as policy files name them for findings. */
  readonly principals: ReadonlySet<Principal>;
  /** Names of services of the catalog in which findings can be theirs, sorted. */
  readonly services: readonly string[];
}

/** Groups at most 60 s old. Rejects with DirectoryUnavailableError. */
export async function concernOf(
  directory: Directory,
  { contract, catalog }: PolicySnapshot,
  oid: string,
): Promise<Concern> {
  const everywhere = contract === undefined ? [] : ownersEverywhere(contract);
  const services = [...catalog.services.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const named = [...new Set([...everywhere, ...services.flatMap(principalsOf)])];
  const members = await Promise.all(named.map((principal) => directory.membersOf(principal)));
  const principals = new Set(named.filter((_, n) => members[n]?.some((person) => person.oid === oid.toLowerCase())));
  const isMine = (principal: Principal) => principals.has(principal);
  const concerned = everywhere.some(isMine) ? services : services.filter((one) => principalsOf(one).some(isMine));
  return { principals, services: concerned.map(({ name }) => name) };
}

/** Whose findings lie in any service: those of controls that name their owner, and what no control claims. */
function ownersEverywhere({ controls, owner }: Contract): Principal[] {
  return [owner, ...controls.flatMap((control) => (control.owner.from === 'control' ? [control.owner.fallback] : []))];
}

function principalsOf({ owner, lead, paths }: Service): Principal[] {
  return [owner, ...(lead === undefined ? [] : [lead]), ...paths.map((path) => path.owner)];
}
