import type { PublicKey, SignedKind } from './signer.ts';

/** Checks what a Signer signed, without secrets and without a network. */
export interface SignatureVerifier {
  /**
   * The payload of a compact JWS as text; undefined unless it is of this kind, signed by one of these keys (EdDSA with Ed25519, or ES256) and written
   * as a Signer writes it, to the last character. Never rejects for what somebody else wrote.
   */
  payloadOf(kind: SignedKind, jws: string, keys: readonly PublicKey[]): Promise<string | undefined>;
}
