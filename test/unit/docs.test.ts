import { existsSync, globSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { IAdaptiveCard } from 'adaptivecards';
import { expect, test } from 'vitest';
import { commandTable } from '../../bot/commands.ts';
import { ACTION_DATA } from '../../cards/actions.ts';
import { THRESHOLDS } from '../../services/domain/calibration.ts';
import { percent } from '../../services/domain/calibration-figures.ts';
import { buttonsOf, inputIds } from '../cards/read.ts';
import { cardSamples } from '../cards/samples.ts';
import { anchorsOf, brokenLinks, fenced, inline, type Page, pages, prose, ROOT, read } from '../pages.ts';
import { SCANNER_FORMATS } from './scanner-reports.ts';

const INTERFACES = read('docs/interfaces.md');

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

test('every link in the documentation leads somewhere, by its file and heading, and every address is one', () => {
  expect(pages().flatMap(brokenLinks)).toEqual([]);
});

const aPage = (...lines: readonly string[]): Page => ({ file: 'docs/a.md', text: lines.join('\n') });

test.each([
  ['[a](gone.md)', 'docs/a.md:2: gone.md'],
  ['[a](errors.md#gone)', 'docs/a.md:2: errors.md#gone'],
  ['[a](#gone)', 'docs/a.md:2: #gone'],
  ['[a](../../outside.md)', 'docs/a.md:2: ../../outside.md'],
  ['[a](Errors.md)', 'docs/a.md:2: Errors.md'],
  ['![a](gone.png)', 'docs/a.md:2: gone.png'],
  ['[a](https:/learn.microsoft.com)', 'docs/a.md:2: https:/learn.microsoft.com'],
  ['[a](https://)', 'docs/a.md:2: https://'],
  ['[a](two words.md)', 'docs/a.md:2: two words.md'],
])('the link %s is told with its file and line', (link, told) => {
  expect(brokenLinks(aPage('# A heading', link))).toEqual([told]);
});

test('links to headings, files, folders and addresses that are there are none to tell of, nor is code', () => {
  const links =
    '[a](errors.md#problem-codes) [b](#a-b-c) [c](#a-b-c-1) [d](../manifest/policy) [e](https://a.example/b#c)';
  expect(
    brokenLinks(aPage('## A `b` (c)', '# a-b-c', links, '`[f](gone.md)`', '```sh', '[g](gone.md)', '```')),
  ).toEqual([]);
});

test('a heading that comes again has a number behind its anchor, as GitHub gives it', () => {
  expect(anchorsOf('# Ünder way_now: 1.2\n## Same\n### Same\n```\n# no heading\n```\n## [A](b.md) *c*')).toEqual([
    'ünder-way_now-12',
    'same',
    'same-1',
    'a-c',
  ]);
});

test('every block of code says its language, and what a shell runs is called sh', () => {
  const odd = pages().flatMap((page) =>
    fenced(page).filter(({ language }) => !['sh', 'chat', 'yaml', 'json', 'text', 'mermaid'].includes(language)),
  );
  expect(odd.map(({ at, language }) => `${at}: ${language}`)).toEqual([]);
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

test('each picture is on a page, is made by the script of screenshots, and is small enough to be kept', () => {
  const [all, script] = [
    pages()
      .map(({ text }) => text)
      .join(''),
    read('test/demo/screenshots.ts'),
  ];
  const odd = globSync('docs/**/*.png', { cwd: ROOT }).filter((file) => {
    const name = basename(file);
    return (
      !all.includes(`${name})`) ||
      !script.includes(`'${name.replace('.png', '')}'`) ||
      statSync(join(ROOT, file)).size > 300 * 1024
    );
  });
  expect(odd).toEqual([]);
});

test('each file in the diagrams is there', () => {
  const drawn = pages().flatMap((page) => fenced(page).filter(({ language }) => language === 'mermaid'));
  const files = drawn.flatMap(({ text }) => [...text.matchAll(/\[([\w-]+\/[\w/.-]+)\]/g)].map(([, file = '']) => file));

  expect(files.length).toBeGreaterThan(5);
  expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});

test('each source file that a page names is there', () => {
  const there = globSync('{bot,cards,services,manifest,test}/**/*.{ts,mjs,bicep}', { cwd: ROOT });
  const gone = pages().flatMap((page) =>
    inline(page)
      .filter(({ text }) => /^[\w./-]+\.(?:ts|mjs|bicep)$/.test(text))
      .filter(({ text }) => !there.some((file) => file === text || file.endsWith(`/${text}`)))
      .map(({ at, text }) => `${at}: ${text}`),
  );
  expect(gone).toEqual([]);
});

test('comparison.md names a public source for each product, and says where it is better', () => {
  const sections = read('docs/comparison.md').split('\n## ').slice(1, -1);
  const lacking = sections.filter((text) => !/\]\(https:\/\//.test(text) || !text.includes('**Better there**'));

  const formats = /^\| `format` \| (.*?)\. Left out/m.exec(INTERFACES)?.[1]?.match(/`/g)?.length;

  expect(sections.length).toBeGreaterThan(5);
  expect(lacking).toEqual([]);
  expect(read('docs/comparison.md')).toContain(`| ${(formats ?? 0) / 2} formats, one contract for all teams |`);
});

test('interfaces.md lists the inputs that cards have', () => {
  const [, listed = ''] = / Inputs of all\s+cards: ([\s\S]*?)\.\n\n/.exec(INTERFACES) ?? [];
  const inputs = new Set(cardSamples().flatMap(({ card }) => inputIds(card as IAdaptiveCard)));

  expect([...listed.matchAll(/`(\w+)`/g)].map(([, id]) => id)).toEqual([...inputs].sort());
});

test('each button that a page of docs/how-to names is on a card', () => {
  const buttons = new Set(
    cardSamples().flatMap(({ card }) => buttonsOf(card as IAdaptiveCard).map(({ title }) => title)),
  );
  const named = pages()
    .filter(({ file }) => file.startsWith('docs/how-to/'))
    .flatMap(({ file, text }) =>
      [...prose(text).matchAll(/\*\*([^*]+)\*\*/g)].map(([, name = '']) => ({ file, name })),
    );

  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ name }) => !buttons.has(name))).toEqual([]);
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
