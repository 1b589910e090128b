import { servicesOf } from './domain/catalog.ts';
import type { DeploymentRecord } from './domain/deployment-record.ts';
import { begunAt, deploymentStanding } from './domain/deployment-standing.ts';
import { type Gate, orgOf } from './domain/gate.ts';
import { plusMinutes, plusSeconds } from './domain/instant.ts';
import { type OffPathFound, offPathId, protectedNames } from './domain/off-path.ts';
import type { Run } from './domain/run.ts';
import type { SourceNote } from './domain/source-note.ts';
import type { ActivityStore, DeploymentCursor, StoredDeploymentCursor } from './ports/activity-store.ts';
import type { CallBudget } from './ports/call-budget.ts';
import type { Clock } from './ports/clock.ts';
import type { Deployments, DevOpsEnvironment, ListedEnvironments } from './ports/deployments.ts';
import { type GateStore, gatesOfRun } from './ports/gate-store.ts';
import { placeOf, recordsAfter } from './ports/new-deployments.ts';
import type { PlatformStore } from './ports/platform-store.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import { createProtectedEnvironments } from './ports/protected-environments.ts';
import { SourceRefusedError, SourceUnavailableError } from './ports/signal-source.ts';
import { isDue, waitAfter, whyOf } from './ports/source-faults.ts';
import type { SourceNotes } from './ports/source-notes.ts';
import { StoreUnavailableError } from './ports/table.ts';

interface Needs {
  readonly tenant: string;
  readonly organizations: readonly string[];
  readonly clock: Clock;
  readonly policy: Policy;
  readonly gates: Pick<GateStore, 'ofRun' | 'read'>;
  /** Absent: nothing is watched. */
  readonly deployments?: Deployments;
  readonly activity: ActivityStore;
  readonly platforms: Pick<PlatformStore, 'all'>;
  readonly budget: CallBudget;
  readonly notes: Pick<SourceNotes, 'all' | 'put'>;
  /** Rejects with StoreUnavailableError. */
  readonly raise: (found: OffPathFound) => Promise<void>;
  readonly failed: (organization: string, error: unknown) => void;
}

/** As the source of its notes. */
const SOURCE = 'deployments';
const NOTED_MINUTES = 60;
const MOST_SILENT = 3;

/**
 * Compares what Azure DevOps says was deployed to protected environments with what was decided here, from where it stopped. What went on
 * without a decision is raised; a stage whose gate was passed by is told by its gate.
 */
export function createDeploymentWatch(needs: Needs) {
  const { deployments } = needs;
  const environmentsOf = deployments && createProtectedEnvironments({ ...needs, deployments });
  return {
    /** One round. Rejects with StoreUnavailableError. */
    run: async (): Promise<void> => {
      const policy = await needs.policy.current();
      if (deployments === undefined || environmentsOf === undefined || policy.contract === undefined) return;
      const names = protectedNames(policy.contract);
      const { notes } = await needs.notes.all();
      const cursors = await needs.activity.deploymentCursors();
      for (const organization of needs.organizations) {
        const note = notes.find((one) => one.source === SOURCE && one.target === organization);
        if (isDue(note, needs.clock.now()))
          await lookAt({ ...needs, deployments }, () => environmentsOf(organization, names), {
            ...{ organization, policy, note, cursors },
          });
      }
    },
  };
}

interface Watching extends Needs {
  readonly deployments: Deployments;
}

interface Look {
  readonly organization: string;
  readonly policy: PolicySnapshot;
  readonly note: SourceNote | undefined;
  readonly cursors: readonly StoredDeploymentCursor[];
}

async function lookAt(needs: Watching, list: () => Promise<ListedEnvironments>, look: Look): Promise<void> {
  const { organization } = look;
  const troubles = new Set<string>();
  let wait = 0;
  try {
    const since = await needs.activity.watchedSince(organization, needs.clock.now());
    const { environments, unread } = await list();
    for (const trouble of unread) troubles.add(trouble);
    await watchAll(needs, environments, look, since, troubles);
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error;
    needs.failed(organization, error);
    troubles.add(whyOf(error));
    wait = waitAfter(error);
  }
  await note(needs, look, [...troubles], wait);
}

