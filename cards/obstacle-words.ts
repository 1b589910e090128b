import type { Obstacle } from '../services/domain/judgement.ts';
import { plain } from './text.ts';
import { EXCLUDED_WORDS } from './words.ts';

/** What an obstacle says of itself, its codes as words: `payments-leads: 0 of 1 may decide; excluded: Ann Archer (asked for this deployment)`. */
export function obstacleDetail({ kind, detail }: Obstacle, max: number): string {
  if (kind !== 'too-few-approvers') return plain(detail, max);
  const named = detail.replace(/(^|, )group:/g, '$1').replace(/ \(([a-z-]+)\)(?=,|$)/g, (said, code: string) => {
    const words = Object.entries(EXCLUDED_WORDS).find(([why]) => why === code)?.[1];
    return words === undefined ? said : ` (${words})`;
  });
  return plain(named, max);
}
