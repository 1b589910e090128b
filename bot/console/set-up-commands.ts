import type { ConsoleCommand } from './command.ts';
import { type SetUpNeeds, setUpAzureDevOps } from './set-up-azure-devops.ts';
import { setUpTeams, type TeamsNeeds } from './set-up-teams.ts';

type Options = Readonly<Record<string, string>>;

const flag = (name: string, meaning: string) => ({ flags: `--${name}`, meaning, isRequired: false });

/** What a person runs once, and again whenever the catalog has grown. */
export function setUpCommands(open: {
  readonly azureDevOps: () => Promise<SetUpNeeds>;
  readonly teams: (options: Options) => Promise<TeamsNeeds>;
}): readonly ConsoleCommand[] {
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
      run: async (_open, _arguments, options) => setUpAzureDevOps(open.azureDevOps, options),
    },
    {
      usage: 'setup teams',
      meaning: 'the Teams app for everybody whom routes may ask; a plan first',
      options: [
        flag('apply', 'install it where the plan says so'),
        flag('check', 'end with 1 where somebody has it not; writes nothing'),
        flag('app <id>', 'its id in the catalog, where that cannot be looked up'),
        flag('token-stdin', 'an access token for Microsoft Graph on standard input, in place of the sign-in'),
      ],
      run: async (_open, _arguments, options) => setUpTeams(() => open.teams(options), options),
    },
  ];
}
