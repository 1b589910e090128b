import { createApprovals } from '../services/approvals.ts';
import { createAskPeople } from '../services/asking.ts';
import { createDeliveries } from '../services/deliveries.ts';
import type { Gate } from '../services/domain/gate.ts';
import { plusSeconds } from '../services/domain/instant.ts';
import { createEvaluate } from '../services/evaluation.ts';
import { createFindings, type Findings } from '../services/findings.ts';
import { createGates } from '../services/gates.ts';
import { createOutbox, type Handlers, type Outbox } from '../services/outbox.ts';
import type { AzureDevOps } from '../services/ports/azure-devops.ts';
import type { CalibrationNotes } from '../services/ports/calibration-notes.ts';
import { createCallBudget } from '../services/ports/call-budget.ts';
import type { CheckpointLog } from '../services/ports/checkpoint-log.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { ContractVersions } from '../services/ports/contract-versions.ts';
import type { Covers } from '../services/ports/covers.ts';
import type { DigestMarks, Subscriptions } from '../services/ports/digest-store.ts';
import type { Directory } from '../services/ports/directory.ts';
import type { Doors } from '../services/ports/doors.ts';
import type { DueHint, DueIndex } from '../services/ports/due-index.ts';
import type { Eroded } from '../services/ports/eroded.ts';
import type { EvidenceLog } from '../services/ports/evidence-log.ts';
import type { EvidenceRecords } from '../services/ports/evidence-records.ts';
import type { ExceptionStore } from '../services/ports/exception-store.ts';
import type { GateStore, StoredGate } from '../services/ports/gate-store.ts';
import type { ImportStore } from '../services/ports/import-store.ts';
import type { Conversations, Notifier } from '../services/ports/notifier.ts';
import type { NudgeRecords } from '../services/ports/nudge-store.ts';
import type { PersonTokens } from '../services/ports/person-tokens.ts';
import type { Policy } from '../services/ports/policy.ts';
import type { Pulses } from '../services/ports/pulses.ts';
import type { RefusedWords } from '../services/ports/refused-words.ts';
import type { ReportReader } from '../services/ports/report-reader.ts';
import type { Reviews } from '../services/ports/reviews.ts';
import type { ScopeKey, ScopeStore } from '../services/ports/scope-store.ts';
import type { Signer } from '../services/ports/signer.ts';
import type { Timelines } from '../services/ports/timelines.ts';
import type { TriageStore } from '../services/ports/triage-store.ts';
import type { Vault } from '../services/ports/vault.ts';
import type { PulseOfProcess } from '../services/pulse.ts';
import { createReconcile } from '../services/reconcile.ts';
import { createReplay } from '../services/replay.ts';
import { createStages } from '../services/stages.ts';
import { createTriage } from '../services/triage.ts';
import { createVerdicts } from '../services/verdicts.ts';
import type { AnchorPorts } from './anchoring.ts';
import { createBackground } from './background.ts';
import { createCalling } from './calling.ts';
import type { DriftPorts } from './drifting.ts';
import { createExceptions } from './exceptions.ts';
import { heardPorts, hearing } from './hearing.ts';
import { createLimit } from './limit.ts';
import { createNative, doorsOf, type NativeSettings } from './native.ts';
import { handlersOf, type UseCases } from './outbox-handlers.ts';
import { createPeople } from './people.ts';
import { createReach } from './reach.ts';
import { orgsOf, readersOf } from './reading.ts';
import type { RetentionPorts } from './retaining.ts';
import type { RetentionSettings } from './retention-settings.ts';
import { createRounds } from './rounds.ts';
import { createSignals, type SignalPorts } from './signals.ts';
import { lookAtScope, wakeScope } from './waking.ts';
import { createWatching, type WatchPorts } from './watching.ts';

/** Every edge of the product; a test gives fakes for some or all. */
export interface Ports extends SignalPorts, DriftPorts, WatchPorts, AnchorPorts, RetentionPorts {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly covers: Covers;
  readonly azureDevOps: AzureDevOps;
  readonly reader: ReportReader;
  readonly gates: GateStore;
  readonly scopes: ScopeStore;
  readonly exceptions: ExceptionStore;
  readonly evidenceRecords: EvidenceRecords;
  readonly evidenceLog: EvidenceLog;
  readonly refusedWords: RefusedWords;
  /** Absent: evidence is not anchored. */
  readonly checkpointLog?: CheckpointLog;
  readonly imports: ImportStore;
  readonly reviews: Reviews;
  readonly timelines: Timelines;
  readonly calibrationNotes: CalibrationNotes;
  readonly contractVersions: ContractVersions;
  readonly eroded: Eroded;
  readonly digestMarks: DigestMarks;
  readonly subscriptions: Subscriptions;
  readonly nudgeRecords: NudgeRecords;
  readonly triage: TriageStore;
  readonly due: DueIndex;
  readonly conversations: Conversations;
  readonly notifier: Notifier;
  readonly personTokens: PersonTokens;
  readonly vault: Vault;
  readonly signer: Signer;
  /** What this process hears and meets. */
  readonly pulse: PulseOfProcess;
  readonly pulses: Pulses;
}

