import type { TurnContext } from 'botbuilder';
import { type ConnectorClient, TeamsConnectorClient } from 'botframework-connector';
import { type ConnectorAdapter, withoutHiddenRetries } from './adapter.ts';
import type { ApplicationNeeds } from './application.ts';
import { channelsOf, type TeamList } from './conversations.ts';
import { at } from './fields.ts';
import type { Turn } from './guard.ts';

interface Listing {
  /** The id of the General channel is that of its team. */
  readonly id: string;
  /** `met`: its channels are read once by this process. */
  readonly why: 'met' | 'changed' | 'gone';
}

/**
 * Reads name and channels of a team through the connector and hands them on, one read of a team at a time. Never
 * rejects; a connector that has no such list (404) is asked again only when the team changes, a silent one in the next
 * turn. To be called before the turn awaits anything.
 */
export function createTeamReader({ listed, log }: Pick<ApplicationNeeds, 'listed' | 'log'>) {
  const met = new Set<string>();
  const last = new Map<string, Promise<void>>();
  return (context: TurnContext, turn: Turn, { id, why }: Listing): Promise<void> => {
    if (listed === undefined || (why === 'met' && met.has(id))) return Promise.resolve();
    if (why === 'gone') met.delete(id);
    else met.add(id);
    const client = why === 'gone' ? undefined : clientOf(context);
    const work = async () => {
      try {
        const channels = client === undefined ? [] : channelsOf(await read(client(), id), turn.conversation);
        await listed(id, channels);
      } catch (error) {
        if (at(error, 'statusCode') !== 404) met.delete(id);
        log.warn({ err: error, team: id }, 'channels of the team not learnt');
      }
    };
    const done = (last.get(id) ?? Promise.resolve()).then(work);
    last.set(id, done);
    return done;
  };
}

/** TeamsInfo of the SDK would do the same with a client that retries for minutes. */
function clientOf(context: TurnContext): () => TeamsConnectorClient {
  const { serviceUrl } = context.activity;
  const turnClient: ConnectorClient = context.turnState.get((context.adapter as ConnectorAdapter).ConnectorClientKey);
  return () => {
    const client = new TeamsConnectorClient(turnClient.credentials, { baseUri: serviceUrl });
    withoutHiddenRetries(client);
    return client;
  };
}

async function read({ teams }: TeamsConnectorClient, id: string): Promise<TeamList> {
  const [details, list] = await Promise.all([teams.fetchTeamDetails(id), teams.fetchChannelList(id)]);
  const { conversations: channels } = list;
  // Every team has a General channel: without one this is no list, and nothing may be forgotten for it.
  if (!Array.isArray(channels) || channels.length === 0) throw new TypeError('the connector listed no channel');
  return { id, name: details.name, channels };
}
