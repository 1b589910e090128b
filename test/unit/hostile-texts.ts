import type { IAdaptiveCard } from 'adaptivecards';
import fc from 'fast-check';
import { aRun } from '../builders.ts';
import { markdownIn, objectsIn } from '../cards/read.ts';

const RUN_PAGE = aRun().url;

const fragments = fc.constantFrom(
  '[Approve](https://evil.example/a)',
  '![x](https://evil.example/t.png)',
  '<at>Everyone</at>',
  '<a href="https://evil.example">x</a>',
  '**',
  '__',
  '~~',
  '`',
  '\\',
  '"',
  '|',
  '&lt;',
  '- ',
  '1. ',
  '# ',
  '> ',
  '\n',
  '\r\n',
  '\u2028',
  '\u0000',
  '\u001b[31m',
  '\u202e',
  '\u2066',
  '\u200b',
  '\ufeff',
  '\u{e0041}',
  '\ud800',
  'a\u0301\u0301\u0301\u0301\u0301',
  '{{DATE(2020-01-01T00:00:00Z)}}',
  '{{DATE(2020-01-01T00:00:00Z,SHORT)}} {{TIME(2020-01-01T00:00:00Z)}}',
  '{{',
  '{{TIME(2020-01-01T00:00:00Z)}}',
  '🙂',
  'javascript:alert(1)',
  'prod',
  '✓ pass',
  'x'.repeat(120),
);
/** Texts that try to be more than text. */
export const hostile = fc.oneof(
  fc.array(fragments, { minLength: 1, maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

const ESCAPED = /\\[!-/:-@[-`{-~]/g;
const ACTIVE = /[\\`*_[\]()<>#!~|&]|:\/\/|^[-+]|^\d+\.(\s|$)|\{\{\s*(DATE|TIME)/i;
/** The times of the record; those that hostile text brings are of 2020. */
const OWN_TIME = /\{\{DATE\(((?!2020)\d{4}-[^)]{15}),SHORT\)\}\} \{\{TIME\(\1\)\}\}/g;
/** In JSON; behind a backslash that is text itself stands no escape, but a rule that is shown to be pasted. */
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Cs}]|(?<!\\)(?:\\\\)*\\u(?:00[01]|d[89a-f])/iu;
const BY_NAME = ['selectAction', 'entities', 'backgroundImage', 'iconUrl'];

/** A page of the configured organization, as a browser reads the address. */
function isOurs(url: string): boolean {
  return url === RUN_PAGE || (new URL(url).href === url && /^https:\/\/dev\.azure\.com\/contoso\/[^/]+\/_/.test(url));
}

/** A text that is a link of ours and nothing else, to a page of the configured organization or of the portal. */
const OWN_LINK =
  /^\[(?:Checks|Policy|Alerts|Access|Connection|Mend it)\]\(https:\/\/(?:dev\.azure\.com\/contoso\/(?:[\w.~!*'%-]+\/)?_(?:environments|settings)\/[\w.~!*'%+=?/-]+|portal\.azure\.com\/#view\/Microsoft_[\w/~]+)\)$/;

/** What in a card is more than text; collected, because seventy thousand cards hold millions of values. */
export function harmIn(card: IAdaptiveCard): string[] {
  const spoken = JSON.stringify({ speak: card.speak, said: card['fallbackText'] });
  const body = JSON.stringify(card.body, (key, value) => (key === 'text' && OWN_LINK.test(String(value)) ? '' : value));
  const shown = `${body.replace(OWN_TIME, '')}${spoken}`;
  const texts = markdownIn(card).filter((text) => !OWN_LINK.test(text));
  return [
    ...texts.filter((text) => ACTIVE.test(text.replace(OWN_TIME, '').replace(ESCAPED, '□'))),
    ...objectsIn(card).flatMap((object) => [
      ...('url' in object && !isOurs(String(object['url'])) ? [`url ${object['url']}`] : []),
      ...BY_NAME.filter((name) => name in object),
    ]),
    ...(shown.match(/<at>|\]\(|\{\{DATE/) ?? []),
    ...(shown.match(UNSHOWN) ?? []),
  ];
}

/** Of every run; fast-check prints it with the string that fails. */
export const SEED = 20261123;

/** What a field may be full of, with its name. */
export const UNITS: readonly (readonly [name: string, unit: string])[] = [
  ['letters', 'x'],
  ['quotation marks', '"'],
  ['backslashes', '\\'],
  ['stars', '*'],
  ['emoji', '🙂'],
  ['blanks between letters', 'a '],
  ['angle brackets', '<>'],
];
