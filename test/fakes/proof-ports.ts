import type { CheckpointLog } from '../../services/ports/checkpoint-log.ts';
import { createEd25519Signer, localSigningKey } from '../../services/vault/ed25519-signer.ts';
import { verifySigned } from '../../services/vault/verify-signed.ts';

const signer = createEd25519Signer(localSigningKey(new Uint8Array(32).fill(7)));

/** What others can check without asking us: as in bot/compose.ts, with one key for all. */
export function proofPorts(checkpointLog?: CheckpointLog) {
  return { signer, verifier: verifySigned, ...(checkpointLog === undefined ? {} : { checkpointLog }) };
}
