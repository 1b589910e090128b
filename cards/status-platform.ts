import type { DeliveryHealth } from '../services/domain/delivery-health.ts';
import type { PlatformHealth } from '../services/domain/platform-health.ts';
import { SECTION_WORDS } from '../services/domain/platform-rules.ts';
import { organizationName } from '../services/domain/routing.ts';
import { ageWords } from './age-words.ts';
import { type CardElement, line, section, sectionHead, timed, words } from './card.ts';
import { counted } from './names.ts';
import { localTime } from './show-time.ts';
import { plain } from './text.ts';
import { moreRow } from './who-approves-people.ts';

const ROWS_SHOWN = 8;
const NAME_MAX = 60;
const WHY_MAX = 200;

/** By organization how much of its delivery platform is known and how old the oldest is; then what is not, the stalest first. */
export function platformSection({ platform, at }: DeliveryHealth): CardElement[] {
  if (platform === undefined) return [];
  const troubled = platform.filter((one) => urgencyOf(one) > 0).toSorted((a, b) => urgencyOf(b) - urgencyOf(a));
  const byOrganization = Map.groupBy(platform, ({ organization }) => organization);
  return [
    section('platform', [
      sectionHead('Delivery platform'),
      line(
        words('What cannot be read, or was due to be read again three hours ago, counts as unknown, never as clean', {
          isSubtle: true,
        }),
      ),
      ...(platform.length === 0 ? [line(words('? Nothing of it was read yet'))] : []),
      ...[...byOrganization].slice(0, ROWS_SHOWN).map(([name, parts]) => timed(organizationWords(name, parts, at))),
      ...moreRow(byOrganization.size - ROWS_SHOWN, 'more organizations: see GET /health'),
      ...troubled.slice(0, ROWS_SHOWN).map((one) => timed(partWords(one, at))),
      ...moreRow(troubled.length - ROWS_SHOWN, 'more: see GET /health'),
    ]),
  ];
}

function urgencyOf({ isStale, unknown, at }: PlatformHealth): number {
  return 2 * Number(isStale) + Number(unknown !== undefined || at === undefined);
}

function organizationWords(organization: string, parts: readonly PlatformHealth[], now: string): string {
  const known = parts.filter((one) => urgencyOf(one) === 0);
  const [oldest] = known.flatMap(({ at }) => at ?? []).sort();
  const mark = known.length === parts.length ? '✓' : '✗';
  const name = plain(organizationName(organization), NAME_MAX);
  const age = oldest === undefined ? '' : `, the oldest read ${ageWords(oldest, now)} ago, ${localTime(oldest)}`;
  return `${mark} ${name}: ${known.length} of ${counted(parts.length, 'part')} known${age}`;
}

function partWords({ organization, kind, name, at, isStale, unknown }: PlatformHealth, now: string): string {
  const mark = isStale ? '✗ stale: ' : '? unknown: ';
  const of = [...new Set([name, organizationName(organization)].map((one) => plain(one, NAME_MAX)))].join(', ');
  const last = at === undefined ? 'never read whole' : `read ${ageWords(at, now)} ago, ${localTime(at)}`;
  const why = unknown === undefined ? '' : `: ${plain(unknown.why, WHY_MAX)}`;
  return `${mark}${SECTION_WORDS[kind]} of ${of}, ${last}${why}`;
}
