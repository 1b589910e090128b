import { isSamePerson, type Person } from './person.ts';

/** Longest cover in days: long enough for a holiday, too short to become the rule. */
export const LONGEST_COVER_DAYS = 30;

/** Somebody decides in the place of somebody who is away. Object ids, lower case. */
export interface Cover {
  readonly absent: string;
  readonly by: string;
  /** ISO-8601 UTC, exclusive. */
  readonly until: string;
  /** Who arranged it: the absent person, or their manager. */
  readonly setBy: string;
}

/** Somebody, with the name that the directory gives them. */
export interface Named {
  readonly oid: string;
  readonly name: string;
}

/** A cover as people are told of it; both are named wherever it is. */
export interface NamedCover {
  readonly absent: Named;
  readonly by: Named;
  /** ISO-8601 UTC, exclusive. */
  readonly until: string;
  readonly setBy: Named;
}

/** What somebody has to be told of a cover that others arranged. */
export interface CoverNews {
  /** Object id. */
  readonly to: string;
  readonly kind: 'set' | 'ended';
  readonly cover: NamedCover;
}

/** Why a cover was not arranged or ended. A value, never thrown; cards/cover-words.ts says each in a sentence. */
export const COVER_REFUSALS = [
  'nobody-meant',
  'several-meant',
  'cover-self',
  'cover-same-human',
  'cover-guest',
  'cover-disabled',
  'not-the-manager',
  'no-cover',
  'date-unreadable',
  'cadence-unknown',
  'cadence-without-start',
  'date-past',
  'date-too-far',
] as const;
export type CoverRefusal = (typeof COVER_REFUSALS)[number];

/** A right is handed to one other human who may have it: undefined, or why not. */
export function coverRefusal(absent: Person, by: Person): CoverRefusal | undefined {
  if (absent.oid === by.oid) return 'cover-self';
  if (isSamePerson(absent, by)) return 'cover-same-human';
  if (absent.disabled || by.disabled) return 'cover-disabled';
  return absent.guest || by.guest ? 'cover-guest' : undefined;
}
