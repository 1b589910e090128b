import * as z from 'zod';
import { isSameHuman, nameIn, type OutsideIdentity, type Person, type Principal } from '../domain/person.ts';
import { type Activation, type Directory, DirectoryUnavailableError } from '../ports/directory.ts';
import { quoted } from '../ports/odata.ts';
import { type Call, createGraphClient, type GraphClient, type GraphClientOptions } from './graph-client.ts';
import { addressFilter, graphUser, isObjectId, objectId, USER_SELECT } from './graph-person.ts';
import { createKeptAnswers } from './kept-answers.ts';

export interface GraphDirectoryOptions extends Omit<GraphClientOptions, 'now'> {
  /** Told why a question was not answered; an explanation that is missing is none of them. */
  readonly failed?: (error: unknown) => void;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
  /** Milliseconds for one request while somebody waits (default 2,000), for any other (10,000), for an explanation (3,000). */
  readonly limits?: { readonly clickMs?: number; readonly callMs?: number; readonly explainMs?: number };
}

type Limit = Call['limit'];

const KEPT_MS = 60_000;
/** Of checkMemberGroups. */
const GROUPS_A_CHECK = 20;
/** Of people's and groups' display names. */
const NAME_MAX = 256;
/** Of anybody in Entra. Another text is not asked for, so that no strange author can make Graph refuse the question. */
const ADDRESS = /^[^\s\p{C}]{1,320}$/u;
/** Of the values that one filter may list. */
const IDS_A_FILTER = 15;
const ELIGIBLE_MAX = 90;
const PAGE = '999';

const graphManager = z.object({ id: objectId });
const graphGroup = z.object({ id: objectId, displayName: z.string() });
type Group = z.output<typeof graphGroup>;
const checkedGroups = z.object({ value: z.array(objectId) });
const eligibility = z.object({ accessId: z.string(), principalId: objectId, groupId: objectId });

/**
 * Microsoft Entra over Microsoft Graph. `group:` holds a display name, letter for letter, or an object id; of two groups
 * with one name neither is taken. Needs User.Read.All and GroupMember.Read.All, for eligibleButInactive also
 * PrivilegedEligibilitySchedule.Read.AzureADGroup.
 */
export function createGraphDirectory(options: GraphDirectoryOptions): Directory {
  const now = options.now ?? (() => performance.now());
  const graph = createGraphClient({ ...options, now });
  const { clickMs = 2_000, callMs = 10_000, explainMs = 3_000 } = options.limits ?? {};
  const click: Limit = () => AbortSignal.timeout(clickMs);
  const call: Limit = () => AbortSignal.timeout(callMs);
  const members = createKeptAnswers<readonly Person[]>({ now, ms: KEPT_MS });
  const matches = createKeptAnswers<readonly Person[]>({ now, ms: KEPT_MS });
  const eligible = createKeptAnswers<Activation>({ now, ms: KEPT_MS });

  async function told<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      options.failed?.(error);
      throw error;
    }
  }

  return {
    person: (oid) => told(personOf(graph, oid, click)),
    managerOf: (oid) => told(managerOf(graph, oid, click)),
    named: (name) => told(peopleCalled(graph, name, click)),
    membersOf: (principal) => told(members(principal, () => membersOf(graph, principal, call))),
    isMember: (oid, principals) => told(isMember(graph, oid, principals, click)),
    matching: (identity) => told(matches(JSON.stringify(namesOf(identity)), () => matching(graph, identity, call))),
    eligibleButInactive(principal) {
      const whole = AbortSignal.timeout(explainMs);
      const asked = eligible(principal, () => eligibleButInactive(graph, principal, () => whole));
      return asked.catch(() => undefined);
    },
  };
}

async function personOf(graph: GraphClient, oid: string, limit: Limit): Promise<Person | undefined> {
  if (!isObjectId(oid)) return undefined;
  const path = `users/${oid.toLowerCase()}`;
  const person = await graph.read({ path, query: { select: USER_SELECT }, limit }, graphUser);
  if (person === undefined || person.oid === oid.toLowerCase()) return person;
  throw new DirectoryUnavailableError(`Microsoft Graph: GET ${path} was answered with somebody else`);
}

async function managerOf(graph: GraphClient, oid: string, limit: Limit): Promise<string | undefined> {
  if (!isObjectId(oid)) return undefined;
  const path = `users/${oid.toLowerCase()}/manager`;
  return (await graph.read({ path, query: { select: 'id' }, limit }, graphManager))?.id;
}

/** Compared here again, since Graph compares without case. */
async function peopleCalled(graph: GraphClient, name: string, limit: Limit): Promise<readonly Person[]> {
  if (name === '' || name.length > NAME_MAX) return [];
  const query = { filter: `displayName eq ${quoted(name)}`, select: USER_SELECT };
  const called = await graph.list({ path: 'users', query, limit }, graphUser);
  return distinct(called ?? []).filter((person) => person.name === name);
}

async function membersOf(graph: GraphClient, principal: Principal, limit: Limit): Promise<readonly Person[]> {
  if (isUser(principal)) return [(await personOf(graph, nameIn(principal), limit)) ?? []].flat();
  const group = await groupOf(graph, principal, limit);
  return group === undefined ? [] : membersOfGroup(graph, group.id, limit);
}

async function membersOfGroup(graph: GraphClient, id: string, limit: Limit): Promise<readonly Person[]> {
  const people = await graph.list(
    {
      path: `groups/${id}/transitiveMembers/microsoft.graph.user`,
      query: { count: 'true', select: USER_SELECT, top: PAGE },
      eventual: true,
      limit,
    },
    graphUser,
  );
  return distinct(people ?? []);
}

