import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type CheckIds, orgOf, requestIdOf } from '../../services/domain/gate.ts';
import { TENANT } from '../builders.ts';
import { type AzureDevOpsSimulator, startAzureDevOps } from './azure-devops.ts';
import { type DeliveryAnswer, postDelivery } from './azure-devops-delivery.ts';
import type { SimulatedApproval, SimulatedCheck } from './azure-devops-model.ts';
import { startAzurite } from './azurite.ts';
import { type BotLife, createBotLife } from './bot-life.ts';
import { createBotProcesses } from './bot-process.ts';
import { API_KEY, CHECK_KEY } from './countersign.ts';
import { beforeTables, type Call, createFaultProxy, type Fault } from './fault-proxy.ts';
import { createProcessReader, type ProcessReader } from './process-reader.ts';
import { type ActionAnswer, type FakeTeams, startTeams, type TeamsUser } from './teams.ts';
import { type Button, findAction, submittedData } from './teams-card.ts';
import type { TeamsMessage } from './teams-connector.ts';

/** Azure DevOps, Teams and the tables as one machine, the bot as processes that may be killed at any call of theirs. */
export interface ProcessWorld extends Pick<BotLife, 'until' | 'within' | 'during' | 'kill' | 'another'>, ProcessReader {
  readonly azureDevOps: AzureDevOpsSimulator;
  readonly teams: FakeTeams;
  /** Milliseconds, by the bots' clocks. */
  now(): number;
  /** What happens to the calls from now on. */
  fate: (call: Call) => Fault | undefined;
  /** Told of each call that has had its effect. */
  effect: (call: Call) => void;
  /** Must not be in what is stored, shown or logged. */
  readonly secrets: string[];
  /** Where one of them was, by call; and `log`. */
  leaks(): readonly string[];
  requestIdOf(check: SimulatedCheck): string;
  requestIdOfApproval(approval: SimulatedApproval): string;
  /** As service hooks tell that it began to wait. */
  tellOf(approval: SimulatedApproval): Promise<void>;
  install(user: TeamsUser): Promise<void>;
  report(name: string, query: Readonly<Record<string, string>>): Promise<void>;
  /** The same for a report that is no fixture. */
  import(body: string, query: Readonly<Record<string, string>>): Promise<void>;
  /** Address of the first one. */
  readonly url: string;
  /** One try, by default at the first process. */
  post(check: SimulatedCheck, url?: string): Promise<DeliveryAnswer>;
  /** As Azure DevOps does: ten tries. */
  deliver(check: SimulatedCheck): Promise<DeliveryAnswer>;
  /** What Teams sends for this click, each time that it sends it. */
  invokeOf(user: TeamsUser, message: TeamsMessage, verdict: Verdict): Record<string, unknown>;
  /** One try. */
  send(activity: Record<string, unknown>, url?: string): Promise<Sent>;
  /** As Teams does: what nobody answered is sent again. All that was shown to the person. */
  click(user: TeamsUser, message: TeamsMessage, verdict: Verdict): Promise<readonly ActionAnswer[]>;
  /** The same for any button, of the message's card or of one that was shown in its place. */
  press(user: TeamsUser, message: TeamsMessage, button: Button, press?: Press): Promise<readonly ActionAnswer[]>;
  /** In their chat. */
  say(user: TeamsUser, text: string): Promise<void>;
  close(): Promise<void>;
}

interface Sent {
  readonly status: number;
  readonly answer: ActionAnswer | undefined;
}

export type Verdict = 'approve' | 'reject';

interface Press {
  readonly typed?: Readonly<Record<string, string>>;
  readonly card?: unknown;
}

const HOOK_SECRET = 'a-hook-secret-for-tests';

interface Options {
  readonly policy?: string;
  readonly spares?: number;
}

