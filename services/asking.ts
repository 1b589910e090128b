import { dateIn } from './domain/calendar.ts';
import { candidatesAmong, humansOf, labelOf, tooFew } from './domain/exclusion.ts';
import type { Ask, AskLevel, Gate } from './domain/gate.ts';
import type { Obstacle } from './domain/judgement.ts';
import { aliasesOf, humanOf, type Person, type Principal } from './domain/person.ts';
import { type Demand, principalsOf, unfilledLevel } from './domain/quorum.ts';
import type { Freeze, Level, Route, RouteSubject } from './domain/route.ts';
import { chooseRoute, organizationName, placeOf } from './domain/routing.ts';
import type { RunSources } from './domain/run.ts';
import { deadlineOf, escalationOf, reminderOf } from './domain/schedule.ts';
import type { Covers } from './ports/covers.ts';
import type { Directory } from './ports/directory.ts';
import type { AskBasis, Asked, AskPeople } from './ports/evaluation.ts';
import type { PolicySnapshot } from './ports/policy.ts';
import { standInsOf } from './ports/standing.ts';

interface Needs {
  readonly directory: Directory;
  readonly covers: Covers;
}

/** Whom a gate asks: every route of its services, level by level, without those who are excluded. */
export function createAskPeople(needs: Needs): AskPeople {
  return async (gate, basis, now) => {
    const { contract, environment, policy } = basis;
    const routes = routesOf(gate, policy);
    const blockedBy = (kind: Obstacle['kind'], detail: string, tell: Principal = contract.owner): Asked => ({
      obstacle: { kind, detail, tell },
    });
    if (typeof routes === 'string') return blockedBy('no-route', routes);
    const requesters = await requestersOf(needs.directory, basis.sources);
    if (environment.tier === 'production' && requesters.unknown !== undefined)
      return blockedBy('requester-unknown', requesters.unknown);
    const sources = { ...basis.sources, requesterAliases: requesters.aliases };
    const today = dateIn(contract.calendar, now);
    const staffed = await staff(needs, gate, sources, routes, today, now);
    const short = staffed[unfilledLevel(staffed.map(({ demand }) => demand)) ?? -1];
    if (short !== undefined) {
      return blockedBy('too-few-approvers', tooFew(short.level), short.route.escalateTo);
    }
    return asked(needs, gate, { ...basis, sources }, routes, staffed, today, now);
  };
}

/** The narrowest route of each service, each once; a sentence when one has none. */
function routesOf(gate: Gate, policy: PolicySnapshot): Route[] | string {
  const broken = gate.services.find((name) => policy.brokenRoutes.has(name));
  if (broken !== undefined) return policy.brokenRoutes.get(broken) ?? broken;
  const routes = gate.services.map((name) => chooseRoute(policy.routes, subjectOf(gate, name, policy)));
  const found = routes.filter((route) => route !== undefined);
  if (found.length < gate.services.length) return `${gate.services.join(', ')} in ${gate.environment}`;
  return [...new Set(found)];
}

function subjectOf(gate: Gate, name: string, policy: PolicySnapshot): RouteSubject {
  return {
    ...placeOf(name, gate.environment, policy.catalog.services.get(name)),
    pipeline: gate.run.pipeline.name,
    project: gate.run.project,
    organization: organizationName(gate.door.organization),
  };
}

interface Requesters {
  /** A human who matches nobody could be any of the approvers: nobody may approve (contract.md). */
  readonly unknown?: string;
  /** Whatever else the directory knows them by: another account may be named in theirs alone. */
  readonly aliases: readonly string[];
}

async function requestersOf(directory: Directory, { requesters }: RunSources): Promise<Requesters> {
  if (requesters.length === 0) return { unknown: 'the run names no requester', aliases: [] };
  const aliases: string[] = [];
  for (const identity of humansOf(requesters)) {
    const people = await directory.matching(identity);
    if (people.length === 0) return { unknown: labelOf(identity), aliases: [] };
    aliases.push(...people.flatMap(aliasesOf));
  }
  return { aliases: [...new Set(aliases)].sort() };
}

/** A level with its people. */
interface Staffed {
  readonly route: Route;
  readonly level: AskLevel;
  readonly demand: Demand;
}

