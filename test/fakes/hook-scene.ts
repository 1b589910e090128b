import { expect } from 'vitest';
import type { ApprovalInput } from './azure-devops-approvals.ts';
import type { SimulatedApproval, SimulatedRun } from './azure-devops-model.ts';
import { type Answer, answerOf, type CheckScene, setCheckScene } from './check-scene.ts';
import { PEOPLE } from './core-world.ts';
import { startTokenService, type TokenService } from './token-service.ts';

const CONNECTION = 'azure-devops';
/** Where service hooks send to, as far as the product knows. */
export const PUBLIC_URL = 'https://countersign.example';
export const HOOK_SECRET = 'a-hook-secret-for-tests';
export const OTHER_HOOK_SECRET = 'the-next-hook-secret-for-tests';
export const PENDING = 'ms.vss-pipelinechecks-events.approval-pending';
export const COMPLETED = 'ms.vss-pipelinechecks-events.approval-completed';
export const STAGE = 'ms.vss-pipelines.stage-state-changed-event';
export const alex = { oid: PEOPLE.alex, name: 'Alex Wilber' };
const adele = { displayName: 'Adele Vance', uniqueName: 'adele.vance@contoso.example' };

export interface HookScene extends CheckScene {
  readonly tokens: TokenService;
  readonly eventsUrl: string;
  /** A run of payments-api with clean reports. */
  aReportedRun(): Promise<SimulatedRun>;
  /** Its stage begins to wait for Alex in Azure DevOps. */
  ask(run: SimulatedRun, input?: Partial<ApprovalInput>): SimulatedApproval;
  /** Posts a delivery; basic authentication with one of the secrets unless said otherwise. */
  post(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Requests of the store that are about native approvals, by the record's own words. */
  gates(): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export const basic = (user: string, password: string) => ({
  Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

/** The whole product with service hooks, a sign-in to Azure DevOps, and Alex's account there. */
export async function setHookScene(env: Readonly<Record<string, string>> = {}): Promise<HookScene> {
  const tokens = await startTokenService(CONNECTION);
  const scene = await setCheckScene({
    PUBLIC_URL,
    HOOK_SECRETS: `${HOOK_SECRET},${OTHER_HOOK_SECRET}`,
    SIGNIN_CONNECTION: CONNECTION,
    BOT_OAUTH_URL: tokens.url,
    ...env,
  });
  const { azureDevOps, report, url } = scene;
  azureDevOps.addAccount(PEOPLE.alex, 'Alex Wilber');
  const eventsUrl = `${url}/api/azure-devops/events`;
  return {
    ...scene,
    tokens,
    eventsUrl,
    async aReportedRun() {
      const pipeline = azureDevOps.addPipeline({ name: 'payments-api', repository: 'payments-api' });
      const run = azureDevOps.queueRun({ pipeline, requestedFor: adele });
      const query = { service: 'payments-api', commit: run.commit, runId: String(run.id) };
      for (const name of ['semgrep-payments.sarif', 'gitleaks-clean.sarif'])
        expect((await report(name, query)).status).toBe(200);
      return run;
    },
    ask: (run, input = {}) =>
      azureDevOps.requestApproval(run, { stage: 'Deploy', environment: 'prod', approvers: ['Alex Wilber'], ...input }),
    post: async (body, headers = basic('countersign', HOOK_SECRET)) => {
      const content = typeof body === 'string' ? body : JSON.stringify(body);
      const request = { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: content };
      return answerOf(await fetch(eventsUrl, request));
    },
    gates: async () => {
      const rows = (await scene.rows()).filter((row) => row.includes('"rowKey":"h"'));
      return rows.map((row) => JSON.parse(String(JSON.parse(row.slice(row.indexOf(' ') + 1)).gate)));
    },
    close: async () => {
      await scene.close();
      await tokens.close();
    },
  };
}
