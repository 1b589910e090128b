import { expect, test } from 'vitest';
import { markdownHtml } from '../cards/markdown.ts';

test.for([
  ['bold', '**1 of 2** approvals', '<p><strong>1 of 2</strong> approvals</p>'],
  ['italic by underscores', 'until _Friday_', '<p>until <em>Friday</em></p>'],
  ['italic by asterisks', 'until *Friday*', '<p>until <em>Friday</em></p>'],
  ['italic inside bold', '**by _Ann_**', '<p><strong>by <em>Ann</em></strong></p>'],
  [
    'a link',
    '[run 7](https://dev.azure.com/x?a=1&b=2)',
    '<p><a href="https://dev.azure.com/x?a=1&#38;b=2">run 7</a></p>',
  ],
  ['a bulleted list', '- one\n- **two**', '<ul><li>one</li><li><strong>two</strong></li></ul>'],
  ['a numbered list', '1. one\r2. two', '<ol><li>one</li><li>two</li></ol>'],
  ['a list after a line', 'Found:\n- one', '<p>Found:</p><ul><li>one</li></ul>'],
  ['paragraphs', 'one\n\ntwo', '<p>one</p><p>two</p>'],
] as const)('%s is rendered', ([, text, html]) => {
  expect(markdownHtml(text)).toBe(html);
});

test.for([
  ['markup', '<img src=x onerror="x">', '<p>&#60;img src=x onerror=&#34;x&#34;&#62;</p>'],
  ['an underscore inside a word', 'payments_api_v2', '<p>payments_api_v2</p>'],
  ['an escaped character', '\\*not bold\\* \\[x](https://y.z)', '<p>*not bold* [x](https://y.z)</p>'],
  ['a link that runs a script', '[x](javascript:alert)', '<p>[x](javascript:alert)</p>'],
  ['a heading', '# Title', '<p># Title</p>'],
  ['an image', 'see ![x](data:image/png)', '<p>see ![x](data:image/png)</p>'],
] as const)('%s stays text', ([, text, html]) => {
  expect(markdownHtml(text)).toBe(html);
});
