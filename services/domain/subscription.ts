import type { Refusal } from './refusal.ts';

/** What became of the wish to read of a scope, or not to any more; `all`: what is subscribed to now. */
export type Subscribed =
  | { readonly kind: 'subscribed' | 'unsubscribed'; readonly scope: string; readonly all: readonly string[] }
  /** It was that way before: nothing was done. */
  | { readonly kind: 'already' | 'not-subscribed'; readonly scope: string; readonly all: readonly string[] }
  /** Neither a service of the catalog nor an environment of the contract. */
  | { readonly kind: 'unknown-scope'; readonly scope: string; readonly known: readonly string[] }
  | { readonly kind: 'too-many'; readonly all: readonly string[] }
  | { readonly kind: 'refused'; readonly why: Refusal };
