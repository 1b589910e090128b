import { OWN_TOOL } from '../domain/branch-protection.ts';
import { isDefaultBranch } from '../domain/catalog.ts';
import { type History, next } from '../domain/finding-history.ts';
import { NO_COMMIT } from '../domain/scan-head.ts';
import type { NewReport } from '../domain/scan-import.ts';
import { visit } from '../domain/steps.ts';
import type { ImportedScan, ScopeKey, ScopeStore } from './scope-store.ts';
import { inTurns } from './turns.ts';

/** Findings by what they were in the scan before. */
export interface Differences {
  readonly new: number;
  readonly known: number;
  readonly gone: number;
  /** Gone before, and back with their past. */
  readonly reopened: number;
}

interface ComparedScan {
  readonly scan: ImportedScan;
  /** Where its branch has one: that after this scan, or as it stands where the scan does not count. */
  readonly history?: History;
  readonly differences: Differences;
}

/**
 * What was known of each tool's findings, and what this report moves: a history only by a complete scan of the default
 * branch, by the bot's own of whichever branch is deployed, or by a posture, and once a confirmed run has moved it only by another one.
 */
export async function comparedScans(scopes: ScopeStore, scope: ScopeKey, told: NewReport): Promise<ComparedScan[]> {
  const { branch, commit } = told.context;
  const isCounted = commit === NO_COMMIT || isDefaultBranch(told.service, branch);
  const compared: ComparedScan[] = [];
  for (const [tool, fingerprints] of told.fingerprints) {
    const compare = isCounted || tool === OWN_TOOL ? withHistory : withLast;
    compared.push(await compare(scopes, scope, told, tool, fingerprints));
  }
  return compared;
}

async function withHistory(
  scopes: ScopeStore,
  scope: ScopeKey,
  { context, report, reportId, at }: NewReport,
  tool: string,
  fingerprints: readonly string[],
): Promise<ComparedScan> {
  const { branch = '-', verified } = context;
  const stored = await scopes.history(scope, tool, branch, { at, fingerprints });
  const step = await inTurns(next(stored.history, { id: `${reportId}.${at.replaceAll(/\D/g, '')}`, at, fingerprints }));
  const isComplete = report.scans.some((scan) => scan.tool === tool && scan.complete);
  const counts = step.moves && isComplete && (verified || !stored.verified);
  const { appeared, known, gone, reopened } = step;
  return {
    scan: { tool, fingerprints, moves: counts ? { kind: 'history', branch, stored, step } : { kind: 'nothing' } },
    history: counts ? step.history : stored.history,
    differences: { new: appeared.length, known, gone: gone.length, reopened: reopened.length },
  };
}

async function withLast(
  scopes: ScopeStore,
  scope: ScopeKey,
  { context: { branch = '-' } }: NewReport,
  tool: string,
  fingerprints: readonly string[],
): Promise<ComparedScan> {
  const before = (await scopes.lastScan(scope, tool, branch)) ?? new Set<string>();
  let known = 0;
  await inTurns(
    visit(fingerprints, (fingerprint) => {
      if (before.has(fingerprint)) known += 1;
    }),
  );
  return {
    scan: { tool, fingerprints, moves: { kind: 'branch', branch } },
    differences: { new: fingerprints.length - known, known, gone: before.size - known, reopened: 0 },
  };
}

export function totalOf(compared: readonly Pick<ComparedScan, 'differences'>[]): Differences {
  const sum = (of: keyof Differences) => compared.reduce((total, { differences }) => total + differences[of], 0);
  return { new: sum('new'), known: sum('known'), gone: sum('gone'), reopened: sum('reopened') };
}
