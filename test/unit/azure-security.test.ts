import { expect, test } from 'vitest';
import { SECRETS } from '../../bot/settings.ts';
import {
  at,
  bicep,
  FILES,
  files,
  isSecure,
  members,
  of,
  plain,
  resource,
  settings,
  source,
  within,
} from './azure-template.ts';
import { Expression } from './read-bicep.ts';

test('both storage accounts refuse keys, old TLS and anonymous reading, and are closed to networks outside unless opened', () => {
  expect(plain(members(resource('storage-account.bicep', 'Microsoft.Storage/storageAccounts'))['properties'])).toEqual({
    allowSharedKeyAccess: false,
    allowBlobPublicAccess: false,
    allowCrossTenantReplication: false,
    defaultToOAuthAuthentication: true,
    minimumTlsVersion: 'TLS1_2',
    supportsHttpsTrafficOnly: true,
    publicNetworkAccess: "=publicAccess ? 'Enabled' : 'Disabled'",
    networkAcls: { bypass: 'None', defaultAction: "=publicAccess ? 'Allow' : 'Deny'" },
  });
  const made = FILES.flatMap((name) => of(name, 'resource').map((one) => ({ name, ...one }))).filter(
    ({ type, existing }) => type.startsWith('Microsoft.Storage/storageAccounts@') && !existing,
  );
  expect(made.map(({ name }) => name)).toEqual(['storage-account.bicep']);
  const opened = of('main.bicep', 'parameter').find(({ symbol }) => symbol === 'publicAccess');
  expect(opened?.value).toBe(false);
  const passed = ['main.bicep', 'tables.bicep', 'log.bicep']
    .flatMap((file) => of(file, 'module'))
    .map(({ value }) => at(value, 'params', 'publicAccess'))
    .filter((value) => value !== undefined);
  expect(passed).toEqual(Array(5).fill('=publicAccess'));
  for (const file of ['storage-account.bicep', 'vault.bicep'])
    expect(of(file, 'module').map(({ type, condition }) => [type, condition])).toEqual([
      ['private-endpoint.bicep', '(!publicAccess)'],
    ]);
});

