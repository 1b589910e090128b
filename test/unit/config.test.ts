import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cannotStart, readConfig } from '../../bot/config.ts';
import { SETTINGS } from '../../bot/settings.ts';
import { BOT, configOf, local, PEM, problemsOf, production, signingKey, TENANT, without } from './config-env.ts';

test('env.sample lists every setting once, each under one line of meaning', () => {
  const lines = readFileSync(new URL('../../env.sample', import.meta.url), 'utf8').split('\n');
  const listed = lines.flatMap((line, at) => (/^[A-Z_]+=$/.test(line) ? [[lines[at - 2], lines[at - 1], line]] : []));

  expect(listed.map(([, , line]) => line?.slice(0, -1))).toEqual(Object.keys(SETTINGS.shape));
  for (const [before, meaning] of listed) {
    expect(meaning).toMatch(/^# \S.{10,}\.$/);
    expect(before ?? '').not.toMatch(/^#/);
  }
});

test('the refusal to start is one block with the names in one column', () => {
  const reading = readConfig({ ...without(production, 'BOT_TENANT_ID'), AZURE_DEVOPS_ORGS: 'dev.azure.com/contoso' });

  expect('problems' in reading && cannotStart(reading.problems)).toBe(
    [
      'Cannot start. 2 settings need attention (see env.sample):',
      '  BOT_TENANT_ID      is missing',
      '  AZURE_DEVOPS_ORGS  must be a https:// address, got "dev.azure.com/contoso"',
    ].join('\n'),
  );
  expect(cannotStart(['X  is missing'])).toMatch(/^Cannot start\. 1 setting needs attention/);
});

test('locally a tenant, an organization and a key are enough', () => {
  expect(configOf(local)).toEqual({
    local: true,
    http: { host: '127.0.0.1', port: 3978, publicUrl: new URL('http://127.0.0.1:3978') },
    logLevel: 'info',
    bot: { type: 'SingleTenant', tenantId: TENANT, cloud: 'public' },
    tables: { connection: { connectionString: 'UseDevelopmentStorage=true' }, prefix: 'countersign' },
    blobs: { connectionString: 'UseDevelopmentStorage=true' },
    retention: { days: 400, legalHold: false },
    azureDevOps: { organizations: ['http://127.0.0.1:4000/contoso'], nativeAsService: false },
    pullSignals: [],
    checkSecrets: [],
    hookSecrets: [],
    api: { tenants: [TENANT] },
    policy: { directory: 'manifest/policy' },
    tokenKey: { bytes: new Uint8Array(32).fill(7) },
    signing: { derived: true },
    telemetry: {},
  });
});

test('in production all interfaces are bound and keys are read as keys', () => {
  const config = configOf(production);

  expect(config).toMatchObject({ local: false, http: { host: '0.0.0.0' }, bot: { id: BOT } });
  expect(config.tables.connection).toEqual({ url: new URL('https://contoso.table.core.windows.net') });
  expect('key' in config.signing && config.signing.key.equals(signingKey)).toBe(true);
});

test('in production no address of this machine stands for the public one', () => {
  expect(configOf(without(production, 'PUBLIC_URL')).http).toEqual({ host: '0.0.0.0', port: 3978 });
});

test('a signing key may be PEM on one line or base64', () => {
  const der = signingKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
  for (const SIGNING_KEY of [PEM.replaceAll('\n', '\\n'), der]) {
    const { signing } = configOf({ ...production, SIGNING_KEY });
    expect('key' in signing && signing.key.equals(signingKey)).toBe(true);
  }
});

test('a key in a vault comes first, and one in the environment beside it only serves what was before', () => {
  const ids = {
    KEY_VAULT_KEY_ID: 'https://contoso.vault.azure.net/keys/tokens',
    SIGNING_KEY_ID: 'https://contoso.vault.azure.net/keys/evidence',
  };
  const urls = [new URL(ids.KEY_VAULT_KEY_ID), new URL(ids.SIGNING_KEY_ID)];
  const both = configOf({ ...production, ...ids });
  expect(both.tokenKey).toEqual({ keyVaultKeyId: urls[0], bytes: new Uint8Array(32).fill(7) });
  expect(both.signing).toEqual({ keyVaultKeyId: urls[1], retired: expect.anything() });
  const alone = configOf({ ...without(production, 'TOKEN_KEY', 'SIGNING_KEY'), ...ids });
  expect([alone.tokenKey, alone.signing]).toEqual(urls.map((keyVaultKeyId) => ({ keyVaultKeyId })));
});

test('everything that can be set arrives at its place', () => {
  const config = configOf({
    ...without(production, 'BOT_PASSWORD', 'TABLES_URL'),
    PORT: '8080',
    LOG_LEVEL: 'debug',
    BOT_TYPE: 'UserAssignedMsi',
    BOT_CLOUD: 'usgov',
    BOT_OPENID_METADATA_URL: 'http://127.0.0.1:9/keys',
    SIGNIN_CONNECTION: 'azure-devops',
    TABLES_CONNECTION_STRING: 'UseDevelopmentStorage=true',
    TABLES_PREFIX: 'cs',
    BLOBS_URL: 'https://contoso.blob.core.windows.net',
    RETENTION_DAYS: '365',
    LEGAL_HOLD: 'true',
    AZURE_DEVOPS_ORGS: 'https://dev.azure.com/contoso/, https://fabrikam.visualstudio.com',
    NATIVE_AS_SERVICE: 'true',
    PULL_SIGNALS: 'defender, azure-policy',
    CHECK_SECRETS: 'the-first-secret-of-checks,the-second-secret-of-checks',
    HOOK_SECRETS: ' the-secret-of-hooks , ',
    API_AUDIENCE: 'api://countersign',
    API_TENANTS: BOT.toUpperCase(),
    APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=1',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
  });

  expect(config).toEqual({
    local: false,
    http: { host: '0.0.0.0', port: 8080, publicUrl: new URL('https://countersign.contoso.com') },
    logLevel: 'debug',
    bot: {
      id: BOT,
      type: 'UserAssignedMsi',
      tenantId: TENANT,
      cloud: 'usgov',
      openIdMetadataUrl: new URL('http://127.0.0.1:9/keys'),
      signInConnection: 'azure-devops',
    },
    tables: { connection: { connectionString: 'UseDevelopmentStorage=true' }, prefix: 'cs' },
    blobs: { url: new URL('https://contoso.blob.core.windows.net') },
    retention: { days: 365, legalHold: true },
    azureDevOps: {
      organizations: ['https://dev.azure.com/contoso', 'https://fabrikam.visualstudio.com'],
      nativeAsService: true,
    },
    pullSignals: ['defender', 'azure-policy'],
    checkSecrets: ['the-first-secret-of-checks', 'the-second-secret-of-checks'],
    hookSecrets: ['the-secret-of-hooks'],
    api: { audience: 'api://countersign', tenants: [BOT] },
    policy: { directory: '/policy' },
    tokenKey: { bytes: new Uint8Array(32).fill(7) },
    signing: { key: expect.anything() },
    telemetry: { applicationInsights: 'InstrumentationKey=1', otlpEndpoint: new URL('http://collector:4318') },
  });
});

test.each([
  ['contoso/shop/_git/policy', { project: 'shop', name: 'policy', folder: '' }],
  ['contoso/My%20Shop/_git/The%20policy/', { project: 'My Shop', name: 'The policy', folder: '' }],
  ['contoso/_git/policy', { project: 'policy', name: 'policy', folder: '' }],
  ['CONTOSO/shop/_git/policy?path=/', { project: 'shop', name: 'policy', folder: '' }],
  ['contoso/shop/_git/policy?path=gates/prod/', { project: 'shop', name: 'policy', folder: '/gates/prod' }],
  ['contoso/shop/_git/policy?path=%2Fgates%20of%20us', { project: 'shop', name: 'policy', folder: '/gates of us' }],
])('a repository of policy is read from its address %s', (path, named) => {
  const env = { ...without(production, 'POLICY_DIR'), POLICY_REPO: `https://dev.azure.com/${path}` };

  expect(configOf(env).policy).toEqual({
    repository: { organization: 'https://dev.azure.com/contoso', ...named },
    ref: 'refs/heads/main',
  });
});

test('an organization may have a host of its own', () => {
  const AZURE_DEVOPS_ORGS = 'https://dev.azure.com/contoso,https://fabrikam.visualstudio.com';
  const POLICY_REPO = 'https://fabrikam.visualstudio.com/shop/_git/policy';

  expect(configOf({ ...without(production, 'POLICY_DIR'), AZURE_DEVOPS_ORGS, POLICY_REPO }).policy).toMatchObject({
    repository: { organization: 'https://fabrikam.visualstudio.com', project: 'shop', name: 'policy' },
  });
});

test.each(['release/next', 'refs/heads/release/next'])('the branch %s is read as its full name', (POLICY_REF) => {
  const POLICY_REPO = 'https://dev.azure.com/contoso/shop/_git/policy';

  expect(configOf({ ...without(production, 'POLICY_DIR'), POLICY_REPO, POLICY_REF }).policy).toMatchObject({
    ref: 'refs/heads/release/next',
  });
});

test('another token service is one of this machine, and works locally only', () => {
  const BOT_OAUTH_URL = 'http://127.0.0.1:9/';
  expect(configOf({ ...local, BOT_OAUTH_URL }).bot.oauthUrl).toEqual(new URL(BOT_OAUTH_URL));
  expect(problemsOf({ ...production, BOT_OAUTH_URL })).toEqual([
    'BOT_OAUTH_URL: works with COUNTERSIGN_LOCAL=true only: remove it',
  ]);
  for (const elsewhere of ['https://token.example/', 'http://token.example/', 'http://127.0.0.1.example/']) {
    expect(problemsOf({ ...local, BOT_OAUTH_URL: elsewhere })).toEqual([
      `BOT_OAUTH_URL: must be a http:// address of this machine, got "${elsewhere}"`,
    ]);
  }
});

test('a configuration cannot be changed', () => {
  const config = configOf(production);

  expect(() => Object.assign(config, { local: true })).toThrow(TypeError);
  expect(() => Object.assign(config.bot, { tenantId: BOT })).toThrow(TypeError);
  expect(() => Object.assign(config.checkSecrets, ['x'])).toThrow(TypeError);
});

test('running locally is said, and what is not checked then', () => {
  expect(readConfig(local).warnings).toEqual([
    expect.stringMatching(/^COUNTERSIGN_LOCAL=true: .*token is not checked/),
  ]);
  expect(readConfig({ ...local, BOT_ID: BOT }).warnings).toEqual([expect.not.stringMatching(/not checked/)]);
  expect(readConfig({ ...production, BLOBS_URL: 'https://contoso.blob.core.windows.net' }).warnings).toEqual([]);
});

test('that evidence is not put under checkpoints is said where there is no blob store', () => {
  expect(readConfig(production).warnings).toEqual([expect.stringMatching(/^BLOBS_URL.*evidence is not put under/)]);
});

test('locally the blob store is that of the emulator, where its connection string has one', () => {
  const table = 'TableEndpoint=http://127.0.0.1:10002/devstoreaccount1';
  const both = `${table};BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1`;
  expect(configOf(local).blobs).toEqual({ connectionString: 'UseDevelopmentStorage=true' });
  expect(configOf({ ...local, TABLES_CONNECTION_STRING: both }).blobs).toEqual({ connectionString: both });
  expect(configOf({ ...local, TABLES_CONNECTION_STRING: table }).blobs).toBeUndefined();
  const inProduction = { ...without(production, 'TABLES_URL'), TABLES_CONNECTION_STRING: both };
  expect(configOf(inProduction).blobs).toBeUndefined();
});

test.each(['89', '3651', '0', '90 days', '-400', '1e3'])('a retention of %s is refused', (days) => {
  expect(problemsOf({ ...local, RETENTION_DAYS: days })).toEqual([
    `RETENTION_DAYS: must be a whole number of days from 90 to 3650, got "${days}"`,
  ]);
});
