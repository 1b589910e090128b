import { expect, test } from 'vitest';
import { readCodeowners } from '../../services/domain/codeowners.ts';
import { globMatches } from '../../services/domain/glob.ts';

/** Whose the path is: of the globs that match, the first counts. `nobody`: it matches a line that names no team. */
function ownerOf(text: string, path: string): string | undefined {
  const found = readCodeowners(text).paths.find(({ glob }) => globMatches(glob, path));
  return found === undefined ? undefined : (found.owner ?? 'nobody');
}

const problemsOf = (text: string) => readCodeowners(text).problems.map(({ line, message }) => `${line} ${message}`);

test('the last pattern that matches wins, wherever it stands', () => {
  const text = '* @shop/all\n/infra/ @shop/platform\n/infra/dns/ @shop/net\n';

  expect(ownerOf(text, 'src/a.ts')).toBe('group:all');
  expect(ownerOf(text, 'infra/main.bicep')).toBe('group:platform');
  expect(ownerOf(text, 'infra/dns/zone.bicep')).toBe('group:net');
  expect(ownerOf('/infra/ @shop/platform\n* @shop/all\n', 'infra/main.bicep')).toBe('group:all');
});

test.each([
  ['*', ['a', 'a/b/c.ts'], []],
  ['*.tf', ['main.tf', 'infra/net/main.tf'], ['main.tfvars']],
  ['docs', ['docs', 'docs/a/b.md', 'x/docs/c.md'], ['docs2/a.md', 'mydocs']],
  ['docs/', ['docs/a/b.md', 'x/docs/c.md'], ['docs']],
  ['/docs/', ['docs/a/b.md'], ['x/docs/c.md']],
  ['/docs', ['docs', 'docs/a.md'], ['x/docs']],
  ['docs/*', ['docs/a.md'], ['docs/a/b.md', 'x/docs/a.md']],
  ['src/app', ['src/app/a.ts', 'src/app'], ['x/src/app/a.ts']],
  ['**/logs', ['logs', 'a/b/logs/today.txt'], ['catalogs']],
  ['src/**/test', ['src/test/a', 'src/a/b/test/c'], ['test/a']],
  ['/a/**', ['a/b', 'a/b/c'], ['b/a/c']],
  ['/v?.txt', ['v1.txt'], ['v12.txt', 'x/v1.txt']],
  ['/my\\ docs/', ['my docs/a.md'], ['my/a.md']],
])('the pattern %s means what GitHub means by it', (pattern, inside, outside) => {
  const text = `${pattern} @shop/team`;

  expect(inside.filter((path) => ownerOf(text, path) !== 'group:team')).toEqual([]);
  expect(outside.filter((path) => ownerOf(text, path) !== undefined)).toEqual([]);
});

test('comments and empty lines are passed over, behind owners too', () => {
  const text = '# all\n\n  \n*.ts @shop/web # @shop/other\r\n';

  expect(ownerOf(text, 'a.ts')).toBe('group:web');
  expect(problemsOf(text)).toEqual([]);
});

test('of several teams the first counts', () => {
  expect(ownerOf('* @shop/one @shop/two', 'a')).toBe('group:one');
});

test('a line without a team takes the path from earlier owners', () => {
  expect(ownerOf('* @shop/all\n/apps/\n', 'apps/a.ts')).toBe('nobody');
  expect(ownerOf('* @shop/all\n/apps/ @octocat\n', 'apps/a.ts')).toBe('nobody');
});

test('a user name and an address own nothing, which is said with the way out', () => {
  expect(problemsOf('* @shop/all\n*.js @octocat docs@shop.example @shop/web')).toEqual([
    expect.stringMatching(/^2 "@octocat" is no team, .*allowed: @org\/team, or .*user:object-id$/),
    expect.stringMatching(/^2 "docs@shop\.example" is no team/),
  ]);
  expect(ownerOf('*.js @octocat @shop/web', 'a.js')).toBe('group:web');
});

test.each([
  ['!/docs/', /takes something out/],
  ['[ab].txt', /has \[ \]/],
  ['^[Section]', /has \[ \]/],
  ['a\\*b', /backslash/],
  ['/', /names no path/],
  ['x'.repeat(301), /longer than 300/],
])('the pattern %s is named and left out', (pattern, why) => {
  const text = `* @shop/all\n${pattern} @shop/team`;

  expect(problemsOf(text)).toEqual([expect.stringMatching(why)]);
  expect(readCodeowners(text).paths).toEqual([{ glob: '**/*', owner: 'group:all' }]);
});

test('a file of more patterns than are held against every path is not used, and says so', () => {
  const lines = (count: number) => Array.from({ length: count }, (_, n) => `/p${n} @shop/team`).join('\n');

  expect(readCodeowners(lines(500)).paths).toHaveLength(1000);
  expect(readCodeowners(lines(501))).toEqual({
    paths: [],
    problems: [{ line: 501, message: expect.stringContaining('up to 500') }],
  });
});
