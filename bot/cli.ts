import './safe-start.ts';
import { randomUUID } from 'node:crypto';
import { Command, CommanderError } from 'commander';
import { cannotStart, readConfig } from './config.ts';
import { listDeadLetters } from './console/list-dead-letters.ts';
import type { Outcome } from './console/outcome.ts';
import { replayDeadLetters } from './console/replay-dead-letters.ts';
import type { Core } from './core.ts';
import { createLog } from './log.ts';

interface ConsoleCommand {
  /** Its words, then its arguments in `<>`. */
  readonly usage: string;
  readonly meaning: string;
  /** `open` is for those that need the store: it rejects when the settings are wrong. */
  run(open: () => Promise<Core>, ...args: readonly string[]): Promise<Outcome>;
}

/** Everything that the command line can do. */
const COMMANDS: readonly ConsoleCommand[] = [
  {
    usage: 'dlq list',
    meaning: 'what could not be told and was given up: request, service, environment, kind, attempts, since',
    run: async (open) => listDeadLetters((await open()).status),
  },
  {
    usage: 'dlq replay <id>',
    meaning: 'try again what was given up of this request',
    run: async (open, id = '') => replayDeadLetters((await open()).replay, id),
  },
];

const COULD_NOT_RUN = 2;

/** The settings are those of the bot; what is wrong with them is the message, whole. */
class SettingsError extends Error {
  override name = 'SettingsError' as const;
}

async function open(): Promise<Core> {
  const reading = readConfig(process.env);
  if ('problems' in reading) throw new SettingsError(cannotStart(reading.problems));
  for (const warning of reading.warnings) process.stderr.write(`${warning}\n`);
  // Standard output is for the answer alone.
  const log = createLog('error', (line) => process.stderr.write(line));
  // Imported here: help and wrong arguments need not wait for every adapter.
  const { composeCore } = await import('./app.ts');
  const clock = { now: () => new Date().toISOString() };
  return composeCore(reading.config, clock, log, randomUUID()).core;
}

/** The exit code: 0 fine, 1 the answer is no, 2 could not run. */
async function main(args: readonly string[]): Promise<number> {
  let outcome: Outcome | undefined;
  const program = new Command('countersign').exitOverride();
  for (const { usage, meaning, run } of COMMANDS) {
    const words = usage.split(' ');
    const parameters = words.filter((word) => word.startsWith('<'));
    const command = commandAt(program, words.slice(0, words.length - parameters.length));
    command.description(meaning);
    for (const parameter of parameters) command.argument(parameter);
    command.action(async () => {
      outcome = await run(open, ...command.args);
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

/** The command of these words, made where it is missing. */
function commandAt(program: Command, words: readonly string[]): Command {
  return words.reduce(
    (parent, word) => parent.commands.find((known) => known.name() === word) ?? parent.command(word),
    program,
  );
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
