import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import {
  CloudAdapter,
  ConfigurationServiceClientCredentialFactory,
  type Response,
  TeamsActivityHandler,
} from 'botbuilder';
import { AuthenticationConfiguration, BotFrameworkAuthenticationFactory } from 'botframework-connector';
import { serveParent, usage } from './children.ts';

/** The SDK alone: a turn whose token is verified as the product's is, answered with a constant. */
const { botId, tenant, openIdMetadataUrl } = JSON.parse(process.argv[2] ?? '{}') as Record<string, string>;

class Echo extends TeamsActivityHandler {
  protected override async onAdaptiveCardInvoke() {
    return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: 'ok' as never };
  }
}

const settings = {
  MicrosoftAppId: botId,
  MicrosoftAppPassword: 'x',
  MicrosoftAppType: 'SingleTenant',
  MicrosoftAppTenantId: tenant,
};
const metadata = openIdMetadataUrl ?? '';
const authentication = BotFrameworkAuthenticationFactory.create(
  '',
  true,
  'https://login.microsoftonline.com/botframework.com',
  'https://api.botframework.com',
  'https://api.botframework.com',
  'https://token.botframework.com',
  metadata,
  metadata,
  '',
  new ConfigurationServiceClientCredentialFactory(settings as never),
  new AuthenticationConfiguration(),
);
const adapter = new CloudAdapter(authentication);
const bot = new Echo();

const server = createServer(async (request, response) => {
  const body = (await json(request)) as Record<string, unknown>;
  const answer: Response = {
    socket: request.socket,
    header: (name, value) => response.setHeader(name, String(value)),
    status: (code) => {
      response.statusCode = code;
    },
    send: (content) => response.write(typeof content === 'string' ? content : JSON.stringify(content)),
    end: () => response.end(),
  };
  const { headers, method = '' } = request;
  await adapter.process({ body, headers, method } as never, answer, (context) => bot.run(context));
});
// As the product's: a connection that rests meanwhile is used again.
server.keepAliveTimeout = 65_000;
await once(server.listen(0, '127.0.0.1'), 'listening');

serveParent({ url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`, usage });
