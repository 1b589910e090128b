/**
 * Linear-time wildcards for rules, paths and names (contract.md); a user's pattern never becomes a RegExp.
 * `*` stands for any characters except `/`, `**` for any characters, `?` for one character except `/`.
 */
export function globMatches(pattern: string, text: string): boolean {
  return globMatcher(pattern)(text);
}

/** The same for many texts: the pattern is taken apart once. */
export function globMatcher(pattern: string): (text: string) => boolean {
  const tokens = tokensOf(pattern);
  return (text) => matches(tokens, text);
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

/** Set of reachable token positions, one text character at a time: O(pattern × text), no backtracking. */
function matches(tokens: readonly Token[], text: string): boolean {
  let reachable = closure(new Set([0]), tokens);
  for (const char of text) {
    const next = new Set<number>();
    for (const at of reachable) step(tokens[at], at, char, next);
    if (next.size === 0) return false;
    reachable = closure(next, tokens);
  }
  return reachable.has(tokens.length);
}

function step(token: Token | undefined, at: number, char: string, next: Set<number>): void {
  if (token === undefined) return;
  if (token.kind === 'char') {
    if (token.char === char) next.add(at + 1);
  } else if (token.kind === 'any') next.add(at);
  else if (token.kind === 'inside folders') {
    next.add(at);
    if (char === '/') next.add(at + 1);
  } else if (token.kind === 'folders') return;
  else if (char !== '/') next.add(token.kind === 'one' ? at + 1 : at);
}

function closure(positions: Set<number>, tokens: readonly Token[]): Set<number> {
  for (const at of positions) {
    const token = tokens[at];
    if (token?.kind === 'any' || token?.kind === 'segment') positions.add(at + 1);
    else if (token?.kind === 'folders') positions.add(at + 1).add(at + 2);
  }
  return positions;
}
