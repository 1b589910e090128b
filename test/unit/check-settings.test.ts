import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { readConfig } from '../../bot/config.ts';
import { SECRETS } from '../../bot/settings.ts';
import { type Env, local, problemsOf, production, TENANT, TOKEN_KEY, without } from './config-env.ts';

test('env.sample as it is gives what must be set and nothing else', () => {
  const sample = parseEnv(readFileSync(new URL('../../env.sample', import.meta.url), 'utf8')) as Env;

  expect(problemsOf(sample)).toEqual(problemsOf({}));
  expect(readConfig(sample).warnings).toEqual([]);
});

test('without any setting every needed one is named at once, in the order of env.sample', () => {
  expect(problemsOf({})).toEqual([
    'BOT_ID: is missing; only COUNTERSIGN_LOCAL=true runs without it',
    'BOT_TENANT_ID: is missing',
    'TABLES_URL: is missing, and so is TABLES_CONNECTION_STRING: one of them is needed',
    'AZURE_DEVOPS_ORGS: is missing',
    'CHECK_SECRETS: is missing; without it and API_AUDIENCE no check is let in',
    'POLICY_DIR: is missing, and so is POLICY_REPO: one of them is needed',
    'TOKEN_KEY: is missing',
    'SIGNING_KEY: is missing; openssl genpkey -algorithm ed25519 makes one',
  ]);
});

test.each([
  ['AZURE_DEVOPS_TOKEN', 'token'],
  ['LOCAL_API_KEY', 'key'],
  ['DIRECTORY_FILE', 'people.yaml'],
])('%s is refused unless local', (name, value) => {
  expect(problemsOf({ ...production, [name]: value })).toEqual([
    `${name}: works with COUNTERSIGN_LOCAL=true only: remove it`,
  ]);
  expect(problemsOf({ ...local, [name]: value })).toEqual([]);
});

test.each([['AZURE_DEVOPS_ORGS'], ['PUBLIC_URL']])(
  '%s takes http on this machine locally only, and elsewhere never',
  (name) => {
    const loopback = { [name]: 'http://localhost:4000/x' };

    expect(problemsOf({ ...local, ...loopback })).toEqual([]);
    expect(problemsOf({ ...production, ...loopback })).toEqual([
      `${name}: must be a https:// address, got "http://localhost:4000/x"`,
    ]);
    expect(problemsOf({ ...local, [name]: 'http://contoso.com/x' })).toHaveLength(1);
  },
);

test('the keys of the Bot Connector may come by http from this machine, never from another', () => {
  const at = (BOT_OPENID_METADATA_URL: string) => ({ ...production, BOT_OPENID_METADATA_URL });

  expect(problemsOf(at('http://[::1]:9/keys'))).toEqual([]);
  expect(problemsOf(at('http://keys.contoso.com'))).toHaveLength(1);
});

test.each(['CHECK_SECRETS', 'HOOK_SECRETS'])('every secret of %s has 16 characters unless local', (name) => {
  const secrets = { [name]: 'a-long-enough-secret,short' };

  expect(problemsOf({ ...production, ...secrets })).toEqual([
    `${name}: must have at least 16 characters in every secret`,
  ]);
  expect(problemsOf({ ...local, ...secrets })).toEqual([]);
});

test('the store of tables is named in one of two ways, and in one it must be', () => {
  const other = { TABLES_CONNECTION_STRING: 'UseDevelopmentStorage=true' };

  expect(problemsOf({ ...production, ...other })).toEqual([
    'TABLES_URL: and TABLES_CONNECTION_STRING exclude one another',
  ]);
  expect(problemsOf({ ...without(production, 'TABLES_URL'), ...other })).toEqual([]);
  expect(problemsOf(without(production, 'TABLES_URL'))).toHaveLength(1);
});

