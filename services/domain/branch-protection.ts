import { type Service, speaksFor } from './catalog.ts';
import { type Contract, type Control, rulesOf } from './contract.ts';
import type { Finding, Report } from './finding.ts';
import { FingerprintSeries } from './fingerprint.ts';
import { controlFor } from './rule-match.ts';
import type { RunSources, ShippedBranch } from './run.ts';
import type { ScanHead } from './scan-head.ts';

/** What the bot itself finds out about the way to production: a report like any other. */
export const OWN_TOOL = 'countersign';
const CATEGORY = 'platform';
const UNPROTECTED = 'unprotected-branch';
const UNKNOWN = 'unknown-branch-protection';

/** Whether anything in these contracts depends on the protection of what is deployed; else nobody looks. */
export function asksForProtection(contracts: readonly Contract[]): boolean {
  return contracts.some(
    (contract) =>
      isClaimed(contract, UNPROTECTED) ||
      isClaimed(contract, UNKNOWN) ||
      contract.controls.some((control) => rulesOf(control).some(({ rule }) => rule.when.branchProtected !== undefined)),
  );
}

function isClaimed(contract: Contract, rule: string): boolean {
  return claimOf(contract, rule) !== undefined;
}

function claimOf(contract: Contract, rule: string): Control | undefined {
  return controlFor(contract, { category: CATEGORY, tool: OWN_TOOL }, rule);
}

/** Whether some environment lets nothing pass without a report that says so, also where nothing is wrong. */
function isRequired(contract: Contract): boolean {
  return (claimOf(contract, UNPROTECTED)?.evidence.required.length ?? 0) > 0;
}

/** The branches that a run ships something of this service from. */
export function branchesOf(service: Service, { branches = [] }: Pick<RunSources, 'branches'>): ShippedBranch[] {
  return branches.filter((branch) => speaksFor(service, branch));
}

/** True when all of them are, false when one is not, else unknown. */
export function areProtected(branches: readonly ShippedBranch[]): boolean | undefined {
  const states = branches.map(({ protection }) => protection?.kind);
  if (states.includes('unprotected')) return false;
  return states.length > 0 && states.every((kind) => kind === 'protected') ? true : undefined;
}

/** As far as the bot's own reports say it. That one found nothing proves nothing: what sends reports could have sent it. */
export function isReportedUnprotected(heads: readonly ScanHead[]): boolean {
  return heads.some((head) => isOwn(head) && head.groups.some(({ rule }) => rule === UNPROTECTED));
}

function isOwn({ category, tool }: ScanHead): boolean {
  return category === CATEGORY && tool === OWN_TOOL;
}

/** What was looked at of one commit of a service. */
export interface BranchReport {
  readonly commit: string;
  readonly report: Report;
}

/** What is known of the scopes of the service. */
export interface BranchesKnown {
  readonly heads: readonly ScanHead[];
  /** Something of the bot's own is open on record, of whatever commit. */
  readonly isOpen: boolean;
}

/**
 * What has to be reported of these branches: what is not protected, or not known to be, where a control claims it and it is not
 * there already; and that nothing is wrong, where it is said that something is or a control asks for proof.
 */
export function reportsOf(
  branches: readonly ShippedBranch[],
  contracts: readonly Contract[],
  { heads, isOpen }: BranchesKnown,
): BranchReport[] {
  const isProofAsked = contracts.some(isRequired);
  const byCommit = [...Map.groupBy(branches, ({ commit }) => commit)].sort(([a], [b]) => (a < b ? -1 : 1));
  return byCommit.flatMap(([commit, shipped]): BranchReport[] => {
    const all = distinct(shipped.flatMap(findingOf));
    const findings = all.filter(({ rule }) => contracts.some((contract) => isClaimed(contract, rule)));
    // What is found and nobody claims is not said: a report without it proves nothing.
    const complete = findings.length === all.length;
    const wanted = findings.map(({ fingerprint }) => fingerprint).sort();
    const known = heads.filter((head) => isOwn(head) && head.commit === commit);
    const there = known.flatMap(({ groups }) => groups.flatMap(({ fingerprints }) => fingerprints)).sort();
    const isSaid =
      known.length > 0 && known.every((head) => head.complete === complete) && wanted.join() === there.join();
    const isSilent = known.length === 0 && wanted.length === 0 && !(isOpen || isProofAsked);
    return isSaid || isSilent ? [] : [{ commit, report: reportOf(findings, complete) }];
  });
}

function distinct(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [finding.fingerprint, finding])).values()];
}

function reportOf(findings: readonly Finding[], complete: boolean): Report {
  const scans = [{ tool: OWN_TOOL, categories: [CATEGORY] as const, complete }];
  return { format: OWN_TOOL, results: findings.length, scans, findings, problems: [] };
}

const HELP =
  'Set the branch policy "Require a minimum number of reviewers" on it: on, required, with one who is not the author. Then run again.';

/** Nothing of a branch that is protected. */
function findingOf(branch: ShippedBranch): Finding[] {
  const { repository, ref = '', protection } = branch;
  if (protection?.kind === 'protected') return [];
  const name = `${ref === '' ? 'the branch' : ref.replace('refs/heads/', '')} of ${repository}`;
  const isKnown = protection?.kind === 'unprotected';
  const why = protection?.kind === 'unknown' ? protection.why : 'it was not looked at';
  const rule = isKnown ? UNPROTECTED : UNKNOWN;
  const context = `${repository.toLowerCase()} ${ref}`;
  const identity = { category: CATEGORY, tool: OWN_TOOL, rule, path: '', context } as const;
  return [
    {
      fingerprint: new FingerprintSeries().next(identity),
      category: CATEGORY,
      tool: OWN_TOOL,
      rule,
      severity: 'high',
      message: isKnown
        ? `Nobody besides the author has to review what is merged into ${name}`
        : `Whether ${name} is protected is not known: ${why}`,
      help: HELP,
      suppressed: false,
    },
  ];
}
