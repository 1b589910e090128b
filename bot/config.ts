import type { KeyObject } from 'node:crypto';
import { checkSettings, type Environment, organizationsOf } from './check-settings.ts';
import { type NamedRepository, repositoryIn } from './policy-repository.ts';
import { DEFAULT_RETENTION, type RetentionSettings } from './retention-settings.ts';
import type { Settings } from './settings.ts';

/** Reached by managed identity at its address, or by a connection string. */
export type StoreConnection = { readonly url: URL } | { readonly connectionString: string };

export interface Config {
  /** COUNTERSIGN_LOCAL: loopback only, for a developer's machine. */
  readonly local: boolean;
  /** The public address is absent where none is given; locally it is that of the port. */
  readonly http: { readonly host: '127.0.0.1' | '0.0.0.0'; readonly port: number; readonly publicUrl?: URL };
  readonly logLevel: NonNullable<Settings['LOG_LEVEL']>;
  readonly bot: {
    /** Absent only locally: the connector's JWT and the recipient are then not checked. */
    readonly id?: string;
    readonly type: 'SingleTenant' | 'UserAssignedMsi';
    readonly tenantId: string;
    readonly password?: string;
    readonly cloud: 'public' | 'usgov' | 'china';
    readonly openIdMetadataUrl?: URL;
    /** Local only: token service instead of the cloud's own. */
    readonly oauthUrl?: URL;
    /** OAuth connection by which people sign in; absent: nobody can. */
    readonly signInConnection?: string;
  };
  readonly tables: { readonly connection: StoreConnection; readonly prefix: string };
  /** Where checkpoints of the evidence go; absent: it is not anchored. */
  readonly blobs?: StoreConnection;
  /** How long requests stay that ended, where they can be archived. */
  readonly retention: RetentionSettings;
  readonly azureDevOps: {
    /** Addresses of organizations, without a slash at the end. */
    readonly organizations: readonly string[];
    /** Local only; otherwise the identity of the host is used. */
    readonly token?: string;
    readonly nativeAsService: boolean;
  };
  /** Sources of signals about environments that are pulled. */
  readonly pullSignals: NonNullable<Settings['PULL_SIGNALS']>;
  /** Each empty where no secret is accepted; two are valid at once while they are rotated. */
  readonly checkSecrets: readonly string[];
  readonly hookSecrets: readonly string[];
  readonly api: {
    /** Absent: no Entra token is accepted. */
    readonly audience?: string;
    readonly tenants: readonly string[];
    /** Local only; stands for all roles. */
    readonly localKey?: string;
  };
  readonly policy: { readonly directory: string } | { readonly repository: NamedRepository; readonly ref: string };
  /** Local only; absent: Microsoft Graph. */
  readonly directoryFile?: string;
  /** `bytes` beside a key in a vault only open what was sealed before. */
  readonly tokenKey: { readonly bytes: Uint8Array } | { readonly keyVaultKeyId: URL; readonly bytes?: Uint8Array };
  /** Derived from `tokenKey` where none is given, locally only. `retired` is published and signs nothing. */
  readonly signing:
    | { readonly key: KeyObject }
    | { readonly derived: true }
    | { readonly keyVaultKeyId: URL; readonly retired?: KeyObject };
  readonly telemetry: { readonly applicationInsights?: string; readonly otlpEndpoint?: URL };
}

export type ConfigReading = { readonly warnings: readonly string[] } & (
  | { readonly config: Config }
  /** One line for each setting, as `cannotStart` prints them. */
  | { readonly problems: readonly string[] }
);

const EMULATOR = 'UseDevelopmentStorage=true';

/** The environment as one frozen configuration, or everything that is wrong with it at once. */
export function readConfig(env: Environment): ConfigReading {
  const { settings, problems, unknown } = checkSettings(env);
  if (problems.length > 0) return { problems, warnings: unknown };
  const config = frozen(toConfig(settings));
  return { config, warnings: [...unknown, ...warningsOf(config)] };
}

/** The settings are those of the bot; what is wrong with them is the message, whole. */
export class SettingsError extends Error {
  override name = 'SettingsError' as const;
}

/** What a process that does not start prints. */
export function cannotStart(problems: readonly string[]): string {
  const count = problems.length === 1 ? '1 setting needs' : `${problems.length} settings need`;
  return [`Cannot start. ${count} attention (see env.sample):`, ...problems.map((line) => `  ${line}`)].join('\n');
}

function warningsOf(config: Config): string[] {
  if (config.local) return [localWarning(config)];
  if (config.blobs !== undefined) return [];
  return [
    'BLOBS_URL and BLOBS_CONNECTION_STRING are empty: evidence is not put under checkpoints outside of the tables',
  ];
}

function localWarning({ bot }: Config): string {
  const unchecked = bot.id === undefined ? "; without BOT_ID the connector's token is not checked either" : '';
  return `COUNTERSIGN_LOCAL=true: for this machine only, http on 127.0.0.1 and local keys are accepted${unchecked}`;
}

