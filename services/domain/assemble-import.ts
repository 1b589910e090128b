import type { History } from './finding-history.ts';
import { fittingHeads } from './import-size.ts';
import type { JudgeInput } from './judge.ts';
import { type Ladder, ladderOf } from './past.ts';
import { decisionsOf, type ReportDecisions } from './report-decisions.ts';
import type { ScanHead } from './scan-head.ts';
import { headsOf, type NewReport, pastsByTool, scopedVexOf } from './scan-import.ts';
import type { Steps } from './steps.ts';
import type { ScopedVex } from './vex.ts';

/** What of a tool's past is known, and whether this report moves it. */
interface Compared {
  readonly scan: { readonly tool: string; readonly moves: { readonly kind: string } };
  readonly history?: History;
}

export interface AssembledImport {
  readonly heads: readonly ScanHead[];
  /** Of each tool whose history moves. */
  readonly ladders: readonly Ladder[];
  readonly vex?: ScopedVex;
  readonly environments: readonly ReportDecisions[];
}

/** A report as one transaction stores it, and what it would mean alone; undefined: no transaction can hold it. */
export function* assembleImport(
  { context, report, service, reportId, at }: NewReport,
  compared: readonly Compared[],
  policy: Pick<JudgeInput, 'knownExploited'> & { readonly contract?: JudgeInput['contract'] | undefined },
): Steps<AssembledImport | undefined> {
  const { contract } = policy;
  const pasts = pastsByTool(compared, contract);
  const keyed = yield* headsOf(context, report, contract, reportId, at, service, pasts);
  const ladders: Ladder[] = [];
  for (const { scan } of compared)
    if (scan.moves.kind === 'history')
      ladders.push(yield* ladderOf(scan.tool, keyed, pasts.get(scan.tool)?.pasts, contract, at));
  const vex = scopedVexOf(context, report, reportId, at);
  const said = vex === undefined ? {} : { vex };
  const heads = yield* fittingHeads({ heads: keyed, ladders, ...said });
  if (heads === undefined) return undefined;
  const beside = { ...said, policy };
  const environments = yield* decisionsOf(context, heads, contract, service, at, pasts.values(), beside);
  return { heads, ladders, ...said, environments };
}
