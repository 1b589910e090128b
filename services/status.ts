import type { Catalog } from './domain/catalog.ts';
import type { Calendar } from './domain/contract.ts';
import {
  type ChannelDigest,
  type DeadLetter,
  type DeliveryHealth,
  type DigestHealth,
  type HookHealth,
  type PulseHealth,
  signalHealth,
} from './domain/delivery-health.ts';
import type { Exception } from './domain/exception.ts';
import { isHeartbeatMissing } from './domain/heartbeat.ts';
import { plusMinutes } from './domain/instant.ts';
import { contractInForce } from './domain/judgement.ts';
import { platformHealth } from './domain/platform-health.ts';
import { concerning } from './domain/platform-known.ts';
import type { SourceNote } from './domain/source-note.ts';
import { holderOf } from './ports/card-groups.ts';
import type { Clock } from './ports/clock.ts';
import { type DigestMark, type DigestMarks, isHeartbeat, type StoredMark } from './ports/digest-store.ts';
import type { Directory } from './ports/directory.ts';
import type { DueIndex } from './ports/due-index.ts';
import type { ExceptionStore } from './ports/exception-store.ts';
import { type GateStore, type StoredGate, sinceOf } from './ports/gate-store.ts';
import { evidenceIn, type KeptEvidence } from './ports/kept-evidence.ts';
import { type Conversations, recipientNamed } from './ports/notifier.ts';
import type { OffPathStore } from './ports/off-path-store.ts';
import { createParkedFor, type Parked } from './ports/parked-exceptions.ts';
import type { PlatformStore } from './ports/platform-store.ts';
import type { Policy } from './ports/policy.ts';
import type { SourceNotes } from './ports/source-notes.ts';
import { StoreUnavailableError } from './ports/table.ts';
import { unreachable } from './ports/unreachable.ts';

interface Needs extends KeptEvidence {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly gates: GateStore;
  readonly exceptions: Pick<ExceptionStore, 'live' | 'read'>;
  readonly conversations: Pick<Conversations, 'lostBecause'>;
  readonly due: Pick<DueIndex, 'oldest'>;
  readonly digestMarks: Pick<DigestMarks, 'all'>;
  readonly sourceNotes: Pick<SourceNotes, 'all'>;
  readonly offPaths: Pick<OffPathStore, 'open'>;
  readonly platforms: Pick<PlatformStore, 'all'>;
  /** None: no delivery platform is read. */
  readonly platformSources: readonly unknown[];
  /** URLs of every configured organization. */
  readonly organizations: readonly string[];
  readonly pulse: {
    /** Rejects with StoreUnavailableError. */
    readonly health: () => Promise<PulseHealth>;
    readonly own: () => PulseHealth;
  };
  /** Never rejects for what Azure DevOps does not tell. */
  readonly hooks: () => Promise<readonly HookHealth[]>;
}

export type Status = ReturnType<typeof createStatus>;

type ParkedFor = ReturnType<typeof createParkedFor>;

export function createStatus(needs: Needs) {
  const parkedFor = createParkedFor(needs.exceptions, needs.clock);
  return {
    /** How well things reach people and pipelines now. Never rejects for a silent store. */
    deliveryHealth: (): Promise<DeliveryHealth> => deliveryHealth(needs, parkedFor),
    /** Oldest first. Rejects with StoreUnavailableError. */
    deadLetters: async (): Promise<readonly DeadLetter[]> => deadLettersOf(await needs.gates.withDeadLetters()),
  };
}

async function deliveryHealth(needs: Needs, parkedFor: ParkedFor): Promise<DeliveryHealth> {
  const { clock, policy, gates, hooks, digestMarks } = needs;
  const { contract, catalog, commit, problems } = await policy.current();
  const known = {
    at: clock.now(),
    ...(await hooksIn(hooks)),
    policyProblems: problems,
    ...(contract === undefined ? {} : { contract: contractInForce(contract, commit) }),
  };
  try {
    const [open, dead, bypassed, offPaths, marks, live, dueSince, pulse, sources, platform, evidence] =
      await Promise.all([
        readOpen(gates),
        gates.withDeadLetters(),
        gates.openBypasses(),
        openOffPaths(needs),
        digestMarks.all(),
        needs.exceptions.live(),
        needs.due.oldest(known.at),
        needs.pulse.health(),
        needs.sourceNotes.all(),
        platformIn(needs, catalog, known.at),
        evidenceIn(needs, known.at),
      ]);
    return {
      store: 'ok',
      ...pulse,
      ...outboxHealth(open),
      deadLetters: deadLettersOf(dead),
      bypasses: bypassed.map(({ gate }) => gate.id),
      offPaths,
      ...(dueSince === undefined ? {} : { dueSince }),
      ...(await reachHealth(needs, [...open.flatMap(parkedIn), ...(await parkedFor(live))], marks, known.at)),
      unreachedExceptions: live.filter(({ exception }) => isUnreached(exception)).map(({ id }) => id),
      digests: digestHealth(marks, known.at),
      ...signalsHealth(sources.notes, known.at),
      ...platform,
      ...evidence,
      ...heartbeatHealth(contract?.calendar, marks, known.at),
      ...known,
    };
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    return { store: 'unavailable', waiting: 0, ...NOTHING, ...needs.pulse.own(), ...known };
  }
}

