import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Chromium, launchChromium } from '../browser/chromium.ts';
import { openPlayground, type PlaygroundPage } from '../browser/playground-page.ts';
import { type Playground, type PlaygroundConfig, type PlaygroundUser, startPlayground } from '../fakes/playground.ts';

interface Activity {
  readonly type: string;
  readonly name?: string;
  readonly from: { readonly id: string; readonly aadObjectId?: string };
  readonly recipient: { readonly id: string };
  readonly conversation: { readonly id: string; readonly tenantId?: string };
  readonly channelData: { readonly tenant?: { readonly id: string } };
  readonly value?: { readonly action: { readonly verb: string; readonly data: object } };
}

const channelId = '19:releases@thread.tacv2';

const config: PlaygroundConfig = {
  tenantId: '7b0e1f6a-4c1d-4a57-9a53-0f6f0b8f9a01',
  bot: { id: '28:3f4d2a70-92a7-4a34-8a5c-6d1f5f1f7a02', name: 'Countersign' },
  currentUser: aUser('ann', '5d9c1c64-6a5e-4c0f-8f0e-2b7a9d3c1e03'),
  users: [
    aUser('bob', '5d9c1c64-6a5e-4c0f-8f0e-2b7a9d3c1e04'),
    aUser('cid', '5d9c1c64-6a5e-4c0f-8f0e-2b7a9d3c1e05'),
    aUser('dora', '5d9c1c64-6a5e-4c0f-8f0e-2b7a9d3c1e06'),
    aUser('eve', '5d9c1c64-6a5e-4c0f-8f0e-2b7a9d3c1e07'),
    aUser('finn', '5d9c1c64-6a5e-4c0f-8f0e-2b7a9d3c1e08'),
  ],
  personalChat: { id: 'personal-chat' },
  groupChat: { id: '19:release-group@thread.v2', name: 'Release group' },
  team: {
    id: '19:payments@thread.tacv2',
    name: 'Payments',
    aadGroupId: '9a1b7c3d-1f20-4b6e-b0a4-3c5d7e9f0a09',
    channels: [{ id: channelId, name: 'Releases' }],
  },
};

function aUser(name: string, aadObjectId: string): PlaygroundUser {
  const email = `${name}@contoso.example`;
  return { id: `29:${name}`, name, userPrincipleName: email, aadObjectId, givenName: name, surname: 'Example', email };
}

const aCard = (state: string) => ({
  type: 'AdaptiveCard',
  version: '1.5',
  body: [
    { type: 'TextBlock', text: state, wrap: true },
    { type: 'Input.Text', id: 'comment', label: 'Comment' },
    {
      type: 'Input.ChoiceSet',
      id: 'reasonClass',
      label: 'Reason class',
      choices: [
        { title: 'False positive', value: 'false-positive' },
        { title: 'Mitigated', value: 'mitigated' },
      ],
    },
    { type: 'Input.Date', id: 'until', label: 'Until' },
  ],
  actions: [{ type: 'Action.Execute', title: 'Approve', verb: 'approval.decide', data: { requestId: 'r-1' } }],
});

/** A bot of the bare protocol: keeps what it receives, answers every click with a card that says so. */
const received: Activity[] = [];
const bot: Server = createServer(async (request, response) => {
  const body = await text(request);
  if (request.method === 'POST') received.push(JSON.parse(body));
  const answer = {
    statusCode: 200,
    type: 'application/vnd.microsoft.card.adaptive',
    value: aCard('Approved'),
  };
  response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
});

let playground: Playground;
let chromium: Chromium;
let page: PlaygroundPage;

beforeAll(async () => {
  await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
  const botUrl = `http://127.0.0.1:${(bot.address() as AddressInfo).port}/api/messages`;
  [playground, chromium] = await Promise.all([startPlayground({ botUrl, config, port: 0 }), launchChromium()]);
  page = await openPlayground(await chromium.context.newPage(), playground.url);
});

afterAll(async () => {
  await chromium?.close();
  await playground?.close();
  bot.close();
});

/** Posts or, with the id of an earlier one, replaces a message in a conversation, as the bot. */
async function send(conversationId: string, card: object, activityId = ''): Promise<string> {
  const response = await fetch(`${playground.serviceUrl}/v3/conversations/${conversationId}/activities/${activityId}`, {
    method: activityId === '' ? 'POST' : 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      type: 'message',
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }],
    }),
  });
  return ((await response.json()) as { readonly id: string }).id;
}

