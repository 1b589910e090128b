import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chromium, launchChromium } from '../browser/chromium.ts';
import { openPlayground, type PlaygroundPage } from '../browser/playground-page.ts';
import { DEMO_TENANT, playgroundConfig, readPeople } from '../demo/playground-config.ts';
import type { SimulatedCheck } from '../fakes/azure-devops-model.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { CHECK_KEY, type Countersign, startCountersign } from '../fakes/countersign.ts';
import { type Playground, startPlayground } from '../fakes/playground.ts';
import { nextWorkingNoon } from '../fakes/working-noon.ts';

// One exception from the block to its end and the block after it, by the cards of two people and one command, each person before
// a Teams client of their own. The bot's clock runs ahead; everything else is real.

const adele = { displayName: 'Adele Vance', id: PEOPLE.adele, uniqueName: 'adele.vance@contoso.example' };
const DAY = 86_400_000;
const LONG = 240_000;

// Reminders wait for working hours: every day that passes is at noon.
let ahead = nextWorkingNoon(Date.now()) - Date.now();
const clock = { now: () => new Date(Date.now() + ahead).toISOString() };
const dayFromNow = (days: number) => new Date(Date.now() + ahead + days * DAY).toISOString().slice(0, 10);

let countersign: Countersign;
let chromium: Chromium;
const clients: Playground[] = [];
let requester: PlaygroundPage;
let lead: PlaygroundPage;
let check: SimulatedCheck;

beforeAll(async () => {
  const env = { BOT_TENANT_ID: DEMO_TENANT };
  [countersign, chromium] = await Promise.all([
    startCountersign({ env, clock }),
    launchChromium({ viewport: { width: 1280, height: 1600 } }),
  ]);
  requester = await clientOf('Adele Vance');
  lead = await clientOf('Megan Bowen');
  check = await deploy();
}, LONG);
afterAll(async () => {
  await chromium?.close();
  await Promise.all(clients.map((client) => client.close()));
  await countersign?.close();
});

async function clientOf(name: string): Promise<PlaygroundPage> {
  const directory = new URL('../../manifest/policy/directory.yaml', import.meta.url);
  const config = playgroundConfig(await readPeople(directory.pathname), name);
  const client = await startPlayground({ botUrl: `${countersign.url}/api/messages`, config, port: 0 });
  clients.push(client);
  const page = await openPlayground(await chromium.context.newPage(), client.url);
  await page.waitForText('Hello, this is Countersign');
  return page;
}

async function deploy(): Promise<SimulatedCheck> {
  const { azureDevOps, url, report } = countersign;
  const pipeline = azureDevOps.addPipeline({ name: 'payments-api-deploy', repository: 'payments-api' });
  const run = azureDevOps.queueRun({ pipeline, requestedFor: adele });
  const query = { service: 'payments-api', commit: run.commit, runId: String(run.id) };
  await report('semgrep-payments.sarif', query);
  await report('gitleaks-orders.sarif', query);
  const waiting = azureDevOps.startCheck(run, { environment: 'prod', stage: 'Deploy', service: 'payments-api' });
  await azureDevOps.deliver(waiting, `${url}/api/azure-devops/checks`, CHECK_KEY);
  return waiting;
}

/** Lets a day after a day pass, until what is looked for is there. */
async function passUntil(isThere: () => Promise<boolean>, days: number): Promise<void> {
  for (let day = 1; day <= days; day += 1) {
    ahead += DAY;
    // A tick of the scheduler at least; after the last day as long as it takes to read what came due.
    const looks = day === days ? 200 : 13;
    for (let look = 0; look < looks; look += 1) {
      if (await isThere()) return;
      await requester.page.waitForTimeout(500);
    }
  }
  throw new Error(`nothing was seen within ${days} days`);
}

const shows = (page: PlaygroundPage, text: string | RegExp) => async () =>
  (await page.page.locator('.ac-adaptiveCard').filter({ hasText: text }).count()) > 0;

async function fillIn(until: string, why: string): Promise<void> {
  const form = requester.card('It would hide');
  await requester.choose('Kind of reason', 'a fix is scheduled', form);
  await requester.fill('Reason: why', why, form);
  await requester.fill('Last day on which it covers', until, form);
  await requester.press('Ask for it', form);
}

test('the blocked gate offers an exception, and its form says what it would hide', async () => {
  await requester.press('Request exception', requester.card('Blocked'));
  await requester.card('It would hide').waitFor();
  expect(await requester.card('It would hide').textContent()).toContain('1 finding');
  expect(await requester.card('It would hide').textContent()).toContain('security-leads');
});

test(
  'a second person grants it, and the same run goes on without being run again',
  async () => {
    await fillIn(dayFromNow(5), 'The key is revoked, the history is rewritten next week');
    await requester.card('EX-1').waitFor();
    await lead.card('EX-1').waitFor();
    await lead.press('Approve', lead.card('EX-1'));
    await lead.card('deployment of payments-api').waitFor();
    await lead.press('Approve', lead.card('deployment of payments-api'));
    await expect.poll(() => countersign.azureDevOps.verdictOf(check), { timeout: 20_000 }).toBe('succeeded');
  },
  LONG,
);

test(
  'when its review is due its owner is asked, and keeps it with a reason',
  async () => {
    await passUntil(shows(requester, 'Is EX-1 still needed'), 5);
    // A message that is brought up to date while somebody writes takes what was written with it: it is written again.
    await expect
      .poll(
        async () => {
          const review = requester.card('Why (required to keep or shrink)');
          await requester.fill('Why', 'the rewrite is planned for this week', review);
          await requester.press('Keep', review);
          await requester.page.waitForTimeout(2_000);
          return shows(requester, 'the rewrite is planned for this week')();
        },
        { timeout: 60_000 },
      )
      .toBe(true);
  },
  LONG,
);

test(
  'it is renewed by a command, and granted anew by the second person from their card',
  async () => {
    await requester.say(`renew EX-1 until ${dayFromNow(2)} because the rewrite takes one more week`);
    await requester.card('EX-2').waitFor();
    await lead.card('EX-2').waitFor();
    expect(await lead.card('EX-2').textContent()).toContain('1st renewal of 1');
    await lead.press('Approve', lead.card('EX-2'));
    await requester.card(/EX-2.*(granted|in force)/i).waitFor();
  },
  LONG,
);

test(
  'once it has ended both are told, and the next run is blocked again',
  async () => {
    await passUntil(shows(requester, /EX-2.*(expired|has ended|is over)/i), 5);
    const again = await deploy();
    await requester.card(/Blocked/).waitFor();
    expect(countersign.azureDevOps.verdictOf(again)).toBeUndefined();
  },
  LONG,
);