const NOTHING = {
  ...{ deadLetters: [], bypasses: [], offPaths: [] },
  ...{ unreachable: [], withoutApp: [], unreachedExceptions: [] },
};

async function openOffPaths({ offPaths }: Needs): Promise<DeliveryHealth['offPaths']> {
  const open = await offPaths.open();
  return open.map(({ id, kind, services, environment, at }) => ({ id, kind, services, environment, at }));
}

function isUnreached({ state, silence }: Exception): boolean {
  return state === 'requested' && silence?.unreachedAt !== undefined;
}

const A_DAY_MINUTES = 1_440;

function digestHealth(stored: readonly StoredMark[], now: string): DigestHealth {
  const marks = stored.filter(({ mark }) => !isHeartbeat(mark));
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
    channels: marks.flatMap(({ mark }) => channelDigest(mark)),
  };
}

/** Before the first one is due there is nothing to tell. */
function heartbeatHealth(
  calendar: Calendar | undefined,
  stored: readonly StoredMark[],
  now: string,
): Pick<DeliveryHealth, 'heartbeat'> {
  const marks = stored.map(({ mark }) => mark).filter(isHeartbeat);
  const [triedAt] = marks.map(({ at }) => at).toSorted();
  if (calendar === undefined || triedAt === undefined) return {};
  const lastAt = marks
    .filter(({ outcome }) => outcome === 'sent')
    .map(({ at }) => at)
    .toSorted()
    .at(-1);
  const isMissing = isHeartbeatMissing(calendar, { lastAt, triedAt }, now);
  return { heartbeat: { isMissing, ...(lastAt === undefined ? {} : { lastAt }) } };
}

function signalsHealth(notes: readonly SourceNote[], now: string): Pick<DeliveryHealth, 'signals'> {
  return notes.length === 0 ? {} : { signals: notes.map((note) => signalHealth(note, now)) };
}

/** One call for each organization. Projects that hold nothing of the catalog concern nobody. */
async function platformIn(
  { platforms, platformSources, organizations }: Needs,
  catalog: Catalog,
  now: string,
): Promise<Pick<DeliveryHealth, 'platform'>> {
  if (platformSources.length === 0) return {};
  const read = await Promise.all(
    organizations.map(async (organization) => {
      const all = await platforms.all(organization);
      const { sections } = concerning({ organization, sections: all.map(({ section }) => section) }, catalog);
      return all
        .filter(({ section }) => sections.includes(section))
        .map((kept) => platformHealth(organization, kept, now));
    }),
  );
  return { platform: read.flat() };
}

function channelDigest({ reader, outcome, at, code }: DigestMark): ChannelDigest[] {
  const recipient = recipientNamed(reader);
  if (recipient.kind !== 'channel') return [];
  return [{ channel: recipient.channel, outcome, at, ...(code === undefined ? {} : { code }) }];
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

/** So many are looked up; it takes a call for each. */
const NAMED = 100;

/** Whom something does not reach, and why; of those whose digest waits only who lacks the app is told. */
async function reachHealth(
  needs: Needs,
  parked: readonly Parked[],
  marks: readonly StoredMark[],
  now: string,
): Promise<Pick<DeliveryHealth, 'unreachable' | 'withoutApp'>> {
  const waits = Map.groupBy(parked, ({ recipient }) => recipient);
  const lonely = marks
    .map(({ mark }) => mark)
    .filter((mark) => isUnread(mark, now) && !isHeartbeat(mark) && !waits.has(mark.reader));
  const names = [...waits.keys(), ...lonely.map(({ reader }) => reader)].slice(0, NAMED);
  const found = await Promise.all(names.map((name) => unreachable(needs, recipientNamed(name))));
  const byName = found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return {
    unreachable: byName
      .filter(({ recipient }) => waits.has(recipient))
      .map((one) => ({ ...one, waits: (waits.get(one.recipient) ?? []).map(({ id }) => id) })),
    withoutApp: byName
      .filter(({ recipient, why }) => why === 'not-installed' && recipient.startsWith('user:'))
      .map(({ name }) => name),
  };
}

function parkedIn({ gate, cards }: StoredGate): Parked[] {
  const own = cards.filter((card) => holderOf(card) === undefined && card.conversation === '');
  return own.map(({ recipient }) => ({ recipient, id: gate.id }));
}

function isUnread({ outcome, at }: DigestMark, now: string): boolean {
  return outcome === 'unreachable' && at >= plusMinutes(now, -A_DAY_MINUTES);
}
