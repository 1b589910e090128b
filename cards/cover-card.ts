import type { IAdaptiveCard } from 'adaptivecards';
import type { CoverNews } from '../services/domain/cover.ts';
import { card, line, title, words } from './card.ts';
import { coverEndedText, coverLine, endOf } from './cover-words.ts';
import { nameOf, type Viewer } from './names.ts';
import { plain } from './text.ts';

const SUMMARY_MAX = 240;

/** What somebody is told of a cover that another person arranged or ended. */
export function coverCard(news: CoverNews): IAdaptiveCard {
  const { kind, cover } = news;
  const who = kind === 'set' ? `${nameOf(cover.setBy.name)} arranged it.` : 'You need do nothing.';
  const what = whatNow(news);
  return card({
    body: [title(headOf(news)), { ...line(words(`${who} ${what}`)), id: 'state' }],
    actions: [],
    fallbackText: plain(`${headOf(news)}. ${who} ${what}`, 600),
    speak: headOf(news),
  });
}

function whatNow({ to, kind, cover }: CoverNews): string {
  if (kind === 'ended') return '"cover" shows your covers.';
  const ends = `"cover" shows your covers, and "${endOf(cover, { oid: to })}" ends this one.`;
  if (to !== cover.by.oid) return ends;
  return `Requests that ask ${nameOf(cover.absent.name)} come to you too; a decision names both of you. ${ends}`;
}

/** One line for notifications. Plain text. */
export function coverSummary(news: CoverNews): string {
  return plain(headOf(news), SUMMARY_MAX);
}

function headOf({ to, kind, cover }: CoverNews): string {
  const viewer: Viewer = { oid: to };
  return kind === 'set' ? coverLine(cover, viewer) : coverEndedText(cover, viewer);
}
