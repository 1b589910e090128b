import { createReadStream } from 'node:fs';
import { verifyExport } from '../../services/evidence-verification.ts';
import { verifySigned } from '../../services/vault/verify-signed.ts';
import { serveParent, usage } from './children.ts';

/** Verifies one export of evidence once. */
const [file = ''] = process.argv.slice(2);

export interface VerifyWork {
  readonly ms: number;
  /** At its peak, above what the process had before. */
  readonly rssMb: number;
}

async function verify(): Promise<VerifyWork> {
  const idle = usage();
  const begun = performance.now();
  const presented = { export: createReadStream(file, { highWaterMark: 1 << 20 }) };
  const { fault, lacking } = await verifyExport({ signatures: verifySigned }, presented);
  if (fault !== undefined || lacking.length > 0) throw new Error(`not verified: ${fault?.why}`);
  const ms = performance.now() - begun;
  return { ms, rssMb: process.resourceUsage().maxRSS / 1_024 - idle.rssMb };
}

serveParent({ verify });