/** Groups are resolved first: one id that Graph does not know fails the whole check. */
async function isMember(
  graph: GraphClient,
  oid: string,
  principals: readonly Principal[],
  limit: Limit,
): Promise<boolean> {
  if (!isObjectId(oid)) return false;
  const id = oid.toLowerCase();
  if (principals.some((principal) => isUser(principal) && nameIn(principal).toLowerCase() === id))
    return (await personOf(graph, id, limit)) !== undefined;
  const groups = await Promise.all(
    principals.map((principal) => (isUser(principal) ? undefined : groupOf(graph, principal, limit))),
  );
  const ids = [...new Set(groups.flatMap((group) => group?.id ?? []))];
  const checks = chunksOf(ids, GROUPS_A_CHECK).map((groupIds) => checkGroups(graph, id, groupIds, limit));
  return (await Promise.all(checks)).includes(true);
}

async function checkGroups(graph: GraphClient, oid: string, groupIds: readonly string[], limit: Limit) {
  const path = `users/${oid}/checkMemberGroups`;
  const checked = await graph.read({ path, body: { groupIds }, limit }, checkedGroups);
  return checked?.value.some((id) => groupIds.includes(id)) ?? false;
}

/** By id or exact name. A name is compared here again, since Graph compares without case. */
async function groupOf(graph: GraphClient, principal: Principal, limit: Limit): Promise<Group | undefined> {
  const name = nameIn(principal);
  const select = 'id,displayName';
  if (isObjectId(name))
    return graph.read({ path: `groups/${name.toLowerCase()}`, query: { select }, limit }, graphGroup);
  if (name.length > NAME_MAX) return undefined;
  const query = { filter: `displayName eq ${quoted(name)}`, select };
  const called = await graph.list({ path: 'groups', query, limit }, graphGroup);
  const [group, another] = called?.filter(({ displayName }) => displayName === name) ?? [];
  if (another === undefined) return group;
  throw new DirectoryUnavailableError(
    `Microsoft Graph: several groups are called ${JSON.stringify(name)}: write group: with the object id of the one that is meant`,
  );
}

/** Whom Graph finds by each name of the identity. Only who is the same human by our own rule: nobody else is excluded. */
async function matching(graph: GraphClient, identity: OutsideIdentity, limit: Limit): Promise<readonly Person[]> {
  const found = await Promise.all(namesOf(identity).map((name) => peopleNamed(graph, name, limit)));
  return distinct(found.flat().filter((person) => isSameHuman(person, identity)));
}

/** What isSameHuman looks at. */
function namesOf({ id, descriptor, uniqueName }: OutsideIdentity): string[] {
  const names = [id, descriptor, uniqueName].flatMap((name) => name?.toLowerCase() ?? []);
  return [...new Set(names)];
}

/** A name of another kind is nobody's: a Person here has an object id and addresses. */
async function peopleNamed(graph: GraphClient, name: string, limit: Limit): Promise<readonly Person[]> {
  if (isObjectId(name)) return [(await personOf(graph, name, limit)) ?? []].flat();
  if (!name.includes('@') || !ADDRESS.test(name)) return [];
  const query = { count: 'true', filter: addressFilter(name), select: USER_SELECT };
  return (await graph.list({ path: 'users', query, eventual: true, limit }, graphUser)) ?? [];
}

/** Who may activate a membership of the group itself, directly or through a group of theirs; owners are no members. */
async function eligibleButInactive(graph: GraphClient, principal: Principal, limit: Limit): Promise<Activation> {
  const group = isUser(principal) ? undefined : await groupOf(graph, principal, limit);
  if (group === undefined) return { group: nameIn(principal), people: [] };
  const path = 'identityGovernance/privilegedAccess/group/eligibilityScheduleInstances';
  const [instances, active] = await Promise.all([
    graph.list({ path, query: { filter: `groupId eq ${quoted(group.id)}` }, limit }, eligibility),
    membersOfGroup(graph, group.id, limit),
  ]);
  const ids = (instances ?? []).flatMap(({ accessId, groupId, principalId }) =>
    accessId === 'member' && groupId === group.id ? principalId : [],
  );
  const people = await peopleOf(graph, [...new Set(ids)].slice(0, ELIGIBLE_MAX), limit);
  const isActive = new Set(active.map(({ oid }) => oid));
  return { group: group.displayName, people: people.filter(({ oid }) => !isActive.has(oid)) };
}

/** The users among these ids, and the members of what is none: a group. */
async function peopleOf(graph: GraphClient, ids: readonly string[], limit: Limit): Promise<readonly Person[]> {
  const lists = chunksOf(ids, IDS_A_FILTER).map((some) => {
    const query = { filter: `id in (${some.map(quoted).join(',')})`, select: USER_SELECT };
    return graph.list({ path: 'users', query, limit }, graphUser);
  });
  const users = (await Promise.all(lists)).flatMap((list) => list ?? []);
  const isKnown = new Set(users.map(({ oid }) => oid));
  const groups = ids.filter((id) => !isKnown.has(id)).map((id) => membersOfGroup(graph, id, limit));
  return distinct([...users, ...(await Promise.all(groups)).flat()]);
}

function isUser(principal: Principal): boolean {
  return principal.startsWith('user:');
}

function distinct(people: readonly Person[]): readonly Person[] {
  return [...new Map(people.map((person) => [person.oid, person])).values()];
}

function chunksOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}
