import type { Contract } from './domain/contract.ts';
import type { DeploymentRecord } from './domain/deployment-record.ts';
import { type DeploymentReport, deploymentReport, type ReportedRun, runKey } from './domain/deployment-report.ts';
import { type ReportedRecord, reportedAt } from './domain/deployment-row.ts';
import { requesterTexts } from './domain/exclusion.ts';
import { orgOf } from './domain/gate.ts';
import { earlier, plusMinutes } from './domain/instant.ts';
import { protectedNames } from './domain/off-path.ts';
import { createRecordedChains, type RecordedChains } from './domain/recorded-chains.ts';
import type { Clock } from './ports/clock.ts';
import type { DecisionEvidence } from './ports/decision-evidence.ts';
import type { Deployments, DevOpsEnvironment } from './ports/deployments.ts';
import { placeOf, recordsAfter } from './ports/new-deployments.ts';
import type { Policy } from './ports/policy.ts';
import { SourceRefusedError, SourceUnavailableError } from './ports/signal-source.ts';

interface Needs {
  readonly tenant: string;
  readonly organizations: readonly string[];
  readonly clock: Clock;
  readonly policy: Policy;
  readonly deployments: Deployments;
  readonly evidence: DecisionEvidence;
  /** Resolves after so many seconds. */
  readonly wait: (seconds: number) => Promise<void>;
}

export interface ReportWish {
  /** ISO-8601 UTC; inclusive. */
  readonly from: string;
  /** ISO-8601 UTC; exclusive. */
  readonly before: string;
  /** As the contract or evidence names it, in any case; absent: each. */
  readonly environment?: string;
}

/** A request is answered within two days, and what is deployed is known from what came before it. */
const BACK_MINUTES = 2 * 1_440;
/** Until then a stage past its gate is found, and people have explained it. */
const AHEAD_MINUTES = 7 * 1_440;
/** 100,000 deployments of an environment. */
const MOST_PAGES = 1_000;
const AT_ONCE = 8;
const MOST_TRIES = 3;
const UNASKED_WAIT_SECONDS = 5;
/** Of one report in all. */
const MOST_WAIT_SECONDS = 1_800;

export type DeploymentReports = ReturnType<typeof createDeploymentReports>;

/** What was deployed, from Azure DevOps' own records, each with the decision that evidence has of it. */
export function createDeploymentReports(needs: Needs) {
  return {
    /**
     * Rejects with SourceUnavailableError or SourceRefusedError where an organization says nothing at all, with StoreUnavailableError, and
     * as the evidence does. What else cannot be read is said in the report.
     */
    report: (wish: ReportWish): Promise<DeploymentReport> => report(needs, wish),
  };
}

interface Work extends Needs {
  readonly wish: ReportWish;
  readonly contract: Contract | undefined;
  readonly chains: RecordedChains;
  readonly asks: Ask;
  readonly unread: Set<string>;
}

async function report(needs: Needs, wish: ReportWish): Promise<DeploymentReport> {
  const now = needs.clock.now();
  const { contract, catalog } = await needs.policy.current();
  const chains = createRecordedChains();
  const [from, ahead] = [plusMinutes(wish.from, -BACK_MINUTES), plusMinutes(wish.before, AHEAD_MINUTES)];
  const until = earlier(ahead, plusMinutes(now, 1));
  for await (const entries of needs.evidence.chains(from, until)) chains.add(entries);
  const work = { ...needs, wish, contract, chains, asks: patient(needs.wait), unread: new Set<string>() };
  if (contract === undefined) work.unread.add('no contract is in force: every environment counts as protected');
  const records = await recordsOf(work, from);
  const own = records.filter((record) => isWithin(wish, record));
  await addRuns(work, own);
  const runs = await runsOf(work, own);
  for (const gap of needs.evidence.gaps(wish.from, wish.before)) work.unread.add(gap);
  const { unreadable, ...recorded } = chains.all();
  return deploymentReport({
    ...{ from: wish.from, before: wish.before, records, ...recorded, runs, catalog, now },
    isProtected: (name) => isProtected(contract, name),
    isAsked: (name) => isAsked(wish, name),
    unread: [...work.unread, ...unreadable],
  });
}

