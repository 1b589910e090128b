import { Command, Option } from 'commander';
import type { ConsoleCommand } from './command.ts';
import type { Outcome } from './outcome.ts';

/** The command line as commander has it; `ended` hears what a command came to, once for each that is parsed. */
export function createProgram(
  commands: readonly ConsoleCommand[],
  open: Parameters<ConsoleCommand['run']>[0],
  ended: (done: Outcome) => void,
): Command {
  const program = new Command('countersign').exitOverride();
  for (const command of commands) register(program, command, open, ended);
  return program;
}

function register(
  program: Command,
  { usage, meaning, options = [], run }: ConsoleCommand,
  open: Parameters<ConsoleCommand['run']>[0],
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
