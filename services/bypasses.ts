import {
  confirmationRefusal,
  confirmed,
  type Explanation,
  explained,
  explanationRefusal,
  isPartOf,
} from './domain/bypass.ts';
import type { Gate } from './domain/gate.ts';
import { layersOf } from './domain/layers.ts';
import { aliasesOf, type Person, type PersonActor, type Principal } from './domain/person.ts';
import type { Refusal } from './domain/refusal.ts';
import type { Clock } from './ports/clock.ts';
import { type Directory, DirectoryUnavailableError } from './ports/directory.ts';
import type { GateChange, GateStore, StoredGate } from './ports/gate-store.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';

/** What somebody says about a stage that went on without a decision here. */
export interface BypassWord {
  readonly requestId: string;
  /** What the card showed; absent for a typed command. */
  readonly revision?: number;
  readonly by: PersonActor;
  /** Stable over replays of the same click or message (storage.md rule 3). */
  readonly op: string;
  /** Absent: what was said about it before is confirmed. */
  readonly explanation?: { readonly reason: string; readonly ticket: string };
}

export type BypassAnswered =
  | { readonly kind: 'recorded'; readonly gate: Gate }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly gate?: Gate };

interface Needs {
  readonly tenant: string;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly gates: GateStore;
  /** Called with what was committed, so that showing it does not wait for the next pass. */
  readonly committed: (stored: StoredGate) => void;
}

export type Bypasses = ReturnType<typeof createBypasses>;

export function createBypasses(needs: Needs) {
  return {
    /** Records an explanation or its confirmation. Rejects only when the store did not answer. */
    record: (word: BypassWord): Promise<BypassAnswered> => record(needs, word),
  };
}

/** How often something else may be recorded first before we give up. */
const TRIES = 3;

async function record(needs: Needs, word: BypassWord): Promise<BypassAnswered> {
  let stored = await needs.gates.locate(word.requestId);
  if (stored === undefined) return { kind: 'refused', refusal: 'unknown-request' };
  if (word.by.tenant.toLowerCase() !== needs.tenant.toLowerCase()) return { kind: 'refused', refusal: 'wrong-tenant' };
  for (let n = 0; n < TRIES; n += 1) {
    if (stored.evidence.some(({ op }) => op === word.op)) return { kind: 'recorded', gate: stored.gate };
    const change = await changeOf(needs, stored, word);
    if (typeof change === 'string') return { kind: 'refused', refusal: change, gate: stored.gate };
    const committed = await needs.gates.commit(stored, change);
    if (committed.kind === 'committed') {
      needs.committed(committed.stored);
      return { kind: 'recorded', gate: committed.stored.gate };
    }
    stored = committed.stored;
  }
  return { kind: 'refused', refusal: 'not-recorded', gate: stored.gate };
}

async function changeOf(needs: Needs, { gate }: StoredGate, word: BypassWord): Promise<GateChange | Refusal> {
  const at = needs.clock.now();
  try {
    const [person, policy] = await Promise.all([needs.directory.person(word.by.oid), needs.policy.current()]);
    const by = person === undefined ? word.by : { ...word.by, name: person.name };
    const change = { op: word.op, outbox: ['card'], at } as const;
    if (word.explanation === undefined) {
      const refusal = await refusalToConfirm(needs, gate, word, person, policy);
      const data = { ...layersOf(gate), explained: gate.bypass?.explained.by.oid };
      return refusal ?? { ...change, gate: confirmed(gate, by, at), evidence: entry('bypass-confirmed', by, data) };
    }
    const explanation = await explanationOf(needs, gate, { ...word, by }, person, policy, at);
    if (typeof explanation === 'string') return explanation;
    const { reason, ticket, confirmers } = explanation;
    const next = explained(gate, explanation);
    const data = { ...layersOf(next), confirmers: [...confirmers] };
    return { ...change, gate: next, evidence: { ...entry('bypass-explained', by, data), texts: { reason, ticket } } };
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) return 'cannot-verify-now';
    throw error;
  }
}

function entry<T>(kind: 'bypass-explained' | 'bypass-confirmed', actor: PersonActor, data: T) {
  return { kind, actor, data };
}

async function explanationOf(
  { directory }: Needs,
  gate: Gate,
  { by, revision, explanation }: BypassWord,
  person: Person | undefined,
  policy: PolicySnapshot,
  at: string,
): Promise<Explanation | Refusal> {
  const reason = explanation?.reason.trim() ?? '';
  const ticket = explanation?.ticket.trim() ?? '';
  const isOwner = await directory.isMember(by.oid, ownersOf(gate, policy));
  const seen = revision === undefined ? {} : { revision };
  const refusal = explanationRefusal(gate, { person, isOwner, reason, ticket, ...seen });
  if (refusal !== undefined) return refusal;
  const accounts = person === undefined ? [by.oid] : aliasesOf(person);
  const draft: Explanation = { by, at, reason, ticket, confirmers: [], accounts };
  return { ...draft, confirmers: await confirmersOf(directory, explained(gate, draft), policy) };
}

async function refusalToConfirm(
  { directory }: Needs,
  gate: Gate,
  { by, revision }: BypassWord,
  person: Person | undefined,
  policy: PolicySnapshot,
): Promise<Refusal | undefined> {
  const confirmers = await confirmersOf(directory, gate, policy);
  const isConfirmer = confirmers.length > 0 && (await directory.isMember(by.oid, confirmers));
  const seen = revision === undefined ? {} : { revision };
  return confirmationRefusal(gate, { person, isConfirmer, ...seen });
}

/** The owners of its services; of what the catalog does not know, the contract's. */
function ownersOf({ services }: Gate, { catalog, contract }: PolicySnapshot): Principal[] {
  const owners = services.map((name) => catalog.services.get(name)?.owner ?? contract?.owner);
  return [...new Set(owners.filter((owner) => owner !== undefined))];
}

/** The owners, else their leads, else the contract's owner: the first of them among whom somebody has no part in it. */
async function confirmersOf(directory: Directory, gate: Gate, policy: PolicySnapshot): Promise<readonly Principal[]> {
  const leads = gate.services.map((name) => policy.catalog.services.get(name)?.lead);
  for (const principals of [ownersOf(gate, policy), leads, [policy.contract?.owner]]) {
    const asked = [...new Set(principals.filter((principal) => principal !== undefined))];
    const members = await Promise.all(asked.map((principal) => directory.membersOf(principal)));
    const free = members.flat().filter((one) => !one.guest && !one.disabled && !isPartOf(gate, one));
    if (free.length > 0) return asked;
  }
  return [];
}
