import './safe-start.ts';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { text } from 'node:stream/consumers';
import { Command, CommanderError, Option } from 'commander';
import type { DeploymentReports } from '../services/deployment-reports.ts';
import type { Onboard } from '../services/onboarding.ts';
import { cannotStart, readConfig } from './config.ts';
import { auditCommand } from './console/audit-deployments.ts';
import { botCommands } from './console/bot-commands.ts';
import type { ConsoleCommand } from './console/command.ts';
import { contractCommands } from './console/contract-commands.ts';
import { type Decision, decide } from './console/decide.ts';
import { evidenceCommands } from './console/evidence-commands.ts';
import { exceptionCommands } from './console/exception-commands.ts';
import { exportFile } from './console/export-file.ts';
import { listDeadLetters } from './console/list-dead-letters.ts';
import { listFindings } from './console/list-findings.ts';
import { onboard } from './console/onboard.ts';
import type { Outcome } from './console/outcome.ts';
import type { PersonCall } from './console/person-call.ts';
import { replayDeadLetters } from './console/replay-dead-letters.ts';
import { report } from './console/report.ts';
import { requestException } from './console/request-exception.ts';
import { POSTURE_COMMAND } from './console/show-posture.ts';
import { showStatus } from './console/show-status.ts';
import { snapshotOf } from './console/simulate-contract.ts';
import { whoApproves } from './console/who-approves.ts';
import type { Core } from './core.ts';
import { createLog } from './log.ts';

/** Everything that the command line can do. */
const COMMANDS: readonly ConsoleCommand[] = [
  {
    usage: 'status',
    meaning: 'what `status` says in the chat: how delivery stands',
    run: async (open) => showStatus((await open()).status),
  },
  {
    usage: 'dlq list',
    meaning: 'what could not be told and was given up: request, service, environment, kind, attempts, since',
    run: async (open) => listDeadLetters((await open()).status),
  },
  {
    usage: 'dlq replay <id>',
    meaning: 'try again what was given up of this request',
    run: async (open, [id = '']) => replayDeadLetters((await open()).replay, id),
  },
  {
    usage: 'who-approves',
    meaning: 'the route of a deployment and why, its people, who may not and who cannot be reached',
    options: [
      { flags: '--service <name>', meaning: 'as the catalog names it', isRequired: true },
      { flags: '--environment <name>', meaning: 'as the contract names it', isRequired: true },
      {
        flags: '--policy <dir>',
        meaning: 'by the policy files in this folder, not by those in force',
        isRequired: false,
      },
    ],
    run: async (open, _, { service = '', environment = '', policy }) => {
      const core = await open(policy);
      // A folder is looked at on machines that have no store; then there is nothing to ask who can be reached.
      const hasStore = ['TABLES_URL', 'TABLES_CONNECTION_STRING'].some((name) => (process.env[name] ?? '') !== '');
      return whoApproves(core.approvers, { service, environment, reach: policy === undefined || hasStore });
    },
  },
  {
    usage: 'findings list',
    meaning: 'what is open in a service, one group a line, and what people do with it',
    options: [
      { flags: '--service <name>', meaning: 'as the catalog names it', isRequired: true },
      { flags: '--environment <name>', meaning: 'only there', isRequired: false },
      { flags: '--csv', meaning: 'as CSV with a head', isRequired: false },
    ],
    run: async (open, _, { service = '', csv, ...narrowed }) =>
      listFindings((await open()).findingLists, { service, ...narrowed, csv: csv !== undefined }),
  },
  POSTURE_COMMAND,
  auditCommand(openReports, () => new Date().toISOString()),
  ...contractCommands({ written, loaded, historyOf, today }),
  {
    usage: 'onboard <service>',
    meaning: 'draft its entry of the catalog, and list pipelines and resources that are in none',
    run: async (_, [service = '']) => onboard(await openOnboarding(), service),
  },
  ...evidenceCommands(async () => (await import('../services/vault/verify-signed.ts')).verifySigned),
  ...exceptionCommands({ source, person: personCall, outside, today }),
  ...botCommands({
    send: sendReport,
    decide: decideAsPerson,
    request: (options) => requestException(personCall(options), options),
  }),
];

