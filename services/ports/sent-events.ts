import type { Report } from '../domain/finding.ts';
import { eventTypeOf, isSignal, passedOverWords } from '../domain/sent-event.ts';
import type { ReportReader, ReportRefusal } from './report-reader.ts';

/** Formats whose entries name something in Azure. */
const ACCEPTED = ['azure-policy', 'defender'];
/** Event Grid puts no more into one batch (maxEventsPerBatch). */
const MOST_EVENTS = 5_000;

interface SentEvents {
  /** One of each format. */
  readonly reports: readonly Report[];
  /** What said nothing that is kept, in words. */
  readonly passedOver?: string;
}

interface Sorted {
  readonly known: Map<string, unknown[]>;
  /** Types of events that are somebody else's. */
  readonly foreign: string[];
  readonly unread: ReportRefusal[];
}

/**
 * What Azure sends: one word, or a list of them. Each is read by itself, so that none keeps another out; then those that are known
 * together, the latest of which counts. Refused is what says nothing at all and is not evidently somebody else's event.
 */
export async function readSent(reader: ReportReader, sent: unknown): Promise<SentEvents | ReportRefusal> {
  const isList = Array.isArray(sent) && sent.length > 0;
  const events: readonly unknown[] = isList ? sent : [sent];
  if (events.length > MOST_EVENTS)
    return { refused: 'too-large', detail: `These are more than ${MOST_EVENTS} events.` };
  const sorted: Sorted = { known: new Map(), foreign: [], unread: [] };
  for (const event of events) sort(sorted, event, await readIn(reader, isList ? [event] : event));
  const { known, foreign, unread } = sorted;
  const [refusal] = unread;
  if (known.size === 0 && refusal !== undefined) return refusal;
  const reports = await Promise.all([...known.values()].map((one) => readIn(reader, isList ? one : sent)));
  const passedOver = passedOverWords({ foreign, unread: unread.map(({ detail }) => detail) }, events.length);
  const refused = reports.find((report) => 'refused' in report);
  if (refused !== undefined) return refused;
  return {
    reports: reports.flatMap((report) => ('refused' in report ? [] : [report])),
    ...(passedOver === undefined ? {} : { passedOver }),
  };
}

function sort({ known, foreign, unread }: Sorted, event: unknown, read: Report | ReportRefusal): void {
  const type = eventTypeOf(event);
  if (!('refused' in read)) known.set(read.format, [...(known.get(read.format) ?? []), event]);
  else if (type === undefined || isSignal(type)) unread.push(read);
  else foreign.push(type);
}

async function readIn(reader: ReportReader, value: unknown): Promise<Report | ReportRefusal> {
  const report = await reader.read(bytesOf(value), {});
  if ('refused' in report || ACCEPTED.includes(report.format)) return report;
  return { refused: 'unknown-format', detail: OTHER };
}

const OTHER =
  'This is a report of a scanner, not a signal about something in Azure. Send it to /api/findings with its service and commit.';

async function* bytesOf(value: unknown): AsyncGenerator<Uint8Array> {
  yield Buffer.from(JSON.stringify(value));
}
