import type { EvidenceEntry } from './evidence.ts';

/** Who was refused, why, and of which revision; null: of none that they saw. */
export interface RefusedBefore {
  readonly oid: string;
  readonly refusal: string;
  readonly revision: number | null;
}

/** Whether an entry is that refusal: it is recorded once, however often somebody clicks. Read from its canonical text, which has one way of writing. */
export function saysRefused(
  { entry }: Pick<EvidenceEntry, 'entry'>,
  { oid, refusal, revision }: RefusedBefore,
): boolean {
  const needles = ['"kind":"refused"', `"oid":"${oid}"`, `"refusal":"${refusal}"`, `"revision":${revision},`];
  return needles.every((needle) => entry.includes(needle));
}