export interface CoreSettings {
  /** Entra tenant id. */
  readonly tenant: string;
  readonly organizations: readonly string[];
  /** Public address of this bot. */
  readonly issuer?: string;
  readonly native?: NativeSettings;
  /** Address of the portal of Azure. */
  readonly portal?: string;
  /** Calls to one organization in five minutes of what goes on by itself (call-budget.ts). */
  readonly callBudget?: number;
  /** The same handlers, of which is told how they go. */
  readonly measured?: (handlers: Handlers) => Handlers;
  readonly retentionSettings?: RetentionSettings;
  readonly log: {
    info?(data: object, message: string): void;
    warn(data: object, message: string): void;
    error(data: object, message: string): void;
  };
}

/** Checks wait three seconds for their answer: what was accepted must not take the time of those that still ask. */
const JUDGED_AT_ONCE = 2;
const LOOK_AGAIN_SECONDS = 60;

export type Core = ReturnType<typeof createCore>;

/** Wires the use cases with one another: the only place where one learns of the next. */
export function createCore(given: Ports, settings: CoreSettings) {
  const ports = { ...heardPorts(given), budget: createCallBudget(given.clock, settings.callBudget) };
  const doors = doorsOf(ports, settings);
  const findings = createFindings({ ...ports, ...settings, committed: (scope) => later(wake(scope)) });
  const evaluate = evaluateWith(ports, settings, findings);
  const gates = createGates({ ...ports, evaluate, outgrown: (ids) => later(exceptions.reopen(ids)) });
  const verdicts = createVerdicts({ ...ports, doors, evaluate });
  const { later, settled } = createBackground(settings);
  const { nudges, ...calling } = createCalling(ports, settings, (org, id) => later(outbox.drain(org, id)));
  const committed = (stored: StoredGate) => later(drainKnown(outbox, stored));
  const stages = createStages({ ...ports, committed });
  const moves = { gates, verdicts, ...calling, stages, released: (gate: Gate) => rounds.drifting.released(gate) };
  const outbox: Outbox = outboxWith(ports, moves, settings, later);
  const wake = (scope: ScopeKey) => wakeScope(ports, outbox, scope);
  const carryOn = fewAtOnce(outbox);
  const { all: reconcileAll, one: endIfCompleted } = reconcileWith({ ...ports, doors }, outbox, settings);
  const signals = createSignals({ ...ports, ...settings, ...findings, ...comparing(() => rounds.drifting, later) });
  const watching = createWatching({ ...ports, ...settings, committed, later });
  const native = createNative(ports, settings, { later, carryOn, endIfCompleted, ...watching, ...signals });
  const readers = readersOf(ports, settings, native.health);
  const people = createPeople({ ...ports, ...settings, ...readers, outbox, later });
  const shared = { ...ports, nudges, log: settings.log, ...readers, orgs: orgsOf(settings) };
  const exceptions = createExceptions({ ...shared, wake, later });
  const rounds = createRounds({ ...shared, ...signals, ...settings, later });
  const reach = createReach(ports, outbox, exceptions, people.tellMet);
  const begun = [...signals.all, watching.checksChanged];
  return {
    outbox,
    /** Resolves when nothing that was begun is under way any more. */
    idle: () => settled().then(outbox.idle),
    replay: createReplay(ports),
    ...readers,
    ...people.useCases,
    ...exceptions.useCases,
    ...rounds.useCases,
    triage: createTriage({ ...shared, ...readers.views }),
    approvals: approvalsWith({ ...ports, ...settings, doors, committed }, (org, id) => later(endIfCompleted(org, id))),
    ...watching.useCases,
    accepted: ({ org, requestId, isJudged }: Accepted) => (isJudged ? undefined : later(carryOn(org, requestId))),
    /** `eventReceived`: a service hook; rejects with StoreUnavailableError, and must then be sent again. */
    ...intakesOf(ports, settings, { native, reach, findings, signals }),
    reconcile: () => inTurn(reconcileAll, native.sweep, people.tellAll, ...rounds.all, ...begun),
    runDue: (hint: DueHint) => runDue(ports, outbox, { native, exceptions, nudges, ...rounds }, hint),
  };
}

