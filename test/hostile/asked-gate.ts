import { expect } from 'vitest';
import type { SimulatedCheck, SimulatedRun } from '../fakes/azure-devops-model.ts';
import type { CheckInput, RunInput } from '../fakes/azure-devops-world.ts';
import type { CheckScene } from '../fakes/check-scene.ts';
import { PEOPLE } from '../fakes/core-world.ts';

export const alex = { oid: PEOPLE.alex, name: 'Alex Wilber' };
const adele = { id: PEOPLE.adele, displayName: 'Adele Vance', uniqueName: 'adele.vance@contoso.example' };
const author = { name: 'Adele Vance', id: PEOPLE.adele };

/** A run of payments-api with clean reports: its gate in prod asks Alex and Megan. */
export async function aReportedRun(
  { azureDevOps, report }: Pick<CheckScene, 'azureDevOps' | 'report'>,
  input: Partial<RunInput> = {},
): Promise<SimulatedRun> {
  const pipeline = azureDevOps.addPipeline({ name: 'payments-api', repository: 'payments-api' });
  const run = azureDevOps.queueRun({ pipeline, requestedFor: adele, authors: [author], ...input });
  const query = { service: 'payments-api', commit: run.commit, runId: String(run.id) };
  for (const name of ['semgrep-payments.sarif', 'gitleaks-clean.sarif']) {
    expect((await report(name, query)).status).toBe(200);
  }
  return run;
}

/** A gate of its own that asks, once nothing of it is under way any more. */
export async function aGateThatAsks(
  scene: CheckScene,
  input: Partial<RunInput> = {},
  more: Partial<CheckInput> = {},
): Promise<{ readonly id: string; readonly check: SimulatedCheck }> {
  const run = await aReportedRun(scene, input);
  const check = scene.azureDevOps.startCheck(run, {
    environment: 'prod',
    stage: 'Deploy',
    service: 'payments-api',
    ...more,
  });
  const id = String((await scene.send(check)).json['requestId']);
  await scene.app.core.idle();
  expect((await scene.app.core.approvals.find(id))?.state).toBe('asked');
  return { id, check };
}

/** What the gate's record says, in order. */
export async function evidenceOf(scene: CheckScene, id: string): Promise<readonly { readonly kind: string }[]> {
  const rows = (await scene.rows()).filter((row) => row.includes(`~r~${id}"`) && row.includes('"entry"'));
  return rows.map((row) => JSON.parse(JSON.parse(row.slice(row.indexOf(' ') + 1)).entry));
}

/** Alex's click on the card of revision 1, whatever of it is said otherwise. */
export function approvalOf(
  { teams }: CheckScene,
  requestId: string,
  members: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const data = { verb: 'approval.decide', requestId, revision: 1, verdict: 'approve' };
  return teams.activity(alex, {
    type: 'invoke',
    name: 'adaptiveCard/action',
    replyToId: 'the-card',
    value: { action: { type: 'Action.Execute', verb: 'approval.decide', data } },
    ...members,
  });
}
