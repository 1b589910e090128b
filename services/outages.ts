import type { Contract } from './domain/contract.ts';
import { humansOf } from './domain/exclusion.ts';
import { type Gate, LONGEST_WAIT_HOURS } from './domain/gate.ts';
import { plusMinutes } from './domain/instant.ts';
import { type HitByOutage, hitBy } from './domain/outage.ts';
import type { Clock } from './ports/clock.ts';
import type { Directory } from './ports/directory.ts';
import type { GateStore } from './ports/gate-store.ts';
import { readersAmong } from './ports/group-or-lead.ts';
import { type Conversations, lossIn, type Notifier } from './ports/notifier.ts';
import { type Operator, operatorsOf } from './ports/operators.ts';
import type { Policy } from './ports/policy.ts';
import type { Pulses, StoredOutage } from './ports/pulses.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Pick<Directory, 'membersOf' | 'matching'>;
  readonly gates: Pick<GateStore, 'receivedSince'>;
  readonly conversations: Pick<Conversations, 'find' | 'forget'>;
  readonly notifier: Pick<Notifier, 'tell'>;
  readonly pulses: Pick<Pulses, 'putOutage'>;
  /** Those that somebody is still to be told of; no call to anything. */
  readonly untold: () => readonly StoredOutage[];
  /** `who`: the object id of a person. */
  readonly failed: (who: string, why: unknown) => void;
}

/** What was left undone is carried out first: what goes on by itself is no loss. */
const SETTLED_MINUTES = 5;
const CLAIM_MINUTES = 10;
const TRIED_MINUTES = 1_440;

/**
 * After an outage tells operators, and those who asked for a stage that waited or failed meanwhile, what became of it.
 * Once each, whatever number of processes run.
 */
export function createOutages(needs: Needs) {
  return {
    /** No call to anything while there was none. Rejects when store or directory do not answer. */
    run: async (): Promise<void> => {
      const now = needs.clock.now();
      for (const stored of needs.untold()) {
        const { until, claimedAt } = stored.outage;
        const isTaken = claimedAt !== undefined && now < plusMinutes(claimedAt, CLAIM_MINUTES);
        if (!isTaken && now >= plusMinutes(until, SETTLED_MINUTES)) await tell(needs, stored, now);
      }
    },
  };
}

interface Reader extends Operator, HitByOutage {}

/** Claimed before anything is sent and noted afterwards: a message may come twice, and silence is never noted as told. */
async function tell(needs: Needs, stored: StoredOutage, now: string): Promise<void> {
  const { contract } = await needs.policy.current();
  if (contract === undefined) return;
  const claim = await needs.pulses.putOutage({ ...stored.outage, claimedAt: now }, stored);
  if (claim === undefined) return;
  const told = [...claim.outage.told];
  const waiting = (await readersOf(needs, contract, stored)).filter(({ oid }) => !told.includes(oid));
  for (const reader of waiting) if (await isSent(needs, stored, reader)) told.push(reader.oid);
  const left = waiting.filter(({ oid, to }) => to !== undefined && !told.includes(oid));
  const isDone = left.length === 0 || now >= plusMinutes(stored.outage.until, TRIED_MINUTES);
  await needs.pulses.putOutage({ ...stored.outage, told, isDone }, claim);
}

/** Operators hear of all, everybody else of what they asked for; who cannot be reached is left to the operators. */
async function readersOf(needs: Needs, contract: Contract, { outage }: StoredOutage): Promise<Reader[]> {
  const gates: Gate[] = [];
  const since = plusMinutes(outage.from, -LONGEST_WAIT_HOURS * 60);
  for await (const gate of needs.gates.receivedSince(since)) gates.push(gate);
  const hit = hitBy(outage, gates);
  const operators = (await operatorsOf(needs, contract)).map((operator) => ({ ...operator, ...hit }));
  const theirs = new Map<string, { failed: Gate[]; waiting: Gate[] }>();
  for (const kind of ['failed', 'waiting'] as const)
    for (const gate of hit[kind])
      for (const oid of await requestersOf(needs, gate)) {
        const one = theirs.get(oid) ?? { failed: [], waiting: [] };
        one[kind].push(gate);
        theirs.set(oid, one);
      }
  const others = [...theirs].filter(([oid]) => !operators.some((operator) => operator.oid === oid));
  const found = others.map(async ([oid, own]) => ({
    oid,
    ...own,
    to: await needs.conversations.find({ kind: 'person', oid }),
  }));
  return [...operators, ...(await Promise.all(found))];
}

async function requestersOf({ directory }: Needs, { sources, run }: Gate): Promise<string[]> {
  const humans = humansOf(sources?.requesters ?? [run.requestedFor]);
  const people = await Promise.all(humans.map((identity) => directory.matching(identity)));
  return [...new Set(readersAmong(people.flat()).map(({ oid }) => oid))];
}

/** What would be refused again is left to the log. */
async function isSent(
  needs: Needs,
  { outage: { from, until } }: StoredOutage,
  { oid, to, failed, waiting }: Reader,
): Promise<boolean> {
  if (to === undefined) return false;
  const sent = await needs.notifier.tell(to, { outage: { from, until }, failed, waiting, to: oid });
  const loss = lossIn(sent);
  if (loss !== undefined) await needs.conversations.forget({ kind: 'person', oid }, loss);
  if (sent.kind !== 'sent') needs.failed(oid, 'code' in sent ? sent.code : sent.kind);
  return sent.kind === 'sent' || loss !== undefined || (sent.kind === 'failed' && sent.isFinal);
}
