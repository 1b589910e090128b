import {
  confirmationRefusal,
  confirmed,
  type Explanation,
  explained,
  explanationRefusal,
  isPartOf,
  type Unapproved,
  unapprovedOf,
} from './domain/bypass.ts';
import type { Canonical } from './domain/canonical.ts';
import type { EvidenceDraft } from './domain/evidence.ts';
import type { Gate } from './domain/gate.ts';
import { layersOf } from './domain/layers.ts';
import { type OffPath, unapprovedAction } from './domain/off-path.ts';
import { aliasesOf, type Person, type PersonActor, type Principal } from './domain/person.ts';
import { isOverreach, type Refusal } from './domain/refusal.ts';
import type { Clock } from './ports/clock.ts';
import { type Directory, DirectoryUnavailableError } from './ports/directory.ts';
import type { GateStore, StoredGate } from './ports/gate-store.ts';
import type { OffPathStore, StoredOffPath } from './ports/off-path-store.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import type { RefusedWords } from './ports/refused-words.ts';

/** What somebody says about a stage that went on without a decision here, or an action off the release path. */
export interface BypassWord {
  /** Of either. */
  readonly requestId: string;
  /** What the card showed; absent for a typed command. */
  readonly revision?: number;
  readonly by: PersonActor;
  /** Stable over replays of the same click or message (storage.md rule 3). */
  readonly op: string;
  /** Absent: what was said about it before is confirmed. */
  readonly explanation?: { readonly reason: string; readonly ticket: string };
}

/** As it is then: one of them. */
interface Shown {
  readonly gate?: Gate;
  readonly offPath?: OffPath;
}

export type BypassAnswered = Shown &
  (
    | { readonly kind: 'recorded' }
    /** Shown where there is such a thing. */
    | { readonly kind: 'refused'; readonly refusal: Refusal }
  );

interface Needs {
  readonly tenant: string;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly gates: Pick<GateStore, 'locate' | 'commit'>;
  readonly offPaths: Pick<OffPathStore, 'read' | 'commit'>;
  readonly refusedWords: RefusedWords;
  /** Called with what was committed, so that showing it does not wait for the next pass. */
  readonly committed: (stored: StoredGate) => void;
  readonly committedOffPath: (id: string) => void;
}

export type Bypasses = ReturnType<typeof createBypasses>;

export function createBypasses(needs: Needs) {
  return {
    /** Records an explanation or its confirmation. Rejects only when the store did not answer. */
    record: (word: BypassWord): Promise<BypassAnswered> => record(needs, word),
  };
}

type Standing = Pick<Unapproved, 'revision' | 'bypass'>;

/** What is explained, wherever it is kept. */
interface Held {
  readonly one: Unapproved & { readonly services: readonly string[]; readonly environment: string };
  readonly shown: Shown;
  readonly isDone: (op: string) => boolean;
  /** In one transaction; false: somebody else was first, and `held` is as it is now. */
  readonly put: (change: Change & { readonly at: string; readonly op: string }) => Promise<Put>;
}

interface Put {
  readonly isMine: boolean;
  readonly held: Held;
}

interface Change {
  readonly next: Standing;
  readonly evidence: Omit<EvidenceDraft, 'data'> & { readonly data: Readonly<Record<string, Canonical | undefined>> };
}

async function find({ gates, offPaths, ...needs }: Needs, id: string): Promise<Held | undefined> {
  const gate = await gates.locate(id);
  if (gate !== undefined) return heldGate({ gates, ...needs }, gate);
  const action = await offPaths.read(id);
  return action && heldAction({ offPaths, ...needs }, action);
}

function heldGate(needs: Pick<Needs, 'gates' | 'committed'>, stored: StoredGate): Held {
  const { gate, evidence: chain } = stored;
  return {
    one: { ...unapprovedOf(gate), services: gate.services, environment: gate.environment },
    shown: { gate },
    isDone: (op) => chain.some((entry) => entry.op === op),
    put: async ({ next, evidence, at, op }) => {
      const after: Gate = { ...gate, ...next };
      const data = { ...layersOf(after), ...evidence.data };
      const change = { op, gate: after, evidence: { ...evidence, data }, outbox: ['card'], at } as const;
      const committed = await needs.gates.commit(stored, change);
      if (committed.kind === 'committed') needs.committed(committed.stored);
      return { isMine: committed.kind === 'committed', held: heldGate(needs, committed.stored) };
    },
  };
}

function heldAction(needs: Pick<Needs, 'offPaths' | 'committedOffPath'>, stored: StoredOffPath): Held {
  const { action, evidence: chain } = stored;
  return {
    one: { ...unapprovedAction(action), services: action.services, environment: action.environment },
    shown: { offPath: action },
    isDone: (op) => chain.some((entry) => entry.op === op),
    put: async ({ next, evidence, at, op }) => {
      const { services, environment } = action;
      const data = { revision: next.revision, services: [...services], environment, ...evidence.data };
      const after = { action: { ...action, ...next }, evidence: { ...evidence, data }, at, op };
      const committed = await needs.offPaths.commit(stored, after);
      if (committed !== undefined) needs.committedOffPath(action.id);
      const now = committed ?? (await needs.offPaths.read(action.id)) ?? stored;
      return { isMine: committed !== undefined, held: heldAction(needs, now) };
    },
  };
}

