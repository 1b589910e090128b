import { Buffer } from 'node:buffer';
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '../ports/clock.ts';
import type { Vault } from '../ports/vault.ts';

const ALGORITHM = 'aes-256-gcm';
const VERSION = 'v1';
const KEY_BYTES = 32;
/** 96 bits: the nonce length that NIST SP 800-38D recommends for GCM. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * A vault with one key in memory: AES-256-GCM, a fresh 96-bit nonce for each text, `v1.{nonce}.{ciphertext and tag}` in
 * base64url. The version is authenticated with the context. Throws a RangeError unless the key has 32 bytes.
 */
export function createAesVault({ key, random }: { readonly key: Uint8Array; readonly random: Random }): Vault {
  if (key.length !== KEY_BYTES) throw new RangeError(`the vault's key must have ${KEY_BYTES} bytes, got ${key.length}`);
  const secretKey = Uint8Array.from(key);
  return {
    async seal(secret, context) {
      if (!secret.isWellFormed()) throw new RangeError('a secret with half a surrogate pair would not open unchanged');
      const nonce = random.bytes(NONCE_BYTES);
      if (nonce.length !== NONCE_BYTES) throw new RangeError(`a nonce has ${NONCE_BYTES} bytes, got ${nonce.length}`);
      const cipher = createCipheriv(ALGORITHM, secretKey, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(authenticated(context));
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return [VERSION, Buffer.from(nonce).toString('base64url'), sealed.toString('base64url')].join('.');
    },
    async open(sealed, context) {
      const { nonce, ciphertext, tag } = parse(sealed);
      const decipher = createDecipheriv(ALGORITHM, secretKey, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(authenticated(context));
      decipher.setAuthTag(tag);
      try {
        return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
      } catch (error) {
        throw new Error('a sealed text does not open: key, context or bytes differ', { cause: error });
      }
    },
  };
}

function authenticated(context: string): Buffer {
  if (!context.isWellFormed()) throw new RangeError('a context with half a surrogate pair equals others in UTF-8');
  return Buffer.from(`${VERSION}\n${context}`, 'utf8');
}

function parse(sealed: string) {
  const [version, nonceText = '', sealedText = '', ...rest] = sealed.split('.');
  if (version !== VERSION || rest.length > 0) throw new Error(`not a text sealed as ${VERSION}`);
  const nonce = bytesOf(nonceText);
  const bytes = bytesOf(sealedText);
  if (nonce.length !== NONCE_BYTES || bytes.length < TAG_BYTES) throw new Error('a sealed text is cut off');
  return { nonce, ciphertext: bytes.subarray(0, -TAG_BYTES), tag: bytes.subarray(-TAG_BYTES) };
}

/** Strict: Node's decoder ignores what is not base64url and unused last bits, so that changed texts would still open. */
function bytesOf(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw new Error('a sealed text is not base64url');
  return bytes;
}
