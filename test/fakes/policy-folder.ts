import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';

/** File, text or pattern that must be in it, and what stands in its place everywhere. */
export type Edit = readonly [string, string | RegExp, string];

/** A copy of the sample policy with these edits; gone after the test. */
export async function policyFolder(...edits: readonly Edit[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-policy-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(fileURLToPath(new URL('../../manifest/policy', import.meta.url)), folder, { recursive: true });
  for (const edit of edits) await edited(folder, edit);
  return folder;
}

/** Edits a policy while it is in use. */
export async function edited(folder: string, [file, from, to]: Edit): Promise<void> {
  const text = await readFile(join(folder, file), 'utf8');
  expect(text).toMatch(from);
  await writeFile(join(folder, file), text.replaceAll(from, to));
}
