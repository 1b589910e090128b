import type { Place } from './asset.ts';
import { type ConnectionFact, type Platform, type SectionOf, sectionsOf } from './platform.ts';

type Level = NonNullable<ConnectionFact['scope']>['level'];

/** How far a pipeline reaches into Azure from one place, as whoever its service connections act as. */
export interface ConnectionBreadth {
  /** Those that it may use there, by id. */
  readonly connections: readonly {
    readonly id: string;
    readonly name: string;
    readonly level?: Level;
    readonly role?: string;
  }[];
  /** The widest of them; absent: of none it is known. */
  readonly level?: Level;
  /** The strongest role that one of them stands in; absent: of none it is known. */
  readonly role?: string;
  /** False: some of it could not be read, and what is listed may not be all. */
  readonly isKnown: boolean;
  /** Why it is not. */
  readonly why?: string;
}

/** Widest first; of what is none of these nobody can tell how wide it is. */
const LEVELS: readonly Level[] = ['management-group', 'subscription', 'other', 'resource-group', 'workspace'];
/** Strongest first; any other role comes after them. */
const ROLES: readonly string[] = ['Owner', 'User Access Administrator', 'Contributor'];

/**
 * The breadth of every connection to Azure that this pipeline (its name) may use. Which of them an environment is deployed with its
 * definition alone says: what it may use it can use there. Never narrower than what is known, never known where a part was not read.
 */
export function connectionBreadth(platform: Platform, _place: Place, pipeline: string): ConnectionBreadth {
  const sections = sectionsOf(platform, 'connections');
  const usable = sections.flatMap(({ known }) => known?.facts ?? []).filter((one) => mayUse(one, pipeline));
  const connections = usable
    .map((one) => ({ id: one.id, name: one.name, ...levelOf(one), ...roleOf(platform, one) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const why = sections.length === 0 ? 'nobody has looked at service connections yet' : unreadIn(platform, sections);
  const level = LEVELS.find((one) => connections.some((connection) => connection.level === one));
  return {
    connections,
    ...(level === undefined ? {} : { level }),
    ...strongest(connections.flatMap(({ role }) => role ?? [])),
    isKnown: why === undefined,
    ...(why === undefined ? {} : { why }),
  };
}

function mayUse({ type, isDisabled, openToAll, pipelines }: ConnectionFact, pipeline: string): boolean {
  if (type !== 'azurerm' || isDisabled) return false;
  // Where nobody could tell whom it is open to, it may be open to this one.
  return openToAll !== false || pipelines.some((name) => name.toLowerCase() === pipeline.toLowerCase());
}

function levelOf({ scope }: ConnectionFact): { readonly level?: Level } {
  return scope === undefined ? {} : { level: scope.level };
}

function roleOf(platform: Platform, { clientId }: ConnectionFact): { readonly role?: string } {
  const facts = sectionsOf(platform, 'roles').flatMap(({ known }) => known?.facts ?? []);
  return strongest(facts.filter((one) => clientId !== undefined && one.clientId === clientId).map(({ role }) => role));
}

function strongest(roles: readonly string[]): { readonly role?: string } {
  const role = ROLES.find((one) => roles.includes(one)) ?? [...roles].sort()[0];
  return role === undefined ? {} : { role };
}

function unreadIn(platform: Platform, sections: readonly SectionOf<'connections'>[]): string | undefined {
  const unread = [...sections, ...sectionsOf(platform, 'roles')].find(
    ({ known, unknown }) => known === undefined || unknown !== undefined,
  );
  return unread === undefined ? undefined : (unread.unknown?.why ?? `${unread.name} has not been looked at yet`);
}
