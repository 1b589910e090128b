import { sha256 } from '../domain/checksum.ts';
import type { Contract } from '../domain/contract.ts';
import type { Clock } from '../ports/clock.ts';
import type { Policy, PolicySnapshot } from '../ports/policy.ts';
import { type PolicyReading, type PolicySource, PolicySourceError } from '../ports/policy-source.ts';
import { composePolicy, NO_POLICY } from './compose-policy.ts';

/** The source is looked at no more often than this. */
const LOOK_EVERY_MS = 5_000;
/** Files are read at least this often: a change that left the stamp as it was is still seen. */
const READ_EVERY_MS = 30_000;
/** A source that failed is left alone for this long: whoever asks meanwhile must not wait for it again. */
const LOOK_AGAIN_MS = 10_000;
/** However long it asks to wait: a push must be in force within a minute. */
const LONGEST_PAUSE_MS = 45_000;

/** How the source stood when it was last read. */
interface Reading {
  readonly atMs: number;
  /** UTC date: the 90 days of an observed environment count from it. */
  readonly today: string;
  readonly stamp: string;
  readonly checksum: string;
}

/** When the source was last looked at, and how long it is left alone since. */
interface Look {
  readonly atMs: number;
  readonly forMs: number;
}

interface Needs {
  readonly source: PolicySource;
  readonly clock: Clock;
  /** Called whenever the source has answered. */
  readonly answered?: () => void;
}

type Origin = Pick<PolicySnapshot, 'commit' | 'readAt'>;

/** Policy from a source whose files may change at any time. What cannot be taken leaves the last good version in force. */
export function createSourcedPolicy({ source, clock, answered }: Needs): Policy {
  let composed = composePolicy([], NO_POLICY, clock.now().slice(0, 10));
  let { snapshot } = composed;
  let origin: Origin = {};
  let fault: string | undefined;
  let last: Look | undefined;
  let reading: Reading | undefined;
  let looking: Promise<void> | undefined;

  async function look(now: string): Promise<void> {
    const [atMs, today] = [Date.parse(now), now.slice(0, 10)];
    const stamp = await source.stamp();
    const isFresh = reading !== undefined && Math.abs(atMs - reading.atMs) < READ_EVERY_MS;
    if (isFresh && reading?.stamp === stamp) return;
    const read = await source.read(stamp);
    const checksum = sha256(JSON.stringify([read.commit ?? '', read.files]));
    if (reading?.checksum !== checksum || reading.today !== today) take(read, now);
    reading = { atMs, today, stamp, checksum };
  }

  function take({ files, commit }: PolicyReading, now: string): void {
    const before = composed.good.contract;
    composed = composePolicy(files, composed.good, now.slice(0, 10));
    origin = originOf({ before, contract: composed.good.contract, origin, commit, now });
    snapshot = { ...composed.snapshot, ...origin };
  }

  async function lookSafely(now: string): Promise<void> {
    try {
      await look(now);
      answered?.();
      fault = undefined;
      last = { atMs: Date.parse(now), forMs: LOOK_EVERY_MS };
    } catch (error) {
      fault = problemOf(error);
      const asked = error instanceof PolicySourceError ? (error.retryAfter ?? 0) * 1_000 : 0;
      const forMs = Math.min(Math.max(LOOK_AGAIN_MS, asked), LONGEST_PAUSE_MS);
      last = { atMs: Date.parse(clock.now()), forMs };
    }
  }

  return {
    async current(): Promise<PolicySnapshot> {
      const now = clock.now();
      if (looking === undefined && (last === undefined || Math.abs(Date.parse(now) - last.atMs) >= last.forMs)) {
        looking = lookSafely(now).finally(() => {
          looking = undefined;
        });
      }
      await looking;
      if (fault === undefined) return snapshot;
      return { ...snapshot, problems: reading === undefined ? [fault] : [fault, ...snapshot.problems] };
    },
  };
}

/** A broken version leaves the contract as it was, and of the commit that it was read from. */
function originOf(read: {
  readonly before: Contract | undefined;
  readonly contract: Contract | undefined;
  readonly origin: Origin;
  readonly commit: string | undefined;
  readonly now: string;
}): Origin {
  const { before, contract, origin, commit, now } = read;
  if (contract === before) return origin;
  const readAt = contract?.checksum === before?.checksum ? origin.readAt : now;
  return { ...(commit === undefined ? {} : { commit }), ...(readAt === undefined ? {} : { readAt }) };
}

function problemOf(error: unknown): string {
  if (error instanceof PolicySourceError) return error.message;
  return `policy:1 source: cannot be read (${error instanceof Error ? error.message : 'unknown fault'})`;
}
