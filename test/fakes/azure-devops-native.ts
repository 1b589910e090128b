import { randomUUID } from 'node:crypto';
import { type ApprovalInput, bypassApproval, endApproval, requestApproval } from './azure-devops-approvals.ts';
import {
  type DeliverOptions,
  deliverHooks,
  type HookDelivery,
  type SimulatedSubscription,
  type SubscriptionInput,
  subscribe,
} from './azure-devops-hooks.ts';
import type { SimulatedApproval, SimulatedProject, SimulatedRun, SimulatedStage } from './azure-devops-model.ts';
import { completeRun, endStage, latestStage, rerunStage } from './azure-devops-stages.ts';
import { type PersonInput, personOf, type World } from './azure-devops-world.ts';

/** What people and Azure DevOps itself do with stages, approvals and service hooks. */
export interface NativeSimulator {
  /** A delegated token of that person; they see these projects, by default all. Good as Bearer only. */
  signIn(person: PersonInput, projects?: readonly SimulatedProject[]): string;
  /** From now on tokens of Entra for this object id are this person's. */
  addAccount(oid: string, person: PersonInput): void;
  /** What it was good for ends. */
  revoke(token: string): void;
  /** A stage begins to wait for an approval, besides what it waits for already. */
  requestApproval(run: SimulatedRun, input: ApprovalInput): SimulatedApproval;
  /** Timed out, cancelled or deferred in Azure DevOps itself. */
  endApproval(approval: SimulatedApproval, status: 'timedOut' | 'canceled' | 'skipped'): void;
  bypassApproval(approval: SimulatedApproval): void;
  /** Its latest attempt. */
  stageOf(run: SimulatedRun, name: string): SimulatedStage | undefined;
  /** A stage that runs has done its work. */
  completeStage(run: SimulatedRun, name: string, result: string): void;
  /** One attempt further; it waits for nothing until it is made to. */
  rerunStage(run: SimulatedRun, name: string, by: PersonInput): SimulatedStage;
  completeRun(run: SimulatedRun, result: string): void;
  subscribe(input: SubscriptionInput): SimulatedSubscription;
  readonly subscriptions: readonly SimulatedSubscription[];
  /** Sends every hook that is due by the simulator's clock; one that failed is due again later. */
  deliverHooks(options?: DeliverOptions): Promise<readonly HookDelivery[]>;
}

export function nativeOf(world: World): NativeSimulator {
  return {
    signIn(person, projects) {
      const token = `person.${randomUUID()}.${randomUUID()}`;
      const scope = projects === undefined ? {} : { projects };
      world.tokens.set(token, { kind: 'person', person: personOf(person), ...scope });
      return token;
    },
    addAccount: (oid, person) => void world.accounts.set(oid, personOf(person)),
    revoke: (token) => void world.tokens.delete(token),
    requestApproval: (run, input) => requestApproval(world, run, input),
    endApproval: (approval, status) => endApproval(world, approval, status),
    bypassApproval: (approval) => bypassApproval(world, approval),
    stageOf: (run, name) => latestStage(world, run, name),
    completeStage(run, name, result) {
      const stage = latestStage(world, run, name);
      if (stage === undefined) throw new Error(`run ${run.id} has no stage ${name}`);
      endStage(world, stage, result);
    },
    rerunStage: (run, name, by) => rerunStage(world, run, name, personOf(by)),
    completeRun: (run, result) => completeRun(world, run, result),
    subscribe: (input) => subscribe(world, input),
    subscriptions: world.hooks.subscriptions,
    deliverHooks: (options) => deliverHooks(world, options),
  };
}