function isAsked({ environment }: ReportWish, name: string): boolean {
  return environment === undefined || isSame(name, environment);
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** What the contract does not know is not known to be free. */
function isProtected(contract: Contract | undefined, name: string): boolean {
  const known = [...(contract?.environments.keys() ?? [])].some((one) => isSame(one, name));
  return contract === undefined || !known || protectedNames(contract).some((one) => isSame(one, name));
}

function isWithin({ from, before }: ReportWish, record: ReportedRecord): boolean {
  const at = reportedAt(record);
  return at !== undefined && at >= from && at < before;
}

/** Environments of the contract, and those that decisions were taken for when it named them. */
function namesOf({ contract, chains, wish }: Work): string[] {
  const decided = chains.all().decisions.map(({ environment }) => environment);
  const all = [...(contract?.environments.keys() ?? []), ...decided];
  const names = new Map(all.filter((name) => isAsked(wish, name)).map((name) => [name.toLowerCase(), name]));
  return [...names.values()].sort();
}

async function recordsOf(work: Work, from: string): Promise<ReportedRecord[]> {
  const names = namesOf(work);
  if (names.length === 0) {
    work.unread.add(`neither the contract nor evidence has an environment "${work.wish.environment ?? ''}"`);
    return [];
  }
  const all = await Promise.all(work.organizations.map((organization) => recordsOn(work, organization, names, from)));
  const silent = all.filter((records) => !Array.isArray(records));
  // Nothing at all is known: that is no report.
  if (silent.length === all.length && silent[0] !== undefined) throw silent[0];
  return all.flatMap((records) => (Array.isArray(records) ? records : []));
}

/** The fault where it cannot even be listed. */
async function recordsOn(
  work: Work,
  organization: string,
  names: readonly string[],
  from: string,
): Promise<ReportedRecord[] | Error> {
  try {
    const records: ReportedRecord[] = [];
    const { projects, unread } = await work.asks(() => work.deployments.projects(organization));
    for (const problem of unread) work.unread.add(problem);
    for (const project of projects) {
      const listed = await work.asks(() => work.deployments.environments(organization, project, names));
      for (const problem of listed.unread) work.unread.add(problem);
      for (const environment of listed.environments) records.push(...(await recordsIn(work, environment, from)));
    }
    return records;
  } catch (error) {
    if (!isOfSource(error)) throw error;
    work.unread.add(`the deployments of ${organization} could not be read: ${error.message}`);
    return error;
  }
}

async function recordsIn(work: Work, environment: DevOpsEnvironment, from: string): Promise<ReportedRecord[]> {
  const page = (place: DevOpsEnvironment, next?: string) => work.asks(() => work.deployments.page(place, next));
  const isEnough = (records: readonly DeploymentRecord[]) =>
    records.length > 0 && records.every((record) => (reportedAt(record) ?? '') < from);
  try {
    const { records, unreadable } = await recordsAfter({ page }, environment, isEnough, MOST_PAGES);
    const timeless = records.filter((record) => reportedAt(record) === undefined).map(({ id }) => id);
    if (unreadable > 0) work.unread.add(`${unreadable} deployments to ${placeOf(environment)} could not be read`);
    if (timeless.length > 0)
      work.unread.add(
        `deployments ${timeless.join(', ')} to ${placeOf(environment)} say no time: they are in no period`,
      );
    return records.map((record) => reported(work, environment, record));
  } catch (error) {
    if (!isOfSource(error)) throw error;
    work.unread.add(`the deployments to ${placeOf(environment)} could not be read: ${error.message}`);
    return [];
  }
}

function reported({ tenant }: Needs, place: DevOpsEnvironment, record: DeploymentRecord): ReportedRecord {
  const { organization, projectId, project, id: environmentId, name: environment } = place;
  const org = orgOf(tenant, organization);
  return { ...record, organization, org, projectId, project, environmentId, environment };
}

function isOfSource(error: unknown): error is SourceUnavailableError | SourceRefusedError {
  return error instanceof SourceUnavailableError || error instanceof SourceRefusedError;
}

/** Decisions that are older than what was read, or whose changes are in no index yet, are found by their run. */
async function addRuns({ chains, evidence }: Work, records: readonly ReportedRecord[]): Promise<void> {
  const known = new Set(chains.all().decisions.map(({ org, run, stage }) => stageKey(org, run.id, stage)));
  const missing = records.filter(({ org, runId, stage }) => !known.has(stageKey(org, runId, stage)));
  const runs = new Map(missing.map(({ org, runId }) => [runKey(org, runId), { org, runId }]));
  await inLanes([...runs.values()], async ({ org, runId }) => {
    for (const entries of await evidence.ofRun(org, runId)) chains.add(entries);
  });
}

function stageKey(org: string, runId: number, stage: string): string {
  return `${runKey(org, runId)} ${stage.toLowerCase()}`;
}

/** Those of which evidence does not say who asked for them. */
async function runsOf(work: Work, records: readonly ReportedRecord[]): Promise<ReadonlyMap<string, ReportedRun>> {
  const named = work.chains.all().decisions.filter(({ requester }) => requester !== undefined);
  const known = new Set(named.map(({ org, run }) => runKey(org, run.id)));
  const asked = new Map(records.map((record) => [runKey(record.org, record.runId), record]));
  const runs = new Map<string, ReportedRun>();
  await inLanes(
    [...asked].filter(([key]) => !known.has(key)),
    async ([key, record]) => {
      runs.set(key, await runOf(work, record));
    },
  );
  return runs;
}

async function runOf(work: Work, { organization, projectId, runId }: ReportedRecord): Promise<ReportedRun> {
  try {
    const run = await work.asks(() => work.deployments.run(organization, projectId, runId));
    return run === undefined
      ? { kind: 'gone' }
      : { kind: 'found', ...requesterTexts(run), repository: run.repository.name };
  } catch (error) {
    if (!isOfSource(error)) throw error;
    work.unread.add(`who asked for some runs of ${organization} could not be read: ${error.message}`);
    return { kind: 'unread' };
  }
}

async function inLanes<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const rest = all.values();
  const lane = async () => {
    for (const one of rest) await work(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

type Ask = <T>(call: () => Promise<T>) => Promise<T>;

/** What does not answer is asked again, after as long as it asked for; all waiting together has an end. */
function patient(wait: Needs['wait']): Ask {
  let left = MOST_WAIT_SECONDS;
  const again = async <T>(call: () => Promise<T>, tries: number): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      const seconds = error instanceof SourceUnavailableError ? (error.retryAfter ?? UNASKED_WAIT_SECONDS) : 0;
      if (seconds === 0 || seconds > left || tries === 0) throw error;
      left -= seconds;
      await wait(seconds);
      return again(call, tries - 1);
    }
  };
  return (call) => again(call, MOST_TRIES);
}
