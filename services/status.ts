import type { DeadLetter, DeliveryHealth, DigestHealth, HookHealth } from './domain/delivery-health.ts';
import type { EvidenceEntry } from './domain/evidence.ts';
import type { Exception } from './domain/exception.ts';
import { plusMinutes } from './domain/instant.ts';
import { contractInForce } from './domain/judgement.ts';
import { holderOf } from './ports/card-groups.ts';
import type { Clock } from './ports/clock.ts';
import type { DigestMark, DigestMarks, StoredMark } from './ports/digest-store.ts';
import type { Directory } from './ports/directory.ts';
import type { ExceptionStore } from './ports/exception-store.ts';
import type { GateStore, OutboxItem, StoredGate } from './ports/gate-store.ts';
import { parkedFor } from './ports/parked-exceptions.ts';
import type { Policy } from './ports/policy.ts';
import { StoreUnavailableError } from './ports/table.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly gates: GateStore;
  readonly exceptions: Pick<ExceptionStore, 'live' | 'read'>;
  readonly digestMarks: Pick<DigestMarks, 'all'>;
  /** Never rejects for what Azure DevOps does not tell. */
  readonly hooks: () => Promise<readonly HookHealth[]>;
}

export type Status = ReturnType<typeof createStatus>;

export function createStatus(needs: Needs) {
  return {
    /** How well things reach people and pipelines now. Never rejects for a silent store. */
    deliveryHealth: (): Promise<DeliveryHealth> => deliveryHealth(needs),
    /** Oldest first. Rejects with StoreUnavailableError. */
    deadLetters: async (): Promise<readonly DeadLetter[]> => deadLettersOf(await needs.gates.withDeadLetters()),
  };
}

async function deliveryHealth(needs: Needs): Promise<DeliveryHealth> {
  const { clock, policy, directory, gates, hooks, digestMarks } = needs;
  const { contract, commit, problems } = await policy.current();
  const known = {
    at: clock.now(),
    ...(await hooksIn(hooks)),
    policyProblems: problems,
    ...(contract === undefined ? {} : { contract: contractInForce(contract, commit) }),
  };
  try {
    const [open, dead, bypassed, marks, live] = await Promise.all([
      readOpen(gates),
      gates.withDeadLetters(),
      gates.openBypasses(),
      digestMarks.all(),
      needs.exceptions.live(),
    ]);
    return {
      store: 'ok',
      ...outboxHealth(open),
      deadLetters: deadLettersOf(dead),
      bypasses: bypassed.map(({ gate }) => gate.id),
      unreachable: await unreachable(directory, open, await parkedFor(needs.exceptions, live)),
      unreachedExceptions: live.filter(({ exception }) => isUnreached(exception)).map(({ id }) => id),
      digests: digestHealth(marks, known.at),
      ...known,
    };
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    const nothing = { deadLetters: [], bypasses: [], unreachable: [], unreachedExceptions: [] };
    return { store: 'unavailable', waiting: 0, ...nothing, ...known };
  }
}

function isUnreached({ state, silence }: Exception): boolean {
  return state === 'requested' && silence?.unreachedAt !== undefined;
}

const A_DAY_MINUTES = 1_440;

function digestHealth(marks: readonly StoredMark[], now: string): DigestHealth {
  const since = plusMinutes(now, -A_DAY_MINUTES);
  const recent = marks.map(({ mark }) => mark).filter(({ at }) => at >= since);
  const count = (outcome: DigestMark['outcome']) => recent.filter((mark) => mark.outcome === outcome).length;
  const lastAt = marks
    .map(({ mark }) => mark.at)
    .toSorted()
    .at(-1);
  return {
    sent: count('sent'),
    silent: count('silent'),
    claimed: count('claimed'),
    unreachable: count('unreachable'),
    refused: count('refused'),
    ...(lastAt === undefined ? {} : { lastAt }),
  };
}

async function hooksIn(read: Needs['hooks']): Promise<Pick<DeliveryHealth, 'hooks'>> {
  const hooks = await read();
  return hooks.length === 0 ? {} : { hooks };
}

async function readOpen(gates: GateStore): Promise<readonly StoredGate[]> {
  const found = await Promise.all((await gates.open()).map(({ org, id }) => gates.read(org, id)));
  return found.filter((gate) => gate !== undefined);
}

function outboxHealth(stored: readonly StoredGate[]) {
  const waiting = stored.flatMap(({ outbox, evidence }) =>
    outbox.map((item) => ({ item, since: sinceOf(item, evidence) })),
  );
  const oldest = waiting.map(({ since }) => since).sort()[0];
  return {
    waiting: waiting.length,
    ...(oldest === undefined ? {} : { waitingSince: oldest }),
  };
}

function deadLettersOf(stored: readonly StoredGate[]): readonly DeadLetter[] {
  const all = stored.flatMap(({ gate, deadLetters, evidence }) =>
    deadLetters.map((item) => ({
      requestId: gate.id,
      services: gate.services,
      environment: gate.environment,
      kind: item.kind,
      attempts: item.attempts,
      since: sinceOf(item, evidence),
    })),
  );
  return all.sort((a, b) => Date.parse(a.since) - Date.parse(b.since));
}

/** When the change was recorded that put this item there; a released card has none and tells its next try. */
function sinceOf({ seq, dueAt }: OutboxItem, evidence: readonly EvidenceEntry[]): string {
  const entry = evidence.find((link) => link.seq === seq);
  return entry === undefined ? dueAt : (JSON.parse(entry.entry) as { readonly at: string }).at;
}

/** Names of those for whom a card of these, or what `others` wait for, is parked; an id where the directory does not answer. */
async function unreachable(
  directory: Directory,
  stored: readonly StoredGate[],
  others: readonly string[],
): Promise<string[]> {
  const own = stored.flatMap(({ cards }) => cards.filter((card) => holderOf(card) === undefined));
  const parked = own.filter(({ conversation }) => conversation === '');
  const recipients = [...new Set([...parked.map(({ recipient }) => recipient), ...others])];
  const names = recipients.map(async (recipient) => {
    const [kind, name = recipient] = recipient.split(/:(.*)/s);
    if (kind !== 'user') return name;
    const person = await directory.person(name).catch(() => undefined);
    return person?.name ?? name;
  });
  return (await Promise.all(names)).sort();
}
