import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../../bot/config.ts';
import { SETTINGS } from '../../bot/settings.ts';
import {
  FILES,
  FOLDER,
  files,
  isSecure,
  members,
  of,
  plain,
  readBicep,
  resource,
  settings,
  source,
} from './azure-template.ts';
import { BOT, type Env, production, without } from './config-env.ts';
import type { Expression, Value } from './read-bicep.ts';

/** A type that is spelled otherwise, or in another version, is noticed here. */
const TYPES = [
  'Microsoft.App/containerApps@2025-01-01',
  'Microsoft.App/managedEnvironments@2025-01-01',
  'Microsoft.Authorization/roleAssignments@2022-04-01',
  'Microsoft.BotService/botServices/channels@2022-09-15',
  'Microsoft.BotService/botServices/connections@2022-09-15',
  'Microsoft.BotService/botServices@2022-09-15',
  'Microsoft.ContainerRegistry/registries@2023-07-01',
  'Microsoft.Insights/actionGroups@2023-01-01',
  'Microsoft.Insights/components@2020-02-02',
  'Microsoft.Insights/diagnosticSettings@2021-05-01-preview',
  'Microsoft.Insights/metricAlerts@2018-03-01',
  'Microsoft.Insights/scheduledQueryRules@2022-06-15',
  'Microsoft.KeyVault/vaults/keys@2023-07-01',
  'Microsoft.KeyVault/vaults/secrets@2023-07-01',
  'Microsoft.KeyVault/vaults@2023-07-01',
  'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31',
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2020-06-01',
  'Microsoft.Network/privateDnsZones@2020-06-01',
  'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2023-11-01',
  'Microsoft.Network/privateEndpoints@2023-11-01',
  'Microsoft.Network/virtualNetworks@2023-11-01',
  'Microsoft.OperationalInsights/workspaces@2023-09-01',
  'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2023-05-01',
  'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01',
  'Microsoft.Storage/storageAccounts@2023-05-01',
  // Inside of its account, whose version it has.
  'blobServices',
];
const FUNCTIONS =
  /^(?:allowed|concat|description|empty|environment|filter|guid|join|json|max(?:Length|Value)|min(?:Length|Value)|parse_json|replace|resourceGroup|secure|subscriptionResourceId|take|tenant|toLower|uniqueString)$/;

test('every file is Bicep, of known types and functions, and uses what it declares and nothing else', () => {
  expect(FILES).toContain('main.bicep');
  for (const [name, { errors, undeclared, unused, calls }] of files) {
    expect({ name, errors, undeclared, unused }).toEqual({ name, errors: [], undeclared: [], unused: [] });
    expect({ name, calls: calls.filter((call) => !FUNCTIONS.test(call)) }).toEqual({ name, calls: [] });
  }
  const types = new Set(FILES.flatMap((name) => of(name, 'resource').map(({ type }) => type)));
  expect([...types].sort()).toEqual(TYPES);
});

test('every parameter and output says what it is', () => {
  const silent = FILES.flatMap((name) =>
    [...of(name, 'parameter'), ...of(name, 'output')]
      .filter(({ decorators }) => !decorators.some(({ called }) => called === 'description'))
      .map(({ symbol }) => `${name}: ${symbol}`),
  );
  expect(silent).toEqual([]);
});

test('every module is given each parameter that it needs and none that it does not have', () => {
  const given = FILES.flatMap((name) => of(name, 'module').map((module) => ({ name, module })));
  expect(given.length).toBeGreaterThan(8);
  for (const { name, module } of given) {
    const parameters = of(module.type, 'parameter');
    const names = Object.keys(members(members(module.value)['params']));
    const where = `${name}: ${module.symbol}`;
    expect({ where, names: names.sort() }).toEqual({ where, names: parameters.map(({ symbol }) => symbol).sort() });
  }
});

