import type { IAdaptiveCard } from 'adaptivecards';
import type { CardElement } from './card.ts';
import { plain, unescapeMarkdown } from './text.ts';

const LINE_MAX = 700;

/**
 * A card as plain text, one line for each row, for people without cards and for screen readers: nothing that a card
 * says is missing. To be sent with text format `plain`.
 */
export function cardText(shown: IAdaptiveCard, ways: readonly string[] = []): string {
  const lines = ((shown.body ?? []) as readonly unknown[] as readonly CardElement[]).flatMap(linesOf);
  return [...lines.filter((text) => text !== ''), ...ways].join('\n');
}

function linesOf(element: CardElement): string[] {
  switch (element.type) {
    case 'TextBlock':
      return [plain(unescapeMarkdown(element.text), LINE_MAX)];
    case 'RichTextBlock':
      return [element.inlines.map(({ text }) => text).join('')];
    case 'FactSet':
      return element.facts.map(({ title, value }) => plain(`${title}: ${unescapeMarkdown(value)}`, LINE_MAX));
    case 'Container':
      return element.items.flatMap(linesOf);
    case 'ColumnSet':
      return element.columns.flatMap(({ items }) => items.flatMap(linesOf));
    case 'ActionSet':
    case 'Input.Text':
    case 'Input.ChoiceSet':
      return [];
  }
}
