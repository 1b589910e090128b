/** Seals what must not be readable at rest. Opening fails when the context is not the one it was sealed for. */
export interface Vault {
  /** AES-256-GCM; `context` is authenticated, not stored. Returns text safe for a table property. */
  seal(secret: string, context: string): Promise<string>;
  /** Rejects when key, context or bytes differ. */
  open(sealed: string, context: string): Promise<string>;
}
