import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { commandTable } from '../../bot/commands.ts';
import { ACTION_DATA } from '../../cards/actions.ts';
import { THRESHOLDS } from '../../services/domain/calibration.ts';
import { percent } from '../../services/domain/calibration-figures.ts';
import { SCANNER_FORMATS } from './scanner-reports.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const INTERFACES = read('docs/interfaces.md');

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** Every page of prose, relative to the root. */
function pages(): string[] {
  const isPage = (name: string) => name.endsWith('.md');
  const inDocs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter(isPage);
  return [...readdirSync(ROOT).filter(isPage), ...inDocs.map((name) => join('docs', name))];
}

/** The text without code, where brackets are no links and `#` is no heading. */
function prose(text: string): string {
  return text.replace(/^ *```[\s\S]*?^ *```$/gm, '').replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]]/g, ' '));
}

/** The anchor that GitHub gives a heading. */
function anchorsOf(page: string): string[] {
  return [...prose(read(page)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function isBroken(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#', 2);
  const target = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), decodeURIComponent(path)));
  if (target.startsWith('..') || !existsSync(join(ROOT, target))) return true;
  return anchor !== undefined && !anchorsOf(target).includes(anchor);
}

/** The part below a heading of the second level, up to the next one. */
function section(title: string): string {
  const [, body = ''] = INTERFACES.split(`\n## ${title}\n`);
  return body.split('\n## ')[0] ?? '';
}

function listed(title: string): string[] {
  return [...section(title).matchAll(/^- `([^`]+)`/gm)].map(([, name = '']) => name);
}

function usages(): string[] {
  const unused = () => Promise.reject(new Error('only the table is read here'));
  const help = () => ({ text: '' });
  return commandTable({
    help,
    list: unused,
    view: unused,
    decide: unused,
    confirm: unused,
    bypass: unused,
    whoApproves: unused,
    status: unused,
    contract: unused,
    calibration: unused,
    trends: unused,
    show: unused,
    posture: unused,
    drift: unused,
    audit: unused,
    evidence: unused,
    findings: unused,
    finding: unused,
    claim: unused,
    unclaim: unused,
    snooze: unused,
    assign: unused,
    exceptions: {
      list: unused,
      unmanaged: unused,
      request: unused,
      renew: unused,
      decide: unused,
      review: unused,
      revoke: unused,
      withdraw: unused,
      handOver: unused,
      view: unused,
    },
    cover: unused,
    delegate: unused,
    remind: unused,
    digest: unused,
    subscribe: unused,
  }).map(({ usage }) => usage);
}

test('every relative link in the documentation leads somewhere', () => {
  const broken = pages().flatMap((page) =>
    [...prose(read(page)).matchAll(/\]\(([^()\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^[a-z]+:/i.test(link) && isBroken(page, link))
      .map((link) => `${page}: ${link}`),
  );

  expect(broken).toEqual([]);
});

test('interfaces.md lists the settings of env.sample, each with the same meaning', () => {
  const sampled = [...read('env.sample').matchAll(/^# (.+)\n([A-Z_]+)=/gm)].map(
    ([, meaning, key]) => `- \`${key}\`: ${meaning}`,
  );

  expect(sampled.length).toBeGreaterThan(0);
  expect(section('Environment').match(/^- .+$/gm)).toEqual(sampled);
});

test('a setting is said not to be built yet as long as nothing but the reading of settings knows it', () => {
  const member: Readonly<Record<string, RegExp>> = {
    PUBLIC_URL: /publicUrl/,
    SIGNIN_CONNECTION: /signInConnection/,
    BLOBS_URL: /config\.blobs/,
    BLOBS_CONNECTION_STRING: /config\.blobs/,
    NATIVE_AS_SERVICE: /nativeAsService/,
    HOOK_SECRETS: /hookSecrets/,
    POLICY_REPO: /policy\.repository/,
    POLICY_REF: /policy\.ref\b/,
    KEY_VAULT_KEY_ID: /tokenKey\.keyVaultKeyId/,
    SIGNING_KEY: /signing\.key\b/,
    SIGNING_KEY_ID: /signing\.keyVaultKeyId/,
    APPLICATIONINSIGHTS_CONNECTION_STRING: /applicationInsights/,
    OTEL_EXPORTER_OTLP_ENDPOINT: /otlpEndpoint/,
  };
  const product = ['adapters', 'app', 'core', 'index', 'log', 'native', 'server', 'telemetry/telemetry-of']
    .map((name) => read(`bot/${name}.ts`))
    .join('');
  const unused = Object.keys(member).filter((key) => !member[key]?.test(product));
  const said = [...read('env.sample').matchAll(/\(not built yet\)\.\n([A-Z_]+)=/g)].map(([, key]) => key);

  expect(said).toEqual(unused);
});

test('the header of the job token is filled from the variable that Azure DevOps has for it', () => {
  expect(read('docs/operations.md')).toContain('"AuthToken": "$(system.AccessToken)"');
});

test('interfaces.md lists the npm scripts of package.json', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };
  const names = Object.keys(scripts).map((name) =>
    ['start', 'test'].includes(name) ? `npm ${name}` : `npm run ${name}`,
  );

  expect(listed('npm scripts').sort()).toEqual(names.sort());
});

test('interfaces.md lists the verbs that cards can send', () => {
  expect(listed('Cards').sort()).toEqual(Object.keys(ACTION_DATA).sort());
});

test('interfaces.md lists the commands of the chat as the bot itself does', () => {
  expect(listed('Chat commands')).toEqual(usages());
});

test('contract.md has the numbers by which a control is ready to block or should step down', () => {
  const { gone, goneInTime, seenDays, noise, recurrence, noisy, leastOfShare } = THRESHOLDS;
  const [, measured = ''] = read('docs/contract.md').split('## When is a control ready to block');

  expect(measured).toContain(`at most ${percent(noise)} is noise, at most ${percent(recurrence)} came back`);
  expect(measured).toContain(`more than ${percent(noisy)} of at least ${leastOfShare} open are noise`);
  expect(measured).toContain(`of at least ${leastOfShare} that block or would`);
  expect(measured).toContain(`neither were ${gone} gone, nor ${goneInTime} with the first seen ${seenDays} days ago`);
});

test('interfaces.md lists the routes that the server has', () => {
  const routes = [...read('bot/server.ts').matchAll(/^ *\['(get|post|put|patch|delete)', '([^']+)'/gm)].map(
    ([, method = '', path = '']) => `${method.toUpperCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
  );
  const described = [...section('HTTP').matchAll(/^### `([^`]+)`$/gm)].map(([, route = '']) => route);

  expect(described.sort()).toEqual(routes.sort());
});

test.each(['sarif', ...SCANNER_FORMATS, 'provenance'])(
  'format %s is in the table of readers and of the parameter',
  (name) => {
    expect(read('docs/readers.md')).toContain(`\n| \`${name}\` | `);
    expect(/^\| `format` \|.*$/m.exec(INTERFACES)?.[0]).toContain(`\`${name}\``);
  },
);
