import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TENANT } from '../builders.ts';
import { consoleArgs, type DocumentedCall, documentedCalls, npmProblem } from '../documented.ts';
import { type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { COMPILED } from '../fakes/command-line.ts';
import type { CallAnswer, CallAnswers, ListedCommand } from '../fakes/console-calls.ts';
import { API_KEY } from '../fakes/countersign.ts';
import { lively } from '../fakes/evidence-scene.ts';
import { commit, daysAgo, git, run } from '../fakes/policy-repository.ts';
import { keysOf } from '../fakes/verified-export.ts';
import { aGateThatAsks, alex } from '../hostile/asked-gate.ts';
import { fenced, type Page, pages, read } from '../pages.ts';

// What the documentation has people type: each program and option is there, and what needs no account of anybody is run as it
// stands, over a bot with a store, simulators and a policy of its own.

const BOT_ID = '11111111-1111-4111-8111-111111111111';
const SARIF = fileURLToPath(new URL('../fixtures/sarif/gitleaks-orders.sarif', import.meta.url));

/** Every other command signs somebody in, or is about something that is there once. */
const RUN = [
  ...['contract lint', 'contract diff', 'contract history', 'contract simulate', 'contract gaps', 'contract calibrate'],
  ...[
    'who-approves',
    'status',
    'dlq list',
    'dlq replay',
    'findings list',
    'exceptions list',
    'posture',
    'audit',
    'onboard',
  ],
  ...['evidence verify', 'evidence erase', 'report', 'exceptions import'],
];

const BROKEN: Page = {
  file: 'docs/broken.md',
  text: [
    ...[
      'contract lind DIR',
      'contract lint DIR --strict',
      'who-approves --service a',
      'contract lint DIR more',
      'dlq replay',
    ],
  ]
    .map((words) => `\`\`\`sh\nnpm run -s countersign -- ${words}\n\`\`\`\n`)
    .concat('`countersign posture --xml`')
    .join(''),
};

let folder: string;
let bot: CheckScene;
let answered: readonly { readonly call: DocumentedCall; readonly answer: CallAnswer }[];
let table: readonly ListedCommand[];
let found: ReturnType<typeof documentedCalls>;
const closed: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-documented-'));
  closed.push(() => rm(folder, { recursive: true }));
  bot = await setCheckScene();
  closed.push(() => bot.close());
  const policy = bot.policy;
  await git(policy, daysAgo(0), 'init', '--quiet');
  await commit(policy, daysAgo(1));
  const settings = {
    ...{ COUNTERSIGN_LOCAL: 'true', BOT_TENANT_ID: TENANT, TOKEN_KEY: Buffer.alloc(32, 7).toString('base64') },
    ...{ AZURE_DEVOPS_ORGS: bot.azureDevOps.organizationUrl(), AZURE_DEVOPS_TOKEN: bot.azureDevOps.pat },
    ...{
      TABLES_CONNECTION_STRING: bot.tables.connectionString,
      POLICY_DIR: policy,
      DIRECTORY_FILE: `${policy}/directory.yaml`,
    },
    ...{ PUBLIC_URL: bot.url, LOCAL_API_KEY: API_KEY },
  };
  const real = { ...(await files()), policy, url: bot.url };
  found = documentedCalls([...pages(), BROKEN]);
  const calls = found.calls.filter((call) => consoleArgs(call) !== undefined);
  const asked = calls.map((call) => {
    const args = consoleArgs(call) ?? [];
    return {
      args: args.map((word, at) => realWord(word, args[at - 1] ?? '', real)),
      isWhole: call.isWhole,
      isRun: isRun(args),
    };
  });
  const said = await answersTo(asked, settings);
  ({ table } = said);
  answered = calls.flatMap((call, at) => said.answers.slice(at, at + 1).map((answer) => ({ call, answer })));
});
afterAll(async () => {
  for (const close of closed.reverse()) await close();
});

