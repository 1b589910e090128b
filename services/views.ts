import { type Gate, isSettled } from './domain/gate.ts';
import type { PersonActor } from './domain/person.ts';
import { askedNow } from './domain/quorum.ts';
import type { Refusal } from './domain/refusal.ts';
import { type Directory, DirectoryUnavailableError } from './ports/directory.ts';
import type { GateStore } from './ports/gate-store.ts';
import type { Policy } from './ports/policy.ts';

export interface Filter {
  /** Only what waits for the person who asks. */
  readonly mine: boolean;
  /** A service or an environment. */
  readonly scope?: string;
}

interface Needs {
  readonly tenant: string;
  readonly directory: Directory;
  readonly gates: GateStore;
  readonly policy: Policy;
}

export type Views = ReturnType<typeof createViews>;

/** What people may read. Findings and names are for the people of the directory, not for every account of the tenant. */
export function createViews(needs: Needs) {
  return {
    gate: (by: PersonActor, requestId: string): Promise<Gate | Refusal> => gateFor(needs, by, requestId),
    /** Those that exist, in the order of the ids. */
    gates: (by: PersonActor, requestIds: readonly string[]): Promise<readonly Gate[] | Refusal> =>
      gatesFor(needs, by, requestIds),
    /** Gates that wait for somebody, newest first. */
    open: (by: PersonActor, filter: Filter): Promise<readonly Gate[] | Refusal> => openFor(needs, by, filter),
    /** Of the contract in force; undefined when there is none. */
    contractVersion: async (): Promise<number | undefined> => (await needs.policy.current()).contract?.version,
    /** Why this person may read nothing, or undefined. */
    strangerBecause: (by: PersonActor): Promise<Refusal | undefined> => strangerBecause(needs, by),
  };
}

async function strangerBecause(needs: Needs, by: PersonActor): Promise<Refusal | undefined> {
  if (by.tenant.toLowerCase() !== needs.tenant.toLowerCase()) return 'wrong-tenant';
  try {
    const person = await needs.directory.person(by.oid);
    if (person === undefined) return 'not-in-directory';
    if (person.disabled) return 'disabled';
    return person.guest ? 'guest' : undefined;
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) return 'cannot-verify-now';
    throw error;
  }
}

async function gateFor(needs: Needs, by: PersonActor, requestId: string): Promise<Gate | Refusal> {
  const stranger = await strangerBecause(needs, by);
  if (stranger !== undefined) return stranger;
  return (await needs.gates.locate(requestId))?.gate ?? 'unknown-request';
}

async function gatesFor(needs: Needs, by: PersonActor, ids: readonly string[]): Promise<readonly Gate[] | Refusal> {
  const stranger = await strangerBecause(needs, by);
  if (stranger !== undefined) return stranger;
  const found = await Promise.all([...new Set(ids)].map((id) => needs.gates.locate(id)));
  return found.flatMap((stored) => (stored === undefined ? [] : [stored.gate]));
}

async function openFor(needs: Needs, by: PersonActor, filter: Filter): Promise<readonly Gate[] | Refusal> {
  const stranger = await strangerBecause(needs, by);
  if (stranger !== undefined) return stranger;
  const ids = await needs.gates.open();
  const found = await Promise.all(ids.map(({ org, id }) => needs.gates.read(org, id)));
  // A slow writer of this index can bring back a row that another took away.
  const told = found.flatMap((stored) => (stored?.gate.toldAt === undefined ? [] : [stored.gate]));
  await Promise.all(told.map((gate) => needs.gates.markClosed(gate)));
  const scope = filter.scope?.toLowerCase();
  return found
    .flatMap((stored) => (stored === undefined || isSettled(stored.gate.state) ? [] : [stored.gate]))
    .filter(
      (gate) =>
        !filter.mine || (gate.ask !== undefined && askedNow(gate.ask, gate.votes).some(({ oid }) => oid === by.oid)),
    )
    .filter(
      (gate) =>
        scope === undefined || [gate.environment, ...gate.services].some((name) => name.toLowerCase() === scope),
    )
    .sort((a, b) => (a.receivedAt < b.receivedAt ? 1 : -1));
}
