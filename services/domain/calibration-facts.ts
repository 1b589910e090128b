import type { ActiveException } from './active-exception.ts';
import { NOTHING, sum, type Tallies, type Tally, type Window } from './calibration-tally.ts';
import type { Service } from './catalog.ts';
import type { Contract } from './contract.ts';
import type { Category } from './finding.ts';
import { minuteOf } from './finding-history.ts';
import { decisionsOf, type JudgedService } from './judge.ts';
import { duplicatePrints, type JudgedGroup } from './judgement.ts';
import type { KnownExploited } from './known-exploited.ts';
import { joinedSpreads, type Spread } from './ladder.ts';
import { joined, type Pasts } from './past.ts';
import { controlFor } from './rule-match.ts';
import type { FindingGroup, ScanHead } from './scan-head.ts';
import type { ScopedVex } from './vex.ts';

/** What happened to one finding, as its history noted it; `category` and `rule` where its report was still there. */
export interface LifeEvent {
  readonly kind: 'first-seen' | 'gone' | 'reopened';
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly tool: string;
  readonly category?: Category;
  readonly rule?: string;
}

/** What one scope of a service knows. */
export interface ScopeFacts {
  readonly org: string;
  /** `-` stands for every environment. */
  readonly environment: string;
  /** The newest scans of the default branch. */
  readonly heads: readonly ScanHead[];
  readonly vex?: readonly ScopedVex[];
  readonly exceptions: readonly ActiveException[];
  readonly pasts: Pasts;
  readonly spreads: ReadonlyMap<string, Spread>;
  /** Fingerprint → its events, of all to which something has happened in the window. */
  readonly events: ReadonlyMap<string, readonly LifeEvent[]>;
}

export interface ServiceFacts {
  readonly service: Service;
  readonly scopes: readonly ScopeFacts[];
  readonly knownExploited?: KnownExploited;
}

/**
 * The findings of one service. A scope counts by itself, as it does for sightings; what two organizations were told of one
 * is counted once.
 */
export function tallied(contract: Contract, facts: ServiceFacts, window: Window): Tallies {
  const { blocks, exceptions, names } = judgedIn(contract, facts, window.now);
  const open = [...openFindings(contract, facts, names).values()];
  const excepted = new Set([...exceptions.values()].flatMap(({ print, others }) => [print, ...others]));
  const lives = livesIn(contract, facts, window);
  const seen = [...open, ...lives].flatMap(({ control }) => control ?? []);
  const byControl = [...new Set(seen)].map((name): [string, Tally] => {
    const own = <T extends { readonly control?: string | undefined }>(all: Iterable<T>) =>
      [...all].filter(({ control }) => control === name);
    const parts = [
      ...own(open).map((one) => ofOpen(one, excepted, window)),
      ...own(lives).map(({ tally }) => tally),
      { ...NOTHING, blocking: countOf(own(blocks.values())), excepted: countOf(own(exceptions.values())) },
    ];
    return [name, { ...sum(parts), services: 1 }];
  });
  const strays = lives.filter(({ control }) => control === undefined);
  return { byControl: new Map(byControl), unknown: strays.reduce((all, { tally }) => all + tally.gone, 0) };
}

interface OpenFinding {
  readonly control: string;
  readonly print: string;
  readonly count: number;
  readonly suppressed: boolean;
  /** Minute; absent: not known. */
  readonly firstSeen?: number;
}

/** Findings that are too many to be listed count together, by the one that is furthest on; `names`: what is one by several. */
function openFindings(
  contract: Contract,
  { scopes }: ServiceFacts,
  names: ReadonlyMap<string, string>,
): ReadonlyMap<string, OpenFinding> {
  const open = new Map<string, OpenFinding>();
  for (const { environment, heads, pasts } of scopes) {
    const found = heads.flatMap((head) => head.groups.flatMap((group) => openIn(contract, head, group, pasts)));
    for (const one of found) {
      const id = `${environment} ${one.control} ${names.get(one.print) ?? one.print}`;
      open.set(id, joinedWith(open.get(id), one));
    }
  }
  return open;
}

function openIn(contract: Contract, head: ScanHead, group: FindingGroup, pasts: Pasts): OpenFinding[] {
  const control = controlFor(contract, head, group.rule)?.name;
  if (control === undefined) return [];
  return membersOf(head, group, pasts).map((one) => ({ ...one, control, suppressed: group.suppressed }));
}

function membersOf(head: ScanHead, group: FindingGroup, pasts: Pasts) {
  const seen = (firstSeen: number | undefined) => (firstSeen === undefined ? {} : { firstSeen });
  if (group.fingerprints.length === 0) {
    const print = unlistedPrint({ ...group, tool: head.tool });
    return [{ print, count: group.count, ...seen(group.past?.firstSeen) }];
  }
  return group.fingerprints.map((one) => ({
    print: one,
    count: 1,
    ...seen((pasts.get(one) ?? group.past)?.firstSeen),
  }));
}

function unlistedPrint({
  tool,
  rule,
  severity,
  unlisted = '-',
}: Pick<JudgedGroup, 'tool' | 'rule' | 'severity'> & { readonly unlisted?: string }): string {
  return JSON.stringify([tool, rule, severity, unlisted]);
}

/** What two organizations, or two reports of one tool, know of the same finding: the older, and noise if it is any. */
function joinedWith(a: OpenFinding | undefined, b: OpenFinding): OpenFinding {
  if (a === undefined) return b;
  const known = [a, b].flatMap(({ firstSeen }) => firstSeen ?? []);
  return {
    ...a,
    count: Math.max(a.count, b.count),
    suppressed: a.suppressed || b.suppressed,
    ...(known.length === 0 ? {} : { firstSeen: Math.min(...known) }),
  };
}

