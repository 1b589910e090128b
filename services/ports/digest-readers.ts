import type { Calendar, Contract } from '../domain/contract.ts';
import type { Cover } from '../domain/cover.ts';
import type { CoveredReader, DigestReader } from '../domain/digest-reader.ts';
import type { Exception } from '../domain/exception.ts';
import type { Principal } from '../domain/person.ts';
import type { Subscription } from './digest-store.ts';
import type { Directory } from './directory.ts';
import { groupOrLead, readersAmong } from './group-or-lead.ts';
import type { PolicySnapshot } from './policy.ts';
import type { Assigned } from './triage-store.ts';

/** Names of those who are told in the place of a principal; undefined: nobody is left there. */
export type WhoHears = (principal: Principal, lead: Principal | undefined) => Promise<readonly string[] | undefined>;

export interface ReaderPlan {
  readonly readers: ReadonlyMap<string, DigestReader>;
  /** Owners of whom nobody is left. */
  readonly vacant: ReadonlySet<Principal>;
  /** Who hears of what nobody owns. */
  readonly keeper: Principal;
}

/** Those who are sent a digest: a group of at most five, the lead of a larger one. */
export function toldDaily(directory: Pick<Directory, 'membersOf'>): WhoHears {
  return async (principal, lead) => {
    const people = await groupOrLead(directory, principal, lead);
    return people.length === 0 ? undefined : people.map(({ oid }) => `user:${oid}`);
  };
}

/** Those who ask, and whom they cover, read what any group of theirs owns, however large it is. */
export function askedBy(directory: Pick<Directory, 'membersOf'>, oids: readonly string[]): WhoHears {
  return async (principal) => {
    const people = readersAmong(await directory.membersOf(principal));
    if (people.length === 0) return undefined;
    return people.filter(({ oid }) => oids.includes(oid)).map(({ oid }) => `user:${oid}`);
  };
}

/** Covers with the name of whoever is away. Rejects as the directory does. */
export function namedCovers(directory: Pick<Directory, 'person'>, covers: readonly Cover[]): Promise<CoveredPerson[]> {
  return Promise.all(
    covers.map(async (cover) => ({ ...cover, name: (await directory.person(cover.absent))?.name ?? cover.absent })),
  );
}

interface Needs extends Pick<PolicySnapshot, 'catalog'> {
  readonly contract: Contract;
  readonly exceptions: readonly Exception[];
  readonly subscriptions: readonly Subscription[];
  /** Who has some finding in which service. */
  readonly assigned: readonly Assigned[];
  readonly covers: readonly CoveredPerson[];
  readonly whoHears: WhoHears;
}

/** A cover in force, with the name of whoever is away. */
export interface CoveredPerson extends Cover {
  readonly name: string;
}

/** Everybody whom policy, exceptions or their own wish make a reader. Rejects with DirectoryUnavailableError. */
export async function planReaders({ whoHears, ...needs }: Needs): Promise<ReaderPlan> {
  const { contract } = needs;
  const plan = createPlan();
  await Promise.all(
    seatsIn(needs).map(async ({ principal, lead, service }) => {
      const names = await whoHears(principal, lead);
      if (names === undefined) plan.vacant.add(principal);
      for (const name of names ?? []) plan.seatIn(name, principal, service === undefined ? 'all' : new Set([service]));
    }),
  );
  addChannels(plan, needs);
  await addSubscribers(plan, needs, whoHears);
  await addCovers(plan, needs, whoHears);
  const { readers, vacant } = plan;
  return { readers, vacant, keeper: vacant.has(contract.owner) ? contract.operators : contract.owner };
}

function addChannels(plan: Plan, { catalog }: Pick<Needs, 'catalog'>): void {
  for (const { name, channel } of catalog.services.values())
    if (channel !== undefined) plan.read(`channel:${channel}`).services.add(name);
}

/** Somebody who has left reads nothing any more. */
async function addSubscribers(
  plan: Plan,
  { subscriptions, catalog, contract }: Omit<Needs, 'whoHears'>,
  whoHears: WhoHears,
): Promise<void> {
  for (const { oid, scope } of subscriptions) {
    for (const name of (await whoHears(`user:${oid}`, undefined)) ?? []) {
      const { services, environments } = plan.read(name);
      if (catalog.services.has(scope)) services.add(scope);
      else if (contract.environments.has(scope)) environments.add(scope);
    }
  }
}

