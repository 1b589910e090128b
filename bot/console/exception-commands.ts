import type { ConsoleCommand } from './command.ts';
import { importExceptions } from './import-exceptions.ts';
import { listExceptions } from './list-exceptions.ts';

interface Readers {
  /** Throws for what is no file of exceptions. */
  readonly outside: (file: string) => Promise<Parameters<typeof importExceptions>[0]>;
  /** ISO date. */
  readonly today: () => string;
}

/** What the command line can do with exceptions, here and in the files of other tools. */
export function exceptionCommands({ outside, today }: Readers): readonly ConsoleCommand[] {
  return [
    {
      usage: 'exceptions list',
      meaning: 'those that are not over, a line each: id, state, control, service, environment, last day, owner',
      options: [
        { flags: '--service <name>', meaning: 'only those of this one', isRequired: false },
        {
          flags: '--ended',
          meaning: 'those that are over or suspended, of the services of the catalog',
          isRequired: false,
        },
        { flags: '--csv', meaning: 'all that is known of each, as CSV with a header', isRequired: false },
      ],
      run: async (open, _, { service, ended, csv }) =>
        listExceptions((await open()).exceptionLists, {
          ...(service === undefined ? {} : { service }),
          ended: ended !== undefined,
          csv: csv !== undefined,
        }),
    },
    {
      usage: 'exceptions import <file>',
      meaning: 'what .trivyignore.yaml or exemptions of Azure Policy lack, and the requests that they come to',
      options: [
        { flags: '--service <name>', meaning: 'where they are wanted', isRequired: false },
        { flags: '--environment <name>', meaning: 'and in which environment', isRequired: false },
        { flags: '--control <name>', meaning: 'only findings of this control', isRequired: false },
      ],
      run: async (open, [file = ''], options) => {
        const judge = async () => (await open()).judgeImports;
        return importExceptions(await outside(file), judge, options, today());
      },
    },
  ];
}
