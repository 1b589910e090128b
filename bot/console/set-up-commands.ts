import type { ConsoleCommand } from './command.ts';
import { type SetUpNeeds, setUpAzureDevOps } from './set-up-azure-devops.ts';

const flag = (name: string, meaning: string) => ({ flags: `--${name}`, meaning, isRequired: false });

/** What a person runs once, and again whenever the catalog has grown. */
export function setUpCommands(azureDevOps: () => Promise<SetUpNeeds>): readonly ConsoleCommand[] {
  return [
    {
      usage: 'setup azure-devops',
      meaning:
        'service connections, checks, their key, pipeline permissions and service hooks for the catalog; a plan first',
      options: [
        flag('from <source>', 'what it is made for: catalog'),
        flag('apply', 'write what the plan says'),
        flag('check', 'end with 1 where anything is otherwise than planned; writes nothing'),
        flag('observe', 'only environments that the contract observes: nothing can be stopped'),
        flag('only <scope>', 'PROJECT, or PROJECT/ENVIRONMENT'),
        flag('remove', 'take away what set-up has made, as a plan first'),
      ],
      run: async (_open, _arguments, options) => setUpAzureDevOps(azureDevOps, options),
    },
  ];
}
