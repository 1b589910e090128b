import { plusMinutes } from './domain/instant.ts';
import { SENT, type SourceNote, type Stranger, strangersOf } from './domain/source-note.ts';
import type { Clock } from './ports/clock.ts';
import type { PlacedSignals, SentReport } from './ports/placed-signals.ts';
import type { ReportReader, ReportRefusal } from './ports/report-reader.ts';
import { readSent } from './ports/sent-events.ts';
import type { SourceNotes } from './ports/source-notes.ts';

/** As whose note stands in `status` what came and is no signal. */
const EVENTS = 'azure-events';
const STRANGERS_KEPT_MINUTES = 7 * 1_440;
const SAID_AGAIN_MINUTES = 60;

export type SentOutcome =
  | {
      readonly kind: 'taken';
      readonly sources: readonly string[];
      readonly services: readonly string[];
      readonly strangers: number;
      /** What of it was not taken, in words. */
      readonly passedOver?: string;
    }
  | ({ readonly kind: 'refused' } & Pick<ReportRefusal, 'detail' | 'refused'>);

interface Needs {
  readonly clock: Clock;
  readonly reader: ReportReader;
  readonly notes: SourceNotes;
  readonly told: (sent: SentReport) => Promise<PlacedSignals>;
}

/**
 * Single words about environments, as Azure sends them: one, or a list of them. Everything that says something is taken in before this
 * resolves, and again is the same; what else came with it is noted. Refused is what says nothing at all and is not evidently somebody
 * else's event. Rejects with StoreUnavailableError or AssetsUnavailableError: then it must be sent again.
 */
export function createSentSignals({ clock, reader, notes, told }: Needs) {
  return async (sent: unknown): Promise<SentOutcome> => {
    const read = await readSent(reader, sent);
    if ('refused' in read) return { kind: 'refused', ...read };
    const { reports, passedOver } = read;
    const { notes: known, placed: all } = await notes.all();
    const names = new Map(known.filter(({ target }) => target !== SENT).map(({ target, name }) => [target, name]));
    const taken = [];
    for (const report of reports) {
      const source = report.format;
      const placed = all.filter((one) => one.source === source);
      taken.push({ source, ...(await told({ source, report, names, placed })) });
    }
    for (const note of notesOf(known, taken, passedOver, clock.now())) await notes.put(note);
    return {
      kind: 'taken',
      sources: taken.map(({ source }) => source),
      services: [...new Set(taken.flatMap(({ places }) => places.map(({ service }) => service)))],
      strangers: strangersOf(taken.flatMap(({ strangers }) => strangers)).count,
      ...(passedOver === undefined ? {} : { passedOver }),
    };
  };
}

function notesOf(
  known: readonly SourceNote[],
  taken: readonly { readonly source: string; readonly strangers: readonly Stranger[] }[],
  passedOver: string | undefined,
  now: string,
): SourceNote[] {
  const withOnes = taken.filter(({ strangers }) => strangers.length > 0);
  return [
    ...withOnes.map(({ source, strangers }) => withStrangers(known, source, strangers, now)),
    ...(passedOver === undefined || !isNews(known, passedOver, now) ? [] : [notTaken(passedOver, now)]),
  ];
}

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

function notTaken(why: string, at: string): SourceNote {
  const strangers = { count: 0, samples: [] };
  return { source: EVENTS, target: SENT, name: 'what is sent', pulledAt: at, failure: { at, why }, strangers };
}

/** Others may send the same all day. */
function isNews(notes: readonly SourceNote[], why: string, now: string): boolean {
  const before = notes.find(({ source, target }) => source === EVENTS && target === SENT)?.failure;
  return before?.why !== why || before.at < plusMinutes(now, -SAID_AGAIN_MINUTES);
}
