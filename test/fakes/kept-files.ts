import type { BackupFiles } from '../../services/ports/backup-store.ts';

/** Files in memory, for whoever looks or meddles. */
export function createKeptFiles(): BackupFiles & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    text: async (name) => kept.get(name),
    bytes: async function* (name) {
      const text = kept.get(name);
      if (text === undefined) throw new Error(`${name} cannot be read (ENOENT)`);
      yield Buffer.from(text);
    },
    write: async (name, text) => {
      let all = '';
      for await (const part of text) all += part;
      kept.set(name, all);
    },
  };
}
