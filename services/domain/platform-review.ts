import { isSamePlace, type Place } from './asset.ts';
import { entryKey } from './baseline.ts';
import type { Finding } from './finding.ts';
import { connectionsIn } from './place-state.ts';
import type { Section, SectionKind } from './platform.ts';
import { unreadBecause } from './platform-age.ts';
import type { PlatformIndex } from './platform-index.ts';
import { isNeededBy, isReachedBy } from './platform-known.ts';
import { servicesIn } from './platform-places.ts';
import { PLATFORM_RULES } from './platform-rule-table.ts';
import { type PlacedFinding, SECTION_WORDS } from './platform-rules.ts';
import { byText } from './steps.ts';

/** What a look at a place after a deployment goes by: what a deployment, or whoever made one, may have changed. */

/** Of each project that holds something of the service. */
const OF_PROJECT = ['project', 'environments', 'branches', 'connections', 'reach'] as const;
/** Of these a rule may read all the same: it says who somebody is that the others name. */
const NAMED_BY = ['people'] as const;

/** A section, and of things that cost a call each the ids of those that are the place's. */
export interface LookedAt {
  readonly section: Section;
  readonly things?: readonly string[];
}

export interface PlatformReview {
  /** Each is read again after the deployment. */
  readonly own: readonly LookedAt[];
  /** What is judged there too and belongs to no deployment: it is as old as it is. */
  readonly besides: readonly Section[];
}

/** A section that a project should have and nobody has listed yet is among its own, never read. */
export function reviewOf(index: PlatformIndex, place: Place): PlatformReview {
  const { platform, catalog } = index;
  const look = { wanted: new Set<string>() };
  const projects = platform.sections.filter(
    ({ kind, target }) => kind === 'project' && servicesIn(platform, target, catalog).includes(place.service),
  );
  const find = (kind: SectionKind, { target, name }: Section) =>
    platform.sections.find((one) => one.kind === kind && one.target === target) ?? ({ kind, target, name } as Section);
  const ofProjects = projects.flatMap((project) => OF_PROJECT.map((kind) => find(kind, project)));
  const connections = ofProjects.flatMap((one) =>
    one.kind === 'connections' ? connectionsIn(index, one, place, look) : [],
  );
  const roles = platform.sections.filter(
    (one) => isNeededBy(platform, one, place, catalog) || isReachedBy(one, connections),
  );
  const own = [...ofProjects, ...roles.filter(({ kind }) => kind === 'roles')];
  const ids = new Set(connections.map(({ id }) => id));
  return {
    own: own.map((section) => ({ section, ...thingsOf(section, place, ids) })),
    besides: platform.sections.filter((one) => isNeededBy(platform, one, place, catalog) && !own.includes(one)),
  };
}

function thingsOf(section: Section, place: Place, connections: ReadonlySet<string>): Pick<LookedAt, 'things'> {
  if (section.kind === 'connections')
    return { things: (section.known?.facts ?? []).flatMap(({ id }) => (connections.has(id) ? [id] : [])) };
  if (section.kind !== 'environments') return {};
  const wanted = place.environment.toLowerCase();
  const things = (section.known?.facts ?? []).flatMap(({ id, name, checks }) => {
    const names = [name, ...checks.flatMap(({ ours }) => ours?.environment ?? [])];
    return names.some((one) => one.toLowerCase() === wanted) ? [id] : [];
  });
  return { things };
}

/** Of what is found, what is told by sections that are read again; what the others say comes when they are read. */
export function reviewedFindings(found: readonly PlacedFinding[], place: Place): Finding[] {
  return found
    .filter(({ places }) => places.some((one) => isSamePlace(one, place)))
    .filter(({ finding }) => RULES.has(finding.rule))
    .map(({ finding }) => finding);
}

const REREAD: ReadonlySet<SectionKind> = new Set([...OF_PROJECT, 'roles']);
const RULES: ReadonlySet<string> = new Set(
  PLATFORM_RULES.filter(
    ({ reads }) =>
      reads.some((kind) => REREAD.has(kind)) &&
      reads.every((kind) => REREAD.has(kind) || NAMED_BY.some((one) => one === kind)),
  ).map(({ id }) => id),
);

const NAMED = 3;

/** Which of its own sections say nothing as of an instant (ISO-8601 UTC) or later, each with why; undefined: all of them do. */
export function unknownSince({ own }: Pick<PlatformReview, 'own'>, since: string): string | undefined {
  if (own.length === 0) return 'no project is known in which it is built';
  const words = own.flatMap(({ section }) => unreadSince(section, since) ?? []);
  if (words.length === 0) return undefined;
  const more = words.length > NAMED ? [`and ${words.length - NAMED} more`] : [];
  return [...words.slice(0, NAMED), ...more].join('; ');
}

/** Whether all of it was read at an instant (ISO-8601 UTC) or later, and can be read still. */
export function isReadSince(section: Section, since: string): boolean {
  return unreadBecause(section) === undefined && (section.known?.at ?? '') >= since;
}

function unreadSince(section: Section, since: string): string | undefined {
  if (isReadSince(section, since)) return undefined;
  const why = unreadBecause(section);
  return `${calledOf(section)}: ${[...(why === undefined ? [] : [why]), ageOf(section)].join(', ')}`;
}

/** `Users of contoso (read 2026-11-24 08:00 UTC)`. */
export function besidesWords({ besides }: Pick<PlatformReview, 'besides'>): string | undefined {
  const words = besides.map((section) => `${calledOf(section)} (${ageOf(section)})`);
  return words.length === 0 ? undefined : words.sort(byText).join(', ');
}

function calledOf({ kind, name }: Section): string {
  return `${SECTION_WORDS[kind]} of ${name}`;
}

function ageOf({ known }: Section): string {
  return known === undefined ? 'never read' : `read ${known.at.slice(0, 16).replace('T', ' ')} UTC`;
}

/** By which parts of a baseline (`Part`) a section is compared. */
export function partsOf({ kind, target }: Section): string[] {
  return (PARTS[kind] ?? []).map((entry) => `${entryKey(entry, target)}:`);
}

const PARTS: Readonly<Partial<Record<SectionKind, readonly Parameters<typeof entryKey>[0][]>>> = {
  environments: ['environment', 'check'],
  branches: ['branch-policy'],
  connections: ['connection'],
  reach: ['reach'],
  roles: ['role'],
};
