import type { SectionKind } from './platform.ts';
import { isOverdue, type KeptSection } from './platform-age.ts';

/** How well one part of a delivery platform is known. */
export interface PlatformHealth {
  /** Organization URL. */
  readonly organization: string;
  readonly kind: SectionKind;
  readonly target: string;
  readonly name: string;
  /** ISO-8601 UTC; when all of it was last read. Absent: never. */
  readonly at?: string;
  /** It should have been read again hours ago. */
  readonly isStale: boolean;
  /** Why it cannot be read, with the permission that is missing. */
  readonly unknown?: { readonly since: string; readonly why: string };
}

export function platformHealth(organization: string, { section, nextAt }: KeptSection, now: string): PlatformHealth {
  const { kind, target, name, known, unknown } = section;
  return {
    ...{ organization, kind, target, name },
    ...(known === undefined ? {} : { at: known.at }),
    isStale: isOverdue({ nextAt }, now),
    ...(unknown === undefined ? {} : { unknown }),
  };
}
