import type { Logger } from 'pino';
import type { Edge } from './compose.ts';
import type { Config } from './config.ts';
import type { Core } from './core.ts';
import { handlersOf } from './handlers-of.ts';
import { createRender, renderNews, renderShort } from './render.ts';
import { createAdapter } from './teams/adapter.ts';
import { createApplication } from './teams/application.ts';
import { CLOUD_ENDPOINTS, GCC_URL } from './teams/clouds.ts';
import { createMessagesEndpoint } from './teams/messages.ts';
import { createNotifier } from './teams/notifier.ts';
import { createPersonTokens } from './teams/person-tokens.ts';
import type { Measuring } from './telemetry/measuring.ts';

/** The one edge where Teams is: what is sent goes out by it, and what people do comes in to the core. */
export function createTeamsEdge(config: Config, log: Logger, measuring: Measuring) {
  const { tenantId: tenant, signInConnection } = config.bot;
  const adapter = createTeamsAdapter(config);
  const guard = { hosts: CLOUD_ENDPOINTS[config.bot.cloud].hosts, local: config.local };
  const sending: Edge = ({ conversations, throttled }) => ({
    personTokens: createPersonTokens({ adapter, connection: signInConnection, userIdOf: conversations.userIdOf }),
    notifier: createNotifier({
      ...guard,
      adapter,
      appId: config.bot.id ?? '',
      render: createRender(conversations),
      renderShort,
      renderNews,
      otherUrl: GCC_URL,
      throttled,
      log,
    }),
  });
  return {
    sending,
    /** The endpoint of the Bot Connector. */
    hearing: (core: Core) => {
      const { reached, left, listed } = core;
      const handlers = { reached, left, listed, log, ...measuring.actions(handlersOf(core)) };
      const application = createApplication({ adapter, signInConnection, ...handlers });
      const settings = {
        ...guard,
        tenants: [tenant],
        ...(config.bot.id === undefined ? {} : { botId: config.bot.id }),
      };
      return createMessagesEndpoint({ adapter, application, guard: settings, log });
    },
  };
}

function createTeamsAdapter(config: Config) {
  const { id, password, openIdMetadataUrl, oauthUrl, cloud, type, tenantId } = config.bot;
  return createAdapter({
    local: config.local,
    cloud,
    botType: type,
    botTenantId: tenantId,
    ...(id === undefined ? {} : { botId: id }),
    ...(password === undefined ? {} : { botPassword: password }),
    ...(openIdMetadataUrl === undefined ? {} : { openIdMetadataUrl: openIdMetadataUrl.href }),
    ...(oauthUrl === undefined ? {} : { oauthUrl: oauthUrl.href }),
  });
}