/** What does not answer three times in a row, or asks for patience, is left to the next round. */
async function watchAll(
  needs: Watching,
  environments: readonly DevOpsEnvironment[],
  { cursors, policy }: Look,
  since: string,
  troubles: Set<string>,
): Promise<void> {
  let silent = 0;
  for (const environment of environments) {
    const stored = cursors.find(({ cursor }) => isOf(cursor, environment));
    const trouble = await watch(needs, environment, stored, policy, since).then(
      (count) => (count === 0 ? undefined : `${count} deployments to ${placeOf(environment)} could not be read`),
      (error: unknown) => {
        if (isKnown(error)) return error;
        throw error;
      },
    );
    silent = trouble instanceof SourceUnavailableError ? silent + 1 : 0;
    if (trouble instanceof SourceUnavailableError && (trouble.retryAfter !== undefined || silent >= MOST_SILENT))
      throw trouble;
    if (trouble !== undefined) troubles.add(typeof trouble === 'string' ? trouble : trouble.message);
  }
}

function isKnown(error: unknown): error is SourceUnavailableError | SourceRefusedError {
  return error instanceof SourceUnavailableError || error instanceof SourceRefusedError;
}

function isOf(one: DevOpsEnvironment, other: DevOpsEnvironment): boolean {
  return one.organization === other.organization && one.projectId === other.projectId && one.id === other.id;
}

/** What is known while the records of one environment are looked at. */
interface Scene {
  readonly environment: DevOpsEnvironment;
  readonly policy: PolicySnapshot;
  /** Since when anybody watches. */
  readonly since: string;
  readonly records: readonly DeploymentRecord[];
  readonly gates: Map<number, readonly Gate[]>;
  readonly runs: Map<number, Run | undefined>;
}

/** How many of its records say nothing. The cursor moves after everything up to it was recorded. */
async function watch(
  needs: Watching,
  environment: DevOpsEnvironment,
  stored: StoredDeploymentCursor | undefined,
  policy: PolicySnapshot,
  since: string,
): Promise<number> {
  const through = stored?.cursor.through ?? 0;
  const isKnown = (record: DeploymentRecord) => record.id <= through || isBefore(record, since);
  const { records, unreadable } = await recordsAfter(needs.deployments, environment, (page) => page.some(isKnown));
  const fresh = records.filter(({ id }) => id > through).sort((a, b) => a.id - b.id);
  if (fresh.length === 0 && stored !== undefined) return unreadable;
  const scene = { environment, policy, since, records, gates: new Map(), runs: new Map() };
  const looked: Looked[] = [];
  for (const record of fresh) looked.push(await lookAtRecord(needs, scene, record));
  const waiting = looked.find(({ isDone }) => !isDone);
  const services = new Set([...(stored?.cursor.services ?? []), ...looked.flatMap((one) => one.services)]);
  const newest = fresh.at(-1)?.id ?? through;
  const cursor: DeploymentCursor = {
    ...environment,
    services: [...services].sort(),
    through: waiting === undefined ? newest : waiting.id - 1,
  };
  await needs.activity.putDeploymentCursor(cursor, stored);
  return unreadable;
}

interface Looked {
  readonly id: number;
  readonly services: readonly string[];
  /** False: it is looked at again. */
  readonly isDone: boolean;
}

