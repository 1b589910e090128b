import type { Report } from '../domain/finding.ts';
import { plusMinutes } from '../domain/instant.ts';
import type { ReportReader } from './report-reader.ts';
import { type PullTarget, type SignalSource, SourceRefusedError } from './signal-source.ts';

/** A list that was begun and is gone on with where it stopped. It dies with the process: then the list is begun anew. */
export interface PartialList {
  /** ISO-8601 UTC; when it was begun. */
  readonly at: string;
  readonly reports: readonly Report[];
  readonly next?: string;
  readonly seen: ReadonlySet<string>;
  /** As pages have it. */
  readonly missing: readonly string[];
}

interface Asked {
  readonly source: SignalSource;
  readonly target: PullTarget;
  readonly begun: PartialList | undefined;
  readonly now: string;
}

/** What was read before that is too old to be one list with what comes now. */
const PARTIAL_MINUTES = 60;
const MOST_PAGES = 200;

/**
 * Page by page to the last one; `keep` gets what was read, which stays when the next one does not come now. Rejects with
 * SourceUnavailableError or SourceRefusedError.
 */
export async function readWhole(
  reader: ReportReader,
  { source, target, begun, now }: Asked,
  keep: (partial: PartialList) => void,
): Promise<PartialList> {
  const isFresh = begun !== undefined && begun.at > plusMinutes(now, -PARTIAL_MINUTES) && begun.at <= now;
  let partial: PartialList = isFresh ? begun : { at: now, reports: [], seen: new Set(), missing: [] };
  for (;;) {
    const { body, next, missing: said } = await source.page(target, partial.next);
    const report = await reader.read(once(body), { format: source.name });
    if ('refused' in report) throw new SourceRefusedError(report.detail);
    const { at, seen } = partial;
    const reports = [...partial.reports, report];
    const missing = [...partial.missing, ...(said === undefined ? [] : [said])];
    if (next === undefined) return { at, reports, seen, missing };
    if (seen.has(next) || seen.size >= MOST_PAGES)
      throw new SourceRefusedError('its pages have no end: the same one is named again, or there are too many');
    partial = { at, reports, next, seen: new Set([...seen, next]), missing };
    keep(partial);
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
