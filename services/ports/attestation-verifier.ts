import type { ProvenanceFault, ProvenanceTrust, Signer } from '../domain/provenance.ts';

/** What a signature was found to be worth. */
export type Verified =
  | {
      readonly kind: 'verified';
      readonly signer: Signer /** Exactly the bytes that were signed. */;
      readonly payload: Uint8Array;
    }
  | { readonly kind: 'refuted'; readonly fault: ProvenanceFault };

/**
 * Verifies a Sigstore bundle with a DSSE envelope against the operator's trusted root, by the times that the bundle proves;
 * asks nobody and no clock. Total: whatever is wrong with the bundle or the root is a fault, never a rejection.
 */
export type VerifyAttestation = (bundle: unknown, trust: ProvenanceTrust) => Verified;
