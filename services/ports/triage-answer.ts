import type { PersonActor } from '../domain/person.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { TriageRefusal } from '../domain/triage-refusal.ts';
import { DirectoryUnavailableError } from './directory.ts';

export interface AnswerNeeds {
  /** Why this person may do and read nothing here, or undefined. */
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
}

/** For people of the directory alone, as far as it answers. */
export async function unlessUnknown<T>(
  { strangerBecause }: AnswerNeeds,
  by: PersonActor,
  answer: () => Promise<T>,
): Promise<T | TriageRefusal> {
  const stranger = await strangerBecause(by);
  if (stranger !== undefined) return { code: 'stranger', refusal: stranger };
  try {
    return await answer();
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) return { code: 'stranger', refusal: 'cannot-verify-now' };
    throw error;
  }
}
