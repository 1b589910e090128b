import type { DriftView } from './domain/drift-view.ts';
import { plusMinutes } from './domain/instant.ts';
import { aboutDrift, driftNudge } from './domain/nudge-about.ts';
import type { BaselineStore, DriftMessage, StoredBaseline, StoredDrift } from './ports/baseline-store.ts';
import type { Clock } from './ports/clock.ts';
import type { Directory } from './ports/directory.ts';
import {
  type Conversations,
  type DriftNews,
  lossIn,
  type Notifier,
  nameOf,
  recipientNamed,
  type Sent,
} from './ports/notifier.ts';
import type { Nudges } from './ports/nudges.ts';
import type { Policy } from './ports/policy.ts';
import { reachableOwners } from './ports/scope-owners.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Pick<Directory, 'membersOf'>;
  readonly conversations: Pick<Conversations, 'find' | 'forget'>;
  readonly notifier: Pick<Notifier, 'tell' | 'retell'>;
  readonly nudges: Pick<Nudges, 'say' | 'settled'>;
  readonly baselines: Pick<BaselineStore, 'read' | 'putDrift'>;
  readonly failed: (place: { readonly service: string; readonly environment: string }, error: unknown) => void;
}

export type ShownDrift = StoredBaseline & { readonly drift: StoredDrift };

/** A claim that is older belongs to a process that died: a card twice is better than none. */
const CLAIM_MINUTES = 10;

/**
 * One card for a scope, for whoever owns its service: written anew in place with every change, and ended when all is as approved. More than
 * there was is said by a nudge besides. A baseline that was taken is said once, by the same card. False: it is not shown yet, by nobody's fault.
 * Rejects when it must be tried again.
 */
export function createDriftNotices(needs: Needs) {
  return async (stored: ShownDrift, view: DriftView): Promise<boolean> => {
    const { drift, shown, messages, claim } = stored.drift;
    const isAnnounced = stored.drift.announced === view.taken.requestId;
    if (shown === drift.revision && isAnnounced) return true;
    const isClaimed = claim !== undefined && needs.clock.now() < plusMinutes(claim, CLAIM_MINUTES);
    if (isClaimed) return false;
    const isSilent = drift.items.length === 0 && messages.length === 0 && isAnnounced;
    return isSilent ? put(needs, stored, shownBy(stored, view, [])) : tell(needs, stored, view);
  };
}

/** It is claimed before anything is sent. */
async function tell(needs: Needs, stored: ShownDrift, view: DriftView): Promise<boolean> {
  const claimed = await needs.baselines.putDrift(stored, { ...stored.drift, claim: needs.clock.now() });
  if (claimed === undefined) return false;
  const { messages, isWhole } = await tellAll(needs, stored, view);
  const isOver = view.drift.items.length === 0;
  const isDone = isOver && isWhole;
  await keep(needs, claimed, isWhole ? shownBy(stored, view, isDone ? [] : messages) : triedBy(stored, messages));
  if (isOver) await needs.nudges.settled(aboutDrift(view), () => true);
  return isWhole;
}

function shownBy(stored: ShownDrift, { taken }: DriftView, messages: readonly DriftMessage[]): StoredDrift {
  const { drift } = stored.drift;
  return { ...triedBy(stored, messages), shown: drift.revision, announced: taken.requestId };
}

/** Of what is in it they are told; who was not reached is tried again. */
function triedBy({ drift: { claim: _, ...stored } }: ShownDrift, messages: readonly DriftMessage[]): StoredDrift {
  const told = stored.drift.items.map(({ fingerprint }) => fingerprint);
  return { ...stored, told, messages };
}

async function put({ baselines }: Needs, stored: StoredBaseline, next: StoredDrift): Promise<boolean> {
  return (await baselines.putDrift(stored, next)) !== undefined;
}

const TRIES = 4;

