import { z } from 'zod';
import type { NotedUser, PeopleFact } from '../domain/people-facts.ts';
import { isService } from '../domain/person.ts';
import { type PlatformIdentity, sectionsOf } from '../domain/platform.ts';
import { isStale } from '../domain/stale-user.ts';
import type { SectionRead } from '../ports/platform-source.ts';
import type { BotIdentity } from './identity.ts';
import { translated } from './platform-faults.ts';
import {
  connectionDataPath,
  isDescriptor,
  servicePrincipalEntitlementPath,
  servicePrincipalsPath,
  storageKeyPath,
  subjectLookupPath,
  userEntitlementsPath,
} from './platform-people-paths.ts';
import { PERMISSIONS } from './platform-permissions.ts';
import { type PlatformRead, readSteps, type SectionReader } from './platform-read.ts';
import { type GraphSubject, graphSubject, identityOf, nextPageOf, subjectLookup } from './platform-subjects.ts';
import { unlessRefused } from './platform-users.ts';

const text = z.string().nullish();
/** The year 1 stands for never. */
const instant = text.transform((written) => {
  const at = new Date(written ?? '');
  return Number.isNaN(at.getTime()) || at.getUTCFullYear() < 1900 ? undefined : at.toISOString();
});
const dates = { lastAccessedDate: instant, dateCreated: instant };
const accessLevel = z.object({ status: text }).nullish();
const entitlement = z.object({ id: text, user: graphSubject.extend({ metaType: text }), accessLevel, ...dates });
const entitlements = z.object({
  members: z.array(entitlement).nullish(),
  items: z.array(entitlement).nullish(),
  continuationToken: text,
});
const serviceEntitlement = z.object({ accessLevel, ...dates });
const subjects = z.object({ value: z.array(graphSubject) });
const connected = z.object({ authenticatedUser: z.object({ subjectDescriptor: z.string().refine(isDescriptor) }) });
const storageKey = z.object({ value: z.string() });

/** Accounts that cannot be used, or not any more. */
const DISABLED = ['disabled', 'deleted', 'expired', 'pendingdisabled'];
/** Of those who reach nothing. */
const MOST_NOTED = 200;

interface State {
  readonly isDone?: boolean;
  readonly phase: keyof typeof PHASES;
  readonly token?: string;
  readonly facts: PeopleFact & { readonly counts: NonNullable<PeopleFact['counts']>; readonly services: number };
  /** Service principals that reach something and whose last access is asked for; of the first by this storage key. */
  readonly asked: readonly GraphSubject[];
  readonly key?: string;
}

const PHASES = { self, name, users, services, keys, lastSeen } as const;

const FIRST: State = {
  phase: 'self',
  facts: { users: 0, noted: [], more: 0, services: 0, counts: { guests: 0, disabled: 0, stale: 0 } },
  asked: [],
};

interface Asking {
  readonly read: PlatformRead;
  /** Ids of whom some reach names. */
  readonly reaching: ReadonlySet<string>;
  /** Ids of people who created service hooks. */
  readonly creators: readonly string[];
  /** ISO-8601 UTC. */
  readonly now: string;
  readonly isByToken: boolean;
}

export interface PeopleOptions {
  readonly identity: BotIdentity | undefined;
  /** Milliseconds. */
  readonly now: () => number;
}

/**
 * Everybody with an account in an organization, reduced page by page to those who deserve a look, and the account that is asked with (User
 * Entitlements - Search; Graph: Service Principals; Service Principal Entitlements). Nothing is kept of the others but their number.
 */
export function createPeopleReader({ identity, now }: PeopleOptions): SectionReader<'people'> {
  return async (read, section) => {
    const asking = {
      read,
      reaching: reachingIn(section),
      creators: creatorsIn(section),
      now: new Date(now()).toISOString(),
      isByToken: identity?.kind === 'token',
    };
    const { state, ...cost } = await readSteps(read, section, FIRST, (from) => PHASES[from.phase](asking, from));
    return { facts: state.facts, ...cost };
  };
}

/** Whom some reach names, by id. */
export function reachingIn({ sections }: Pick<SectionRead<'people'>, 'sections'>): ReadonlySet<string> {
  const facts = sectionsOf({ organization: '', sections }, 'reach').flatMap(({ known }) => known?.facts ?? []);
  return new Set(facts.flatMap(({ members }) => members.map(({ id }) => id)));
}

function creatorsIn({ sections }: Pick<SectionRead<'people'>, 'sections'>): string[] {
  const hooks = sectionsOf({ organization: '', sections }, 'hooks').flatMap(({ known }) => known?.facts ?? []);
  const people = hooks.flatMap(({ createdBy }) => (createdBy?.kind === 'person' ? [createdBy.id] : []));
  return [...new Set(people)].sort();
}

async function self({ read, isByToken }: Asking, state: State): Promise<State> {
  const { value } = await translated(PERMISSIONS.graph, () => read(connectionDataPath(), connected));
  const descriptor = value.authenticatedUser.subjectDescriptor;
  const own = { id: descriptor, name: descriptor, kind: kindOf(descriptor), isByToken };
  return { ...state, phase: 'name', facts: { ...state.facts, self: own } };
}

function kindOf(descriptor: string): PlatformIdentity['kind'] {
  return isService({ descriptor }) ? 'service' : 'person';
}