/** How often something else may be recorded first before we give up. */
const TRIES = 3;

async function record(needs: Needs, word: BypassWord): Promise<BypassAnswered> {
  let held = await find(needs, word.requestId);
  if (held === undefined) return { kind: 'refused', refusal: 'unknown-request' };
  if (word.by.tenant.toLowerCase() !== needs.tenant.toLowerCase()) return { kind: 'refused', refusal: 'wrong-tenant' };
  for (let n = 0; n < TRIES; n += 1) {
    if (held.isDone(word.op)) return { kind: 'recorded', ...held.shown };
    const at = needs.clock.now();
    const change = await changeOf(needs, held, word, at);
    if (typeof change === 'string') {
      if (isOverreach(change)) await noteRefused(needs, held, word, change, at);
      return { kind: 'refused', refusal: change, ...held.shown };
    }
    const put: Put = await held.put({ ...change, op: word.op, at });
    if (put.isMine) return { kind: 'recorded', ...put.held.shown };
    held = put.held;
  }
  return { kind: 'refused', refusal: 'not-recorded', ...held.shown };
}

function noteRefused({ refusedWords }: Needs, { one }: Held, word: BypassWord, refusal: Refusal, at: string) {
  const { requestId: about, explanation, by, op } = word;
  const { services, environment, revision } = one;
  const what = explanation === undefined ? 'confirm-bypass' : 'explain-bypass';
  return refusedWords.note({ about, what, refusal, services, environment, revision, by, op, at });
}

async function changeOf(needs: Needs, { one }: Held, word: BypassWord, at: string): Promise<Change | Refusal> {
  try {
    const [person, policy] = await Promise.all([needs.directory.person(word.by.oid), needs.policy.current()]);
    const by = person === undefined ? word.by : { ...word.by, name: person.name };
    if (word.explanation === undefined) {
      const refusal = await refusalToConfirm(needs, one, word, person, policy);
      const data = { explained: one.bypass?.explained.by.oid };
      return refusal ?? { next: standing(confirmed(one, by, at)), evidence: entry('bypass-confirmed', by, data) };
    }
    const explanation = await explanationOf(needs, one, { ...word, by }, person, policy, at);
    if (typeof explanation === 'string') return explanation;
    const { reason, ticket, confirmers } = explanation;
    const said = entry('bypass-explained', by, { confirmers: [...confirmers] });
    return { next: standing(explained(one, explanation)), evidence: { ...said, texts: { reason, ticket } } };
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) return 'cannot-verify-now';
    throw error;
  }
}

function standing({ revision, bypass }: Standing): Standing {
  return { revision, ...(bypass === undefined ? {} : { bypass }) };
}

function entry<T>(kind: 'bypass-explained' | 'bypass-confirmed', actor: PersonActor, data: T) {
  return { kind, actor, data };
}

async function explanationOf(
  { directory }: Needs,
  one: Held['one'],
  { by, revision, explanation }: BypassWord,
  person: Person | undefined,
  policy: PolicySnapshot,
  at: string,
): Promise<Explanation | Refusal> {
  const reason = explanation?.reason.trim() ?? '';
  const ticket = explanation?.ticket.trim() ?? '';
  const isOwner = await directory.isMember(by.oid, ownersOf(one, policy));
  const seen = revision === undefined ? {} : { revision };
  const refusal = explanationRefusal(one, { person, isOwner, reason, ticket, ...seen });
  if (refusal !== undefined) return refusal;
  const accounts = person === undefined ? [by.oid] : aliasesOf(person);
  const draft: Explanation = { by, at, reason, ticket, confirmers: [], accounts };
  return { ...draft, confirmers: await confirmersOf(directory, explained(one, draft), policy) };
}

async function refusalToConfirm(
  { directory }: Needs,
  one: Held['one'],
  { by, revision }: BypassWord,
  person: Person | undefined,
  policy: PolicySnapshot,
): Promise<Refusal | undefined> {
  const confirmers = await confirmersOf(directory, one, policy);
  const isConfirmer = confirmers.length > 0 && (await directory.isMember(by.oid, confirmers));
  const seen = revision === undefined ? {} : { revision };
  return confirmationRefusal(one, { person, isConfirmer, ...seen });
}

/** The owners of its services; of what the catalog does not know, and of what is of no service, the contract's. */
function ownersOf({ services }: Pick<Held['one'], 'services'>, { catalog, contract }: PolicySnapshot): Principal[] {
  const named = services.map((name) => catalog.services.get(name)?.owner ?? contract?.owner);
  const owners = named.length === 0 ? [contract?.owner] : named;
  return [...new Set(owners.filter((owner) => owner !== undefined))];
}

/** The owners, else their leads, else the contract's owner: the first of them among whom somebody has no part in it. */
async function confirmersOf(
  directory: Directory,
  one: Held['one'],
  policy: PolicySnapshot,
): Promise<readonly Principal[]> {
  const leads = one.services.map((name) => policy.catalog.services.get(name)?.lead);
  for (const principals of [ownersOf(one, policy), leads, [policy.contract?.owner]]) {
    const asked = [...new Set(principals.filter((principal) => principal !== undefined))];
    const members = await Promise.all(asked.map((principal) => directory.membersOf(principal)));
    const free = members.flat().filter((member) => !member.guest && !member.disabled && !isPartOf(one, member));
    if (free.length > 0) return asked;
  }
  return [];
}
