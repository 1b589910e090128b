import type { TurnContext } from 'botbuilder';
import type { ConnectorClient } from 'botframework-connector';
import type { Mention, Said } from '../said.ts';
import type { ConnectorAdapter } from './adapter.ts';
import { isPersonMention, mentionsIn, writtenAs } from './command-text.ts';
import { isGuid } from './conversations.ts';
import { at, type Fields, textAt } from './fields.ts';
import type { TeamsLog } from './log.ts';

/** Whom a message mentions beside the bot. Teams is asked who somebody is only when it matters. */
export function saidIn(context: TurnContext, activity: Fields, log: TeamsLog): Said {
  const people = mentionsIn(activity).filter((mention) => isPersonMention(mention, activity));
  return { mentions: people.map((mention) => mentionOf(context, mention, log)) };
}

function mentionOf(context: TurnContext, mention: unknown, log: TeamsLog): Mention {
  const userId = textAt(mention, 'mentioned', 'id') ?? '';
  return {
    text: writtenAs(textAt(mention, 'text') ?? ''),
    userId,
    oid: async () => {
      const stated = textAt(mention, 'mentioned', 'aadObjectId');
      if (stated !== undefined && isGuid(stated)) return stated.toLowerCase();
      return memberOid(context, userId, log);
    },
  };
}

/** As the connector says who this member of the conversation is; undefined when it does not. */
async function memberOid(context: TurnContext, userId: string, log: TeamsLog): Promise<string | undefined> {
  const client: ConnectorClient = context.turnState.get((context.adapter as ConnectorAdapter).ConnectorClientKey);
  try {
    const member: unknown = await client.conversations.getConversationMember(context.activity.conversation.id, userId);
    const oid = textAt(member, 'aadObjectId') ?? textAt(member, 'objectId');
    return oid !== undefined && isGuid(oid) ? oid.toLowerCase() : undefined;
  } catch (error) {
    if (at(error, 'statusCode') !== 404) log.warn({ err: error }, 'a mentioned person was not looked up');
    return undefined;
  }
}
