import { dateIn } from './domain/calendar.ts';
import type { Catalog, Service } from './domain/catalog.ts';
import { type Contract, isObserved } from './domain/contract.ts';
import type { Cover } from './domain/cover.ts';
import { candidatesAmong, tooFew } from './domain/exclusion.ts';
import type { Candidate } from './domain/gate.ts';
import type { Obstacle } from './domain/judgement.ts';
import { humanOf, type Person, type PersonActor } from './domain/person.ts';
import { unfilledLevel } from './domain/quorum.ts';
import type { Refusal } from './domain/refusal.ts';
import type { Level, Route } from './domain/route.ts';
import { type Considered, explainRoutes, type RouteChoice } from './domain/route-choice.ts';
import { organizationName, placeOf } from './domain/routing.ts';
import type { Approvers, Told, Way, WhoApproves } from './domain/who-approves.ts';
import type { Clock } from './ports/clock.ts';
import type { Covers } from './ports/covers.ts';
import { type Directory, DirectoryUnavailableError } from './ports/directory.ts';
import type { Conversations, Recipient } from './ports/notifier.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import { standInsOf } from './ports/standing.ts';
import { StoreUnavailableError } from './ports/table.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly covers: Pick<Covers, 'inForce'>;
  readonly conversations: Pick<Conversations, 'find'>;
  /** Addresses of the configured organizations. */
  readonly organizations: readonly string[];
  /** Why this person may read nothing, or undefined. */
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
}

export interface Question {
  readonly service: string;
  readonly environment: string;
  /** Whether to look up who can be reached and who covers for whom; without it the store is not asked. */
  readonly reach: boolean;
}

export type Explained =
  | { readonly kind: 'explained'; readonly answer: WhoApproves }
  /** There is no such service or environment; what there is. */
  | { readonly kind: 'unknown'; readonly what: 'service' | 'environment'; readonly known: readonly string[] };

export type ExplainApprovers = ReturnType<typeof createApprovers>;

/** Who approves what and why, as it is now and before there is a run. Changes nothing. */
export function createApprovers(needs: Needs) {
  return {
    /** For whoever runs the bot. Rejects with DirectoryUnavailableError; a silent store only leaves reach and covers unchecked. */
    explain: (question: Question): Promise<Explained> => explain(needs, question),
    explainTo: (by: PersonActor, question: Question): Promise<Explained | Refusal> => explainTo(needs, by, question),
  };
}

async function explainTo(needs: Needs, by: PersonActor, question: Question): Promise<Explained | Refusal> {
  const stranger = await needs.strangerBecause(by);
  if (stranger !== undefined) return stranger;
  try {
    return await explain(needs, question);
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) return 'cannot-verify-now';
    throw error;
  }
}

const NO_CHOICE: RouteChoice = { possible: [], wider: [], differing: [] };

async function explain(needs: Needs, question: Question): Promise<Explained> {
  const policy = await needs.policy.current();
  const { contract, catalog, problems } = policy;
  if (contract === undefined) {
    const detail = problems.length === 0 ? 'there is no contract.yaml' : problems.join('; ');
    const obstacle: Obstacle = { kind: 'no-contract', detail };
    const { service, environment } = question;
    const closed = { approval: 'required', obstacle, choice: NO_CHOICE, ways: [], problems } as const;
    return { kind: 'explained', answer: { service, environment, ...closed } };
  }
  const services = [...catalog.services.keys(), ...catalog.broken.keys()];
  const service = spelled(services, question.service);
  if (service === undefined) return { kind: 'unknown', what: 'service', known: services };
  const environments = [...contract.environments.keys()];
  const environment = spelled(environments, question.environment);
  if (environment === undefined) return { kind: 'unknown', what: 'environment', known: environments };
  return { kind: 'explained', answer: await answerFor(needs, policy, contract, { ...question, service, environment }) };
}

/** As the policy writes it: people type names in any case. */
function spelled(names: readonly string[], typed: string): string | undefined {
  return names.find((name) => name === typed) ?? names.find((name) => name.toLowerCase() === typed.toLowerCase());
}

async function answerFor(
  needs: Needs,
  policy: PolicySnapshot,
  contract: Contract,
  { service, environment, reach }: Question,
): Promise<WhoApproves> {
  const now = needs.clock.now();
  const known = contract.environments.get(environment);
  const approval = known?.approval ?? 'required';
  const observed = known !== undefined && isObserved(known, now) ? known.observeUntil : undefined;
  const entry = policy.catalog.services.get(service);
  const unreadable = approval === 'none' ? undefined : policy.brokenRoutes.get(service);
  const choice =
    approval === 'none' || unreadable !== undefined
      ? NO_CHOICE
      : explainRoutes(policy.routes, placeOf(service, environment, entry), expectedRun(needs, entry));
  const obstacle = closedBecause(policy.catalog, { service, environment, approval, unreadable, choice });
  const today = dateIn(contract.calendar, now);
  const covers = (reach ? await unlessSilent(needs.covers.inForce(now)) : undefined) ?? [];
  const ways = choice.possible.map(async (considered) => {
    const { route } = considered;
    const asked = levelsOf(route, today);
    const staffed = await Promise.all(asked.map((level) => staff(needs.directory, level, covers, route.never)));
    const told = await toldBy(needs, contract, route, staffed[0]?.level, reach);
    return wayOf(considered, staffed, told);
  });
  return {
    service,
    environment,
    approval,
    ...(observed === undefined ? {} : { observeUntil: observed }),
    ...(obstacle === undefined ? {} : { obstacle }),
    ...(unreadable === undefined ? {} : { unreadable }),
    choice,
    ways: await Promise.all(ways),
    problems: policy.problems,
  };
}

