import { longSpan } from './calendar.ts';
import type { Catalog } from './catalog.ts';
import type { Calendar, Contract } from './contract.ts';
import { LONGEST_WAIT_HOURS } from './gate.ts';
import { isSamePerson, nameIn, type Person } from './person.ts';
import { unfilledLevel } from './quorum.ts';
import { type Remark, remark } from './remark.ts';
import type { Level, Route } from './route.ts';

/** The people of a directory and its groups: name → object ids. */
export interface WhoIsWho {
  readonly people: ReadonlyMap<string, Person>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

interface LintedRoutes {
  readonly contract: Contract;
  readonly catalog: Catalog;
  readonly routes: readonly Route[];
  readonly directory?: WhoIsWho;
  /** ISO date. */
  readonly today: string;
}

/** A route and its place: file, and which one in it. */
interface PlacedRoute {
  readonly route: Route;
  readonly file: string;
  readonly index: number;
}

export function lintRoutes(linted: LintedRoutes): Remark[] {
  const placed = placedRoutes(linted.routes);
  const { directory } = linted;
  return [
    ...longDeadlines(linted, placed),
    ...(directory === undefined ? [] : placed.flatMap((one) => fewApprovers(one, directory))),
  ];
}

/** In a file routes stand in the order in which they were read. */
function placedRoutes(routes: readonly Route[]): PlacedRoute[] {
  const read = new Map<string, number>();
  return routes.map((route) => {
    const file = route.source.slice(0, route.source.lastIndexOf(':'));
    const index = read.get(file) ?? 0;
    read.set(file, index + 1);
    return { route, file, index };
  });
}

/** Said once: with a free weekend in the calendar it is so for every route, and the first one shows when. */
function longDeadlines(linted: LintedRoutes, placed: readonly PlacedRoute[]): Remark[] {
  const long = placed.flatMap((one) => {
    const span = longSpanOf(linted, one.route);
    return span === undefined ? [] : [{ ...one, span }];
  });
  const [first] = long;
  if (first === undefined) return [];
  const others = long.length === 1 ? '' : ` (and so for ${long.length - 1} more)`;
  const until = first.span.until === undefined ? 'is not over within a year' : `ends ${minute(first.span.until)}`;
  const message = `in working time asked ${minute(first.span.from)} ${until}${others}, but a pipeline waits ${LONGEST_WAIT_HOURS} hours at most: such a request ends earlier; escalate before, or count every hour with clock: wall`;
  return [remark('long-deadline', { file: first.file, path: ['routes', first.index, 'deadline'] }, message)];
}

function longSpanOf(linted: LintedRoutes, { deadline, match }: Route) {
  if (deadline === undefined || deadline.clock === 'wall') return undefined;
  const spans = calendarsOf(linted, match.service).map((calendar) =>
    longSpan(calendar, `${linted.today}T00:00:00.000Z`, deadline.minutes, LONGEST_WAIT_HOURS),
  );
  return spans.find((span) => span !== undefined);
}

/** Of those who can be asked: the service's, else the contract's and every other that a service has. */
function calendarsOf({ contract, catalog }: LintedRoutes, service: string | undefined): readonly Calendar[] {
  const services = [...catalog.services.values()];
  const named = services.find(({ name }) => name.toLowerCase() === service?.toLowerCase());
  if (named !== undefined) return [named.calendar ?? contract.calendar];
  return [contract.calendar, ...services.flatMap(({ calendar }) => calendar ?? [])];
}

function minute(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
}

/** Levels of one deployment, those of a freeze among them, and where the level that may lack people stands. */
interface Staffing {
  readonly levels: readonly Level[];
  pathOf(level: number): readonly (string | number)[];
}

function fewApprovers({ route, file, index }: PlacedRoute, directory: WhoIsWho): Remark[] {
  const ordinary: Staffing = { levels: route.levels, pathOf: (level) => ['levels', level] };
  const frozen = route.freezes.map(
    ({ level }, at): Staffing => ({
      levels: [...route.levels, { quorum: 1, from: [level] }],
      pathOf: (position) => (position < route.levels.length ? ['levels', position] : ['freezes', at, 'level']),
    }),
  );
  for (const { levels, pathOf } of [ordinary, ...frozen]) {
    const lack = lackIn(levels, route, directory);
    if (lack === undefined) continue;
    return [remark('few-approvers', { file, path: ['routes', index, ...pathOf(lack.level)] }, lack.message)];
  }
  return [];
}

/** Whether the levels can be filled, and still can when any one person is excluded. */
function lackIn(levels: readonly Level[], { never }: Route, directory: WhoIsWho) {
  const known: Person[] = [];
  const demands = levels.map(({ quorum, from }) => ({
    route: '',
    quorum,
    humans: [...new Set(peopleOf(from, directory).map((person) => humanOf(known, person)))],
  }));
  const empty = unfilledLevel(demands);
  if (empty !== undefined) {
    const message = `asks for ${demands[empty]?.quorum}, and the directory has too few who may approve and do not fill another level: add people or ask for fewer`;
    return { level: empty, message };
  }
  for (const person of never.length === 0 ? [] : known) {
    const left = demands.map((demand) => ({ ...demand, humans: demand.humans.filter((id) => id !== person.oid) }));
    const level = unfilledLevel(left);
    if (level === undefined) continue;
    const message = `has too few people for its quorum of ${demands[level]?.quorum} once ${person.name} is excluded (${never.join(', ')}): add people`;
    return { level, message };
  }
  return undefined;
}

function peopleOf(from: Level['from'], { people, groups }: WhoIsWho): Person[] {
  const oids = from.flatMap((principal) => {
    const name = nameIn(principal);
    return principal.startsWith('group:') ? (groups.get(name) ?? []) : [name];
  });
  return oids.flatMap((oid) => people.get(oid) ?? []).filter(({ guest, disabled }) => !guest && !disabled);
}

/** One id for all accounts of a human. */
function humanOf(known: Person[], person: Person): string {
  const same = known.find((one) => isSamePerson(one, person));
  if (same === undefined) known.push(person);
  return (same ?? person).oid;
}
