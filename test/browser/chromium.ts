import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';

/** What looking for and installing a browser needs of the machine. */
export interface Machine {
  /** Environment variables; `PATH` and `CHROMIUM_PATH` are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  isExecutable(path: string): boolean;
  /** Where playwright-core keeps its own Chromium, installed or not. */
  playwrightChromium(): string;
  /** True when packages can be installed with apt-get: Debian itself, as root. */
  isRootOnDebian(): boolean;
  /** Runs a command with its output shown; gives its exit code, 127 when it could not start. */
  run(command: string, args: readonly string[]): number;
}

/** A running headless browser with one context that reaches this machine only. */
export interface Chromium {
  readonly browser: Browser;
  readonly context: BrowserContext;
  close(): Promise<void>;
}

const namesOnPath = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const headlessFlags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const wayOut = [
  'No Chromium or Chrome was found, and none could be installed. Do one of these, then run again:',
  '  apt-get update && apt-get install -y chromium     (Debian, as root)',
  '  npx playwright-core install chromium              (elsewhere)',
  '  CHROMIUM_PATH=/path/to/chrome npm test            (a browser in another place)',
].join('\n');

/**
 * The browser to use: CHROMIUM_PATH, else Chromium or Chrome on PATH, else the one playwright-core has installed.
 * Throws when CHROMIUM_PATH is set and is no program, since a wish must not be passed over silently.
 */
export function findChromium(machine: Machine = thisMachine): string | undefined {
  const wished = machine.env['CHROMIUM_PATH'];
  if (wished !== undefined && wished !== '') {
    if (machine.isExecutable(wished)) return wished;
    throw new Error(`CHROMIUM_PATH must be a program, got "${wished}". Correct it or unset it.`);
  }
  const folders = (machine.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = namesOnPath.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...candidates, machine.playwrightChromium()].find((path) => machine.isExecutable(path));
}

/** Finds a browser or installs one, showing what it does. Throws with the ways out when both fail; never skips. */
export function ensureChromium(machine: Machine = thisMachine): string {
  const present = findChromium(machine);
  if (present !== undefined) return present;
  if (machine.isRootOnDebian() && machine.run('apt-get', ['update']) === 0) {
    machine.run('apt-get', ['install', '-y', 'chromium']);
    const installed = findChromium(machine);
    if (installed !== undefined) return installed;
  }
  machine.run(process.execPath, [playwrightCli(), 'install', 'chromium']);
  const downloaded = findChromium(machine);
  if (downloaded !== undefined) return downloaded;
  throw new Error(wayOut);
}

/** Starts the browser. Every request and socket that does not go to http://127.0.0.1 is refused. */
export async function launchChromium(options: BrowserContextOptions = {}): Promise<Chromium> {
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: headlessFlags });
  const context = await browser.newContext(options);
  await context.route(
    (url) => !isOnThisMachine(url),
    (route) => route.abort(),
  );
  await context.routeWebSocket(
    (url) => !isOnThisMachine(url),
    (socket) => socket.close(),
  );
  return { browser, context, close: () => browser.close() };
}

function isOnThisMachine(url: URL): boolean {
  return url.hostname === '127.0.0.1' && (url.protocol === 'http:' || url.protocol === 'ws:');
}

function playwrightCli(): string {
  return join(dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')), 'cli.js');
}

const thisMachine: Machine = {
  env: process.env,
  isExecutable(path) {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  },
  playwrightChromium: () => chromium.executablePath(),
  isRootOnDebian: () => process.getuid?.() === 0 && osReleaseId() === 'debian',
  run(command, args) {
    console.log(`> ${[command, ...args].join(' ')}`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    return spawnSync(command, args, { stdio: 'inherit', env }).status ?? 127;
  },
};

/** `ID` of os-release(5): `debian` for Debian, other words for its relatives, whose chromium package is only a pointer. */
function osReleaseId(): string | undefined {
  try {
    return /^ID="?([a-z]+)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}
