import { DECISION_CLASSES, type DecisionClass } from './contract.ts';
import { SEVERITIES } from './finding.ts';
import { duplicatePrints, type OpenGroup, printsOf, type ServiceContext } from './judgement.ts';
import { isOverdue, isSnoozed, isUnowned, latestWord, type People, type Snooze, type Triage } from './triage.ts';

/** Whoever has some of a group; without a name they are gone, and what they had is unowned. */
export interface Claim {
  readonly oid: string;
  readonly name?: string;
  readonly count: number;
}

/** A group of findings in one environment, and what people do with them. */
export interface ListedGroup {
  readonly org: string;
  readonly environment: string;
  readonly group: OpenGroup;
  readonly isOverdue: boolean;
  /** False: nobody is left of its owners. */
  readonly hasOwner: boolean;
  /** Findings that nobody mends. */
  readonly unowned: number;
  /** Those who have the most first. */
  readonly claims: readonly Claim[];
  /** What is kept quiet now, the most first. */
  readonly snoozes: readonly { readonly snooze: Snooze; readonly count: number }[];
}

export interface Listing {
  readonly org: string;
  readonly environment: string;
  readonly group: OpenGroup;
}

/** How one group stands; `nameOf` is undefined for whoever has left. */
export function listedGroup(
  { org, environment, group }: Listing,
  triages: ReadonlyMap<string, Triage>,
  people: People & { readonly nameOf: (oid: string) => string | undefined },
  now: string,
): ListedGroup {
  const prints = printsOf(group);
  const others = duplicatePrints(group);
  const known = prints.flatMap((print) => latestWord(triages, [print, ...(others.get(print) ?? [])]) ?? []);
  const untouched = group.count - known.length;
  return {
    ...{ org, environment, group },
    isOverdue: isOverdue(group, now),
    hasOwner: people.hasOwner,
    unowned: known.filter((one) => isUnowned(one, people)).length + (isUnowned(undefined, people) ? untouched : 0),
    claims: counted(known, ({ assignee }) => assignee).map(([oid, count]) => {
      const name = people.isActive(oid) ? people.nameOf(oid) : undefined;
      return { oid, ...(name === undefined ? {} : { name }), count };
    }),
    snoozes: counted(known, (one) => (isSnoozed(one, group, now) ? JSON.stringify(one.snoozed) : undefined)).map(
      ([snooze, count]) => ({ snooze: JSON.parse(snooze) as Snooze, count }),
    ),
  };
}

function counted(all: readonly Triage[], of: (one: Triage) => string | undefined): [string, number][] {
  const named = all.flatMap((one) => of(one) ?? []);
  return [...Map.groupBy(named, (one) => one)]
    .map(([one, found]): [string, number] => [one, found.length])
    .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
}

/** Findings that are kept quiet now. */
export function quiet({ snoozes }: ListedGroup): number {
  return snoozes.reduce((sum, { count }) => sum + count, 0);
}

/** What stops a deployment first, then what is overdue, then by severity and date; what is quiet altogether last. */
export function byUrgency(a: ListedGroup, b: ListedGroup): number {
  const [first, second] = [orderOf(a), orderOf(b)];
  return first < second ? -1 : Number(first > second);
}

function orderOf(listed: ListedGroup): string {
  const { group, environment, org } = listed;
  const digit = (yes: boolean) => (yes ? '0' : '1');
  return [
    digit(quiet(listed) < group.count),
    DECISION_CLASSES.indexOf(group.decision),
    digit(listed.isOverdue),
    SEVERITIES.indexOf(group.severity),
    group.dueAt ?? '~',
    group.service,
    environment,
    group.rule,
    group.tool,
    org,
    printsOf(group)[0] ?? '',
  ].join('\n');
}

/** How many findings there are, how many of them wait for somebody. */
export interface FindingCounts extends Readonly<Record<DecisionClass, number>> {
  /** Of what blocks, what the last deployment had shipped before it was found; not in `block`. */
  readonly foundAfter: number;
  readonly overdue: number;
  readonly unowned: number;
  readonly snoozed: number;
}

export function findingCounts(all: readonly ListedGroup[]): FindingCounts {
  const sum = (of: (one: ListedGroup) => number) => all.reduce((total, one) => total + of(one), 0);
  const shipped = sum(({ group }) => (group.foundAfter === undefined ? 0 : group.count));
  const decided = (decision: DecisionClass) => sum(({ group }) => (group.decision === decision ? group.count : 0));
  return {
    block: decided('block') - shipped,
    foundAfter: shipped,
    warn: decided('warn'),
    monitor: decided('monitor'),
    overdue: sum(({ isOverdue: late, group }) => (late ? group.count : 0)),
    unowned: sum(({ unowned }) => unowned),
    snoozed: sum(quiet),
  };
}

export interface FindingFilter {
  /** In any case of its letters; absent: what the person answers for. One name may be that of an environment. */
  readonly service?: string;
  readonly environment?: string;
  /** Absent: what blocks or warns. */
  readonly decision?: DecisionClass;
}

export interface FindingList {
  readonly filter: FindingFilter;
  /** ISO-8601 UTC. */
  readonly at: string;
  /** The most urgent first. */
  readonly rows: readonly ListedGroup[];
  readonly counts: FindingCounts;
  /** Of the services in the rows, as far as the catalog knows them. */
  readonly contexts: readonly ServiceContext[];
  /** Services that were not read, because they are too many. */
  readonly unread: number;
}
