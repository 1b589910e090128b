import type {
  NativeApproval,
  NativeApprovalRef,
  NativeStatus,
  NativeStep,
} from '../../services/domain/native-approval.ts';
import { type AzureDevOps, AzureDevOpsRefusedError, type OnBehalfOf } from '../../services/ports/azure-devops.ts';
import { type PersonTokens, PersonTokensUnavailableError } from '../../services/ports/person-tokens.ts';
import type { WaitingStage } from './pipelines.ts';
import type { Life } from './turns.ts';
import { type Action, faultOf, type World } from './world.ts';

/** An approval that Azure DevOps itself asks for, in place of a check of ours. */
export interface AskedApproval {
  readonly ref: NativeApprovalRef;
  readonly createdOn: string;
  status: NativeStatus;
  step: NativeStep;
}

const GROUP = { id: 'payments-leads-in-azure-devops', uniqueName: '[payments]\\leads', name: 'Payments Leads' };
const ENDS: Readonly<Record<string, NativeStatus>> = {
  succeeded: 'approved',
  failed: 'rejected',
  canceled: 'canceled',
};

export function anApproval(ref: NativeApprovalRef, createdOn: string): AskedApproval {
  return { ref, createdOn, status: 'pending', step: { assigned: GROUP, status: 'pending' } };
}

/** Somebody decides it in Azure DevOps, or nobody does any more. */
export function endsNatively(approval: AskedApproval, result: string): void {
  if (approval.status !== 'pending') return;
  approval.status = ENDS[result] ?? 'timedOut';
  const actual = { id: 'portal', uniqueName: 'somebody@contoso.example', name: 'Somebody' };
  approval.step = { assigned: GROUP, actual, status: approval.status, comment: 'from the portal' };
}

interface Needs {
  readonly world: World;
  readonly stages: readonly WaitingStage[];
  readonly call: <T>(life: Life, name: string, apply: () => T) => Promise<T>;
  /** Hears of every decision before Azure DevOps does; `wasRead`: how the sender had last seen the approval. */
  readonly told: (stage: WaitingStage, result: string, wasRead: NativeStatus | undefined) => void;
}

/** Azure DevOps' own approvals: one step, which any one of its group decides. */
export function createNativePort({ world, stages, call, told }: Needs) {
  const reads = new WeakMap<Action, Map<string, NativeStatus>>();

  function approvalIn(stage: WaitingStage | undefined): NativeApproval | undefined {
    if (stage?.approval === undefined) return undefined;
    const { ref, status, step, createdOn } = stage.approval;
    const { run, environment } = stage;
    const asked = { minRequired: 1, blocked: [], createdOn, steps: [step] };
    const mayUpdate = status === 'pending';
    return {
      ...ref,
      ...asked,
      status,
      run,
      runId: run.id,
      stage: { name: 'Deploy', attempt: 1 },
      environment,
      mayUpdate,
    };
  }
  const stageOf = (ref: NativeApprovalRef) => stages.find(({ approval }) => approval?.ref.id === ref.id);

  return (life: Life): Pick<AzureDevOps, 'approval' | 'pendingApprovals' | 'decideApproval'> => ({
    approval: (ref) =>
      call(life, 'approval', () => {
        const found = approvalIn(stageOf(ref));
        const action = world.actions.getStore();
        if (action !== undefined && found !== undefined)
          reads.set(action, new Map(reads.get(action)).set(ref.id, found.status));
        return found;
      }),
    pendingApprovals: () =>
      call(life, 'pendingApprovals', () => ({
        approvals: stages.flatMap((stage) => approvalIn(stage) ?? []).filter(({ status }) => status === 'pending'),
        unread: [],
      })),
    decideApproval: (ref, { verdict, comment }, as) =>
      call(life, 'decideApproval', () => {
        const stage = stageOf(ref);
        if (stage?.approval === undefined) throw new AzureDevOpsRefusedError(`there is no approval ${ref.id}`, 404);
        const action = world.actions.getStore();
        const result = verdict === 'approve' ? 'succeeded' : 'failed';
        told(stage, result, action === undefined ? undefined : reads.get(action)?.get(ref.id));
        if (stage.approval.status !== 'pending') throw new AzureDevOpsRefusedError('it does not wait any more', 400);
        stage.approval.status = verdict === 'approve' ? 'approved' : 'rejected';
        stage.approval.step = { assigned: GROUP, actual: nameOf(as), status: stage.approval.status, comment };
      }),
  });
}

function nameOf(as: OnBehalfOf) {
  const id = as.kind === 'person' ? as.token : 'bot';
  return { id, uniqueName: `${id}@contoso.example`, name: id };
}

/** Everybody is signed in, where anybody can; a token says whose it is. */
export function personTokensOf(world: World, life: Life): PersonTokens {
  return {
    tokenOf: async ({ oid }) => {
      if (world.asService) return { kind: 'not-configured' };
      await world.turns.take(life);
      if (faultOf(world) !== 'none') throw new PersonTokensUnavailableError('no answer about this person');
      return { kind: 'token', token: oid };
    },
  };
}
