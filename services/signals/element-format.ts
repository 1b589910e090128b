import type { Report } from '../domain/finding.ts';
import type { ReadOptions, ReportRefusal } from '../ports/report-reader.ts';
import type { FoundReport } from './found-report.ts';
import { JsonElements } from './json-elements.ts';
import type { ElementSink, JsonLimits, JsonPath, Outline } from './json-outline.ts';
import { readText } from './read-text.ts';
import type { ReportHead } from './report-head.ts';

/** One format of reports: how a file is known to be of it, and how it is read. */
export interface ReportFormat {
  /** Of the parameter `format`. */
  readonly name: string;
  /** In sentences: `Trivy JSON`. */
  readonly title: string;
  recognises(head: ReportHead): boolean;
  read(body: AsyncIterable<Uint8Array>, options: ReadOptions): Promise<Report | ReportRefusal>;
}

/** Hears the elements of one report of a scanner's own format. */
export interface FormatSink extends ElementSink {
  readonly report: FoundReport;
  /** What only the end tells. */
  finish(): ReportRefusal | undefined;
  /** After each piece and after the end, before that of the report: what may take several turns of the event loop. */
  settle?(): Promise<ReportRefusal | undefined>;
}

const LIMITS: JsonLimits = { maxDepth: 64, maxElement: 8 * 1024 * 1024, maxMembers: 100_000 };

/** Handed over in one piece. */
export const WHOLE: Outline = {};
/** Each entry in one piece. */
export const LIST: Outline = { each: WHOLE };
/** For members that nobody needs: walked through, so that their size does not matter. */
export const SKIMMED: Outline = { each: WHOLE, members: new Map(), rest: WHOLE };

/** Members by name, the others skimmed. */
export function objectWith(members: Readonly<Record<string, Outline>>): Outline {
  return { members: new Map(Object.entries(members)), rest: SKIMMED };
}

/** Reads JSON element by element in bounded memory. */
export async function readElements(
  body: AsyncIterable<Uint8Array>,
  outline: Outline,
  sink: FormatSink,
): Promise<Report | ReportRefusal> {
  const elements = new JsonElements(outline, sink, LIMITS);
  const refusal = await readText(body, {
    push: (text) => elements.push(text) ?? sink.report.refusal,
    end: () => elements.end() ?? sink.finish() ?? sink.report.refusal,
    settle: async () => (await sink.settle?.()) ?? sink.report.settle(),
  });
  return refusal ?? sink.report.finish();
}

export function malformed(what: string): ReportRefusal {
  return { refused: 'malformed', detail: `${what}. Send the tool's own file, unchanged.` };
}

/** Refuses what should be an object or a list at this place. */
export function notA(kind: 'list' | 'object', path: JsonPath): ReportRefusal {
  return malformed(`${writtenPath(path)} is no ${kind}`);
}

export function writtenPath(path: JsonPath): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step.slice(0, 40)}`));
  return steps.join('').replace(/^\./, '').slice(0, 200) || 'The report';
}
