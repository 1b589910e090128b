import { type AnchoredHeads, createAnchoredHeads, type LackingHead } from './domain/anchored-heads.ts';
import { createChainWalk, type Walked } from './domain/chain-walk.ts';
import { type Checkpoint, type CheckpointHead, jwsIn, type LogHead, readLine } from './domain/checkpoint.ts';
import { runningSha256, sha256 } from './domain/checksum.ts';
import {
  type ExportHead,
  type ExportKey,
  type ExportLine,
  readExportEnd,
  readExportLine,
} from './domain/evidence-export.ts';
import { isInScope } from './domain/evidence-scope.ts';
import { createLineSplitter, type SplitLine } from './domain/line-splitter.ts';
import type { SignatureVerifier } from './ports/signature-verifier.ts';

/** Bytes of files. Nothing else is known, and none of it is believed. */
export interface Presented {
  readonly export: AsyncIterable<Uint8Array>;
  /** The log of checkpoints, from where it is kept unchanged. */
  readonly checkpoints?: AsyncIterable<Uint8Array>;
  /** Known from elsewhere; absent: those that the export names itself. */
  readonly keys?: readonly ExportKey[];
}

/** The first thing that is wrong. */
export interface ExportFault {
  readonly in: 'export' | 'checkpoints';
  /** From 1; the one after the last where something is missing at the end. */
  readonly line: number;
  readonly why: string;
  readonly aggregate?: string;
  readonly seq?: number;
}

export interface Verification {
  readonly head?: ExportHead;
  /** Undefined, nothing lacking and no text gone: all of it is as it was written. */
  readonly fault?: ExportFault;
  /** What checkpoints have signed and the export does not have; known once its last line was reached. */
  readonly lacking: readonly LackingHead[];
  /** Of what they have signed: what lies in archives alone, and which archives the export names. */
  readonly archived: {
    readonly aggregates: number;
    readonly files: readonly { readonly name: string; readonly sha256: string }[];
  };
  readonly lines: number;
  readonly walked: Walked;
  /** How many are in the export, and the last of all that were read. */
  readonly checkpoints: number;
  readonly lastCheckpoint?: Pick<Checkpoint, 'number' | 'at'>;
  /** How many of them a log of its own had, where one was presented. */
  readonly compared?: number;
  /** The keys were known from elsewhere. */
  readonly isPinned: boolean;
  /** Thumbprints of the keys that were accepted. */
  readonly keyIds: readonly string[];
}

interface Needs {
  readonly signatures: SignatureVerifier;
}

/** Longest line that is read: an entry is at most a row of 1 MiB, a checkpoint has at most 1,000 heads. */
export const LONGEST_LINE = 16 * 1024 * 1024;

