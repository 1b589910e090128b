import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Core } from '../../bot/core.ts';
import { createFileDirectory } from '../../services/directory/file-directory.ts';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import { plusDays } from '../../services/domain/instant.ts';
import { loadDirectory } from '../../services/policy/load-directory.ts';
import type { Directory } from '../../services/ports/directory.ts';
import { aCheck, aRunSources, COMMIT } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { actor, ask, grant, nextOp } from '../fakes/exception-scene.ts';
import { wish } from '../fakes/waiting-gate.ts';

// What may happen to one deployment, in any order: commands that a small model knows the meaning of, shrunk to the fewest
// that break a promise. The simulation (simulation.test.ts) has the troubles; this has the counterexamples that one can read.

interface Model {
  isDelivered: boolean;
  secrets: 'clean' | 'leak';
  isApprover: boolean;
  /** In force, as far as words go; it ends by itself too. */
  isExcepted: boolean;
  /** Clicks that were answered as recorded. */
  recorded: number;
  /** What is shipped now was approved by somebody who may. */
  approved: boolean;
}

interface Real {
  readonly world: CoreWorld;
  /** The processes; each command goes to one of them. */
  readonly cores: Core[];
  readonly directory: { isApprover: boolean };
  id: string;
  exceptionId: string | undefined;
  commits: number;
  /** Who got one on which day. */
  readonly digests: string[];
}

type Step = (model: Model, real: Real, core: Core) => Promise<unknown>;

class Command implements fc.AsyncCommand<Model, Real> {
  readonly name: string;
  readonly process: number;
  readonly step: Step;
  constructor(name: string, process: number, step: Step) {
    this.name = name;
    this.process = process;
    this.step = step;
  }
  check(): boolean {
    return true;
  }
  async run(model: Model, real: Real): Promise<void> {
    const before = { told: real.world.told.length, news: real.world.news.length };
    await this.step(model, real, real.cores[this.process % real.cores.length] ?? real.world.core);
    await settle(real);
    await promisesHold(model, real, before);
  }
  toString(): string {
    return `${this.name}@${this.process}`;
  }
}

async function settle({ world, cores }: Real): Promise<void> {
  for (let n = 0; n < 3; n += 1) {
    for (const core of cores) await core.idle();
    for (const item of await world.ports.due.take(world.now)) {
      await cores[0]?.runDue(item.hint);
      await world.ports.due.done(item);
    }
  }
}

async function promisesHold(model: Model, real: Real, before: { readonly told: number; readonly news: number }) {
  const { world, id, digests } = real;
  expect(new Set(world.told.map(({ result, lines }) => JSON.stringify([result, lines]))).size, 'I2').toBeLessThan(2);
  if (world.told.slice(before.told).some(({ result }) => result === 'succeeded')) {
    expect(model.approved && model.isApprover, 'I3, I6, I7').toBe(true);
    expect(model.secrets === 'clean' || model.isExcepted, 'I5').toBe(true);
  }
  for (const one of world.news.slice(before.news))
    if ('digest' in one) digests.push(`${one.conversation} ${world.now.slice(0, 10)}`);
  expect(new Set(digests).size, 'I13').toBe(digests.length);
  if (!model.isDelivered) return;
  const stored = await world.ports.gates.locate(id);
  const kinds = (stored?.evidence ?? []).map(({ entry }) => (JSON.parse(entry) as { readonly kind: string }).kind);
  expect(
    kinds.filter((kind) => kind === 'check-received'),
    'I4',
  ).toHaveLength(1);
  expect(
    kinds.filter((kind) => kind === 'decided'),
    'I1, I8',
  ).toHaveLength(model.recorded);
  expect(firstBrokenEntry(stored?.evidence ?? []), 'I10').toBeUndefined();
}

const deliver: Step = async (model, real, core) => {
  const check = aCheck();
  const delivery = { check, jobToken: 'job-token-of-the-check', runId: 7, stage: 'Deploy', environment: 'prod' };
  const receipt = await core.deliveries.receive(delivery);
  if (receipt.kind !== 'accepted') return;
  Object.assign(real, { id: receipt.requestId });
  model.isDelivered = true;
  core.accepted(receipt);
};

const click =
  (oid: string, isTwice = false): Step =>
  async (model, { world, id, cores }, core) => {
    if (!model.isDelivered) return;
    const gate = (await world.ports.gates.locate(id))?.gate;
    const word = { ...wish(id, oid), revision: gate?.revision ?? 1, op: nextOp() };
    const answers = await Promise.all(
      (isTwice ? [core, ...cores.slice(0, 1)] : [core]).map((one) => one.approvals.decide(word)),
    );
    if (!answers.some(({ kind }) => kind === 'decided')) return;
    expect(model.isApprover && oid === PEOPLE.alex && gate?.state === 'asked', 'I6, I12').toBe(true);
    Object.assign(model, { approved: true, recorded: model.recorded + 1 });
  };

