/** One line of a text, without its end, and its bytes with it; or why there is none that could be read. */
export type SplitLine = { readonly text: string; readonly bytes: Uint8Array } | { readonly why: string };

const LINE_END = 10;
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Cuts bytes into lines, each ended by a single line feed, and reads them as UTF-8: nothing is passed over or replaced. Keeps no more than one
 * line of at most `longest` bytes; after a longer one nothing more is read.
 */
export function createLineSplitter(longest: number) {
  let parts: Uint8Array[] = [];
  let length = 0;
  const keep = (part: Uint8Array) => {
    parts.push(part);
    length += part.length;
  };
  const taken = (): SplitLine => {
    const line = readAs(parts.length === 1 ? (parts[0] as Uint8Array) : joined(parts, length));
    parts = [];
    length = 0;
    return line;
  };
  const tooLong: SplitLine = { why: `it is longer than ${longest} bytes` };
  return {
    /** The lines that end in this chunk. */
    push: (chunk: Uint8Array): readonly SplitLine[] => {
      const lines: SplitLine[] = [];
      let from = 0;
      for (let at = chunk.indexOf(LINE_END); at >= 0; at = chunk.indexOf(LINE_END, from)) {
        keep(chunk.subarray(from, at + 1));
        if (length > longest + 1) return [...lines, tooLong];
        lines.push(taken());
        from = at + 1;
      }
      if (from < chunk.length) keep(chunk.slice(from));
      return length > longest ? [...lines, tooLong] : lines;
    },
    /** What is left after the last line end: nothing, where the text is whole. */
    rest: (): readonly SplitLine[] => (length === 0 ? [] : [{ why: 'it is cut off: no line end follows' }]),
  };
}

/** `bytes`: with the line end. */
function readAs(bytes: Uint8Array): SplitLine {
  try {
    return { text: DECODER.decode(bytes.subarray(0, -1)), bytes };
  } catch (cause) {
    if (cause instanceof TypeError) return { why: 'it is no UTF-8' };
    throw cause;
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
