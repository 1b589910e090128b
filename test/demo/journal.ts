import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { CannotStartError } from './cannot-start-error.ts';

const waiting = z.strictObject({
  /** The check's access token: what the bot keeps, sealed, to answer by. */
  token: z.string().min(1),
  /** Absent while the stage waits. */
  result: z.string().exactOptional(),
});

const journalSchema = z.strictObject({
  starts: z.array(z.strictObject({ at: z.iso.datetime(), checks: z.record(z.string(), waiting) })),
});

type JournalText = z.output<typeof journalSchema>;

/** One start of the demo: its time (ISO-8601 UTC) and the check of each service. */
export type DemoStart = JournalText['starts'][number];

/** What the simulator needs to be the same one again after a restart. */
export interface Journal {
  readonly starts: readonly DemoStart[];
  /** Written before this returns, as everything here. */
  begin(start: DemoStart): void;
  end(start: number, service: string, result: string): void;
}

/** With a file it is kept there; without one it ends with the process. Throws a CannotStartError for an unreadable one. */
export function openJournal(folder: string | undefined, name: string): Journal {
  const file = folder === undefined ? undefined : join(folder, name);
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  const { starts } = file === undefined ? { starts: [] } : read(file);
  const save = () => {
    if (file === undefined) return;
    // Renamed over the old one, so that a killed process leaves either of them whole.
    writeFileSync(`${file}.new`, JSON.stringify({ starts }, undefined, 1));
    renameSync(`${file}.new`, file);
  };
  return {
    starts,
    begin(start) {
      starts.push(start);
      save();
    },
    end(start, service, result) {
      const check = starts[start]?.checks[service];
      if (check === undefined) return;
      check.result = result;
      save();
    },
  };
}

function read(file: string): JournalText {
  try {
    return journalSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { starts: [] };
    const message = `${file} cannot be read. Remove its folder to begin anew.`;
    throw new CannotStartError(message, { cause });
  }
}
