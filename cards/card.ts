import type { IAdaptiveCard } from 'adaptivecards';
import { buttonRows } from './button-rows.ts';
import { escapeMarkdown, escapeTimed } from './text.ts';

// Elements as Teams reads them (Adaptive Cards 1.5); the types of `adaptivecards` end at version 1.0.
export interface TextRun {
  readonly type: 'TextRun';
  readonly text: string;
  readonly weight?: 'bolder';
  readonly color?: Tone;
  readonly isSubtle?: boolean;
  readonly fontType?: 'Monospace';
}

export type Tone = 'good' | 'warning' | 'attention' | 'accent';
type Spacing = 'none' | 'small' | 'default' | 'medium';

interface ElementBase {
  readonly id?: string;
  readonly spacing?: Spacing;
  readonly separator?: boolean;
}

export interface RichTextBlock extends ElementBase {
  readonly type: 'RichTextBlock';
  readonly inlines: readonly TextRun[];
}

export interface TextBlock extends ElementBase {
  readonly type: 'TextBlock';
  /** Markdown: outside text only by `escapeMarkdown`. */
  readonly text: string;
  readonly style?: 'heading';
  readonly size?: 'large' | 'medium';
  readonly weight?: 'bolder';
  readonly color?: Tone;
  readonly isSubtle?: boolean;
  readonly wrap: true;
}

export interface Fact {
  readonly title: string;
  /** Markdown: outside text only by `escapeMarkdown`. */
  readonly value: string;
}

export interface FactSet extends ElementBase {
  readonly type: 'FactSet';
  readonly facts: readonly Fact[];
}

export interface Container extends ElementBase {
  readonly type: 'Container';
  readonly style?: 'emphasis' | Tone;
  readonly items: readonly CardElement[];
}

export interface Column {
  readonly type: 'Column';
  readonly width: 'auto' | 'stretch';
  readonly verticalContentAlignment?: 'center';
  readonly items: readonly CardElement[];
}

export interface ColumnSet extends ElementBase {
  readonly type: 'ColumnSet';
  readonly columns: readonly Column[];
}

export interface ActionSet extends ElementBase {
  readonly type: 'ActionSet';
  readonly actions: readonly CardAction[];
}

export interface TextInput extends ElementBase {
  readonly type: 'Input.Text';
  readonly id: string;
  readonly label: string;
  readonly isMultiline?: true;
  readonly maxLength: number;
  /** Shown as it is: outside text only by `plain`. */
  readonly value?: string;
  readonly isRequired?: true;
  readonly errorMessage?: string;
}

export interface ChoiceInput extends ElementBase {
  readonly type: 'Input.ChoiceSet';
  readonly id: string;
  readonly label: string;
  readonly style: 'compact';
  /** Titles are shown as they are: outside text only by `plain`. */
  readonly choices: readonly { readonly title: string; readonly value: string }[];
  readonly value?: string;
  readonly isRequired: true;
  readonly errorMessage: string;
}

/** Gives back the chosen values with commas between them, or an empty text. */
export interface ChoicesInput extends ElementBase {
  readonly type: 'Input.ChoiceSet';
  readonly id: string;
  readonly label: string;
  readonly style: 'expanded';
  readonly isMultiSelect: true;
  /** Titles are shown as they are: outside text only by `plain`. */
  readonly choices: readonly { readonly title: string; readonly value: string }[];
  readonly value: string;
}

/** ISO dates; Teams gives one back, or an empty text. */
export interface DateInput extends ElementBase {
  readonly type: 'Input.Date';
  readonly id: string;
  readonly label: string;
  readonly min?: string;
  readonly max?: string;
  readonly value?: string;
  readonly isRequired?: true;
  readonly errorMessage?: string;
}

/** Where a client draws no chart: its numbers. */
interface Chart extends ElementBase {
  /** Shown as it is: outside text only by `plain`, as all texts of charts. */
  readonly title: string;
  readonly showTitle: true;
  /** Phones draw an empty one. */
  readonly targetWidth: 'atLeast:Standard';
  readonly fallback: TextBlock;
}

export interface LineChart extends Chart {
  readonly type: 'Chart.Line';
  /** `x` are ISO dates. */
  readonly data: readonly {
    readonly legend: string;
    readonly values: readonly { readonly x: string; readonly y: number }[];
  }[];
}

export interface StackedBarChart extends Chart {
  readonly type: 'Chart.HorizontalBar.Stacked';
  readonly data: readonly {
    readonly title: string;
    readonly data: readonly { readonly legend: string; readonly value: number; readonly color: ChartColor }[];
  }[];
}

export type ChartColor = 'good' | 'warning' | 'attention' | 'neutral';

export type CardElement =
  | LineChart
  | StackedBarChart
  | RichTextBlock
  | TextBlock
  | FactSet
  | Container
  | ColumnSet
  | ActionSet
  | TextInput
  | ChoiceInput
  | ChoicesInput
  | DateInput;

