import type { IAdaptiveCard } from 'adaptivecards';
import { inZone } from './show-time.ts';

/** Bytes in UTF-16: half of what Teams takes, so that the same as text fits beside it. */
const BESIDE_TEXT_MAX = 28 * 1024;

/** Of cards that show less and less, the first that fits `max` bytes in UTF-16, else the last; times in `zone`. */
export function fittingCard<Extent>(
  [full, ...shorter]: readonly [Extent, ...Extent[]],
  cardOf: (extent: Extent) => IAdaptiveCard,
  { zone, max = BESIDE_TEXT_MAX }: { readonly zone: string | undefined; readonly max?: number },
): IAdaptiveCard {
  return shorter.reduce<IAdaptiveCard>(
    (shown, extent) => (2 * JSON.stringify(shown).length <= max ? shown : inZone(cardOf(extent), zone)),
    inZone(cardOf(full), zone),
  );
}
