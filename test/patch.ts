/** One text of a source file and what stands in its place; it must be there exactly once. */
export interface Patch {
  /** From the root of the project. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Throws where the text is not there exactly once: a patch that does nothing would pass for one that was noticed. */
export function patched(source: string, { file, find, replace }: Patch): string {
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times what is to be replaced: ${find}`);
  return parts.join(replace);
}
