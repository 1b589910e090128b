import { plusMinutes } from './instant.ts';
import type { Platform, Section } from './platform.ts';

/** A section, and when it is read again (ISO-8601 UTC). */
export interface KeptSection {
  readonly section: Section;
  readonly nextAt: string;
}

/** A round comes every five minutes: what is due for so long is not being read. */
const OVERDUE_MINUTES = 180;

/** What is known of it is older than it should be, whether or not anybody has noticed why. */
export function isOverdue({ nextAt }: Pick<KeptSection, 'nextAt'>, now: string): boolean {
  return !(nextAt >= plusMinutes(now, -OVERDUE_MINUTES));
}

/** What may be taken for known of a platform now: a section that should have been read again long ago cannot be read, whatever it once said. */
export function platformAsOf(organization: string, kept: readonly KeptSection[], now: string): Platform {
  return { organization, sections: kept.map((one) => asOf(one, now)) };
}

function asOf({ section, nextAt }: KeptSection, now: string): Section {
  if (section.unknown !== undefined || !isOverdue({ nextAt }, now)) return section;
  return { ...section, unknown: { since: nextAt, why: 'it was due to be read again long ago, and was not' } };
}

interface Read {
  readonly known?: { readonly at: string };
  readonly unknown?: { readonly since: string; readonly why: string };
}

/** Why a section cannot be relied on now, with the permission that is missing; undefined: it can. */
export function unreadBecause({ known, unknown }: Read): string | undefined {
  if (unknown !== undefined) return unknown.why;
  return known === undefined ? NOBODY_LOOKED : undefined;
}

/** What was known of one property of the delivery platform: never better than what was read. */
export interface PlatformSignal {
  readonly state: 'pass' | 'fail' | 'unknown';
  /** ISO-8601 UTC; when the oldest of what it is made of was read. Absent: nothing was. */
  readonly asOf?: string;
  /** Of `unknown`, with the permission that is missing. */
  readonly why?: string;
}

export const NOBODY_LOOKED = 'nobody has looked yet';

/** Of so many sections that there should be; none at all has been read of nothing. */
export function whyUnread(wanted: number, sections: readonly Read[]): string | undefined {
  if (wanted === 0) return 'no project is known in which it is built';
  return firstUnread(sections) ?? (sections.length < wanted ? NOBODY_LOOKED : undefined);
}

/** Why one of them cannot be relied on; what was once known of it may have changed. Undefined: all of them can. */
export function firstUnread(sections: readonly Read[]): string | undefined {
  return sections.map(unreadBecause).find((why) => why !== undefined);
}

/** When the oldest of it was read whole. */
export function oldestOf(sections: readonly Read[]): { readonly asOf?: string } {
  const [asOf] = sections.flatMap(({ known }) => known?.at ?? []).sort();
  return asOf === undefined ? {} : { asOf };
}

const LONGEST = 300;

/** A record keeps enough to be shown. */
export function shortened(text: string): string {
  return text.slice(0, LONGEST);
}
