import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

// The documentation as text: its links, its blocks of code, and where each of them stands.

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface Page {
  /** Relative to the root. */
  readonly file: string;
  readonly text: string;
}

export interface Snippet {
  /** `file:line` of its first line. */
  readonly at: string;
  readonly language: string;
  readonly text: string;
}

export function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

export function pageOf(file: string): Page {
  return { file, text: read(file) };
}

/** Every page of prose. */
export function pages(): Page[] {
  return globSync(['*.md', 'docs/**/*.md', 'manifest/**/*.md'], { cwd: ROOT }).sort().map(pageOf);
}

const FENCE = /^( *)```([^\n]*)\n([\s\S]*?)^ *```$/gm;

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** Code between fences, without its indentation. */
export function fenced({ file, text }: Page): Snippet[] {
  return [...text.matchAll(FENCE)].map(({ index, 1: indent = '', 2: language = '', 3: code = '' }) => ({
    at: `${file}:${lineAt(text, index) + 1}`,
    language,
    text: code.replace(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** The text without fences, every line where it was. */
function unfenced(text: string): string {
  return text.replace(FENCE, (code) => code.replace(/[^\n]/g, ''));
}

/** Code within a sentence, which may go over the end of a line. */
export function inline({ file, text }: Page): Snippet[] {
  const prose = unfenced(text);
  return [...prose.matchAll(/`([^`]+)`/g)].map(({ index, 1: code = '' }) => ({
    at: `${file}:${lineAt(prose, index)}`,
    language: '',
    text: code.replace(/\s*\n\s*/g, ' '),
  }));
}

/** The text without code, where brackets are no links and `#` is no heading. */
export function prose(text: string): string {
  return unfenced(text).replace(/`[^`]*`/g, (code) => code.replace(/[[\]]/g, ' '));
}

/** The anchors that GitHub gives the headings of a page: what comes a second time gets a number. */
export function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>();
  return [...prose(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .trim()
      .toLowerCase()
      .replace(/\]\([^)]*\)/g, '')
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}

/** `file:line: link` of each that leads nowhere; of addresses only whether they are some. */
export function brokenLinks({ file, text }: Page): string[] {
  const shown = prose(text);
  return [...shown.matchAll(/\]\(([^)]*)\)/g)]
    .filter(([, link = '']) => isBroken(file, text, link))
    .map(({ index, 1: link }) => `${file}:${lineAt(shown, index)}: ${link}`);
}

function isBroken(file: string, text: string, link: string): boolean {
  if (/^[a-z][a-z+.-]*:/i.test(link)) return !/^https?:\/\/\S+$/.test(link) || !URL.canParse(link);
  const [path = '', anchor] = link.split('#', 2);
  if (path === '') return anchor === undefined || !anchorsOf(text).includes(anchor);
  const target = relative(ROOT, join(ROOT, dirname(file), decodeURIComponent(path)));
  if (/\s/.test(link) || target.startsWith('..') || !existsSync(join(ROOT, target))) return true;
  return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
}
