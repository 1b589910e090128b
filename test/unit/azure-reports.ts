import type { Finding } from '../../services/domain/finding.ts';
import { reportOf } from './scanner-reports.ts';

export type Json = Readonly<Record<string, unknown>>;

export const GROUP = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/shop-prod';
export const MACHINE = `${GROUP}/providers/Microsoft.Compute/virtualMachines/web`;
/** How a problem ends that proves nothing clean. */
export const TAKEN = 'the scan is taken as incomplete';

export const page = (...value: readonly unknown[]) => ({ value });

export async function findingsIn(report: unknown): Promise<readonly Finding[]> {
  return (await reportOf(report)).findings;
}

/** Fingerprints of its findings. */
export async function printsIn(report: unknown): Promise<readonly string[]> {
  return (await findingsIn(report)).map(({ fingerprint }) => fingerprint);
}

/** Fingerprints of what it tells as cleared. */
export async function clearedIn(report: unknown): Promise<readonly string[]> {
  return (await reportOf(report)).cleared?.map(({ fingerprint }) => fingerprint) ?? [];
}
