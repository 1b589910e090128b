import { readFile } from 'node:fs/promises';
import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { packageTeamsApp, type TeamsAppValues } from '../../manifest/teams-package.ts';

const VALUES: TeamsAppValues = {
  botId: '3f2b1c4d-1111-4222-8333-444455556666',
  url: 'https://countersign.contoso.example',
  publisher: 'Contoso',
  website: 'https://contoso.example',
  version: '1.2.3',
};
const ROOT = new URL('../../manifest/', import.meta.url);
const source = async (name: string): Promise<Uint8Array> => readFile(new URL(name, ROOT));
const UNKNOWN = '$'.concat('{{WHAT}}');

async function problemsOf(over: Partial<TeamsAppValues>, from = source): Promise<readonly string[]> {
  const made = await packageTeamsApp({ ...VALUES, ...over }, from);
  return 'problems' in made ? made.problems : [];
}

async function filesOf(values = VALUES): Promise<Readonly<Record<string, Uint8Array>>> {
  const made = await packageTeamsApp(values);
  if ('problems' in made) throw new Error(made.problems.join('\n'));
  return unzipSync(made.zip);
}

test('manifest and icons lie at the root of the package, and no placeholder is left', async () => {
  const files = await filesOf();
  expect(Object.keys(files)).toEqual(['manifest.json', 'color.png', 'outline.png']);
  const text = strFromU8(files['manifest.json'] ?? new Uint8Array());
  expect(text).not.toContain('{{');
  expect(JSON.parse(text)).toMatchObject({
    version: '1.2.3',
    id: VALUES.botId,
    bots: [{ botId: VALUES.botId }],
    developer: { name: 'Contoso', privacyUrl: VALUES.website, termsOfUseUrl: VALUES.website },
    validDomains: ['countersign.contoso.example', 'token.botframework.com'],
    webApplicationInfo: { resource: `api://botid-${VALUES.botId}` },
  });
});

test('the same values make the same bytes', async () => {
  const [first, second] = await Promise.all([packageTeamsApp(VALUES), packageTeamsApp(VALUES)]);
  expect(first).toEqual(second);
});

test.each([
  [{ botId: 'countersign' }, '--bot-id'],
  [{ url: 'http://countersign.contoso.example' }, '--url'],
  [{ url: '' }, '--url'],
  [{ publisher: ' ' }, '--publisher'],
  [{ version: '1.2' }, '--app-version'],
  [{ website: 'contoso.example' }, '/developer/websiteUrl'],
  [{ publisher: 'C'.repeat(33) }, '/developer/name'],
] satisfies readonly (readonly [Partial<TeamsAppValues>, string])[])(
  '%j makes no package: %s is named',
  async (over, named) => {
    expect((await problemsOf(over)).join('\n')).toContain(named);
  },
);

test('a value stays the text that it is', async () => {
  const publisher = 'A", "x": "\\u0000';
  const { 'manifest.json': manifest = new Uint8Array() } = await filesOf({ ...VALUES, publisher });
  expect(JSON.parse(strFromU8(manifest))).toMatchObject({ developer: { name: publisher } });
});

test('a manifest of another shape, or with a placeholder that nobody fills, makes no package', async () => {
  const changed = (change: (text: string) => string) => async (name: string) =>
    name === 'manifest.json' ? new TextEncoder().encode(change(strFromU8(await source(name)))) : source(name);
  expect(
    (
      await problemsOf(
        {},
        changed((text) => text.replace('"bots"', '"robots"')),
      )
    ).join(),
  ).toContain('robots');
  const unknown = changed((text) => text.replace('may this go', () => UNKNOWN));
  expect(await problemsOf({}, unknown)).toEqual([`manifest.json: nothing is known for ${UNKNOWN}`]);
});

test('an icon of another size, or none, makes no package', async () => {
  const swapped = (name: string) => source(name === 'icons/outline.png' ? 'icons/color.png' : name);
  expect(await problemsOf({}, swapped)).toEqual(['icons/outline.png must be 32 × 32 pixels, it is 192 × 192']);
  const none = async (name: string) => (name === 'icons/color.png' ? new Uint8Array(3) : source(name));
  expect(await problemsOf({}, none)).toEqual(['icons/color.png must be 192 × 192 pixels, it is no PNG']);
});
