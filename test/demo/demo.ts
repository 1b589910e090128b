import { parseArgs } from 'node:util';
import { CannotStartError } from './cannot-start-error.ts';
import { DEMO_API_KEY } from './demo-keys.ts';
import type { DemoPorts } from './free-ports.ts';
import type { Demo, DemoOptions } from './start-demo.ts';

/**
 * `npm run demo [-- --no-playground] [--ports BOT,AZURE_DEVOPS,PLAYGROUND] [--data FOLDER]`: everything on this machine,
 * until SIGINT or SIGTERM. Exit code 0 when it was stopped, 2 when it could not start.
 */

const OLDEST_NODE = 24;
const USAGE = `npm run demo                                             everything on this machine, data kept in .data/
npm run demo -- --no-playground                            without the local Teams client
npm run demo -- --ports BOT,AZURE_DEVOPS,PLAYGROUND        other ports than 3978,8181,56150; 0 takes a free one
npm run demo -- --data FOLDER                              another folder than .data/`;

interface Arguments {
  readonly ports?: DemoPorts;
  readonly data: string;
  readonly playground: boolean;
}

/** Throws with one sentence for the person who typed them: a CannotStartError, or an error of parseArgs with its code. */
function readArguments(args: readonly string[]): Arguments | 'help' {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      playground: { type: 'boolean', default: true },
      ports: { type: 'string' },
      data: { type: 'string', default: '.data' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const ports = values.ports === undefined ? {} : { ports: portsOf(values.ports) };
  return { playground: values.playground, data: values.data, ...ports };
}

function portsOf(text: string): DemoPorts {
  const [bot, azureDevOps, playground, ...more] = text.split(',').map(portOf);
  if (bot === undefined || azureDevOps === undefined || playground === undefined || more.length > 0)
    throw new CannotStartError(`--ports takes three ports, for example 3978,8181,56150, got "${text}"`);
  return { bot, azureDevOps, playground };
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^[0-9]{1,5}$/.test(text) && port <= 65_535) return port;
  throw new CannotStartError(`--ports takes numbers from 0 to 65535, got "${text}"`);
}

function introduction(demo: Demo, { data }: Arguments): string[] {
  return [
    '',
    ...(demo.page === undefined ? withoutClient(demo) : withClient(demo, demo.page)),
    ...keptLines(demo.waiting.length),
    `Azure DevOps is simulated on ${demo.azureDevOps.url}; when it releases or stops a stage, it says so here.`,
    `All data is in ${data}; remove that folder to begin anew. Everything listens on this machine alone, without sign-in.`,
    'Ctrl-C stops everything.',
    '',
  ];
}

function withClient({ runs }: Demo, page: string): string[] {
  const [payments, orders] = runs.map(({ service, check }) => `${service} ${check.run.name}`);
  return [
    `Open ${page} in a browser: a local Teams (Agents Playground), where you are Alex Wilber.`,
    `  1. ${payments} waits for your approval: write a comment, click Approve, then look here again.`,
    `  2. ${orders} is blocked by a leaked secret: click "Request exception" on its card.`,
    '  3. Type "posture payments-api prod": what was read of the platform and of Azure, and what is wrong with it.',
    '  4. Type help, status, or "why" and the request id that a card shows.',
    '  5. A reload empties the chat, that is how this client works: type "approvals all" to get the cards again.',
  ];
}

function withoutClient({ runs, url }: Demo): string[] {
  const [payments, orders] = runs.map(({ service, check }) => `${service} ${check.run.name}`);
  return [
    `The bot listens on ${url}/api/messages; no client was started (--no-playground).`,
    `  1. ${payments} waits for an approval, ${orders} is blocked by a leaked secret.`,
    '  2. Their cards are sent as soon as a client tells the bot of a chat with one of the people of the directory.',
    `  3. Its delivery health: curl -H "X-Api-Key: ${DEMO_API_KEY}" ${url}/health`,
  ];
}

function keptLines(count: number): string[] {
  if (count === 0) return [];
  return [
    count === 1 ? '  1 request of an earlier start still waits.' : `  ${count} requests of earlier starts still wait.`,
  ];
}

/** Resolves at the first SIGINT or SIGTERM; later ones change nothing. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
}

async function main(args: readonly string[]): Promise<number> {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    console.error(
      `needs Node ≥ ${OLDEST_NODE}, this is ${process.version}. Install it, or run "npm ci && npm run demo".`,
    );
    return 2;
  }
  const stop = stopSignal();
  const wanted = readArguments(args);
  if (wanted === 'help') {
    console.log(USAGE);
    return 0;
  }
  const demo = await start(wanted);
  for (const line of introduction(demo, wanted)) console.log(line);
  await stop;
  console.log('Stopping …');
  await demo.close();
  return 0;
}

async function start(options: DemoOptions): Promise<Demo> {
  console.log('Starting storage, simulators of Azure DevOps and Azure, the bot and two pipelines …');
  // Imported here: what an older Node cannot load must not hide the sentence about its version.
  const { startDemo } = await import('./start-demo.ts');
  return startDemo(options);
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof CannotStartError || 'code' in error ? error.message : (error.stack ?? error.message);
}

const code = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`Cannot start the demo.\n${sentenceOf(error)}`);
  return 2;
});
process.exit(code);
