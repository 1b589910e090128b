import type { Exception } from './domain/exception.ts';
import {
  byEnd,
  byService,
  type ExceptionFilter,
  type ExceptionList,
  endingSoon,
  hasEnded,
  isLive,
  isOf,
  type ListedException,
  listed,
} from './domain/exception-list.ts';
import type { ExceptionRefusal } from './domain/exception-refusal.ts';
import { type Idle, idleOf, useOf } from './domain/exception-use.ts';
import type { PersonActor, Principal } from './domain/person.ts';
import type { Refusal } from './domain/refusal.ts';
import type { Clock } from './ports/clock.ts';
import { type Directory, DirectoryUnavailableError } from './ports/directory.ts';
import { type ExceptionStore, scopeOf } from './ports/exception-store.ts';
import { inLanes } from './ports/lanes.ts';
import { openFindings } from './ports/open-findings.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import type { ScopeStore } from './ports/scope-store.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly scopes: Pick<ScopeStore, 'view'>;
  readonly exceptions: Pick<ExceptionStore, 'live' | 'all'>;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
  /** Why this person may read nothing, or undefined. */
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
}

export type ExceptionLists = ReturnType<typeof createExceptionLists>;

/** What there is of exceptions, for whoever may read. Changes nothing. Each rejects with StoreUnavailableError. */
export function createExceptionLists(needs: Needs) {
  return {
    list: async (by: PersonActor, filter: ExceptionFilter): Promise<ExceptionList | ExceptionRefusal> => {
      const stranger = await needs.strangerBecause(by);
      if (stranger !== undefined) return { code: 'stranger', refusal: stranger };
      try {
        return await listFor(needs, filter, by);
      } catch (error) {
        if (error instanceof DirectoryUnavailableError) return { code: 'stranger', refusal: 'cannot-verify-now' };
        throw error;
      }
    },
    /** For whoever runs the bot: there is no `mine`. */
    all: (filter: ExceptionFilter): Promise<ExceptionList | ExceptionRefusal> => listFor(needs, filter),
  };
}

async function listFor(
  needs: Needs,
  filter: ExceptionFilter,
  by?: PersonActor,
): Promise<ExceptionList | ExceptionRefusal> {
  const policy = await needs.policy.current();
  const at = needs.clock.now();
  if (filter.which === 'ended') return endedList(needs, policy, filter, at);
  const all = (await needs.exceptions.live()).map(({ exception }) => exception);
  const service = serviceNamed(filter, policy, all);
  if (service !== undefined && typeof service !== 'string') return service;
  const wanted = all.filter((one) => isLive(one, at) && (service === undefined || one.target.service === service));
  const rows = await rowsOf(needs, filter, { policy, all, wanted, at, ...(by === undefined ? {} : { by }) });
  return 'code' in rows ? rows : listOf(filter, at, { rows, service });
}

function listOf(
  filter: ExceptionFilter,
  at: string,
  {
    rows,
    service,
    more = 0,
    unread = 0,
  }: Partial<ExceptionList> & Pick<ExceptionList, 'rows'> & { service: string | undefined },
): ExceptionList {
  return { filter: { which: filter.which, ...(service === undefined ? {} : { service }) }, at, rows, more, unread };
}

/** As the catalog or an exception writes it; undefined: every service. */
function serviceNamed(
  { service }: ExceptionFilter,
  { catalog }: Pick<PolicySnapshot, 'catalog'>,
  all: readonly Exception[],
): string | undefined | ExceptionRefusal {
  if (service === undefined) return undefined;
  const known = [...new Set([...catalog.services.keys(), ...all.map(({ target }) => target.service)])];
  const same = (name: string) => name.toLowerCase() === service.toLowerCase();
  return known.find((name) => name === service) ?? known.find(same) ?? { code: 'unknown-service', known };
}

interface Live {
  readonly policy: PolicySnapshot;
  /** Of every service: one may be shadowed by another. */
  readonly all: readonly Exception[];
  readonly wanted: readonly Exception[];
  readonly by?: PersonActor;
  /** ISO-8601 UTC. */
  readonly at: string;
}

