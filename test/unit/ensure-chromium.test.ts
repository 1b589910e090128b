import { expect, test } from 'vitest';
import { ensureChromium, findChromium, type Machine } from '../browser/chromium.ts';

/** A machine without a browser: `installs` says which command brings which program. */
function aMachine(change: {
  readonly env?: Record<string, string>;
  readonly programs?: readonly string[];
  readonly installs?: Record<string, string>;
  readonly rootOnDebian?: boolean;
}): Machine & { readonly ran: string[] } {
  const programs = new Set(change.programs);
  const ran: string[] = [];
  return {
    ran,
    env: { PATH: '/bin:/usr/bin', ...change.env },
    isExecutable: (path) => programs.has(path),
    playwrightChromium: () => '/cache/chrome',
    isRootOnDebian: () => change.rootOnDebian ?? false,
    run(command, args) {
      const name = command === 'apt-get' ? ['apt-get', ...args].join(' ') : args.slice(1).join(' ');
      ran.push(name);
      const program = change.installs?.[name];
      if (program !== undefined) programs.add(program);
      return 0;
    },
  };
}

test('the browser that CHROMIUM_PATH names goes before any other', () => {
  const machine = aMachine({ env: { CHROMIUM_PATH: '/opt/chrome' }, programs: ['/usr/bin/chromium', '/opt/chrome'] });

  expect(findChromium(machine)).toBe('/opt/chrome');
});

test('a CHROMIUM_PATH that is no program is refused, even where another browser is present', () => {
  const machine = aMachine({ env: { CHROMIUM_PATH: '/opt/chrome' }, programs: ['/usr/bin/chromium'] });

  expect(() => findChromium(machine)).toThrow('CHROMIUM_PATH must be a program, got "/opt/chrome"');
});

test('Chromium goes before Chrome, and both before the browser of Playwright', () => {
  const all = ['/cache/chrome', '/bin/google-chrome-stable', '/usr/bin/chromium'];

  expect(findChromium(aMachine({ programs: all }))).toBe('/usr/bin/chromium');
  expect(findChromium(aMachine({ programs: all.slice(0, 2) }))).toBe('/bin/google-chrome-stable');
  expect(findChromium(aMachine({ programs: all.slice(0, 1) }))).toBe('/cache/chrome');
});

test('nothing is installed where a browser is present', () => {
  const machine = aMachine({ programs: ['/bin/google-chrome'], rootOnDebian: true });

  expect(ensureChromium(machine)).toBe('/bin/google-chrome');
  expect(machine.ran).toEqual([]);
});

test('root on Debian gets Chromium by apt-get, from fresh lists', () => {
  const machine = aMachine({ rootOnDebian: true, installs: { 'apt-get install -y chromium': '/usr/bin/chromium' } });

  expect(ensureChromium(machine)).toBe('/usr/bin/chromium');
  expect(machine.ran).toEqual(['apt-get update', 'apt-get install -y chromium']);
});

test('elsewhere Playwright installs its own', () => {
  const machine = aMachine({ installs: { 'install chromium': '/cache/chrome' } });

  expect(ensureChromium(machine)).toBe('/cache/chrome');
  expect(machine.ran).toEqual(['install chromium']);
});

test('where apt-get brings nothing, Playwright is asked too', () => {
  const machine = aMachine({ rootOnDebian: true, installs: { 'install chromium': '/cache/chrome' } });

  expect(ensureChromium(machine)).toBe('/cache/chrome');
});

test('without any way to a browser the error says what to do', () => {
  expect(() => ensureChromium(aMachine({}))).toThrow(/apt-get install -y chromium[\s\S]*CHROMIUM_PATH=/);
});
