import type { DeliveryHealth, SignalHealth } from '../services/domain/delivery-health.ts';
import { ageWords } from './age-words.ts';
import { type CardElement, line, section, sectionHead, timed, words } from './card.ts';
import { counted } from './names.ts';
import { localTime } from './show-time.ts';
import { plain } from './text.ts';
import { moreRow } from './who-approves-people.ts';

const ROWS_SHOWN = 8;
const NAME_MAX = 60;
const WHY_MAX = 200;
const ASSET_MAX = 120;
const ASSETS_SHOWN = 2;

/** Those that need somebody first. */
export function signalsSection({ signals = [], at }: DeliveryHealth): CardElement[] {
  if (signals.length === 0) return [];
  const urgency = (one: SignalHealth) => Number(!one.isStale) + Number(one.failure === undefined);
  const sorted = signals.toSorted((a, b) => urgency(a) - urgency(b));
  return [
    section('signals', [
      sectionHead('Signals about environments'),
      line(
        words(
          'Stale is what was not read whole for three hours; older than its control takes, it counts as unknown, never as clean',
          { isSubtle: true },
        ),
      ),
      ...sorted.slice(0, ROWS_SHOWN).map((one) => timed(signalWords(one, at))),
      ...moreRow(signals.length - ROWS_SHOWN, 'more: see GET /health'),
    ]),
  ];
}

function signalWords(signal: SignalHealth, now: string): string {
  const { source, name, isStale, failure } = signal;
  const mark = isStale ? '✗ stale: ' : failure === undefined ? '✓ ' : '– ';
  const what = signal.isSent ? 'Not taken' : 'Last try failed';
  const why = failure === undefined ? '' : `. ${what}: ${plain(failure.why, WHY_MAX)}`;
  return `${mark}${plain(source, NAME_MAX)} of ${plain(name, NAME_MAX)}, ${lastWords(signal, now)}${why}${strangerWords(signal)}`;
}

function lastWords({ isSent, pulledAt }: SignalHealth, now: string): string {
  if (isSent) return 'as it is sent';
  return pulledAt === undefined ? 'never read whole' : `read ${ageWords(pulledAt, now)} ago, ${localTime(pulledAt)}`;
}

function strangerWords({ strangers: { count, samples } }: SignalHealth): string {
  if (count === 0) return '';
  const shown = samples.slice(0, ASSETS_SHOWN).map(({ asset, places }) => {
    const named = asset === '' ? 'something without an id' : plain(asset, ASSET_MAX);
    if (places === undefined) return named;
    const claimed = places.map(
      ({ service, environment }) => `${plain(service, NAME_MAX)} ${plain(environment, NAME_MAX)}`,
    );
    return `${named} (equally of ${claimed.slice(0, 3).join(', ')})`;
  });
  return `. Judged nowhere, for the catalog does not say whose: ${counted(count, 'asset')}, such as ${shown.join(', ')}`;
}
