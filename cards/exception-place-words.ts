import { listOf, nameOf } from './names.ts';

const MOST_SHOWN = 5;

/** Asked for without saying what for. */
export const WHAT_FOR =
  'Nothing was asked for yet: say what is to be excepted. Press "Request exception" on the card of a blocked deployment, or write "request exception CONTROL SERVICE ENV until DATE because …".';

/** A finding that is open in several places is excepted in one of them. */
export function severalPlacesText(
  fingerprint: string,
  places: readonly { readonly service: string; readonly environment: string }[],
): string {
  const names = places.map((place) => `${nameOf(place.service)} in ${nameOf(place.environment)}`);
  return `Nothing was asked for yet: this finding is open for ${listOf(names, MOST_SHOWN)}. Write "request exception ${fingerprint} SERVICE ENV" with the one you mean.`;
}
