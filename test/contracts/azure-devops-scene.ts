import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';
import { type AzureDevOpsOptions, createAzureDevOps } from '../../services/azure-devops/azure-devops.ts';
import { createPatIdentity } from '../../services/azure-devops/identity.ts';
import type { CheckIds } from '../../services/domain/gate.ts';
import type { RunSources, ShippedCommit } from '../../services/domain/run.ts';
import type { AzureDevOps } from '../../services/ports/azure-devops.ts';
import { type AzureDevOpsSimulator, type SimulatorOptions, startAzureDevOps } from '../fakes/azure-devops.ts';
import type { SimulatedCheck, SimulatedPipeline, SimulatedRun } from '../fakes/azure-devops-model.ts';
import type { CheckInput, RunInput } from '../fakes/azure-devops-world.ts';

/** A run of pipeline `deploy` whose stage waits for our check, and the adapter that looks at it. */
export interface Scene {
  readonly simulator: AzureDevOpsSimulator;
  readonly azureDevOps: AzureDevOps;
  readonly pipeline: SimulatedPipeline;
  readonly run: SimulatedRun;
  readonly check: SimulatedCheck;
  readonly ids: CheckIds;
}

export interface SceneOptions {
  readonly simulator?: SimulatorOptions;
  readonly adapter?: Partial<AzureDevOpsOptions>;
  readonly withoutIdentity?: boolean;
  readonly check?: Partial<CheckInput>;
}

export async function setScene(options: SceneOptions = {}): Promise<Scene> {
  const simulator = await startAzureDevOps(options.simulator);
  onTestFinished(() => simulator.close());
  const pipeline = simulator.addPipeline({ name: 'deploy', repository: 'shop' });
  const run = simulator.queueRun({ pipeline, requestedFor: 'Rita Requester', authors: ['Al Author'] });
  const check = simulator.startCheck(run, { environment: 'prod', stage: 'deploy_prod', ...options.check });
  return { simulator, azureDevOps: adapterOf(simulator, options), pipeline, run, check, ids: idsOf(simulator, check) };
}

export function adapterOf(simulator: AzureDevOpsSimulator, options: SceneOptions = {}): AzureDevOps {
  return createAzureDevOps({
    organizations: [simulator.organizationUrl()],
    ...(options.withoutIdentity ? {} : { identity: createPatIdentity(simulator.pat) }),
    ...options.adapter,
  });
}

export function idsOf(simulator: AzureDevOpsSimulator, check: SimulatedCheck): CheckIds {
  return {
    organization: simulator.organizationUrl(),
    projectId: check.plan.project.id,
    hub: check.plan.hub,
    planId: check.plan.id,
    jobId: check.jobId,
    timelineId: check.plan.id,
    taskInstanceId: check.taskInstanceId,
  };
}

/** Another server; what it is sent is kept whole. */
export async function startStranger(): Promise<{ readonly url: string; readonly received: string[] }> {
  const received: string[] = [];
  const server = createServer((request, response) => {
    received.push(`${request.url} ${JSON.stringify(request.headers)}`);
    response.end('{}');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, received };
}

/** The build as the simulator answers it, to be altered and given back by a fault. */
export async function buildAnswerOf(
  simulator: AzureDevOpsSimulator,
  run: SimulatedRun,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(`${simulator.organizationUrl()}/_apis/build/builds/${run.id}`, {
    headers: { authorization: `Basic ${btoa(`:${simulator.pat}`)}` },
  });
  return (await answer.json()) as Readonly<Record<string, unknown>>;
}

/** A scene in which further runs are queued and asked what they ship. */
export interface Shipped extends Scene {
  readonly sources: (run: SimulatedRun, since?: readonly ShippedCommit[]) => Promise<RunSources>;
  readonly queue: (input?: Partial<RunInput>) => SimulatedRun;
}

export async function setShipped(options: SceneOptions = {}): Promise<Shipped> {
  const scene = await setScene(options);
  const { simulator, azureDevOps, ids, pipeline } = scene;
  return {
    ...scene,
    queue: (input = {}) => simulator.queueRun({ pipeline, requestedFor: 'Rita Requester', ...input }),
    async sources(run, since) {
      const check = simulator.startCheck(run, { environment: 'prod', stage: 's' });
      const proof = await azureDevOps.prove({ ...ids, ...planOf(check) }, run.id, check.token);
      if (proof.kind !== 'proven') throw new Error(proof.why);
      return azureDevOps.sources(proof.run, check.token, since);
    },
  };
}

function planOf(check: Scene['check']): object {
  return { planId: check.plan.id, timelineId: check.plan.id, jobId: check.jobId, taskInstanceId: check.taskInstanceId };
}
