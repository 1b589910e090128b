import { createApprovals } from '../services/approvals.ts';
import { createApprovers } from '../services/approvers.ts';
import { createAskPeople } from '../services/asking.ts';
import { createBypasses } from '../services/bypasses.ts';
import { createCardGroups } from '../services/card-groups.ts';
import { createCheckDoor } from '../services/check-door.ts';
import { createDeliveries } from '../services/deliveries.ts';
import { orgOf } from '../services/domain/gate.ts';
import { createEvaluate } from '../services/evaluation.ts';
import { createFindings } from '../services/findings.ts';
import { createGates } from '../services/gates.ts';
import { type CardPass, createNotices } from '../services/notices.ts';
import { createOutbox, type Handlers, type Outbox, type SideResult } from '../services/outbox.ts';
import { type AzureDevOps, AzureDevOpsRefusedError } from '../services/ports/azure-devops.ts';
import { calledFor } from '../services/ports/called-for.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { Covers } from '../services/ports/covers.ts';
import type { Directory } from '../services/ports/directory.ts';
import type { Doors } from '../services/ports/doors.ts';
import type { DueHint, DueIndex } from '../services/ports/due-index.ts';
import type { GateStore, StoredGate } from '../services/ports/gate-store.ts';
import type {
  Conversation,
  Conversations,
  Notifier,
  Reachable,
  Recipient,
  TeamsUser,
} from '../services/ports/notifier.ts';
import type { PersonTokens } from '../services/ports/person-tokens.ts';
import type { Policy } from '../services/ports/policy.ts';
import type { ReportReader } from '../services/ports/report-reader.ts';
import type { ScopeKey, ScopeStore } from '../services/ports/scope-store.ts';
import type { Signer } from '../services/ports/signer.ts';
import type { Vault } from '../services/ports/vault.ts';
import { createRecipients } from '../services/recipients.ts';
import { createReconcile } from '../services/reconcile.ts';
import { createReplay } from '../services/replay.ts';
import { createRequests } from '../services/requests.ts';
import { createStatus } from '../services/status.ts';
import { createVerdicts } from '../services/verdicts.ts';
import { createViews } from '../services/views.ts';
import { createLimit } from './limit.ts';
import { createPeople } from './people.ts';

/** Every edge of the product; a test gives fakes for some or all. */
export interface Ports {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly covers: Covers;
  readonly azureDevOps: AzureDevOps;
  readonly reader: ReportReader;
  readonly gates: GateStore;
  readonly scopes: ScopeStore;
  readonly due: DueIndex;
  readonly conversations: Conversations;
  readonly notifier: Notifier;
  readonly personTokens: PersonTokens;
  readonly vault: Vault;
  readonly signer: Signer;
}

export interface CoreSettings {
  /** Entra tenant id. */
  readonly tenant: string;
  readonly organizations: readonly string[];
  /** Public address of this bot. */
  readonly issuer?: string;
  readonly log: {
    warn(data: object, message: string): void;
    error(data: object, message: string): void;
  };
}

/** Checks wait three seconds for their answer: what was accepted must not take the time of those that still ask. */
const JUDGED_AT_ONCE = 2;

export type Core = ReturnType<typeof createCore>;

