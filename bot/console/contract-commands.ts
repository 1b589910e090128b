import { calibrate } from './calibrate.ts';
import type { ConsoleCommand } from './command.ts';
import { contractGaps } from './contract-gaps.ts';
import { contractHistory } from './contract-history.ts';
import { diffContract } from './diff-contract.ts';
import { lintContract } from './lint-contract.ts';
import { simulateContract } from './simulate-contract.ts';
import { SPAN_OPTIONS, spanOf } from './span.ts';

/** How policy files are read, whole or only as they are written. */
interface Readers {
  readonly written: (dir: string, directory?: string) => Promise<Parameters<typeof lintContract>[0]>;
  readonly loaded: (dir: string) => Promise<Parameters<typeof simulateContract>[1]>;
  /** Of the repository around the folder, or of the one at this address. */
  readonly historyOf: (dir: string, url?: string) => Promise<Parameters<typeof lintContract>[1]>;
  /** ISO date. */
  readonly today: () => string;
}

/** What the command line can do with policy files. */
export function contractCommands(readers: Readers): readonly ConsoleCommand[] {
  return [...commandsOfFiles(readers), ...commandsOfRecords(readers)];
}

/** These need no settings and no store. */
function commandsOfFiles({ written, historyOf, today }: Readers): ConsoleCommand[] {
  return [
    {
      usage: 'contract lint <dir>',
      meaning: 'what is unwise about the policy files in this folder, for pull requests',
      options: [
        { flags: '--directory <file>', meaning: 'who is who; else directory.yaml in the folder', isRequired: false },
        {
          flags: '--history <url>',
          meaning: 'repository whose history tells the soak; else the one around the folder',
          isRequired: false,
        },
      ],
      run: async (_, [dir = ''], { directory, history: url }) => {
        const [policy, history] = await Promise.all([written(dir, directory), historyOf(dir, url)]);
        return lintContract(policy, history, today());
      },
    },
    {
      usage: 'contract diff <dir>',
      meaning: "each service's override beside the rules for all",
      options: [{ flags: '--against <old-dir>', meaning: 'and every rule that changed since', isRequired: false }],
      run: async (_, [dir = ''], { against }) => {
        if (against === undefined) return diffContract(await written(dir));
        return diffContract(await written(dir), { name: against, policy: await written(against) });
      },
    },
    {
      usage: 'contract history <dir>',
      meaning: 'versions of the contract from git: number, date, commit, rules by class, what changed',
      run: async (_, [dir = '']) => contractHistory(await written(dir), await historyOf(dir)),
    },
  ];
}

/** What was recorded, judged by other files or measured. */
function commandsOfRecords({ loaded, today }: Readers): ConsoleCommand[] {
  return [
    {
      usage: 'contract simulate <dir>',
      meaning: 'which requests of the past the policy files in this folder would have judged otherwise, and how',
      options: [
        {
          flags: '--against <old-dir>',
          meaning: 'compare with the files in this folder, not with those in force',
          isRequired: false,
        },
        ...SPAN_OPTIONS,
      ],
      run: async (open, [dir = ''], { against, ...span }) => {
        const when = spanOf(span, today());
        const [after, before] = await Promise.all([loaded(dir), against === undefined ? undefined : loaded(against)]);
        return simulateContract((await open()).trials, after, when, before);
      },
    },
    {
      usage: 'contract gaps',
      meaning: 'services that lack a required signal, or differ in what is decided of one class of findings',
      options: [
        {
          flags: '--policy <dir>',
          meaning: 'by the policy files in this folder, not by those in force',
          isRequired: false,
        },
        ...SPAN_OPTIONS,
      ],
      run: async (open, _, { policy, ...span }) => {
        const when = spanOf(span, today());
        const given = policy === undefined ? undefined : await loaded(policy);
        return contractGaps((await open()).trials, when, given);
      },
    },
    {
      usage: 'contract calibrate',
      meaning: 'which controls are ready to block, by what their findings have done; changes nothing',
      options: [
        { flags: '--days <n>', meaning: 'days that count; 90 when left out', isRequired: false },
        { flags: '--control <name>', meaning: 'all figures of one control, and the change to make', isRequired: false },
      ],
      run: async (open, _, options) => calibrate((await open()).calibrations, options),
    },
  ];
}
