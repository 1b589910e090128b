import { plusMinutes } from './domain/instant.ts';
import { isOpenOffPath, type OffPath, type OffPathFound } from './domain/off-path.ts';
import type { PersonActor, Principal } from './domain/person.ts';
import type { Refusal } from './domain/refusal.ts';
import type { Clock } from './ports/clock.ts';
import type { Directory } from './ports/directory.ts';
import { groupOrLead } from './ports/group-or-lead.ts';
import {
  type Conversation,
  type Conversations,
  distinct,
  lossIn,
  type Notifier,
  nameOf,
  type Recipient,
} from './ports/notifier.ts';
import type { OffPathMessage, OffPathStore, StoredTold } from './ports/off-path-store.ts';
import type { Policy } from './ports/policy.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Pick<Directory, 'membersOf'>;
  readonly conversations: Pick<Conversations, 'find' | 'forget'>;
  readonly notifier: Pick<Notifier, 'tell' | 'retell'>;
  readonly offPaths: OffPathStore;
  /** Why this person may read nothing, or undefined. */
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
  /** Goes on after the caller. */
  readonly later: (work: Promise<void>) => void;
  readonly failed: (id: string, why: unknown) => void;
}

export type OffPaths = ReturnType<typeof createOffPaths>;

/** A claim that is older belongs to a process that died: a card twice is better than none. */
const CLAIM_MINUTES = 4;
/** Whoever could not be reached for so long finds it in the audit. */
const TRIED_MINUTES = 14 * 1_440;

/** Actions off the release path: recorded once, told to whoever owns the scope and whoever reviews the audit. */
export function createOffPaths(needs: Needs) {
  return {
    /** Records it before anybody is told; again is nothing. Rejects with StoreUnavailableError. */
    raise: (found: OffPathFound): Promise<void> => raise(needs, found),
    /** Has everybody's card show what is recorded now. Never rejects. */
    show: (id: string): Promise<void> => showOne(needs, id),
    /** Tells whoever is not told yet. Any number of processes may run it. Rejects when the store does not answer. */
    run: async (): Promise<void> => {
      for (const { id, told } of await needs.offPaths.untold()) await tellSafely(needs, id, told);
    },
    view: async (by: PersonActor, id: string): Promise<OffPath | Refusal> =>
      (await needs.strangerBecause(by)) ?? (await needs.offPaths.read(id))?.action ?? 'unknown-request',
  };
}

async function raise(needs: Needs, found: OffPathFound): Promise<void> {
  const { id, kind, services, environment, at, run, gate, what } = found;
  const action: OffPath = { ...found, raisedAt: needs.clock.now(), revision: 0 };
  const data = {
    ...{ kind, services: [...services], environment, at },
    run: run === undefined ? null : { project: run.projectId, id: run.id, stage: run.stage, attempt: run.attempt },
    gate: gate === undefined ? null : { ...gate },
  };
  const evidence = { kind: 'off-path-detected', actor: { kind: 'countersign' }, data, texts: { what } } as const;
  const isNew = await needs.offPaths.create(action, evidence, `off-path ${id}`);
  if (isNew) needs.later(showOne(needs, id));
}

async function showOne(needs: Needs, id: string): Promise<void> {
  const told = await needs.offPaths.told(id).catch((error: unknown) => needs.failed(id, error));
  if (told) await tellSafely(needs, id, told);
}

async function tellSafely(needs: Needs, id: string, told: StoredTold): Promise<void> {
  await tellOne(needs, id, told).catch((error: unknown) => needs.failed(id, error));
}

/** What a card of it shows; another one is out of date. */
function lookOf(action: OffPath): string {
  return `${action.revision} ${isOpenOffPath(action) ? 'open' : 'confirmed'}`;
}