/** An export of evidence, its keys and its log. */
async function files() {
  const scene = await lively(40);
  const named = {
    export: (await scene.exported()).join(''),
    keys: JSON.stringify({ keys: await keysOf(7) }),
    ignored: 'vulnerabilities:\n  - id: CVE-2024-0001\n    statement: not reachable\n',
    log: scene
      .log()
      .map((line) => `${line}\n`)
      .join(''),
  };
  for (const [name, text] of Object.entries(named)) await writeFile(join(folder, name), text);
  return {
    export: join(folder, 'export'),
    keys: join(folder, 'keys'),
    log: join(folder, 'log'),
    ignored: join(folder, 'ignored'),
  };
}

type Real = Readonly<Record<'export' | 'ignored' | 'keys' | 'log' | 'policy' | 'url', string>>;

/** What stands in the documentation for what everybody has of their own. */
function realWord(word: string, before: string, real: Real): string {
  if (before === '--url') return real.url;
  if (before === '--field') return 'comment';
  if (before === '--service') return 'payments-api';
  if (before === '--environment') return 'prod';
  if (before === '--commit') return 'c'.repeat(40);
  if (/^(?:OLD-|NEW-)?DIR$|^manifest\/policy$/.test(word)) return real.policy;
  if (word.endsWith('.sarif') || (word === 'FILE' && before === 'report')) return SARIF;
  if (word === '.trivyignore.yaml') return real.ignored;
  if (/^(?:november|october)\.jsonl$/.test(word) || (word === 'FILE' && before === 'verify')) return real.export;
  if (word === 'jwks.json') return real.keys;
  if (word === 'log.jsonl' || (word === 'FILE' && before === '--checkpoints')) return real.log;
  return word;
}

function isRun(args: readonly string[]): boolean {
  const isSignedIn = args[1] === 'import' && !args.includes('--dry-run');
  return !isSignedIn && RUN.some((words) => words === args.slice(0, words.split(' ').length).join(' '));
}

async function answersTo(asked: readonly object[], settings: Readonly<Record<string, string>>): Promise<CallAnswers> {
  const entry = fileURLToPath(new URL('../fakes/console-calls.ts', import.meta.url));
  const env = { ...COMPILED, PATH: process.env['PATH'] ?? '', ...settings };
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [entry], { env, maxBuffer: 1e8 }, (failure, out, error) =>
      failure === null ? resolve(JSON.parse(out) as CallAnswers) : reject(new Error(error)),
    );
    child.stdin?.end(JSON.stringify(asked));
  });
}

const isBroken = ({ at }: DocumentedCall) => at.startsWith(BROKEN.file);
const wrong = (all: typeof answered) =>
  all.flatMap(({ call, answer }) => (answer.problem === undefined ? [] : [`${call.at}: ${answer.problem}`]));

test('a shell takes every block of commands, and knows every program in it', () => {
  expect(found.problems).toEqual([]);
  expect(found.calls.length).toBeGreaterThan(50);
});

test('npm has every script, file of tests and option of a script', () => {
  const problems = found.calls
    .filter((call) => !isBroken(call))
    .map((call) => npmProblem(call) && `${call.at}: ${npmProblem(call)}`);
  expect(problems.filter((one) => one !== undefined)).toEqual([]);
});

test('the command line has every command and option, and in a block each has all that it needs', () => {
  expect(wrong(answered.filter(({ call }) => !isBroken(call)))).toEqual([]);
});

test('what needs nobody to sign in runs as it stands, and ends with an answer', () => {
  const tried = answered.filter(({ answer }) => answer.code !== undefined);
  const failed = tried
    .filter(({ answer }) => answer.code === 2)
    .map(({ call, answer }) => `${call.at}: ${answer.error}`);
  expect(failed).toEqual([]);
  const ran = tried.map(({ call }) => RUN.find((words) => `${consoleArgs(call)?.join(' ')} `.startsWith(`${words} `)));
  expect([...new Set(ran)].sort()).toEqual(RUN.toSorted());
});

test('a command, option or argument that there is not is told with its file and line', () => {
  expect(wrong(answered.filter(({ call }) => isBroken(call)))).toEqual([
    'docs/broken.md:2: there is no command "contract lind"',
    'docs/broken.md:5: lint has no --strict',
    'docs/broken.md:8: who-approves lacks --environment',
    'docs/broken.md:11: lint takes no "more"',
    'docs/broken.md:14: replay lacks id',
    'docs/broken.md:16: posture has no --xml',
  ]);
});

