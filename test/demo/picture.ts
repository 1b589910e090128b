import { fileURLToPath } from 'node:url';
import { launchChromium } from '../browser/chromium.ts';
import { openPlayground } from '../browser/playground-page.ts';
import { startDemo } from './start-demo.ts';

/** `node test/demo/picture.ts`: the two cards as the demo shows them, to docs/{card,blocked}-in-playground.png. */

const fileOf = (name: string) => fileURLToPath(new URL(`../../docs/${name}-in-playground.png`, import.meta.url));
/** Wide enough that the client shows its list of chats. */
const VIEWPORT = { width: 1280, height: 2150 };

const demo = await startDemo({ ports: { bot: 0, azureDevOps: 0, playground: 0 }, print: () => {} });
const chromium = await launchChromium({ viewport: VIEWPORT });
try {
  const page = await openPlayground(await chromium.context.newPage(), demo.page ?? '');
  const card = page.card('Approve prod deployment of payments-api');
  const blocked = page.card('Blocked: prod deployment of orders-api');
  await blocked.waitFor();
  await page.fill('Comment', 'Release notes read, the cookie warning is planned for this sprint.', card);
  await page.page.mouse.click(VIEWPORT.width - 40, VIEWPORT.height / 2);
  await card.evaluate((element) =>
    (element as { scrollIntoView(how: object): void }).scrollIntoView({ block: 'center' }),
  );
  await page.screenshot(fileOf('card'));
  await blocked.screenshot({ path: fileOf('blocked') });
} finally {
  await chromium.close();
  await demo.close();
}
