import { expect, test } from 'vitest';
import { requesterTexts } from '../../services/domain/exclusion.ts';
import type { Gate } from '../../services/domain/gate.ts';
import { exceptionsUsed } from '../../services/domain/judgement.ts';
import { recordedChain } from '../../services/domain/recorded-chain.ts';
import type { RecordedDecision } from '../../services/domain/recorded-decision.ts';
import { aLife, type Life } from '../fakes/deployments.ts';
import { dumpedChains } from '../fakes/dumped-evidence.ts';
import { JOURNEYS } from '../fakes/journeys.ts';
import { anAskedApproval } from '../fakes/native-world.ts';

// Evidence alone says of a request what its record says, whatever happened to it.

/** By what the report shows of it. */
function shownOf(gate: Gate) {
  const { id, org, run, stage, environment, attempt, receivedAt, state, door, services, verdict, judgement } = gate;
  return {
    ...{
      id,
      org,
      run: { id: run.id },
      stage,
      environment,
      attempt,
      receivedAt,
      state,
      door: { kind: door.kind },
      services,
    },
    verdict: verdict && { result: verdict.result, reason: verdict.reason },
    requester: { text: requesterTexts(run).requester },
    rejected: gate.decision?.verdict === 'reject' ? gate.decision.by.name : undefined,
    approvals: gate.votes
      .map(({ by, covers, at }) => ({ oid: by.oid, name: by.name, covers: covers?.name, at }))
      .sort(byOid),
    contract: judgement?.contract,
    exceptions: judgement === undefined ? [] : exceptionsUsed(judgement),
  };
}

function shownIn(decision: RecordedDecision) {
  const { approvals, verdict, contract, requester } = decision;
  const { id, org, run, stage, environment, attempt, receivedAt, state, door, services, exceptions } = decision;
  const people = approvals.map(({ oid, name, covers, at }) => ({
    oid,
    name: name?.text,
    covers: covers?.name?.text,
    at,
  }));
  return {
    ...{ id, org, run, stage, environment, attempt, receivedAt, state, door, services, exceptions },
    ...{ verdict, requester, contract, rejected: decision.rejected?.name?.text, approvals: people.sort(byOid) },
  };
}

function byOid(a: { readonly oid: string }, b: { readonly oid: string }): number {
  return a.oid < b.oid ? -1 : 1;
}

async function expectSame(life: Pick<Life, 'world'>): Promise<void> {
  const gates: Gate[] = [];
  for await (const gate of life.world.ports.gates.receivedSince('2000-01-01T00:00:00.000Z')) gates.push(gate);
  const read = dumpedChains(life.world.table).map(({ entries }) => recordedChain(entries));
  const decisions = read.flatMap((one) => (one.kind === 'decision' ? [one.decision] : []));
  const byId = (all: readonly { readonly id: string }[]) => all.toSorted((a, b) => (a.id < b.id ? -1 : 1));

  expect(gates.length).toBeGreaterThan(0);
  expect(byId(decisions.map(shownIn))).toEqual(byId(gates.map(shownOf)));
  expect(read.filter(({ kind }) => kind === 'unreadable')).toEqual([]);
}

test.each(JOURNEYS)('$name: evidence says what the record says', async ({ edits = [], play }) => {
  const life = await aLife(...edits);
  await play(life);
  await life.world.settle();

  await expectSame(life);
});

test('a native approval: evidence says what the record says', async () => {
  await expectSame({ world: (await anAskedApproval()).world as Life['world'] });
});