type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Well-written settings that break no rule, grouped by what they are for, with the defaults filled in. */
function toConfig(settings: Settings): Config {
  const local = settings.COUNTERSIGN_LOCAL === 'true';
  const port = settings.PORT ?? 3978;
  const blobs = connection(settings.BLOBS_URL, settings.BLOBS_CONNECTION_STRING) ?? blobsBeside(local, settings);
  return {
    local,
    http: {
      host: local ? '127.0.0.1' : '0.0.0.0',
      port,
      ...present({ publicUrl: settings.PUBLIC_URL ?? (local ? new URL(`http://127.0.0.1:${port}`) : undefined) }),
    },
    logLevel: settings.LOG_LEVEL ?? 'info',
    bot: toBot(settings),
    tables: {
      connection: connection(settings.TABLES_URL, settings.TABLES_CONNECTION_STRING) ?? {
        connectionString: EMULATOR,
      },
      prefix: settings.TABLES_PREFIX ?? 'countersign',
    },
    ...present({ blobs }),
    retention: {
      days: settings.RETENTION_DAYS ?? DEFAULT_RETENTION.days,
      legalHold: settings.LEGAL_HOLD === 'true',
    },
    azureDevOps: {
      organizations: organizationsOf(settings),
      ...present({ token: settings.AZURE_DEVOPS_TOKEN }),
      nativeAsService: settings.NATIVE_AS_SERVICE === 'true',
    },
    pullSignals: settings.PULL_SIGNALS ?? [],
    checkSecrets: settings.CHECK_SECRETS ?? [],
    hookSecrets: settings.HOOK_SECRETS ?? [],
    api: toApi(settings),
    policy: toPolicy(settings),
    ...present({ directoryFile: settings.DIRECTORY_FILE }),
    tokenKey: toTokenKey(settings),
    signing: toSigning(settings),
    telemetry: present({
      applicationInsights: settings.APPLICATIONINSIGHTS_CONNECTION_STRING,
      otlpEndpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT,
    }),
  };
}

/** Freezes objects and lists all the way down; addresses, keys and bytes are left as they are. */
function frozen<T>(value: T): T {
  const isList = Array.isArray(value);
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  if (!isList && !isPlain) return value;
  for (const member of Object.values(value as object)) frozen(member);
  return Object.freeze(value);
}

function toBot(settings: Settings): Config['bot'] {
  return {
    ...present({ id: settings.BOT_ID }),
    type: settings.BOT_TYPE ?? 'SingleTenant',
    tenantId: needed('BOT_TENANT_ID', settings.BOT_TENANT_ID),
    ...present({ password: settings.BOT_PASSWORD }),
    cloud: settings.BOT_CLOUD ?? 'public',
    ...present({
      openIdMetadataUrl: settings.BOT_OPENID_METADATA_URL,
      oauthUrl: settings.BOT_OAUTH_URL,
      signInConnection: settings.SIGNIN_CONNECTION,
    }),
  };
}

function toApi(settings: Settings): Config['api'] {
  return {
    ...present({ audience: settings.API_AUDIENCE, localKey: settings.LOCAL_API_KEY }),
    tenants: settings.API_TENANTS ?? [needed('BOT_TENANT_ID', settings.BOT_TENANT_ID)],
  };
}

/** Where the policy is read from. */
export function toPolicy(settings: Settings): Config['policy'] {
  const { POLICY_DIR, POLICY_REPO, POLICY_REF } = settings;
  if (POLICY_REPO === undefined) return { directory: POLICY_DIR ?? 'manifest/policy' };
  const repository = needed('POLICY_REPO', repositoryIn(POLICY_REPO, organizationsOf(settings)));
  return { repository, ref: POLICY_REF ?? 'refs/heads/main' };
}

function toTokenKey({ TOKEN_KEY, KEY_VAULT_KEY_ID }: Settings): Config['tokenKey'] {
  if (KEY_VAULT_KEY_ID === undefined) return { bytes: needed('TOKEN_KEY', TOKEN_KEY) };
  return { keyVaultKeyId: KEY_VAULT_KEY_ID, ...present({ bytes: TOKEN_KEY }) };
}

function toSigning({ SIGNING_KEY, SIGNING_KEY_ID, COUNTERSIGN_LOCAL }: Settings): Config['signing'] {
  if (SIGNING_KEY_ID !== undefined) return { keyVaultKeyId: SIGNING_KEY_ID, ...present({ retired: SIGNING_KEY }) };
  if (SIGNING_KEY === undefined && COUNTERSIGN_LOCAL === 'true') return { derived: true };
  return { key: needed('SIGNING_KEY', SIGNING_KEY) };
}

function connection(url: URL | undefined, connectionString: string | undefined): StoreConnection | undefined {
  if (url !== undefined) return { url };
  return connectionString === undefined ? undefined : { connectionString };
}

/** On a developer's machine the emulator has both, where its connection string says so. */
function blobsBeside(local: boolean, { TABLES_URL, TABLES_CONNECTION_STRING }: Settings): StoreConnection | undefined {
  const connectionString = TABLES_CONNECTION_STRING ?? (TABLES_URL === undefined ? EMULATOR : '');
  const hasBlobs = /(?:^|;)\s*(?:BlobEndpoint=|UseDevelopmentStorage=true)/i.test(connectionString);
  return local && hasBlobs ? { connectionString } : undefined;
}

function present<T extends object>(members: T): Present<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Present<T>;
}

function needed<T>(name: string, value: T | undefined): T {
  if (value === undefined) throw new Error(`${name} is missing, which no rule of the settings noticed`);
  return value;
}
