import { aCheck, COMMIT, ORG, TENANT } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import type { StoredRow } from '../fakes/in-memory-table.ts';

export type AnyWorld = Omit<CoreWorld, 'table'>;

/** A store after so many requests and as many reports, and the time it then is. */
export interface History {
  readonly requests: number;
  readonly now: string;
  readonly rows: Iterable<StoredRow>;
}

const SECONDS_BETWEEN = 6;
/** How often the due index is read. */
const SETTLE_EVERY = 20;
/** How often the reports come that a production gate needs. */
const REPORT_EVERY = 1_000;
/** A rejection among so many approvals. */
const REJECT_EVERY = 10;

/**
 * Plays requests to their end, one report each, and keeps the store as it is at each of these sizes: half of them are
 * let through by themselves, half are asked, decided by one of two people and told.
 */
export async function playHistory(sizes: readonly number[]): Promise<readonly History[]> {
  const world = await createCoreWorld();
  await meetEverybody(world);
  const kept: History[] = [];
  for (let n = 0; n < Math.max(...sizes); n += 1) {
    if (n % REPORT_EVERY === 0) await reportOnCommit(world);
    await playRequest(world, n);
    if (n % SETTLE_EVERY === 0) {
      await world.settle();
      // Everything is told by now: the fake looks through all that it was ever sent.
      world.posted.length = 0;
    }
    world.advance(SECONDS_BETWEEN / 60);
    if (!sizes.includes(n + 1)) continue;
    world.advance(3);
    await world.settle();
    kept.push({ requests: n + 1, now: world.now, rows: world.table.dump() });
  }
  return kept;
}

/** Check ids of the history: none of them is used again. */
const FIRST_OF_HISTORY = 1_000_000;

/** One report, and one request from its check to its verdict. */
export async function playRequest(world: AnyWorld, n: number): Promise<void> {
  await importLeaks(world, n + 1, { commit: n.toString(16).padStart(40, 'd'), rules: [`rule-${n}`] });
  const needsApproval = n % 2 === 1;
  const id = await receive(world, FIRST_OF_HISTORY + n, needsApproval ? 'prod' : 'staging');
  await world.core.outbox.drain(ORG, id);
  const verdict = n % REJECT_EVERY === 1 ? 'reject' : 'approve';
  const by = n % 4 === 1 ? PEOPLE.alex : PEOPLE.megan;
  if (needsApproval) await click(world, id, by, { verdict, comment: 'because' });
  await world.core.idle();
}

/** Whoever gets cards has a conversation, which this process has just read. */
export async function meetEverybody(world: AnyWorld): Promise<void> {
  for (const oid of [PEOPLE.alex, PEOPLE.adele, PEOPLE.megan]) await world.meet(oid);
}

/** Both reports that a production gate of payments-api needs. */
export async function reportOnCommit(world: AnyWorld): Promise<void> {
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
}

export const guid = (n: number) => `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;

/** The request id of the check with this number, delivered now; of a run of its own unless said otherwise. */
export async function receive(world: AnyWorld, n: number, environment = 'prod', runId = n): Promise<string> {
  const check = aCheck({ taskInstanceId: guid(n) });
  // A run and a pipeline of its own: none takes another's place, and none shares its card.
  const { run } = world.azureDevOps;
  world.azureDevOps.run = { ...run, id: runId, pipeline: { ...run.pipeline, id: runId } };
  const receipt = await world.core.deliveries.receive({
    check,
    jobToken: 'token',
    runId,
    stage: 'Deploy',
    environment,
  });
  if (receipt.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(receipt)}`);
  return receipt.requestId;
}

interface Leaks {
  readonly service?: string;
  readonly commit?: string;
  readonly rules?: readonly string[];
}

/** A report of gitleaks with one result for each rule; by default of no rule, for the commit that is deployed. */
export function importLeaks(
  world: AnyWorld,
  seed: number,
  { service = 'payments-api', commit = COMMIT, rules = [] }: Leaks,
) {
  const results = rules.map((ruleId, n) => ({
    ruleId,
    message: { text: `${ruleId} in ${seed}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: `src/${n}/${ruleId}.ts` }, region: { startLine: 7 } } }],
  }));
  const log = { version: '2.1.0', runs: [{ tool: { driver: { name: 'gitleaks' } }, results }] };
  async function* body() {
    yield Uint8Array.from(Buffer.from(JSON.stringify(log)));
  }
  return world.core.findings.import({ service, commit, body: body() });
}

/** A click of this person on the card of revision 1. */
export function click(
  { core }: Pick<AnyWorld, 'core'>,
  requestId: string,
  oid: string = PEOPLE.alex,
  over: { readonly verdict?: 'approve' | 'reject'; readonly comment?: string; readonly op?: string } = {},
) {
  const by = { kind: 'person', tenant: TENANT, oid, name: 'as Teams says' } as const;
  return core.approvals.decide({
    requestId,
    revision: 1,
    verdict: 'approve',
    comment: '',
    by,
    op: `click ${oid}`,
    ...over,
  });
}
