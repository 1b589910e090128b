import { type CheckIds, orgOf, requestIdOf } from '../../services/domain/gate.ts';
import type { NativeStatus } from '../../services/domain/native-approval.ts';
import type { Run, RunSources } from '../../services/domain/run.ts';
import {
  type AzureDevOps,
  AzureDevOpsRefusedError,
  AzureDevOpsUnavailableError,
} from '../../services/ports/azure-devops.ts';
import { aCheck, aRun, aRunSources, TENANT } from '../builders.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { type AskedApproval, anApproval, createNativePort, endsNatively } from './native.ts';
import { DIRECTORY, SERVICE } from './scenery.ts';
import type { Life } from './turns.ts';
import { faultOf, type World } from './world.ts';

const LINES = [
  { id: 12, name: 'payments-deploy' },
  { id: 13, name: 'payments-hotfix' },
];
const ADELE = { id: PEOPLE.adele, uniqueName: 'adele.vance@contoso.example', name: 'Adele Vance' };

/** How many stages wait for an approval of Azure DevOps' own, and how many where it is about those. */
const [NATIVE, MOSTLY_NATIVE] = [0.15, 0.85];

/** A stage that waits for our check, or for an approval of Azure DevOps' own. */
export interface WaitingStage {
  readonly requestId: string;
  /** Short id of its organization. */
  readonly org: string;
  readonly check: CheckIds;
  readonly approval?: AskedApproval;
  readonly environment: string;
  readonly run: Run;
  readonly sources: RunSources;
  readonly jobToken: string;
  /** Absent while it waits. */
  result?: string;
}

/** One TaskCompleted, or one decision on an approval, that arrived, whether it was taken or not. */
export interface Post {
  readonly stage: WaitingStage;
  /** Result and lines, byte for byte; of an approval the result alone. */
  readonly verdict: string;
  readonly result: string;
}

export interface Pipelines {
  readonly stages: readonly WaitingStage[];
  readonly posts: readonly Post[];
  begin(environment: string, commit: string): WaitingStage;
  /** Azure DevOps ends the check without us: an administrator, a cancelled run, its own time-out. */
  end(stage: WaitingStage, result: string): void;
  port(life: Life): AzureDevOps;
}

/** Hears of every TaskCompleted and decision that arrives, before Azure DevOps does. */
interface Hears {
  told(stage: WaitingStage, result: string): void;
  /** `wasRead`: how the sender had last seen the approval. */
  toldNatively(stage: WaitingStage, result: string, wasRead: NativeStatus | undefined): void;
}