/** Whether an export is what was written: without network, secrets or store, in one pass, whatever its size. */
export async function verifyExport(needs: Needs, presented: Presented): Promise<Verification> {
  const reading = createExportReading(needs, presented);
  for await (const lines of linesOf(presented.export)) {
    for (const line of lines) {
      const fault = await reading.take(line);
      if (fault !== undefined) return reading.done(fault);
    }
  }
  return reading.done(reading.cutOff());
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly SplitLine[]> {
  const splitter = createLineSplitter(LONGEST_LINE);
  for await (const chunk of chunks) yield splitter.push(chunk);
  yield splitter.rest();
}

type Fault = Omit<ExportFault, 'in' | 'line'> & Partial<Pick<ExportFault, 'in' | 'line'>>;

/** What is known so far. */
interface State {
  head?: ExportHead;
  /** SHA-256 of the first line. */
  first?: string;
  keys: readonly ExportKey[];
  lines: number;
  checkpoints: number;
  ended: boolean;
  previous?: LogHead;
  last?: Checkpoint;
  /** Of a log of its own, by number. */
  known?: ReadonlyMap<number, string>;
}

interface Tools extends Needs, Omit<Presented, 'export'> {
  readonly state: State;
  readonly anchored: AnchoredHeads;
  readonly walk: ReturnType<typeof createChainWalk>;
  readonly bytes: ReturnType<typeof runningSha256>;
}

/** Line by line; what is refused changes nothing of what is known. */
export function createExportReading(needs: Needs, presented: Omit<Presented, 'export'>) {
  const anchored = createAnchoredHeads();
  const state: State = { keys: presented.keys ?? [], lines: 0, checkpoints: 0, ended: false };
  const tools = { ...needs, ...presented, state, anchored, walk: createChainWalk(anchored), bytes: runningSha256() };
  return {
    take: async (line: SplitLine): Promise<ExportFault | undefined> => {
      const fault = await takeLine(tools, line);
      if (fault !== undefined) return { in: 'export', line: state.lines + 1, ...fault };
      state.lines += 1;
      return undefined;
    },
    /** Why the file may not end here. */
    cutOff: (): ExportFault | undefined => {
      const why =
        state.lines === 0
          ? 'the file is empty'
          : 'the export is cut off: its last line, which signs all others, is missing';
      return state.ended ? undefined : { in: 'export', line: state.lines + 1, why };
    },
    done: (fault: ExportFault | undefined): Verification => ({
      ...(state.head === undefined ? {} : { head: state.head }),
      ...(fault === undefined ? {} : { fault }),
      lacking: state.ended ? anchored.lacking() : [],
      archived: anchored.archived(),
      lines: state.lines,
      walked: tools.walk.walked(),
      checkpoints: state.checkpoints,
      ...(state.last === undefined ? {} : { lastCheckpoint: { number: state.last.number, at: state.last.at } }),
      ...(state.known === undefined ? {} : { compared: state.known.size }),
      isPinned: presented.keys !== undefined,
      keyIds: state.keys.map(({ kid }) => kid),
    }),
  };
}

async function takeLine(tools: Tools, line: SplitLine): Promise<Fault | undefined> {
  const { state, bytes } = tools;
  if (state.ended) return { why: 'it stands after the last line, which signs all others' };
  if ('why' in line)
    return { why: state.lines === 0 ? `${FOREIGN}: ${line.why}; if it is compressed, unpack it first` : line.why };
  const read = readExportLine(line.text);
  if (read.kind === 'none') {
    // A later version is told apart from something else altogether.
    const isForeign = state.lines === 0 && !line.text.startsWith('{"export"');
    return { why: isForeign ? `${FOREIGN}: ${read.why}` : read.why };
  }
  if (read.kind === 'end') return takeEnd(tools, read.jws);
  const fault = await takeSaid(tools, read, line.text);
  if (fault !== undefined) return fault;
  bytes.add(line.bytes);
  return undefined;
}

const FOREIGN = 'this is no export of evidence';
const HEADLESS = `${FOREIGN}: its first line is missing`;

function takeSaid(
  tools: Tools,
  read: Exclude<ExportLine, { kind: 'end' }>,
  text: string,
): Fault | undefined | Promise<Fault | undefined> {
  const { state, walk } = tools;
  if (read.kind === 'head')
    return state.lines === 0 ? takeHead(tools, read, text) : { why: 'another export begins here' };
  if (state.head === undefined) return { why: HEADLESS };
  if (read.kind === 'entry') {
    const { aggregate, seq } = read.entry;
    const why = walk.take(read.entry);
    return why === undefined ? undefined : { why, aggregate, seq };
  }
  if (walk.hasBegun()) return { why: 'a checkpoint stands after entries: lines were moved' };
  return takeCheckpoint(tools, state.head, text, read.jws);
}

async function takeHead(
  tools: Tools,
  { head, keys }: ExportLine & { kind: 'head' },
  text: string,
): Promise<Fault | undefined> {
  const { state, checkpoints } = tools;
  state.head = head;
  state.first = sha256(text);
  state.keys = tools.keys ?? keys;
  return checkpoints === undefined ? undefined : takeLog(tools, checkpoints, head);
}

/** A log of its own: what it has signed counts, whatever the export has of it. */
async function takeLog(tools: Tools, log: AsyncIterable<Uint8Array>, head: ExportHead): Promise<Fault | undefined> {
  const known = new Map<number, string>();
  tools.state.known = known;
  let [line, after]: [number, LogHead | undefined] = [0, undefined];
  for await (const lines of linesOf(log)) {
    for (const one of lines) {
      line += 1;
      const read = await takeLogged(tools, one, after, head);
      if ('why' in read) return { in: 'checkpoints', line, ...read };
      known.set(read.number, read.checksum);
      after = read;
    }
  }
  return line === 0 ? { in: 'checkpoints', line: 1, why: 'the file is empty' } : undefined;
}

async function takeLogged(
  tools: Tools,
  line: SplitLine,
  after: LogHead | undefined,
  { at, from = '', to = at, scope }: ExportHead,
): Promise<LogHead | Fault> {
  if ('why' in line) return line;
  const read = await readCheckpoint(tools, line.text, jwsIn(line.text) ?? '', after);
  if ('problem' in read) return { why: read.detail };
  const { checkpoint } = read;
  noteLast(tools, checkpoint);
  const isMeant = checkpoint.at >= from && checkpoint.at <= to;
  const why = noteHeads(tools, checkpoint, at, (head) => isMeant && isInScope(head, scope));
  return why === undefined ? read.head : { why };
}

async function readCheckpoint({ signatures, state }: Tools, line: string, jws: string, after: LogHead | undefined) {
  const signed = await signatures.payloadOf('countersign-checkpoint+jws', jws, state.keys);
  return readLine(line, signed, { after, tenant: state.head?.tenant });
}

/** The first one may be of before the time of the export: it is there for the second to follow. */
async function takeCheckpoint(tools: Tools, head: ExportHead, line: string, jws: string): Promise<Fault | undefined> {
  const { state } = tools;
  const read = await readCheckpoint(tools, line, jws, state.previous);
  if ('problem' in read) return { why: read.detail };
  const { number, checksum } = read.head;
  const logged = state.known?.get(number);
  if (logged !== undefined && logged !== checksum)
    return { why: `the log of checkpoints has another checkpoint ${number}` };
  state.previous = read.head;
  state.checkpoints += 1;
  noteLast(tools, read.checkpoint);
  const { at, from = '', scope } = head;
  const isMeant = read.checkpoint.at >= from;
  const why = noteHeads(tools, read.checkpoint, at, (one) => isMeant && isInScope(one, scope));
  return why === undefined ? undefined : { why };
}

function noteLast({ state }: Tools, checkpoint: Checkpoint): void {
  if (checkpoint.number > (state.last?.number ?? 0)) state.last = checkpoint;
}

/** What happened after the export was read may be missing in it. */
function noteHeads(
  { anchored }: Tools,
  checkpoint: Checkpoint,
  readAt: string,
  isRequired: (head: CheckpointHead) => boolean,
): string | undefined {
  return checkpoint.at > readAt ? undefined : anchored.note(checkpoint, isRequired);
}

async function takeEnd({ state, signatures, bytes }: Tools, jws: string): Promise<Fault | undefined> {
  if (state.head === undefined) return { why: HEADLESS };
  const payload = await signatures.payloadOf('countersign-evidence-export+jws', jws, state.keys);
  if (payload === undefined) return { why: 'its signature does not verify with these keys' };
  const end = readExportEnd(payload);
  if (end === undefined) return { why: 'it is signed, and not what this version of Countersign signs' };
  state.ended = true;
  if (end.first !== state.first) return { line: 1, why: 'it was changed' };
  if (end.lines !== state.lines)
    return { why: `${end.lines} lines were signed, and ${state.lines} are here: ${WHOLE}` };
  return end.sha256 === bytes.hex()
    ? undefined
    : { why: `the lines before it are not those that were signed: ${WHOLE}` };
}

/** What no line by itself can tell. */
const WHOLE = 'aggregates, the last entries of one, checkpoints or texts were taken away, added or moved';
