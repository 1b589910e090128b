import type { Exception } from '../domain/exception.ts';
import type { ExceptionAudience, ExceptionTopic, TopicNow } from '../domain/exception-topics.ts';
import { humansOf } from '../domain/exclusion.ts';
import type { Gate } from '../domain/gate.ts';
import { aliasesOf, type Person, type Principal } from '../domain/person.ts';
import type { Clock } from './clock.ts';
import type { Covers } from './covers.ts';
import type { Directory } from './directory.ts';
import { distinct, type Recipient } from './notifier.ts';
import type { PolicySnapshot } from './policy.ts';

interface Needs {
  readonly clock: Clock;
  readonly directory: Pick<Directory, 'membersOf' | 'matching'>;
  readonly covers: Pick<Covers, 'inForce'>;
}

/** A group of at most so many is told itself, a larger one by as many of it. */
const MOST_TOLD = 5;

/** Who gets this message, each once. Rejects when the directory or the store does not answer. */
export async function recipientsOf(
  needs: Needs,
  exception: Exception,
  { to, topic }: TopicNow,
  policy: PolicySnapshot,
): Promise<Recipient[]> {
  const lists = await Promise.all(to.map((audience) => audienceOf(needs, exception, { audience, topic }, policy)));
  const channel = policy.catalog.services.get(exception.target.service)?.channel;
  const isForTeam = topic === 'review' || topic === 'over';
  return distinct([
    ...lists.flat(),
    ...(isForTeam && channel !== undefined ? [{ kind: 'channel' as const, channel }] : []),
  ]);
}

async function audienceOf(
  needs: Needs,
  exception: Exception,
  { audience, topic }: { readonly audience: ExceptionAudience; readonly topic: ExceptionTopic },
  { contract }: PolicySnapshot,
): Promise<Recipient[]> {
  const control = contract?.controls.find(({ name }) => name === exception.target.control);
  if (audience === 'askers') return exception.askers.map(({ by }) => ({ kind: 'person', oid: by.oid }));
  if (audience === 'approvers') {
    const people = await readersAmong(needs, control?.expiry.approvers ?? exception.asks.approvers);
    const done = topic === 'remind' ? exception.votes : [];
    const accounts = [...exception.askers, ...done].flatMap((one) => one.accounts);
    const free = people.filter((person) => !aliasesOf(person).some((account) => accounts.includes(account)));
    return withStandIns(needs, free.slice(0, contract?.limits.maxApprovers), accounts);
  }
  if (audience === 'owner') {
    const people = await readersAmong(needs, exception.terms.owner);
    // Nobody answers for it any more: the control's owner can hand it over.
    if (people.length > 0 || topic === 'owned') return withStandIns(needs, people.slice(0, MOST_TOLD), []);
  }
  const owner = control?.owner.fallback ?? contract?.owner;
  return owner === undefined ? [] : (await readersAmong(needs, owner)).slice(0, MOST_TOLD).map(asRecipient);
}

/** Nobody is sent what they could not read if they asked for it (views.ts). */
async function readersAmong({ directory }: Needs, principal: Principal): Promise<Person[]> {
  return (await directory.membersOf(principal)).filter(({ guest, disabled }) => !guest && !disabled);
}

function asRecipient({ oid }: Pick<Person, 'oid'>): Recipient {
  return { kind: 'person', oid };
}

/** Who is away is told all the same, and whoever stands in for them. */
async function withStandIns(
  { covers, clock }: Needs,
  people: readonly Person[],
  never: readonly string[],
): Promise<Recipient[]> {
  const inForce = await covers.inForce(clock.now());
  const standIns = people.flatMap(({ oid }) =>
    inForce.filter(({ absent, by }) => absent === oid && !never.includes(by)),
  );
  return [...people.map(asRecipient), ...standIns.map(({ by }) => asRecipient({ oid: by }))];
}

/** Whose stage it is hears that it can be run again, whoever asked for the exception. */
export async function requestersOf({ directory }: Needs, gates: readonly Gate[]): Promise<Recipient[]> {
  const humans = gates.flatMap(({ sources }) => humansOf(sources?.requesters ?? []));
  const people = await Promise.all(humans.map((identity) => directory.matching(identity)));
  return people.flat().flatMap((person) => (person.guest || person.disabled ? [] : [asRecipient(person)]));
}
