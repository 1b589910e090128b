import { plusMinutes } from './domain/instant.ts';
import { SENT, type SourceNote, type Stranger, strangersOf } from './domain/source-note.ts';
import type { Clock } from './ports/clock.ts';
import type { PlacedSignals, SentReport } from './ports/placed-signals.ts';
import type { ReportReader, ReportRefusal } from './ports/report-reader.ts';
import type { SourceNotes } from './ports/source-notes.ts';

/** Formats whose entries name something in Azure. */
const ACCEPTED = ['azure-policy', 'defender'];
const STRANGERS_KEPT_MINUTES = 7 * 1_440;

export type SentOutcome =
  | {
      readonly kind: 'taken';
      readonly source: string;
      readonly services: readonly string[];
      readonly strangers: number;
    }
  | ({ readonly kind: 'refused' } & Pick<ReportRefusal, 'detail'> & { readonly refused: string });

interface Needs {
  readonly clock: Clock;
  readonly reader: ReportReader;
  readonly notes: SourceNotes;
  readonly told: (sent: SentReport) => Promise<PlacedSignals>;
}

/**
 * Single words about environments, as Azure sends them. Everything is taken in before this resolves, and again is the same. Rejects with
 * StoreUnavailableError or AssetsUnavailableError: then it must be sent again.
 */
export function createSentSignals({ clock, reader, notes, told }: Needs) {
  return async (body: AsyncIterable<Uint8Array>): Promise<SentOutcome> => {
    const report = await reader.read(body, {});
    if ('refused' in report) return { kind: 'refused', ...report };
    const { format: source } = report;
    if (!ACCEPTED.includes(source)) return { kind: 'refused', refused: 'unknown-format', detail: OTHER };
    const { notes: known, placed: all } = await notes.all();
    const names = new Map(known.filter(({ target }) => target !== SENT).map(({ target, name }) => [target, name]));
    const placed = all.filter((one) => one.source === source);
    const { places, strangers } = await told({ source, report, names, placed });
    if (strangers.length > 0) await notes.put(withStrangers(known, source, strangers, clock.now()));
    const services = [...new Set(places.map(({ service }) => service))];
    return { kind: 'taken', source, services, strangers: strangersOf(strangers).count };
  };
}

const OTHER =
  'This is a report of a scanner, not a signal about something in Azure. Send it to /api/findings with its service and commit.';

/** With those of the last days: whoever sends names one at a time. */
function withStrangers(
  notes: readonly SourceNote[],
  source: string,
  strangers: readonly Stranger[],
  now: string,
): SourceNote {
  const known = notes.find((note) => note.source === source && note.target === SENT);
  const isRecent = (known?.pulledAt ?? '') > plusMinutes(now, -STRANGERS_KEPT_MINUTES);
  const before = isRecent && known !== undefined ? known.strangers.samples : [];
  const all = strangersOf([...strangers, ...before]);
  return { source, target: SENT, name: 'what is sent', pulledAt: now, strangers: all };
}