function ofOpen(
  { print, count, suppressed, firstSeen }: OpenFinding,
  excepted: ReadonlySet<string>,
  { since }: Window,
): Tally {
  return {
    ...NOTHING,
    open: count,
    appeared: firstSeen !== undefined && firstSeen >= minuteOf(since) ? count : 0,
    noise: suppressed || excepted.has(print) ? count : 0,
    ...(firstSeen === undefined ? {} : { oldest: firstSeen, since: firstSeen }),
  };
}

interface Judged {
  /** Absent: no control matches; then nothing of it blocks. */
  readonly control: string | undefined;
  readonly count: number;
  readonly print: string;
  /** What other tools call it. */
  readonly others: readonly string[];
}

/** What the contract says to it in each of its environments, as a gate there would judge it now. */
function judgedIn(contract: Contract, { service, scopes, ...beside }: ServiceFacts, now: string) {
  const blocks = new Map<string, Judged>();
  const exceptions = new Map<string, Judged>();
  const names = new Map<string, string>();
  for (const own of Map.groupBy(scopes, ({ org }) => org).values()) {
    for (const environment of contract.environments.values()) {
      const read = own.filter((one) => ['-', environment.name].includes(one.environment));
      const services = [judgedService(service, read)];
      const input = { contract, ...beside, environment, services, arrivedAt: now, now, obstacles: [] };
      const judged = decisionsOf(input).map((decided) => decided.judged);
      note(blocks, environment.name, judged.filter(isBlock));
      note(exceptions, environment.name, judged.filter(isExcepted));
      for (const group of judged) noteNames(names, group);
    }
  }
  return { blocks, exceptions, names };
}

/** Whichever of its tools' findings stands for it in an environment, a finding is one. */
function noteNames(into: Map<string, string>, group: JudgedGroup): void {
  for (const [print, others] of duplicatePrints(group)) {
    const all = [print, ...others].sort();
    for (const name of all) into.set(name, all[0] ?? name);
  }
}

function judgedService(service: Service, read: readonly ScopeFacts[]): JudgedService {
  const heads = read.flatMap((one) => one.heads);
  return {
    name: service.name,
    service,
    heads,
    vex: read.flatMap(({ vex = [] }) => vex),
    exceptions: read.flatMap((one) => one.exceptions),
    commits: heads.map(({ commit }) => commit),
    pasts: read.map(({ pasts }) => pasts).reduce(joined, new Map()),
    spreads: joinedSpreads(read.map(({ spreads }) => spreads)),
  };
}

function isBlock({ decision }: JudgedGroup): boolean {
  return decision === 'block';
}

function isExcepted({ decision, exceptionId }: JudgedGroup): boolean {
  return decision === 'warn' && exceptionId !== undefined;
}

/** One entry for each finding, so that whatever is judged twice is counted once, at its most. */
function note(into: Map<string, Judged>, environment: string, groups: readonly JudgedGroup[]): void {
  for (const group of groups) {
    const { control, fingerprints } = group;
    const prints = fingerprints.length === 0 ? [unlistedPrint(group)] : fingerprints;
    const count = fingerprints.length === 0 ? group.count : 1;
    const duplicates = duplicatePrints(group);
    for (const print of prints) {
      const id = `${environment} ${control} ${print}`;
      const others = duplicates.get(print) ?? [];
      into.set(id, { control, count: Math.max(count, into.get(id)?.count ?? 0), print, others });
    }
  }
}

function countOf(judged: readonly Judged[]): number {
  return judged.reduce((all, { count }) => all + count, 0);
}

interface Life {
  readonly control: string | undefined;
  readonly tally: Tally;
}

function livesIn(contract: Contract, { scopes }: ServiceFacts, window: Window): Life[] {
  const events = new Map<string, LifeEvent[]>();
  for (const { environment, events: own } of scopes) {
    for (const [print, life] of own) {
      const id = `${environment} ${print}`;
      events.set(id, [...(events.get(id) ?? []), ...life]);
    }
  }
  return [...events.values()].map((life) => lifeOf(contract, inOrder(life), window));
}

/** Told by two organizations, an event is one. */
function inOrder(life: readonly LifeEvent[]): LifeEvent[] {
  const byId = new Map<string, LifeEvent>();
  for (const event of life) {
    const id = `${event.at} ${event.kind}`;
    const known = byId.get(id);
    if (known === undefined || (known.rule ?? '') < (event.rule ?? '')) byId.set(id, event);
  }
  return [...byId].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, event]) => event);
}

function lifeOf(contract: Contract, life: readonly LifeEvent[], { since }: Window): Life {
  const named = life.findLast(({ rule, category }) => rule !== undefined && category !== undefined);
  const { tool = '', category, rule = '' } = named ?? {};
  const control = category === undefined ? undefined : controlFor(contract, { category, tool }, rule)?.name;
  const first = life[0];
  const begun = first?.kind === 'first-seen' ? minuteOf(first.at) : undefined;
  const gone = life.filter(({ kind, at }) => kind === 'gone' && at >= since);
  const isNoEnd = ({ at }: LifeEvent) => life.some(({ kind, at: back }) => kind === 'reopened' && back > at);
  return {
    control,
    tally: {
      ...NOTHING,
      gone: gone.length,
      cameBack: gone.filter(isNoEnd).length,
      fixMinutes: begun === undefined ? [] : gone.map(({ at }) => minuteOf(at) - begun),
      ...(begun === undefined ? {} : { since: begun }),
    },
  };
}
