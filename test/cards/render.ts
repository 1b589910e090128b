import { mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as AdaptiveCards from 'adaptivecards';
import type { Page } from 'playwright-core';
import { type Chromium, launchChromium } from '../browser/chromium.ts';
import { markdownHtml } from './markdown.ts';
import { parseProblems } from './parse.ts';
import { type CardSample, cardSamples } from './samples.ts';
import darkHostConfig from './teams-dark.host-config.json' with { type: 'json' };
import lightHostConfig from './teams-light.host-config.json' with { type: 'json' };

/** One way to look at a card: a theme and the width that the client gives it, in CSS pixels. */
interface Look {
  readonly name: 'light' | 'dark' | 'narrow';
  readonly theme: 'light' | 'dark';
  readonly width: number;
  readonly hostConfig: object;
}

const looks: readonly Look[] = [
  { name: 'light', theme: 'light', width: 480, hostConfig: lightHostConfig },
  { name: 'dark', theme: 'dark', width: 480, hostConfig: darkHostConfig },
  { name: 'narrow', theme: 'light', width: 320, hostConfig: lightHostConfig },
];

/** What the picture's page offers to the code that runs in it. */
interface PictureScope {
  readonly AdaptiveCards: typeof AdaptiveCards;
  readonly document: { getElementById(id: string): { replaceChildren(...nodes: unknown[]): void } };
}

/**
 * Draws every sample by the real renderer to `NAME.light.png`, `NAME.dark.png` and `NAME.narrow.png` in the folder, and gives
 * the files in that order. Throws when the library finds a problem in a card, naming the sample.
 */
export async function renderCards(samples: readonly CardSample[], folder: string): Promise<string[]> {
  const problems = samples.flatMap(({ name, card }) => parseProblems(card).map((problem) => `${name}: ${problem}`));
  if (problems.length > 0) throw new Error(`Cards with problems:\n  ${problems.join('\n  ')}`);
  await mkdir(folder, { recursive: true });
  const chromium = await launchChromium();
  try {
    const files: string[] = [];
    for (const look of looks) files.push(...(await renderLook(chromium, look, samples, folder)));
    return files;
  } finally {
    await chromium.close();
  }
}

async function renderLook(
  { context }: Chromium,
  look: Look,
  samples: readonly CardSample[],
  folder: string,
): Promise<string[]> {
  const page = await openPicture(await context.newPage(), look);
  const files: string[] = [];
  for (const { name, card } of samples) {
    const path = join(folder, `${name}.${look.name}.png`);
    await drawCard(page, card, look.hostConfig);
    await page.locator('#card').screenshot({ path });
    files.push(path);
  }
  await page.close();
  return files;
}

async function openPicture(page: Page, { theme, width }: Look): Promise<Page> {
  const { resolve } = createRequire(import.meta.url);
  await page.setViewportSize({ width, height: 800 });
  await page.setContent(
    `<!doctype html><html lang="en" data-theme="${theme}"><body><div id="card"></div></body></html>`,
  );
  await page.addScriptTag({ path: resolve('adaptivecards/dist/adaptivecards.min.js') });
  await page.addStyleTag({ path: resolve('adaptivecards/dist/adaptivecards.css') });
  await page.addStyleTag({ path: fileURLToPath(new URL('./teams.css', import.meta.url)) });
  return page;
}

async function drawCard(page: Page, card: object, hostConfig: object): Promise<void> {
  const html = Object.fromEntries(stringsIn(card).map((text) => [text, markdownHtml(text)]));
  await page.evaluate(
    ({ card, hostConfig, html }) => {
      const { AdaptiveCards, document } = globalThis as unknown as PictureScope;
      // The renderer has put in the times before it asks for the Markdown.
      const timed = (text: string) =>
        text.replace(/\{\{DATE\((\S+?),SHORT\)\}\} \{\{TIME\(\1\)\}\}/g, (_, iso: string) => {
          const [at, short] = [new Date(iso), 'short'] as const;
          const day = at.toLocaleDateString(undefined, {
            weekday: short,
            day: 'numeric',
            month: short,
            year: 'numeric',
          });
          return `${day} ${at.toLocaleTimeString(undefined, { hour: 'numeric', minute: '2-digit' })}`;
        });
      const shownHtml = Object.fromEntries(Object.entries(html).map((pair) => pair.map(timed)));
      AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
        result.outputHtml = shownHtml[text] ?? '';
        result.didProcess = text in shownHtml;
      };
      const shown = new AdaptiveCards.AdaptiveCard();
      shown.hostConfig = new AdaptiveCards.HostConfig(hostConfig);
      shown.parse(card);
      document.getElementById('card').replaceChildren(shown.render());
    },
    { card, hostConfig, html },
  );
}

/** Every text in a card: Markdown is turned into HTML here, so that the page needs no code of ours. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

/** Those whose names begin with any of these, all for none. Throws for a beginning that no name has. */
export function samplesNamed(beginnings: readonly string[]): readonly CardSample[] {
  const all = cardSamples();
  for (const beginning of beginnings) {
    if (all.some(({ name }) => name.startsWith(beginning))) continue;
    throw new Error(`No card's name begins with "${beginning}". There are ${all.map(({ name }) => name).join(', ')}.`);
  }
  return beginnings.length === 0
    ? all
    : all.filter(({ name }) => beginnings.some((beginning) => name.startsWith(beginning)));
}

if (import.meta.main) {
  // `npm run cards` draws all of them anew; `npm run cards -- digest status-trouble` those whose names begin like that.
  const beginnings = process.argv.slice(2);
  const samples = samplesNamed(beginnings);
  const folder = fileURLToPath(new URL('../../out/cards/', import.meta.url));
  if (beginnings.length === 0) await rm(folder, { recursive: true, force: true });
  const files = await renderCards(samples, folder);
  console.log(`${files.length} pictures in out/cards/`);
}
