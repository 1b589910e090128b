import type { Principal } from './person.ts';

/** Whom a CODEOWNERS file makes the owner of a path; without an owner it is the service's own. */
export interface OwnedPath {
  /** As glob.ts reads it. */
  readonly glob: string;
  readonly owner?: Principal;
}

/** What a line could not be taken for, in words. */
export interface CodeownersProblem {
  /** 1-based. */
  readonly line: number;
  readonly message: string;
}

interface Codeowners {
  /** The first that matches counts. */
  readonly paths: readonly OwnedPath[];
  readonly problems: readonly CodeownersProblem[];
}

/** Each becomes a glob that every report's paths are held against. */
const MOST_PATTERNS = 500;
const GLOB_MAX = 300;
const SHOWN = 80;
const COMMENT = '#';

/**
 * Reads a CODEOWNERS file as GitHub documents it ("About code owners"). There the last pattern that matches wins, so the
 * order is turned round. Only a team can own something, `@org/team` as `group:team`, the first of a line: a user name or
 * address is no object id. Total: what cannot be taken is among the problems, and changes nothing else.
 */
export function readCodeowners(text: string): Codeowners {
  const lines = text.split(/\r?\n/).map((written, index) => ({ line: index + 1, words: wordsOf(written) }));
  const rules = lines.filter(({ words }) => words.length > 0);
  if (rules.length > MOST_PATTERNS) {
    const message = `is the ${MOST_PATTERNS + 1}st pattern, so none of the file is used; allowed: up to ${MOST_PATTERNS}`;
    return { paths: [], problems: [{ line: rules[MOST_PATTERNS]?.line ?? 1, message }] };
  }
  const read = rules.map(({ line, words: [pattern = '', ...owners] }) => ({ line, ...readRule(pattern, owners) }));
  return {
    paths: read.toReversed().flatMap(({ paths }) => paths),
    problems: read.flatMap(({ line, messages }) => messages.map((message) => ({ line, message }))),
  };
}

/** Up to a comment; a backslash keeps a space inside a word. */
function wordsOf(line: string): readonly string[] {
  const words = line.match(/(?:\\.|\S)+/g) ?? [];
  const comment = words.findIndex((word) => word.startsWith(COMMENT));
  return comment === -1 ? words : words.slice(0, comment);
}

function readRule(pattern: string, owners: readonly string[]) {
  const globs = globsOf(pattern);
  if (typeof globs === 'string') return { paths: [], messages: [`${shown(pattern)} ${globs}`] };
  const teams = owners.flatMap((owner) => teamOf(owner) ?? []);
  const [owner] = teams;
  return {
    paths: globs.map((glob) => ({ glob, ...(owner === undefined ? {} : { owner }) })),
    messages: owners
      .filter((one) => teamOf(one) === undefined)
      .map(
        (one) =>
          `${shown(one)} is no team, so it owns nothing here; allowed: @org/team, or the path under paths of the ` +
          'service with group:name or user:object-id',
      ),
  };
}

function teamOf(owner: string): Principal | undefined {
  const team = /^@[A-Za-z0-9._-]+\/([A-Za-z0-9._-]+)$/.exec(owner)?.[1];
  return team === undefined ? undefined : `group:${team}`;
}

/** The globs that match what the pattern does, or what is wrong with it. */
function globsOf(pattern: string): readonly string[] | string {
  if (pattern.startsWith('!')) return 'takes something out, which CODEOWNERS cannot; allowed: a later pattern';
  if (/[[\]]/.test(pattern)) return 'has [ ], which CODEOWNERS does not know; allowed: *, ** and ?';
  const plain = pattern.replaceAll('\\ ', ' ');
  if (plain.includes('\\')) return 'has a backslash; allowed: one before a space only';
  const bare = plain.replace(/^\//, '').replace(/\/$/, '');
  if (bare === '') return 'names no path; allowed: * for everything';
  if (bare.length > GLOB_MAX) return `is longer than ${GLOB_MAX} characters`;
  // A slash before or between, and not only behind, ties a pattern to the root.
  const glob = plain.startsWith('/') || bare.includes('/') ? bare : `**/${bare}`;
  if (plain.endsWith('/')) return [`${glob}/**`];
  const last = bare.split('/').at(-1);
  return last === '*' || last === '**' ? [glob] : [glob, `${glob}/**`];
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, SHOWN));
}
