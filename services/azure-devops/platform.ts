import { z } from 'zod';
import type { Catalog } from '../domain/catalog.ts';
import {
  ORGANIZATION_SECTIONS,
  PROJECT_SECTIONS,
  type Section,
  type SectionKind,
  sectionsOf,
} from '../domain/platform.ts';
import { isNamedBy, servicesIn } from '../domain/platform-places.ts';
import type { Directory } from '../ports/directory.ts';
import type { PlatformSource, PlatformTarget, SectionRead } from '../ports/platform-source.ts';
import { SourceRefusedError } from '../ports/signal-source.ts';
import { type ConnectionOptions, createConnection } from './connection.ts';
import { type Host, hostOf } from './hosts.ts';
import type { BotIdentity } from './identity.ts';
import { isGuid } from './paths.ts';
import { createAuditingReader } from './platform-auditing.ts';
import { readBranches } from './platform-branches.ts';
import { createConnectionReader } from './platform-connections.ts';
import { createEnvironmentReader } from './platform-environments.ts';
import { translated } from './platform-faults.ts';
import { createHookReader } from './platform-hooks.ts';
import { projectPagePath } from './platform-paths.ts';
import { createPeopleReader } from './platform-people.ts';
import { readProject } from './platform-project.ts';
import { createReachReader } from './platform-reach.ts';
import { createPlatformRead, type PlatformRead, type SectionReader } from './platform-read.ts';
import { createTokenReader } from './platform-tokens.ts';
import { readVariableGroups } from './platform-variable-groups.ts';

export interface PlatformOptions {
  /** Organization URLs without a trailing slash; besides them only their addresses at other services are called. */
  readonly organizations: readonly string[];
  /** The bot's own account; without it everything is refused. */
  readonly identity?: BotIdentity;
  /** Where we listen for checks; absent: no check is known to be ours. */
  readonly checksUrl?: string;
  /** Where we listen for service hooks; absent: no subscription is known to be ours. */
  readonly hooksUrl?: string;
  /** Knows who is in a group of Entra; absent: nobody does. */
  readonly directory?: Pick<Directory, 'membersOf'>;
  /** Milliseconds for one call (default 15,000). */
  readonly callMs?: number;
  /** Milliseconds; the time of day. */
  readonly now?: () => number;
  readonly connection?: Pick<ConnectionOptions, 'now' | 'sleep'>;
}

/** One reader for each kind of section that is read from Azure DevOps. A kind without one is no target. */
type Readers = { readonly [K in SectionKind]?: SectionReader<K> };

function readersOf({ checksUrl, hooksUrl, directory, identity, now = Date.now }: PlatformOptions): Readers {
  return {
    project: readProject,
    environments: createEnvironmentReader(checksUrl),
    branches: readBranches,
    connections: createConnectionReader(checksUrl),
    'variable-groups': readVariableGroups,
    reach: createReachReader(directory),
    people: createPeopleReader({ identity, now }),
    tokens: createTokenReader(),
    auditing: createAuditingReader(now),
    hooks: createHookReader(hooksUrl),
  };
}

const SEEING = 'give the bot access to the organization, and to each project of the catalog';
const PROJECTS_A_PAGE = 500;
const MOST_PAGES = 20;
const HOSTS: readonly Host[] = ['auditservice', 'vsaex', 'vssps'];

const projects = z.object({
  value: z.array(z.object({ id: z.string().refine(isGuid), name: z.string().nullish() })),
});

