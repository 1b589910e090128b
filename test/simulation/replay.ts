import type { Gate } from '../../services/domain/gate.ts';
import type { Judgement, Obstacle } from '../../services/domain/judgement.ts';
import { createEvaluate } from '../../services/evaluation.ts';
import type { AzureDevOps } from '../../services/ports/azure-devops.ts';
import type { PolicySnapshot } from '../../services/ports/policy.ts';
import type { ScopeStore } from '../../services/ports/scope-store.ts';
import type { Row, Table } from '../../services/ports/table.ts';
import { readView } from '../../services/tables/scope-views.ts';
import type { WaitingStage } from './pipelines.ts';

/** One answer of the store to one question. */
export interface Answer {
  readonly partition: string;
  /** What of it was asked for. */
  readonly ranges: string;
  readonly rows: readonly Row[];
}

/** A judgement as it was recorded, and everything that whoever made it had seen. */
export interface Recorded {
  readonly stage: WaitingStage;
  readonly before: Gate;
  readonly judgement: Judgement;
  readonly policies: readonly PolicySnapshot[];
  readonly answers: readonly Answer[];
}

/** More ways in which answers can go together are not tried. */
const MOST_TRIED = 64;

/** I18: whether the same inputs and contract give the same judgement again, byte for byte. */
export async function isSameAgain(recorded: Recorded): Promise<boolean> {
  const wanted = textOf(recorded.judgement);
  // What ran beside it in the same action may have asked the same and been answered otherwise.
  const questions = [...Map.groupBy(recorded.answers, ({ partition, ranges }) => `${partition} ${ranges}`).values()];
  const choices = questions.map((answers) => distinct(answers));
  for (const policy of recorded.policies)
    for (const answers of combinations(choices).slice(0, MOST_TRIED))
      if (textOf(await judgedBy(recorded, policy, answers)) === wanted) return true;
  return false;
}

/** The newest first. */
function distinct(answers: readonly Answer[]): Answer[] {
  return [...new Map(answers.map((one) => [JSON.stringify(one.rows.map(({ etag }) => etag)), one])).values()].reverse();
}

function combinations(choices: readonly (readonly Answer[])[]): Answer[][] {
  return choices.reduce<Answer[][]>(
    (all, next) => all.flatMap((some) => next.map((one) => [...some, one])).slice(0, MOST_TRIED),
    [[]],
  );
}

async function judgedBy({ stage, before, judgement }: Recorded, policy: PolicySnapshot, answers: readonly Answer[]) {
  const list: Table['list'] = async (_table, partition, { ranges } = {}) => {
    const answer = answers.find((one) => one.partition === partition && one.ranges === JSON.stringify(ranges));
    if (answer === undefined) throw new Error(`nobody read ${partition}`);
    return answer.rows;
  };
  const [obstacle] = judgement.obstacles.filter(isOfAsking);
  const ask = { levels: [], at: judgement.at, closesAt: judgement.at } as unknown as NonNullable<Gate['ask']>;
  const evaluate = createEvaluate({
    policy: { current: async () => policy } as never,
    askPeople: async () => (obstacle === undefined ? { ask, requesterAliases: [] } : { obstacle }),
    azureDevOps: {
      sources: async () => stage.sources,
      protection: async () => ({ kind: 'protected' }),
    } as unknown as AzureDevOps,
    scopes: { view: (scope, commits) => readView({ list } as Table, scope, commits) } as ScopeStore,
    noteReport: () => Promise.reject(new Error('nothing is noted again')),
    eroded: { noted: async () => [] },
    contractVersions: { contract: async () => undefined, keep: async () => {} },
  });
  return (await evaluate(before, async () => undefined, judgement.at)).judgement;
}

/** Whom to ask is the directory's word, not the contract's. */
function isOfAsking({ kind }: Obstacle): boolean {
  return kind === 'no-route' || kind === 'too-few-approvers' || kind === 'requester-unknown';
}

function textOf({ platform: _, eroded: __, ...judgement }: Judgement): string {
  return JSON.stringify(judgement);
}
