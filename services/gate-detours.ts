import type { Gate } from './domain/gate.ts';
import { askedNow } from './domain/quorum.ts';
import { isUnheard, roadsIn } from './domain/roads.ts';
import type { Clock } from './ports/clock.ts';
import type { Covers } from './ports/covers.ts';
import { type Detour, detourOf } from './ports/detour.ts';
import type { Directory } from './ports/directory.ts';
import { type Conversations, nameOf, type Recipient } from './ports/notifier.ts';
import type { Policy } from './ports/policy.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Pick<Directory, 'membersOf' | 'person'>;
  readonly covers: Pick<Covers, 'inForce'>;
  readonly conversations: Pick<Conversations, 'find' | 'lostBecause'>;
}

/** Who gets the cards of a gate in the place of those whom they do not reach; undefined while they reach enough. */
export type GateDetours = (gate: Gate, recipients: readonly Recipient[]) => Promise<Detour | undefined>;

/** Rejects when store, directory or policy do not answer. */
export function createGateDetours(needs: Needs): GateDetours {
  return async (gate, recipients) => {
    const found = await Promise.all(recipients.map((recipient) => needs.conversations.find(recipient)));
    const lost = recipients.filter((_, index) => found[index] === undefined);
    const reached = new Set(recipients.filter((one) => !lost.includes(one)).map(nameOf));
    const { contract, catalog } = await needs.policy.current();
    if (lost.length === 0 || contract === undefined || !isUnheard(gate, recipients.map(nameOf), reached))
      return undefined;
    const services = gate.services.flatMap((name) => catalog.services.get(name) ?? []);
    const roads = roadsIn({
      channels: [...(gate.ask?.channels ?? []), ...services.flatMap(({ channel }) => channel ?? [])],
      covers: await standInsFor(needs, gate, lost),
      leads: services.flatMap(({ lead }) => lead ?? []),
      ...contract,
    });
    return detourOf(needs, lost, roads);
  };
}

/** Of a channel that is lost those who are asked, who need not have a card of their own yet. */
async function standInsFor({ covers, clock }: Needs, { ask, votes }: Gate, lost: readonly Recipient[]) {
  const oids = lost.flatMap((one) => (one.kind === 'person' ? [one.oid] : []));
  const inForce = await covers.inForce(clock.now());
  const asked = ask !== undefined && lost.some(({ kind }) => kind === 'channel') ? askedNow(ask, votes) : [];
  return [...asked.map(({ oid }) => oid), ...inForce.filter(({ absent }) => oids.includes(absent)).map(({ by }) => by)];
}