export function createPipelines(world: World, { told, toldNatively }: Hears): Pipelines {
  const stages: WaitingStage[] = [];
  const posts: Post[] = [];
  /** What Azure DevOps says to a second TaskCompleted is not documented: worlds differ. */
  const refusesTwice = world.dice.chance(0.5);

  async function call<T>(life: Life, name: string, apply: () => T): Promise<T> {
    await world.turns.take(life);
    const fault = faultOf(world);
    if (fault === 'before') throw unavailable(name);
    const answer = apply();
    await world.turns.take(life);
    if (fault === 'after') throw unavailable(name);
    return answer;
  }

  function unavailable(name: string): AzureDevOpsUnavailableError {
    world.note(`azure devops: ${name} fails`);
    const retryAfter = world.dice.chance(0.3) ? { retryAfter: 1 + world.dice.below(20) } : {};
    return new AzureDevOpsUnavailableError(`${name} was not answered`, retryAfter);
  }

  function stageOf(check: CheckIds, jobToken: string): WaitingStage {
    const stage = stages.find((one) => one.check.taskInstanceId === check.taskInstanceId);
    if (stage === undefined || stage.jobToken !== jobToken) throw new AzureDevOpsRefusedError('no such check', 403);
    return stage;
  }

  const native = createNativePort({
    world,
    stages,
    call,
    told: (stage, result, wasRead) => {
      posts.push({ stage, result, verdict: result });
      world.note(`azure devops is told ${result} of an approval`);
      toldNatively(stage, result, wasRead);
    },
  });
  return {
    stages,
    posts,
    begin(environment, commit) {
      const organization = world.dice.pick(world.organizations);
      // Often another stage of the first one's run, which ships what that one ships.
      const first = stages.find(({ run }) => run.organization === organization);
      const of = first !== undefined && world.dice.chance(0.85) ? first : undefined;
      const stage = aStage(world, stages.length, environment, { of, commit, organization });
      stages.push(stage);
      return stage;
    },
    end(stage, result) {
      if (stage.approval === undefined) stage.result ??= result;
      else endsNatively(stage.approval, result);
    },
    port: (life) => ({
      ...native(life),
      prove: (check, _runId, jobToken) =>
        call(life, 'prove', () => {
          const { run, result } = stageOf(check, jobToken);
          return { kind: 'proven', run, attempt: 1, completed: result !== undefined };
        }),
      sources: (run, jobToken) =>
        call(life, 'sources', () => {
          const isIts = (one: WaitingStage) => jobToken === undefined || one.jobToken === jobToken;
          const stage = stages.find((one) => one.run.id === run.id && isIts(one));
          if (stage === undefined) throw new AzureDevOpsRefusedError('no such run', 403);
          return stage.sources;
        }),
      protection: () => call(life, 'protection', () => ({ kind: 'protected' })),
      checkState: (check, jobToken) =>
        call(life, 'checkState', () => {
          const { result } = stageOf(check, jobToken);
          return result === undefined ? { completed: false } : { completed: true, result };
        }),
      complete: (check, { result, lines }, jobToken) =>
        call(life, 'complete', () => {
          const stage = stageOf(check, jobToken);
          posts.push({ stage, result, verdict: JSON.stringify([result, lines]) });
          world.note(`azure devops is told ${result}`);
          told(stage, result);
          if (stage.result !== undefined && refusesTwice) throw new AzureDevOpsRefusedError('completed already', 400);
          stage.result ??= result;
        }),
      findRuns: (runId) =>
        call(life, 'findRuns', () => stages.filter(({ run }) => run.id === runId).map(({ run }) => run)),
      stage: () => call(life, 'stage', () => undefined),
      hookSubscriptions: () => call(life, 'hookSubscriptions', () => []),
    }),
  };
}

interface Shipped {
  /** Another stage of the run that this one is of. */
  readonly of: WaitingStage | undefined;
  readonly commit: string;
  readonly organization: string;
}

function aStage(world: World, index: number, environment: string, shipped: Shipped): WaitingStage {
  const { of, organization } = shipped;
  const number = String(index).padStart(8, '0');
  const check = aCheck({ organization, taskInstanceId: `${number}-5555-4555-8555-555555555555` });
  const { projectId } = check;
  const org = orgOf(TENANT, organization);
  const ref = { organization, projectId, id: `${number}-6666-4666-8666-666666666666` };
  const isNative = world.dice.chance(world.isAboutApprovals ? MOSTLY_NATIVE : NATIVE);
  const id = of?.run.id ?? 100 + index;
  return {
    requestId: isNative ? requestIdOf(org, ref, 0) : requestIdOf(org, check, 1),
    org,
    check,
    ...(isNative ? { approval: anApproval(ref, new Date(world.time).toISOString()) } : {}),
    environment,
    run: of?.run ?? runOf(world, id, shipped),
    sources: of?.sources ?? sourcesOf(world, id, shipped.commit),
    jobToken: `job-token-canary-${index}-${'0123456789'.repeat(4)}`,
  };
}

function runOf(world: World, id: number, { commit, organization }: Shipped): Run {
  return aRun({
    ...{ id, commit, organization },
    // Runs of the same pipeline take one another's place.
    pipeline: world.dice.pick(LINES),
    requestedFor: ADELE,
    requestedBy: ADELE,
    repository: { id: 'r1', name: SERVICE, type: 'TfsGit' },
  });
}

function sourcesOf(world: World, runId: number, commit: string): RunSources {
  const megan = DIRECTORY.people.get(PEOPLE.megan);
  const byMegan = world.dice.chance(0.2) && megan !== undefined ? [{ uniqueName: megan.upn, name: megan.name }] : [];
  return aRunSources({
    branches: [],
    commits: [{ commit, repository: SERVICE, pipeline: SERVICE, runId }],
    requesters: [ADELE],
    authors: [ADELE, ...byMegan],
  });
}
