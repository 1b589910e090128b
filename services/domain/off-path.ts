import type { LoggedEntry } from './activity.ts';
import type { Bypass, Unapproved } from './bypass.ts';
import { sha256Base32 } from './checksum.ts';
import type { Contract } from './contract.ts';
import type { GateState } from './gate.ts';
import type { OutsideIdentity } from './person.ts';

/** A deployment without a decision, a weakened check, a change by an identity outside the release path, a connection used by another pipeline. */
export const OFF_PATH_KINDS = ['deployment', 'check', 'write', 'use'] as const;
export type OffPathKind = (typeof OFF_PATH_KINDS)[number];

/** Something that was done to a protected environment beside the release path. */
export interface OffPath {
  /** As long as a request id, and none. */
  readonly id: string;
  readonly kind: OffPathKind;
  /** Sorted; empty: of no service that the catalog knows. */
  readonly services: readonly string[];
  /** `-`: which one cannot be told. */
  readonly environment: string;
  /** ISO-8601 UTC; when it was done. */
  readonly at: string;
  /** ISO-8601 UTC. */
  readonly raisedAt: string;
  /** As the log says it; of a deployment by which pipeline and stage. */
  readonly what: string;
  readonly run?: OffPathRun;
  /** The request that waited for it or did not let it go. */
  readonly gate?: { readonly id: string; readonly state: GateState };
  /** Who did it, as written there: such a human does not confirm it. */
  readonly doneBy: readonly OutsideIdentity[];
  readonly revision: number;
  readonly bypass?: Bypass;
}

export interface OffPathRun {
  readonly organization: string;
  readonly projectId: string;
  readonly project: string;
  readonly id: number;
  readonly name: string;
  readonly url: string;
  readonly pipeline: string;
  readonly stage: string;
  readonly attempt: number;
}

/** Before it is recorded. */
export type OffPathFound = Omit<OffPath, 'raisedAt' | 'revision' | 'bypass'>;

export function unapprovedAction({ revision, doneBy, bypass }: OffPath): Unapproved {
  return { isBypassed: true, revision, doneBy, ...(bypass === undefined ? {} : { bypass }) };
}

/** Whether somebody still has to explain or confirm it. */
export function isOpenOffPath({ bypass }: Pick<OffPath, 'bypass'>): boolean {
  return bypass?.confirmed === undefined;
}

/** The same for the same thing, however often and by whichever process it is seen. */
export function offPathId(kind: OffPathKind, ...named: readonly (string | number)[]): string {
  const parts = named.map((part) => (typeof part === 'string' ? part.toLowerCase() : part));
  return sha256Base32(JSON.stringify(['off-path', kind, ...parts])).slice(0, 16);
}

/** Environments of the contract in which nothing goes on without a decision. */
export function protectedNames(contract: Contract): string[] {
  return [...contract.environments.values()].filter(({ tier }) => tier === 'production').map(({ name }) => name);
}

const WEAKENED = /^checkconfiguration\.(?:deleted|disabled|updated)$/i;
const PASSED_BY = /^checksuite\.bypassed$/i;

/**
 * A check that was deleted, disabled, changed or bypassed. Of an environment that the contract does not protect it is none; what kind of
 * change it was the log does not always say, so every change counts.
 */
export function weakenedCheck(
  entry: LoggedEntry,
  place: Pick<OffPath, 'services' | 'environment'>,
  contract: Contract,
): OffPathFound | undefined {
  const { operation, outcome, finding, id, at } = entry;
  const isChecked = WEAKENED.test(operation) || PASSED_BY.test(operation);
  if (!isChecked || outcome === 'failed' || finding === undefined) return undefined;
  if (place.environment !== '-' && !isProtected(contract, place.environment)) return undefined;
  return { id: offPathId('check', id), kind: 'check', ...place, at, what: finding.message, doneBy: doneByOf(entry) };
}

export function isPassedBy({ operation }: LoggedEntry): boolean {
  return PASSED_BY.test(operation);
}

/** Each environment has the name that the contract writes. */
function isProtected(contract: Contract, environment: string): boolean {
  return protectedNames(contract).some((name) => name.toLowerCase() === environment.toLowerCase());
}

/**
 * A change in a production environment by an identity that is not among those that are allowed there. What one wish of somebody's did in one
 * environment is one action.
 */
export function outsideWrite(
  entry: LoggedEntry,
  { service, environment }: { readonly service: string; readonly environment: string },
  allowed: readonly string[],
  contract: Contract,
): OffPathFound | undefined {
  if (!entry.isWrite || entry.outcome === 'failed' || !isProtected(contract, environment)) return undefined;
  if (entry.actor.ids.some((id) => allowed.includes(id))) return undefined;
  const wish = entry.correlation === '' ? entry.id : entry.correlation;
  const who = entry.actor.name ?? 'somebody';
  const target = (entry.asset ?? '').split('/').slice(-2).join('/');
  return {
    ...{ id: offPathId('write', service, environment, wish), kind: 'write', services: [service], environment },
    ...{ at: entry.at, what: entry.finding?.message ?? `${who}: ${entry.operation} on ${target}` },
    doneBy: doneByOf(entry),
  };
}

export function doneByOf({ actor: { ids, name } }: LoggedEntry): OutsideIdentity[] {
  const named = name === undefined ? {} : { name };
  return ids.length === 0 ? (name === undefined ? [] : [named]) : ids.map((id) => ({ id, ...named }));
}
