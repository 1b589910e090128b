import { type Archive, ArchiveUnavailableError } from '../../services/ports/archive.ts';

export interface InMemoryArchive extends Archive {
  /** For whoever looks or meddles. */
  readonly files: Map<string, string>;
}

/** Archives in memory. `fault` is asked once for each call: it does not arrive, or its answer is lost. */
export function createInMemoryArchive(
  fault: (call: string) => 'ok' | 'before' | 'after' = () => 'ok',
): InMemoryArchive {
  const files = new Map<string, string>();
  return {
    files,
    create: async (name, lines) => {
      const outcome = fault('create');
      if (outcome === 'before') throw new ArchiveUnavailableError('create: no connection');
      if (files.has(name)) return 'exists';
      let text = '';
      for await (const line of lines) text += line;
      files.set(name, text);
      if (outcome === 'after') throw new ArchiveUnavailableError('create: the answer was lost');
      return 'created';
    },
    read: async function* (name) {
      const text = files.get(name);
      if (fault('read') !== 'ok' || text === undefined) throw new ArchiveUnavailableError('read: no connection');
      yield Buffer.from(text);
    },
  };
}
