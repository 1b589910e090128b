import type { Report } from '../../services/domain/finding.ts';
import type { ExpectedProvenance } from '../../services/domain/provenance.ts';
import type { ReportRefusal } from '../../services/ports/report-reader.ts';
import { createSigstoreVerifier } from '../../services/provenance/sigstore-verifier.ts';
import { createReportReader } from '../../services/signals/readers.ts';
import { aSigstore } from '../attestations.ts';
import { COMMIT } from '../builders.ts';

/** One for a whole file: it has made its keys once. */
export const SIGSTORE = await aSigstore();
export const TRUST = SIGSTORE.trust();

type Read = Report | ReportRefusal;

/** Reads text, bytes or JSON values (several: as JSON lines) as the report of the payments service at its commit. */
export function readAttestations(written: unknown, expected: Partial<ExpectedProvenance> = {}): Promise<Read> {
  const text = Array.isArray(written) ? written.map((one) => JSON.stringify(one)).join('\n') : written;
  const bytes = typeof text === 'string' || text instanceof Uint8Array ? text : JSON.stringify(text);
  const body = (async function* () {
    yield Buffer.from(bytes as string);
  })();
  const provenance = { trust: TRUST, repositories: ['payments-api'], commit: COMMIT, ...expected };
  return createReportReader(createSigstoreVerifier()).read(body, { provenance });
}

/** What was verified and found to be so, in one word or by its rules. */
export function verdictOf(read: Read): string {
  if ('refused' in read) return `refused: ${read.refused}`;
  if (read.findings.length > 0) return read.findings.map(({ rule }) => rule).join(' ');
  return read.scans.every(({ complete }) => complete) ? 'clean' : 'incomplete';
}
