import type { IAdaptiveCard } from 'adaptivecards';
import type { CardElement } from './card.ts';
import { withTimes } from './show-time.ts';
import { plain, unescapeMarkdown } from './text.ts';

const LINE_MAX = 700;
/** A text that is a link and nothing else (`link` in check-row.ts): any bracket of outside text is escaped. */
const LINK = /^\[([^\]\\]+)\]\(([^)\\]+)\)$/;

/**
 * A card as plain text, one line for each row, for people without cards and for screen readers: nothing that a card
 * says is missing. Times in the reader's `zone`, else in UTC. To be sent with text format `plain`.
 */
export function cardText(shown: IAdaptiveCard, ways: readonly string[] = [], zone?: string): string {
  const body = (shown.body ?? []) as readonly unknown[] as readonly CardElement[];
  const lines = body.flatMap((element) => linesOf(element, zone));
  return [...lines.filter((text) => text !== ''), ...ways].join('\n');
}

function linesOf(element: CardElement, zone: string | undefined): string[] {
  const asRead = (text: string) => plain(withTimes(unescapeMarkdown(text), zone), LINE_MAX);
  switch (element.type) {
    case 'TextBlock':
      return [asRead(element.text.replace(LINK, '$1: $2'))];
    case 'RichTextBlock':
      return [element.inlines.map(({ text }) => text).join('')];
    case 'FactSet':
      return element.facts.map(({ title, value }) => asRead(`${title}: ${value}`));
    case 'Chart.Line':
    case 'Chart.HorizontalBar.Stacked':
      return linesOf(element.fallback, zone);
    case 'Container':
      return element.items.flatMap((item) => linesOf(item, zone));
    case 'ColumnSet':
      return element.columns.flatMap(({ items }) => items.flatMap((item) => linesOf(item, zone)));
    case 'ActionSet':
    case 'Input.Text':
    case 'Input.ChoiceSet':
    case 'Input.Date':
      return [];
  }
}
