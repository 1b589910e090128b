import { assembleImport } from './domain/assemble-import.ts';
import { fullBranch, speaksFor } from './domain/catalog.ts';
import type { Contract, DecisionClass } from './domain/contract.ts';
import type { Report, Timing } from './domain/finding.ts';
import { orgOf } from './domain/gate.ts';
import { TOO_MANY_PASTS, TOO_MANY_TOOLS } from './domain/head-room.ts';
import { MOST_HEADS, TOO_MANY_DOCUMENTS, TOO_MANY_RULES } from './domain/import-size.ts';
import { servicesAsked, spreadingRules } from './domain/ladder.ts';
import { expectedProvenance } from './domain/provenance.ts';
import type { ReleasedIn } from './domain/release.ts';
import { type ReportDecisions, strictestOf } from './domain/report-decisions.ts';
import { isReserved } from './domain/reserved-tool.ts';
import type { Run } from './domain/run.ts';
import { identified, importEvidence, releasesBefore, type ScanContext } from './domain/scan-import.ts';
import { type AzureDevOps, AzureDevOpsRefusedError } from './ports/azure-devops.ts';
import type { Clock } from './ports/clock.ts';
import { comparedScans, type Differences, totalOf } from './ports/compared-scans.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import type { ReadOptions, ReportReader, ReportRefusal } from './ports/report-reader.ts';
import type { ImportChange, ImportedScan, ScopeKey, ScopeStore } from './ports/scope-store.ts';
import type { NoteReport } from './ports/shipped-branches.ts';
import { spread } from './ports/spreading.ts';
import { inTurns } from './ports/turns.ts';

/** A report with what its sender says about it. */
export interface Submission extends Omit<ReadOptions, 'provenance'> {
  readonly body: AsyncIterable<Uint8Array>;
  readonly service: string;
  readonly commit: string;
  readonly environment?: string;
  readonly branch?: string;
  readonly runId?: number;
  readonly timing?: Timing;
  /** By its checksum: what an attestation in the report must be about. */
  readonly artifact?: string;
}

export interface Imported extends Differences {
  readonly kind: 'imported';
  readonly reportId: string;
  readonly tool: string;
  readonly results: number;
  readonly findings: number;
  /** In the strictest of the environments. */
  readonly decisions: Readonly<Record<DecisionClass, number>>;
  readonly environments: readonly ReportDecisions[];
  /** Deployments of this commit that were let through before: found after them, never blocked. */
  readonly releases: readonly { readonly requestId: string; readonly environment: string; readonly runName: string }[];
  readonly problems: readonly string[];
}

export type ImportOutcome =
  | Imported
  | ({ readonly kind: 'refused' } & ReportRefusal)
  | {
      readonly kind: 'invalid';
      readonly code: 'run-mismatch' | 'run-not-found' | 'unknown-environment' | 'scan-in-future';
      readonly detail: string;
    };

interface Needs {
  readonly tenant: string;
  readonly organizations: readonly string[];
  readonly clock: Clock;
  readonly policy: Policy;
  readonly azureDevOps: AzureDevOps;
  readonly reader: ReportReader;
  readonly scopes: ScopeStore;
  /** Called after the commit, so that waiting gates need not wait for the next pass. */
  readonly committed: (scope: ScopeKey) => void;
}

export type Findings = ReturnType<typeof createFindings>;

export function createFindings(needs: Needs) {
  return {
    /**
     * Reads the report to its end, then stores it in one commit per organization, or nothing there. Refused when one of them has no
     * room. Rejects when the store is down.
     */
    import: (submission: Submission): Promise<ImportOutcome> => importReport(needs, submission),
    /** What the bot found out by itself; the other gates that wait there are judged by its hint. */
    note: ((organization, context, report, policy) => {
      const quietly = { ...needs, committed: () => undefined };
      return storeIn(quietly, context, report, policy, organization, needs.clock.now());
    }) satisfies NoteReport as NoteReport,
    /** What is so in an environment now: whoever waits there is judged again at once. */
    notePosture: ((organization, context, report, policy) =>
      storeIn(needs, context, report, policy, organization, needs.clock.now())) satisfies NotePosture as NotePosture,
  };
}

