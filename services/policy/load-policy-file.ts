import type { PolicyFile } from '../ports/policy-source.ts';
import type { Loaded } from './load-file.ts';
import type { Source } from './yaml-text.ts';

export interface ReadFile<T> {
  readonly file: string;
  readonly loaded: Loaded<T>;
}

/** A file that could not be read is as broken as one that says nonsense. */
export function loadPolicyFile<T>(file: PolicyFile, load: (source: Source) => Loaded<T>): ReadFile<T> {
  if ('text' in file) return { file: file.file, loaded: load(file) };
  return { file: file.file, loaded: { kind: 'broken', problems: [`${file.file}:1 file: ${file.fault}`] } };
}

export function problemsOf<T>({ loaded }: ReadFile<T>): readonly string[] {
  return loaded.kind === 'broken' ? loaded.problems : [];
}

export function missing(file: string, allowed: string): string {
  return `${file}:1 file: is missing; allowed: ${allowed}`;
}

/** The service that a file of a folder is about by its own name: `catalog/payments-api.yaml`. Absent for a lone file. */
export function serviceOfFile(file: string): string | undefined {
  return /^[^/]+\/(.+)\.yaml$/.exec(file)?.[1];
}
