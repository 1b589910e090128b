import type { IAdaptiveCard } from 'adaptivecards';
import type { Review } from '../services/domain/review.ts';
import type { ClassTrend, Trends } from '../services/domain/trend.ts';
import { NEW_DAYS } from '../services/domain/trend.ts';
import { button } from './actions.ts';
import { banner, type CardElement, card, type Fact, fact, line, row, timedFact, title, words } from './card.ts';
import { present } from './gate-actions.ts';
import { counted, grouped, nameOf, principalName } from './names.ts';
import { recordButton } from './review-card.ts';
import { inZone, localTime, showDate } from './show-time.ts';
import { plain } from './text.ts';
import { CLASS_WORDS, trendSections } from './trend-sections.ts';

const NAME_MAX = 60;
const SUMMARY_MAX = 240;
const PROMOTIONS_SHOWN = 3;

/** Of whoever is asked to look at them, and records it. */
export interface TrendsShown {
  readonly review?: Review;
  /** IANA name of the reader's zone. */
  readonly zone?: string;
}

/** What piles up, as a whole: no single finding is on it. */
export function trendsCard(trends: Trends, { review, zone }: TrendsShown = {}): IAdaptiveCard {
  const headline = headlineOf(trends);
  const head = headOf(trends);
  const asked = review === undefined ? [] : [row(`${principalName(review.reviewer)} is asked to look at this.`)];
  const body: CardElement[] = [
    title(head),
    banner('state', 'emphasis', [
      line(words(headline, { weight: 'bolder' })),
      ...asked,
      row('Nothing here stops a deployment or asks for an approval. Single findings are listed by "findings".'),
    ]),
    {
      type: 'FactSet',
      id: 'facts',
      spacing: 'medium',
      facts: [...trends.classes.map(classFact), ...basisFacts(trends)],
    },
    ...trendSections(trends),
  ];
  const actions = present([review === undefined ? undefined : recordButton(review), ...promoteButtons(trends)]);
  const spoken = `${head}. ${headline}.`;
  return inZone(card({ body, actions, fallbackText: `${spoken} Write "trends".`, speak: spoken }), zone);
}

/** One line for notifications. Plain text. */
export function trendsSummary(trends: Trends): string {
  return plain(`${headOf(trends)}: ${headlineOf(trends)}`, SUMMARY_MAX);
}

function promoteButtons({ monitored, contractVersion }: Trends) {
  return monitored.slice(0, PROMOTIONS_SHOWN).map(({ control }, n) =>
    button({
      id: `promote-${n + 1}`,
      title: `Give ${plain(control, NAME_MAX)} an owner`,
      data: { verb: 'trend.promote', control, revision: contractVersion },
      inputs: 'none',
    }),
  );
}

function headOf({ scope }: Trends): string {
  return scope === undefined ? 'Trends' : `Trends of ${nameOf(scope)}`;
}

function headlineOf({ classes, weeks }: Trends): string {
  const open = classes.reduce((sum, one) => sum + one.open, 0);
  const { appeared = 0, gone = 0 } = weeks.at(-1) ?? {};
  return `${counted(open, 'open finding')}, ${netWords(appeared, gone)} in the last ${NEW_DAYS} days`;
}

function netWords(appeared: number, gone: number): string {
  const net = appeared - gone;
  if (net === 0) return appeared === 0 ? 'none new and none gone' : 'as many new as gone';
  return `${net < 0 ? '−' : '+'}${grouped(Math.abs(net))}`;
}

function classFact({ decision, open, fresh, medianDays, slowDays, oldestDays, ageUnknown }: ClassTrend): Fact {
  const ages =
    oldestDays === undefined
      ? ''
      : `; half up to ${days(medianDays)} old, 90 % up to ${days(slowDays)}, the oldest ${days(oldestDays)}`;
  const unknown = ageUnknown === 0 ? '' : `; age not known of ${grouped(ageUnknown)}`;
  return fact(CLASS_WORDS[decision].word, `${grouped(open)} open, ${grouped(fresh)} new${ages}${unknown}`);
}

function days(count: number | undefined): string {
  return counted(count ?? 0, 'day');
}

function basisFacts({ at, services, leftOut, unkept, contractVersion, weeks }: Trends): Fact[] {
  const unread =
    leftOut === 0 ? '' : `; ${counted(leftOut, 'more was', 'more were')} not read, because there are too many`;
  return [
    timedFact('Measured', `${localTime(at)}, weeks since ${showDate(weeks[0]?.from ?? at)}`),
    fact(
      'Covers',
      `${counted(services, 'service')} under version ${contractVersion} of the contract, as if there were no exceptions${unread}`,
    ),
    ...(unkept === 0
      ? []
      : [fact('Not counted', counted(unkept, 'event of a large import', 'events of large imports'))]),
  ];
}
