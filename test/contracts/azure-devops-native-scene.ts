import { expect } from 'vitest';
import type { NativeApproval, NativeApprovalRef } from '../../services/domain/native-approval.ts';
import type { OnBehalfOf } from '../../services/ports/azure-devops.ts';
import type { ApprovalInput } from '../fakes/azure-devops-approvals.ts';
import type { SimulatedApproval } from '../fakes/azure-devops-model.ts';
import { type Scene, type SceneOptions, setScene } from './azure-devops-scene.ts';

export const AS_BOT: OnBehalfOf = { kind: 'bot' };

/** A stage `deploy_prod` that waits for Mia and Oscar in Azure DevOps itself, besides our check. */
export interface NativeScene extends Scene {
  readonly approval: SimulatedApproval;
  readonly ref: NativeApprovalRef;
  readonly as: (name: string) => OnBehalfOf;
  readonly read: (as?: OnBehalfOf) => Promise<NativeApproval>;
  readonly refOf: (approval: SimulatedApproval) => NativeApprovalRef;
}

export async function setNative(input: Partial<ApprovalInput> = {}, options: SceneOptions = {}): Promise<NativeScene> {
  const scene = await setScene(options);
  const { simulator, azureDevOps, run, ids } = scene;
  const refOf = ({ id, stage }: SimulatedApproval): NativeApprovalRef => ({
    organization: ids.organization,
    projectId: stage.run.pipeline.project.id,
    id,
  });
  const approval = simulator.requestApproval(run, {
    stage: 'deploy_prod',
    environment: 'prod',
    approvers: ['Mia Manager', 'Oscar Owner'],
    ...input,
  });
  return {
    ...scene,
    approval,
    ref: refOf(approval),
    refOf,
    as: (name) => ({ kind: 'person', token: simulator.signIn(name) }),
    async read(as = AS_BOT) {
      const read = await azureDevOps.approval(refOf(approval), as);
      expect(read).toBeDefined();
      return read as NativeApproval;
    },
  };
}
