import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { SimulatedAuditLog } from './audit-log-routes.ts';
import { type CheckDelivery, type DeliveryAnswer, deliveryOf, postDelivery } from './azure-devops-delivery.ts';
import { createFaults, type Faults } from './azure-devops-faults.ts';
import { addRepository, type SimulatedGit } from './azure-devops-git.ts';
import { callerOf, faultReply, type ResourceArea, receive, replyTo, schemeOf, send } from './azure-devops-http.ts';
import type {
  SimulatedCheck,
  SimulatedDeployment,
  SimulatedEvent,
  SimulatedPerson,
  SimulatedPipeline,
  SimulatedProject,
  SimulatedRun,
} from './azure-devops-model.ts';
import { type NativeSimulator, nativeOf } from './azure-devops-native.ts';
import { latestStage, type Outcome, resolveWait } from './azure-devops-stages.ts';
import {
  addPipeline,
  addProject,
  type CheckInput,
  createWorld,
  deployTo,
  type PipelineInput,
  personOf,
  queueRun,
  type RunInput,
  rerunCheck,
  startCheck,
  taskOf,
} from './azure-devops-world.ts';
import { type PlatformChecks, platformChecksOf } from './platform-checks.ts';
import type { Library } from './platform-connections.ts';
import type { PlatformPeople } from './platform-people.ts';

export interface SimulatorOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Default `contoso`, with one project `Shop`. */
  readonly organizations?: readonly string[];
  /** The bot's own personal access token. */
  readonly pat?: string;
  /** The bot's own Entra tokens. */
  readonly bearerTokens?: readonly string[];
  /** Milliseconds; what a token's 48 hours are counted by. */
  readonly now?: () => number;
  /** What `GET _apis/ResourceAreas` lists; default nothing, which clients take for a server of one's own. */
  readonly resourceAreas?: readonly ResourceArea[];
  /** A waiting stage goes on or ends. */
  readonly onStage?: (check: SimulatedCheck, result: string) => void;
  /** HTML that a browser gets at this path with its query; undefined for all that is no page. */
  readonly page?: (path: string) => string | undefined;
}

/** Whom the bot's own tokens belong to. */
const BOT = 'Countersign Bot';

/** One request as received; never with its token. */
interface RecordedRequest {
  readonly method: string;
  /** With organization and query. */
  readonly path: string;
  readonly auth: 'none' | 'basic' | 'bearer' | 'other';
  readonly caller: 'job' | 'bot' | 'person' | 'nobody';
  readonly status: number;
}

export interface AzureDevOpsSimulator extends NativeSimulator, PlatformChecks {
  readonly url: string;
  readonly pat: string;
  readonly requests: readonly RecordedRequest[];
  /** All received TaskCompleted events, refused ones too. */
  readonly events: readonly SimulatedEvent[];
  readonly project: SimulatedProject;
  /** Service connections and variable groups; may be added to at any time. */
  readonly library: Library;
  /** Who may do what. */
  readonly people: PlatformPeople;
  /** Alerts of Advanced Security by repository id; of others it is off. */
  readonly alerts: Map<string, readonly object[]>;
  /** Whom the bot signs in as. */
  readonly bot: SimulatedPerson;
  readonly faults: Pick<Faults, 'add' | 'clear'>;
  organizationUrl(name?: string): string;
  addProject(name: string, organization?: string): SimulatedProject;
  /** A Git repository with commits of its own; default in the first project. */
  addRepository(name: string, project?: SimulatedProject): SimulatedGit;
  addPipeline(input: PipelineInput): SimulatedPipeline;
  queueRun(input: RunInput): SimulatedRun;
  /** The run has deployed to this environment of its project, unless `job` says otherwise. */
  deployTo(environment: string, run: SimulatedRun, job?: Partial<SimulatedDeployment['job']>): SimulatedDeployment;
  readonly auditLog: SimulatedAuditLog;
  /** Entries of one answer where lists come in pages. */
  pageBy(size: number): void;
  /** A stage begins to wait for the check; see `deliver`. */
  startCheck(run: SimulatedRun, input: CheckInput): SimulatedCheck;
  rerunCheck(check: SimulatedCheck): void;
  /** Timed out, cancelled or bypassed in Azure DevOps itself. */
  completeCheckByItself(check: SimulatedCheck, result: 'succeeded' | 'failed' | 'canceled' | 'skipped'): void;
  deliveryOf(check: SimulatedCheck): CheckDelivery;
  /** POSTs the check to `url` with header X-Countersign-Key, as the check of an environment does. */
  deliver(check: SimulatedCheck, url: string, key: string): Promise<DeliveryAnswer>;
  /** Tries as often as Azure DevOps has documented, then gives up: the check has failed. How often it tried. */
  deliverUntilTaken(check: SimulatedCheck, url: string, key: string): Promise<number>;
  /** Undefined while the stage waits. */
  verdictOf(check: SimulatedCheck): string | undefined;
  feedOf(check: SimulatedCheck): readonly string[];
  /** The log that the run page shows for the task. */
  logOf(check: SimulatedCheck): string | undefined;
  close(): Promise<void>;
}

