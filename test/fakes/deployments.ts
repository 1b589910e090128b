import { readFile } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import type { Gate } from '../../services/domain/gate.ts';
import { aCheck, COMMIT } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from './core-world.ts';
import { type Edit, policyFolder } from './policy-folder.ts';

export interface Deployment {
  /** Id of the run; a greater one is newer. */
  readonly run?: number;
  readonly attempt?: number;
  readonly pipeline?: number;
  readonly stage?: string;
  readonly environment?: string;
  readonly service?: string;
}

export interface Life {
  readonly world: CoreWorld;
  readonly policyDir: string;
  /** A check of its own for each; the request id, once it was judged. */
  deploy(deployment?: Deployment): Promise<string>;
  gate(id: string): Promise<Gate>;
  /** Kinds of its evidence, in order. */
  kinds(id: string): Promise<readonly string[]>;
  /** Data of its last entry of this kind. */
  said(id: string, kind: string): Promise<Readonly<Record<string, unknown>>>;
  decide(
    id: string,
    oid: string,
    verdict?: 'approve' | 'reject' | 'withdraw',
    over?: { readonly revision?: number; readonly op?: string; readonly core?: CoreWorld['core'] },
  ): ReturnType<CoreWorld['core']['approvals']['decide']>;
  /** Does something once, right after the commit of this kind: what happens between approval and seal. */
  after(kind: string, act: () => unknown): void;
  /** Reports this fixture with some results more. */
  reportMore(name: string, ...rules: readonly { readonly id: string; readonly level: string }[]): Promise<void>;
}

let clicks = 0;

/** The sample policy with these edits, clean reports for payments-api, and people who can be reached. */
export async function aLife(...edits: readonly Edit[]): Promise<Life> {
  const policyDir = await policyFolder(...edits);
  const world = await createCoreWorld({ policyDir });
  for (const oid of [PEOPLE.alex, PEOPLE.adele, PEOPLE.megan, PEOPLE.isaiah]) await world.meet(oid);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  const { run } = world.azureDevOps;
  let attempt = 1;
  tellEachCheckItsOwn(world, () => attempt);
  let checks = 0;
  onTestFinished(() => world.core.idle());
  const evidence = async (id: string) =>
    ((await world.ports.gates.locate(id))?.evidence ?? []).map(
      ({ entry }) => JSON.parse(entry) as { kind: string; data: Record<string, unknown> },
    );
  return {
    world,
    policyDir,
    deploy: async (deployment = {}) => {
      const { run: id = 100, pipeline = run.pipeline.id, stage = 'Deploy', environment = 'prod', service } = deployment;
      attempt = deployment.attempt ?? 1;
      world.azureDevOps.run = {
        ...run,
        ...world.azureDevOps.run,
        id,
        name: `run-${id}`,
        pipeline: { ...run.pipeline, id: pipeline },
      };
      checks += 1;
      const receipt = await world.core.deliveries.receive({
        check: aCheck({ taskInstanceId: `00000000-0000-4000-8000-${String(checks).padStart(12, '0')}` }),
        jobToken: 'job-token-of-the-check',
        runId: id,
        stage,
        environment,
        ...(service === undefined ? {} : { service }),
      });
      if (receipt.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(receipt)}`);
      await world.core.outbox.drain(receipt.org, receipt.requestId);
      await world.settle();
      return receipt.requestId;
    },
    gate: async (id) => {
      const gate = await world.core.approvals.find(id);
      if (gate === undefined) throw new Error(`there is no request ${id}`);
      return gate;
    },
    kinds: async (id) => (await evidence(id)).map(({ kind }) => kind),
    said: async (id, kind) => (await evidence(id)).findLast((entry) => entry.kind === kind)?.data ?? {},
    decide: async (requestId, oid, verdict = 'approve', { core = world.core, op, revision } = {}) => {
      clicks += 1;
      const answered = await core.approvals.decide({
        requestId,
        verdict,
        comment: 'as agreed',
        by: { kind: 'person', tenant: '7d1f3c52-0a4e-4a35-9a57-3f0c9d7b8e11', oid, name: 'as Teams says' },
        op: op ?? `click ${clicks}`,
        ...(revision === undefined ? {} : { revision }),
      });
      return answered;
    },
    after: (kind, act) => actAfter(world, kind, act),
    reportMore: (name, ...rules) => reportMore(world, name, rules),
  };
}

/** By check, where the world's own fake knows one result for all; and the attempt that was delivered last. */
function tellEachCheckItsOwn({ ports, azureDevOps, told }: CoreWorld, attempt: () => number): void {
  const { prove } = ports.azureDevOps;
  Object.assign(ports.azureDevOps, {
    prove: async (...args: Parameters<typeof prove>) => ({ ...(await prove(...args)), attempt: attempt() }),
    checkState: async ({ taskInstanceId }: { readonly taskInstanceId: string }) => {
      const result =
        azureDevOps.completed ?? told.findLast(({ check }) => check.taskInstanceId === taskInstanceId)?.result;
      return result === undefined ? { completed: false } : { completed: true, result };
    },
  });
}

function actAfter({ ports: { gates } }: CoreWorld, kind: string, act: () => unknown): void {
  const { commit } = gates;
  const interrupted: typeof commit = async (from, change) => {
    const committed = await commit(from, change);
    if (change.evidence.kind !== kind || committed.kind !== 'committed') return committed;
    gates.commit = commit;
    await act();
    return committed;
  };
  Object.assign(gates, { commit: interrupted });
}

async function reportMore(
  world: CoreWorld,
  name: string,
  rules: readonly { readonly id: string; readonly level: string }[],
): Promise<void> {
  const text = await readFile(new URL(`../fixtures/sarif/${name}`, import.meta.url), 'utf8');
  const report = JSON.parse(text);
  const [run] = report.runs;
  for (const { id, level } of rules) {
    const place = { artifactLocation: { uri: `src/${id}.ts` }, region: { startLine: 1, snippet: { text: id } } };
    run.results.push({ ruleId: id, level, message: { text: id }, locations: [{ physicalLocation: place }] });
  }
  async function* body() {
    yield new TextEncoder().encode(JSON.stringify(report));
  }
  await world.core.findings.import({ service: 'payments-api', commit: COMMIT, body: body() });
  await world.settle();
}
