import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { type ConnectorAdapter, createAdapter } from '../../bot/teams/adapter.ts';
import { type ApplicationNeeds, createApplication } from '../../bot/teams/application.ts';
import { CLOUD_ENDPOINTS } from '../../bot/teams/clouds.ts';
import { createMessagesEndpoint } from '../../bot/teams/messages.ts';
import type { FakeTeams } from './teams.ts';

export interface LogLine {
  readonly level: 'warn' | 'error';
  readonly data: object;
  readonly message: string;
}

/** The Teams edge alone behind a real port, with whatever stands behind it. */
export interface TeamsBot {
  readonly adapter: ConnectorAdapter;
  readonly log: { warn(data: object, message: string): void; error(data: object, message: string): void };
  readonly lines: LogLine[];
  close(): Promise<void>;
}

/** Starts the edge for this Teams in local mode and connects the two; with a bot id, tokens are checked. */
export async function startTeamsBot(
  teams: FakeTeams,
  tenant: string,
  behind: Partial<Omit<ApplicationNeeds, 'adapter' | 'log'>> & { readonly oauthUrl?: string } = {},
  botId?: string,
): Promise<TeamsBot> {
  const lines: LogLine[] = [];
  const log = {
    warn: (data: object, message: string) => void lines.push({ level: 'warn', data, message }),
    error: (data: object, message: string) => void lines.push({ level: 'error', data, message }),
  };
  const identity = botId === undefined ? {} : { botId, botPassword: 'not a secret' };
  const adapter = createAdapter({
    local: true,
    cloud: 'public',
    botType: 'SingleTenant',
    botTenantId: tenant,
    openIdMetadataUrl: teams.openIdMetadataUrl,
    ...(behind.oauthUrl && { oauthUrl: behind.oauthUrl }),
    ...identity,
  });
  const application = createApplication({
    adapter,
    log,
    runAction: async () => ({ text: 'acted' }),
    runCommand: async () => ({ text: 'answered' }),
    reached: async () => {},
    ...behind,
  });
  const guard = { tenants: [tenant], hosts: CLOUD_ENDPOINTS.public.hosts, local: true, ...(botId && { botId }) };
  const server = express()
    .use(express.json({ limit: '256kb' }))
    .post('/api/messages', createMessagesEndpoint({ adapter, application, guard, log }))
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  teams.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/messages`);
  return { adapter, log, lines, close: () => closed(server) };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => void server.close(() => resolve()));
}