async function rowsOf(
  needs: Needs,
  { which }: ExceptionFilter,
  live: Live,
): Promise<ListedException[] | ExceptionRefusal> {
  const { policy, wanted, by, at } = live;
  const sorted = [...wanted].sort(byService);
  if (which === 'unused') return idleRows(needs, { ...live, wanted: sorted });
  if (which === 'expiring') return endingRows(policy, sorted, at);
  if (which !== 'mine' || by === undefined) return sorted.map((one) => listed(one, at));
  const groups = await groupsOf(needs.directory, by.oid, sorted);
  return sorted.filter((one) => isOf(one, by.oid, groups)).map((one) => listed(one, at));
}

function endingRows({ contract, catalog }: PolicySnapshot, sorted: readonly Exception[], at: string) {
  if (contract === undefined) return { code: 'no-contract' } as const;
  const calendarOf = ({ target }: Exception) => catalog.services.get(target.service)?.calendar ?? contract.calendar;
  const endsSoon = endingSoon(at);
  return sorted.filter((one) => endsSoon(one, calendarOf(one))).map((one) => listed(one, at));
}

/** Those of the owners of these that this person is a member of. */
async function groupsOf(directory: Directory, oid: string, all: readonly Exception[]): Promise<Set<Principal>> {
  const owners = [...new Set(all.map(({ terms }) => terms.owner))].filter((owner) => owner.startsWith('group:'));
  const members = await Promise.all(owners.map((owner) => directory.membersOf(owner)));
  return new Set(owners.filter((_, n) => members[n]?.some((person) => person.oid.toLowerCase() === oid.toLowerCase())));
}

async function idleRows(needs: Needs, live: Live): Promise<ListedException[] | ExceptionRefusal> {
  const { policy, all, wanted, at } = live;
  const { contract, catalog } = policy;
  if (contract === undefined) return { code: 'no-contract' };
  // Of ten thousand only those of one place can shadow one another.
  const byPlace = Map.groupBy(all, placeOf);
  const idle = (one: Exception) => idleOf(one, { contract, catalog, others: byPlace.get(placeOf(one)) ?? [], now: at });
  const found = wanted.map((one) => listed(one, at, idle(one)));
  const checked = await inLanes(found, async (row) => ({ ...row, idle: await stillIdle(needs, policy, row, at) }));
  return checked.filter(({ idle }) => idle.length > 0);
}

function placeOf({ org, target: { control, service, environment } }: Exception): string {
  return JSON.stringify([org, control, service, environment]);
}

/** What hid nothing for long may hide something by now: looked up before anybody is told to close it. */
async function stillIdle(
  needs: Needs,
  policy: PolicySnapshot,
  row: ListedException,
  now: string,
): Promise<readonly Idle[]> {
  const { exception, idle } = row;
  const environment = policy.contract?.environments.get(exception.target.environment);
  if (environment === undefined || !idle.some(({ code }) => code === 'unused')) return idle;
  const open = await openFindings(needs.scopes, policy, { scope: scopeOf(exception), environment, now });
  return useOf(exception, open).count === 0 ? idle : idle.filter(({ code }) => code !== 'unused');
}

const MOST_SCOPES = 2_000;
const MOST_ENDED = 200;

/** Read from the scopes of the catalog: of a service that it does not name any more, none is found. */
async function endedList(
  needs: Needs,
  { contract, catalog }: PolicySnapshot,
  filter: ExceptionFilter,
  at: string,
): Promise<ExceptionList | ExceptionRefusal> {
  if (contract === undefined) return { code: 'no-contract' };
  const service = serviceNamed(filter, { catalog }, []);
  if (service !== undefined && typeof service !== 'string') return service;
  const services = service === undefined ? [...catalog.services.keys()].sort() : [service];
  const environments = [...contract.environments.keys()];
  const most = Math.floor(MOST_SCOPES / (environments.length * needs.orgs.length));
  const scopes = services
    .slice(0, most)
    .flatMap((name) =>
      environments.flatMap((environment) => needs.orgs.map((org) => ({ org, service: name, environment }))),
    );
  const read = await inLanes(scopes, (scope) => needs.exceptions.all(scope));
  const ended = read
    .flat()
    .filter((one) => hasEnded(one, at))
    .sort(byEnd);
  const rows = ended.slice(0, MOST_ENDED).map((one) => listed(one, at));
  const unread = Math.max(0, services.length - most);
  return listOf(filter, at, { rows, service, more: ended.length - rows.length, unread });
}
