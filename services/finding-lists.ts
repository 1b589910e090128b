import type { DecisionClass } from './domain/contract.ts';
import {
  byUrgency,
  type FindingFilter,
  type FindingList,
  findingCounts,
  type ListedGroup,
} from './domain/finding-list.ts';
import { plusMinutes } from './domain/instant.ts';
import { contextsIn, duplicatePrints, printsOf } from './domain/judgement.ts';
import type { PersonActor, Principal } from './domain/person.ts';
import type { Triage } from './domain/triage.ts';
import type { TriageRefusal } from './domain/triage-refusal.ts';
import { concernOf } from './ports/concern.ts';
import { holdersOf } from './ports/holders.ts';
import { inLanes } from './ports/lanes.ts';
import { listedIn } from './ports/listed-findings.ts';
import { type FindingNeeds, serviceNamed } from './ports/located-finding.ts';
import type { PolicySnapshot } from './ports/policy.ts';
import { type FoundIn, serviceFindings } from './ports/service-findings.ts';
import { type AnswerNeeds, unlessUnknown } from './ports/triage-answer.ts';
import type { Assignments } from './ports/triage-store.ts';

type Needs = FindingNeeds & AnswerNeeds;

export type FindingLists = ReturnType<typeof createFindingLists>;

/** What is found and what becomes of it, for whoever may read. Changes nothing. Each rejects when the store does not answer. */
export function createFindingLists(needs: Needs) {
  return {
    list: (by: PersonActor, filter: FindingFilter): Promise<FindingList | TriageRefusal> =>
      unlessUnknown(needs, by, () => listFor(needs, filter, by)),
    /** For whoever runs the bot: of one service. */
    ofService: (filter: FindingFilter & { readonly service: string }): Promise<FindingList | TriageRefusal> =>
      listFor(needs, filter),
  };
}

const MOST_SCOPES = 2_000;

async function listFor(needs: Needs, wanted: FindingFilter, by?: PersonActor): Promise<FindingList | TriageRefusal> {
  const policy = await needs.policy.current();
  if (policy.contract === undefined) return { code: 'no-contract' };
  const known = [...policy.contract.environments.keys()];
  const filter = meant(policy, wanted, by !== undefined);
  const { environment, service, decision } = filter;
  if (environment !== undefined && !known.includes(environment)) return { code: 'unknown-environment', known };
  const environments = environment === undefined ? known : [environment];
  const now = needs.clock.now();
  const mine = service === undefined && by !== undefined ? await mineOf(needs, policy, by.oid) : undefined;
  const names = service === undefined ? (mine?.services ?? []) : [service];
  const most = Math.max(1, Math.floor(MOST_SCOPES / ((environments.length + 1) * needs.orgs.length)));
  const read = await inLanes(names.slice(0, most), (name) =>
    readService(needs, policy, { service: name, environments, withMonitored: decision === 'monitor', now }),
  );
  const isEmpty = read.every(({ found }) => found.every(({ groups }) => groups.length === 0));
  if (service !== undefined && !policy.catalog.services.has(service) && isEmpty)
    return { code: 'unknown-service', known: [...policy.catalog.services.keys()] };
  if (mine !== undefined) await forgetWhereNothing(needs, mine, read, now);
  const all = await withPeople(needs, read, now);
  const rows = all
    .filter((row) => isWanted(row, decision) && (mine === undefined || isMine(row, mine)))
    .sort(byUrgency);
  const unread = names.length - Math.min(names.length, most);
  const contexts = contextsIn(
    policy.catalog,
    rows.map(({ group }) => group.service),
  );
  return { filter, at: now, rows, counts: findingCounts(rows), contexts, unread };
}