export async function startProcessWorld({ policy = ownPolicy(), spares = 0 }: Options = {}): Promise<ProcessWorld> {
  const [azurite, azureDevOps, teams] = await Promise.all([
    startAzurite(),
    startAzureDevOps(),
    startTeams({ tenant: TENANT }),
  ]);
  const hooks: Pick<ProcessWorld, 'fate' | 'effect'> = { fate: () => undefined, effect: () => {} };
  const secrets: string[] = [];
  const leaks: string[] = [];
  const proxy = createFaultProxy({
    fate: (call) => {
      const mayKnow = call.line === 'Azure DevOps';
      if (!mayKnow && isIn(secrets.at(-1), `${call.url} ${call.body}`)) leaks.push(`${call.method} ${call.url}`);
      return hooks.fate(call);
    },
    done: (call) => hooks.effect(call),
  });
  const [tables, organization, serviceUrl] = await Promise.all([
    beforeTables(proxy, azurite.connectionString),
    proxy.before('Azure DevOps', azureDevOps.organizationUrl()),
    proxy.before('Teams', teams.url),
  ]);
  const processes = createBotProcesses(
    environmentOf({
      policy,
      organization,
      token: azureDevOps.pat,
      store: tables.connectionString,
    }),
    { spares },
  );
  const life = createBotLife(proxy, processes);
  await life.start();
  const org = orgOf(TENANT, organization);
  const idOf = (check: SimulatedCheck) => requestIdOf(org, idsOf(organization, check), 1);
  const post: ProcessWorld['post'] = (check, url = life.url()) => {
    const { headers, body } = azureDevOps.deliveryOf(check);
    const delivery = { headers: { ...headers, PlanUrl: `${organization}/` }, body };
    return postDelivery(delivery, `${url}/api/azure-devops/checks`, CHECK_KEY);
  };
  const send: ProcessWorld['send'] = async (activity, url = life.url()) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ ...activity, serviceUrl });
    const response = await fetch(`${url}/api/messages`, { method: 'POST', headers, body });
    return {
      status: response.status,
      answer: (await response.json().catch(() => undefined)) as ActionAnswer | undefined,
    };
  };
  const pressOf = (user: TeamsUser, message: TeamsMessage, button: Button, { typed = {}, card }: Press = {}) => {
    const shown = card ?? teams.cardOf(message);
    const action = findAction(shown, 'Action.Execute', button);
    return teams.actionActivity(user, message, action.verb, submittedData(shown, action, typed));
  };
  const invokeOf: ProcessWorld['invokeOf'] = (user, message, verdict) =>
    pressOf(user, message, { verb: 'approval.decide', verdict }, { typed: { comment: 'seen' } });
  const answeredWith = async (invoke: Record<string, unknown>) => {
    const shown: ActionAnswer[] = [];
    await life.again('an answer to the click', async () => {
      const { status, answer } = await send(invoke);
      if (status !== 200 || answer === undefined) return undefined;
      shown.push(answer);
      return isCard(answer) || undefined;
    });
    return shown;
  };
  const world: ProcessWorld = {
    azureDevOps,
    teams,
    ...createProcessReader(azurite.connectionString, organization),
    now: processes.now,
    get fate() {
      return hooks.fate;
    },
    set fate(fate) {
      hooks.fate = fate;
    },
    get effect() {
      return hooks.effect;
    },
    set effect(effect) {
      hooks.effect = effect;
    },
    secrets,
    leaks: () => [...leaks, ...(secrets.some((secret) => isIn(secret, processes.output())) ? ['log'] : [])],
    requestIdOf: idOf,
    requestIdOfApproval: ({ id, stage }) =>
      requestIdOf(org, { organization, projectId: stage.run.pipeline.project.id, id }, 0),
    async tellOf({ id, stage }) {
      const event = {
        id: `event of ${id}`,
        eventType: 'ms.vss-pipelinechecks-events.approval-pending',
        resource: { approval: { id }, projectId: stage.run.pipeline.project.id },
      };
      const password = Buffer.from(`countersign:${HOOK_SECRET}`).toString('base64');
      const headers = { 'Content-Type': 'application/json', Authorization: `Basic ${password}` };
      await life.again('the service hook', async () => {
        const request = { method: 'POST', headers, body: JSON.stringify(event) };
        return (await fetch(`${life.url()}/api/azure-devops/events`, request)).ok || undefined;
      });
    },
    kill: life.kill,
    until: life.until,
    during: life.during,
    within: life.within,
    async install(user) {
      await life.again('the installation', async () => {
        const { status } = await send(teams.activity(user, { type: 'installationUpdate', action: 'add' }));
        return status === 200 || undefined;
      });
    },
    report: async (name, query) =>
      world.import(await readFile(new URL(`../fixtures/sarif/${name}`, import.meta.url), 'utf8'), query),
    async import(body, query) {
      await life.again('the report', async () => {
        const headers = { 'X-Api-Key': API_KEY, 'Content-Type': 'application/json' };
        const address = `${life.url()}/api/findings?${new URLSearchParams(query)}`;
        return (await fetch(address, { method: 'POST', headers, body })).ok || undefined;
      });
    },
    another: life.another,
    get url() {
      return life.url();
    },
    post,
    deliver: (check) =>
      life.again('the check', async () => {
        const answer = await post(check);
        return answer.taken ? answer : undefined;
      }),
    invokeOf,
    send,
    click: (user, message, verdict) => answeredWith(invokeOf(user, message, verdict)),
    press: (user, message, button, press) => answeredWith(pressOf(user, message, button, press)),
    async say(user, text) {
      const message = teams.activity(user, { type: 'message', text });
      await life.again(`"${text}"`, async () => ((await send(message)).status === 200 ? true : undefined));
    },
    async close() {
      await processes.close();
      await Promise.all([proxy.close(), azureDevOps.close(), teams.close()]);
      await azurite.close();
    },
  };
  return world;
}

function ownPolicy(): string {
  return fileURLToPath(new URL('../../manifest/policy', import.meta.url));
}

function idsOf(organization: string, check: SimulatedCheck): CheckIds {
  const { plan, jobId, taskInstanceId } = check;
  const ids = {
    projectId: plan.project.id,
    hub: plan.hub,
    planId: plan.id,
    jobId,
    timelineId: plan.id,
    taskInstanceId,
  };
  return { organization, ...ids };
}

function environmentOf(given: {
  readonly policy: string;
  readonly organization: string;
  readonly token: string;
  readonly store: string;
}): Readonly<Record<string, string>> {
  return {
    COUNTERSIGN_LOCAL: 'true',
    PORT: '0',
    LOG_LEVEL: 'warn',
    BOT_TENANT_ID: TENANT,
    TABLES_CONNECTION_STRING: given.store,
    AZURE_DEVOPS_ORGS: given.organization,
    AZURE_DEVOPS_TOKEN: given.token,
    CHECK_SECRETS: CHECK_KEY,
    LOCAL_API_KEY: API_KEY,
    POLICY_DIR: given.policy,
    DIRECTORY_FILE: `${given.policy}/directory.yaml`,
    TOKEN_KEY: Buffer.alloc(32, 7).toString('base64'),
    PUBLIC_URL: 'https://countersign.example',
    HOOK_SECRETS: HOOK_SECRET,
    NATIVE_AS_SERVICE: 'true',
  };
}

/** What answers a click as a card; anything else is a sentence for the person, or for their client. */
export function isCard({ type }: ActionAnswer): boolean {
  return type === 'application/vnd.microsoft.card.adaptive';
}

function isIn(secret: string | undefined, text: string): boolean {
  if (secret === undefined) return false;
  const forms = [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)];
  return forms.some((form) => text.includes(form));
}
