import type { CheckpointLog } from '../../services/ports/checkpoint-log.ts';
import type { Random } from '../../services/ports/clock.ts';
import type { Table } from '../../services/ports/table.ts';
import { createAnchors } from '../../services/tables/anchors.ts';
import { createEvidenceLog } from '../../services/tables/evidence-log.ts';
import { createEd25519Signer, localSigningKey } from '../../services/vault/ed25519-signer.ts';
import { verifySigned } from '../../services/vault/verify-signed.ts';
import { TENANT } from '../builders.ts';

/** What signs and reads evidence and notes how far it is under checkpoints, on this table. */
export function evidencePorts(table: Table, random: Random, checkpointLog?: CheckpointLog) {
  return {
    signer: createEd25519Signer(localSigningKey(new Uint8Array(32).fill(7))),
    ...(checkpointLog === undefined ? {} : { checkpointLog }),
    verifier: verifySigned,
    evidenceLog: createEvidenceLog({ table, tenant: TENANT }),
    anchors: createAnchors({ table, tenant: TENANT, random }),
  };
}