const lastInvoke = () => received.findLast(({ type }) => type === 'invoke');

test('a card posted by the bot is filled in, executed and replaced by the answer', async () => {
  await send('personal-chat', aCard('Waiting for an approval'));
  await page.waitForText('Waiting for an approval');

  await page.fill('Comment', 'looks good');
  await page.choose('Reason class', 'Mitigated');
  await page.fill('Until', '2026-12-31');
  await page.press('Approve');

  await page.card('Approved').waitFor();
  expect(await page.card('Waiting for an approval').count()).toBe(0);
  expect(lastInvoke()).toMatchObject({
    name: 'adaptiveCard/action',
    value: {
      action: {
        verb: 'approval.decide',
        data: { requestId: 'r-1', comment: 'looks good', reasonClass: 'mitigated', until: '2026-12-31' },
      },
    },
  });
});

test('a card on the page is replaced when the bot updates it', async () => {
  const id = await send('personal-chat', aCard('Requested by Bob'));
  await page.card('Requested by Bob').waitFor();

  await send('personal-chat', aCard('Rejected by Dora'), id);

  await page.card('Rejected by Dora').waitFor();
  expect(await page.card('Requested by Bob').count()).toBe(0);
});

test('opening a channel installs the bot there, and its posts can be acted on', async () => {
  await page.openChannel('Releases');
  await expect.poll(() => received.filter((activity) => activity.conversation.id === channelId)).toHaveLength(2);
  await send(channelId, aCard('Waiting in the channel'));
  await page.waitForText('Waiting in the channel');

  await page.press('Approve');

  await page.card('Approved').waitFor();
  expect(lastInvoke()?.conversation.id).toMatch(`${channelId};messageid=`);
});

test('every activity names the tenant, the object id and the bot of the configuration', async () => {
  await page.openPersonalChat();
  await page.say('status');
  await expect.poll(() => received.map(({ type }) => type)).toContain('message');

  expect(received.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['installationUpdate', 'conversationUpdate']),
  );
  for (const activity of received) {
    expect(activity).toMatchObject({
      from: { id: config.currentUser.id, aadObjectId: config.currentUser.aadObjectId },
      recipient: { id: config.bot.id },
      conversation: { tenantId: config.tenantId },
      channelData: { tenant: { id: config.tenantId } },
    });
  }
});

test('the Playground ends with the process that started it, even a killed one', async () => {
  const module = JSON.stringify(new URL('../fakes/playground.ts', import.meta.url).href);
  const options = JSON.stringify({ botUrl: playground.url, config, port: 0 });
  const script = `const { startPlayground } = await import(${module}); console.log((await startPlayground(${options})).url);`;
  const folder = await mkdtemp(join(tmpdir(), 'killed-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: parent.stdout }), 'line');
  const answers = () =>
    fetch(line).then(
      ({ ok }) => ok,
      () => false,
    );
  expect(await answers()).toBe(true);

  parent.kill('SIGKILL');

  await expect.poll(answers).toBe(false);
});

test('the Playground listens on 127.0.0.1 alone', async () => {
  await expect(fetch(`http://127.0.0.2:${playground.port}/`)).rejects.toThrow('fetch failed');
});

test('the browser opens pages of 127.0.0.1 alone', async () => {
  const other = await chromium.context.newPage();

  await expect(other.goto(`http://localhost:${playground.port}/`)).rejects.toThrow('ERR_FAILED');
});

test('the browser opens sockets to 127.0.0.1 alone', async () => {
  const other = await chromium.context.newPage();
  let reached = 0;
  bot.on('upgrade', (_request, socket) => {
    reached += 1;
    socket.destroy();
  });
  const { port } = bot.address() as AddressInfo;
  const triedAt = (host: string) =>
    `new Promise((end) => { new WebSocket('ws://${host}:${port}/').onclose = () => end(); })`;

  await other.evaluate(triedAt('localhost'));
  expect(reached).toBe(0);

  await other.evaluate(triedAt('127.0.0.1'));
  expect(reached).toBe(1);
});

test('a taken port is refused', async () => {
  await expect(startPlayground({ botUrl: playground.url, config, port: playground.port })).rejects.toThrow(
    `port ${playground.port} is taken`,
  );
});

test('a configuration that the Playground refuses is reported in its own words', async () => {
  const same = { ...config, personalChat: { id: channelId } };

  await expect(startPlayground({ botUrl: playground.url, config: same, port: 0 })).rejects.toThrow('must be unique');
});
