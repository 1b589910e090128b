import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AppManifestUtils } from '@microsoft/app-manifest';
import { strToU8, zipSync } from 'fflate';

/** What the manifest leaves open. */
export interface TeamsAppValues {
  /** Entra application id of the bot, which is the id of the app too. */
  readonly botId: string;
  /** Where the bot is reached (https). */
  readonly url: string;
  /** Who runs it, at most 32 characters, as Teams shows it. */
  readonly publisher: string;
  readonly website: string;
  /** As `website` when left out. */
  readonly privacy?: string | undefined;
  readonly terms?: string | undefined;
  /** Semantic version; Teams takes an update only under a higher one. */
  readonly version: string;
}

export type TeamsPackage = { readonly zip: Uint8Array } | { readonly problems: readonly string[] };

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Pixels of each icon: Microsoft's manifest reference, `icons`. */
const ICONS = { 'color.png': 192, 'outline.png': 32 } as const;
/** The earliest time that a ZIP can name: the same values make the same bytes. */
const EPOCH = '1980-01-01T00:00:00';

/**
 * The ZIP that Teams takes: manifest and icons at its root. Problems where the manifest breaks Microsoft's own schema, which
 * comes with `@microsoft/app-manifest`, or what the schema does not say: sizes of icons, ids, addresses, placeholders left.
 */
export async function packageTeamsApp(values: TeamsAppValues, source = readSource): Promise<TeamsPackage> {
  const icons = await Promise.all(
    Object.keys(ICONS).map(async (name) => [name, await source(`icons/${name}`)] as const),
  );
  const text = filled(new TextDecoder().decode(await source('manifest.json')), values);
  const problems = [...valueProblems(values), ...(await manifestProblems(text)), ...icons.flatMap(iconProblems)];
  if (problems.length > 0) return { problems };
  const files = { 'manifest.json': strToU8(text), ...Object.fromEntries(icons) };
  return { zip: zipSync(files, { mtime: EPOCH, level: 9 }) };
}

function readSource(name: string): Promise<Uint8Array> {
  return readFile(fileURLToPath(new URL(name, import.meta.url)));
}

/** Each value as JSON writes it: none can end the text it stands in. */
function filled(text: string, values: TeamsAppValues): string {
  const { botId, url, publisher, website, privacy = website, terms = website, version } = values;
  const given: Readonly<Record<string, string>> = {
    APP_ID: botId,
    BOT_ID: botId,
    HOST: URL.parse(url)?.host ?? '',
    PUBLISHER: publisher,
    WEBSITE_URL: website,
    PRIVACY_URL: privacy,
    TERMS_URL: terms,
    VERSION: version,
  };
  return text.replaceAll(/\$\{\{(\w+)\}\}/g, (whole, name: string) => {
    const value = given[name];
    return value === undefined ? whole : JSON.stringify(value).slice(1, -1);
  });
}

function valueProblems({ botId, url, publisher, version }: TeamsAppValues): string[] {
  const isAddress = URL.parse(url)?.protocol === 'https:';
  return [
    ...(GUID.test(botId) ? [] : [`--bot-id must be the GUID of the bot's registration, got "${botId}"`]),
    ...(isAddress ? [] : [`--url must be the https address of the bot, got "${url}"`]),
    ...(publisher.trim() === '' ? ['--publisher must say who runs it'] : []),
    ...(/^\d+\.\d+\.\d+$/.test(version) ? [] : [`--app-version must be a version like 1.2.3, got "${version}"`]),
  ];
}

async function manifestProblems(text: string): Promise<string[]> {
  const left = [...new Set(text.match(/\$\{\{\w*\}\}/g))];
  const problems = await AppManifestUtils.validateAgainstSchema(JSON.parse(text));
  return [
    ...left.map((placeholder) => `manifest.json: nothing is known for ${placeholder}`),
    ...problems.map((problem) => `manifest.json: ${problem}`),
  ];
}

/** Width and height stand at fixed places of a PNG (RFC 2083, 11.2.1). */
function iconProblems([name, bytes]: readonly [string, Uint8Array]): string[] {
  const size = ICONS[name as keyof typeof ICONS];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isPng = bytes.length > 24 && view.getUint32(0) === 0x89504e47;
  const is = isPng ? `${view.getUint32(16)} × ${view.getUint32(20)}` : 'no PNG';
  return is === `${size} × ${size}` ? [] : [`icons/${name} must be ${size} × ${size} pixels, it is ${is}`];
}
