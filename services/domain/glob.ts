/**
 * Linear-time wildcards for rules, paths and names (contract.md); a user's pattern never becomes a RegExp.
 * `*` stands for any characters except `/`, `**` for any characters, `?` for one character except `/`.
 */
export function globMatches(pattern: string, text: string): boolean {
  return takenApart(pattern)(text);
}

/** Patterns are policy's, a few hundred; each is asked of every finding. */
const KEPT = 5_000;
const kept = new Map<string, (text: string) => boolean>();

function takenApart(pattern: string): (text: string) => boolean {
  const known = kept.get(pattern);
  if (known !== undefined) return known;
  if (kept.size >= KEPT) kept.clear();
  const matcher = globMatcher(pattern);
  kept.set(pattern, matcher);
  return matcher;
}

/** The same for many texts: the pattern is taken apart once. */
export function globMatcher(pattern: string): (text: string) => boolean {
  const plain = pattern.slice(0, firstWildcard(pattern));
  if (plain === pattern) return (text) => text === pattern;
  const tokens = tokensOf(pattern.slice(plain.length));
  return (text) => text.startsWith(plain) && matches(tokens, text.slice(plain.length));
}

function firstWildcard(pattern: string): number {
  const at = pattern.search(/[*?]/);
  return at < 0 ? pattern.length : at;
}

type Token =
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'one' | 'segment' | 'any' | 'folders' | 'inside folders' };

const WILDCARD = /(\*\*+\/|\*\*+|\*|\?)/;

function tokensOf(pattern: string): Token[] {
  return pattern.split(WILDCARD).flatMap(wildcardOrText);
}

function wildcardOrText(part: string): Token[] {
  if (part === '?') return [{ kind: 'one' }];
  if (part === '*') return [{ kind: 'segment' }];
  // `**/x` also matches `x` at the root, but never `yx`.
  if (part.startsWith('**'))
    return part.endsWith('/') ? [{ kind: 'folders' }, { kind: 'inside folders' }] : [{ kind: 'any' }];
  return [...part].map((char) => ({ kind: 'char', char }));
}

/** Reachable token positions, one text character at a time: O(pattern × text), no backtracking. */
function matches(tokens: readonly Token[], text: string): boolean {
  // The character at which each position was reached last, from 1.
  const reachedAt = new Uint32Array(tokens.length + 1);
  let turn = 1;
  const reach = (positions: number[], at: number) => {
    if (reachedAt[at] === turn) return;
    reachedAt[at] = turn;
    positions.push(at);
  };
  let reachable = [0];
  closure(reachable, tokens, reach);
  for (const char of text) {
    turn += 1;
    const next: number[] = [];
    for (const at of reachable) step(tokens[at], at, char, (to) => reach(next, to));
    if (next.length === 0) return false;
    closure(next, tokens, reach);
    reachable = next;
  }
  return reachable.includes(tokens.length);
}

function step(token: Token | undefined, at: number, char: string, reach: (to: number) => void): void {
  if (token === undefined) return;
  if (token.kind === 'char') {
    if (token.char === char) reach(at + 1);
  } else if (token.kind === 'any') reach(at);
  else if (token.kind === 'inside folders') {
    reach(at);
    if (char === '/') reach(at + 1);
  } else if (token.kind !== 'folders' && char !== '/') reach(token.kind === 'one' ? at + 1 : at);
}

/** Adds what is reached without a further character; grows while it is walked. */
function closure(
  positions: number[],
  tokens: readonly Token[],
  reach: (positions: number[], at: number) => void,
): void {
  for (const at of positions) {
    const kind = tokens[at]?.kind;
    if (kind === 'any' || kind === 'segment') reach(positions, at + 1);
    else if (kind === 'folders') {
      reach(positions, at + 1);
      reach(positions, at + 2);
    }
  }
}
