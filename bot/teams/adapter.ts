import { TeamsAdapter } from '@microsoft/teams-ai/lib/TeamsAdapter.js';
import { type Activity, ConfigurationServiceClientCredentialFactory, type TurnContext } from 'botbuilder';
import {
  type AuthenticateRequestResult,
  AuthenticationConfiguration,
  AuthenticationError,
  type Claim,
  type ServiceClientCredentialsFactory,
  type UserTokenClient,
} from 'botframework-connector';
import { CLOUD_ENDPOINTS, type Cloud, type CloudEndpoints } from './clouds.ts';
import { at, isFields } from './fields.ts';
import { quietly } from './quietly.ts';
import { keepUnknownFields } from './unknown-fields.ts';
import { unverifiedClaimsOf } from './unverified-claims.ts';

export interface AdapterSettings {
  readonly local: boolean;
  readonly cloud: Cloud;
  /** App id; may be absent in local mode only, where nobody is then authenticated. */
  readonly botId?: string;
  readonly botType: 'SingleTenant' | 'UserAssignedMsi';
  readonly botTenantId: string;
  /** SingleTenant only. */
  readonly botPassword?: string;
  /** Instead of the cloud's own. */
  readonly openIdMetadataUrl?: string;
  /** Token service instead of the cloud's own; local mode only. */
  readonly oauthUrl?: string;
}

/** The token does not prove that the Bot Connector sent this. */
export class UnauthenticatedError extends Error {
  override name = 'UnauthenticatedError' as const;
}

/** The keys to check a token with could not be read: nobody can be let in now. */
export class AuthenticationUnavailableError extends Error {
  override name = 'AuthenticationUnavailableError' as const;
}

/** Longest wait for the connector: a silent one must not hold the outbox. */
const CONNECTOR_TIMEOUT_MS = 15_000;
/** Longest wait for the token service: a click that asks it twice is still answered before Teams gives up. */
const TOKEN_SERVICE_TIMEOUT_MS = 4_000;

/** CloudAdapter with the gaps of 4.23.3 closed; see createAdapter. */
export class ConnectorAdapter extends TeamsAdapter {
  readonly #issuer: string | undefined;
  readonly #botId: string;

  constructor(settings: AdapterSettings, endpoints: CloudEndpoints, credentials: ServiceClientCredentialsFactory) {
    super(openIdKeys(settings, endpoints), credentials, authenticationOf(settings, endpoints));
    this.#issuer = settings.botId === undefined ? undefined : endpoints.issuer;
    this.#botId = settings.botId ?? '';
    this.use(async (context, next) => {
      withoutHiddenRetries(context.turnState.get(this.ConnectorClientKey));
      await next();
    });
  }

  /**
   * One turn. Resolves with the answer to an invoke. Rejects with UnauthenticatedError or
   * AuthenticationUnavailableError before `logic`; faults of `logic` go to `onTurnError`.
   */
  async receive(authorization: string, activity: Activity, logic: (context: TurnContext) => Promise<void>) {
    const authenticated = await this.#authenticate(authorization, activity);
    return this.processActivity(authenticated, activity, logic);
  }

  /** Of the token service, in and outside a turn; the one that the SDK gives a turn fails without a bot id. */
  async userTokenClient(): Promise<UserTokenClient> {
    const identity = this.createClaimsIdentity(this.#botId);
    const client = await this.botFrameworkAuthentication.createUserTokenClient(identity);
    withoutHiddenRetries(at(client, 'client'), TOKEN_SERVICE_TIMEOUT_MS);
    return client;
  }

  async #authenticate(authorization: string, activity: Activity): Promise<AuthenticateRequestResult> {
    // For a token of another issuer the SDK asks other directories for keys and remembers its tenant for ever.
    if (this.#issuer !== undefined && unverifiedIssuerOf(authorization) !== this.#issuer) {
      throw new UnauthenticatedError('not a token of the Bot Connector');
    }
    try {
      return await quietly(() => this.botFrameworkAuthentication.authenticateRequest(activity, authorization));
    } catch (cause) {
      throw isOutage(cause)
        ? new AuthenticationUnavailableError('the keys of the Bot Connector could not be read', { cause })
        : new UnauthenticatedError('the token was refused', { cause });
    }
  }
}

/**
 * The adapter between Teams and us: accepts only tokens of the Bot Connector for this bot, never retries a send on its
 * own, keeps members that the client would drop. Throws when there is no bot id
 * outside local mode. `credentials` replaces how our own tokens are got.
 */