/** Wires the use cases with one another: the only place where one learns of the next. */
export function createCore(ports: Ports, settings: CoreSettings) {
  const doors = doorsOf(ports);
  const evaluate = createEvaluate({ ...ports, askPeople: createAskPeople(ports) });
  const gates = createGates({ ...ports, evaluate });
  const verdicts = createVerdicts({ ...ports, doors, evaluate });
  const { later, settled } = createBackground(settings);
  const notices = noticesOf(ports, (org, id) => later(outbox.drain(org, id)));
  const outbox: Outbox = createOutbox({
    clock: ports.clock,
    gates: ports.gates,
    handlers: handlersOf(ports, { gates, verdicts, notices }, settings, async (org, id) => {
      await ports.gates.enqueue({ org, id }, 'judge', ports.clock.now());
      later(outbox.drain(org, id));
    }),
    close: gates.close,
    reassess: (stored) => gates.assess(stored, []),
    failed: (item, requestId, err) =>
      settings.log.warn({ requestId, kind: item.kind, attempts: item.attempts, err }, 'outbox item not done yet'),
  });
  const judging = createLimit(JUDGED_AT_ONCE);
  const wake = (scope: ScopeKey) => wakeScope(ports, outbox, scope);
  const readers = readersOf(ports, settings);
  const people = createPeople({ ...ports, ...settings, views: readers.views, outbox, later });
  return {
    deliveries: createDeliveries({ ...ports, ...settings }),
    outbox,
    /** Resolves when nothing that was begun is under way any more. */
    idle: async (): Promise<void> => {
      await settled();
      await outbox.idle();
    },
    replay: createReplay(ports),
    ...readers,
    ...people.useCases,
    ...recordersOf({ ...ports, ...settings, committed: (stored) => later(drainKnown(outbox, stored)) }),
    findings: createFindings({ ...ports, ...settings, committed: (scope) => later(wake(scope)) }),
    accepted: ({ org, requestId, isJudged }: { org: string; requestId: string; isJudged: boolean }) => {
      if (!isJudged) later(judging(() => outbox.drain(org, requestId)));
    },
    /** Somebody can be reached from now on: what was parked for them is sent. `by` is who did something there. */
    reached: async (recipients: readonly Recipient[], conversation: Conversation, by?: TeamsUser) =>
      people.tellMet(await reached(ports, outbox, { recipients, conversation }, by)),
    /** These are all channels of the team; none when the bot was removed from it. */
    listed: async (team: string, channels: readonly Reachable[]): Promise<void> =>
      sendParked(ports, outbox, await ports.conversations.rememberTeam(team, channels)),
    /** The bot was removed there: what is sent from now on is parked. */
    left: (recipients: readonly Recipient[], conversation: Conversation) => left(ports, recipients, conversation),
    reconcile: reconcileWith({ ...ports, doors }, outbox, settings, people.tellAll),
    runDue: (hint: DueHint) => (hint.kind === 'gate' ? outbox.drain(hint.org, hint.id) : wake(hint)),
  };
}

function noticesOf(ports: Ports, changed: (org: string, id: string) => void) {
  return createNotices({
    ...ports,
    recipientsOf: createRecipients(ports),
    groups: createCardGroups({ ...ports, changed }),
  });
}

/** Where Azure DevOps waits for an answer. */
function doorsOf(ports: Ports): Doors {
  const check = createCheckDoor(ports);
  const closed = () => Promise.reject(new AzureDevOpsRefusedError('native approvals are not connected', 501));
  return { check, approval: { state: closed, tell: closed } };
}

/** What goes on after somebody was answered; its failures are left to the due index. */
function createBackground({ log }: CoreSettings) {
  const background = new Set<Promise<void>>();
  return {
    later: (work: Promise<void>): void => {
      const done: Promise<void> = work
        .catch((err: unknown) => log.warn({ err }, 'left to the due index'))
        .finally(() => background.delete(done));
      background.add(done);
    },
    /** Resolves when nothing is under way. */
    settled: async (): Promise<void> => {
      while (background.size > 0) await Promise.all(background);
    },
  };
}

/** What records the word of a person. */
function recordersOf(needs: Ports & { readonly tenant: string; readonly committed: (stored: StoredGate) => void }) {
  return { approvals: createApprovals(needs), bypasses: createBypasses(needs) };
}

/** What changes nothing. */
function readersOf(ports: Ports, settings: CoreSettings) {
  const views = createViews({ ...ports, ...settings });
  return {
    views,
    approvers: createApprovers({ ...ports, ...settings, strangerBecause: views.strangerBecause }),
    status: createStatus(ports),
    requests: createRequests({ ...ports, ...settings }),
  };
}

function reconcileWith(
  ports: Ports & { readonly doors: Doors },
  outbox: Outbox,
  { log }: CoreSettings,
  tellNews: () => Promise<void>,
): () => Promise<void> {
  const reconcile = createReconcile({
    ...ports,
    carryOn: (stored, reassess) => outbox.drain(stored.gate.org, stored.gate.id, { known: stored, reassess }),
    failed: (requestId, err) => log.warn({ requestId, err }, 'not reconciled yet'),
  });
  return async () => {
    await reconcile();
    await tellNews();
  };
}