/** Whether the card's inputs travel with the click. */
export type Inputs = 'auto' | 'none';
type ButtonValue = string | number | true | Readonly<Record<string, string | number>>;
export type ButtonData = Readonly<Record<string, ButtonValue | readonly ButtonValue[]>>;

export interface SubmitAction {
  readonly type: 'Action.Submit';
  readonly title: string;
  readonly data: ButtonData;
  readonly associatedInputs: Inputs;
  readonly msteams: { readonly feedback: { readonly hide: true } };
}

export interface ExecuteAction {
  readonly type: 'Action.Execute';
  readonly id: string;
  readonly title: string;
  /** Teams may ignore it: the title says it all. */
  readonly style?: 'positive' | 'destructive';
  readonly verb: string;
  readonly data: ButtonData;
  readonly associatedInputs: Inputs;
  readonly fallback: SubmitAction;
}

export interface OpenUrlAction {
  readonly type: 'Action.OpenUrl';
  readonly id: string;
  readonly title: string;
  readonly url: string;
}

export type CardAction = ExecuteAction | OpenUrlAction;

/** The clients of these people, and of nobody else, fetch their own view of the card when it comes into sight. */
export interface Refresh {
  readonly action: Pick<ExecuteAction, 'type' | 'title' | 'verb' | 'data'>;
  /** As Teams names people to this bot (`29:…`), at most 60. */
  readonly userIds: readonly string[];
}

export interface CardParts {
  readonly body: readonly CardElement[];
  readonly actions: readonly CardAction[];
  /** Where no card can be shown: what, and how to go on without it. */
  readonly fallbackText: string;
  /** What a screen reader says first. */
  readonly speak: string;
  readonly refresh?: Refresh | undefined;
}

/** Version 1.5: the newest that Action.Execute needs and that every Teams client draws. */
export function card(parts: CardParts): IAdaptiveCard {
  const rows = buttonRows(parts.actions);
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    fallbackText: parts.fallbackText,
    speak: parts.speak,
    ...(parts.refresh === undefined ? {} : { refresh: parts.refresh }),
    // The declared union has no RichTextBlock and no input; the renderer and Teams have both.
    body: [...parts.body, ...rows.slice(0, -1)] as unknown as NonNullable<IAdaptiveCard['body']>,
    actions: [...(rows.at(-1)?.actions ?? [])] as NonNullable<IAdaptiveCard['actions']>,
  };
}

const TITLE_MAX = 400;
const FACT_MAX = 480;
const TIMED_MAX = 900;

/** Escapes `text`. */
export function title(text: string): TextBlock {
  return {
    type: 'TextBlock',
    id: 'title',
    text: escapeMarkdown(text, TITLE_MAX),
    style: 'heading',
    size: 'large',
    weight: 'bolder',
    wrap: true,
  };
}

/** Head of a section; our own words only. */
export function sectionHead(text: string): TextBlock {
  return { type: 'TextBlock', text, style: 'heading', size: 'medium', weight: 'bolder', wrap: true };
}

/** Escapes `value`. */
export function fact(name: string, value: string): Fact {
  return { title: name, value: escapeMarkdown(value, FACT_MAX) };
}

/**
 * A row of outside text that may hold long names without a blank: a `TextBlock` breaks inside a word, a
 * `RichTextBlock` runs out of the card. Escapes `text`.
 */
export function row(text: string, style: Pick<TextBlock, 'weight' | 'color' | 'isSubtle' | 'spacing'> = {}): TextBlock {
  return { type: 'TextBlock', text: escapeMarkdown(text, FACT_MAX), wrap: true, spacing: 'small', ...style };
}

/** A sentence of ours in which each reader finds the times in their own zone. Escapes `text`. */
export function timed(text: string, style: Pick<TextBlock, 'id' | 'weight' | 'isSubtle' | 'spacing'> = {}): TextBlock {
  return { type: 'TextBlock', text: escapeTimed(text, TIMED_MAX), wrap: true, spacing: 'small', ...style };
}

export function timedFact(name: string, value: string): Fact {
  return { title: name, value: escapeTimed(value, FACT_MAX) };
}

export function line(...inlines: readonly TextRun[]): RichTextBlock {
  return { type: 'RichTextBlock', inlines, spacing: 'small' };
}

/** Our own words, or words that were made safe already. */
export function words(text: string, style: Omit<TextRun, 'type' | 'text'> = {}): TextRun {
  return { type: 'TextRun', text, ...style };
}

export function section(id: string, items: readonly CardElement[]): Container {
  return { type: 'Container', id, items, spacing: 'medium', separator: true };
}

/** The one coloured place of a card; it says in words what its colour says. */
export function banner(id: string, style: 'emphasis' | Tone, items: readonly CardElement[]): Container {
  return { type: 'Container', id, style, items };
}
