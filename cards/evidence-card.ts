import type { IAdaptiveCard } from 'adaptivecards';
import type { SeenEntry, SeenEvidence } from '../services/domain/seen-evidence.ts';
import { banner, type CardElement, card, row, timed, title } from './card.ts';
import { cardText } from './card-text.ts';
import { fittingCard } from './fitting-card.ts';
import { counted, plural } from './names.ts';
import { localTime } from './show-time.ts';
import { plain } from './text.ts';

/** How many entries are shown, the newest: as many as fit. */
const EXTENTS = [40, 20, 10, 5] as const;
const NAME_MAX = 80;
const TEXT_MAX = 300;

/** A chain of evidence in words; what was erased is shown as erased. */
export function evidenceCard(seen: SeenEvidence, zone?: string): IAdaptiveCard {
  return fittingCard<number>(EXTENTS, (extent) => cardOf(seen, extent), { zone });
}

export function evidenceText(seen: SeenEvidence, zone?: string): string {
  return cardText(evidenceCard(seen, zone), [], zone);
}

function cardOf({ id, entries, brokenAt }: SeenEvidence, extent: number): IAdaptiveCard {
  const shown = entries.slice(-extent);
  const headline = `Evidence of ${plain(id, NAME_MAX)}`;
  const count = counted(entries.length, 'entry', 'entries');
  const state =
    brokenAt === undefined
      ? `${count}, each follows from the one before it`
      : `Broken: entry ${brokenAt} of ${count} does not follow from the one before it`;
  const left = entries.length - shown.length;
  const body: CardElement[] = [
    title(headline),
    banner('state', brokenAt === undefined ? 'emphasis' : 'attention', [row(state, { weight: 'bolder' })]),
    ...(left === 0 ? [] : [row(`${left} older ${plural(left, 'entry', 'entries')} not shown`, { isSubtle: true })]),
    ...shown.flatMap((entry) => entryRows(entry, entry.seq === brokenAt)),
  ];
  return card({ body, actions: [], fallbackText: `${headline}. ${state}`, speak: headline });
}

function entryRows({ seq, at, kind, by, said, texts }: SeenEntry, isBroken: boolean): CardElement[] {
  const who = by === undefined ? '' : ` by ${plain(by, NAME_MAX)}`;
  const what = plain(kind, NAME_MAX).replaceAll('-', ' ');
  const codes = said.map(([name, value]) => `${name} ${plain(value, NAME_MAX)}`).join(', ');
  const erased = texts.flatMap(([field, text]) => (text === undefined ? [`${plain(field, NAME_MAX)}: erased`] : []));
  const written = texts.flatMap(([field, text]) =>
    text === undefined || text === '' || field === 'name'
      ? []
      : [`${plain(field, NAME_MAX)}: ${plain(text, TEXT_MAX)}`],
  );
  return [
    timed(`${isBroken ? '✗ ' : ''}${seq}. ${localTime(at)}: ${what}${who}${codes === '' ? '' : ` (${codes})`}`),
    ...[...written, ...erased].map((text) => row(text, { isSubtle: true })),
  ];
}
