import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TENANT } from '../builders.ts';
import { type Azurite, startAzurite } from '../fakes/azurite.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { type FakeTeams, startTeams } from '../fakes/teams.ts';
import { type Env, production, without } from '../unit/config-env.ts';
import { SERVICE_URLS } from './addresses.ts';
import { BOT } from './forged-activities.ts';

// 1.3 C: what `npm start` runs, as a process of its own.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ENTRY = fileURLToPath(new URL('../../bot/index.ts', import.meta.url));

function started(env: Env) {
  const child = spawn(process.execPath, [ENTRY], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  return { child, said };
}

async function refusalOf(
  env: Env,
): Promise<{ readonly code: number | null; readonly err: string; readonly out: string }> {
  const { child, said } = started(env);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

// Few, because each is a process; every single rule is in check-settings.test.ts.
test.each<[string, Env, readonly string[]]>([
  [
    'nothing at all',
    {},
    [
      'BOT_ID',
      'BOT_TENANT_ID',
      'TABLES_URL',
      'AZURE_DEVOPS_ORGS',
      'CHECK_SECRETS',
      'POLICY_DIR',
      'TOKEN_KEY',
      'SIGNING_KEY',
    ],
  ],
  [
    'an empty bot, a misspelt local mode and no password',
    { ...without(production, 'BOT_PASSWORD'), BOT_ID: ' ', COUNTERSIGN_LOCAL: 'TRUE' },
    ['BOT_ID', 'COUNTERSIGN_LOCAL'],
  ],
  [
    'what only a machine of a developer may have',
    {
      ...without(production, 'BOT_PASSWORD'),
      BOT_OPENID_METADATA_URL: 'http://keys.example/',
      AZURE_DEVOPS_ORGS: 'http://127.0.0.1:1/contoso',
      AZURE_DEVOPS_TOKEN: 'a-token-that-is-long-enough',
      LOCAL_API_KEY: 'a-key-that-is-long-enough',
      DIRECTORY_FILE: 'directory.yaml',
    },
    [
      'BOT_OPENID_METADATA_URL',
      'BOT_PASSWORD',
      'AZURE_DEVOPS_ORGS',
      'AZURE_DEVOPS_TOKEN',
      'LOCAL_API_KEY',
      'DIRECTORY_FILE',
    ],
  ],
])('a process with %s does not start and names every problem at once', async (_what, env, names) => {
  const { code, err, out } = await refusalOf(env);
  expect(code).toBe(1);
  const named = err.split('\n').flatMap((line) => /^ {2}([A-Z_]+) /.exec(line)?.[1] ?? []);
  expect([...named].sort()).toEqual([...names].sort());
  expect(out).not.toContain('listening');
  for (const secret of [production['TOKEN_KEY'], production['CHECK_SECRETS'], 'long-enough']) {
    expect(err + out).not.toContain(secret);
  }
});

test.each(['index', 'cli'])(
  'in a process of bot/%s.ts no object has a __proto__ by which others are reached',
  async (name) => {
    const tell = "process.on('exit', () => process.stdout.write('__proto__' in {} ? 'there' : 'gone'))";
    const entry = join(ROOT, `bot/${name}.ts`);
    const child = spawn(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(tell)}`, entry], {
      env: {},
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [out] = await Promise.all([text(child.stdout), once(child, 'close')]);
    expect(out.slice(-5)).toMatch(/gone$/);
  },
);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

let azurite: Azurite;
let teams: FakeTeams;
let bot: ReturnType<typeof started>;

beforeAll(async () => {
  azurite = await startAzurite();
  teams = await startTeams({ tenant: TENANT, botId: BOT, authenticated: true });
  const port = await freePort();
  teams.connect(`http://127.0.0.1:${port}/api/messages`);
  bot = started({
    ...without(production, 'TABLES_URL'),
    BOT_ID: BOT,
    BOT_TENANT_ID: TENANT,
    TABLES_CONNECTION_STRING: azurite.connectionString,
    POLICY_DIR: join(ROOT, 'manifest/policy'),
    BOT_OPENID_METADATA_URL: teams.openIdMetadataUrl,
    PORT: String(port),
  });
  const signal = AbortSignal.timeout(30_000);
  while (!bot.said.out.includes('listening')) await once(bot.child.stdout, 'data', { signal });
});
afterAll(async () => {
  const closed = once(bot.child, 'close');
  bot.child.kill('SIGTERM');
  await closed;
  await Promise.all([teams.close(), azurite.close()]);
});

const SERVICE_URL = 'https://smba.trafficmanager.net/emea/';
/** Of no interest to the bot, so that an answer of 200 says that it was authenticated and nothing else. */
const typing = (serviceUrl: string) =>
  teams.activity({ oid: PEOPLE.alex, name: 'Alex Wilber' }, { type: 'typing', serviceUrl });

test('outside local mode the keys may be read over http on this machine, and Teams is let in by its token', async () => {
  const token = await teams.tokens?.sign(SERVICE_URL);
  expect((await teams.send(typing(SERVICE_URL), token)).status).toBe(200);
  expect((await teams.send(typing(SERVICE_URL), '')).status).toBe(401);
});

test.each(SERVICE_URLS)(
  'outside local mode an activity from %s is answered 401, whoever signed it',
  async (address) => {
    const token = await teams.tokens?.sign(address);
    const answered = await teams.send(typing(address), token);
    expect([answered.status, answered.text]).toEqual([401, '']);
  },
);