const reports =
  (secrets: Model['secrets']): Step =>
  async (model, { world }, core) => {
    const file = secrets === 'clean' ? 'gitleaks-clean.sarif' : 'gitleaks-orders.sarif';
    // Before anything can be judged on it: what is sealed meanwhile may be so by either.
    if (secrets === 'leak') model.secrets = secrets;
    const text = await readFile(new URL(`../fixtures/sarif/${file}`, import.meta.url));
    async function* body() {
      yield Uint8Array.from(text);
    }
    await core.findings.import({ service: 'payments-api', commit: COMMIT, body: body() });
    model.secrets = secrets;
    await world.core.idle();
  };

const pushes: Step = async (model, real, core) => {
  const { world } = real;
  real.commits += 1;
  const [requester] = world.azureDevOps.sources.requesters;
  const commit = { commit: COMMIT, repository: 'payments-api', pipeline: 'payments-api', runId: 7 };
  const other = { ...commit, repository: `library-${real.commits}` };
  world.azureDevOps.sources = aRunSources({ ...world.azureDevOps.sources, commits: [commit, other] });
  expect(requester).toBeDefined();
  if (model.isDelivered) await core.reconcile();
};

const changesApprovers: Step = async (model, { directory }) => {
  model.isApprover = !model.isApprover;
  directory.isApprover = model.isApprover;
};

const excepts: Step = async (model, real) => {
  const { world } = real;
  const asked = await ask(world, { op: nextOp() }, { until: plusDays(world.now.slice(0, 10), 2) });
  if (asked.kind === 'refused') return;
  // From now on it may be in force: what is judged by it may be told before the answer.
  model.isExcepted = true;
  await grant(world, asked.exception.id);
  real.exceptionId = asked.exception.id;
};

const revokes: Step = async (model, { exceptionId }, core) => {
  if (exceptionId === undefined) return;
  const word = { id: exceptionId, by: actor(PEOPLE.megan), op: nextOp(), why: 'it is over' };
  if ((await core.exceptionReviews.revoke(word)).kind === 'done') model.isExcepted = false;
};

const advances =
  (minutes: number): Step =>
  async (model, real) => {
    real.world.advance(minutes);
    const { exceptionId, world } = real;
    const stored = exceptionId === undefined ? undefined : await world.ports.exceptions.locate(exceptionId);
    const end = stored === undefined ? '' : plusDays(stored.exception.terms.until, 1);
    if (model.isExcepted && stored !== undefined && world.now >= end) model.isExcepted = false;
  };

/** Its successor remembers nothing; what it had begun is lost with it. */
const restarts: Step = async (_, { world, cores }) => {
  cores.shift();
  cores.push(world.restart());
};

const STEPS: Readonly<Record<string, Step>> = {
  Deliver: deliver,
  DuplicateDeliver: async (model, real, core) =>
    void (await Promise.all([deliver(model, real, core), deliver(model, real, core)])),
  Click: click(PEOPLE.alex),
  ClickTwice: click(PEOPLE.alex, true),
  ClickOfTheRequester: click(PEOPLE.adele),
  RemoveOrReturnApprover: changesApprovers,
  PushCommit: pushes,
  AddFinding: reports('leak'),
  MendFinding: reports('clean'),
  CreateException: excepts,
  Revoke: revokes,
  Advance: advances(30),
  AdvanceADay: advances(1_440),
  CrashRestart: restarts,
  Reconcile: (_, _real, core) => core.reconcile(),
};

/** The sample directory, of which Alex may be taken and put back. */
function directoryWith(state: { readonly isApprover: boolean }): Directory {
  const file = fileURLToPath(new URL('../../manifest/policy/directory.yaml', import.meta.url));
  const directory = createFileDirectory({ file, load: loadDirectory });
  return {
    ...directory,
    membersOf: async (principal) =>
      (await directory.membersOf(principal)).filter(({ oid }) => state.isApprover || oid !== PEOPLE.alex),
    isMember: async (oid, principals) =>
      (state.isApprover || oid !== PEOPLE.alex) && (await directory.isMember(oid, principals)),
  };
}

async function setUp(): Promise<{ model: Model; real: Real }> {
  const directory = { isApprover: true };
  const world = await createCoreWorld({ directory: directoryWith(directory) });
  for (const oid of [PEOPLE.alex, PEOPLE.adele, PEOPLE.megan]) await world.meet(oid);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  const model: Model = {
    ...{ isDelivered: false, isApprover: true, isExcepted: false, approved: false },
    ...{ secrets: 'clean', recorded: 0 },
  };
  const cores = [world.core, world.restart()];
  return { model, real: { world, cores, directory, id: '', exceptionId: undefined, commits: 0, digests: [] } };
}

test('whatever happens to a deployment, in any order and at either of two processes, keeps every promise', async () => {
  const commands = Object.entries(STEPS).map(([name, step]) =>
    fc.nat({ max: 1 }).map((process) => new Command(name, process, step)),
  );
  const begin = fc.constant(new Command('Deliver', 0, deliver));
  const stories = fc.commands([begin, ...commands], { maxCommands: 25, size: 'max' });
  await fc.assert(
    fc.asyncProperty(stories, (story) => fc.asyncModelRun(setUp, story)),
    { numRuns: Number(process.env['STORIES'] ?? 30) },
  );
});