test.each([
  ['npm run gone', 'there is no script "gone"'],
  ['npm test -- test/unit/gone.test.ts', 'no test/unit/gone.test.ts'],
  ['npm run package -- --bot ID', 'manifest/package.ts knows no --bot'],
  ['npm ci --production', 'npm ci --production'],
])('"%s" is told', (text, problem) => {
  const { calls } = documentedCalls([{ file: 'docs/a.md', text: `\`${text}\`` }]);
  expect(calls.map(npmProblem)).toEqual([problem]);
});

test.each([
  ['az group list && gone --now', 'docs/a.md:2: sh: 1: gone: not found'],
  ['echo "not ended', 'docs/a.md:2: sh: 2: Syntax error: Unterminated quoted string'],
  ['curl "$NOBODY_SETS_IT"', 'docs/a.md:2: sh: 1: NOBODY_SETS_IT: parameter not set'],
  ['countersign status', 'docs/a.md:2: nobody has a program countersign: npm run -s countersign --'],
])('the block "%s" is told', (text, problem) => {
  expect(documentedCalls([{ file: 'docs/a.md', text: `\`\`\`sh\n${text}\n\`\`\`` }]).problems).toEqual([problem]);
});

test('interfaces.md has every command of the command line with every option of its own, and no other option', () => {
  const [, section = ''] = read('docs/interfaces.md').split('\n## Command line\n');
  const entries = (section.split('\n## ')[0] ?? '').split(/^- /m).slice(1);
  const shared = ['--url', '--audience', '--token-stdin'];
  const problems = table.flatMap(({ words, flags }) => {
    const entry = entries.find((one) => new RegExp(`^(?:\`[^\`]+\`, )*\`${words}(?:[ \`]|$)`).test(one));
    if (entry === undefined) return [`${words} is not listed`];
    const [usage = ''] = /^(?:`[^`]+`(?:, )?)+/.exec(entry) ?? [];
    const unknown = [...usage.matchAll(/--[a-z-]+/g)].map(([flag]) => flag).filter((flag) => !flags.includes(flag));
    const lacking = flags.filter((flag) => !shared.includes(flag) && !usage.includes(flag));
    return [...unknown, ...lacking].map((flag) => `${words} ${flag}`);
  });
  expect(problems).toEqual([]);
});

test('the Teams app is made as the page says, and Teams would take it', async () => {
  const call = found.calls.find(({ args }) => args[1] === 'package' && args.includes('--bot-id'));
  const own = (call?.args ?? [])
    .slice(3)
    .map((word) => word.replace('BOT_ID', BOT_ID).replace('HOST', 'bot.contoso.com'));
  const entry = fileURLToPath(new URL('../../manifest/package.ts', import.meta.url));
  const { code, out, error } = await run(process.execPath, [entry, ...own, '--out', join(folder, 'app.zip')], COMPILED);

  expect([code, error]).toEqual([0, '']);
  expect(out).toContain('Upload it in the Teams admin center.');
});

test('each line for the chat is understood by the bot, and the first page lets a deployment through', async () => {
  const { id } = await aGateThatAsks(bot);
  await bot.teams.install(alex);
  const lines = pages()
    .flatMap(fenced)
    .filter(({ language }) => language === 'chat')
    .flatMap(({ at, text }) =>
      text
        .trim()
        .split('\n')
        .map((line) => ({ at, line })),
    );
  const answers: string[] = [];
  for (const { at, line } of lines) {
    const known = bot.teams.messages().length;
    await bot.teams.say(alex, line.replace('bix2e5p42bu5qtgn', id));
    const said = bot.teams
      .messages()
      .slice(known)
      .map(({ activity }) => JSON.stringify(activity));
    answers.push(`${at}: ${line}: ${said.join(' ')}`);
  }

  expect(lines.length).toBeGreaterThan(20);
  expect(answers.filter((one) => /: $|I do not know that command|write it as/.test(one))).toEqual([]);
  await bot.app.core.idle();
  expect((await bot.app.core.approvals.find(id))?.state).toBe('approved');
});
