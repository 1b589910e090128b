import type { Contract } from './domain/contract.ts';
import { type ContractDifference, differenceOf } from './domain/contract-change.ts';
import { MINUTES_A_DAY } from './domain/finding-history.ts';
import { plusMinutes } from './domain/instant.ts';
import type { Principal } from './domain/person.ts';
import type { Clock } from './ports/clock.ts';
import type { ContractState, ContractVersions, StoredChange, UntoldChange } from './ports/contract-versions.ts';
import type { Directory } from './ports/directory.ts';
import { groupOrLead } from './ports/group-or-lead.ts';
import { type Conversation, type Conversations, lossIn, type Notifier } from './ports/notifier.ts';
import type { Policy } from './ports/policy.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Pick<Directory, 'membersOf'>;
  readonly contractVersions: ContractVersions;
  readonly conversations: Pick<Conversations, 'find' | 'forget'>;
  readonly notifier: Pick<Notifier, 'tell'>;
  /** `who`: the object id of an owner, or the checksum of a contract. */
  readonly failed: (who: string, why: unknown) => void;
}

/** The policy of a process may be a minute behind what another one noted, and clocks differ. */
const BEHIND_MINUTES = 2;
/** A claim that is older belongs to a process that died. */
const CLAIM_MINUTES = 10;
const LOOK_AGAIN_MINUTES = 60;
const TRIED_DAYS = 14;

/**
 * Notes as evidence which contract is in force, and tells its owners once what became stricter and what looser. Any
 * number of processes may run it. No judgement waits for it.
 */
export function createContractNews(needs: Needs) {
  let settled = { checksum: '', until: '' };
  return {
    /** No call to the store for an hour after nothing was left to do. Rejects when it does not answer. */
    run: async (): Promise<void> => {
      const { contract, commit } = await needs.policy.current();
      const now = needs.clock.now();
      if (contract === undefined || (contract.checksum === settled.checksum && now < settled.until)) return;
      const state = await noted(needs, contract, commit);
      if (state !== undefined && (await areAllTold(needs, contract, state)))
        settled = { checksum: contract.checksum, until: plusMinutes(now, LOOK_AGAIN_MINUTES) };
    },
  };
}

/** Undefined: what another process noted just now is newer than what this one knows, or it is noting it. */
async function noted(
  { contractVersions, clock }: Needs,
  contract: Contract,
  commit: string | undefined,
): Promise<ContractState | undefined> {
  const state = await contractVersions.read();
  const { newest } = state;
  if (newest?.checksum === contract.checksum) return state;
  const at = clock.now();
  if (newest !== undefined && at < plusMinutes(newest.at, BEHIND_MINUTES)) return undefined;
  const isOurs = await contractVersions.append(contract, { at, ...(commit === undefined ? {} : { commit }) }, newest);
  return isOurs ? contractVersions.read() : undefined;
}

async function areAllTold(needs: Needs, current: Contract, { untold }: ContractState): Promise<boolean> {
  let left = 0;
  for (const change of untold) left += (await isTold(needs, current, change)) ? 0 : 1;
  return left === 0;
}

/** True when nothing is left to do about it. */
async function isTold(needs: Needs, current: Contract, stored: StoredChange): Promise<boolean> {
  const { clock, contractVersions } = needs;
  const now = clock.now();
  const { change, claimedAt } = stored;
  if (claimedAt !== undefined && now < plusMinutes(claimedAt, CLAIM_MINUTES)) return false;
  if (now >= plusMinutes(change.at, TRIED_DAYS * MINUTES_A_DAY)) {
    needs.failed(change.after.checksum, 'given up: no owner took the message');
    await contractVersions.done(stored);
    return true;
  }
  try {
    return await tell(needs, current, stored);
  } catch (error) {
    needs.failed(change.after.checksum, error);
    return false;
  }
}

interface Owner {
  readonly oid: string;
  readonly to: Conversation | undefined;
}

/** Claimed before anything is sent, noted afterwards: a message may come twice, and silence is never noted as told. */
async function tell(needs: Needs, current: Contract, stored: StoredChange): Promise<boolean> {
  const { contractVersions } = needs;
  const { change } = stored;
  const [before, after] = await Promise.all([
    contractVersions.contract(change.before.checksum),
    contractVersions.contract(change.after.checksum),
  ]);
  const owners = await ownersOf(needs, [before ?? current, after ?? current]);
  const waiting = owners.filter(({ oid, to }) => to !== undefined && !stored.told.includes(oid));
  if (waiting.length === 0) return isDone(needs, stored, owners);
  const claim = await contractVersions.put({ ...stored, claimedAt: needs.clock.now() }, stored);
  if (claim === undefined) return false;
  const difference = before === undefined || after === undefined ? undefined : differenceOf(before, after);
  const told = [...stored.told];
  for (const owner of waiting) if (await isSent(needs, owner, claim, difference)) told.push(owner.oid);
  const released = { change, seq: claim.seq, told };
  if (await isDone(needs, released, owners)) return true;
  await contractVersions.put(released, claim);
  return false;
}

async function isDone({ contractVersions }: Needs, change: UntoldChange, owners: readonly Owner[]): Promise<boolean> {
  if (owners.length === 0 || owners.some(({ oid }) => !change.told.includes(oid))) return false;
  await contractVersions.done(change);
  return true;
}

/** Whoever owned it hears of it too: the owner is one of the things that can be changed. */
async function ownersOf({ directory, conversations }: Needs, contracts: readonly Contract[]): Promise<Owner[]> {
  const principals = new Set<Principal>(contracts.map(({ owner }) => owner));
  const people = await Promise.all([...principals].map((owner) => groupOrLead(directory, owner, undefined)));
  const oids = new Set(people.flat().map(({ oid }) => oid));
  return Promise.all([...oids].map(async (oid) => ({ oid, to: await conversations.find({ kind: 'person', oid }) })));
}

/** What would be refused again is left to the log. */
async function isSent(
  needs: Needs,
  { oid, to }: Owner,
  { change }: StoredChange,
  difference: ContractDifference | undefined,
): Promise<boolean> {
  if (to === undefined) return false;
  const news = { contractChange: change, to: oid, ...(difference === undefined ? {} : { difference }) };
  const sent = await needs.notifier.tell(to, news);
  const loss = lossIn(sent);
  if (loss !== undefined) await needs.conversations.forget({ kind: 'person', oid }, loss);
  if (sent.kind !== 'sent') needs.failed(oid, 'code' in sent ? sent.code : sent.kind);
  return sent.kind === 'sent' || (sent.kind === 'failed' && sent.isFinal);
}
