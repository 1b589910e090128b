import type { CardReference } from './gate-store.ts';

/** What one pass over a gate's cards did. */
export interface CardPass {
  readonly cards: readonly CardReference[];
  readonly dropped: readonly CardReference[];
  /** Set when some card must be tried again; seconds, when Teams named them. */
  readonly retry?: { readonly afterSeconds?: number };
  /** Some card was not taken for a fault of ours that another try does not mend. */
  readonly hopeless: boolean;
  /** Recipients that take nothing from us now, with Teams' code. */
  readonly refused: readonly { readonly recipient: string; readonly code: string }[];
}

export const NOTHING: CardPass = { cards: [], dropped: [], refused: [], hopeless: false };

/** Of two passes over different cards. */
export function joinPasses(a: CardPass, b: CardPass): CardPass {
  const waits = [a.retry, b.retry].filter((retry) => retry !== undefined);
  const seconds = waits.flatMap((retry) => (retry.afterSeconds === undefined ? [] : [retry.afterSeconds]));
  const retry = seconds.length === 0 ? {} : { afterSeconds: Math.max(...seconds) };
  return {
    cards: [...a.cards, ...b.cards],
    dropped: [...a.dropped, ...b.dropped],
    refused: [...a.refused, ...b.refused],
    hopeless: a.hopeless || b.hopeless,
    ...(waits.length === 0 ? {} : { retry }),
  };
}

/** Of two passes over the same cards: what the second says of a card holds. */
export function afterPass(first: CardPass, second: CardPass): CardPass {
  const keyOf = ({ conversation, recipient }: CardReference) => JSON.stringify([conversation, recipient]);
  const known = new Set(second.cards.map(keyOf));
  return joinPasses({ ...first, cards: first.cards.filter((card) => !known.has(keyOf(card))) }, second);
}
