import { decode } from '../../services/tables/gate-codec.ts';
import { guid, importLeaks } from '../bench/history.ts';
import { aCheck, COMMIT, ORG } from '../builders.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { actor, ask, grant, nextOp } from '../fakes/exception-scene.ts';
import { recordHolds, settledIsTold } from '../simulation/checks.ts';
import type { SoakWorld } from './soak-world.ts';

/** One request from its check until it was told and everything about it is done. */
export interface Waiting {
  readonly n: number;
  readonly requestId: string;
  readonly run: { readonly id: number };
  readonly taskInstanceId: string;
  readonly environment: 'prod' | 'staging';
  readonly verdict: 'approve' | 'reject';
  /** Of its exception, once it was asked for. */
  exception?: string;
  readonly since: string;
  isDecided: boolean;
}

/** How often: one in so many. */
const EVERY = { rejected: 10, repeated: 10, stranger: 33, late: 20, excepted: 500, reported: 10 } as const;
/** Ids of checks and runs: the operations that are counted have those below. */
const FIRST = 1_000_000;
/** Steps until somebody clicks. */
const PATIENCE = 3;
const TRIES = 12;
const LATE_MINUTES = 180;

/** As often as it takes: a pipeline and Teams ask again. */
async function insist<T>(world: SoakWorld, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries === TRIES) throw error;
      world.advance(0.05);
    }
  }
}

