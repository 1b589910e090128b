import type { StoredGate } from './gate-store.ts';

/** The key did not answer: nothing is known, and trying again later may help. */
export class VaultUnavailableError extends Error {
  override name = 'VaultUnavailableError' as const;
}

/** Seals what must not be readable at rest. Opening fails when the context is not the one it was sealed for. */
export interface Vault {
  /** AES-256-GCM; `context` is authenticated, not stored. Returns text safe for a table property. Rejects with VaultUnavailableError. */
  seal(secret: string, context: string): Promise<string>;
  /** Rejects when key, context or bytes differ, or with VaultUnavailableError. */
  open(sealed: string, context: string): Promise<string>;
}

/** The job token of a check; undefined for a native approval. Rejects when a check has none any more, or as `open` does. */
export async function openJobToken(vault: Vault, { gate, token }: StoredGate): Promise<string | undefined> {
  if (gate.door.kind === 'approval') return undefined;
  if (token === undefined) throw new Error(`request ${gate.id} has no job token any more`);
  return vault.open(token, gate.id);
}
