import type { PlatformIdentity, ReachFact } from '../domain/platform.ts';
import { isEverybody } from '../domain/wide-group.ts';
import { isDescriptor } from './platform-people-paths.ts';
import { isEntraGroup, isOwnGroup } from './platform-subjects.ts';

/** Who was given a role, before anybody is known by more than an id. */
export interface ReachRoot {
  readonly role: ReachFact['role'];
  readonly subject: string;
  readonly name: string;
  /** Storage keys, identities as access control lists name them, or descriptors of Graph; ''  is known by its name alone. */
  readonly holders: readonly { readonly key: string; readonly name: string }[];
}

/** What has been found out of people and groups: each is asked about once, however often it comes up. */
export interface ReachKnowledge {
  readonly roots: readonly ReachRoot[];
  /** Descriptor of each holder that is none; '': Azure DevOps knows nobody of this id. */
  readonly identities: Readonly<Record<string, string>>;
  /** Who stands in a group of Azure DevOps, and how many more. */
  readonly members: Readonly<Record<string, { readonly listed: readonly string[]; readonly more: number }>>;
  /** By descriptor; null: deleted. */
  readonly subjects: Readonly<Record<string, PlatformIdentity | null>>;
  /** By descriptor of a group of Entra; null: nobody could tell. */
  readonly entra: Readonly<Record<string, readonly PlatformIdentity[] | null>>;
}

/** What is there to be listed of all roles together; the more roles, the fewer of each. */
const LISTED_AT_ALL = 2_000;
const MOST_LISTED = 100;
const LEAST_LISTED = 5;

export function descriptorOf({ identities }: Pick<ReachKnowledge, 'identities'>, key: string): string | undefined {
  return isDescriptor(key) ? key : identities[key];
}

/** Every identity that is reached from the roles so far, groups and people alike. */
export function reached(known: ReachKnowledge): string[] {
  const held = known.roots.flatMap(({ holders }) => holders.flatMap(({ key }) => descriptorOf(known, key) || []));
  const seen = new Set(held);
  for (const one of seen) for (const member of known.members[one]?.listed ?? []) seen.add(member);
  return [...seen];
}

/** Whether the members of this group are worth asking for: of everybody nobody is a member in particular. */
export function isOpened({ subjects }: ReachKnowledge, descriptor: string): boolean {
  const subject = subjects[descriptor];
  return subject !== undefined && subject !== null && !isEverybody(subject.name);
}

export function factsOf(known: ReachKnowledge): ReachFact[] {
  const share = Math.floor(LISTED_AT_ALL / Math.max(known.roots.length, 1));
  const most = Math.min(MOST_LISTED, Math.max(LEAST_LISTED, share));
  return known.roots.map((root) => factOf(known, root, most));
}

interface Walk {
  readonly members: Map<string, PlatformIdentity>;
  readonly through: Set<string>;
  readonly nested: Set<string>;
  readonly unresolved: Set<string>;
  readonly seen: Set<string>;
  more: number;
}

function factOf(known: ReachKnowledge, { role, subject, name, holders }: ReachRoot, most: number): ReachFact {
  const walk: Walk = {
    members: new Map(),
    through: new Set(),
    nested: new Set(),
    unresolved: new Set(),
    seen: new Set(),
    more: 0,
  };
  const groups = new Map<string, PlatformIdentity>();
  for (const { key, name: called } of holders) {
    const descriptor = descriptorOf(known, key);
    const identity = descriptor ? known.subjects[descriptor] : undefined;
    if (!descriptor || !identity) {
      walk.unresolved.add(called);
      continue;
    }
    if (identity.kind === 'group') groups.set(identity.id, identity);
    visit(known, walk, descriptor, false);
  }
  const members = [...walk.members.values()].sort(byId);
  return {
    role,
    subject,
    name,
    members: members.slice(0, most),
    through: [...walk.through].sort(),
    more: walk.more + Math.max(members.length - most, 0),
    groups: [...groups.values()].sort(byId),
    nested: [...walk.nested].sort(),
    unresolved: [...walk.unresolved].sort(),
  };
}

/** A group that stands in itself by way of others is looked into once. */
function visit(known: ReachKnowledge, walk: Walk, descriptor: string, isNested: boolean): void {
  if (isNested) noteNested(known, walk, descriptor);
  if (walk.seen.has(descriptor)) return;
  walk.seen.add(descriptor);
  const identity = known.subjects[descriptor];
  if (!identity) {
    walk.unresolved.add(descriptor);
  } else if (identity.kind === 'group') {
    walk.through.add(identity.name);
    enter(known, walk, descriptor, identity.name);
  } else {
    walk.members.set(identity.id, identity);
  }
}

function noteNested({ subjects }: ReachKnowledge, { nested }: Walk, descriptor: string): void {
  const identity = subjects[descriptor];
  if (identity?.kind === 'group') nested.add(identity.name);
}

function enter(known: ReachKnowledge, walk: Walk, descriptor: string, name: string): void {
  if (isEverybody(name)) return;
  const people = isEntraGroup(descriptor) ? known.entra[descriptor] : undefined;
  if (people) {
    for (const one of people) if (!walk.members.has(one.id)) walk.members.set(one.id, one);
    return;
  }
  const members = isOwnGroup(descriptor) ? known.members[descriptor] : undefined;
  if (members === undefined) {
    walk.unresolved.add(name);
    return;
  }
  walk.more += members.more;
  for (const member of members.listed) visit(known, walk, member, true);
}

function byId(a: PlatformIdentity, b: PlatformIdentity): number {
  return a.id < b.id ? -1 : 1;
}
