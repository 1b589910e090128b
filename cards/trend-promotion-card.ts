import type { IAdaptiveCard } from 'adaptivecards';
import type { Change } from '../services/domain/calibration-change.ts';
import type { Control } from '../services/domain/contract.ts';
import { banner, card, fact, line, row, title, words } from './card.ts';
import { principalName } from './names.ts';
import { changeSection } from './rule-change.ts';
import { plain } from './text.ts';

const NAME_MAX = 64;

/** What to write into the contract so that what is only counted has an owner and a date. */
export function trendPromotionCard(
  { control, change, contractVersion }: PromotionShown,
  /** Of the contract when the button was shown. */
  revision?: number,
): IAdaptiveCard {
  const head = `Give ${plain(control.name, NAME_MAX)} an owner`;
  const fallback = principalName(control.owner.fallback);
  const owner =
    control.owner.from === 'service' ? `of each service; ${fallback} where the catalog knows none` : fallback;
  const isNewer = revision !== undefined && revision !== contractVersion;
  return card({
    body: [
      title(head),
      banner('state', 'emphasis', [
        line(words('From monitor to warn', { weight: 'bolder' })),
        row('A warning stops nothing either. It has an owner, a date and a way up, and is in the digest of its owner.'),
      ]),
      {
        type: 'FactSet',
        id: 'facts',
        spacing: 'medium',
        facts: [
          fact('Owner', owner),
          fact('Contract', `version ${contractVersion}${isNewer ? ', which is newer than the figures' : ''}`),
        ],
      },
      ...changeSection(change),
    ],
    actions: [],
    fallbackText: `${head}: the change to make to contract.yaml.`,
    speak: head,
  });
}

interface PromotionShown {
  readonly control: Control;
  readonly change: Change;
  readonly contractVersion: number;
}