async function lookAtRecord(needs: Watching, scene: Scene, record: DeploymentRecord): Promise<Looked> {
  const { environment, policy, since, records, gates } = scene;
  const { id, runId } = record;
  // What ran before anybody watched is nobody's omission; it shows who deploys here.
  if (isBefore(record, since)) return { id, services: byPipeline(policy, record), isDone: true };
  const services = await servicesIn(needs, scene, record);
  // Whose it is cannot be told while the file of a service is broken.
  if (services.length === 0) return { id, services, isDone: policy.catalog.broken.size === 0 };
  const own = gates.get(runId) ?? (await gatesOfRun(needs.gates, orgOf(needs.tenant, environment.organization), runId));
  gates.set(runId, own);
  const standing = deploymentStanding(record, environment.name, records, own, needs.clock.now());
  if (standing.kind === 'off-path') await needs.raise(await foundOf(needs, scene, record, services, standing.gate));
  return { id, services, isDone: standing.kind !== 'waits' };
}

function isBefore(record: DeploymentRecord, since: string): boolean {
  return (begunAt(record) ?? since) < since;
}

function byPipeline({ catalog }: PolicySnapshot, { pipeline }: DeploymentRecord): readonly string[] {
  return servicesOf(catalog, { pipeline: pipeline.name, repository: '' });
}

/** A pipeline that the catalog does not know by its name may be known by what it builds. */
async function servicesIn(needs: Watching, scene: Scene, record: DeploymentRecord): Promise<readonly string[]> {
  const { catalog } = scene.policy;
  const named = byPipeline(scene.policy, record);
  if (named.length > 0) return named;
  const { pipeline, runId } = record;
  const run = await runOf(needs, scene, runId);
  return run === undefined ? [] : servicesOf(catalog, { pipeline: pipeline.name, repository: run.repository.name });
}

async function runOf(
  { deployments }: Watching,
  { environment: { organization, projectId }, runs }: Scene,
  runId: number,
): Promise<Run | undefined> {
  if (!runs.has(runId)) runs.set(runId, await deployments.run(organization, projectId, runId));
  return runs.get(runId);
}

async function foundOf(
  needs: Watching,
  scene: Scene,
  record: DeploymentRecord,
  services: readonly string[],
  gate: OffPathFound['gate'],
): Promise<OffPathFound> {
  const { organization, projectId, project, name } = scene.environment;
  const { runId, runName, pipeline, stage, attempt } = record;
  const run = await runOf(needs, scene, runId);
  return {
    id: offPathId('deployment', organization, projectId, runId, name, stage, attempt),
    kind: 'deployment',
    services: [...services].sort(),
    environment: name,
    at: begunAt(record) ?? needs.clock.now(),
    what: `Stage ${stage === '' ? '(no name)' : stage} of run ${run?.name ?? runName} of pipeline ${pipeline.name} in ${project} deployed`,
    run: {
      ...{ organization, projectId, project, id: runId, name: run?.name ?? runName, stage, attempt },
      url: run?.url ?? `${organization}/${projectId}/_build/results?buildId=${runId}`,
      pipeline: pipeline.name,
    },
    ...(gate === undefined ? {} : { gate }),
    doneBy: run === undefined ? [] : [run.requestedFor, run.requestedBy],
  };
}

/** What is well is noted once an hour; what is not, with what is missing. */
async function note(needs: Needs, look: Look, troubles: readonly string[], wait: number): Promise<void> {
  const now = needs.clock.now();
  const { note: before, organization } = look;
  const isWell = troubles.length === 0;
  const wasWell = before !== undefined && before.failure === undefined;
  if (isWell && wasWell && (before.pulledAt ?? '') > plusMinutes(now, -NOTED_MINUTES)) return;
  const pulledAt = isWell ? now : before?.pulledAt;
  await needs.notes.put({
    ...{ source: SOURCE, target: organization, name: organization.split('/').at(-1) ?? organization },
    ...(pulledAt === undefined ? {} : { pulledAt }),
    ...(isWell ? {} : { failure: { at: now, why: troubles.slice(0, 3).join('; ') } }),
    nextAt: plusSeconds(now, wait),
    strangers: { count: 0, samples: [] },
  });
}