/** What is read is compared with what was approved. */
function comparing(
  drifting: () => Pick<ReturnType<typeof createRounds>['drifting'], 'run' | 'changed'>,
  later: (work: Promise<void>) => void,
): Pick<Parameters<typeof createSignals>[0], 'platformRead' | 'azureChanged' | 'later'> {
  return {
    platformRead: () => drifting().run(),
    azureChanged: (services) => later(drifting().changed(services)),
    later,
  };
}

function approvalsWith(
  needs: Omit<Parameters<typeof createApprovals>[0], 'endIfCompleted'>,
  endIfCompleted: (org: string, id: string) => void,
) {
  return createApprovals({ ...needs, endIfCompleted: ({ org, id }) => endIfCompleted(org, id) });
}

function evaluateWith(ports: Ports, settings: CoreSettings, { note }: Pick<Findings, 'note'>) {
  return createEvaluate({ ...ports, ...settings, askPeople: createAskPeople(ports), noteReport: note });
}

interface Accepted {
  readonly org: string;
  readonly requestId: string;
  readonly isJudged: boolean;
}

function fewAtOnce(outbox: Outbox) {
  const judging = createLimit(JUDGED_AT_ONCE);
  return (org: string, id: string): Promise<void> => judging(() => outbox.drain(org, id));
}

interface Intakes {
  readonly native: ReturnType<typeof createNative>;
  readonly reach: ReturnType<typeof createReach>;
  readonly findings: Findings;
  readonly signals: ReturnType<typeof createSignals>;
}

/** `eventReceived`: a service hook; rejects with StoreUnavailableError, and must then be sent again. */
function intakesOf(ports: Ports, settings: CoreSettings, { native, reach, findings, signals }: Intakes) {
  const heard = hearing(ports.pulse, {
    deliveries: createDeliveries({ ...ports, ...settings }),
    findings,
    eventReceived: native.received,
    reached: reach.reached,
  });
  return { ...reach, ...heard, azureReceived: signals.received, beat: ports.pulse.beat };
}

async function inTurn(...all: readonly (() => unknown)[]): Promise<void> {
  for (const work of all) await work();
}

/** What a hint of the due index is about is looked at again. */
function runDue(
  ports: Ports,
  outbox: Outbox,
  { native, exceptions, nudges, drifting }: Looks,
  hint: DueHint,
): Promise<void> {
  if (hint.kind === 'approval') return native.lookAt(hint.ref);
  if (hint.kind === 'exception') return exceptions.lookAt(hint);
  if (hint.kind === 'post-deploy') return drifting.lookAt(hint);
  if (hint.kind === 'nudge') return nudges.lookAt(hint.reader);
  return hint.kind === 'gate' ? drainDue(ports, outbox, hint) : lookAtScope(ports, outbox, hint);
}

interface Looks {
  readonly native: ReturnType<typeof createNative>;
  readonly exceptions: ReturnType<typeof createExceptions>;
  readonly nudges: ReturnType<typeof createCalling>['nudges'];
  readonly drifting: ReturnType<typeof createRounds>['drifting'];
}

function outboxWith(
  ports: Ports,
  useCases: UseCases,
  settings: CoreSettings,
  later: (work: Promise<void>) => void,
): Outbox {
  const { gates } = useCases;
  const outbox: Outbox = createOutbox({
    clock: ports.clock,
    gates: ports.gates,
    handlers: (settings.measured ?? ((handlers) => handlers))(
      handlersOf(ports, useCases, settings, async (org, id) => {
        await ports.gates.enqueue({ org, id }, 'judge', ports.clock.now());
        later(outbox.drain(org, id));
      }),
    ),
    close: gates.close,
    reassess: (stored) => gates.assess(stored, []),
    failed: (item, requestId, err) =>
      settings.log.warn({ requestId, kind: item.kind, attempts: item.attempts, err }, 'outbox item not done yet'),
  });
  return outbox;
}

function reconcileWith(
  ports: Ports & { readonly doors: Doors },
  outbox: Outbox,
  { log }: CoreSettings,
): ReturnType<typeof createReconcile> {
  return createReconcile({
    ...ports,
    carryOn: (stored, reassess) => outbox.drain(stored.gate.org, stored.gate.id, { known: stored, reassess }),
    failed: (requestId, err) => log.warn({ requestId, err }, 'not reconciled yet'),
  });
}

/** A new gate whose commit is slow may come after its hint. */
function drainDue({ clock, due }: Ports, outbox: Outbox, hint: DueHint & { kind: 'gate' }): Promise<void> {
  const lookLater = async () => {
    const now = clock.now();
    if (hint.until !== undefined && now < hint.until) await due.remind(hint, plusSeconds(now, LOOK_AGAIN_SECONDS));
  };
  return outbox.drain(hint.org, hint.id, { absent: lookLater });
}

function drainKnown(outbox: Outbox, stored: StoredGate): Promise<void> {
  return outbox.drain(stored.gate.org, stored.gate.id, { known: stored });
}
