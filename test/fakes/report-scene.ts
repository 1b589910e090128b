import { createDeployments } from '../../services/azure-devops/deployments.ts';
import { createPatIdentity } from '../../services/azure-devops/identity.ts';
import { createDeploymentReports } from '../../services/deployment-reports.ts';
import type { DeploymentReport } from '../../services/domain/deployment-report.ts';
import type { DecisionEvidence } from '../../services/ports/decision-evidence.ts';
import type { EvidenceLog } from '../../services/ports/evidence-log.ts';
import type { Table } from '../../services/ports/table.ts';
import { createStoredDecisions } from '../../services/stored-decisions.ts';
import { aCheck, TENANT } from '../builders.ts';
import { setAuditScene } from './audit-scene.ts';
import type { SimulatedDeployment } from './azure-devops-model.ts';
import { dumpedEvidence } from './dumped-evidence.ts';
import { actor, CAST, nextOp } from './exception-scene.ts';
import { createInMemoryTable } from './in-memory-table.ts';
import type { Edit } from './policy-folder.ts';

/** Of every report that says no other time. */
export const PERIOD = { from: '2026-11-24T00:00:00.000Z', before: '2026-11-25T00:00:00.000Z' } as const;

/** Deployments of payments-api that are gated or not, and the report of them over what the store has. */
export async function setReportScene(...edits: readonly Edit[]) {
  const table = createInMemoryTable();
  return { ...(await setReportSceneOn(table, dumpedEvidence(table), ...edits)), table };
}

/** The same on any table, with an index of its evidence. */
export async function setReportSceneOn(table: Table, log: Pick<EvidenceLog, 'changed'>, ...edits: readonly Edit[]) {
  const scene = await setAuditScene(table, ...edits);
  const { world, devOps, pipeline, organization } = scene;
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  await scene.pass(0);
  let checks = 0;
  const waits: number[] = [];
  const decide = async (requestId: string, verdict: 'approve' | 'reject', by: string = CAST.alex) => {
    const wish = { requestId, verdict, comment: 'as agreed', by: actor(by), op: nextOp() };
    const answered = await world.core.approvals.decide(wish);
    if (answered.kind !== 'decided') throw new Error(JSON.stringify(answered));
    await world.settle();
  };
  const deployments = createDeployments({ organizations: [organization], identity: createPatIdentity(devOps.pat) });
  const stored = createStoredDecisions({ log, gates: world.ports.gates });
  return {
    ...{ ...scene, decide, waits, stored },
    /** A run whose stage waits for our check. */
    asked: async (environment = 'prod') => {
      const run = devOps.queueRun({ pipeline });
      world.azureDevOps.run = { ...world.azureDevOps.run, organization, id: run.id, name: run.name };
      checks += 1;
      const check = aCheck({
        organization,
        taskInstanceId: `00000000-0000-4000-8000-${String(checks).padStart(12, '0')}`,
      });
      const place = { runId: run.id, stage: 'Deploy', environment };
      const receipt = await world.core.deliveries.receive({ check, jobToken: 'job-token-of-the-check', ...place });
      if (receipt.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(receipt)}`);
      await world.core.outbox.drain(receipt.org, receipt.requestId);
      await world.settle();
      /** Its job begins now, unless `job` says otherwise. */
      const begin = (job: Partial<SimulatedDeployment['job']> = {}) =>
        devOps.deployTo(environment, run, { stage: 'Deploy', ...job });
      return { requestId: receipt.requestId, run, begin };
    },
    report: (over: Over = {}): Promise<DeploymentReport> => {
      const { evidence = stored, policy = world.ports.policy, reads = deployments, ...wish } = over;
      return createDeploymentReports({
        ...{ tenant: TENANT, organizations: [organization], policy, deployments: reads, evidence },
        clock: { now: () => world.now },
        wait: async (seconds) => {
          waits.push(seconds);
        },
      }).report({ ...PERIOD, ...wish });
    },
    deployments,
  };
}

interface Over {
  readonly from?: string;
  readonly before?: string;
  readonly environment?: string;
  readonly evidence?: DecisionEvidence;
  readonly policy?: Parameters<typeof createDeploymentReports>[0]['policy'];
  readonly reads?: Parameters<typeof createDeploymentReports>[0]['deployments'];
}