export function createAdapter(
  settings: AdapterSettings,
  credentials: ServiceClientCredentialsFactory = credentialsOf(settings),
): ConnectorAdapter {
  if (!settings.local && !settings.botId) {
    throw new Error(
      'BOT_ID is missing: without it anybody could speak for anybody. Only COUNTERSIGN_LOCAL=true runs so',
    );
  }
  keepUnknownFields();
  return new ConnectorAdapter(settings, CLOUD_ENDPOINTS[settings.cloud], credentials);
}

/** Guard A: whoever signed, only the Bot Connector's own token for this bot counts. Throws an AuthenticationError. */
export function requireConnectorClaims(
  claims: readonly Claim[],
  expected: { readonly issuer: string; readonly botId: string },
): void {
  const claimed = (type: string) => claims.find((claim) => claim.type === type)?.value;
  const served =
    claimed('iss') === expected.issuer && claimed('aud') === expected.botId && Boolean(claimed('serviceurl'));
  if (!served) throw new AuthenticationError('not a token of the Bot Connector for this bot', 401);
}

function authenticationOf(settings: AdapterSettings, endpoints: CloudEndpoints): AuthenticationConfiguration {
  const expected = { issuer: endpoints.issuer, botId: settings.botId ?? '' };
  return new AuthenticationConfiguration([], async (claims) => requireConnectorClaims(claims, expected));
}

/** All keys at once: setting one of them empties all others in the SDK. */
function openIdKeys(settings: AdapterSettings, endpoints: CloudEndpoints): Record<string, string> {
  return {
    ToChannelFromBotLoginUrl: endpoints.loginUrl(settings.botTenantId),
    ToChannelFromBotOAuthScope: endpoints.scope,
    ToBotFromChannelTokenIssuer: endpoints.issuer,
    OAuthUrl: settings.oauthUrl ?? endpoints.oauthUrl,
    ToBotFromChannelOpenIdMetadataUrl: settings.openIdMetadataUrl ?? endpoints.openIdMetadataUrl,
    ToBotFromEmulatorOpenIdMetadataUrl: endpoints.emulatorOpenIdMetadataUrl,
    CallerId: endpoints.callerId,
    ValidateAuthority: 'true',
  };
}

function credentialsOf(settings: AdapterSettings): ServiceClientCredentialsFactory {
  if (!settings.botId) return new ConfigurationServiceClientCredentialFactory({ MicrosoftAppId: '' });
  return new ConfigurationServiceClientCredentialFactory({
    MicrosoftAppId: settings.botId,
    MicrosoftAppType: settings.botType,
    MicrosoftAppTenantId: settings.botTenantId,
    ...(settings.botPassword === undefined ? {} : { MicrosoftAppPassword: settings.botPassword }),
  });
}

function unverifiedIssuerOf(authorization: string): unknown {
  return unverifiedClaimsOf(/^Bearer (.*)$/.exec(authorization)?.[1] ?? '')['iss'];
}

/** The SDK fetches keys with node-fetch and says 500 in an AuthenticationError when the answer is no success. */
function isOutage(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  return cause.name === 'FetchError' || (cause instanceof AuthenticationError && Number(cause.statusCode) >= 500);
}

interface Pipeline {
  removePolicy(policy: { name: string }): unknown;
  addPolicy(policy: Policy): void;
}

interface Policy {
  readonly name: string;
  sendRequest(request: Limited, next: (request: Limited) => Promise<never>): Promise<never>;
}

interface Limited {
  abortSignal?: AbortSignal;
}

function timeout(milliseconds: number): Policy {
  return {
    name: 'countersignTimeout',
    sendRequest: (request, next) => {
      // The client's own `timeout` is over once the answer begins; one that never ends would hold the outbox for ever.
      request.abortSignal = AbortSignal.timeout(milliseconds);
      return next(request);
    },
  };
}

/**
 * The clients of the SDK try a request four times and have no working option against it; a send that did arrive would
 * be there twice. Throws when a client has changed so that this can no longer be prevented.
 */
export function withoutHiddenRetries(client: unknown, timeoutMs: number = CONNECTOR_TIMEOUT_MS): void {
  const pipeline = isFields(client) ? at(client, 'client', 'pipeline') : undefined;
  if (!isPipeline(pipeline)) throw new TypeError('the client has no pipeline to take retries from');
  pipeline.removePolicy({ name: 'defaultRetryPolicy' });
  pipeline.addPolicy(timeout(timeoutMs));
}

function isPipeline(value: unknown): value is Pipeline {
  return isFields(value) && typeof value['removePolicy'] === 'function' && typeof value['addPolicy'] === 'function';
}
