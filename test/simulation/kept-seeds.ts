/**
 * Worlds that once broke a promise, each with what was wrong: played first, for ever. A seed means the same world only until
 * the worlds themselves are changed; what it showed is therefore a test of its own too.
 */
export const KEPT_SEEDS: readonly { readonly seed: number; readonly showed: string }[] = [
  { seed: 34, showed: 'a conflict taken for the word of somebody else' },
  { seed: 7, showed: 'a sealed verdict that another process overwrote' },
  { seed: 8, showed: 'a second digest of a day by the process that took over' },
  { seed: 19, showed: 'an approval told again after a lost answer' },
  { seed: 1312, showed: 'a card of drift that was sent and not noted' },
];
