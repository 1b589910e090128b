import type { BackupOutcome, Backups } from '../../services/backups.ts';
import type { RebuildIndex } from '../../services/ports/index-rebuild.ts';
import { backupFiles, emptyFolder, existingFolder } from './backup-files.ts';
import type { ConsoleCommand } from './command.ts';
import type { Outcome } from './outcome.ts';

/** What copies the store, or lists anew what is in it. */
export function backupCommands(opened: () => Promise<{ readonly backups: Backups; readonly rebuild: RebuildIndex }>) {
  const commands: readonly ConsoleCommand[] = [
    {
      usage: 'backup <dir>',
      meaning: 'every row of the store into files of a new folder; the bot may go on',
      run: async (_, [dir = '']) => {
        const { backups } = await opened();
        await emptyFolder(dir);
        return outcomeOf('backed up', await backups.backup(backupFiles(dir)));
      },
    },
    {
      usage: 'restore <dir>',
      meaning: 'a backup into an empty store, before the bot is started on it; the same again goes on where it was',
      run: async (_, [dir = '']) => {
        const { backups } = await opened();
        await existingFolder(dir);
        return outcomeOf('restored', await backups.restore(backupFiles(dir)));
      },
    },
    {
      usage: 'rebuild-index',
      meaning: 'list anew what is open and what is due, from the records; harmless while the bot runs',
      run: async () => rebuilt(await (await opened()).rebuild()),
    },
  ];
  return commands;
}

/** More of them say nothing more. */
const NAMED = 20;

function outcomeOf(done: string, outcome: BackupOutcome): Outcome {
  if (outcome.kind === 'refused') return { exitCode: 1, lines: [], remarks: [`Nothing was ${done}: ${outcome.why}.`] };
  const { manifest, evidence } = outcome;
  const { chains, entries, broken } = evidence;
  const files = manifest.files.map(({ name, rows, sha256 }) => `${name}\t${rows}\t${sha256}`);
  const named = broken.slice(0, NAMED).map(({ aggregate, seq }) => `broken: entry ${seq} of ${aggregate}`);
  return {
    exitCode: broken.length === 0 ? 0 : 1,
    lines: [
      ...files,
      `${done}: as of ${manifest.from} to ${manifest.at}, tenant ${manifest.tenant}`,
      `evidence: ${chains} chains with ${entries} entries, ${broken.length} of them broken`,
      ...named,
    ],
    remarks: [`Left out: ${manifest.leftOut.join(', ')}.`],
  };
}

function rebuilt({ requests, open, exceptions, hints, removed, unnamed }: Awaited<ReturnType<RebuildIndex>>): Outcome {
  const remarks = [
    `${unnamed} services or environments have a name that only the policy knows, and it does not: what is due there is found by their next report.`,
  ];
  return {
    exitCode: 0,
    lines: [
      `listed: ${requests} requests, ${open} of them open, ${exceptions} exceptions; ${hints} looks are due or planned; ${removed} entries were out of date`,
    ],
    ...(unnamed === 0 ? {} : { remarks }),
  };
}