const COULD_NOT_RUN = 2;

type Options = Readonly<Record<string, string>>;

/** The settings are those of the bot; what is wrong with them is the message, whole. */
class SettingsError extends Error {
  override name = 'SettingsError' as const;
}

async function open(policy?: string): Promise<Core> {
  return (await compose(policy)).core;
}

async function compose(policy?: string) {
  const reading = readConfig(
    policy === undefined ? process.env : { ...process.env, POLICY_DIR: policy, POLICY_REPO: '', POLICY_REF: '' },
  );
  if ('problems' in reading) throw new SettingsError(cannotStart(reading.problems));
  for (const warning of reading.warnings) process.stderr.write(`${warning}\n`);
  // Standard output is for the answer alone.
  const log = createLog('error', (line) => process.stderr.write(line));
  // The reader of policies serves a bot, for which a folder out of reach is no reason to end.
  if (policy !== undefined) await mustBeReadable('--policy', policy);
  const { composeCore, NO_EDGE } = await import('./compose.ts');
  const clock = { now: () => new Date().toISOString() };
  const { config } = reading;
  return { ...composeCore({ config, clock, log, instance: randomUUID(), edge: NO_EDGE }), config, clock };
}

/** Imported here: help and wrong arguments need not wait for every adapter. */
async function openOnboarding(): Promise<Onboard> {
  const { config, policy } = await compose();
  return (await import('./compose.ts')).onboardingOf(config, policy);
}

async function openReports(files: readonly string[]): Promise<DeploymentReports> {
  const { config, ...composed } = await compose();
  return (await import('./compose.ts')).deploymentReportsOf(config, composed, files.map(exportFile));
}

/** Policy files are looked at without any setting; the adapter is imported where it is needed. */
async function written(dir: string, directory?: string) {
  const { readWrittenPolicy } = await import('../services/policy/written-policy.ts');
  await mustBeReadable('DIR', dir);
  return readWrittenPolicy(dir, { today: today(), ...(directory === undefined ? {} : { directory }) });
}

async function loaded(dir: string) {
  return snapshotOf(dir, await written(dir));
}

async function outside(file: string) {
  const { readOutsideExceptions } = await import('../services/policy/read-outside-exceptions.ts');
  return readOutsideExceptions(await source(file));
}

async function source(file: string) {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`FILE ${file} cannot be read (${cause.code})`, { cause });
  });
  return { file: basename(file), text };
}