/** Azure DevOps over its real protocol, on 127.0.0.1: builds, runs, plans, timelines, job tokens, sign-in pages. */
export async function startAzureDevOps(options: SimulatorOptions = {}): Promise<AzureDevOpsSimulator> {
  const world = createWorld(options.organizations ?? ['contoso'], options.now ?? Date.now);
  const pat = options.pat ?? `pat-${Math.random().toString(36).slice(2)}`;
  const bot = { kind: 'bot', person: personOf(BOT) } as const;
  for (const token of [pat, ...(options.bearerTokens ?? [])]) world.tokens.set(token, bot);
  const faults = createFaults();
  const requests: RecordedRequest[] = [];
  const checks: SimulatedCheck[] = [];
  const told = new Set<string>();
  const timers = new Set<NodeJS.Timeout>();
  let url = '';

  function announce(): void {
    for (const check of checks) {
      const { state, result, attempt } = taskOf(check);
      const key = `${check.taskInstanceId}/${attempt}`;
      if (state !== 'completed' || told.has(key)) continue;
      told.add(key);
      const stage = latestStage(world, check.run, check.stage);
      if (stage !== undefined) resolveWait(world, stage, check.taskInstanceId, outcomeOf(result));
      options.onStage?.(check, result ?? 'completed');
    }
  }

  function completeCheckByItself(check: SimulatedCheck, result: string): void {
    Object.assign(taskOf(check), { state: 'completed', result });
    announce();
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await receive(request, url);
    const caller = callerOf(world, received);
    const path = `${received.url.pathname}${received.url.search}`;
    const fault = faults.take(`${received.method} ${path}`);
    const finish = (): void => {
      const page = received.method === 'GET' ? options.page?.(path) : undefined;
      const answer = () =>
        page === undefined
          ? replyTo(world, options.resourceAreas ?? [], received, caller)
          : { status: 200, body: page, headers: { 'content-type': 'text/html; charset=utf-8' } };
      const reply = fault?.cut === 'before' ? { status: 0 } : faultReply(fault, answer);
      const by = { auth: schemeOf(received), caller: caller?.kind ?? ('nobody' as const) };
      requests.push({ method: received.method, path, ...by, status: reply.status });
      announce();
      send(response, reply, fault?.cut);
    };
    if (fault?.delayMs === undefined) finish();
    else later(finish, fault.delayMs);
  }

  function later(finish: () => void, milliseconds: number): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      finish();
    }, milliseconds);
    timers.add(timer);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(options.port ?? 0, '127.0.0.1', listening));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  world.url = url;
  const [project] = world.projects;
  if (project === undefined) throw new Error('the simulator needs an organization');

  return {
    ...nativeOf(world),
    ...platformChecksOf(world),
    url,
    pat,
    requests,
    events: world.events,
    project,
    library: world.library,
    people: world.people,
    alerts: world.alerts,
    bot: bot.person,
    faults,
    organizationUrl: (name) => `${url}/${name ?? world.organizations[0]}`,
    addProject: (name, organization) => addProject(world, name, organization),
    addRepository: (name, given) => addRepository(world, name, given),
    addPipeline: (input) => addPipeline(world, input),
    queueRun: (input) => queueRun(world, input),
    deployTo: (environment, run, job) => deployTo(world, environment, run, job),
    auditLog: world.auditLog,
    pageBy: (size) => {
      world.pageSize = size;
    },
    startCheck(run, input) {
      const check = startCheck(world, run, input);
      checks.push(check);
      return check;
    },
    rerunCheck: (check) => rerunCheck(world, check),
    completeCheckByItself,
    deliveryOf: (check) => deliveryOf(check, url),
    deliver: (check, to, key) => postDelivery(deliveryOf(check, url), to, key),
    async deliverUntilTaken(check, to, key) {
      for (let tries = 1; tries <= MOST_DELIVERIES; tries += 1)
        if ((await postDelivery(deliveryOf(check, url), to, key)).taken) return tries;
      completeCheckByItself(check, 'failed');
      return MOST_DELIVERIES;
    },
    verdictOf: (check) => taskOf(check).result ?? undefined,
    feedOf: (check) => check.plan.feed,
    logOf: (check) => check.plan.logs.find(({ id }) => id === taskOf(check).log?.id)?.text,
    async close() {
      for (const timer of timers) clearTimeout(timer);
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** "At most 10 times", then check and stage fail: earlier text of docs/pipelines/process/invoke-checks.md; today's says only how often it is evaluated. */
const MOST_DELIVERIES = 10;

function outcomeOf(result: string | null): Outcome {
  if (result === 'succeeded') return 'released';
  return result === 'canceled' || result === 'skipped' ? result : 'failed';
}
