import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { NEEDED_ROLES } from '../../services/domain/platform-own-account-rules.ts';
import { PEOPLE_RULES } from '../../services/domain/platform-people-rules.ts';

// docs/permissions.md against what the code says when it is refused.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = readFileSync(join(ROOT, 'docs/permissions.md'), 'utf8');

function sourcesOf(folder: string): string {
  const files = globSync(`services/${folder}/*.ts`, { cwd: ROOT });
  return files.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');
}

/** The first cell of each row of a section's table, and the second. */
function rowsOf(title: string): (readonly [string, string])[] {
  const [, section = ''] = PAGE.split(`\n## ${title}\n`);
  const [, ...rows] = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| (.+?) \| (.+?) \|/gm)];
  return rows.map(([, first = '', second = '']) => [first, second]);
}

const distinct = (all: Iterable<string>) => [...new Set(all)].sort();
const groups = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => found);

/** What a refusal says has to be given: `give the bot "View audit log" (vso.auditlog) …`. */
const ASKED = sourcesOf('azure-devops')
  .split('\n')
  .filter((line) => /'(?:give the bot|make the bot) /.test(line))
  .join('\n');

test('each permission that a refusal of Azure DevOps names stands on the page, and each on the page is named by one', () => {
  const said = (text: string) => distinct(groups(text, /"([A-Z][^"]+)"/g));
  const asked = said(ASKED);

  expect(asked.length).toBeGreaterThan(5);
  expect(
    said(
      rowsOf('Azure DevOps')
        .map(([name]) => name)
        .join('\n'),
    ),
  ).toEqual(asked);
});

test('each scope of a token that a refusal names stands on the page, and each on the page is named by one', () => {
  const scopes = (text: string) => distinct(groups(text, /\b(vso\.[a-z_]+)/g));

  expect(
    scopes(
      rowsOf('Azure DevOps')
        .map(([, scope]) => scope)
        .join('\n'),
    ),
  ).toEqual(scopes(ASKED));
});

test('each line of a refusal names a permission that the page can be searched for', () => {
  const lines = ASKED.split('\n').filter((line) => !/"[A-Z]|role Reader|access to the organization/.test(line));

  expect(lines).toEqual([]);
});

test('each role that Azure is asked with stands on the page, with those that storage needs, and is what the own identity may have', () => {
  const asked = groups(sourcesOf('azure-resources'), /\brole: '([^']+)'(?!, may:)/g);
  const needed = distinct([...asked, 'Storage Table Data Contributor', 'Storage Blob Data Contributor']);

  expect(asked.length).toBeGreaterThan(0);
  expect(distinct(rowsOf('Azure').map(([role]) => role))).toEqual(needed);
  expect(distinct(NEEDED_ROLES)).toEqual(distinct(needed.map((role) => role.toLowerCase())));
});

test('each permission of Graph that the directory needs stands on the page, and each on the page is one that it needs', () => {
  const permissions = (text: string) => distinct(groups(text, /\b([A-Z]\w+\.Read(?:Write)?\.\w+)/g));

  expect(
    permissions(
      rowsOf('Microsoft Graph')
        .map(([name]) => name)
        .join('\n'),
    ),
  ).toEqual(permissions(sourcesOf('directory')));
});

test('platform.md has each rule about people with its severity', () => {
  const page = readFileSync(join(ROOT, 'docs/platform.md'), 'utf8');
  const [, section = ''] = page.split('\n## People\n');
  const rows = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| `([\w-]+)` \| (\w+) \|/gm)];

  expect(rows.map(([, id, severity]) => [id, severity]).sort()).toEqual(
    PEOPLE_RULES.map(({ id, severity }) => [id, severity]).sort(),
  );
});
