import type { IAdaptiveCard } from 'adaptivecards';
import { withTimes } from '../../cards/show-time.ts';
import { unescapeMarkdown } from '../../cards/text.ts';

type Json = Readonly<Record<string, unknown>>;

/** A button as it is in the card, wherever it stands. */
export interface ShownButton {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly url?: string;
  readonly verb?: string;
  readonly associatedInputs?: string;
  readonly data?: Json;
  readonly fallback?: { readonly type: string; readonly data: Json; readonly title: string };
}

/** What the element with this id says, as a reader sees it; undefined when the card has none. */
export function textById(card: IAdaptiveCard, id: string): string | undefined {
  const element = objectsIn(card).find((object) => object['id'] === id);
  return element === undefined ? undefined : textOf(element);
}

/** The value of a fact, as a reader sees it. */
export function factValue(card: IAdaptiveCard, id: string, title: string): string | undefined {
  return factValues(card, id, title)[0];
}

export function factValues(card: IAdaptiveCard, id: string, title: string): string[] {
  const element = objectsIn(card).find((object) => object['id'] === id);
  const facts = objectsIn(element).filter((object) => object['title'] === title && 'value' in object);
  return facts.map((fact) => withTimes(unescapeMarkdown(String(fact['value']))));
}

export function buttonsOf(card: IAdaptiveCard): ShownButton[] {
  const actions = objectsIn(card).filter(({ type, id }) => String(type).startsWith('Action.') && id !== undefined);
  return actions as unknown as ShownButton[];
}

export function buttonById(card: IAdaptiveCard, id: string): ShownButton | undefined {
  return buttonsOf(card).find((button) => button.id === id);
}

export function inputIds(card: IAdaptiveCard): unknown[] {
  return objectsIn(card)
    .filter(({ type }) => String(type).startsWith('Input.'))
    .map(({ id }) => id);
}

/** Every object of a card, outermost first. */
export function objectsIn(value: unknown): Json[] {
  const found: Json[] = [];
  collect(value, found);
  return found;
}

function collect(value: unknown, found: Json[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) found.push(value as Json);
  for (const inner of Object.values(value)) collect(inner, found);
}

/** Text that clients read as Markdown, as it stands in the card. */
export function markdownIn(card: IAdaptiveCard): string[] {
  return objectsIn(card).flatMap((object) => {
    if (object['type'] === 'TextBlock') return [String(object['text'])];
    return 'value' in object && 'title' in object ? [String(object['title']), String(object['value'])] : [];
  });
}

/** Bytes of the whole message as Teams counts them. */
export function activityBytes(card: IAdaptiveCard, summary: string): number {
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', content: card };
  return Buffer.byteLength(JSON.stringify({ type: 'message', summary, attachments: [attachment] }), 'utf16le');
}

function textOf(element: Json): string {
  return objectsIn(element)
    .flatMap((object) => {
      if (object['type'] === 'TextBlock') return [withTimes(unescapeMarkdown(String(object['text'])))];
      if (object['type'] === 'TextRun') return [String(object['text'])];
      return 'value' in object ? [`${object['title']}: ${withTimes(unescapeMarkdown(String(object['value'])))}`] : [];
    })
    .join(' ')
    .replace(/\s+/g, ' ');
}
