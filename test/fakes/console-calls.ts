import type { Command } from 'commander';
import { commandProgram } from '../../bot/cli.ts';

// `node console-calls.ts` with CALLS on standard input: what the real table of the command line makes of each, all of them in
// this one process, and what those that are to be run come to.

interface Call {
  readonly args: readonly string[];
  /** What it needs has to be there too. */
  readonly isWhole: boolean;
  /** As soon as it is whole. */
  readonly isRun: boolean;
}

export interface CallAnswer {
  /** Absent: there is such a command, with these options. */
  readonly problem?: string;
  readonly code?: number;
  readonly lines?: readonly string[];
  readonly error?: string;
}

/** Each command's words and the options that it alone has. */
export interface ListedCommand {
  readonly words: string;
  readonly flags: readonly string[];
}

export interface CallAnswers {
  readonly answers: readonly CallAnswer[];
  readonly table: readonly ListedCommand[];
}

function quiet(command: Command): Command {
  command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
  for (const child of command.commands) quiet(child);
  return command;
}

function problemOf({ args, isWhole }: Call): string | undefined {
  let command = quiet(commandProgram(() => {}));
  let at = 0;
  for (let next = command; next !== undefined; at += 1) {
    command = next;
    next = command.commands.find((one) => one.name() === args[at]) as Command;
  }
  at -= 1;
  if (command.commands.length > 0) {
    return isWhole || args[at] !== undefined ? `there is no command "${args.slice(0, at + 1).join(' ')}"` : undefined;
  }
  const { operands, unknown } = command.parseOptions([...args.slice(at)]);
  if (unknown.length > 0) return `${command.name()} has no ${unknown[0]}`;
  if (operands.length > command.registeredArguments.length) return `${command.name()} takes no "${operands.at(-1)}"`;
  if (!isWhole) return undefined;
  const lacking = command.registeredArguments.filter((one) => one.required)[operands.length];
  if (lacking !== undefined) return `${command.name()} lacks ${lacking.name()}`;
  const missing = command.options.find(
    (one) => one.mandatory && command.getOptionValue(one.attributeName()) === undefined,
  );
  return missing === undefined ? undefined : `${command.name()} lacks ${missing.long}`;
}

async function answerTo(call: Call): Promise<CallAnswer> {
  try {
    const problem = problemOf(call);
    if (problem !== undefined) return { problem };
  } catch (error) {
    return { problem: String(error) };
  }
  if (!call.isRun || problemOf({ ...call, isWhole: true }) !== undefined) return {};
  try {
    let answer: CallAnswer = {};
    const program = quiet(
      commandProgram(({ exitCode, lines, remarks }) => {
        answer = { code: exitCode, lines, error: (remarks ?? []).join('\n') };
      }),
    );
    await program.parseAsync([...call.args], { from: 'user' });
    return answer;
  } catch (error) {
    return { code: 2, error: error instanceof Error ? error.message : String(error) };
  }
}

function tableOf(command: Command, words: readonly string[] = []): ListedCommand[] {
  if (command.commands.length > 0) return command.commands.flatMap((one) => tableOf(one, [...words, one.name()]));
  return [{ words: words.join(' '), flags: command.options.flatMap(({ long }) => long ?? []) }];
}

if (import.meta.main) {
  const calls = JSON.parse(await new Response(process.stdin as never).text()) as Call[];
  const known = new Map<string, CallAnswer>();
  const answers: CallAnswer[] = [];
  for (const call of calls) {
    const same = JSON.stringify(call);
    const answer = known.get(same) ?? (await answerTo(call));
    known.set(same, answer);
    answers.push(answer);
  }
  const said: CallAnswers = { answers, table: tableOf(commandProgram(() => {})) };
  await new Promise((resolve) => process.stdout.write(JSON.stringify(said), resolve));
  process.exit(0);
}
