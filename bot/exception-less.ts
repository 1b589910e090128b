import type { Narrowing } from '../services/domain/exception-life.ts';
import type { ExceptionRefusal } from '../services/domain/exception-refusal.ts';
import type { ExceptionViews } from '../services/exception-views.ts';
import type { TurnPerson } from './answer.ts';

/** What is left of an exception, as people say it. */
export interface LessSaid {
  /** An earlier last day, as people write it; blank: the same. */
  readonly until?: string;
  /** Fingerprints of the findings that stay, with commas between them; blank: none is chosen. Absent: the same. */
  readonly only?: string;
}

/** Nobody gives more than they mean: choosing none is not the same as choosing nothing less. */
export async function lessMeant(
  views: Pick<ExceptionViews, 'day'>,
  { zone }: TurnPerson,
  { until: day = '', only }: LessSaid,
): Promise<{ readonly narrowing?: Narrowing } | ExceptionRefusal> {
  const until = day.trim() === '' ? undefined : await views.day(day, zone);
  if (typeof until === 'object') return until;
  if (until === undefined && only === undefined) return {};
  const fingerprints = only?.split(',').filter((one) => one !== '');
  // Of an exception from whatever a control finds any word would be less.
  if (fingerprints?.every(isFingerprint) === false) return { code: 'wider-than-requested' };
  return {
    narrowing: { ...(until === undefined ? {} : { until }), ...(fingerprints === undefined ? {} : { fingerprints }) },
  };
}

function isFingerprint(one: string): boolean {
  return /^[0-9a-f]{32}$/.test(one);
}
