import { listOf, nameOf } from './names.ts';

const MOST_SHOWN = 5;

/** What has to be said yet of what is to be excepted; without places nobody looked for the finding. */
export function whichPlaceText(
  fingerprint: string | undefined,
  places: readonly { readonly service: string; readonly environment: string }[],
): string {
  if (fingerprint === undefined)
    return 'Nothing was asked for yet: say what is to be excepted. Press "Request exception" on the card of a blocked deployment, or write "request exception CONTROL SERVICE ENV until DATE because …".';
  const names = places.map((place) => `${nameOf(place.service)} in ${nameOf(place.environment)}`);
  const where =
    names.length === 0 ? 'say where this finding is' : `this finding is open for ${listOf(names, MOST_SHOWN)}`;
  return `Nothing was asked for yet: ${where}. Write "request exception ${fingerprint} SERVICE ENV" with the one you mean.`;
}
