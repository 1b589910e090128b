import { areProtected, asksForProtection, branchesOf, OWN_TOOL, reportsOf } from '../domain/branch-protection.ts';
import type { Contract } from '../domain/contract.ts';
import type { Report } from '../domain/finding.ts';
import type { Gate } from '../domain/gate.ts';
import type { JudgedService } from '../domain/judge.ts';
import type { RunSources, ShippedBranch } from '../domain/run.ts';
import type { ScanContext } from '../domain/scan-import.ts';
import type { AzureDevOps } from './azure-devops.ts';
import { inLanes } from './lanes.ts';
import type { PolicySnapshot } from './policy.ts';

/** Stores what the bot found out by itself as a report of this organization (URL). Rejects with StoreUnavailableError. */
export type NoteReport = (
  organization: string,
  context: ScanContext,
  report: Report,
  policy: PolicySnapshot,
) => Promise<unknown>;

/**
 * What a run ships, with the protection of the branches that it comes from, where a contract asks for it. What was found
 * protected is not asked again. Rejects with AzureDevOpsUnavailableError.
 */
export async function withProtection(
  azureDevOps: Pick<AzureDevOps, 'protection'>,
  { run, services }: Pick<Gate, 'run' | 'services'>,
  sources: RunSources,
  { catalog, contracts }: Pick<PolicySnapshot, 'catalog'> & { readonly contracts: readonly Contract[] },
  jobToken: () => Promise<string | undefined>,
): Promise<RunSources> {
  if (sources.branches === undefined || !asksForProtection(contracts)) return sources;
  const known = services.flatMap((name) => catalog.services.get(name) ?? []);
  const wanted = new Set(known.flatMap((service) => branchesOf(service, sources)));
  const looked = async (branch: ShippedBranch): Promise<ShippedBranch> => {
    if (!wanted.has(branch) || branch.protection?.kind === 'protected') return branch;
    return { ...branch, protection: await azureDevOps.protection(run, branch, await jobToken()) };
  };
  return { ...sources, branches: await inLanes(sources.branches, looked) };
}

/** A service as it is judged, and what is open on record of its scopes. */
export interface ReadService extends JudgedService {
  readonly openTools: ReadonlySet<string>;
}

/** Whether what is deployed of this service comes from protected branches. */
export function protectionOf({ service }: JudgedService, sources: RunSources): Pick<JudgedService, 'branchProtected'> {
  const branchProtected = service === undefined ? undefined : areProtected(branchesOf(service, sources));
  return branchProtected === undefined ? {} : { branchProtected };
}

/** True when something was stored that the scopes of this service did not say. */
export async function areBranchesNoted(
  note: NoteReport,
  { run }: Pick<Gate, 'run'>,
  sources: RunSources,
  read: ReadService,
  policy: PolicySnapshot & { readonly contracts: readonly Contract[] },
): Promise<boolean> {
  const { service, heads, name, openTools } = read;
  if (service === undefined || sources.branches === undefined || !asksForProtection(policy.contracts)) return false;
  const branches = branchesOf(service, sources);
  const reports = reportsOf(branches, policy.contracts, { heads, isOpen: openTools.has(OWN_TOOL) });
  for (const { commit, report } of reports) {
    const ref = branches.find((branch) => branch.commit === commit)?.ref;
    const context: ScanContext = {
      ...{ service: name, commit, runId: run.id, verified: true, timing: 'pre-deploy' },
      ...(ref === undefined ? {} : { branch: ref }),
    };
    await note(run.organization, context, report, policy);
  }
  return reports.length > 0;
}
