import type { DigestReader } from './domain/digest-reader.ts';
import type { Principal } from './domain/person.ts';
import { roadsIn } from './domain/roads.ts';
import type { Unreachable } from './domain/unreachable.ts';
import type { Clock } from './ports/clock.ts';
import type { Covers } from './ports/covers.ts';
import { type Detour, detourOf } from './ports/detour.ts';
import type { ReaderPlan } from './ports/digest-readers.ts';
import type { Directory } from './ports/directory.ts';
import { type Conversations, nameOf, type Recipient, recipientNamed } from './ports/notifier.ts';
import type { Policy } from './ports/policy.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Pick<Directory, 'membersOf' | 'person'>;
  readonly covers: Pick<Covers, 'inForce'>;
  readonly conversations: Pick<Conversations, 'lostBecause'>;
}

type Reached = Pick<Conversations, 'find'>;

/** Readers as they stand in for those who are not reached. */
export interface GoneAround {
  readonly readers: ReaderPlan['readers'];
  /** By reader: those whose digest theirs holds too. */
  readonly instead: ReadonlyMap<string, readonly Unreachable[]>;
}

/**
 * Whoever stands in for an owner of whom nobody is reached reads in their own digest what is theirs: a reader has one
 * digest a date. Rejects when store, directory or policy do not answer.
 */
export type DigestDetours = (readers: ReaderPlan['readers'], reached: Reached) => Promise<GoneAround>;

export function createDigestDetours(needs: Needs): DigestDetours {
  return async (readers, reached) => {
    const merged = new Map(readers);
    const instead = new Map<string, readonly Unreachable[]>();
    const lost = await lostAmong(reached, [...readers.values()]);
    for (const reader of lost) {
      const unheard = unheardOf(reader, readers, lost);
      const detour = unheard.size === 0 ? undefined : await detourFor(needs, reader, unheard, reached);
      const [to] = detour?.to ?? [];
      if (detour === undefined || to === undefined) continue;
      const name = nameOf(to);
      merged.set(name, standingFor(merged.get(name), name, unheard));
      instead.set(name, [...(instead.get(name) ?? []), ...detour.instead]);
    }
    return { readers: merged, instead };
  };
}

async function lostAmong(reached: Reached, readers: readonly DigestReader[]): Promise<DigestReader[]> {
  const found = await Promise.all(readers.map(({ name }) => reached.find(recipientNamed(name))));
  return readers.filter((_, index) => found[index] === undefined);
}

/** What this reader owns of services and nobody else is told of. Who hears of everything is named in `status`. */
function unheardOf(
  { standsFor }: DigestReader,
  readers: ReaderPlan['readers'],
  lost: readonly DigestReader[],
): Map<Principal, ReadonlySet<string>> {
  const names = new Set(lost.map(({ name }) => name));
  const reached = [...readers.values()].filter(({ name }) => !names.has(name));
  return new Map(
    [...standsFor].flatMap(([principal, services]) =>
      services === 'all' || reached.some((other) => other.standsFor.has(principal)) ? [] : [[principal, services]],
    ),
  );
}

async function detourFor(
  needs: Needs,
  { name }: DigestReader,
  unheard: ReadonlyMap<Principal, ReadonlySet<string>>,
  reached: Reached,
): Promise<Detour | undefined> {
  const { contract, catalog } = await needs.policy.current();
  if (contract === undefined) return undefined;
  const lost = recipientNamed(name);
  const concerned = new Set([...unheard.values()].flatMap((services) => [...services]));
  const services = [...concerned].flatMap((service) => catalog.services.get(service) ?? []);
  const roads = roadsIn({
    // The channel of a service has a digest of its own.
    channels: [],
    covers: await standInsFor(needs, lost),
    leads: services.flatMap(({ lead }) => lead ?? []),
    ...contract,
  });
  const conversations = { find: reached.find, lostBecause: needs.conversations.lostBecause };
  return detourOf({ ...needs, conversations }, [lost], roads);
}

async function standInsFor({ covers, clock }: Needs, lost: Recipient): Promise<string[]> {
  if (lost.kind === 'channel') return [];
  return (await covers.inForce(clock.now())).filter(({ absent }) => absent === lost.oid).map(({ by }) => by);
}

function standingFor(
  before: DigestReader | undefined,
  name: string,
  more: ReadonlyMap<Principal, ReadonlySet<string>>,
): DigestReader {
  const reader = before ?? { name, standsFor: new Map(), services: new Set(), environments: new Set() };
  const standsFor = new Map(reader.standsFor);
  for (const [principal, services] of more) {
    const known = standsFor.get(principal);
    standsFor.set(principal, known === 'all' ? known : new Set([...(known ?? []), ...services]));
  }
  return { ...reader, standsFor };
}