test.each([
  ['KEY_VAULT_KEY_ID', 'https://contoso.vault.azure.net/keys/tokens', 'TOKEN_KEY'],
  ['SIGNING_KEY_ID', 'https://contoso.vault.azure.net/keys/evidence/0123456789abcdef', 'SIGNING_KEY'],
])('%s=%s is enough without a key in the environment, and may stand beside one', (name, value, instead) => {
  expect(problemsOf({ ...production, [name]: value })).toEqual([]);
  expect(problemsOf({ ...without(production, instead), [name]: value })).toEqual([]);
  expect(problemsOf({ ...without(production, instead), [name]: 'no address' })).toEqual([
    expect.stringContaining(`${name}: must be a key of a vault`),
  ]);
});

test('locally a signing key is derived from TOKEN_KEY, and must be named where there is none', () => {
  const vault = { ...without(local, 'TOKEN_KEY'), KEY_VAULT_KEY_ID: 'https://contoso.vault.azure.net/keys/tokens' };
  expect(problemsOf(vault)).toEqual([expect.stringMatching(/^SIGNING_KEY: is missing/)]);
  expect(problemsOf({ ...vault, SIGNING_KEY_ID: 'https://contoso.vault.azure.net/keys/evidence' })).toEqual([]);
});

test('policy comes from a folder or from a repository, and from one of them it must', () => {
  const POLICY_REPO = 'https://dev.azure.com/contoso/shop/_git/policy';

  expect(problemsOf({ ...production, POLICY_REPO })).toEqual(['POLICY_DIR: and POLICY_REPO exclude one another']);
  expect(problemsOf({ ...without(production, 'POLICY_DIR'), POLICY_REPO, POLICY_REF: 'main' })).toEqual([]);
  expect(problemsOf(without(production, 'POLICY_DIR'))).toHaveLength(1);
  expect(problemsOf({ ...production, POLICY_REF: 'main' })).toEqual([
    'POLICY_REF: is used together with POLICY_REPO only',
  ]);
});

test.each([
  'https://dev.azure.com/fabrikam/shop/_git/policy',
  'https://dev.azure.com/contoso2/shop/_git/policy',
  'https://dev.azure.example/contoso/shop/_git/policy',
  'https://dev.azure.com/contoso/shop/deeper/_git/policy',
])('the repository %s is of no configured organization', (POLICY_REPO) => {
  expect(problemsOf({ ...without(production, 'POLICY_DIR'), POLICY_REPO })).toEqual([
    'POLICY_REPO: must be in one of AZURE_DEVOPS_ORGS',
  ]);
});

test.each([
  'no address',
  'http://dev.azure.com/contoso/shop/_git/policy',
  'https://contoso@dev.azure.com/contoso/shop/_git/policy',
  'https://dev.azure.com/contoso/shop',
  'https://dev.azure.com/contoso/shop/_git/',
  'https://dev.azure.com/contoso/shop/_git/%2e%2e',
  'https://dev.azure.com/contoso/shop/_git/a%2Fb',
  'https://dev.azure.com/contoso/shop/_git/policy?version=GBmain',
  'https://dev.azure.com/contoso/shop/_git/policy?path=/a/../b',
  'https://dev.azure.com/contoso/shop/_git/policy?path=/a&path=/b',
  'https://dev.azure.com/contoso/shop/_git/policy#readme',
])('%s is no repository', (POLICY_REPO) => {
  expect(problemsOf({ ...without(production, 'POLICY_DIR'), POLICY_REPO })).toEqual([
    expect.stringMatching(/^POLICY_REPO: must be a repository in Azure Repos, /),
  ]);
});

test.each(['refs/tags/v1', 'refs/pull/1/merge', 'a b', 'a..b', '-a', '/a', 'a/', 'a.lock', 'a@{1}', 'a^', 'a:b', 'a*'])(
  '%s is no branch',
  (POLICY_REF) => {
    const POLICY_REPO = 'https://dev.azure.com/contoso/shop/_git/policy';

    expect(problemsOf({ ...without(production, 'POLICY_DIR'), POLICY_REPO, POLICY_REF })).toEqual([
      expect.stringMatching(/^POLICY_REF: must be a branch such as main/),
    ]);
  },
);

