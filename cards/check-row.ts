import { type CardElement, line, type RichTextBlock, row, type TextBlock, type Tone, words } from './card.ts';

/** Never better than the record: what it does not say is unknown, what the contract has no control for is not connected. */
export interface Check {
  readonly state: 'pass' | 'fail' | 'missing' | 'unknown' | 'waiting' | 'not asked' | 'not connected';
  readonly detail: string;
  /** ISO-8601 UTC; how old the oldest of what it says is. */
  readonly asOf?: string;
  /** Where one can look; `title` is ours, `url` of azure-devops-pages.ts. */
  readonly page?: { readonly title: string; readonly url: string };
}

export type NamedCheck = readonly [name: string, check: Check];

interface Look {
  readonly symbol: string;
  readonly word?: string;
  readonly color?: Tone;
}

const LOOKS: Readonly<Record<Check['state'], Look>> = {
  pass: { symbol: '✓', color: 'good' },
  fail: { symbol: '✗', color: 'attention' },
  /** Unknown although the contract requires it here. */
  missing: { symbol: '?', word: 'unknown', color: 'warning' },
  unknown: { symbol: '?' },
  waiting: { symbol: '○' },
  'not asked': { symbol: '–' },
  'not connected': { symbol: '–' },
};

/** As a reader is told it: of what the contract requires and nobody has said it is unknown too. */
export function stateWord({ state }: Check): string {
  return LOOKS[state].word ?? state;
}

/** One sentence, and beside it the way to where it can be looked at. */
export function checkRow(name: string, check: Check): CardElement {
  const sentence = sentenceOf(name, check);
  if (check.page === undefined) return { ...sentence, spacing: 'small' };
  return {
    type: 'ColumnSet',
    spacing: 'small',
    columns: [
      { type: 'Column', width: 'stretch', items: [sentence] },
      { type: 'Column', width: 'auto', items: [link(check.page)] },
    ],
  };
}

function sentenceOf(name: string, check: Check): RichTextBlock {
  const { symbol, color } = LOOKS[check.state];
  const mark = words(`${symbol} `, { weight: 'bolder', ...(color === undefined ? {} : { color }) });
  return line(mark, words(name, { weight: 'bolder' }), words(` ${stateWord(check)}: ${check.detail}`));
}

/** The one text that is Markdown on purpose: both of its parts are safe already. */
export function link({ title, url }: NonNullable<Check['page']>): TextBlock {
  return { type: 'TextBlock', text: `[${title}](${url})`, wrap: true, spacing: 'small' };
}

/** What has no source, in one line. */
export function mutedNames(what: string, names: readonly string[]): TextBlock[] {
  return names.length === 0 ? [] : [row(`${what}: ${names.join(', ')}`, { isSubtle: true })];
}
