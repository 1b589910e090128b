import type { Cast, Event } from './cast.ts';
import { violationsAtTheEnd } from './checks.ts';
import { hints } from './drift-story.ts';
import { isOfNextVersion } from './next-version.ts';
import { type Process, startProcess } from './process.ts';
import { createScene, type Scene } from './scene.ts';
import { planOf } from './story.ts';
import { digestReaderIn } from './teams.ts';

export interface Outcome {
  readonly seed: number;
  readonly violations: readonly string[];
  /** Turns taken. */
  readonly steps: number;
  /** How the requests ended, and what happened on the way: what the seeds together have covered. */
  readonly covered: readonly string[];
  /** One line for each thing that happened, when asked for. */
  readonly trace: readonly string[];
}

const PROCESSES = ['A', 'B'] as const;
/** After this many turns nothing goes wrong any more. */
const TROUBLED_TURNS = 300;
/** Those who wait for exceptions get this many to come to an end among troubles. */
const MOST_TROUBLED_TURNS = 6_000;
/** How often a process looks for what is due, at each turn: oftener only fills worlds with looks that find nothing. */
const TICKS = 0.02;
/** A world that takes more turns than this does not come to rest. */
const MOST_TURNS = 60_000;

/** One world from its seed: two processes, people, pipelines, troubles; then quiet, and what must hold by then. */
export async function simulate(seed: number, traced = false): Promise<Outcome> {
  const world = createScene(seed, traced);
  const { dice } = world;
  const isTroubled = dice.chance(0.85);
  Object.assign(world.faults, isTroubled ? { before: 0.03, after: world.isAboutApprovals ? 0.1 : 0.04 } : {});
  const crashes = dice.chance(0.7) ? 0.006 : 0;
  world.isTroubled = isTroubled || crashes > 0;
  const reconciles = dice.chance(0.4) || world.isAboutPlatform;
  // In some worlds everything comes at once, in others one thing after the other.
  const pace = dice.pick([0.03, 0.08, 0.2, 0.6]);
  if (dice.chance(0.03)) world.policy = 0;
  const running = new Map<string, Process>();
  const dead = new Set<string>();
  let lives = 0;
  const start = (name: string) => {
    lives += 1;
    const skew = (dice.below(9) - 4) * 1_000;
    running.set(name, startProcess(world, `${name}${lives}`, { reconciles, skew }));
    world.note(`${name} starts`);
  };
  if (world.isAboutPlatform) {
    await world.platform.takeBaseline();
    world.monitor.drift.begins();
  }
  for (const name of PROCESSES) start(name);
  const cast: Cast = {
    processes: () => [...running.values()],
    told: [],
    toldOfExceptions: [],
    toldOfDrift: [],
    toldOfImports: [],
    sent: 0,
    crossed: new Set(),
    underWay: new Set(),
  };
  const plan = planOf(world);
  const under = new Set<Promise<void>>();
  const begin = (event: Event) => {
    const done: Promise<void> = event(world, cast).finally(() => under.delete(done));
    under.add(done);
  };

  const mostTroubled = world.isAboutExceptions ? MOST_TROUBLED_TURNS : MOST_TROUBLED_TURNS / 3;
  const isUnderWay = () => under.size > 0 && world.step < mostTroubled;
  while (isUnderWay() || world.step < TROUBLED_TURNS || plan.length > 0) {
    if (plan.length > 0 && dice.chance(pace)) begin(plan.shift() as Event);
    if (dice.chance(crashes) && running.size > 0) kill(world, running, dead);
    for (const name of dead) {
      if (!dice.chance(0.08)) continue;
      dead.delete(name);
      start(name);
    }
    if (dice.chance(0.05)) world.time += dice.below(40_000);
    if (dice.chance(TICKS) && running.size > 0) void dice.pick([...running.values()]).tick();
    if (dice.chance(0.01) && running.size > 0) dice.pick([...running.values()]).reload();
    if (dice.chance(0.02) && running.size > 0) dice.pick([...running.values()]).life.slow = dice.chance(0.4);
    await turn(world);
  }

  Object.assign(world.faults, { before: 0, after: 0 });
  world.isQuiet = true;
  world.note('quiet');
  for (const name of dead) start(name);
  if (world.policy === 0) world.policy = 1;
  for (const process of running.values()) {
    Object.assign(process, { skew: 0 }).reload();
    process.life.slow = false;
  }
  if (world.isAboutPlatform) begin(hints);
  await comeToRest(world, running, under);
  const violations = await violationsAtTheEnd(world, cast, { reconciles });
  return {
    seed,
    violations: [...world.monitor.violations, ...violations],
    steps: world.step,
    covered: coveredBy(world, cast),
    trace: world.trace ?? [],
  };
}

