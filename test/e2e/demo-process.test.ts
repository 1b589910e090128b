import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openJournal } from '../demo/journal.ts';
import { DEMO_TENANT } from '../demo/playground-config.ts';
import { startDemo } from '../demo/start-demo.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { startTeams } from '../fakes/teams.ts';

const entry = fileURLToPath(new URL('../demo/demo.ts', import.meta.url));
const alex = { oid: PEOPLE.alex, name: 'Alex Wilber' };

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'demo-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

function run(args: readonly string[], nodeArgs: readonly string[] = []): ChildProcess {
  const child = spawn(process.execPath, [...nodeArgs, entry, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Runs to its end. */
async function ended(child: ChildProcess) {
  const [[code], out, error] = await Promise.all([
    once(child, 'exit'),
    child.stdout === null ? '' : text(child.stdout),
    child.stderr === null ? '' : text(child.stderr),
  ]);
  return { code, out, error };
}

test.each(['SIGINT', 'SIGTERM'] as const)('the demo says what to try, and %s ends it with code 0', async (signal) => {
  const child = run(['--no-playground', '--ports', '0,0,0', '--data', await aFolder()]);
  const end = ended(child);
  let said = '';
  child.stdout?.on('data', (chunk) => {
    said += chunk;
    if (said.includes('Ctrl-C stops everything.')) child.kill(signal);
  });

  const { code, out, error } = await end;

  expect({ code, error }).toEqual({ code: 0, error: '' });
  expect(out).toMatch(/The bot listens on http:\/\/127\.0\.0\.1:\d+\/api\/messages/);
  expect(out).toMatch(/payments-api \d{8}\.1 waits for an approval, orders-api \d{8}\.1 is blocked/);
});

test('a taken port is named with the way out, and nothing is started', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  const { code, error } = await ended(run(['--no-playground', '--ports', `0,${port},0`, '--data', await aFolder()]));

  expect(code).toBe(2);
  expect(error).toContain(`Port ${port} is taken; the Azure DevOps simulator needs it.`);
  expect(error).toContain('--ports BOT,AZURE_DEVOPS,PLAYGROUND');
});

test.each([
  [['--ports', '3978'], '--ports takes three ports, for example 3978,8181,56150, got "3978"'],
  [['--ports', '1,2,70000'], '--ports takes numbers from 0 to 65535, got "70000"'],
  [['--port', '1'], "Unknown option '--port'"],
])('arguments %j are refused in one sentence', async (args, sentence) => {
  const { code, error } = await ended(run(args));

  expect(code).toBe(2);
  expect(error).toContain(sentence);
  expect(error).not.toContain('    at ');
});

test('a Node older than 24 is told so, and nothing starts', async () => {
  const older = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'22.18.0'}})`;

  const { code, out, error } = await ended(run([], ['--import', older]));

  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(error).toContain('needs Node ≥ 24');
});

test('a stage that was released stays released after a restart', async () => {
  const data = await aFolder();
  const start = (azureDevOps: number) =>
    startDemo({ ports: { bot: 0, azureDevOps, playground: 0 }, data, playground: false, print: () => {} });
  const before = await start(0);
  const [payments] = before.runs;
  if (payments !== undefined) before.azureDevOps.completeCheckByItself(payments.check, 'succeeded');
  await before.close();

  const after = await start(Number(new URL(before.azureDevOps.url).port));
  onTestFinished(() => after.close());

  expect(after.waiting.map(({ service }) => service)).toEqual(['orders-api']);
});

test('a journal that cannot be read is named with the way out', async () => {
  const folder = await aFolder();
  await writeFile(join(folder, 'kept.json'), '{"starts": 1}');

  expect(() => openJournal(folder, 'kept.json')).toThrow('kept.json cannot be read. Remove its folder to begin anew.');
});

test('after a restart the new runs take the place of those that waited, and the new card releases its stage', async () => {
  const data = await aFolder();
  const teams = await startTeams({ tenant: DEMO_TENANT });
  onTestFinished(() => teams.close());
  const printed: string[] = [];
  const start = (azureDevOps: number) =>
    startDemo({
      ports: { bot: 0, azureDevOps, playground: 0 },
      data,
      playground: false,
      print: (line) => printed.push(line),
    });
  const before = await start(0);
  teams.connect(`${before.url}/api/messages`);
  await teams.install(alex);
  const card = await teams.until(() => teams.messages().find((one) => JSON.stringify(one).includes('approval.decide')));
  await before.close();

  const after = await start(Number(new URL(before.azureDevOps.url).port));
  onTestFinished(() => after.close());
  teams.connect(`${after.url}/api/messages`);
  expect(after.waiting.map(({ service }) => service)).toEqual(['payments-api', 'orders-api']);
  for (const { check } of after.waiting) await expect.poll(() => after.azureDevOps.verdictOf(check)).toBe('failed');
  const [run] = after.runs;
  if (run === undefined) throw new Error('the demo queued no run');
  const shown = () => JSON.stringify(teams.cardOf(teams.messages().find(({ id }) => id === card.id) ?? card));
  await expect.poll(shown).toContain('Superseded');
  expect(shown()).not.toContain('approval.decide');
  const next = await teams.until(() =>
    teams.messages().find((one) => one.id !== card.id && JSON.stringify(one).includes('approval.decide')),
  );
  await teams.press(alex, next, { verb: 'approval.decide', verdict: 'approve' }, { comment: 'kept' });

  await expect.poll(() => after.azureDevOps.verdictOf(run.check)).toBe('succeeded');
  expect(printed).toContain(
    `✔ Azure DevOps: stage "Deploy to prod" of payments-api-deploy ${run.check.run.name} was released (succeeded)`,
  );
});