test('locally a repository is read with a token, which must be there', () => {
  const POLICY_REPO = 'http://127.0.0.1:4000/contoso/Shop/_git/policy';

  expect(problemsOf({ ...local, POLICY_REPO })).toEqual([
    'AZURE_DEVOPS_TOKEN: is missing; POLICY_REPO is read with it locally',
  ]);
  expect(problemsOf({ ...local, POLICY_REPO, AZURE_DEVOPS_TOKEN: 'token' })).toEqual([]);
});

test('PUBLIC_URL must be set where checks of the platform are looked at, for ours are told by it; locally there is one', () => {
  const PULL_SIGNALS = 'azure-policy,azure-devops-platform';
  const why = 'with azure-devops-platform in PULL_SIGNALS it tells which checks of environments are ours';

  expect(problemsOf({ ...production, PULL_SIGNALS })).toEqual([]);
  expect(problemsOf({ ...without(production, 'PUBLIC_URL'), PULL_SIGNALS })).toEqual([
    `PUBLIC_URL: is missing; ${why}`,
  ]);
  expect(problemsOf({ ...without(production, 'PUBLIC_URL'), PULL_SIGNALS: 'azure-policy' })).toEqual([]);
  expect(problemsOf({ ...local, PULL_SIGNALS })).toEqual([]);
  const HOOK_SECRETS = 'a-secret-of-service-hooks';
  expect(problemsOf({ ...without(production, 'PUBLIC_URL'), PULL_SIGNALS, HOOK_SECRETS })).toEqual([
    `PUBLIC_URL: is missing; with HOOK_SECRETS it tells which service hooks are ours; ${why}`,
  ]);
});

test('PUBLIC_URL need not be set', () => {
  expect(problemsOf(without(production, 'PUBLIC_URL'))).toEqual([]);
});

test('without a key decisions cannot be signed: only a local bot derives one', () => {
  expect(problemsOf(without(production, 'SIGNING_KEY'))).toEqual([
    'SIGNING_KEY: is missing; openssl genpkey -algorithm ed25519 makes one',
  ]);
  expect(problemsOf(without(local, 'SIGNING_KEY'))).toEqual([]);
});

test('two blob stores are one too many, none is fine', () => {
  const blobs = { BLOBS_URL: 'https://contoso.blob.core.windows.net', BLOBS_CONNECTION_STRING: 'x' };

  expect(problemsOf({ ...production, ...blobs })).toEqual([
    'BLOBS_URL: and BLOBS_CONNECTION_STRING exclude one another',
  ]);
});

test('a bot with a secret needs it, one with a managed identity does not', () => {
  expect(problemsOf(without(production, 'BOT_PASSWORD'))).toEqual([
    'BOT_PASSWORD: is missing; only BOT_TYPE=UserAssignedMsi needs none',
  ]);
  expect(problemsOf({ ...without(production, 'BOT_PASSWORD'), BOT_TYPE: 'UserAssignedMsi' })).toEqual([]);
});

test('checks may be let in by Entra alone', () => {
  expect(problemsOf({ ...without(production, 'CHECK_SECRETS'), API_AUDIENCE: 'api://countersign' })).toEqual([]);
});

test('API_TENANTS says nothing alone', () => {
  expect(problemsOf({ ...production, API_TENANTS: TENANT })).toEqual([
    'API_TENANTS: is used together with API_AUDIENCE only',
  ]);
});

