/** Somebody known to the directory. Permission is by `oid` within the tenant alone; the rest can only exclude. */
export interface Person {
  /** Entra object id, lower case. */
  readonly oid: string;
  readonly name: string;
  /** User principal name or e-mail, lower case. */
  readonly upn: string;
  readonly manager?: string;
  readonly guest: boolean;
  readonly disabled: boolean;
  /** Other accounts of the same human: object ids, Azure DevOps ids or addresses, lower case. */
  readonly sameAs: readonly string[];
}

/** `group:name` or `user:oid` as written in policy files. */
export type Principal = `group:${string}` | `user:${string}`;

/** The group or object id that is meant, as written. */
export function nameIn(principal: Principal): string {
  return principal.slice(principal.indexOf(':') + 1);
}

/** Who did something, as evidence keeps it. */
export type Actor =
  | { readonly kind: 'person'; readonly tenant: string; readonly oid: string; readonly name: string }
  | { readonly kind: 'pipeline'; readonly name: string }
  | { readonly kind: 'countersign' };

export type PersonActor = Actor & { readonly kind: 'person' };

/** An identity as Azure DevOps or Git writes it. Never proves who somebody is; can only exclude. */
export interface OutsideIdentity {
  readonly id?: string;
  readonly descriptor?: string;
  readonly uniqueName?: string;
  readonly name?: string;
}

const SERVICE_DESCRIPTORS = ['svc.', 's2s.', 'aadsp.'];

/** contract.md, "requester is a service": from the descriptor, else from `Build\` in the unique name (not measured). */
export function isService(identity: OutsideIdentity): boolean {
  const descriptor = identity.descriptor?.toLowerCase() ?? '';
  return (
    SERVICE_DESCRIPTORS.some((prefix) => descriptor.startsWith(prefix)) ||
    (identity.uniqueName?.toLowerCase().startsWith('build\\') ?? false)
  );
}

/** Every name under which a person could appear elsewhere, lower case. */
export function aliasesOf(person: Person): readonly string[] {
  return [person.oid, person.upn, ...person.sameAs].map((alias) => alias.toLowerCase());
}

/** Generous on purpose: one matching id or address is enough to be the same human. */
export function isSameHuman(person: Person, identity: OutsideIdentity): boolean {
  const aliases = aliasesOf(person);
  return [identity.id, identity.descriptor, identity.uniqueName]
    .filter((value): value is string => value !== undefined && value !== '')
    .some((value) => aliases.includes(value.toLowerCase()));
}

/** Two accounts of one human, as far as either of them says so. */
export function isSamePerson(a: Person, b: Person): boolean {
  const aliases = aliasesOf(b);
  return aliasesOf(a).some((alias) => aliases.includes(alias));
}

/** One id for all accounts of a human, in whichever level they appear; `known` holds those seen before. */
export function humanOf(known: Person[], people: readonly Person[], oid: string): string {
  const person = people.find((one) => one.oid === oid);
  if (person === undefined) return oid;
  const same = known.find((one) => isSamePerson(one, person));
  if (same === undefined) known.push(person);
  return (same ?? person).oid;
}