test('each role is given to one identity on one thing alone', () => {
  const roles = FILES.flatMap((file) =>
    of(file, 'resource')
      .filter(({ type }) => type.startsWith('Microsoft.Authorization/'))
      .map(({ value }) => {
        const { scope, properties } = members(value);
        const role = members(properties)['roleDefinitionId'] as Expression;
        expect(at(properties, 'principalId')).toMatch(
          /^=(?:principalId|botPrincipalId|starter\.properties\.principalId)$/,
        );
        expect(at(properties, 'principalType')).toBe('ServicePrincipal');
        const of = bicep(file).declarations.find(({ symbol }) => `=${symbol}` === plain(scope));
        return [file, of?.type.replace(/@.*/, ''), role.arguments[1]];
      }),
  );
  expect(roles).toEqual([
    ['log.bicep', 'Microsoft.Storage/storageAccounts/blobServices/containers', 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'],
    ['log.bicep', 'Microsoft.Storage/storageAccounts/blobServices/containers', 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'],
    ['main.bicep', 'Microsoft.ContainerRegistry/registries', '7f951dda-4ed3-4680-a7ca-43fe172d538d'],
    ['tables.bicep', 'Microsoft.Storage/storageAccounts', '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'],
    ['vault.bicep', 'Microsoft.KeyVault/vaults/keys', '12338af0-0e69-4776-bea7-57ae8d297424'],
    ['vault.bicep', 'Microsoft.KeyVault/vaults/keys', '12338af0-0e69-4776-bea7-57ae8d297424'],
    ['vault.bicep', 'Microsoft.KeyVault/vaults', '4633458b-17de-408a-b874-0445c86b69e6'],
  ]);
});

test('the identity of the bot has what permissions.md names, and another one fetches image and secrets', () => {
  const given = of('main.bicep', 'module')
    .filter(({ value }) => at(value, 'params', 'principalId') !== undefined)
    .map(({ symbol, value }) => [symbol, at(value, 'params', 'principalId')]);
  expect(given).toEqual([
    ['tables', '=identity.properties.principalId'],
    ['log', '=identity.properties.principalId'],
    ['vault', '=starter.properties.principalId'],
  ]);
  const app = resource('app.bicep', 'Microsoft.App/containerApps');
  expect(at(app, 'properties', 'configuration', 'identitySettings')).toEqual([
    { identity: '=identityId', lifecycle: 'All' },
    { identity: '=starterId', lifecycle: 'None' },
  ]);
  expect(at(app, 'properties', 'configuration', 'registries')).toEqual([
    { server: '=registryServer', identity: '=starterId' },
  ]);
});

test('the log of checkpoints is appended to and not changed, in the container that the bot writes to', () => {
  const storage = 'Microsoft.Storage/storageAccounts/blobServices/containers';
  for (const [symbol, name] of [
    ['container', 'countersign-log'],
    ['archive', 'countersign-archive'],
  ] as const)
    expect(plain(resource('log.bicep', storage, symbol))).toMatchObject({ name, properties: { publicAccess: 'None' } });
  expect(plain(resource('log.bicep', `${storage}/immutabilityPolicies`))).toEqual({
    parent: '=container',
    name: 'default',
    properties: { immutabilityPeriodSinceCreationInDays: '=retentionDays', allowProtectedAppendWrites: true },
  });
  const policies = of('log.bicep', 'resource').filter(({ type }) => type.includes('immutabilityPolicies'));
  expect(policies.map(({ condition }) => condition)).toEqual(['(!policyLocked)']);
  expect(settings()).not.toHaveProperty('TABLES_PREFIX');
});

test('keys are made in the vault, never leave it, do one thing each, and only the bot may use them', () => {
  const made = of('vault.bicep', 'resource').filter(({ type }) => type.startsWith('Microsoft.KeyVault/vaults/keys@'));
  const attributes = { enabled: true, exportable: false };
  expect(made.map(({ value = null }) => plain(value))).toEqual([
    {
      ...{ parent: '=vault', name: 'tokens' },
      properties: { kty: 'RSA', keySize: 3072, keyOps: ['wrapKey', 'unwrapKey'], attributes },
    },
    {
      ...{ parent: '=vault', name: 'evidence' },
      properties: { kty: 'EC', curveName: 'P-256', keyOps: ['sign', 'verify'], attributes },
    },
  ]);
  const roles = of('vault.bicep', 'resource').filter(({ type }) => type.startsWith('Microsoft.Authorization/'));
  expect(roles.map(({ value }) => [at(value, 'scope'), at(value, 'properties', 'principalId')])).toEqual([
    ['=tokens', '=botPrincipalId'],
    ['=evidence', '=botPrincipalId'],
    ['=vault', '=principalId'],
  ]);
  const vault = of('main.bicep', 'module').find(({ symbol }) => symbol === 'vault');
  expect(at(vault?.value, 'params', 'botPrincipalId')).toBe('=identity.properties.principalId');
  expect(settings()).toMatchObject({
    KEY_VAULT_KEY_ID: `='\${vaultUri}keys/tokens'`,
    SIGNING_KEY_ID: `='\${vaultUri}keys/evidence'`,
  });
  expect(settings()).not.toHaveProperty('TOKEN_KEY');
});

test('the vault is governed by roles, and what was deleted in it can be had back', () => {
  expect(plain(resource('vault.bicep', 'Microsoft.KeyVault/vaults'))).toMatchObject({
    properties: {
      enableRbacAuthorization: true,
      enableSoftDelete: true,
      enablePurgeProtection: true,
      publicNetworkAccess: "=publicAccess ? 'Enabled' : 'Disabled'",
    },
  });
});

test('the bot is the managed identity, in Teams, without a password', () => {
  expect(plain(resource('bot.bicep', 'Microsoft.BotService/botServices'))).toMatchObject({
    kind: 'azurebot',
    properties: { msaAppType: 'UserAssignedMSI', msaAppId: '=clientId', disableLocalAuth: true },
  });
  expect(at(resource('bot.bicep', 'Microsoft.BotService/botServices/channels'), 'name')).toBe('MsTeamsChannel');
  expect(settings()).toMatchObject({ BOT_TYPE: 'UserAssignedMsi', BOT_ID: '=clientId' });
  const connection = at(resource('bot.bicep', 'Microsoft.BotService/botServices/connections'), 'name');
  const app = of('main.bicep', 'module').find(({ symbol }) => symbol === 'app');
  expect(at(app?.value, 'params', 'signInConnection')).toBe(`=empty(signInClientId) ? '' : '${connection}'`);
});

test('no key is asked of Azure, none is switched on, and no name is that of a password', () => {
  for (const [name, { calls, declarations }] of files) {
    expect({ name, asked: calls.filter((call) => /^list/i.test(call)) }).toEqual({ name, asked: [] });
    expect(source(name)).not.toMatch(/\.list\w*\(/);
    const given = declarations.flatMap(({ value = null }) =>
      [...within(value)].flatMap((one) => Object.entries(members(one))),
    );
    const wrong = given.filter(
      ([key, value]) => /password|sharedKey|accountKey|clientSecret/i.test(key) && value !== false,
    );
    expect({ name, wrong }).toEqual({ name, wrong: [] });
  }
  expect(at(resource('registry.bicep', 'Microsoft.ContainerRegistry/registries'), 'properties')).toEqual({
    adminUserEnabled: false,
  });
  for (const type of ['Microsoft.OperationalInsights/workspaces', 'Microsoft.Insights/components'])
    expect(JSON.stringify(plain(resource('monitoring.bicep', type)))).toMatch(/"disableLocalAuth":true/i);
});

test('a secret goes from its parameter into the vault and nowhere else', () => {
  const secure = of('main.bicep', 'parameter').filter(isSecure);
  expect(secure.map(({ symbol, value }) => [symbol, value])).toEqual([
    ['checkSecrets', ''],
    ['hookSecrets', ''],
  ]);
  const uses = FILES.flatMap((file) =>
    bicep(file).declarations.flatMap(({ kind, type, value = null }) =>
      [...within(value)]
        .filter((one) => one instanceof Expression && secure.some(({ symbol }) => one.source.includes(symbol)))
        .map(() => `${file}: ${kind} ${type}`),
    ),
  );
  expect(new Set(uses)).toEqual(
    new Set(['main.bicep: module vault.bicep', 'vault.bicep: resource Microsoft.KeyVault/vaults/secrets@2023-07-01']),
  );
  const kept = of('vault.bicep', 'resource').filter(({ type }) =>
    type.startsWith('Microsoft.KeyVault/vaults/secrets@'),
  );
  expect(kept.map(({ condition, value }) => [condition, at(value, 'properties', 'value')])).toEqual(
    secure.map(({ symbol }) => [`(!empty(${symbol}))`, `=${symbol}`]),
  );
  const received = of('vault.bicep', 'parameter').filter(({ symbol }) => secure.some((one) => one.symbol === symbol));
  expect(received.filter(isSecure)).toHaveLength(secure.length);
});

test('no output tells a secret', () => {
  const outputs = FILES.flatMap((file) => of(file, 'output'));
  expect(outputs.length).toBeGreaterThan(6);
  for (const { symbol, value = null } of outputs) {
    expect(symbol).not.toMatch(/key|secret|password|connection/i);
    expect(String(plain(value))).not.toMatch(/key|secret|password|ConnectionString|\.value/i);
  }
});

test('secrets come into the container by reference to the vault, through an identity that the bot has not', () => {
  const secrets = at(resource('app.bicep', 'Microsoft.App/containerApps'), 'properties', 'configuration', 'secrets');
  const names = (secrets as readonly { readonly name: string }[]).map(({ name }) => name);
  expect(secrets).toEqual(
    names.map((name) => ({
      name,
      keyVaultUrl: `='\${vaultUri}secrets/${name}'`,
      identity: '=starterId',
    })),
  );
  const kept = of('vault.bicep', 'resource').filter(({ type }) =>
    type.startsWith('Microsoft.KeyVault/vaults/secrets@'),
  );
  expect(kept.map(({ value }) => at(value, 'name'))).toEqual(names);
  const referenced = Object.entries(settings()).filter(([, value]) => value.startsWith('secret '));
  expect(referenced.map(([, value]) => value.slice('secret '.length)).sort()).toEqual([...names].sort());
  const open = Object.keys(settings()).filter((name) => SECRETS.has(name) && !settings()[name]?.startsWith('secret '));
  // It names where telemetry goes; with local authentication off it lets nobody write there.
  expect(open).toEqual(['APPLICATIONINSIGHTS_CONNECTION_STRING']);
});