/** Lets one go on, then waits until everything that follows from it has come to an edge again. */
async function turn(world: Scene): Promise<boolean> {
  world.step += 1;
  if (world.step > MOST_TURNS) throw new Error('the world does not come to rest');
  const passed = world.turns.pass();
  await new Promise((resolve) => setImmediate(resolve));
  return passed;
}

function kill(world: Scene, running: Map<string, Process>, dead: Set<string>): void {
  const name = world.dice.pick([...running.keys()]);
  const process = running.get(name);
  if (process === undefined) return;
  world.note(`${name} dies`);
  world.turns.kill(process.life);
  running.delete(name);
  dead.add(name);
}

/** When work must be done at the latest once nothing goes wrong any more (I9). */
const TOLD_WITHIN_MS = 120_000;
const REST_MS = 20 * 60_000;

async function comeToRest(world: Scene, running: ReadonlyMap<string, Process>, under: ReadonlySet<object>) {
  const began = world.time;
  let judged = false;
  while (world.time - began < REST_MS) {
    for (const process of running.values()) process.reload();
    // One of them holds the lease; that the other tries as well is seen often enough before.
    for (const process of judged ? [world.dice.pick([...running.values()])] : running.values()) void process.tick();
    // A turn that lets nobody go on still waits until everything begun has come to an edge.
    do await turn(world);
    while (world.turns.waiting > 0 || under.size > 0);
    if (!judged && world.time - began >= TOLD_WITHIN_MS) {
      judged = true;
      world.monitor.quietFor(TOLD_WITHIN_MS);
    }
    world.time += judged ? 200_000 : 20_000;
  }
}

function coveredBy(world: Scene, cast: Cast): string[] {
  const states = world.store
    .dump()
    .filter(({ table, row }) => table === 'gate' && row === 'h')
    .map(({ values }) => `state ${values['state']}`);
  const onExceptions = cast.toldOfExceptions.map(({ answer }) => `exception ${answer}`);
  const imports = cast.toldOfImports.length > 0 ? ['exception brought in'] : [];
  const onDrift = cast.toldOfDrift.map(({ answer }) => `drift ${answer}`);
  const answers = cast.told.map(({ answer }) => `answer ${answer.kind === 'refused' ? answer.refusal : answer.kind}`);
  const kinds = world.store
    .dump()
    .filter(({ row, table }) => row.startsWith('e~') && (table === 'gate' || table === 'scope'))
    .map(({ values }) => `evidence ${(JSON.parse(String(values['entry'])) as { readonly kind: string }).kind}`);
  const rows = world.store.dump().filter(({ table }) => table === 'gate');
  const dead = rows.some(({ row }) => row.startsWith('dl~')) ? ['dead letter'] : [];
  const shared = rows.some(({ row }) => row.startsWith('m~')) ? ['card of several'] : [];
  const cards = world.teams.messages.some(({ versions }) => /^drift .* open$/.test(versions[0]?.summary ?? ''));
  const drifts = cards ? ['card of drift'] : [];
  const digests = world.teams.messages.some(({ versions }) => digestReaderIn(versions[0]?.summary ?? '') !== undefined);
  const daily = digests ? ['digest'] : [];
  const versions = world.store.dump().some(isOfNextVersion) ? ['two versions'] : [];
  return [
    ...new Set([
      ...daily,
      ...drifts,
      ...versions,
      ...states,
      ...answers,
      ...onExceptions,
      ...imports,
      ...onDrift,
      ...kinds,
      ...dead,
      ...shared,
    ]),
  ];
}