test('every output of a module that is asked for is one', () => {
  for (const name of FILES) {
    const types = new Map(of(name, 'module').map(({ symbol, type }) => [symbol, type]));
    for (const [, symbol = '', output = ''] of source(name).matchAll(/\b(\w+)\.outputs\.(\w+)/g)) {
      const outputs = of(types.get(symbol) ?? '', 'output').map((one) => one.symbol);
      expect({ name, symbol, has: outputs.includes(output) || output }).toEqual({ name, symbol, has: true });
    }
  }
});

test('the file of parameters gives main.bicep what it needs, and secrets only from the environment', () => {
  const given = readBicep(source('main.bicepparam'));
  // The grammar knows parameters with a type only.
  expect(given.errors.filter((error) => !error.endsWith(': missing identifier'))).toEqual([]);
  const names = given.declarations.map(({ symbol }) => symbol);
  const parameters = of('main.bicep', 'parameter');
  const needed = parameters.filter(({ value }) => value === undefined).map(({ symbol }) => symbol);
  const secure = parameters.filter(isSecure).map(({ symbol }) => symbol);
  expect(names).toEqual(expect.arrayContaining([...needed, ...secure]));
  expect(parameters.map(({ symbol }) => symbol)).toEqual(expect.arrayContaining(names));
  for (const { symbol, value } of given.declarations.filter((one) => secure.includes(one.symbol))) {
    expect({ symbol, called: (value as Expression).called }).toEqual({ symbol, called: 'readEnvironmentVariable' });
    expect((value as Expression).arguments[1]).toBe('');
  }
});

test('azd finds the template', () => {
  const { infra } = parse(source('azure.yaml')) as { infra: { provider: string; path: string; module: string } };
  expect(infra.provider).toBe('bicep');
  expect(existsSync(join(FOLDER, infra.path, `${infra.module}.bicep`))).toBe(true);
});

test('two replicas or more run one revision, are looked at, and are reached by https only', () => {
  const app = plain(resource('app.bicep', 'Microsoft.App/containerApps'));
  const probe = (path: string) => ({ httpGet: { path, port: 3978 } });
  expect(app).toMatchObject({
    identity: { type: 'UserAssigned' },
    properties: {
      configuration: {
        activeRevisionsMode: 'Single',
        ingress: { external: true, targetPort: 3978, allowInsecure: false },
      },
      template: {
        containers: [
          {
            probes: [
              { type: 'Startup', ...probe('/livez') },
              { type: 'Liveness', ...probe('/livez') },
              { type: 'Readiness', ...probe('/readyz') },
            ],
          },
        ],
        scale: { minReplicas: '=minReplicas', maxReplicas: '=maxReplicas' },
      },
    },
  });
  for (const file of ['main.bicep', 'app.bicep'])
    for (const { symbol, decorators, value = 2 } of of(file, 'parameter').filter((one) =>
      /Replicas$/.test(one.symbol),
    )) {
      expect({ file, symbol, least: decorators.find((one) => one.called === 'minValue')?.arguments }).toEqual({
        file,
        symbol,
        least: [2],
      });
      expect(value).toBeGreaterThanOrEqual(2);
    }
  expect(settings()['PORT']).toBe('3978');
});

/** What the bot would read: literals as they are, the rest from a good environment. */
function deployed(): Env {
  const sample: Env = {
    ...without(production, 'BOT_PASSWORD', 'POLICY_DIR'),
    BLOBS_URL: 'https://contoso.blob.core.windows.net',
    POLICY_REPO: 'https://dev.azure.com/contoso/platform/_git/policy',
    POLICY_REF: 'main',
    HOOK_SECRETS: 'sixteen-characters',
    LOG_LEVEL: 'info',
    API_AUDIENCE: 'api://countersign',
    SIGNIN_CONNECTION: 'azure-devops',
    PULL_SIGNALS: 'azure-policy,azure-devops-platform',
    APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=none',
    AZURE_CLIENT_ID: BOT,
    KEY_VAULT_KEY_ID: 'https://contoso.vault.azure.net/keys/tokens',
    SIGNING_KEY_ID: 'https://contoso.vault.azure.net/keys/evidence',
  };
  return Object.fromEntries(
    Object.entries(settings()).map(([name, value]) => [
      name,
      value.startsWith('=') || value.startsWith('secret ') ? (sample[name] ?? '') : value,
    ]),
  );
}