/** Whoever covers is told what the other is told, but for what that one has subscribed to, or covers in turn. */
async function addCovers(plan: Plan, { covers }: Pick<Needs, 'covers'>, whoHears: WhoHears): Promise<void> {
  const away = covers.map(({ absent }) => [...(plan.readers.get(`user:${absent}`)?.standsFor ?? [])]);
  for (const [index, { by, name, until }] of covers.entries()) {
    const seats = away[index] ?? [];
    const [reader] = seats.length === 0 ? [] : ((await whoHears(`user:${by}`, undefined)) ?? []);
    if (reader === undefined) continue;
    plan.read(reader).covers.push({ name, until });
    for (const [principal, services] of seats) plan.seatIn(reader, principal, services);
  }
}

type Plan = ReturnType<typeof createPlan>;

/** In whose place somebody may be told. */
interface Seat {
  readonly principal: Principal;
  readonly lead?: Principal | undefined;
  /** Absent: in every service. */
  readonly service?: string;
}

function seatsIn({
  contract,
  catalog,
  exceptions,
  assigned,
}: Omit<Needs, 'subscriptions' | 'covers' | 'whoHears'>): Seat[] {
  const services = [...catalog.services.values()];
  const leadOf = (service: string) => catalog.services.get(service)?.lead;
  const seats: Seat[] = [
    { principal: contract.owner },
    { principal: contract.operators },
    ...contract.controls.map(({ owner }) => ({ principal: owner.fallback })),
    ...services.flatMap(({ name, owner, lead, paths }) => [
      ...[owner, ...paths.map((path) => path.owner)].map((principal) => ({ principal, lead, service: name })),
      ...(lead === undefined ? [] : [{ principal: lead, service: name }]),
    ]),
    ...exceptions.map(({ target: { service }, terms }) => ({ principal: terms.owner, lead: leadOf(service), service })),
    ...assigned.map(({ oid, service }) => ({ principal: `user:${oid}` as const, service })),
  ];
  const keyOf = ({ principal, lead, service }: Seat) => JSON.stringify([principal, lead, service]);
  return [...new Map(seats.map((seat) => [keyOf(seat), seat])).values()];
}

interface Reading extends DigestReader {
  readonly standsFor: Map<Principal, Set<string> | 'all'>;
  readonly services: Set<string>;
  readonly environments: Set<string>;
  readonly covers: CoveredReader[];
}

function createPlan() {
  const readers = new Map<string, Reading>();
  const read = (name: string): Reading => {
    const known = readers.get(name) ?? {
      ...{ name, standsFor: new Map(), covers: [] },
      ...{ services: new Set<string>(), environments: new Set<string>() },
    };
    readers.set(name, known);
    return known;
  };
  return {
    readers,
    read,
    vacant: new Set<Principal>(),
    seatIn: (name: string, principal: Principal, services: ReadonlySet<string> | 'all') => {
      const { standsFor } = read(name);
      const before = standsFor.get(principal) ?? new Set<string>();
      standsFor.set(principal, before === 'all' || services === 'all' ? 'all' : new Set([...before, ...services]));
    },
  };
}

/** Services that can concern this reader; undefined: any. */
export function servicesOf({ standsFor, services, environments }: DigestReader): ReadonlySet<string> | undefined {
  const seats = [...standsFor.values()];
  if (environments.size > 0 || seats.includes('all')) return undefined;
  return new Set([...services, ...seats.flatMap((one) => (one === 'all' ? [] : [...one]))]);
}

/** The calendar that all of a reader's services have, else the contract's; a person reads in their own zone. */
export function calendarOf(
  reader: DigestReader,
  { catalog, contract }: Pick<PolicySnapshot, 'catalog'> & { readonly contract: Contract },
  zone: string | undefined,
): Calendar {
  const all = [...(servicesOf(reader) ?? [])].map((name) => catalog.services.get(name)?.calendar ?? contract.calendar);
  const [first = contract.calendar] = all;
  const same = all.every((one) => JSON.stringify(one) === JSON.stringify(first));
  const calendar = same ? first : contract.calendar;
  return zone === undefined ? calendar : { ...calendar, timezone: zone };
}