/** As `NoteReport`, of `NO_COMMIT`; refused is what one transaction cannot hold. */
type NotePosture = (...told: Parameters<NoteReport>) => Promise<ImportOutcome>;

/** A scan that ends later than this many milliseconds from now is refused: its age could never be too old. */
const CLOCK_SKEW = 300_000;

async function importReport(needs: Needs, submission: Submission): Promise<ImportOutcome> {
  const policy = await needs.policy.current();
  const unknown = unknownEnvironment(policy, submission.environment);
  if (unknown !== undefined) return { kind: 'invalid', code: 'unknown-environment', detail: unknown };
  const origin = await originOf(needs, submission, policy);
  if ('kind' in origin) return origin;
  const service = policy.catalog.services.get(submission.service);
  const provenance = expectedProvenance(submission, service, policy.provenance);
  const read = await needs.reader.read(submission.body, { ...submission, provenance });
  if ('refused' in read) return { kind: 'refused', ...read };
  const reserved = read.scans.find(({ tool }) => isReserved(tool, read.format));
  if (reserved !== undefined) return reservedTool(reserved.tool);
  const at = needs.clock.now();
  const future = writtenAfter(read, Date.parse(at) + CLOCK_SKEW);
  if (future !== undefined) return { kind: 'invalid', code: 'scan-in-future', detail: future };
  const context = contextOf(submission, origin.run);
  const stored = await Promise.all(
    origin.organizations.map((organization) => storeIn(needs, context, read, policy, organization, at)),
  );
  // Where one organization has no room for it, its sender must not believe that it was taken.
  return (stored.find(({ kind }) => kind === 'refused') ?? stored[0]) as ImportOutcome;
}

/** What of a report says that it was written after an instant (milliseconds). */
function writtenAfter({ scans, vex, format }: Report, latest: number): string | undefined {
  const scan = scans.find(({ endedAt }) => endedAt !== undefined && Date.parse(endedAt) > latest);
  if (scan !== undefined) return `${scan.tool} says it ended at ${scan.endedAt}`;
  // Nothing written later could ever take its place.
  const said = [vex?.at ?? '', ...(vex?.statements ?? []).map((one) => one.at)].find(
    (time) => Date.parse(time) > latest,
  );
  return said === undefined ? undefined : `the ${format} document says it was written at ${said}`;
}

function reservedTool(tool: string): ImportOutcome {
  const detail = `the tool name "${tool}" is kept for what Countersign finds out by itself: give the scanner its own name`;
  return { kind: 'refused', refused: 'reserved-tool', detail };
}

function contextOf(
  { service, commit, environment, branch: said, runId, timing }: Submission,
  run: Run | undefined,
): ScanContext {
  const branch = run?.branch ?? said;
  return {
    service,
    commit: commit.toLowerCase(),
    verified: run !== undefined,
    ...(environment === undefined ? {} : { environment }),
    ...(branch === undefined || branch === '' ? {} : { branch: fullBranch(branch) }),
    ...(runId === undefined ? {} : { runId }),
    ...(timing === undefined ? {} : { timing }),
  };
}

function unknownEnvironment(policy: PolicySnapshot, environment: string | undefined): string | undefined {
  if (environment === undefined || policy.contract === undefined || policy.contract.environments.has(environment))
    return undefined;
  return `"${environment}" is none of ${[...policy.contract.environments.keys()].join(', ')}`;
}

interface Origin {
  readonly organizations: readonly string[];
  readonly run?: Run;
}

/** With a run id, Azure DevOps must agree that this run built this commit of this service. */
async function originOf(needs: Needs, submission: Submission, policy: PolicySnapshot): Promise<Origin | ImportOutcome> {
  if (submission.runId === undefined) return { organizations: needs.organizations };
  const runs = await needs.azureDevOps.findRuns(submission.runId).catch(unconfirmed);
  if (runs === undefined) return { organizations: needs.organizations };
  if (runs.length === 0)
    return {
      kind: 'invalid',
      code: 'run-not-found',
      detail: `no configured organization has a run ${submission.runId}`,
    };
  const service = policy.catalog.services.get(submission.service);
  const agreeing = runs.find(
    (run) =>
      run.commit.toLowerCase() === submission.commit.toLowerCase() &&
      (service === undefined || speaksFor(service, { repository: run.repository.name, pipeline: run.pipeline.name })),
  );
  if (agreeing !== undefined) return { organizations: [agreeing.organization], run: agreeing };
  const [run] = runs as [Run];
  const built = `run ${run.id} is of pipeline "${run.pipeline.name}", repository "${run.repository.name}", commit ${run.commit}`;
  return {
    kind: 'invalid',
    code: 'run-mismatch',
    detail: `${built}: not ${submission.service} at ${submission.commit}`,
  };
}

