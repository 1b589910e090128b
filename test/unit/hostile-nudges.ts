import type { IAdaptiveCard } from 'adaptivecards';
import { digestCard } from '../../cards/digest-card.ts';
import { nudgeCard, nudgeSummary } from '../../cards/nudge-card.ts';
import type { NudgeKind } from '../../services/domain/nudge.ts';
import { aQuietDigest } from '../cards/digest-samples.ts';
import { aNudge } from '../nudges.ts';
import type { Lists } from './hostile-records.ts';

const KINDS: readonly NudgeKind[] = ['approval', 'exception', 'review', 'ending', 'trends'];

/** Lists of reminders in which every name and time holds `text`. */
export function nudgeCardsSaying(
  text: string,
  lists: Lists,
): { readonly card: IAdaptiveCard; readonly summary: string }[] {
  const names = { id: text, services: [text, text], environment: text, name: text, deadline: text, suspendedAt: text };
  const kinds = KINDS.map((kind) => aNudge({ kind, about: text, ...names }));
  const nudges = Array.from({ length: lists === 'long' ? 100 : 1 }, () => kinds).flat();
  const news = { nudges, settled: 1_000_000, isUrgent: true };
  return [
    { card: nudgeCard(news, 'Europe/Berlin'), summary: nudgeSummary(news) },
    { card: digestCard({ ...aQuietDigest(), heldBack: nudges }), summary: '' },
  ];
}
