import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { ExportFile } from '../../services/exported-decisions.ts';

/** Read a line at a time; rejects with a sentence where that cannot be done. */
export function exportFile(path: string): ExportFile {
  return { name: basename(path), lines: () => linesOf(path) };
}

async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const chunk of createReadStream(path, 'utf8')) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new Error(`${path} cannot be read (${code})`, { cause });
  }
  if (rest !== '') yield rest;
}
