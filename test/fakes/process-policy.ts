import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from 'yaml';

/** File, path in it, and what stands there; undefined: nothing does. */
export type PolicyEdit = readonly [file: string, path: readonly (string | number)[], value: unknown];

/** A copy of the sample policy, changed; the caller removes the folder. */
export async function editedPolicy(edits: readonly PolicyEdit[]): Promise<string> {
  const to = await mkdtemp(join(tmpdir(), 'policy-'));
  await cp(fileURLToPath(new URL('../../manifest/policy', import.meta.url)), to, { recursive: true });
  for (const [name, path, value] of edits) {
    const document = parseDocument(await readFile(join(to, name), 'utf8'));
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, value);
    await writeFile(join(to, name), document.toString());
  }
  return to;
}

/** Whatever day and hour a test is run at, people are at work. */
export const ALWAYS_AT_WORK: readonly PolicyEdit[] = [
  ['contract.yaml', ['calendar', 'workingDays'], ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']],
  ['contract.yaml', ['calendar', 'workingHours'], '00:00-23:59'],
  ['contract.yaml', ['calendar', 'timezone'], 'Etc/UTC'],
  ['contract.yaml', ['digest', 'quiet'], '00:00-00:01'],
];
