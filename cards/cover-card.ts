import type { IAdaptiveCard } from 'adaptivecards';
import type { CoverNews } from '../services/domain/cover.ts';
import { card, line, title, words } from './card.ts';
import { coverEndedText, coverLine } from './cover-words.ts';
import { nameOf, type Viewer } from './names.ts';
import { plain } from './text.ts';

const SUMMARY_MAX = 240;

/** What somebody is told of a cover that another person arranged or ended. */
export function coverCard(news: CoverNews): IAdaptiveCard {
  const { kind, cover } = news;
  const who = kind === 'set' ? `${nameOf(cover.setBy.name)} arranged it.` : 'You need do nothing.';
  const what =
    news.to === cover.by.oid && kind === 'set'
      ? `Requests that ask ${nameOf(cover.absent.name)} come to you too; a decision names both of you. "cover" shows your covers, and "cover ${nameOf(cover.absent.name)} off" ends this one.`
      : '"cover" shows your covers.';
  return card({
    body: [title(headOf(news)), { ...line(words(`${who} ${what}`)), id: 'state' }],
    actions: [],
    fallbackText: plain(`${headOf(news)}. ${who} ${what}`, 600),
    speak: headOf(news),
  });
}

/** One line for notifications. Plain text. */
export function coverSummary(news: CoverNews): string {
  return plain(headOf(news), SUMMARY_MAX);
}

function headOf({ to, kind, cover }: CoverNews): string {
  const viewer: Viewer = { oid: to };
  return kind === 'set' ? coverLine(cover, viewer) : coverEndedText(cover, viewer);
}
