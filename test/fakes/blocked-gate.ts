import { expect } from 'vitest';
import { aReportedRun } from '../hostile/asked-gate.ts';
import type { CheckScene } from './check-scene.ts';

/** A deployment of payments-api that secrets block, and their fingerprints. */
export async function aBlockedGate(
  scene: CheckScene,
): Promise<{ readonly id: string; readonly prints: readonly string[] }> {
  const run = await aReportedRun(scene);
  const query = { service: 'payments-api', commit: run.commit, runId: String(run.id) };
  expect((await scene.report('gitleaks-orders.sarif', query)).status).toBe(200);
  const check = scene.azureDevOps.startCheck(run, { environment: 'prod', stage: 'Deploy', service: 'payments-api' });
  const id = String((await scene.send(check)).json['requestId']);
  await scene.app.core.idle();
  const gate = await scene.app.core.approvals.find(id);
  expect(gate?.state).toBe('blocked');
  const prints = (gate?.judgement?.blocks ?? []).flatMap(({ fingerprints }) => fingerprints);
  expect(prints.length).toBeGreaterThan(0);
  return { id, prints };
}

/** What the API and the form want to hear, with a last day that is near whenever this runs. */
export const EXCEPTION_TERMS = {
  owner: 'group:payments-owners',
  reasonClass: 'fix-scheduled',
  reason: 'The key is revoked, the history is being rewritten',
  until: 'in 3 days',
  reviewEvery: '2d',
} as const;