async function staff(
  needs: Needs,
  gate: Gate,
  sources: RunSources,
  routes: readonly Route[],
  today: string,
  now: string,
): Promise<Staffed[]> {
  const covers = await needs.covers.inForce(now);
  const wanted = routes.flatMap((route) => [
    ...route.levels.map((level) => ({ route, level, freeze: undefined })),
    ...frozenAt(route, today).map((freeze) => ({ route, level: { quorum: 1, from: [freeze.level] }, freeze })),
  ]);
  const known: Person[] = [];
  const staffed: Staffed[] = [];
  for (const { route, level, freeze } of wanted) {
    const escalatedTo = gate.escalatedAt === undefined ? undefined : route.escalateTo;
    const people = await membersOf(needs.directory, level, escalatedTo);
    const standIns = await standInsOf(needs.directory, people, covers, sources, route.never);
    const { eligible, excluded } = candidatesAmong(people, sources, route.never);
    const all = [...eligible, ...standIns.filter(({ oid }) => !eligible.some((one) => one.oid === oid))];
    const humans = all.map(({ oid, covers: absent }) => humanOf(known, people, absent?.oid ?? oid));
    staffed.push({
      route,
      level: {
        route: route.source,
        quorum: level.quorum,
        from: level.from,
        eligible: all,
        excluded,
        ...(freeze === undefined ? {} : { frozenUntil: freeze.until }),
        ...(escalatedTo === undefined ? {} : { escalatedTo }),
      },
      demand: { route: route.source, quorum: level.quorum, humans },
    });
  }
  return staffed;
}

function frozenAt({ freezes }: Route, today: string): readonly Freeze[] {
  return freezes.filter(({ from, until }) => from <= today && today <= until);
}

async function membersOf(directory: Directory, { from }: Level, escalatedTo: Principal | undefined): Promise<Person[]> {
  const principals = principalsOf({ from, ...(escalatedTo === undefined ? {} : { escalatedTo }) });
  const members = await Promise.all(principals.map((principal) => directory.membersOf(principal)));
  return [...new Map(members.flat().map((person) => [person.oid, person])).values()];
}

async function asked(
  { directory }: Needs,
  gate: Gate,
  { contract, policy, sources }: AskBasis,
  routes: readonly Route[],
  staffed: readonly Staffed[],
  today: string,
  now: string,
): Promise<Asked> {
  const calendars = gate.services.map((name) => policy.catalog.services.get(name)?.calendar ?? contract.calendar);
  const deadline = deadlineOf(routes, calendars, gate.receivedAt);
  const closesAt = deadline === undefined || gate.closesAt < deadline ? gate.closesAt : deadline;
  const [remindAt, escalateAt] = [reminderOf(routes, calendars, now), escalationOf(routes, calendars, now, closesAt)];
  const ask: Ask = {
    levels: staffed.map(({ level }) => level),
    excludes: [...new Set(routes.flatMap(({ never }) => never))],
    unmatched: await unmatchedAuthors(directory, sources),
    channels: [...new Set(routes.flatMap(({ post }) => (post.channel === undefined ? [] : [post.channel])))],
    dm: routes.some(({ post }) => post.dm),
    comment: commentOf(routes, today),
    ...(deadline === undefined ? {} : { deadline }),
  };
  return {
    ask,
    requesterAliases: sources.requesterAliases ?? [],
    ...(remindAt === undefined ? {} : { remindAt }),
    ...(escalateAt === undefined ? {} : { escalateAt }),
  };
}

/** Of several routes, and of a freeze, the strictest. */
function commentOf(routes: readonly Route[], today: string): Ask['comment'] {
  const isFrozen = routes.some((route) => frozenAt(route, today).some(({ reason }) => reason === 'required'));
  const needed = (verdict: 'approve' | 'reject') => routes.some(({ comment }) => comment[verdict] === 'required');
  return {
    approve: isFrozen || needed('approve') ? 'required' : 'optional',
    reject: needed('reject') ? 'required' : 'optional',
  };
}

const UNMATCHED_SHOWN = 10;

async function unmatchedAuthors(directory: Directory, sources: RunSources): Promise<string[]> {
  const labels = new Set<string>();
  for (const author of humansOf(sources.authors)) {
    if ((await directory.matching(author)).length === 0) labels.add(labelOf(author));
  }
  return [...labels].sort().slice(0, UNMATCHED_SHOWN);
}
