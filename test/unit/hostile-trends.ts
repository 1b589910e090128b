import type { IAdaptiveCard } from 'adaptivecards';
import { reviewCard } from '../../cards/review-card.ts';
import { trendPromotionCard } from '../../cards/trend-promotion-card.ts';
import { trendsCard, trendsSummary } from '../../cards/trends-card.ts';
import { aReview, RECORDED, samplePromotion, sampleTrends } from '../cards/trend-samples.ts';
import type { Lists } from './hostile-records.ts';

const [TRENDS, PROMOTION] = [sampleTrends(), samplePromotion()];

/** Trends, their reviews and a promotion in which every name holds `text`. */
export function trendCardsSaying(
  text: string,
  lists: Lists,
): { readonly card: IAdaptiveCard; readonly summary: string }[] {
  const times = (length: number) => ({ length: lists === 'long' ? length : 1 });
  const owner = `group:${text}` as const;
  const counts = { block: 1_000_000, warn: 1_000_000, monitor: 1_000_000 };
  const cluster = { team: owner, service: text, environment: text, control: text, counts };
  const flow = { control: text, opened: 1_000, closed: 1_000, inForce: 1_000 };
  const trends = {
    ...TRENDS,
    scope: text,
    clusters: Array.from(times(10), () => cluster),
    moreClusters: 1_000,
    gaps: Array.from(times(40), () => ({ owner, count: 1_000, services: 1_000 })),
    recurring: Array.from(times(40), () => ({ control: text, weeks: 8, appeared: 1_000, back: 1_000 })),
    flows: Array.from(times(40), () => flow),
    monitored: Array.from(times(40), () => ({ control: text, open: 1_000 })),
    prompts: { people: 1_000, median: 1_000, most: Array.from(times(3), () => ({ name: text, count: 1_000 })) },
  };
  const review = aReview({ reviewer: owner });
  const recorded = { ...RECORDED, by: { ...RECORDED.by, name: text } };
  const { control, ...promotion } = PROMOTION;
  const named = { ...control, name: text, owner: { ...control.owner, fallback: owner } };
  return [
    { card: trendsCard(trends, { review }), summary: trendsSummary(trends) },
    { card: reviewCard(review, 'escalate'), summary: '' },
    { card: reviewCard({ ...review, recorded }, 'recorded'), summary: '' },
    { card: trendPromotionCard({ ...promotion, control: named }), summary: '' },
  ];
}
