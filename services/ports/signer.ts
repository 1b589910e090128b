/** The public half of a signing key (RFC 7517, RFC 8037, RFC 7518 section 6.2); `kid` is its thumbprint (RFC 7638). */
export interface PublicKey {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  /** Of a key on the curve P-256. */
  readonly y?: string;
  readonly kid: string;
  readonly alg: 'EdDSA' | 'ES256';
  readonly use: 'sig';
}

/** What a signed text is for (header `typ`, RFC 8725 section 3.11): one kind never passes for another. */
export type SignedKind = 'countersign-decision+jwt' | 'countersign-checkpoint+jws' | 'countersign-evidence-export+jws';

/** The key was not there or did not sign: nothing was said by us. */
export class SignerUnavailableError extends Error {
  override name = 'SignerUnavailableError' as const;
}

/** Signs what others check without asking us. */
export interface Signer {
  /** Compact JWS (RFC 7515) over the payload as JSON, EdDSA with Ed25519 or ES256. Rejects with SignerUnavailableError. */
  sign(kind: SignedKind, payload: object): Promise<string>;
  /** JWK Set with every key whose signatures count. */
  jwks(): Promise<{ readonly keys: readonly PublicKey[] }>;
}
