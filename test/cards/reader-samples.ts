import { gateCard } from '../../cards/gate-card.ts';
import { reminderCard } from '../../cards/reminder-card.ts';
import type { AskLevel, Gate } from '../../services/domain/gate.ts';
import {
  ANN,
  aGate,
  aJudgement,
  aLevel,
  anApprovedGate,
  anAsk,
  aPerson,
  aRelease,
  aRun,
  aSignal,
  aVote,
  BOB,
  CARLA,
  DAN,
} from '../builders.ts';
import type { CardSample } from './samples.ts';

const EVE = aPerson();
const EVERYBODY = { refreshFor: ['29:bob', '29:carla'] };

/** The same request as different people see it, and what a request goes through while it waits. */
export function readerSamples(): readonly CardSample[] {
  const two = halfway();
  const comment = 'Rollback is tested; the on-call engineer knows.';
  return [
    { name: 'quorum-one-of-two-voter', card: gateCard(two, { oid: BOB.oid }) },
    { name: 'quorum-one-of-two-other', card: gateCard(two, { oid: CARLA.oid }) },
    { name: 'channel-base', card: gateCard(aGate({ previous: aRelease() }), EVERYBODY) },
    { name: 'channel-base-one-of-two', card: gateCard(two, EVERYBODY) },
    { name: 'channel-approver', card: gateCard(aGate({ previous: aRelease() }), asked(BOB.oid)) },
    { name: 'channel-not-asked', card: gateCard(aGate(), asked(DAN.oid)) },
    { name: 'channel-requester', card: gateCard(aGate(), asked(ANN.oid)) },
    { name: 'channel-approved', card: gateCard(anApprovedGate({ votes: [aVote({ comment })] }), EVERYBODY) },
    { name: 'levels', card: gateCard(leveled(), { oid: CARLA.oid }) },
    { name: 'frozen', card: gateCard(frozen(), { oid: BOB.oid }) },
    { name: 'covered', card: gateCard(covered(), { oid: EVE.oid }) },
    { name: 'covered-approved', card: gateCard(coverApproved()) },
    { name: 'superseded', card: gateCard(superseded(4712, 1)) },
    { name: 'superseded-by-attempt', card: gateCard(superseded(4711, 2)) },
    { name: 'escalated', card: gateCard(escalated(), { oid: BOB.oid }) },
    { name: 'changed-since', card: gateCard(changed(), { oid: BOB.oid }) },
    { name: 'deployment-first', card: gateCard(aGate(), { oid: BOB.oid }) },
    { name: 'deployment-later', card: gateCard(aGate({ previous: aRelease() }), { oid: BOB.oid }) },
    { name: 'signals-none-connected', card: gateCard(unconnected(), { oid: BOB.oid }) },
    { name: 'reminder', card: reminderCard(two, 'reminder') },
    { name: 'asked-anew', card: reminderCard(changed(), 'asked-anew') },
  ];
}

function asked(oid: string) {
  return { oid, refreshFor: [`29:${oid}`] };
}

function candidates(...people: readonly { readonly oid: string; readonly name: string }[]) {
  return people.map(({ oid, name }) => ({ oid, name }));
}

/** Bob has approved, one of Carla and Eve is missing. */
function halfway(): Gate {
  const level = aLevel({ quorum: 2, eligible: candidates(BOB, CARLA, EVE) });
  return aGate({ ask: anAsk({ levels: [level] }), votes: [aVote({ comment: 'Fine by me.' })] });
}

function releaseManagers(overrides: Partial<AskLevel> = {}): AskLevel {
  return aLevel({ from: ['group:release-managers'], eligible: candidates(CARLA, EVE), excluded: [], ...overrides });
}

/** Bob of the first level has approved; the second is asked now. */
function leveled(): Gate {
  const levels = [aLevel({ eligible: candidates(BOB, DAN) }), releaseManagers()];
  return aGate({ ask: anAsk({ levels }), votes: [aVote()], previous: aRelease() });
}

function frozen(): Gate {
  const levels = [aLevel(), releaseManagers({ frozenUntil: '2026-11-30' })];
  return aGate({ ask: anAsk({ levels, comment: { approve: 'required', reject: 'required' } }) });
}

/** Eve decides in the place of Carla, who is away. */
function covered(): Gate {
  const standIn = { ...candidates(EVE)[0], oid: EVE.oid, name: EVE.name, covers: { oid: CARLA.oid, name: CARLA.name } };
  return aGate({ ask: anAsk({ levels: [aLevel({ eligible: [...candidates(BOB, CARLA), standIn] })] }) });
}

function coverApproved(): Gate {
  const covers = { oid: CARLA.oid, name: CARLA.name };
  const vote = aVote({ covers, comment: 'Carla is away until Monday.' });
  return anApprovedGate({ votes: [vote], decision: { ...vote, verdict: 'approve' } });
}

function superseded(runId: number, attempt: number): Gate {
  const supersededBy = { requestId: 'abcdefghijklmnop', runId, attempt };
  return aGate({ state: 'superseded', supersededBy, toldAt: '2026-11-23T10:31:01.000Z' });
}

function escalated(): Gate {
  const level = aLevel({ eligible: candidates(BOB, CARLA, EVE), escalatedTo: 'group:heads-of-engineering' });
  const [remindedAt, escalatedAt] = ['2026-11-23T13:30:00.000Z', '2026-11-23T17:30:00.000Z'];
  return aGate({ ask: anAsk({ levels: [level] }), remindedAt, escalatedAt });
}

function changed(): Gate {
  return aGate({
    revision: 2,
    previous: aRelease(),
    changes: [
      { kind: 'findings', decision: 'warn', more: 1, fewer: 0 },
      { kind: 'exception-ended', id: 'EX-12' },
      { kind: 'signal', service: 'payments-api', control: 'dependency-scanning', state: 'known' },
    ],
  });
}

function unconnected(): Gate {
  const defender = {
    control: 'defender',
    category: 'runtime',
    required: false,
    state: 'unknown',
    why: 'absent',
  } as const;
  return aGate({ run: aRun(), judgement: aJudgement({ signals: [aSignal(), aSignal(defender)] }) });
}
