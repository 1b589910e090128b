import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clean, escapeMarkdown, outside, plain, unescapeMarkdown } from '../../cards/text.ts';
import { markdownHtml } from '../cards/markdown.ts';

test('outside text becomes a run, which knows no Markdown', () => {
  expect(outside('**bold**', 20)).toEqual({
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text: '**bold**' }],
  });
});

test('a line break of any kind becomes a blank', () => {
  expect(clean('a\r\nb\u0085c\u2028d\te', 20)).toBe('a b c d e');
});

test.each([
  ['a control', 'a\u0000b\u001bc\u009fd'],
  ['a bidi override', 'a\u202eb\u2066c\u200fd'],
  ['zero width', 'a\u200bb\u200dc\ufeffd'],
  ['an invisible tag or filler', 'a\u{e0041}b\u3164c\u00add'],
  ['half a character', 'a\ud800b\udc00cd'],
])('%s is left out', (_, text) => {
  expect(clean(text, 20)).toBe('abcd');
});

test('marks that pile up on a letter are cut, because they draw over other rows', () => {
  expect(clean(`e${'\u0301'.repeat(50)}`, 20)).toBe('e\u0301\u0301\u0301');
});

test('long text is cut by characters, never through one, and says so', () => {
  expect(clean('🙂🙂🙂🙂', 3)).toBe('🙂🙂…');
});

test('a megabyte is not read to its end', () => {
  expect(clean(`${'\u200b'.repeat(1_000_000)}a`, 10)).toBe('…');
});

test('a date macro of Adaptive Cards loses its meaning', () => {
  expect(clean('{{DATE(2020-01-01T00:00:00Z)}}', 60)).not.toContain('{{');
});

test('plain text cannot become a mention or a link', () => {
  expect(plain('<at>Bob</at> [x](https://e.example)', 60)).toBe('‹at›Bob‹/at› [x] (https://e.example)');
});

test.each([
  ['a link', '[Approve](https://evil.example)'],
  ['a picture', '![x](https://evil.example/t.png)'],
  ['emphasis', '**bold** _thin_ ~~gone~~ `code`'],
  ['a mention', '<at>Everyone</at>'],
  ['a dash list', '- item'],
  ['a plus list', '+ item'],
  ['a star list', '* item'],
  ['a numbered list', '1. item'],
  ['a numbered list with a bracket', '1) item'],
  ['a heading', '# big'],
  ['a quotation', '> said'],
  ['a rule', '---'],
  ['a bare address', 'https://evil.example www.evil.example'],
  ['an entity', '&lt;at&gt;'],
  ['an escape', '\\[x\\](https://evil.example)'],
])('%s stays text where Markdown is read', (_, text) => {
  const escaped = escapeMarkdown(text, 100);

  expect(markdownHtml(escaped)).not.toMatch(/<(a|strong|em|ul|ol|img|at)\b/);
  expect(escaped).not.toContain('<at>');
  expect(escaped).not.toMatch(/[^\\]:\/\/|www\./);
});

test('names that need no escape keep their look', () => {
  expect(escapeMarkdown('payments-api 20261123.4 v1.2', 60)).toBe('payments-api 20261123.4 v1.2');
});

test('what is escaped reads the same afterwards', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
      expect(unescapeMarkdown(escapeMarkdown(text, 100))).toBe(clean(text, 100));
    }),
    { seed: 7, numRuns: 500 },
  );
});

test('no text leaves an active character without its escape', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 60 }), (text) => {
      const bare = escapeMarkdown(text, 100).replace(/\\[!-/:-@[-`{-~]/g, '');
      expect(bare).not.toMatch(/[\\`*_[\]()<>#!~|&]/);
    }),
    { seed: 7, numRuns: 500 },
  );
});