/** Who compared meanwhile wrote what it found, and our claim with it: what was sent is noted there, or it would be sent again. */
async function keep(needs: Needs, claimed: StoredBaseline, told: StoredDrift): Promise<void> {
  let stored = claimed;
  for (let n = 0; n < TRIES; n += 1) {
    const { claim: _, ...found } = stored.drift ?? told;
    const { messages, shown } = told;
    const said = { ...found, messages, shown, ...wordsOf(told) };
    if (await put(needs, stored, n === 0 ? told : said)) return;
    stored = await needs.baselines.read(claimed.scope);
    if (stored.drift?.claim === undefined || stored.drift.claim !== claimed.drift?.claim) return;
  }
}

function wordsOf({ told, announced }: StoredDrift): Pick<StoredDrift, 'told' | 'announced'> {
  return { ...(told === undefined ? {} : { told }), ...(announced === undefined ? {} : { announced }) };
}

interface Kept {
  readonly messages: readonly DriftMessage[];
  /** Nobody has to be told again. */
  readonly isWhole: boolean;
}

async function tellAll(
  needs: Needs,
  { drift: { drift, messages, told = [], announced } }: ShownDrift,
  view: DriftView,
): Promise<Kept> {
  const isTaken = drift.items.length === 0 && announced !== view.taken.requestId;
  const isGrown = drift.items.some(({ fingerprint }) => !told.includes(fingerprint));
  const owners =
    drift.items.length === 0 && !isTaken
      ? []
      : await reachableOwners(needs, view.service, await needs.policy.current());
  const fresh = owners.filter(({ audience }) => !messages.some(({ recipient }) => recipient === nameOf(audience)));
  const results = [];
  for (const message of messages) results.push(await tellAgain(needs, message, view, isGrown));
  for (const { audience, to } of fresh) {
    const sent = await needs.notifier.tell(to, { drifted: view, topic: isTaken ? 'taken' : 'open', audience });
    results.push(
      await outcomeOf(needs, { recipient: nameOf(audience), conversation: to.id, activityId: '' }, sent, view),
    );
  }
  return {
    messages: results.flatMap(({ message }) => message ?? []),
    isWhole: results.every(({ isToTry }) => !isToTry),
  };
}

interface Outcome {
  readonly message?: DriftMessage;
  readonly isToTry: boolean;
}

/** The card is written anew where it is; that there is more of it is said aloud, when its reader may be spoken to. */
async function tellAgain(needs: Needs, message: DriftMessage, view: DriftView, isGrown: boolean): Promise<Outcome> {
  const audience = recipientNamed(message.recipient);
  const to = await needs.conversations.find(audience);
  if (to === undefined || (view.drift.items.length === 0 && to.id !== message.conversation)) return { isToTry: false };
  const news: DriftNews = { drifted: view, topic: 'open', audience };
  const isThere = to.id === message.conversation;
  const again = isThere ? await needs.notifier.retell(to, message.activityId, news) : ({ kind: 'gone' } as const);
  if (again.kind === 'gone' && view.drift.items.length > 0) {
    const sent = await needs.notifier.tell(to, news);
    return outcomeOf(needs, { ...message, conversation: to.id }, sent, view);
  }
  if (again.kind === 'sent' && isGrown) {
    const nudge = driftNudge(view, view.drift.revision);
    const said = await needs.nudges.say({ recipient: audience, conversation: to }, nudge, () =>
      needs.notifier.tell(to, { ...news, topic: 'grown' }),
    );
    // The card is right already: who could not be told aloud reads it there.
    if (said.kind !== 'sent' && said.kind !== 'kept') needs.failed(view, said.kind);
  }
  return outcomeOf(needs, message, again, view);
}

/** Who takes no messages any more is not tried again; a fault of ours is noted. */
async function outcomeOf(needs: Needs, message: DriftMessage, sent: Sent, view: DriftView): Promise<Outcome> {
  const loss = lossIn(sent);
  if (loss !== undefined) await needs.conversations.forget(recipientNamed(message.recipient), loss);
  if (sent.kind === 'failed') needs.failed(view, sent.code);
  if (sent.kind === 'sent') return { message: { ...message, activityId: sent.activityId }, isToTry: false };
  const isToTry = sent.kind === 'unavailable' || (sent.kind === 'failed' && !sent.isFinal);
  return isToTry && message.activityId !== '' ? { message, isToTry } : { isToTry };
}
