import { isBypass } from './domain/completed-elsewhere.ts';
import type { Ask, Gate } from './domain/gate.ts';
import type { JudgedGroup } from './domain/judgement.ts';
import type { Principal } from './domain/person.ts';
import { askedNow } from './domain/quorum.ts';
import type { Directory } from './ports/directory.ts';
import { groupOrLead, readersAmong } from './ports/group-or-lead.ts';
import { distinct, type Recipient } from './ports/notifier.ts';
import type { Policy } from './ports/policy.ts';

interface Needs {
  readonly policy: Policy;
  readonly directory: Directory;
}

/** Whom a gate concerns as it is now. Rejects when policy or directory do not answer. */
export type RecipientsOf = (gate: Gate) => Promise<readonly Recipient[]>;

export function createRecipients(needs: Needs): RecipientsOf {
  return (gate) => recipientsOf(needs, gate);
}

/** Approvers while people are asked; the requester and the owners of what blocks while it is blocked; the requester when it ended. */
async function recipientsOf(needs: Needs, gate: Gate): Promise<Recipient[]> {
  if (gate.state === 'received') return [];
  if (gate.state === 'asked' && gate.ask !== undefined) return approversOf(needs, gate);
  // What passed without anybody is no news to anybody; an observed environment's requester learns what would have been.
  if (gate.state === 'passed' && !gate.observed) return [];
  const requesters = await requestersOf(needs, gate);
  if (isBypass(gate)) return bypassRecipients(needs, gate, requesters);
  const blocked = gate.state === 'blocked' || gate.state === 'failed';
  const all = distinct([...requesters, ...(blocked ? await ownersOf(needs, gate) : [])]);
  return all.length > 0 || !blocked ? all : contractOwners(needs);
}

/** Whoever asked for it explains it, or the owners of its services where that is nobody; then they hear of it who confirm. */
async function bypassRecipients(needs: Needs, gate: Gate, requesters: readonly Recipient[]): Promise<Recipient[]> {
  const { catalog } = await needs.policy.current();
  const services = gate.services.flatMap((name) => catalog.services.get(name) ?? []);
  const owners = requesters.length === 0 ? services.map(({ owner }) => owner) : [];
  const asked = [...owners, ...(gate.bypass?.explained.confirmers ?? [])];
  const leadOf = (principal: Principal) => services.find(({ owner }) => owner === principal)?.lead;
  const found = await Promise.all(asked.map((principal) => toldFor(needs, principal, leadOf(principal))));
  return distinct([...requesters, ...found.flat(), ...(await contractOwners(needs))]);
}

async function contractOwners(needs: Needs): Promise<Recipient[]> {
  const { contract } = await needs.policy.current();
  return contract === undefined ? [] : toldFor(needs, contract.owner, undefined);
}

const MAX_DIRECT = 15;

async function approversOf(needs: Needs, gate: Gate): Promise<Recipient[]> {
  const { contract } = await needs.policy.current();
  const limit = contract?.limits.maxApprovers ?? MAX_DIRECT;
  const { ask } = gate;
  if (ask === undefined) return [];
  const asked = askedNow(ask, gate.votes);
  // Whoever takes the place of one person is asked by name, however many others are asked as a group.
  const people = ask.dm ? [...asked.slice(0, limit), ...asked.filter(({ covers }) => covers !== undefined)] : [];
  const others = await escalatedIn(needs, ask);
  return distinct([
    ...people.map(({ oid }) => person(oid)),
    ...asked
      .filter(({ oid }) => others.has(oid))
      .slice(0, limit)
      .map(({ oid }) => person(oid)),
    ...ask.channels.map((channel) => ({ kind: 'channel' as const, channel })),
  ]);
}

/** Those to whom silence was escalated: a card in a channel, or one for the first of many, tells them nothing. */
async function escalatedIn({ directory }: Needs, { levels }: Ask): Promise<ReadonlySet<string>> {
  const principals = new Set(levels.flatMap(({ escalatedTo }) => escalatedTo ?? []));
  const members = await Promise.all([...principals].map((principal) => directory.membersOf(principal)));
  return new Set(members.flat().map(({ oid }) => oid));
}

async function requestersOf(needs: Needs, gate: Gate): Promise<Recipient[]> {
  const matches = await Promise.all(
    (gate.sources?.requesters ?? [gate.run.requestedFor, gate.run.requestedBy]).map((identity) =>
      needs.directory.matching(identity),
    ),
  );
  return readersAmong(matches.flat()).map(({ oid }) => person(oid));
}

async function ownersOf(needs: Needs, gate: Gate): Promise<Recipient[]> {
  const { catalog } = await needs.policy.current();
  const blocks: readonly Pick<JudgedGroup, 'owner' | 'service'>[] = gate.judgement?.blocks ?? [];
  const recipients = await Promise.all(
    blocks.map(({ owner, service }) => {
      const entry = catalog.services.get(service);
      if (entry?.channel !== undefined && entry.owner === owner)
        return [{ kind: 'channel' as const, channel: entry.channel }];
      return toldFor(needs, owner, entry?.lead);
    }),
  );
  const told = await Promise.all(
    (gate.judgement?.obstacles ?? []).map(({ tell }) => (tell === undefined ? [] : toldFor(needs, tell, undefined))),
  );
  return [...recipients.flat(), ...told.flat()];
}

async function toldFor({ directory }: Needs, owner: Principal, lead: Principal | undefined): Promise<Recipient[]> {
  return (await groupOrLead(directory, owner, lead)).map(({ oid }) => person(oid));
}

function person(oid: string): Recipient {
  return { kind: 'person', oid };
}
