import type { DateRefusal } from '../services/domain/written-date.ts';
import { listOf } from './names.ts';
import { showDate } from './show-time.ts';
import { plain } from './text.ts';

const CADENCE_MAX = 60;
const CADENCES_SHOWN = 5;
/** How a day can be written. */
export const DATES = 'Write a date as 2026-12-01, Friday, tomorrow, in 10 days or in 2 weeks';

/** Why a written date was not taken, and how one is written; without `why` it could not be read. */
export function dateRefusalWords(why: DateRefusal = { code: 'date-unreadable' }): string {
  switch (why.code) {
    case 'date-unreadable':
      return `this is no date that I can read. ${DATES}.`;
    case 'cadence-unknown': {
      const known = why.cadences.map((name) => plain(name, CADENCE_MAX));
      const also = known.length === 0 ? '' : `, or "end of" and one of ${listOf(known, CADENCES_SHOWN)}`;
      return `the contract's calendar has no cadence of this name. ${DATES}${also}.`;
    }
    case 'cadence-without-start':
      return `the contract's calendar does not say on which day the cadence "${plain(why.cadence, CADENCE_MAX)}" begins. ${DATES}.`;
    case 'date-past':
      return `${showDate(why.date)} is over. ${DATES}.`;
    case 'date-too-far':
      return `this day is too far away. The latest day is ${showDate(why.latest)}.`;
  }
}
