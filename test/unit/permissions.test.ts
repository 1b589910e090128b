import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { NEEDED_ROLES } from '../../services/domain/platform-own-account-rules.ts';
import { PLATFORM_RULES } from '../../services/domain/platform-rule-table.ts';

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

test('each role that Azure is asked with stands on the page, with those that storage and keys need, and is what the own identity may have', () => {
  const asked = groups(sourcesOf('azure-resources'), /\brole: '([^']+)'(?!, may:)/g);
  const stored = ['Storage Table Data Contributor', 'Storage Blob Data Contributor'];
  const needed = distinct([...asked, ...stored, 'Key Vault Crypto User']);

  expect(asked.length).toBeGreaterThan(0);
  // A row that begins with a dash says more of the role above it.
  const roles = rowsOf('Azure').map(([role = '']) => role);
  expect(distinct(roles.filter((role) => !role.startsWith('–')))).toEqual(needed);
  expect(distinct(NEEDED_ROLES)).toEqual(distinct(needed.map((role) => role.toLowerCase())));
});

/** Each file that asks Azure for something, and by what words the page says for what. */
const ASKS_AZURE: Readonly<Record<string, readonly string[]>> = {
  'activity-log': ['activity log'],
  'baseline-resources': ['`baseline`'],
  'managed-identities': ['user-assigned managed identities'],
  'resource-graph': ['resources with their tags'],
  'role-assignments': ['role assignments', 'eligibilities', 'what roles allow'],
  'subscription-lists': ['states of Azure Policy', 'assessments', 'alerts', 'plans'],
  subscriptions: ['their names'],
};

test('each thing that Azure is asked for stands on the page with its purpose, and every provider with the role that it takes', () => {
  const asking = globSync('services/azure-resources/*.ts', { cwd: ROOT }).filter((file) =>
    /= create(?:ResourceGraphClient|ArmPages|Subscriptions)\(|: createArmPages\(/.test(
      readFileSync(join(ROOT, file), 'utf8'),
    ),
  );
  expect(asking.map((file) => basename(file, '.ts')).sort()).toEqual(Object.keys(ASKS_AZURE).sort());
  const purposes = (PAGE.split('\n## Azure\n')[1] ?? '').split('\n## ')[0] ?? '';
  for (const words of Object.values(ASKS_AZURE).flat()) expect(purposes).toContain(words);

  const providers = (text: string) => distinct(groups(text, /\b(Microsoft\.[A-Z]\w+)/g));
  expect(providers(purposes)).toEqual(providers(sourcesOf('azure-resources')));
});

test('each permission of Graph that the directory needs stands on the page, and each on the page is one that it needs', () => {
  const permissions = (text: string) => distinct(groups(text, /\b([A-Z]\w+\.Read(?:Write)?\.\w+)/g));

  expect(
    permissions(
      rowsOf('Microsoft Graph')
        .map(([name]) => name)
        .join('\n'),
    ),
  ).toEqual(permissions(sourcesOf('directory')).filter((name) => name !== ONLY_TO_SET_UP));
  expect(PAGE).toContain(`| \`${ONLY_TO_SET_UP}\` |`);
});

/** Asked by whoever installs the app, never by the bot. */
const ONLY_TO_SET_UP = 'AppCatalog.Read.All';

test('platform.md has each rule once, with its severity, and no other', () => {
  const page = readFileSync(join(ROOT, 'docs/platform.md'), 'utf8');
  const said = [...page.matchAll(/^\| `([a-z-]+)` \| (\w+) \|/gm)].map(([, id, severity]) => `${id} ${severity}`);
  const rules = [...PLATFORM_RULES, { id: 'platform-not-readable', severity: 'medium' }];

  expect(said.sort()).toEqual(rules.map(({ id, severity }) => `${id} ${severity}`).sort());
});