/** One name may be that of an environment, if no service has it. */
function meant(
  policy: PolicySnapshot,
  { service: written, ...filter }: FindingFilter,
  mayBeEnvironment: boolean,
): FindingFilter {
  if (written === undefined) return filter;
  const service = serviceNamed(policy, written);
  const isEnvironment = policy.contract?.environments.has(written) === true && !policy.catalog.services.has(service);
  return mayBeEnvironment && isEnvironment && filter.environment === undefined
    ? { ...filter, environment: written }
    : { ...filter, service };
}

interface Mine {
  readonly oid: string;
  readonly principals: ReadonlySet<Principal>;
  readonly services: readonly string[];
  readonly assigned: readonly Assignments[];
}

async function mineOf({ directory, triage }: Needs, policy: PolicySnapshot, of: string): Promise<Mine> {
  const oid = of.toLowerCase();
  const [{ principals, services }, assigned] = await Promise.all([
    concernOf(directory, policy, oid),
    triage.assignedTo(oid),
  ]);
  return { oid, principals, services: [...new Set([...services, ...assigned.map((one) => one.service)])], assigned };
}

function isMine({ group: { owner, lead }, claims }: ListedGroup, { oid, principals }: Mine): boolean {
  return (
    [owner, ...(lead === undefined ? [] : [lead])].some((one) => principals.has(one)) ||
    claims.some((one) => one.oid === oid)
  );
}

function isWanted({ group }: ListedGroup, decision: DecisionClass | undefined): boolean {
  return decision === undefined ? group.decision !== 'monitor' : group.decision === decision;
}

interface ReadService {
  readonly found: readonly FoundIn[];
  /** By organization. */
  readonly triages: ReadonlyMap<string, ReadonlyMap<string, Triage>>;
}

async function readService(
  { scopes, triage, orgs }: Needs,
  policy: PolicySnapshot,
  wanted: Omit<Parameters<typeof serviceFindings>[2], 'org'>,
): Promise<ReadService> {
  const read = await Promise.all(
    orgs.map(async (org) => {
      const [found, triages] = await Promise.all([
        serviceFindings(scopes, policy, { org, ...wanted }),
        triage.of(org, wanted.service),
      ]);
      return { org, found, triages };
    }),
  );
  return {
    found: read.flatMap(({ found }) => found),
    triages: new Map(read.map(({ org, triages }) => [org, triages])),
  };
}

/** Longer than a commit takes for which the pointer was written. */
const FORGOTTEN_AFTER_MINUTES = 10;

async function forgetWhereNothing(
  { triage }: Needs,
  mine: Mine,
  read: readonly ReadService[],
  now: string,
): Promise<void> {
  const services = new Map(
    read.flatMap(({ found, triages }) => found.map(({ service }) => [service, triages] as const)),
  );
  for (const one of mine.assigned) {
    const there = services.get(one.service)?.get(one.org);
    const isOld = plusMinutes(one.at, FORGOTTEN_AFTER_MINUTES) < now;
    const hasNothing = there !== undefined && ![...there.values()].some(({ assignee }) => assignee === mine.oid);
    if (isOld && hasNothing) await triage.assignedNothing(mine.oid, one);
  }
}

async function withPeople({ directory }: Needs, read: readonly ReadService[], now: string): Promise<ListedGroup[]> {
  const holders = await holdersOf(directory, {
    oids: read.flatMap(({ found, triages }) => assigneesIn(found, triages)),
    principals: read.flatMap(({ found }) => found.flatMap(({ groups }) => groups.map(({ owner }) => owner))),
  });
  return read.flatMap(({ found, triages }) =>
    found.flatMap((place) => listedIn(place, triages.get(place.org), holders, now)),
  );
}

/** Only of what is open: whoever had what is gone need not be asked about. */
function assigneesIn(found: readonly FoundIn[], triages: ReadService['triages']): string[] {
  return found.flatMap(({ org, groups }) =>
    groups.flatMap((group) =>
      [...printsOf(group), ...[...duplicatePrints(group).values()].flat()].flatMap(
        (print) => triages.get(org)?.get(print)?.assignee ?? [],
      ),
    ),
  );
}
