import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fenced, inline, type Page, ROOT, read } from './pages.ts';

// What the documentation tells people to type, as a shell takes it apart. Nothing of it is run: every program is one that
// only writes down what it was called with.

/** A call of a program as the shell makes it. */
export interface DocumentedCall {
  /** `file:line` of the block or sentence. */
  readonly at: string;
  /** In a sentence it may be named without what it needs. */
  readonly isWhole: boolean;
  readonly program: string;
  readonly args: readonly string[];
}

/** Ours is known to npm alone; the others are on the machines of people, or not. */
const OUTSIDE = ['az', 'azd', 'curl', 'git', 'openssl', 'tail', 'basenc', 'tr'];
const IN_BLOCKS = ['npm', ...OUTSIDE];
const COMMAND = /^(?:[A-Z_]+=\S+ )?(?:npm (?:run|test|ci|start)\b|countersign [a-z])/;

/** Every call in blocks and sentences, and `file:line: why` of what a shell cannot take or nobody has. */
export function documentedCalls(pages: readonly Page[]): { calls: DocumentedCall[]; problems: string[] } {
  const blocks = pages.flatMap(fenced).filter(({ language }) => language === 'sh');
  const spans = pages.flatMap(inline).filter(({ text }) => COMMAND.test(text));
  const folder = mkdtempSync(join(tmpdir(), 'countersign-documented-'));
  try {
    writeFileSync(join(folder, 'called'), WRITE_DOWN, { mode: 0o755 });
    for (const name of [...IN_BLOCKS, 'countersign']) symlinkSync('called', join(folder, name));
    mkdirSync(join(folder, 'catalog'));
    const known = new Map<string, ReturnType<typeof callsOf>>();
    const read = [...blocks, ...spans].map((one) => {
      const isBlock = one.language === 'sh';
      const made = known.get(`${isBlock} ${one.text}`) ?? callsOf(one.text, folder, isBlock);
      known.set(`${isBlock} ${one.text}`, made);
      return {
        calls: made.calls.map((call) => ({ ...call, at: one.at })),
        problems: made.problems.map((problem) => `${one.at}: ${problem}`),
      };
    });
    return { calls: read.flatMap(({ calls }) => calls), problems: read.flatMap(({ problems }) => problems) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Its name and arguments between control characters, by one write: several may run in a pipe. */
const WRITE_DOWN = `#!/bin/sh
printf '%s\\037' "\${0##*/}" "$@" "$(printf '\\036')" >> "$CALLED"
echo said
`;

function callsOf(text: string, folder: string, isBlock: boolean) {
  const [script, called] = [join(folder, 'script'), join(folder, 'log')];
  writeFileSync(script, text);
  rmSync(called, { force: true });
  const env = { PATH: folder, CALLED: called };
  const { status, stderr } = spawnSync('/bin/sh', ['-eu', script], {
    cwd: folder,
    env: { ...GIVEN, ...env },
    encoding: 'utf8',
  });
  const written = existsSync(called) ? readFileSync(called, 'utf8').split('\u001f\u001e\u001f').slice(0, -1) : [];
  const calls = written.map((one): Omit<DocumentedCall, 'at'> => {
    const [program = '', ...args] = one.split('\u001f');
    return { isWhole: isBlock, program, args };
  });
  const isUnknown = isBlock && calls.some(({ program }) => program === 'countersign');
  const problems = [
    ...(status === 0 && stderr === '' ? [] : [stderr.replaceAll(script, 'sh').trim()]),
    ...(isUnknown ? [`nobody has a program countersign: npm run -s countersign --`] : []),
  ];
  return { calls, problems };
}

/** What the text around a block has people set. */
const GIVEN = Object.fromEntries(
  ['GROUP', 'IDENTITY', 'LOCAL_API_KEY', 'ORGANIZATION', 'SINCE', 'TOKEN'].map((name) => [name, `given-${name}`]),
);

/** What is called of our own command line; undefined for other programs. */
export function consoleArgs({ program, args }: DocumentedCall): readonly string[] | undefined {
  if (program === 'countersign') return args;
  const [run, ...rest] = args.filter((word) => word !== '-s');
  if (program !== 'npm' || run !== 'run' || rest[0] !== 'countersign') return undefined;
  const words = rest.slice(rest[1] === '--' ? 2 : 1);
  return words[0] === 'COMMAND' ? [] : words;
}

/** What is wrong with a call of npm: no such script, file of tests, or option of a script. */
export function npmProblem({ program, args }: DocumentedCall): string | undefined {
  if (program !== 'npm') return undefined;
  const [first = '', ...rest] = args.filter((word) => word !== '-s');
  if (first === 'ci') return rest.every((word) => word === '--omit=dev') ? undefined : `npm ci ${rest.join(' ')}`;
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };
  const name = first === 'run' ? (rest.shift() ?? '') : first;
  const script = scripts[name];
  if (script === undefined) return `there is no script "${name}"`;
  const own = rest[0] === '--' ? rest.slice(1) : rest;
  if (name === 'test') return own.filter((path) => !existsSync(join(ROOT, path))).map((path) => `no ${path}`)[0];
  const [, file] = /^node .*?(\S+\.ts)$/.exec(script) ?? [];
  if (file === undefined || name === 'countersign') return undefined;
  const source = read(file);
  const flags = own.filter((word) => word.startsWith('--') && word !== '--help').map((word) => word.slice(2));
  return flags.filter((flag) => !knows(source, flag)).map((flag) => `${file} knows no --${flag}`)[0];
}

/** As an option of `parseArgs`. */
function knows(source: string, flag: string): boolean {
  return new RegExp(`(?:'${flag}'|[\\s{]${flag}): (?:\\{|text\\b)`).test(source);
}