test('the bot knows every setting of the template, misses none, and warns of none', () => {
  const unknown = Object.keys(settings()).filter((name) => !(name in SETTINGS.shape));
  expect(unknown).toEqual(['AZURE_CLIENT_ID']);
  expect(Object.entries(deployed()).filter(([, value]) => value === '')).toEqual([]);
  const reading = readConfig(deployed());
  expect(reading).not.toHaveProperty('problems');
  expect(reading.warnings).toEqual([]);
});

test.each([
  'BOT_ID',
  'BOT_TYPE',
  'BOT_TENANT_ID',
  'TABLES_URL',
  'AZURE_DEVOPS_ORGS',
  'POLICY_REPO',
  'PUBLIC_URL',
  'KEY_VAULT_KEY_ID',
  'SIGNING_KEY_ID',
])('without %s of the template the bot would not start', (name) => {
  expect(readConfig(without(deployed(), name))).toHaveProperty('problems');
});

test('what the bot cannot do without is in every deployment, whatever is left empty', () => {
  const optional = [...source('app.bicep').matchAll(/filter\(\s*\[([^\]]*)\]/g)].flatMap(([, inner = '']) => [
    ...inner.matchAll(/name: '(\w+)'/g),
  ]);
  const names = optional.map(([, name = '']) => name);
  expect(names).toEqual(['SIGNIN_CONNECTION', 'PULL_SIGNALS', 'API_AUDIENCE']);
  expect(readConfig(without(deployed(), ...names))).not.toHaveProperty('problems');
});

test('deploy.md counts what has to be allowed and is billed as the templates make it', () => {
  const made = FILES.flatMap((name) => of(name, 'resource').map(({ type, existing }) => (existing ? '' : type)));
  const count = (type: string) => made.filter((one) => one.startsWith(`${type}@`)).length;
  const messages = of('alerts.bicep', 'variable').find(({ symbol }) => symbol === 'messages')?.value;
  const alerts = count('Microsoft.Insights/metricAlerts') + (plain(messages) as readonly Value[]).length;
  const words = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
  const page = readFileSync(join(FOLDER, '../../docs/deploy.md'), 'utf8');
  expect(page).toContain(` ${words[count('Microsoft.Authorization/roleAssignments')]} role assignments,`);
  expect(page).toContain(` ${words[alerts]} alert rules.`);
});

test('alerts ring on replicas, failed answers and messages that the bot writes to its log', () => {
  const messages = of('alerts.bicep', 'variable').find(({ symbol }) => symbol === 'messages');
  const texts = (plain(messages?.value) as readonly { readonly text: string }[]).map(({ text }) => text);
  const product = globSync('{bot,services}/**/*.ts', { cwd: join(FOLDER, '../..') })
    .map((name) => readFileSync(join(FOLDER, '../..', name), 'utf8'))
    .join('');
  expect(texts).toContain('evidence is not what it was');
  expect(texts).toContain('not ready');
  for (const text of texts)
    expect({ text, written: product.includes(`, '${text}')`) }).toEqual({ text, written: true });
  const metrics = ['replicas', 'failures'].map((symbol) => {
    const { properties = null } = members(resource('alerts.bicep', 'Microsoft.Insights/metricAlerts', symbol));
    const [first = null] = members(members(properties)['criteria'])['allOf'] as readonly Value[];
    return plain(first);
  });
  expect(metrics).toMatchObject([
    { metricName: 'Replicas', operator: 'LessThan', threshold: '=minReplicas' },
    { metricName: 'Requests', dimensions: [{ name: 'statusCodeCategory', values: ['5xx'] }] },
  ]);
});
