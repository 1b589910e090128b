import type { Gate } from './gate.ts';
import type { Principal } from './person.ts';
import { openLevels, votesFor } from './quorum.ts';

/** Another way for what does not reach those it is meant for. */
export type Road =
  | { readonly kind: 'channel'; readonly channel: string }
  /** Object ids. */
  | { readonly kind: 'people'; readonly oids: readonly string[] }
  | { readonly kind: 'principal'; readonly principal: Principal };

/** What stands beside a person or channel that is not reached. */
export interface Surroundings {
  /** Of the routes and services concerned. */
  readonly channels: readonly string[];
  /** Object ids of those who were arranged to stand in. */
  readonly covers: readonly string[];
  readonly leads: readonly Principal[];
  readonly operators: Principal;
  readonly owner: Principal;
}

/** In the order in which they are tried: the nearest first, and whoever runs the bot before whoever owns the contract. */
export function roadsIn({ channels, covers, leads, operators, owner }: Surroundings): Road[] {
  const principals = [...leads, operators, owner];
  return [
    ...channels.map((channel): Road => ({ kind: 'channel', channel })),
    ...(covers.length === 0 ? [] : [{ kind: 'people', oids: covers } as const]),
    ...[...new Set(principals)].map((principal): Road => ({ kind: 'principal', principal })),
  ];
}

/**
 * Whether what a gate asks reaches too few of those it is sent to: `reached` holds their names (`user:oid`, `channel:…`).
 * A channel reaches everybody who reads it.
 */
export function isUnheard(gate: Gate, sentTo: readonly string[], reached: ReadonlySet<string>): boolean {
  const { ask, votes, state } = gate;
  if (state === 'blocked') return sentTo.length > 0 && !sentTo.some((name) => reached.has(name));
  if (state !== 'asked' || ask === undefined) return false;
  if (ask.channels.some((channel) => reached.has(`channel:${channel}`))) return false;
  return openLevels(ask, votes).some((index) => {
    const level = ask.levels[index];
    const missing = (level?.quorum ?? 0) - votesFor(votes, index).length;
    return (level?.eligible ?? []).filter(({ oid }) => reached.has(`user:${oid}`)).length < missing;
  });
}
