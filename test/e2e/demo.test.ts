import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chromium, launchChromium } from '../browser/chromium.ts';
import { openPlayground, type PlaygroundPage } from '../browser/playground-page.ts';
import type { DemoRun } from '../demo/pipelines.ts';
import { type Demo, startDemo } from '../demo/start-demo.ts';

const printed: string[] = [];
let demo: Demo;
let chromium: Chromium;
let page: PlaygroundPage;

beforeAll(async () => {
  const ports = { bot: 0, azureDevOps: 0, playground: 0 };
  [demo, chromium] = await Promise.all([
    startDemo({ ports, print: (line) => printed.push(line) }),
    launchChromium({ viewport: { width: 1280, height: 1000 } }),
  ]);
  page = await openPlayground(await chromium.context.newPage(), demo.page ?? '');
});

afterAll(async () => {
  await chromium?.close();
  await demo?.close();
});

function runOf(service: string): DemoRun {
  const run = demo.runs.find((one) => one.service === service);
  if (run === undefined) throw new Error(`the demo has no run of ${service}`);
  return run;
}

const payments = () => page.card('deployment of payments-api');
const orders = () => page.card('Blocked: prod deployment of orders-api');

async function requestIdOf(card: ReturnType<PlaygroundPage['card']>): Promise<string> {
  const id = /Request\s*([a-z2-7]{16})/.exec((await card.textContent()) ?? '')?.[1];
  if (id === undefined) throw new Error('the card shows no request id');
  return id;
}

/** What Azure DevOps was told about a run, each different thing once. */
function toldAbout({ check }: DemoRun): string[] {
  const events = demo.azureDevOps.events.filter(({ planId }) => planId === check.plan.id);
  return [...new Set(events.map(({ result }) => result))];
}

test('opening the page brings the card of the deployment that waits, with what is decided on', async () => {
  await payments().waitFor();

  const text = await payments().textContent();
  const asked = ['Approve prod deployment of payments-api', 'Waiting for approval', 'Adele Vance', 'payments-leads'];
  const warned = ['javascript.express.session.cookie-not-secure', 'src/session.js:12'];
  for (const part of [...asked, ...warned]) expect(text).toContain(part);
  expect(demo.azureDevOps.verdictOf(runOf('payments-api').check)).toBeUndefined();
});

test('the card shows each of the five signals of the platform as it was read', async () => {
  const text = await payments().textContent();

  for (const signal of [
    'Environment checks pass: our check is on',
    'Azure Policy pass: azure-policy reported',
    'Defender unknown',
    'Access validation pass: delivery-path reported',
    'Identity breadth fail: payments-terraform reaches a whole subscription as Contributor',
  ])
    expect(text).toContain(signal);
});

test('one click with a comment releases the stage, and everybody reads who decided', async () => {
  const run = runOf('payments-api');
  await page.fill('Comment', 'checked with Adele', payments());
  await page.press('Approve', payments());

  await page.card('Approved by you').waitFor();
  await page.card('Azure DevOps was told on').waitFor();
  expect(await payments().textContent()).toContain('checked with Adele');
  expect(await page.page.getByRole('button', { name: /^(Approve|Reject)$/ }).count()).toBe(0);
  expect(toldAbout(run)).toEqual(['succeeded']);
  expect(demo.azureDevOps.logOf(run.check)).toMatch(/Approved by Alex Wilber at .*: checked with Adele/);
  expect(printed).toContain(
    `✔ Azure DevOps: stage "Deploy to prod" of payments-api-deploy ${run.check.run.name} was released (succeeded)`,
  );
});

test('"Open run" leads to the stage that was released, with the log that says by whom', async () => {
  const [runPage] = await Promise.all([
    page.page.waitForEvent('popup'),
    payments().getByRole('link', { name: 'Open run' }).click(),
  ]);

  await runPage.getByText('Stage “Deploy to prod” was released (succeeded)').waitFor();
  expect(await runPage.textContent('pre')).toContain('Approved by Alex Wilber');
  await runPage.close();
});

test('the card of the blocked service says why, where and whose it is, and cannot be approved', async () => {
  await orders().waitFor();

  const text = await orders().textContent();
  for (const part of ['generic-api-key', 'secret-scanning', 'config/orders.env:3', 'orders-owners'])
    expect(text).toContain(part);
  expect(await orders().getByRole('button', { name: 'Approve' }).count()).toBe(0);
});

test('"Request exception" shows what one would hide, who grants it and what it takes, and leads back', async () => {
  await page.press('Request exception', orders());
  const answer = page.card('Exception from secret-scanning');
  await answer.waitFor();

  const text = await answer.textContent();
  const conditions = [
    'It would hide 1 finding',
    'security-leads',
    '0 of 5',
    'at least 20 characters',
    'Compensating control',
  ];
  for (const part of conditions) expect(text).toContain(part);
  await page.press('Back to the request', answer);
  await orders().getByRole('button', { name: 'Request exception' }).waitFor();
  expect(toldAbout(runOf('orders-api'))).toEqual([]);
});

test.each([
  ['help', 'approve ID [comment]'],
  ['approvals all', '1 open request'],
  ['status', 'Delivery status'],
])('"%s" is answered with a card', async (command, answer) => {
  await page.say(command);

  await page.card(answer).waitFor();
});

test('"why" with a request id shows that request again', async () => {
  const id = await requestIdOf(orders());
  const shown = await page.page.locator('.ac-adaptiveCard').filter({ hasText: id }).count();

  await page.say(`why ${id}`);

  const cards = page.page.locator('.ac-adaptiveCard').filter({ hasText: id });
  await expect.poll(() => cards.count(), { timeout: 10_000 }).toBe(shown + 1);
});

test.each([
  ['posture payments-api prod', 'Posture of payments-api in prod', ['1 signal failing, 1 not known', 'Norman Paulk']],
  ['posture orders-api prod', 'Posture of orders-api in prod', ['Shop-2019 has no check of Countersign']],
])('"%s" shows what is wrong with the platform', async (command, title, parts) => {
  await page.say(command);

  const card = page.card(title);
  await card.waitFor();
  const text = await card.textContent();
  for (const part of parts) expect(text).toContain(part);
});

test('"status" tells how old what is known of the platform is, and that all of it is known', async () => {
  await page.say('status');

  const card = page.card('Delivery platform');
  await card.waitFor();
  expect(await card.textContent()).toMatch(/contoso: (\d+) of \1 parts known, the oldest read/);
});

test('after a reload the decision stands, and deciding again changes nothing', async () => {
  const run = runOf('payments-api');
  const id = await requestIdOf(payments());
  page = await openPlayground(page.page, demo.page ?? '');

  await page.say(`reject ${id} after all not`);

  await page.waitForText(/Nothing was changed/);
  expect(toldAbout(run)).toEqual(['succeeded']);
  expect(demo.azureDevOps.verdictOf(run.check)).toBe('succeeded');
});

test('the bot had nothing to warn of', () => {
  expect(printed.filter((line) => line.startsWith('!'))).toEqual([]);
});
