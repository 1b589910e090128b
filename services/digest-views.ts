import { bySection, type DigestSection, digestFor, type ReaderState } from './domain/digest.ts';
import { type DigestBasis, type DigestReader, readBy } from './domain/digest-reader.ts';
import { horizonOf } from './domain/digest-schedule.ts';
import { namedIn } from './domain/judgement.ts';
import { heldBackIn } from './domain/nudge-record.ts';
import type { PersonActor, Principal } from './domain/person.ts';
import type { Refusal } from './domain/refusal.ts';
import type { NotSeen, Warning } from './domain/warning.ts';
import type { Clock } from './ports/clock.ts';
import type { Covers } from './ports/covers.ts';
import { basisOf, type PolicyInForce, readWarnings } from './ports/digest-basis.ts';
import { askedBy, calendarOf, namedCovers, planReaders, servicesOf } from './ports/digest-readers.ts';
import type { DigestMarks, Subscriptions } from './ports/digest-store.ts';
import { type Directory, DirectoryUnavailableError } from './ports/directory.ts';
import type { ExceptionStore } from './ports/exception-store.ts';
import type { NudgeRecords } from './ports/nudge-store.ts';
import type { Policy } from './ports/policy.ts';
import type { ScopeStore } from './ports/scope-store.ts';
import type { Assigned, TriageStore } from './ports/triage-store.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly scopes: Pick<ScopeStore, 'views'>;
  readonly triage: Pick<TriageStore, 'of' | 'assignedTo'>;
  readonly covers: Pick<Covers, 'inForce'>;
  readonly exceptions: Pick<ExceptionStore, 'live'>;
  readonly marks: Pick<DigestMarks, 'of'>;
  readonly nudgeRecords: Pick<NudgeRecords, 'of'>;
  readonly subscriptions: Pick<Subscriptions, 'of'>;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
  /** Why this person may read nothing, or undefined. */
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
}

/** Who asks, and in which zone (IANA) they read. */
export type Asking = PersonActor & { readonly zone?: string };

/** Warnings of one service in one section. */
export interface MoreWarnings {
  readonly kind: 'more';
  readonly at: string;
  readonly service: string;
  readonly section: DigestSection;
  readonly vacant: readonly Principal[];
  readonly warnings: readonly Warning[];
}

/** One finding, as what it is warned of. */
export interface WarningSeen {
  readonly kind: 'warning';
  readonly at: string;
  readonly service: string;
  readonly fingerprint: string;
  readonly vacant: readonly Principal[];
  /** Empty: it is no warning now. */
  readonly warnings: readonly Warning[];
}

export type DigestViews = ReturnType<typeof createDigestViews>;

/** What people may see of warnings when they ask. Changes nothing. Rejects when the store does not answer. */
export function createDigestViews(needs: Needs) {
  return {
    /** What this person, or a group of theirs, owns; new is what was new in their last digest, or came later. */
    today: (by: Asking) =>
      forPeople(needs, by, async (policy) => {
        const seen = await read(needs, policy, by, undefined);
        const { reader, basis, state, warnings } = seen;
        const digest = digestFor(reader, readBy(reader, warnings, basis), basis, state);
        return { kind: 'digest' as const, digest };
      }),
    /** Theirs in this service; of a service in which nothing is theirs, all. */
    more: (by: Asking, { service, section }: { readonly service: string; readonly section: DigestSection }) =>
      forPeople(needs, by, async (policy): Promise<MoreWarnings | NotSeen> => {
        const { reader, basis, state, warnings } = await read(needs, policy, by, service);
        if (!isKnown(policy, service)) return { kind: 'unknown-service', service };
        const own = readBy(reader, warnings, basis);
        const shown = bySection(own.length === 0 ? warnings : own, section, basis, state);
        return { kind: 'more', at: basis.at, service, section, vacant: [...basis.vacant], warnings: shown };
      }),
    why: (by: Asking, { service, fingerprint }: { readonly service: string; readonly fingerprint: string }) =>
      forPeople(needs, by, async (policy): Promise<WarningSeen | NotSeen> => {
        const { basis, warnings } = await read(needs, policy, by, service);
        if (!isKnown(policy, service)) return { kind: 'unknown-service', service };
        const found = warnings.filter((warning) => namedIn(warning, [fingerprint]).length > 0);
        return { kind: 'warning', at: basis.at, service, fingerprint, vacant: [...basis.vacant], warnings: found };
      }),
  };
}

function isKnown({ catalog }: PolicyInForce, service: string): boolean {
  return catalog.services.has(service) || catalog.broken.has(service);
}

async function forPeople<T>(
  needs: Needs,
  by: Asking,
  answer: (policy: PolicyInForce) => Promise<T>,
): Promise<T | NotSeen> {
  const stranger = await needs.strangerBecause(by);
  if (stranger !== undefined) return { kind: 'refused', why: stranger };
  const policy = await needs.policy.current();
  const { contract } = policy;
  if (contract === undefined) return { kind: 'no-contract' };
  try {
    return await answer({ ...policy, contract });
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) return { kind: 'refused', why: 'cannot-verify-now' };
    throw error;
  }
}

interface Seen {
  readonly reader: DigestReader;
  readonly basis: DigestBasis;
  readonly state: ReaderState;
  readonly warnings: readonly Warning[];
}

/** Of one service, or of all that can concern them. */
async function read(needs: Needs, policy: PolicyInForce, by: Asking, service: string | undefined): Promise<Seen> {
  const name = `user:${by.oid}`;
  const now = needs.clock.now();
  const [live, subscriptions, stored, nudged, inForce] = await Promise.all([
    needs.exceptions.live(service),
    needs.subscriptions.of(by.oid),
    needs.marks.of(name),
    needs.nudgeRecords.of(name),
    needs.covers.inForce(now),
  ]);
  const exceptions = live.map(({ exception }) => exception);
  const covers = await namedCovers(
    needs.directory,
    inForce.filter((cover) => cover.by === by.oid),
  );
  const oids = [by.oid, ...covers.map(({ absent }) => absent)];
  const assigned = await assignedTo(needs, oids);
  const whoHears = askedBy(needs.directory, oids);
  const plan = await planReaders({ ...policy, exceptions, subscriptions, assigned, covers, whoHears });
  const reader = plan.readers.get(name) ?? {
    name,
    standsFor: new Map(),
    services: new Set<string>(),
    environments: new Set<string>(),
  };
  const wanted = service === undefined ? servicesOf(reader) : new Set([service]);
  const { since, until, told = [] } = stored?.mark ?? {};
  const horizon = horizonOf(calendarOf(reader, policy, by.zone), now);
  // Of a first digest everything was new, and still is.
  const newFrom = until === undefined ? undefined : since;
  const { warnings, unscanned } = await readWarnings(needs, policy, wanted, now);
  return {
    reader,
    basis: basisOf(policy, plan, exceptions, now),
    state: {
      ...(newFrom === undefined ? {} : { since: newFrom }),
      told,
      horizon,
      heldBack: heldBackIn(nudged?.record ?? { waiting: [] }),
      unscanned,
    },
    warnings,
  };
}

/** Wherever these people have something. */
async function assignedTo({ triage }: Needs, oids: readonly string[]): Promise<Assigned[]> {
  const found = oids.map(async (oid) => (await triage.assignedTo(oid)).map(({ service }) => ({ oid, service })));
  return (await Promise.all(found)).flat();
}
