import { BOT_OPTIONS } from './bot-commands.ts';
import { bringExceptions } from './bring-exceptions.ts';
import type { ConsoleCommand } from './command.ts';
import { importExceptions } from './import-exceptions.ts';
import { listExceptions } from './list-exceptions.ts';
import { listImports } from './list-imports.ts';
import type { PersonCall } from './person-call.ts';

interface Readers {
  readonly source: (file: string) => Promise<{ readonly file: string; readonly text: string }>;
  /** As whoever is signed in. */
  readonly person: (options: Readonly<Record<string, string>>) => PersonCall;
  /** Throws for what is no file of exceptions. */
  readonly outside: (file: string) => Promise<Parameters<typeof importExceptions>[0]>;
  /** ISO date. */
  readonly today: () => string;
}

/** What the command line can do with exceptions, here and in the files of other tools. */
export function exceptionCommands({ source, person, outside, today }: Readers): readonly ConsoleCommand[] {
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
        { flags: '--unmanaged', meaning: 'what other tools let pass and nobody answers for here', isRequired: false },
        { flags: '--csv', meaning: 'all that is known of each, as CSV with a header', isRequired: false },
      ],
      run: async (open, _, { service, ended, unmanaged, csv: asCsv }) => {
        if (ended !== undefined && unmanaged !== undefined)
          throw new Error('--ended and --unmanaged are two lists: leave one of them out');
        const { exceptionLists, importLists } = await open();
        const csv = asCsv !== undefined;
        const wanted = { ...(service === undefined ? {} : { service }), csv };
        if (unmanaged !== undefined) return listImports(importLists, wanted);
        if (!csv || ended !== undefined)
          return listExceptions(exceptionLists, { ...wanted, ended: ended !== undefined });
        const imports = await importLists.all(service);
        return listExceptions(exceptionLists, wanted, 'code' in imports ? [] : imports.rows);
      },
    },
    {
      usage: 'exceptions import <file>',
      meaning: 'keep what .trivyignore.yaml or exemptions of Azure Policy let pass, and ask for what says everything',
      options: [
        { flags: '--service <name>', meaning: 'where they are wanted', isRequired: false },
        { flags: '--environment <name>', meaning: 'and in which environment', isRequired: false },
        { flags: '--control <name>', meaning: 'only findings of this control', isRequired: false },
        { flags: '--dry-run', meaning: 'only say what it would come to', isRequired: false },
        ...BOT_OPTIONS,
      ],
      run: async (open, [file = ''], { dryRun, ...options }) => {
        if (dryRun === undefined) return bringExceptions(person(options), await source(file), options);
        const judge = async () => (await open()).exceptionImports.judge;
        return importExceptions(await outside(file), judge, options, today());
      },
    },
  ];
}
