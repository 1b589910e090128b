import { type DeliveryHealth, isBehind, isSkewed } from '../services/domain/delivery-health.ts';

const TROUBLES: readonly (readonly [words: string, isThere: (health: DeliveryHealth) => boolean])[] = [
  ['the store does not answer', ({ store }) => store !== 'ok'],
  ['no contract is in force', ({ contract }) => contract === undefined],
  ['something was given up', ({ deadLetters }) => deadLetters.length > 0],
  ['a bypass is not confirmed', ({ bypasses }) => bypasses.length > 0],
  ['something was done beside the release path', ({ offPaths }) => offPaths.length > 0],
  ['somebody cannot be reached', ({ unreachable }) => unreachable.length > 0],
  [
    'an exception is asked for of nobody who can be reached',
    ({ unreachedExceptions }) => unreachedExceptions.length > 0,
  ],
  ['the policy has problems', ({ policyProblems }) => policyProblems.length > 0],
  ['evidence is not what it was', ({ checkpoints }) => checkpoints?.state === 'broken'],
  ['nothing is archived', ({ retention }) => retention?.state === 'failing'],
  [
    'evidence is not under checkpoints',
    ({ checkpoints }) => checkpoints?.state === 'failing' || checkpoints?.state === 'late',
  ],
  ['service hooks need attention', ({ hooks = [] }) => hooks.some(({ state }) => state !== 'ok')],
  ['the daily heartbeat is missing', ({ heartbeat }) => heartbeat?.isMissing === true],
  ['what is due is not carried out', isBehind],
  ['a clock is wrong', ({ clocks }) => clocks.some(isSkewed)],
  [
    'parts of the delivery platform were not read again for hours',
    ({ platform = [] }) => platform.some(({ isStale }) => isStale),
  ],
  [
    'the bot may not read parts of the delivery platform',
    ({ platform = [] }) => platform.some(({ unknown }) => unknown !== undefined),
  ],
  ['signals about environments are stale', ({ signals = [] }) => signals.some(({ isStale }) => isStale)],
];

/** Everything that it can be; docs/runbook.md has an entry for each (tested). */
export const TROUBLE_WORDS = TROUBLES.map(([words]) => words);

/** What needs somebody, in a few words each; empty: everything is delivered. */
export function troublesOf(health: DeliveryHealth): string[] {
  return TROUBLES.filter(([, isThere]) => isThere(health)).map(([words]) => words);
}
