import type { Change } from '../services/domain/calibration-change.ts';
import { type CardElement, row, section, sectionHead } from './card.ts';
import { listOf, nameOf } from './names.ts';
import { outside } from './text.ts';

const SERVICES_SHOWN = 5;
/** Characters of one rule; a longer one is for the command line. */
export const RULE_MAX = 2_000;
/** No sign of a rule is written longer: what is let in is never cut. */
const MOST_WRITTEN = 4;

/** The rules to paste, none of more than `most` characters. Nothing of it is ever applied from here. */
export function changeSection(change: Change | undefined, most = RULE_MAX): CardElement[] {
  if (change === undefined) return [];
  const { index, before, after, choices, superfluous } = change;
  const rules = (lines: readonly string[]) =>
    lines.map((text) => outside(text, text.length * MOST_WRITTEN, { fontType: 'Monospace' }));
  const isShown = [before, ...after].every((text) => text.length <= most);
  return [
    section('history', [
      sectionHead('The change to make'),
      ...(isShown
        ? [
            row(`Rule ${index + 1} of its decisions as it stands:`),
            ...rules([before]),
            row('As it could be:'),
            ...rules(after),
          ]
        : [row('The rule is too long for a card: "contract calibrate" on the command line writes it out.')]),
      ...(choices > 1
        ? [row(`The figures are of the whole control: of ${choices} such rules choose the one they are about.`)]
        : []),
      ...(superfluous.length === 0
        ? []
        : [
            row(
              `Remove what is no stricter then, the overrides of ${listOf(superfluous.map(nameOf), SERVICES_SHOWN)}.`,
            ),
          ]),
      row('Paste it into contract.yaml, say why, and raise its version. Nothing was changed.'),
    ]),
  ];
}