/** The delivery platform of each organization, as the bot's own account sees it. */
export function createPlatform(options: PlatformOptions): PlatformSource {
  const readers = readersOf(options);
  const patience = new Map<string, number>();
  const connection = createConnection({
    ...options.connection,
    callMs: options.callMs ?? 15_000,
    slowed: (base, seconds) => patience.set(base, Math.max(seconds, patience.get(base) ?? 0)),
  });

  /** What was asked for at any of the organization's addresses since the last call. */
  function costOf(organization: string, calls: number): { readonly calls: number; readonly retryAfter?: number } {
    const bases = basesOf(organization);
    const asked = bases.flatMap((base) => patience.get(base) ?? []);
    for (const base of bases) patience.delete(base);
    return asked.length === 0 ? { calls } : { calls, retryAfter: Math.max(...asked) };
  }

  function readOf(organization: string): PlatformRead {
    // A call that failed has told its patience by its error.
    for (const base of basesOf(organization)) patience.delete(base);
    if (options.organizations.includes(organization))
      return createPlatformRead(connection, organization, options.identity, () =>
        basesOf(organization).some((base) => patience.has(base)),
      );
    throw new SourceRefusedError(`${organization} is not a configured organization`);
  }

  return {
    kinds: [...PROJECT_SECTIONS, ...ORGANIZATION_SECTIONS].filter((kind) => readers[kind] !== undefined),
    async targets(organization, catalog, sections) {
      const read = readOf(organization);
      const listed = await translated(SEEING, () => projectsIn(read));
      const found = targetsOf(organization, { listed, sections, catalog });
      const targets = found.filter(({ kind }) => readers[kind] !== undefined);
      const unseen = unseenIn(sections, listed, catalog);
      return { targets, unseen, ...costOf(organization, read.calls()) };
    },
    async read<K extends SectionKind>(organization: string, section: SectionRead<K>) {
      const reader: SectionReader<K> | undefined = readers[section.target.kind];
      if (reader === undefined) throw new SourceRefusedError(`nobody reads ${section.target.kind} of Azure DevOps`);
      const read = readOf(organization);
      const part = await reader(read, section);
      return { ...part, ...costOf(organization, read.calls()) };
    },
  };
}

interface Known {
  readonly listed: Listed;
  readonly sections: readonly Section[];
  readonly catalog: Catalog;
}

/** What each project holds; all else of those that hold something of the catalog; and the organization itself. */
function targetsOf(organization: string, { listed, sections, catalog }: Known): PlatformTarget[] {
  const held = new Set(
    sections.flatMap((one) => (one.kind === 'project' && isNamedBy(one.known?.facts, catalog) ? [one.target] : [])),
  );
  const own = listed.flatMap((project): PlatformTarget[] =>
    PROJECT_SECTIONS.filter((kind) => kind === 'project' || held.has(project.target)).map((kind) => ({
      kind,
      ...project,
    })),
  );
  return [...own, ...ORGANIZATION_SECTIONS.map((kind) => ({ kind, target: '-', name: nameOf(organization) }))];
}

function basesOf(organization: string): string[] {
  return [organization, ...HOSTS.flatMap((host) => hostOf(organization, host) ?? [])];
}

/** Every project that may be seen. Rejects as Connection does, and with SourceRefusedError where there are too many. */
export async function projectsIn(read: PlatformRead): Promise<Listed> {
  const found: Pick<PlatformTarget, 'target' | 'name'>[] = [];
  let next: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await read(projectPagePath(PROJECTS_A_PAGE, next), projects);
    found.push(...answer.value.value.map(({ id, name }) => ({ target: id.toLowerCase(), name: name || id })));
    next = answer.next;
    if (next === undefined) return found;
  }
  throw new SourceRefusedError(
    `it has more than ${PROJECTS_A_PAGE * MOST_PAGES} projects, of which all cannot be listed`,
  );
}

type Listed = readonly Pick<PlatformTarget, 'target' | 'name'>[];

/** Projects that held a service which no other is known to hold, and that are not shown any more: gone, or kept from the bot. */
function unseenIn(sections: readonly Section[], listed: Listed, catalog: Catalog): ReadonlyMap<string, string> {
  const isListed = new Set(listed.map(({ target }) => target));
  const projects = sectionsOf({ organization: '', sections }, 'project');
  const servicesOf = (project: string) => servicesIn({ organization: '', sections }, project, catalog);
  const shown = projects.filter(({ target }) => isListed.has(target)).flatMap(({ target }) => servicesOf(target));
  const missing = projects.filter(
    ({ target }) => !isListed.has(target) && servicesOf(target).some((service) => !shown.includes(service)),
  );
  return new Map(
    missing.map(({ target, name }) => [target, `the bot does not see project ${name} any more: ${SEEING}`]),
  );
}

/** As people know it. */
function nameOf(organization: string): string {
  return organization.split('/').at(-1) ?? organization;
}