async function name({ read }: Asking, state: State): Promise<State> {
  const { self: own } = state.facts;
  if (own === undefined) return { ...state, phase: 'users' };
  const body = { lookupKeys: [{ descriptor: own.id }] };
  const { value } = await translated(PERMISSIONS.graph, () =>
    read.post(subjectLookupPath(), body, subjectLookup, 'vssps'),
  );
  const subject = value.value[own.id];
  const identity = subject ? identityOf(subject) : { ...own, id: own.id.toLowerCase() };
  return { ...state, phase: 'users', facts: { ...state.facts, self: { ...own, ...identity } } };
}

async function users(asking: Asking, { token, ...state }: State): Promise<State> {
  const { value } = await translated(PERMISSIONS.entitlements, () =>
    asking.read.at('vsaex')(userEntitlementsPath(token), entitlements),
  );
  // Some answers have all of them under both names, some under the second alone.
  const page = value.members?.length ? value.members : (value.items ?? []);
  const next = nextPageOf('users', value.continuationToken, token);
  const facts = noting(asking, state.facts, page.map(notedOf));
  return next === undefined ? { ...state, facts, phase: 'services' } : { ...state, facts, token: next };
}

function notedOf({ id, user, accessLevel: level, ...at }: z.output<typeof entitlement>): Noticed {
  return {
    ...identityOf(user),
    ...(id ? { key: id.toLowerCase() } : {}),
    isGuest: user.metaType?.toLowerCase() === 'guest',
    ...seenOf(level?.status, at),
  };
}

type Noticed = Omit<NotedUser, 'reachesProduction'>;
type Seen = Pick<NotedUser, 'isDisabled' | 'lastSeen' | 'addedAt'>;

function seenOf(
  status: string | null | undefined,
  { lastAccessedDate, dateCreated }: Pick<z.output<typeof serviceEntitlement>, 'lastAccessedDate' | 'dateCreated'>,
): Seen {
  return {
    isDisabled: DISABLED.includes(status?.toLowerCase() ?? ''),
    ...(lastAccessedDate === undefined ? {} : { lastSeen: lastAccessedDate }),
    ...(dateCreated === undefined ? {} : { addedAt: dateCreated }),
  };
}

/** Counts all of them, and keeps whoever reaches something and the first of those who deserve a look. */
function noting({ reaching, creators, now }: Asking, facts: State['facts'], page: readonly Noticed[]): State['facts'] {
  const found = page.map((one) => ({ ...one, reachesProduction: reaching.has(one.id) }));
  const count = (is: (one: NotedUser) => boolean) => found.filter(is).length;
  const isNoted = (one: NotedUser) => one.isGuest || one.isDisabled || isStale(one, now);
  const all = [...facts.noted, ...found.filter((one) => one.reachesProduction || isNoted(one))].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  );
  const others = all.filter(({ reachesProduction }) => !reachesProduction);
  const left = new Set(others.slice(MOST_NOTED));
  const there = new Set(page.flatMap(({ id, key }) => [id, key]));
  return {
    ...facts,
    gone: (facts.gone ?? creators).filter((id) => !there.has(id)),
    users: facts.users + page.length,
    noted: all.filter((one) => !left.has(one)),
    more: facts.more + left.size,
    counts: {
      guests: facts.counts.guests + count(({ isGuest }) => isGuest),
      disabled: facts.counts.disabled + count(({ isDisabled }) => isDisabled),
      stale: facts.counts.stale + count((one) => isStale(one, now)),
    },
  };
}

async function services({ read, reaching }: Asking, { token, ...state }: State): Promise<State> {
  const page = await translated(PERMISSIONS.graph, () => read.at('vssps')(servicePrincipalsPath(token), subjects));
  const found = page.value.value;
  const facts = { ...state.facts, services: state.facts.services + found.length };
  const asked = [...state.asked, ...found.filter((one) => reaching.has(identityOf(one).id))];
  const next = nextPageOf('service principals', page.next, token);
  return next === undefined ? { ...state, facts, asked, phase: 'keys' } : { ...state, facts, asked, token: next };
}

/** By which the next service principal that reaches something is known to entitlements; one that is gone is passed over. */
async function keys({ read }: Asking, state: State): Promise<State> {
  const [subject, ...others] = state.asked;
  if (subject === undefined) return { ...state, isDone: true };
  const path = storageKeyPath(subject.descriptor);
  const found = await translated(PERMISSIONS.graph, () => unlessRefused(() => read.at('vssps')(path, storageKey)));
  return found === undefined ? { ...state, asked: others } : { ...state, phase: 'lastSeen', key: found.value.value };
}

async function lastSeen({ read }: Asking, { key = '', ...state }: State): Promise<State> {
  const [subject, ...asked] = state.asked;
  const next: State = { ...state, asked, phase: 'keys' };
  const path = servicePrincipalEntitlementPath(key);
  const found = await translated(PERMISSIONS.entitlements, () =>
    unlessRefused(() => read.at('vsaex')(path, serviceEntitlement)),
  );
  if (found === undefined || subject === undefined) return next;
  const seen = seenOf(found.value.accessLevel?.status, found.value);
  const own = { ...identityOf(subject), key: key.toLowerCase(), isGuest: false, ...seen, reachesProduction: true };
  return { ...next, facts: { ...state.facts, noted: [...state.facts.noted, own] } };
}
