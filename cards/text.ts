import type { RichTextBlock, TextRun } from './card.ts';
import { LOCAL_TIME, localTime } from './show-time.ts';

/** How a piece of outside text is shown; never what it means. */
export type RunStyle = Pick<TextRun, 'weight' | 'isSubtle' | 'color' | 'fontType'>;

const ELLIPSIS = '…';
/** Nothing is read beyond this many UTF-16 units per code point that may be shown: a megabyte costs what a line costs. */
const READ_PER_SHOWN = 8;
/** More marks than this on one letter draw over the rows above and below. */
const MARKS_PER_LETTER = /(\p{M}{3})\p{M}+/gu;
const LINE_BREAKS = /[\n\r\t\v\f\u0085\u2028\u2029]/g;
/** Controls (C0, C1), format characters (bidi, zero width, tags), lone surrogates, private use and all that draws nothing. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}]/gu;
/** Clients replace `{{DATE(…)}}` and `{{TIME(…)}}` by a date of the author's choosing, in text runs too. */
const DATE_MACRO = /\{\{(?=\s*(?:DATE|TIME))/gi;

/** Outside text on one line of at most `max` code points, without any character that hides, reorders or breaks. */
export function clean(text: string, max: number): string {
  const read = text.slice(0, max * READ_PER_SHOWN);
  const line = read
    .replace(LINE_BREAKS, ' ')
    .replace(INVISIBLE, '')
    .replace(MARKS_PER_LETTER, '$1')
    .replace(DATE_MACRO, '{ {')
    .replace(/\s+/g, ' ')
    .trim();
  return clamp(line, max, read.length < text.length);
}

/** Signs that are written longer than they are shown may take half as much again, then the text is cut early. */
const WRITTEN_PER_SHOWN = 1.5;

/** No sign is written longer. */
const MOST_WRITTEN = 4;

function clamp(line: string, max: number, wasCut: boolean): string {
  // Fits however it is written: nearly every text of a card, which need not be counted sign by sign.
  if (!wasCut && line.length * MOST_WRITTEN <= max * WRITTEN_PER_SHOWN) return line;
  const points = [...line];
  const fitting = countFitting(points, max);
  if (fitting === points.length && !wasCut) return line;
  return (
    points
      .slice(0, Math.min(fitting, max - 1))
      .join('')
      .trimEnd() + ELLIPSIS
  );
}

/** How many characters may stay, so that a card of nothing but escapes still fits into a message. */
function countFitting(points: readonly string[], max: number): number {
  let written = 0;
  for (const [index, point] of points.slice(0, max + 1).entries()) {
    written += writtenLength(point);
    if (index >= max || written > max * WRITTEN_PER_SHOWN) return index;
  }
  return points.length;
}

/** UTF-16 units in the card's JSON after the escape for Markdown. */
function writtenLength(point: string): number {
  if (point === '\\') return 4;
  if (point.search(ACTIVE) === 0) return 3;
  return point === '"' ? 2 : point.length;
}

/**
 * Outside text for places that show it as it is, or that some clients take for Markdown: toasts, spoken and fallback
 * text, button titles, plain messages. Cannot become a mention, a tag or a link, whichever way it is read.
 */
export function plain(text: string, max: number): string {
  return clean(text, max).replaceAll('<', '‹').replaceAll('>', '›').replaceAll('](', '] (');
}

/** Outside text in a run: a `TextRun` knows no Markdown. */
export function run(text: string, max: number, style: RunStyle = {}): TextRun {
  return { type: 'TextRun', text: plain(text, max), ...style };
}

/** Outside text as a block of its own. */
export function outside(text: string, max: number, style: RunStyle = {}): RichTextBlock {
  return { type: 'RichTextBlock', inlines: [run(text, max, style)] };
}

const ACTIVE = /[\\`*_[\]()<>#!~|&]/g;
const LIST_MARKER = /^(?:[-+]|\d{1,9}(?=\.(?:\s|$)))/;

/**
 * Outside text for `TextBlock.text`, `Fact.title` and `Fact.value`, where Teams reads Markdown. Every escape is a
 * backslash before ASCII punctuation (CommonMark 2.4); `max` counts the characters that are shown.
 */
export function escapeMarkdown(text: string, max: number): string {
  return clean(text, max)
    .replace(ACTIVE, '\\$&')
    .replaceAll('://', '\\://')
    .replace(/\bwww\./gi, (match) => `${match.slice(0, -1)}\\.`)
    .replace(LIST_MARKER, (marker) => (/\d/.test(marker) ? `${marker}\\` : `\\${marker}`));
}

/**
 * The same for a sentence of ours with times in it (`localTime`), which stay as they are; outside text in it went through
 * `plain` before. `max` counts each part between them.
 */
export function escapeTimed(text: string, max: number): string {
  // Between the parts stand the instants.
  const parts = text.split(LOCAL_TIME);
  return parts.map((part, index) => (index % 2 === 1 ? localTime(part) : escapePart(part, max))).join('');
}

function escapePart(part: string, max: number): string {
  const [before, after] = [part.startsWith(' ') ? ' ' : '', part.endsWith(' ') ? ' ' : ''];
  return `${before}${escapeMarkdown(part, max)}${after}`;
}

/** The text that a reader of escaped Markdown sees. */
export function unescapeMarkdown(text: string): string {
  return text.replace(/\\([!-/:-@[-`{-~])/g, '$1');
}