/** Claimed before anything is sent and noted afterwards: a message may come twice, and silence is never noted as told. */
async function tellOne(needs: Needs, id: string, stored: StoredTold): Promise<void> {
  const { offPaths, clock } = needs;
  const { told } = stored;
  const now = clock.now();
  if (told.claimedAt !== undefined && now < plusMinutes(told.claimedAt, CLAIM_MINUTES)) return;
  const action = (await offPaths.read(id))?.action;
  if (action === undefined) return;
  const readers = await readersOf(needs, action);
  const claim = await offPaths.putTold(id, { ...told, claimedAt: now }, stored, false);
  if (claim === undefined) return;
  const shows = lookOf(action);
  const outdated = told.shows === shows ? [] : told.messages;
  const before = new Set(told.messages.map(({ recipient }) => recipient));
  const fresh = readers.filter(({ audience }) => !before.has(nameOf(audience)));
  const retold = await Promise.all(outdated.map((message) => retell(needs, action, message)));
  const sent = await Promise.all(fresh.map((reader) => tell(needs, action, reader)));
  const messages = [...told.messages, ...sent.flatMap((one) => (typeof one === 'string' ? [] : [one]))];
  const isTried = now >= plusMinutes(action.raisedAt, TRIED_MINUTES);
  const isWhole = retold.every(Boolean) && sent.every((one) => one !== 'again');
  await note(needs, id, { messages, shows: retold.every(Boolean) ? shows : told.shows }, claim, isWhole || isTried);
}

/** What was recorded meanwhile is told by the next pass, which knows of every message that was sent. */
async function note(
  { offPaths }: Needs,
  id: string,
  told: StoredTold['told'],
  claim: StoredTold,
  isDone: boolean,
): Promise<void> {
  if ((await offPaths.putTold(id, told, claim, isDone)) !== undefined) return;
  const now = await offPaths.told(id);
  if (now === undefined) return;
  const all = [...now.told.messages, ...told.messages];
  const messages = [...new Map(all.map((message) => [message.activityId, message])).values()];
  await offPaths.putTold(id, { messages, shows: told.shows }, now, false);
}

interface Reader {
  readonly audience: Recipient;
  /** Undefined: there is no conversation with them yet. */
  readonly to: Conversation | undefined;
}

/** `again`: not now; `never`: the same again changes nothing. */
async function tell(
  needs: Needs,
  action: OffPath,
  { audience, to }: Reader,
): Promise<OffPathMessage | 'again' | 'never'> {
  if (to === undefined) return 'again';
  const sent = await needs.notifier.tell(to, { offPath: action, audience });
  const loss = lossIn(sent);
  if (loss !== undefined) await needs.conversations.forget(audience, loss);
  if (sent.kind === 'sent') return { recipient: nameOf(audience), conversation: to.id, activityId: sent.activityId };
  needs.failed(action.id, 'code' in sent ? sent.code : sent.kind);
  return sent.kind === 'failed' && sent.isFinal ? 'never' : 'again';
}

/** False: it must be tried again. A card that is gone stays gone: its reader has seen it. */
async function retell(needs: Needs, action: OffPath, message: OffPathMessage): Promise<boolean> {
  const audience = recipientOf(message);
  const to = await needs.conversations.find(audience);
  if (to?.id !== message.conversation) return true;
  const sent = await needs.notifier.retell(to, message.activityId, { offPath: action, audience });
  return sent.kind !== 'unavailable';
}

function recipientOf({ recipient }: OffPathMessage): Recipient {
  return { kind: 'person', oid: recipient.slice('user:'.length) };
}

/** The owners of its services, whoever reviews the audit, and who is asked to confirm; the contract's owner where none of them is there. */
async function readersOf(needs: Needs, { services, bypass }: OffPath): Promise<Reader[]> {
  const { catalog, contract } = await needs.policy.current();
  const known = services.flatMap((name) => catalog.services.get(name) ?? []);
  const owners = known.map(({ owner, lead }) => toldFor(needs, owner, lead));
  const others = [contract?.reviews.audit, ...(bypass?.explained.confirmers ?? [])];
  const own = (await Promise.all(owners)).flat();
  const also = (await Promise.all(others.map((one) => toldFor(needs, one)))).flat();
  const readers = await reached(needs, [...own, ...also]);
  const hasOwner = own.length > 0 && readers.some(({ to }) => to !== undefined);
  return hasOwner ? readers : reached(needs, [...own, ...also, ...(await toldFor(needs, contract?.owner))]);
}

async function toldFor({ directory }: Needs, principal: Principal | undefined, lead?: Principal): Promise<Recipient[]> {
  if (principal === undefined) return [];
  return (await groupOrLead(directory, principal, lead)).map(({ oid }) => ({ kind: 'person', oid }));
}

async function reached({ conversations }: Needs, recipients: readonly Recipient[]): Promise<Reader[]> {
  return Promise.all(
    distinct(recipients).map(async (audience) => ({ audience, to: await conversations.find(audience) })),
  );
}