/** Any pipeline may speak for a service that is recognised by its repositories too. */
function expectedRun({ organizations }: Needs, service: Service | undefined) {
  const isByPipeline = service !== undefined && service.repositories.length === 0;
  return {
    organization: organizations.map(organizationName),
    ...(isByPipeline ? { pipeline: service.pipelines } : {}),
  };
}

/** The same obstacles as a gate meets, as far as they do not depend on its run. */
function closedBecause(
  catalog: Catalog,
  answer: Pick<WhoApproves, 'service' | 'environment' | 'approval' | 'choice'> & {
    readonly unreadable: string | undefined;
  },
): Obstacle | undefined {
  const { service, environment, approval, unreadable, choice } = answer;
  if (!catalog.services.has(service)) {
    return { kind: 'unknown-service', detail: catalog.broken.get(service) ?? service };
  }
  if (approval === 'none' || choice.possible.length > 0) return undefined;
  return { kind: 'no-route', detail: unreadable ?? `${service} in ${environment}` };
}

/** Its own, and one more while it is frozen. */
function levelsOf({ levels, freezes }: Route, today: string): AskedLevel[] {
  const frozen = freezes.filter(({ from, until }) => from <= today && today <= until);
  return [...levels, ...frozen.map(({ level, until }) => ({ quorum: 1, from: [level], frozenUntil: until }))];
}

function wayOf(considered: Considered, staffed: readonly Staffed[], told: Told): Way {
  const { route } = considered;
  const levels = staffed.map(({ level }) => level);
  const known: Person[] = [];
  const demands = staffed.map(({ level: { quorum, eligible }, people }) => ({
    route: route.source,
    quorum,
    humans: eligible.map(({ oid, covers }) => humanOf(known, people, covers?.oid ?? oid)),
  }));
  const short = levels[unfilledLevel(demands) ?? -1];
  const tell = route.escalateTo === undefined ? {} : { tell: route.escalateTo };
  const obstacle: Obstacle | undefined = short && { kind: 'too-few-approvers', detail: tooFew(short), ...tell };
  return { considered, levels, never: route.never, ...(obstacle === undefined ? {} : { obstacle }), told };
}

interface AskedLevel extends Level {
  readonly frozenUntil?: string;
}

const NO_RUN = { commits: [], requesters: [], authors: [], unreadable: [] };

interface Staffed {
  readonly level: Approvers;
  readonly people: readonly Person[];
}

async function staff(
  directory: Directory,
  { quorum, from, frozenUntil }: AskedLevel,
  covers: readonly Cover[],
  never: readonly string[],
): Promise<Staffed> {
  const [members, activations] = await Promise.all([
    Promise.all(from.map((principal) => directory.membersOf(principal))),
    Promise.all(from.map((principal) => directory.eligibleButInactive(principal))),
  ]);
  const known = new Map(members.flat().map((person) => [person.oid, person]));
  const inactive = activations.flatMap((activation) => {
    const others = activation?.people.filter(({ oid }) => !known.has(oid)) ?? [];
    const { eligible } = candidatesAmong(others, NO_RUN, []);
    return activation === undefined || eligible.length === 0 ? [] : [{ group: activation.group, people: eligible }];
  });
  const people = [...known.values()];
  const { eligible, excluded } = candidatesAmong(people, NO_RUN, []);
  const standIns = await standInsOf(directory, people, covers, NO_RUN, never);
  const level: Approvers = {
    from,
    quorum,
    ...(frozenUntil === undefined ? {} : { frozenUntil }),
    eligible: [...eligible, ...standIns.filter(({ oid }) => !eligible.some((one) => one.oid === oid))],
    excluded,
    empty: from.filter((_, index) => members[index]?.length === 0),
    inactive,
    inactiveUnknown: from.filter((_, index) => activations[index] === undefined),
  };
  return { level, people };
}

/** Only the first level is asked; whom notices.ts sends a card. */
async function toldBy(
  { conversations }: Needs,
  { limits }: Contract,
  { post }: Route,
  first: Approvers | undefined,
  reach: boolean,
): Promise<Told> {
  const eligible = post.dm ? (first?.eligible ?? []) : [];
  const direct = eligible.filter(({ covers }, index) => index < limits.maxApprovers || covers !== undefined);
  const recipients: Recipient[] = [
    ...direct.map(({ oid }) => ({ kind: 'person' as const, oid })),
    ...(post.channel === undefined ? [] : [{ kind: 'channel' as const, channel: post.channel }]),
  ];
  const found = reach ? await unlessSilent(reachable(conversations, recipients)) : undefined;
  const unreachable: readonly Candidate[] | undefined = found && direct.filter((_, index) => found[index] === false);
  const isKnown = found?.[direct.length];
  return {
    direct,
    ...(unreachable === undefined ? {} : { unreachable }),
    ...(post.channel === undefined
      ? {}
      : { channel: { name: post.channel, ...(isKnown === undefined ? {} : { isKnown }) } }),
  };
}

async function reachable(
  conversations: Pick<Conversations, 'find'>,
  recipients: readonly Recipient[],
): Promise<readonly boolean[]> {
  const found = await Promise.all(recipients.map((recipient) => conversations.find(recipient)));
  return found.map((conversation) => conversation !== undefined);
}

/** Undefined when the store does not answer: that explains nothing away. */
async function unlessSilent<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof StoreUnavailableError) return undefined;
    throw error;
  }
}
