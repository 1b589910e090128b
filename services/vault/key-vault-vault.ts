import type { Random } from '../ports/clock.ts';
import { type Vault, VaultUnavailableError } from '../ports/vault.ts';
import { createAesVault } from './aes-vault.ts';
import { type KeyVaultClient, KeyVaultUnavailableError } from './key-vault-client.ts';

const FORM = 'k1';
const ALGORITHM = 'RSA-OAEP-256';
const KEY_BYTES = 32;
/** Then another data key is made: an hour of texts share one, and an outage of Key Vault is not felt meanwhile. */
const SEALED_WITH_MS = 3_600_000;
const MOST_OPENED = 100;
const PART = /^[A-Za-z0-9_-]+$/;

interface Needs {
  readonly client: KeyVaultClient;
  readonly random: Random;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Opens what was sealed before the key was in Key Vault. */
  readonly before?: Vault;
}

interface DataKey {
  readonly version: string;
  readonly wrapped: string;
  readonly vault: Vault;
}

/**
 * Envelope encryption: each text is sealed with a data key by AES-256-GCM (aes-vault.ts), and the data key is wrapped by a key that never leaves
 * Key Vault. `k1.{version of that key}.{wrapped data key}.{text as aes-vault seals it}`, the envelope authenticated with the context. Texts
 * of older versions open as long as the version is enabled. Rejects with VaultUnavailableError while Key Vault does not answer.
 */
export function createKeyVaultVault({ client, random, now, before }: Needs): Vault {
  let current: { readonly key: Promise<DataKey>; readonly until: number } | undefined;
  const opened = new Map<string, Promise<Vault>>();

  async function made(): Promise<DataKey> {
    const bytes = random.bytes(KEY_BYTES);
    const { value, version } = await client.operate('wrapkey', ALGORITHM, bytes);
    const wrapped = Buffer.from(value).toString('base64url');
    return { version, wrapped, vault: createAesVault({ key: bytes, random }) };
  }

  function dataKey(): Promise<DataKey> {
    if (current === undefined || now() >= current.until) {
      const key = made();
      current = { key, until: now() + SEALED_WITH_MS };
      // What failed is tried again with the next text.
      key.catch(() => {
        if (current?.key === key) current = undefined;
      });
    }
    return current.key;
  }

  async function unwrapped(version: string, wrapped: string): Promise<Vault> {
    const { value } = await client.operate('unwrapkey', ALGORITHM, Buffer.from(wrapped, 'base64url'), version);
    return createAesVault({ key: value, random });
  }

  function vaultOf(version: string, wrapped: string): Promise<Vault> {
    const name = envelope(version, wrapped);
    const known = opened.get(name);
    if (known !== undefined) return known;
    const vault = unwrapped(version, wrapped);
    opened.set(name, vault);
    vault.catch(() => opened.delete(name));
    for (const oldest of [...opened.keys()].slice(0, Math.max(0, opened.size - MOST_OPENED))) opened.delete(oldest);
    return vault;
  }

  return {
    seal: (secret, context) =>
      answered(async () => {
        const { version, wrapped, vault } = await dataKey();
        const sealed = await vault.seal(secret, within(version, wrapped, context));
        return `${envelope(version, wrapped)}.${sealed}`;
      }),
    open: (sealed, context) =>
      answered(async () => {
        const [form, version = '', wrapped = '', ...rest] = sealed.split('.');
        if (form !== FORM && before !== undefined) return before.open(sealed, context);
        if (form !== FORM || !PART.test(version) || !PART.test(wrapped))
          throw new Error(`not a text sealed as ${FORM}`);
        const vault = await vaultOf(version, wrapped);
        return vault.open(rest.join('.'), within(version, wrapped, context));
      }),
  };
}

function envelope(version: string, wrapped: string): string {
  return `${FORM}.${version}.${wrapped}`;
}

function within(version: string, wrapped: string, context: string): string {
  return `${envelope(version, wrapped)}\n${context}`;
}

async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof KeyVaultUnavailableError) throw new VaultUnavailableError(cause.message, { cause });
    throw cause;
  }
}
