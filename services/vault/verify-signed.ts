import { Buffer } from 'node:buffer';
import { compactVerify, errors, importJWK } from 'jose';
import type { SignatureVerifier } from '../ports/signature-verifier.ts';
import type { PublicKey } from '../ports/signer.ts';

/** By the key that the header names (RFC 7515 section 4.1.4); a text whose key is not among them is nobody's. */
export const verifySigned: SignatureVerifier = {
  async payloadOf(kind, jws, keys) {
    if (!isStrict(jws)) return undefined;
    try {
      const { payload, protectedHeader } = await compactVerify(jws, ({ kid }) => keyNamed(kid, keys), {
        algorithms: ['EdDSA', 'ES256'],
      });
      return protectedHeader.typ === kind ? new TextDecoder('utf-8', { fatal: true }).decode(payload) : undefined;
    } catch (error) {
      // What jose or the decoder cannot read is not ours; the key that is missing as well.
      if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException)
        return undefined;
      throw error;
    }
  },
};

/** Of the algorithm that the key is for, never of one that the text chose. */
function keyNamed(kid: string | undefined, keys: readonly PublicKey[]) {
  const key = keys.find((one) => one.kid === kid);
  if (key === undefined) throw new errors.JWKSNoMatchingKey();
  return importJWK({ ...key }, key.alg);
}

/** jose ignores unused last bits, so that a text with one character changed would still verify. */
function isStrict(jws: string): boolean {
  const parts = jws.split('.');
  return parts.length === 3 && parts.every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}
