import type { ConsoleCommand } from './command.ts';
import { listExceptions } from './list-exceptions.ts';

/** What the command line can do with exceptions that are recorded. */
export function exceptionCommands(): readonly ConsoleCommand[] {
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
  ];
}
