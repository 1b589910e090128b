import { sha256 } from '../domain/checksum.ts';
import type { Clock } from '../ports/clock.ts';
import type { Policy, PolicySnapshot } from '../ports/policy.ts';
import { composePolicy, NO_POLICY } from './compose-policy.ts';
import { codeOf, readPolicyFolder, stampOf } from './policy-folder.ts';

/** Files are looked at (size and time) no more often than this. */
const LOOK_EVERY_MS = 5_000;
/** Files are read at least this often: a change that left size and time as they were is still seen. */
const READ_EVERY_MS = 30_000;

/** Where the files stood when they were last read. */
interface Reading {
  readonly atMs: number;
  /** UTC date: the 90 days of an observed environment count from it. */
  readonly today: string;
  readonly stamp: string;
  readonly checksum: string;
}

/** Policy from a folder (`POLICY_DIR`): contract.yaml, catalog.yaml or catalog/*.yaml, routes.yaml or routes/*.yaml. */
export function createFolderPolicy({ dir, clock }: { readonly dir: string; readonly clock: Clock }): Policy {
  let composed = composePolicy([], NO_POLICY, clock.now().slice(0, 10));
  let fault: string | undefined;
  let lookedAtMs: number | undefined;
  let reading: Reading | undefined;
  let looking: Promise<void> | undefined;

  async function look(now: string): Promise<void> {
    const [atMs, today] = [Date.parse(now), now.slice(0, 10)];
    const stamp = await stampOf(dir);
    const isFresh = reading !== undefined && Math.abs(atMs - reading.atMs) < READ_EVERY_MS;
    if (isFresh && reading?.stamp === stamp) return;
    const files = await readPolicyFolder(dir);
    const checksum = sha256(JSON.stringify(files));
    if (reading?.checksum !== checksum || reading.today !== today)
      composed = composePolicy(files, composed.good, today);
    reading = { atMs, today, stamp, checksum };
  }

  async function lookSafely(now: string): Promise<void> {
    try {
      await look(now);
      fault = undefined;
    } catch (error) {
      fault = `${dir}:1 folder: cannot be read (${codeOf(error)}); allowed: a readable folder (POLICY_DIR)`;
    }
  }

  return {
    async current(): Promise<PolicySnapshot> {
      const now = clock.now();
      const atMs = Date.parse(now);
      if (looking === undefined && (lookedAtMs === undefined || Math.abs(atMs - lookedAtMs) >= LOOK_EVERY_MS)) {
        lookedAtMs = atMs;
        looking = lookSafely(now).finally(() => {
          looking = undefined;
        });
      }
      await looking;
      const { snapshot } = composed;
      if (fault === undefined) return snapshot;
      return { ...snapshot, problems: reading === undefined ? [fault] : [fault, ...snapshot.problems] };
    },
  };
}
