import {
  type CheckpointLog,
  CheckpointLogUnavailableError,
  type LogPart,
} from '../../services/ports/checkpoint-log.ts';

export type LogFault = 'ok' | 'before' | 'after';

export interface InMemoryAppendLog extends CheckpointLog {
  /** What stands in each part, for whoever looks or meddles: a change by hand gives the part another version. */
  readonly parts: Map<string, string>;
  /** Calls so far. */
  readonly calls: { total: number };
}

/** The checkpoint log in memory. `fault` is asked once for each call: it does not arrive, or its answer is lost. */
export function createInMemoryAppendLog(
  fault: (call: string) => LogFault | Promise<LogFault> = () => 'ok',
): InMemoryAppendLog {
  const parts = new Map<string, string>();
  const versions = new Map<string, { readonly text: string; readonly version: string }>();
  const calls = { total: 0 };
  let last = 0;

  /** As the store gives them: another one after each change. */
  function versionOf(day: string): string | undefined {
    const text = parts.get(day);
    if (text === undefined) return undefined;
    const known = versions.get(day);
    if (known?.text === text) return known.version;
    last += 1;
    versions.set(day, { text, version: `"${last}"` });
    return `"${last}"`;
  }

  async function call<T>(what: string, apply: () => T): Promise<T> {
    calls.total += 1;
    const outcome = await fault(what);
    if (outcome === 'before') throw new CheckpointLogUnavailableError(`${what}: no connection`);
    const answer = apply();
    if (outcome === 'after') throw new CheckpointLogUnavailableError(`${what}: the answer was lost`);
    return answer;
  }

  function partOf(day: string): LogPart | undefined {
    const [text, version] = [parts.get(day), versionOf(day)];
    if (text === undefined || version === undefined) return undefined;
    const lines = text.split('\n');
    const cut = lines.pop() ?? '';
    const end = { day, bytes: Buffer.byteLength(text), version };
    return cut === '' ? { lines, end } : { lines: [...lines, cut], end: { ...end, isCut: true } };
  }

  return {
    parts,
    calls,
    days: () => call('days', () => [...parts.keys()].sort()),
    read: (day) => call('read', () => partOf(day)),
    end: (day) =>
      call('end', () => {
        const version = versionOf(day);
        return version === undefined
          ? { day, bytes: 0 }
          : { day, bytes: Buffer.byteLength(parts.get(day) ?? ''), version };
      }),
    append: (line, at) =>
      call('append', () => {
        const before = parts.get(at.day);
        const isThere =
          before !== undefined && Buffer.byteLength(before) === at.bytes && versionOf(at.day) === at.version;
        if (!(at.version === undefined ? before === undefined : isThere)) return 'moved';
        parts.set(at.day, `${before ?? ''}${at.isCut === true ? '\n' : ''}${line}\n`);
        const version = versionOf(at.day) ?? '';
        return { day: at.day, bytes: Buffer.byteLength(parts.get(at.day) ?? ''), version };
      }),
  };
}