async function historyOf(dir: string, url?: string) {
  const { createGitHistory, createRemoteHistory } = await import('../services/policy/git-history.ts');
  return url === undefined ? createGitHistory(dir) : createRemoteHistory(url, dir, tmpdir());
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

async function decideAsPerson(
  decision: Pick<Decision, 'requestId' | 'verdict'>,
  { comment, ...options }: Options,
): Promise<Outcome> {
  return decide(personCall(options), { ...decision, ...(comment === undefined ? {} : { comment }) });
}

function personCall({ url, audience, tokenStdin }: Readonly<Record<string, string>>): PersonCall {
  const address = url ?? process.env['PUBLIC_URL'] ?? '';
  if (address === '') throw new Error('--url (or PUBLIC_URL) must say where the bot is');
  const token = async () => {
    if (tokenStdin !== undefined) return (await text(process.stdin)).trim();
    return personToken(audience ?? process.env['API_AUDIENCE'] ?? '');
  };
  return { url: address, token, fetch };
}

async function sendReport(
  file: string,
  {
    service = '',
    commit = '',
    environment,
    run,
    branch,
    timing,
    format,
    category,
    artifact,
    failOn,
    ...options
  }: Options,
): Promise<Outcome> {
  if (failOn !== undefined && failOn !== 'block') throw new Error('--fail-on takes block, nothing else');
  const { url, token } = personCall(options);
  const localKey = process.env['LOCAL_API_KEY'] ?? '';
  // Only a bot on this machine has one.
  const isLocal = options['tokenStdin'] === undefined && localKey !== '' && url.startsWith('http:');
  const headers = async (): Promise<Record<string, string>> =>
    isLocal ? { 'X-Api-Key': localKey } : { Authorization: `Bearer ${await token()}` };
  const written = { service, commit, environment, runId: run, branch, timing, format, category, artifact };
  const given = Object.entries(written);
  const query = Object.fromEntries(given.filter((entry): entry is [string, string] => entry[1] !== undefined));
  return report({ url, headers, fetch }, { file, query, ...(failOn === undefined ? {} : { failOn }) });
}

/** Whoever is signed in on this machine: Azure CLI, Azure Developer CLI or Azure PowerShell. Never an application. */
async function personToken(audience: string): Promise<string> {
  if (audience === '') throw new Error('--audience (or API_AUDIENCE) must name the API of the bot');
  const { AzureCliCredential, AzureDeveloperCliCredential, AzurePowerShellCredential, ChainedTokenCredential } =
    await import('@azure/identity');
  const tenant = process.env['BOT_TENANT_ID'] ?? '';
  const options = tenant === '' ? {} : { tenantId: tenant };
  const signedIn = [AzureCliCredential, AzureDeveloperCliCredential, AzurePowerShellCredential];
  const credential = new ChainedTokenCredential(...signedIn.map((Credential) => new Credential(options)));
  return (await credential.getToken(`${audience}/.default`)).token;
}

async function mustBeReadable(what: string, folder: string): Promise<void> {
  await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`${what} ${folder} is no folder that can be read (${cause.code})`, { cause });
  });
}

/** The exit code: 0 fine, 1 the answer is no, 2 could not run. */
async function main(args: readonly string[]): Promise<number> {
  let outcome: Outcome | undefined;
  const program = new Command('countersign').exitOverride();
  for (const command of COMMANDS) {
    register(program, command, (done) => {
      outcome = done;
    });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    // Help that was asked for is no failure; commander has printed both it and what is wrong with the arguments.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : COULD_NOT_RUN;
    await print(process.stderr, [sentenceOf(error)]);
    return COULD_NOT_RUN;
  }
  await print(process.stdout, outcome?.lines ?? []);
  await print(process.stderr, outcome?.remarks ?? []);
  return outcome?.exitCode ?? COULD_NOT_RUN;
}

function register(
  program: Command,
  { usage, meaning, options = [], run }: ConsoleCommand,
  ended: (done: Outcome) => void,
) {
  const words = usage.split(' ');
  const parameters = words.filter((word) => /^[<[]/.test(word));
  const command = commandAt(program, words.slice(0, words.length - parameters.length));
  command.description(meaning);
  for (const parameter of parameters) command.argument(parameter);
  for (const { flags, meaning, isRequired } of options) {
    command.addOption(new Option(flags, meaning).makeOptionMandatory(isRequired));
  }
  command.action(async () => {
    const given = Object.entries(command.opts()).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join('\n') : String(value),
    ]);
    ended(await run(open, command.args, Object.fromEntries(given)));
  });
}

/** The command of these words, made where it is missing. */
function commandAt(program: Command, words: readonly string[]): Command {
  return words.reduce(
    (parent, word) => parent.commands.find((known) => known.name() === word) ?? groupOf(parent, word),
    program,
  );
}

function groupOf(parent: Command, word: string): Command {
  return parent.command(word).description(`several commands: see "${word} --help"`);
}

function sentenceOf(error: unknown): string {
  if (error instanceof SettingsError) return error.message;
  return `Could not run: ${error instanceof Error ? error.message : String(error)}`;
}

/** Written to the end before the process exits: a pipe takes it later than a terminal. */
function print(stream: NodeJS.WriteStream, lines: readonly string[]): Promise<void> {
  return new Promise((resolve) => stream.write(lines.map((line) => `${line}\n`).join(''), () => resolve()));
}

process.exit(await main(process.argv.slice(2)));
