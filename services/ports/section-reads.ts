import { plusSeconds } from '../domain/instant.ts';
import type { Section, SectionKind } from '../domain/platform.ts';
import { beginning, isHeeded, nextRead } from '../domain/platform-schedule.ts';
import type { Clock } from './clock.ts';
import type { Cost, PlatformSource, SectionRead } from './platform-source.ts';
import type { PlatformStore, StoredSection } from './platform-store.ts';
import { SourceUnavailableError } from './signal-source.ts';
import { whyOf } from './source-faults.ts';
import { StoreUnavailableError } from './table.ts';

interface Needs {
  readonly clock: Clock;
  readonly platforms: PlatformStore;
}

/** A section that is due. */
export interface DueRead {
  readonly organization: string;
  readonly source: PlatformSource;
  readonly stored: StoredSection;
  /** Everything that is known of the platform. */
  readonly sections: readonly Section[];
  readonly setting?: SectionRead<SectionKind>['setting'];
  /** Calls that may be made. */
  readonly calls: number;
  /** Minutes from one read to the next. */
  readonly every: number;
}

/** What became of a part. */
export interface ReadPart {
  readonly cost: Cost;
  /** As it is stored now; absent: another process was first. */
  readonly stored?: StoredSection;
  readonly goesOn: boolean;
  readonly error?: unknown;
}

const AGAIN_SECONDS = 300;
const REFUSED_SECONDS = 3_600;

/**
 * Reads one part of a section and stores it: what was read so far, or, with the last part, all of it in the place of what was known. What
 * fails leaves what was known, with its age and why it is not known now. Rejects with StoreUnavailableError.
 */
export async function readSectionPart(needs: Needs, due: DueRead): Promise<ReadPart> {
  const { organization, source, stored, sections, setting, calls } = due;
  const { begun } = stored;
  const start = beginning({ ...stored, hints: stored.hints ?? [] }, needs.clock.now());
  try {
    const { facts, next, ...cost } = await source.read(organization, {
      ...{ target: stored.section, sections, calls, isHinted: start.isThorough, things: start.things },
      ...(stored.section.known === undefined ? {} : { before: stored.section.known }),
      ...(setting === undefined ? {} : { setting }),
      ...(start.goesOn && begun !== undefined ? { next: begun.next } : {}),
    });
    if (next === undefined)
      return { goesOn: false, cost, ...(await storedAs(needs, due, wholeOf(due, start, facts, needs))) };
    const { goesOn: _, ...begunNow } = start;
    const kept = await storedAs(needs, due, { ...stored, begun: { ...begunNow, next } });
    return { goesOn: kept.stored !== undefined, cost, ...kept };
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error;
    // Whoever was refused has looked: to ask again at once would be refused again.
    const looked = error instanceof SourceUnavailableError ? '' : start.at;
    const failed = await storedAs(needs, due, failedOf(needs, stored, error), looked);
    return { goesOn: false, error, cost: costOf(error, calls), ...failed };
  }
}

type Next = Omit<StoredSection, 'version' | 'hints'>;

function wholeOf(
  { stored, every }: DueRead,
  { at, isThorough }: ReturnType<typeof beginning>,
  facts: unknown,
  { clock }: Needs,
): Next {
  const { kind, target, name } = stored.section;
  const thoroughAt = isThorough ? at : stored.thoroughAt;
  return {
    section: { kind, target, name, known: { at, facts } } as Section,
    nextAt: nextRead(stored.section, every, at, clock.now()),
    ...(thoroughAt === undefined ? {} : { thoroughAt }),
  };
}

/** A refused read is begun anew; one that was not answered goes on where it stopped. */
function failedOf({ clock }: Needs, stored: StoredSection, error: unknown): Next {
  const { begun, ...rest } = stored;
  const now = clock.now();
  const isSilent = error instanceof SourceUnavailableError;
  const wait = isSilent ? (error.retryAfter ?? AGAIN_SECONDS) : REFUSED_SECONDS;
  return {
    ...rest,
    ...(isSilent && begun !== undefined ? { begun } : {}),
    section: withoutWord(stored.section, now, error),
    nextAt: plusSeconds(now, Math.min(wait, REFUSED_SECONDS)),
  };
}

function withoutWord(section: Section, now: string, error: unknown): Section {
  return { ...section, unknown: { since: section.unknown?.since ?? now, why: readFaultWords(error) } };
}

/** Why something was not read, in words for people. */
export function readFaultWords(error: unknown): string {
  return error instanceof RangeError ? 'there is more of it than is kept' : whyOf(error);
}

/** How many calls a failed read made nobody knows: it is charged with all that it was allowed. */
function costOf(error: unknown, calls: number): Cost {
  const retryAfter = error instanceof SourceUnavailableError ? error.retryAfter : undefined;
  return { calls, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

async function storedAs(
  { platforms }: Needs,
  { organization, stored }: DueRead,
  { hints: _, version: __, ...next }: Next & Partial<StoredSection>,
  lookedAt = next.begun === undefined ? (next.section.known?.at ?? '') : '',
): Promise<{ readonly stored?: StoredSection }> {
  const { section } = next;
  const written = await platforms.put(organization, next, stored);
  if (written === undefined) return {};
  const heeded = (stored.hints ?? []).filter(({ at }) => isHeeded(at, lookedAt));
  await platforms.heeded(organization, section, heeded);
  return { stored: written };
}
