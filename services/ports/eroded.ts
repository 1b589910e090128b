import type { Erosion } from '../domain/erosion.ts';

/** Which controls exceptions have eroded, as the last measurement noted it: to be said beside a block, never to judge by. */
export interface Eroded {
  /** At most ten minutes old; none when they cannot be read. Never rejects. */
  noted(): Promise<readonly Erosion[]>;
}