/** Azure DevOps will not let us look: the report is taken as one without a confirmed run. */
function unconfirmed(error: unknown): undefined {
  if (!(error instanceof AzureDevOpsRefusedError)) throw error;
}

/** Of a scope, or of a commit in it. */
const FULL = { full: TOO_MANY_DOCUMENTS, crowded: TOO_MANY_TOOLS, 'too-many-pasts': TOO_MANY_PASTS } as const;

async function storeIn(
  needs: Needs,
  context: ScanContext,
  report: Report,
  policy: PolicySnapshot,
  organization: string,
  at: string,
): Promise<ImportOutcome> {
  const { service, environment = '-' } = context;
  const scope = { org: orgOf(needs.tenant, organization), service, environment };
  if (report.scans.length > MOST_HEADS) return TOO_MANY_RULES;
  const told = { context, report, service: policy.catalog.services.get(service), at };
  const named = await inTurns(identified(scope, told));
  const compared = await comparedScans(needs.scopes, scope, named);
  const assembled = await inTurns(assembleImport(named, compared, policy));
  if (assembled === undefined) return TOO_MANY_RULES;
  const { environments, ...stored } = assembled;
  const { reportId } = named;
  const evidence = (before: readonly ReleasedIn[]) => importEvidence(context, report, stored.heads, reportId, before);
  const change = { scope, op: `import ${reportId} ${at}`, ...stored, reportId, at, evidence };
  const scans = compared.map(({ scan }) => spreadingScan(needs.scopes, change, scan, policy.contract));
  const { kind, releases } = await needs.scopes.importReport(change, scans);
  if (kind in FULL) return FULL[kind as keyof typeof FULL];
  if (kind === 'imported') needs.committed(scope);
  return {
    kind: 'imported',
    reportId,
    tool: report.scans.map(({ tool }) => tool).join(', ') || report.format,
    results: report.results,
    findings: report.findings.length,
    ...totalOf(compared),
    decisions: strictestOf(environments),
    environments,
    releases: releasesBefore(context, report, releases).map(foundAfter),
    problems: [...report.problems, ...contextProblems(context, policy)],
  };
}

/** Where a step asks in how many services a rule is open; everywhere else it costs nothing. */
function spreadingScan(
  scopes: ScopeStore,
  { scope, heads, at }: ImportChange,
  scan: ImportedScan,
  contract: Contract | undefined,
): ImportedScan {
  const { tool, moves } = scan;
  if (moves.kind !== 'history' || contract === undefined) return scan;
  const rules = spreadingRules(heads, tool, contract);
  const asked = (rule: string) => servicesAsked(contract, rule);
  const told = { scope, tool, rules, before: moves.stored.spreading, asked, at };
  return { ...scan, moves: { ...moves, spread: () => spread(scopes, told) } };
}

function foundAfter({ environment, release: { requestId, runName } }: ReleasedIn): Imported['releases'][number] {
  return { requestId, environment, runName };
}

function contextProblems(context: ScanContext, policy: PolicySnapshot): string[] {
  const problems: string[] = [];
  if (!policy.catalog.services.has(context.service)) {
    problems.push(`no-context: the catalog does not know "${context.service}"; its findings never block by themselves`);
  }
  if (!context.verified)
    problems.push(
      'unverified: Azure DevOps could not confirm which run this is of; send runId, and give the bot an identity that may read it',
    );
  if (policy.contract === undefined)
    problems.push('no-contract: nothing could be judged; every gate is blocked until a valid contract is read');
  return problems;
}
