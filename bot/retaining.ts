import type { EvidenceExports } from '../services/evidence-exports.ts';
import type { Verification, verifyExport } from '../services/evidence-verification.ts';
import type { Archive } from '../services/ports/archive.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { ExceptionStore } from '../services/ports/exception-store.ts';
import type { RetentionStore } from '../services/ports/retention-store.ts';
import type { SignatureVerifier } from '../services/ports/signature-verifier.ts';
import type { Signer } from '../services/ports/signer.ts';
import { createRetention } from '../services/retention.ts';
import { DEFAULT_RETENTION, type RetentionSettings } from './retention-settings.ts';

export interface RetentionPorts {
  readonly retention: RetentionStore;
  /** Absent: nothing is ever deleted. */
  readonly archive?: Archive;
}

interface Needs extends RetentionPorts {
  readonly clock: Clock;
  readonly exceptions: ExceptionStore;
  readonly signer: Signer;
  readonly verifier: SignatureVerifier;
  readonly evidenceExports: EvidenceExports;
  readonly verify: typeof verifyExport;
  readonly retentionSettings?: RetentionSettings;
  readonly log: { warn(data: object, message: string): void };
}

/** Wires what is archived and deleted; nothing is, where there is nowhere to archive it. */
export function createRetaining({
  archive,
  retentionSettings = DEFAULT_RETENTION,
  log,
  ...needs
}: Needs): () => Promise<void> {
  if (archive === undefined) return async () => {};
  const { days: retentionDays, legalHold } = retentionSettings;
  const { run } = createRetention({
    ...needs,
    ...{ archive, retentionDays, legalHold },
    exported: needs.evidenceExports.export,
    problemOf: async (bytes) => {
      const { keys } = await needs.signer.jwks();
      return problemIn(await needs.verify({ signatures: needs.verifier }, { export: bytes, keys }));
    },
    failed: (err) => log.warn({ err }, 'evidence is not archived yet'),
  });
  return run;
}

function problemIn({ fault, lacking, walked }: Verification): string | undefined {
  if (fault !== undefined) return `line ${fault.line}: ${fault.why}`;
  const [first] = [...lacking, ...walked.gone];
  return first === undefined ? undefined : `entry ${first.seq} of ${first.aggregate} is missing`;
}