test.each([
  ['COUNTERSIGN_LOCAL', 'yes'],
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['LOG_LEVEL', 'loud'],
  ['BOT_ID', 'my-bot'],
  ['BOT_TYPE', 'MultiTenant'],
  ['BOT_TENANT_ID', 'contoso.com'],
  ['BOT_CLOUD', 'mars'],
  ['TABLES_URL', 'http://127.0.0.1:10002'],
  ['TABLES_PREFIX', 'my-app'],
  ['AZURE_DEVOPS_ORGS', 'https://dev.azure.com/contoso,ftp://x'],
  ['AZURE_DEVOPS_ORGS', ','],
  ['NATIVE_AS_SERVICE', '1'],
  ['PULL_SIGNALS', 'azure-policy,sentinel'],
  ['API_TENANTS', `${TENANT},x`],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
])('%s=%s is refused with what was read', (name, value) => {
  const env: Env = { ...production, API_AUDIENCE: 'api://countersign', [name]: value };
  const found = problemsOf(env);

  expect(found).toEqual([expect.stringMatching(new RegExp(`^${name}: must be .*, got ${JSON.stringify(value)}$`))]);
});

test.each([
  ['31 bytes', Buffer.alloc(31).toString('base64')],
  ['base64 without its padding', TOKEN_KEY.replace('=', '')],
  ['hexadecimal', 'ab'.repeat(32)],
])('a TOKEN_KEY of %s is refused', (_, wrong) => {
  expect(problemsOf({ ...production, TOKEN_KEY: wrong })).toEqual([
    'TOKEN_KEY: must be 32 bytes in base64; openssl rand -base64 32 makes one',
  ]);
});

test('a signing key of another kind is refused', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  for (const SIGNING_KEY of [rsa.export({ type: 'pkcs8', format: 'pem' }).toString(), 'no key at all']) {
    expect(problemsOf({ ...production, SIGNING_KEY })).toEqual([
      expect.stringMatching(/^SIGNING_KEY: must be an Ed25519/),
    ]);
  }
});

test('no secret appears in any problem or warning, not even one in an address or in the wrong place', () => {
  const secrets = Object.fromEntries([...SECRETS].map((name) => [name, 's3cret']));
  const addresses = {
    PUBLIC_URL: 'https://ann:s3cret@contoso.com',
    TABLES_URL: 'http://contoso.table.core.windows.net?sig=s3cret',
    POLICY_REPO: 'https://s3cret@dev.azure.com/contoso/_git/policy',
    BOT_PASWORD: 's3cret',
  };

  const { warnings, ...rest } = readConfig({ ...secrets, ...addresses });

  expect(rest).toHaveProperty('problems');
  expect(JSON.stringify([rest, warnings])).not.toContain('s3cret');
  expect(warnings).toEqual(['BOT_PASWORD is no setting and is ignored; did you mean BOT_PASSWORD?']);
});

test.each(['PUBLIC_URL', 'AZURE_DEVOPS_ORGS', 'BOT_OPENID_METADATA_URL'])(
  '%s with a name or password in it is refused, and not shown',
  (name) => {
    for (const credentials of ['ann', 'ann:s3cret', ':s3cret']) {
      const env = { ...production, [name]: `https://${credentials}@contoso.com` };
      expect(problemsOf(env)).toEqual([`${name}: must be a https:// address`]);
    }
  },
);

const withBlobs = { ...production, BLOBS_URL: 'https://proof.blob.core.windows.net' };

test('unknown names with our prefixes are named in warnings, others are not ours', () => {
  const { warnings } = readConfig({
    ...withBlobs,
    HOOK_SECRET: 'x',
    LEGAL_HOLDS: 'true',
    SIGNIN_SOMETHING_QUITE_ELSE: 'x',
    PATH: '/bin',
  });

  expect(warnings).toEqual([
    'HOOK_SECRET is no setting and is ignored; did you mean HOOK_SECRETS?',
    'LEGAL_HOLDS is no setting and is ignored; did you mean LEGAL_HOLD?',
    'SIGNIN_SOMETHING_QUITE_ELSE is no setting and is ignored',
  ]);
});

test('COUNTERSIGN_LOCAL=false is not local', () => {
  expect(problemsOf({ ...local, COUNTERSIGN_LOCAL: 'false' })).toContain(
    'BOT_ID: is missing; only COUNTERSIGN_LOCAL=true runs without it',
  );
});
