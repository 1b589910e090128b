import type { Candidate, Decision, Gate } from '../services/domain/gate.ts';
import { nameIn, type OutsideIdentity, type Principal } from '../services/domain/person.ts';
import { askedNow } from '../services/domain/quorum.ts';
import { plain } from './text.ts';

/**
 * Who reads a card; the server authorises everything again. Without `oid` it is everybody in a channel: they see how it
 * stands and no button to decide.
 */
export interface Viewer {
  readonly oid?: string;
  /** IANA name of their time zone, where it is known. */
  readonly zone?: string;
  /** Others see the card too, as in a channel, though it answers this person: no button to decide. */
  readonly isPublic?: boolean;
  /** Teams ids of those whose clients fetch their own view of it; absent where the card is one person's own. */
  readonly refreshFor?: readonly string[];
}

const NAME_MAX = 60;
const SERVICE_MAX = 64;
const RUN_MAX = 60;

/** Somebody's name as it may be shown; never empty, so that no row can seem to name nobody. */
export function nameOf(name: string | undefined): string {
  const shown = plain(name ?? '', NAME_MAX);
  return shown === '' ? '(no name)' : shown;
}

export function identityName(identity: OutsideIdentity): string {
  const known = [identity.name, identity.uniqueName, identity.id].find((text) => plain(text ?? '', NAME_MAX) !== '');
  return nameOf(known);
}

/** Who asked for the deployment, as Azure DevOps says. */
export function requesterOf(gate: Gate): string {
  const known = gate.sources?.requesters ?? [];
  const names = (known.length === 0 ? [gate.run.requestedFor] : known).map(identityName);
  return listOf([...new Set(names)], 3);
}

/** `a, b and 3 more`: at most `shown` of them. */
export function listOf(names: readonly string[], shown: number): string {
  if (names.length <= shown) return joined(names);
  return `${names.slice(0, shown).join(', ')} and ${grouped(names.length - shown)} more`;
}

function joined(names: readonly string[]): string {
  const last = names.at(-1) ?? 'nobody';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

/** `430,000`: a number that people read at a glance. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 finding`, `430,000 findings`. */
export function counted(count: number, one: string, many?: string): string {
  return `${grouped(count)} ${plural(count, one, many)}`;
}

/** `finding`, or `findings` of any other number than one. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? one : many;
}

/** `payments-leads` for a group; the person's name where the gate knows it, else the object id. */
export function principalName(principal: Principal, gate?: Gate): string {
  const name = nameIn(principal);
  if (principal.startsWith('group:')) return nameOf(name);
  const people = (gate?.ask?.levels ?? []).flatMap(({ eligible, excluded }) => [...eligible, ...excluded]);
  return nameOf(people.find(({ oid }) => oid === name.toLowerCase())?.name ?? `person ${name}`);
}

export function servicesOf(gate: Gate): string {
  return listOf(
    gate.services.map((service) => plain(service, SERVICE_MAX)),
    3,
  );
}

export function environmentOf(gate: Gate): string {
  return plain(gate.environment, SERVICE_MAX);
}

export function runName(gate: Gate): string {
  return plain(gate.run.name, RUN_MAX);
}

/** `prod deployment of payments-api 20261123.4`. */
export function deploymentOf(gate: Gate): string {
  return `${environmentOf(gate)} deployment of ${servicesOf(gate)} ${runName(gate)}`;
}

export function isViewer(viewer: Viewer | undefined, oid: string): boolean {
  return viewer?.oid !== undefined && viewer.oid.toLowerCase() === oid.toLowerCase();
}

/** `you` only to that person. */
export function personName(
  { oid, name }: { readonly oid: string; readonly name: string },
  viewer: Viewer | undefined,
): string {
  return isViewer(viewer, oid) ? 'you' : nameOf(name);
}

/** `you` only to the person who decided. */
export function decider(gate: Gate, viewer: Viewer | undefined): string {
  return gate.decision === undefined ? 'somebody' : voterName(gate.decision, viewer);
}

/** `you` only to that person; with whom they stood in for. */
export function voterName({ by, covers }: Pick<Decision, 'by' | 'covers'>, viewer: Viewer | undefined): string {
  const name = personName(by, viewer);
  return covers === undefined ? name : `${name} for ${nameOf(covers.name)}`;
}

/** Who may decide, as the record knows it. */
export function approversOf(gate: Gate): string {
  const { ask, votes } = gate;
  const people = ask === undefined ? [] : askedNow(ask, votes);
  if (people.length === 0) return 'nobody yet';
  return listOf(people.map(candidateName), 5);
}

/** `Bob Baker (for Carla Cruz)`. */
export function candidateName({ name, covers }: Candidate): string {
  return covers === undefined ? nameOf(name) : `${nameOf(name)} (for ${nameOf(covers.name)})`;
}
