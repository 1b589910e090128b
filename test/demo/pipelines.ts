import { readFile } from 'node:fs/promises';
import type { AzureDevOpsSimulator } from '../fakes/azure-devops.ts';
import type { SimulatedCheck, SimulatedPipeline, SimulatedRun } from '../fakes/azure-devops-model.ts';
import type { DemoStart, Journal } from './journal.ts';

interface DemoService {
  readonly name: string;
  /** Asks for the run and wrote all of it. The simulator's address for this name is the directory's. */
  readonly developer: string;
  /** Files of test/fixtures/sarif that the build sends. */
  readonly reports: readonly string[];
}

const SERVICES: readonly DemoService[] = [
  {
    name: 'payments-api',
    developer: 'Adele Vance',
    reports: ['semgrep-payments.sarif', 'gitleaks-clean.sarif'],
  },
  { name: 'orders-api', developer: 'Diego Siciliani', reports: ['clean.sarif', 'gitleaks-orders.sarif'] },
];

const STAGE = 'Deploy to prod';

/** One gated run: what was built and the stage that waits for the bot. */
export interface DemoRun {
  readonly service: string;
  readonly built: SimulatedRun;
  readonly check: SimulatedCheck;
  /** Index of the start that it belongs to. */
  readonly start: number;
  readonly reports: readonly string[];
}

/** How pipelines reach the bot. */
export interface BotAddress {
  readonly url: string;
  /** Header X-Countersign-Key of the checks. */
  readonly checkKey: string;
  /** Header X-Api-Key of the reports. */
  readonly apiKey: string;
}

/** The two pipelines of each service in the simulator, whose runs are the same again after a restart. */
export function createPipelines(azureDevOps: AzureDevOpsSimulator, journal: Journal) {
  const pipelines = new Map(SERVICES.map(({ name }) => [name, addPipelines(azureDevOps, name)]));

  function queue(service: DemoService, start: DemoStart, index: number): DemoRun {
    const { build, deploy } = pipelines.get(service.name) ?? addPipelines(azureDevOps, service.name);
    const name = `${start.at.slice(0, 10).replaceAll('-', '')}.${index + 1}`;
    const by = { name, requestedFor: service.developer };
    const built = azureDevOps.queueRun({ pipeline: build, ...by });
    const run = azureDevOps.queueRun({ pipeline: deploy, ...by, consumes: [built], triggeredBy: built });
    const known = start.checks[service.name];
    const check = azureDevOps.startCheck(run, {
      environment: 'prod',
      stage: STAGE,
      service: service.name,
      ...(known === undefined ? {} : { token: known.token }),
    });
    if (known?.result !== undefined)
      azureDevOps.completeCheckByItself(check, known.result === 'succeeded' ? 'succeeded' : 'failed');
    return { service: service.name, built, check, start: index, reports: service.reports };
  }

  return {
    all: [...pipelines.values()].flatMap(({ build, deploy }) => [build, deploy]),
    /** The runs of all earlier starts, in the order in which they were queued: their ids follow from it. */
    restore: (): DemoRun[] =>
      journal.starts.flatMap((start, index) => SERVICES.map((service) => queue(service, start, index))),
    /** A new run of each service, kept in the journal before anything is sent. */
    begin(at: string): DemoRun[] {
      const runs = SERVICES.map((service) => queue(service, { at, checks: {} }, journal.starts.length));
      const checks = Object.fromEntries(runs.map(({ service, check }) => [service, { token: check.token }]));
      journal.begin({ at, checks });
      return runs;
    },
    /** What the pipelines do: the build sends its reports, then the stage asks the bot. Rejects when either is not taken. */
    async run({ check, built, service, reports }: DemoRun, bot: BotAddress): Promise<void> {
      for (const report of reports) await send(report, { service, commit: built.commit, runId: String(built.id) }, bot);
      const answer = await azureDevOps.deliver(check, `${bot.url}/api/azure-devops/checks`, bot.checkKey);
      if (!answer.taken) throw new Error(`the bot did not take the check of ${service}: ${answer.body || 'no answer'}`);
    },
  };
}

/** `✔ Azure DevOps: stage "Deploy to prod" of payments-api-deploy 20261123.2 was released (succeeded)` */
export function stageLine({ run, stage }: SimulatedCheck, result: string): string {
  const [mark, word] = result === 'succeeded' ? ['✔', 'was released'] : ['✘', 'was stopped'];
  return `${mark} Azure DevOps: stage "${stage}" of ${run.pipeline.name} ${run.name} ${word} (${result})`;
}

function addPipelines(
  azureDevOps: AzureDevOpsSimulator,
  service: string,
): { build: SimulatedPipeline; deploy: SimulatedPipeline } {
  return {
    build: azureDevOps.addPipeline({ name: service, repository: service }),
    deploy: azureDevOps.addPipeline({ name: `${service}-deploy`, repository: `${service}-deploy` }),
  };
}

async function send(report: string, query: Readonly<Record<string, string>>, bot: BotAddress): Promise<void> {
  const answer = await fetch(`${bot.url}/api/findings?${new URLSearchParams(query)}`, {
    method: 'POST',
    headers: { 'X-Api-Key': bot.apiKey, 'Content-Type': 'application/json' },
    body: await readFile(new URL(`../fixtures/sarif/${report}`, import.meta.url)),
  });
  const said = await answer.text();
  if (!answer.ok) throw new Error(`the bot did not take ${report}: ${answer.status} ${said}`);
}