interface UseCases {
  readonly gates: ReturnType<typeof createGates>;
  readonly verdicts: ReturnType<typeof createVerdicts>;
  readonly notices: ReturnType<typeof createNotices>;
}

function handlersOf(
  ports: Ports,
  { gates, verdicts, notices }: UseCases,
  { log }: CoreSettings,
  judgeAgain: (org: string, id: string) => Promise<void>,
): Handlers {
  const said = (stored: StoredGate, pass: CardPass): SideResult => {
    for (const refused of pass.refused) log.warn({ requestId: stored.gate.id, ...refused }, 'Teams refused a card');
    return {
      cards: pass.cards,
      droppedCards: pass.dropped,
      hopeless: pass.hopeless,
      ...(pass.retry === undefined ? {} : { retry: pass.retry }),
    };
  };
  return {
    moving: {
      judge: (stored, item) => gates.assess(stored, [item]),
      verdict: (stored, item) => verdicts.deliver(stored, item),
    },
    side: {
      card: async (stored) => said(stored, await notices.show(stored)),
      remind: async (stored, item) => said(stored, await notices.call(stored, 'reminder', calledFor(stored, item))),
      delegate: async (stored, item) =>
        said(stored, await notices.call(stored, 'handed-over', calledFor(stored, item))),
      'ask-again': async (stored) => said(stored, await notices.call(stored, 'asked-anew')),
      index: async (stored) => {
        await (stored.gate.toldAt === undefined
          ? ports.gates.markOpen(stored.gate)
          : ports.gates.markClosed(stored.gate));
        return {};
      },
      supersede: async ({ gate }) => {
        for (const id of gate.supersedes ?? []) await judgeAgain(gate.org, id);
        return {};
      },
    },
  };
}

function drainKnown(outbox: Outbox, stored: StoredGate): Promise<void> {
  return outbox.drain(stored.gate.org, stored.gate.id, { known: stored });
}

/** Every gate that waits in this scope is judged again; only then are the wake-ups done (storage.md rule 5). */
async function wakeScope(ports: Ports, outbox: Outbox, scope: ScopeKey): Promise<void> {
  const wakes = await ports.scopes.pendingWakes(scope);
  if (wakes.length === 0) return;
  const waiting = await ports.scopes.waiting(scope);
  await Promise.all(
    waiting.map((id) =>
      // One that cannot be judged now is tried again on its own: it must not wake all the others again and again.
      outbox
        .drain(scope.org, id, { reassess: true })
        .catch(() => ports.gates.enqueue({ org: scope.org, id }, 'judge', ports.clock.now())),
    ),
  );
  await Promise.all(wakes.map((row) => ports.scopes.wakeDone(scope, row)));
}

async function reached(
  ports: Ports,
  outbox: Outbox,
  { recipients, conversation }: Reachable,
  by: TeamsUser | undefined,
): Promise<readonly Recipient[]> {
  const { conversations } = ports;
  const user = by === undefined ? undefined : conversations.rememberUser(by);
  const [learnt] = await Promise.all([conversations.remember(recipients, conversation), user]);
  await sendParked(ports, outbox, learnt);
  return learnt;
}

async function left({ conversations }: Ports, recipients: readonly Recipient[], conversation: Conversation) {
  await Promise.all(recipients.map((recipient) => conversations.forget(recipient, conversation)));
}

async function sendParked(ports: Ports, outbox: Outbox, recipients: readonly Recipient[]): Promise<void> {
  for (const recipient of recipients) {
    for (const request of await ports.conversations.parked(recipient)) {
      await ports.gates.enqueue(request, 'card', ports.clock.now());
      await ports.conversations.unpark(recipient, request);
      await outbox.drain(request.org, request.id);
    }
    ports.conversations.released(recipient);
  }
}

/** Short ids of the organizations, in their order. */
export function orgsOf(settings: Pick<CoreSettings, 'tenant' | 'organizations'>): string[] {
  return settings.organizations.map((organization) => orgOf(settings.tenant, organization));
}
