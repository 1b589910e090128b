import type { TurnContext } from 'botbuilder';
import { BOT_REMOVED, CHANNEL_DELETED } from '../../services/domain/unreachable.ts';
import type { TeamsUser } from '../../services/ports/notifier.ts';
import type { ApplicationNeeds } from './application.ts';
import { type Fields, listAt, textAt } from './fields.ts';
import type { Turn } from './guard.ts';
import { createTeamReader } from './team-reader.ts';

const GONE_EVENTS = ['channelDeleted', 'teamDeleted', 'teamHardDeleted'];
const CHANNEL_EVENTS = [
  'channelCreated',
  'channelDeleted',
  'channelRenamed',
  'channelRestored',
  'teamRenamed',
  'teamRestored',
];

/**
 * Makes what notes, in every turn, who can be reached where, and the channels of a team when the turn tells that they
 * changed or when the team is met for the first time. Never rejects; only an event waits for the list of channels.
 */
export function createNote(needs: Pick<ApplicationNeeds, 'reached' | 'left' | 'listed' | 'log'>) {
  const read = createTeamReader(needs);
  return async (context: TurnContext, turn: Turn): Promise<void> => {
    const activity: Fields = { ...context.activity };
    const team = textAt(activity, 'channelData', 'team', 'id');
    const event = isEvent(activity);
    const listing = team === undefined ? undefined : listingOf(activity, team);
    // Begun before anything is awaited: the context ends with its turn.
    const listed = listing === undefined ? undefined : read(context, turn, listing);
    await noteConversation(needs, activity, turn);
    if (event) await listed;
  };
}

function listingOf(activity: Fields, id: string) {
  const type = textAt(activity, 'channelData', 'eventType') ?? '';
  const gone = type.startsWith('team') ? GONE_EVENTS.includes(type) : isRemoval(activity);
  if (gone) return { id, why: 'gone' } as const;
  const changed = CHANNEL_EVENTS.includes(type) || isAddition(activity);
  return { id, why: changed ? 'changed' : 'met' } as const;
}

async function noteConversation(
  needs: Pick<ApplicationNeeds, 'reached' | 'left' | 'log'>,
  activity: Fields,
  turn: Turn,
): Promise<void> {
  if (turn.recipients.length === 0) return;
  try {
    if (isDeparture(activity)) await needs.left?.(turn.recipients, turn.conversation, lossOf(activity));
    else await needs.reached(turn.recipients, turn.conversation, userOf(activity, turn));
  } catch (error) {
    needs.log.error({ err: error, conversation: turn.conversation.id }, 'conversation not remembered');
  }
}

function userOf(activity: Fields, { person }: Turn): TeamsUser | undefined {
  const userId = textAt(activity, 'from', 'id');
  return person === undefined || userId === undefined ? undefined : { oid: person.oid, userId };
}

function isEvent(activity: Fields): boolean {
  return activity['type'] === 'installationUpdate' || activity['type'] === 'conversationUpdate';
}

function isDeparture(activity: Fields): boolean {
  if (isRemoval(activity)) return true;
  const type = textAt(activity, 'channelData', 'eventType') ?? '';
  return activity['type'] === 'conversationUpdate' && GONE_EVENTS.includes(type);
}

function lossOf(activity: Fields): string {
  return isRemoval(activity) ? BOT_REMOVED : CHANNEL_DELETED;
}

function isRemoval(activity: Fields): boolean {
  if (activity['type'] === 'installationUpdate') return textAt(activity, 'action')?.startsWith('remove') ?? false;
  return activity['type'] === 'conversationUpdate' && names(activity, 'membersRemoved');
}

function isAddition(activity: Fields): boolean {
  if (activity['type'] === 'installationUpdate') return textAt(activity, 'action')?.startsWith('add') ?? false;
  return activity['type'] === 'conversationUpdate' && names(activity, 'membersAdded');
}

function names(activity: Fields, list: string): boolean {
  const bot = textAt(activity, 'recipient', 'id');
  return listAt(activity, list).some((member) => textAt(member, 'id') === bot);
}
