import type { CheckIds } from '../../services/domain/gate.ts';
import type { Run, RunSources } from '../../services/domain/run.ts';
import {
  type AzureDevOps,
  AzureDevOpsRefusedError,
  AzureDevOpsUnavailableError,
} from '../../services/ports/azure-devops.ts';
import { aCheck, aRun, aRunSources, ORGANIZATION } from '../builders.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { DIRECTORY, SERVICE } from './scenery.ts';
import type { Life } from './turns.ts';
import { faultOf, type World } from './world.ts';

const LINES = [
  { id: 12, name: 'payments-deploy' },
  { id: 13, name: 'payments-hotfix' },
];
const ADELE = { id: PEOPLE.adele, uniqueName: 'adele.vance@contoso.example', name: 'Adele Vance' };

/** A stage that waits for our check. */
export interface WaitingStage {
  readonly check: CheckIds;
  readonly environment: string;
  readonly run: Run;
  readonly sources: RunSources;
  readonly jobToken: string;
  /** Absent while it waits. */
  result?: string;
}

/** One TaskCompleted that arrived, whether it was taken or not. */
export interface Post {
  readonly stage: WaitingStage;
  /** Result and lines, byte for byte. */
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

/** `told` hears of every TaskCompleted that arrives, before Azure DevOps does. */
export function createPipelines(world: World, told: (stage: WaitingStage, result: string) => void): Pipelines {
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

  return {
    stages,
    posts,
    begin(environment, commit) {
      // Often another stage of the first one's run, which ships what that one ships.
      const [first] = stages;
      const run = first !== undefined && world.dice.chance(0.85) ? first.run : undefined;
      const stage = aStage(world, stages.length, environment, run ?? { id: 100 + stages.length, commit });
      stages.push(stage);
      return stage;
    },
    end(stage, result) {
      stage.result ??= result;
    },
    port: (life) => ({
      prove: (check, _runId, jobToken) =>
        call(life, 'prove', () => {
          const { run, result } = stageOf(check, jobToken);
          return { kind: 'proven', run, attempt: 1, completed: result !== undefined };
        }),
      sources: (run, jobToken) =>
        call(life, 'sources', () => {
          const stage = stages.find((one) => one.run.id === run.id && one.jobToken === jobToken);
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
      approval: () => call(life, 'approval', () => undefined),
      pendingApprovals: () => call(life, 'pendingApprovals', () => ({ approvals: [], unread: [] })),
      decideApproval: (ref) =>
        call(life, 'decideApproval', () => {
          throw new AzureDevOpsRefusedError(`there is no approval ${ref.id}`, 404);
        }),
      stage: () => call(life, 'stage', () => undefined),
      hookSubscriptions: () => call(life, 'hookSubscriptions', () => []),
    }),
  };
}

function aStage(
  world: World,
  index: number,
  environment: string,
  { id, commit }: Pick<Run, 'id' | 'commit'>,
): WaitingStage {
  const run = aRun({
    id,
    commit,
    // Runs of the same pipeline take one another's place.
    pipeline: world.dice.pick(LINES),
    requestedFor: ADELE,
    requestedBy: ADELE,
    repository: { id: 'r1', name: SERVICE, type: 'TfsGit' },
  });
  const megan = DIRECTORY.people.get(PEOPLE.megan);
  const byMegan = world.dice.chance(0.2) && megan !== undefined ? [{ uniqueName: megan.upn, name: megan.name }] : [];
  const taskInstanceId = `${String(index).padStart(8, '0')}-5555-4555-8555-555555555555`;
  return {
    check: aCheck({ organization: ORGANIZATION, taskInstanceId }),
    environment,
    run,
    sources: aRunSources({
      branches: [],
      commits: [{ commit, repository: SERVICE, pipeline: SERVICE, runId: id }],
      requesters: [ADELE],
      authors: [ADELE, ...byMegan],
    }),
    jobToken: `job-token-canary-${index}-${'0123456789'.repeat(4)}`,
  };
}
