import { sha256 } from '../../services/domain/checksum.ts';
import type { Gate } from '../../services/domain/gate.ts';

interface Call {
  readonly requestId: string;
  /** `Idempotency-Key`, which has no blank; empty for none. */
  readonly key: string;
  readonly fields: { readonly verdict: string; readonly revision?: number };
}

/**
 * The operation id of a person's call (storage.md rule 3). What was void or taken back must be given anew: without a key
 * the request as it is at this moment is meant.
 */
export function operationOfCall(oid: string, { requestId, key, fields }: Call, gate: Gate | undefined): string {
  const { revision = gate?.revision ?? 0, verdict } = fields;
  const call = key === '' ? `after ${gate?.withdrawals ?? 0} withdrawals` : key;
  return sha256(JSON.stringify(['api', oid, requestId, revision, verdict, call]));
}
