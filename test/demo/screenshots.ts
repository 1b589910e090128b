import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions } from 'playwright-core';
import { reportHtml } from '../../bot/console/report-html.ts';
import { deploymentReport } from '../../services/domain/deployment-report.ts';
import { type Chromium, launchChromium } from '../browser/chromium.ts';
import { openPlayground } from '../browser/playground-page.ts';
import { aMonth } from '../report-samples.ts';
import { startDemo } from './start-demo.ts';

/** `npm run screenshots`: every picture of the documentation, made anew in docs/. Ends with 1 when one is too large to be kept. */

const fileOf = (name: string) => fileURLToPath(new URL(`../../docs/${name}.png`, import.meta.url));
const LARGEST = 300 * 1024;

/** The card that waits and the one that is blocked, as the demo shows them. */
async function ofPlayground(): Promise<string[]> {
  // Wide enough that the client shows its list of chats; scaled, or the file is too large.
  const viewport = { width: 1280, height: 2150 };
  const demo = await startDemo({ ports: { bot: 0, azureDevOps: 0, playground: 0 }, print: () => {} });
  try {
    return await inChromium({ viewport, deviceScaleFactor: 0.9 }, async ({ context }) => {
      const page = await openPlayground(await context.newPage(), demo.page ?? '');
      const card = page.card('Approve prod deployment of payments-api');
      const blocked = page.card('Blocked: prod deployment of orders-api');
      await blocked.waitFor();
      await page.fill('Comment', 'Release notes read, the cookie warning is planned for this sprint.', card);
      await page.page.mouse.click(viewport.width - 40, viewport.height / 2);
      await card.evaluate((element) =>
        (element as { scrollIntoView(how: object): void }).scrollIntoView({ block: 'center' }),
      );
      const files = [fileOf('card-in-playground'), fileOf('blocked-in-playground')] as const;
      await page.screenshot(files[0]);
      await blocked.screenshot({ path: files[1] });
      return [...files];
    });
  } finally {
    await demo.close();
  }
}

/** The first rows of the page that `countersign audit --html` writes. */
async function ofAudit(): Promise<string[]> {
  const title = {
    ...{ fromDay: '2026-10-01', toDay: '2026-11-01', zone: 'Europe/Berlin' },
    ...{ madeAt: '2026-11-02T08:00:00.000Z', evidence: 'its stored evidence' },
  };
  return inChromium({ viewport: { width: 1180, height: 1010 } }, async ({ context }) => {
    const page = await context.newPage();
    await page.setContent(reportHtml(deploymentReport(aMonth()), title).join('\n'));
    await page.screenshot({ path: fileOf('audit-report') });
    return [fileOf('audit-report')];
  });
}

async function inChromium<T>(options: BrowserContextOptions, look: (chromium: Chromium) => Promise<T>): Promise<T> {
  const chromium = await launchChromium(options);
  try {
    return await look(chromium);
  } finally {
    await chromium.close();
  }
}

for (const file of [...(await ofAudit()), ...(await ofPlayground())]) {
  const { size } = await stat(file);
  if (size > LARGEST) process.exitCode = 1;
  console.log(`${file}: ${Math.ceil(size / 1024)} KiB${size > LARGEST ? ', too large' : ''}`);
}
process.exit();
