import type { PersonTokens } from '../../services/ports/person-tokens.ts';
import type { ConnectorAdapter } from './adapter.ts';
import { keptToken } from './token-service.ts';

interface PersonTokensNeeds {
  readonly adapter: ConnectorAdapter;
  /** Name of the bot's OAuth connection; absent: nobody can sign in. */
  readonly connection: string | undefined;
  userIdOf(oid: string): Promise<string | undefined>;
}

/** Tokens as the token service of the Bot Framework keeps them; each is asked for when it is used. */
export function createPersonTokens({ adapter, connection, userIdOf }: PersonTokensNeeds): PersonTokens {
  return {
    tokenOf: async ({ tenant, oid }) => {
      if (connection === undefined) return { kind: 'not-configured' };
      const userId = await userIdOf(oid);
      if (userId === undefined) return { kind: 'sign-in-needed' };
      const client = await adapter.userTokenClient();
      const held = await keptToken({ client, connection, userId, tenant, oid });
      return held.kind === 'token' ? held : { kind: 'sign-in-needed' };
    },
  };
}
