import type { SourceNote } from '../domain/source-note.ts';
import type { FoundTargets } from './signal-source.ts';

/** Without what is known to be in an organization that could not be listed: the others do not wait for it. */
export function withoutOthers({ unseen, unlisted }: FoundTargets, notes: Iterable<SourceNote>): FoundTargets['unseen'] {
  const there = [...notes].filter(({ organization = '' }) => unlisted?.has(organization));
  const names = new Set(there.flatMap(namesOf));
  return new Map([...unseen].filter(([name]) => !names.has(name.toLowerCase())));
}

/** Of what was noted before organizations were, nobody knows where it is. */
export function mayBeUnlisted({ target, organization }: SourceNote, { unlisted }: FoundTargets): boolean {
  if (unlisted === undefined) return false;
  return unlisted.has(target) || (organization === undefined ? target.includes('/') : unlisted.has(organization));
}

export function unseenIn({ targets, unseen, unlisted }: FoundTargets, listing: string): ReadonlyMap<string, string> {
  if (targets.length === 0 && unseen.size === 0 && unlisted === undefined)
    return new Map([[listing, 'the catalog names nothing that it could be pulled from']]);
  return new Map([...unseen].map(([name, why]) => [name.toLowerCase(), why]));
}

/** As the catalog may call it: a repository without its project. */
export function namesOf({ target, name }: Pick<SourceNote, 'target' | 'name'>): string[] {
  return [target, name, name.split('/').at(-1) ?? name].map((one) => one.toLowerCase());
}
