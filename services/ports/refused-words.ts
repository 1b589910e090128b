import type { PersonActor } from '../domain/person.ts';

/** What somebody wanted to do and may not. */
export interface RefusedWord {
  /** What it was about, by the name that people know. */
  readonly about: string;
  readonly what: 'accept-drift' | 'explain-bypass' | 'confirm-bypass' | 'delegate';
  /** Code of the refusal. */
  readonly refusal: string;
  readonly services: readonly string[];
  readonly environment: string;
  /** Of what they saw; absent for a typed command. */
  readonly revision?: number;
  readonly by: PersonActor;
  /** Stable over replays of the same click or message. */
  readonly op: string;
  /** ISO-8601 UTC. */
  readonly at: string;
}

/** Evidence of refused words about what has no chain of its own in which they could stand. Rejects with StoreUnavailableError. */
export interface RefusedWords {
  /** Once for each person, wish, reason and revision, and at most a thousand about one thing: however often somebody clicks, it does not grow. */
  note(word: RefusedWord): Promise<void>;
}