/** A check is delivered, sometimes twice; what it ships has a secret now and then. */
export async function begin(world: SoakWorld, n: number): Promise<Waiting> {
  const runId = FIRST + n;
  const taskInstanceId = guid(runId);
  const isExcepted = n % EVERY.excepted === 1;
  const environment = n % 2 === 1 ? 'prod' : 'staging';
  if (isExcepted) await shipASecret(world, n, runId);
  if (n % EVERY.reported === 0)
    await insist(world, () => importLeaks(world, n, { commit: commitOf(n), rules: [`rule-${n}`] }));
  const delivery = { check: aCheck({ taskInstanceId }), jobToken: `token ${n}`, runId, stage: 'Deploy', environment };
  let requestId = '';
  for (let times = 0; times < (n % EVERY.repeated === 3 ? 2 : 1); times += 1) {
    const receipt = await insist(world, () => world.core.deliveries.receive(delivery));
    if (receipt.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(receipt)}`);
    world.core.accepted(receipt);
    requestId = receipt.requestId;
  }
  const verdict = n % EVERY.rejected === 5 ? 'reject' : 'approve';
  return {
    ...{ n, requestId, run: { id: runId }, taskInstanceId, environment, verdict },
    ...{ since: world.now, isDecided: false },
  };
}

export function commitOf(n: number): string {
  return n.toString(16).padStart(40, 'd');
}

/** Its commit has clean code and one secret. */
async function shipASecret(world: SoakWorld, n: number, runId: number): Promise<void> {
  const commit = commitOf(n);
  world.commits.set(runId, commit);
  await insist(world, () => importLeaks(world, n, { commit, rules: [`secret-${n}`] }));
  await insist(world, () => world.report('semgrep-payments.sarif', { commit }));
}

/** What people do about it by now. True once it is done. */
export async function goOn(world: SoakWorld, waiting: Waiting, step: number): Promise<void> {
  if (waiting.isDecided || waiting.environment === 'staging' || step - waiting.n < PATIENCE) return;
  if (world.commits.has(waiting.run.id) && waiting.exception === undefined) await askForException(world, waiting);
  const { n } = waiting;
  // Outside working hours others are asked too, and then Isaiah may.
  const isStranger = n % EVERY.stranger === 7;
  if (isStranger && (await click(world, waiting, PEOPLE.isaiah))?.kind === 'decided') waiting.isDecided = true;
  if (waiting.isDecided) return;
  const by = n % 4 === 1 ? PEOPLE.alex : PEOPLE.megan;
  waiting.isDecided = (await click(world, waiting, by))?.kind === 'decided';
  if (waiting.isDecided && n % EVERY.late === 9) await click(world, waiting, by);
}

/** Each try of the same click is the same operation. */
function click(world: SoakWorld, { requestId, verdict, n }: Waiting, oid: string) {
  const wish = { requestId, verdict, comment: 'because', by: actor(oid), op: `click ${n} ${oid}` };
  return said(world, () => world.core.approvals.decide(wish));
}

/** Undefined: nobody answered, and they try again later. */
async function said<T>(world: SoakWorld, work: () => Promise<T>): Promise<T | undefined> {
  const answer = await work().catch(() => undefined);
  await world.core.idle();
  return answer;
}

async function askForException(world: SoakWorld, waiting: Waiting): Promise<void> {
  const { requestId, n } = waiting;
  const until = new Date(Date.parse(world.now) + 2 * 86_400_000).toISOString().slice(0, 10);
  const wish = { requestId, op: `exception ${n}` };
  const asked = await said(world, () => ask(world, wish, { until, reviewEvery: '1d' }));
  if (asked === undefined || !('exception' in asked)) return;
  const granted = await said(world, () => grant(world, asked.exception.id));
  if (granted !== undefined && granted.kind !== 'refused') waiting.exception = asked.exception.id;
}

/** Whether it was told and nothing is left of it to do; then what it should be is compared with what it is. */
export async function isDone(world: SoakWorld, waiting: Waiting, violations: string[]): Promise<boolean> {
  const told = world.results.get(waiting.taskInstanceId) ?? [];
  const isLate = Date.parse(world.now) - Date.parse(waiting.since) > LATE_MINUTES * 60_000;
  if (told.length === 0 && !isLate) return false;
  const stored = decode(world.table.rowsOf('gate', `${ORG}~r~${waiting.requestId}`), '');
  const found: string[] = [];
  const violated = (invariant: string, what: string) => void found.push(`${invariant} ${what} (request ${waiting.n})`);
  if (stored?.gate.toldAt === undefined || stored.outbox.length > 0) {
    const state = stored?.gate.state ?? 'unknown';
    if (isLate)
      violations.push(`I9 ${state}, told ${told.join()} after ${LATE_MINUTES} minutes (request ${waiting.n})`);
    return isLate;
  }
  settledIsTold({ store: world.table }, stored, violated);
  // A wake-up that is on its way will take it out of its scopes.
  if (found.length > 0 && !isLate) return false;
  recordHolds({ store: world.table }, { ...waiting, org: ORG }, stored, violated);
  const expected = waiting.verdict === 'reject' && waiting.environment === 'prod' ? 'failed' : 'succeeded';
  if (new Set(told).size !== 1 || told[0] !== stored.gate.verdict?.result || told[0] !== expected)
    violated('I2', `told ${told.join()}, sealed ${stored.gate.verdict?.result}, meant ${expected}`);
  if (waiting.isDecided !== (waiting.environment === 'prod')) violated('I3', 'told before anybody had decided');
  violations.push(...found);
  if (waiting.exception !== undefined) await revoke(world, waiting.exception);
  return true;
}

async function revoke(world: SoakWorld, id: string): Promise<void> {
  const word = { id, by: actor(PEOPLE.adele), why: 'it is shipped' };
  const op = nextOp();
  await insist(world, () => world.core.exceptionReviews.revoke({ ...word, op }));
  await world.core.idle();
}

/** Everybody can be reached, and the commit that is deployed has its reports. */
export async function refresh(world: SoakWorld): Promise<void> {
  for (const oid of [PEOPLE.alex, PEOPLE.adele, PEOPLE.megan]) await insist(world, () => world.meet(oid));
  await insist(world, () => world.report('semgrep-payments.sarif', { commit: COMMIT }));
  await insist(world, () => world.report('gitleaks-clean.sarif', { commit: COMMIT }));
}
