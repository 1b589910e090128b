import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chromium, launchChromium } from '../browser/chromium.ts';
import { openPlayground, type PlaygroundPage } from '../browser/playground-page.ts';
import { DEMO_TENANT, playgroundConfig, readPeople } from '../demo/playground-config.ts';
import { type Countersign, startCountersign } from '../fakes/countersign.ts';
import { type Playground, startPlayground } from '../fakes/playground.ts';
import { nextWorkingNoon } from '../fakes/working-noon.ts';

// A warning as its owner meets it: in the digest that comes by itself when work begins, and from there taken and put off by its
// buttons. The bot's clock stands in working hours of a working day; everything else is real.

const HOUR = 3_600_000;
const LONG = 120_000;
const COOKIE = 'javascript.express.session.cookie-not-secure';

let ahead = nextWorkingNoon(Date.now()) - Date.now();
const clock = { now: () => new Date(Date.now() + ahead).toISOString() };

let countersign: Countersign;
let chromium: Chromium;
let client: Playground;
let owner: PlaygroundPage;

beforeAll(async () => {
  const env = { BOT_TENANT_ID: DEMO_TENANT };
  [countersign, chromium] = await Promise.all([
    startCountersign({ env, clock }),
    launchChromium({ viewport: { width: 1280, height: 1600 } }),
  ]);
  const directory = new URL('../../manifest/policy/directory.yaml', import.meta.url);
  const config = playgroundConfig(await readPeople(directory.pathname), 'Adele Vance');
  client = await startPlayground({ botUrl: `${countersign.url}/api/messages`, config, port: 0 });
  const pipeline = countersign.azureDevOps.addPipeline({ name: 'payments-api-deploy', repository: 'payments-api' });
  const run = countersign.azureDevOps.queueRun({ pipeline });
  await countersign.report('semgrep-payments.sarif', {
    service: 'payments-api',
    commit: run.commit,
    runId: String(run.id),
  });
  owner = await openPlayground(await chromium.context.newPage(), client.url);
}, LONG);

afterAll(async () => {
  await chromium?.close();
  await client?.close();
  await countersign?.close();
});

const digest = () => owner.card('Warnings today');

test(
  'the owner of a warning is sent the digest of the day, with what it is, where, whose and until when',
  async () => {
    await owner.waitForText('Hello, this is Countersign');
    // Before they were met nobody could be told; that is looked at again within the hour.
    ahead += HOUR + 60_000;
    await digest().waitFor({ timeout: LONG });
    const text = await digest().textContent();
    for (const part of ['payments-api', COOKIE, 'new', 'payments-owners', 'due']) expect(text).toContain(part);
  },
  LONG,
);

test('why it is a warning takes the place of the digest, and leads back to it', async () => {
  await owner.press('Why', digest());
  const why = owner.card('A warning of payments-api');
  await why.waitFor();
  expect(await why.textContent()).toContain('code findings depend on context');
  await owner.press('To the digest', why);
  await digest().waitFor();
});

test('"Claim" makes it theirs, and the digest says so from then on', async () => {
  await owner.press('Claim', digest());
  await owner.waitForText(/Adele Vance has it|you have it/i);
  await owner.say('digest');
  await expect.poll(() => digest().textContent(), { timeout: 20_000 }).toContain('Adele Vance has it');
});

test('"Put off" asks until when, and the digest says so from then on', async () => {
  await owner.press('Put off', digest());
  const form = owner.card('Put off: ');
  await owner.fill('Until which day', 'in 5 days', form);
  await owner.press('Put it off', form);
  const done = owner.card('Recorded for');
  await done.waitFor();
  await owner.press('To the digest', done);
  await expect.poll(() => digest().textContent(), { timeout: 20_000 }).toContain('Nothing new');
});
