import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chromium, launchChromium } from '../browser/chromium.ts';
import { openPlayground, type PlaygroundPage } from '../browser/playground-page.ts';
import { DEMO_TENANT, playgroundConfig, readPeople } from '../demo/playground-config.ts';
import type { SimulatedCheck } from '../fakes/azure-devops-model.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { CHECK_KEY, type Countersign, startCountersign } from '../fakes/countersign.ts';
import { type Playground, startPlayground } from '../fakes/playground.ts';
import { edited } from '../fakes/policy-folder.ts';

// Two people, each before a Teams client of their own, and a route that wants both of them.

const adele = { displayName: 'Adele Vance', id: PEOPLE.adele, uniqueName: 'adele.vance@contoso.example' };

let folder: string;
let countersign: Countersign;
let chromium: Chromium;
const clients: Playground[] = [];
let alex: PlaygroundPage;
let megan: PlaygroundPage;
let check: SimulatedCheck;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-quorum-'));
  await cp(fileURLToPath(new URL('../../manifest/policy', import.meta.url)), folder, { recursive: true });
  const one = '- { quorum: 1, from: ["group:payments-leads"] }';
  await edited(folder, ['routes.yaml', one, one.replace('quorum: 1', 'quorum: 2')]);
  // Out of working hours others would be asked at once.
  await edited(folder, ['routes.yaml', /^ +escalateTo: .*$/gm, '']);
  const env = { POLICY_DIR: folder, DIRECTORY_FILE: join(folder, 'directory.yaml'), BOT_TENANT_ID: DEMO_TENANT };
  [countersign, chromium] = await Promise.all([
    startCountersign({ env }),
    launchChromium({ viewport: { width: 1280, height: 1000 } }),
  ]);
  alex = await clientOf('Alex Wilber');
  megan = await clientOf('Megan Bowen');
  check = await aDeployment();
});
afterAll(async () => {
  await chromium?.close();
  await Promise.all(clients.map((client) => client.close()));
  await countersign?.close();
  await rm(folder, { recursive: true, force: true });
});

async function clientOf(name: string): Promise<PlaygroundPage> {
  const config = playgroundConfig(await readPeople(join(folder, 'directory.yaml')), name);
  const client = await startPlayground({ botUrl: `${countersign.url}/api/messages`, config, port: 0 });
  clients.push(client);
  const page = await openPlayground(await chromium.context.newPage(), client.url);
  await page.waitForText('Hello, this is Countersign');
  return page;
}

async function aDeployment(): Promise<SimulatedCheck> {
  const { azureDevOps, url, report } = countersign;
  const pipeline = azureDevOps.addPipeline({ name: 'payments-api-deploy', repository: 'payments-api' });
  const run = azureDevOps.queueRun({ pipeline, requestedFor: adele });
  const query = { service: 'payments-api', commit: run.commit, runId: String(run.id) };
  await report('semgrep-payments.sarif', query);
  await report('gitleaks-clean.sarif', query);
  const waiting = azureDevOps.startCheck(run, { environment: 'prod', stage: 'Deploy', service: 'payments-api' });
  await azureDevOps.deliver(waiting, `${url}/api/azure-devops/checks`, CHECK_KEY);
  return waiting;
}

/** The card itself, not an answer that came later. */
const cardOf = (page: PlaygroundPage) =>
  page.page.locator('.ac-adaptiveCard').filter({ hasText: 'deployment of payments-api' }).first();

test('both are asked, and read that two of them are needed', async () => {
  for (const page of [alex, megan]) {
    await cardOf(page).waitFor();
    expect(await cardOf(page).textContent()).toContain('0 of 2');
    expect(await cardOf(page).textContent()).toContain('any 2 of 2 payments-leads');
  }
});

test('after the first approval both read "1 of 2" and by whom, and nothing is released', async () => {
  await alex.press('Approve', cardOf(alex));

  await alex.card('1 of 2').waitFor();
  await megan.card('1 of 2').waitFor();
  expect(await cardOf(megan).textContent()).toContain('Approved by Alex Wilber');
  expect(await cardOf(alex).textContent()).toContain('Approved by you');
  expect(await cardOf(alex).getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0);
  expect(countersign.azureDevOps.verdictOf(check)).toBeUndefined();
});

test('whoever has approved does not count twice, however they say it', async () => {
  const id = /Request\s*([a-z2-7]{16})/.exec((await cardOf(alex).textContent()) ?? '')?.[1];

  await alex.say(`approve ${id} once more`);

  await alex.waitForText(/you have approved .* already/);
  expect(countersign.azureDevOps.verdictOf(check)).toBeUndefined();
});

test('the second approval releases the stage, and every copy says who decided', async () => {
  await megan.fill('Comment', 'both of us looked', cardOf(megan));
  await megan.press('Approve', cardOf(megan));

  for (const page of [alex, megan]) await page.card('Azure DevOps was told on').waitFor();
  expect(countersign.azureDevOps.verdictOf(check)).toBe('succeeded');
  expect(await cardOf(alex).textContent()).toContain('Approved by Megan Bowen');
  expect(await cardOf(alex).textContent()).toContain('both of us looked');
  const log = countersign.azureDevOps.logOf(check);
  expect(log).toContain('Alex Wilber');
  expect(log).toContain('Megan Bowen');
});
