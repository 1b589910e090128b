import { OPERATIONS, type Operation } from '../bench/operations.ts';
import { verified } from '../fakes/verified-export.ts';
import { createForgetting, SCOPES } from './forget-old.ts';
import { type Calls, type Counting, callsOn, heapGrowth, type Sample, sample } from './measures.ts';
import { createSoakWorld, type SoakWorld } from './soak-world.ts';
import { begin, goOn, isDone, refresh, type Waiting } from './story.ts';

/** In a store that is in use something is always due: the ends of requests that were decided long before. */
const COUNTED = OPERATIONS.filter(({ name }) => !name.startsWith('a tick with nothing due'));

export interface SoakOptions {
  readonly requests: number;
  readonly seed?: number;
  /** Planted by tests. */
  readonly through?: Counting['through'];
  /** Those that are counted, in their order; default all. */
  readonly operations?: readonly Operation[];
  /** Planted by tests: called after each request. */
  readonly after?: (n: number) => void;
  readonly said?: (line: string) => void;
}

export interface SoakOutcome {
  readonly requests: number;
  readonly seconds: number;
  readonly faults: number;
  readonly checkpoints: number;
  readonly samples: readonly Sample[];
  /** At the beginning, in the middle, at the end. */
  readonly calls: readonly (readonly Calls[])[];
  /** Why the soak has failed; empty: it has not. */
  readonly failures: readonly string[];
}

const SECONDS_BETWEEN = 150;
const TICK_EVERY = 2;
const MOST_SAMPLES = 20;
const LEAST_SAMPLES = 5;
const SAMPLE_OF = 20;
const FIRST_COUNT = 0.25;
/** Until their day is archived, reports are asked for. */
const KEPT_SECONDS = 3 * 86_400;
const REFRESH_EVERY = 200;
const FORGET_EVERY = 50;
const MOST_STEPS_TO_END = 2_000;

/** Requests through their whole lives among faults; what grew or broke a promise on the way. */
export async function runSoak(options: SoakOptions): Promise<SoakOutcome> {
  const {
    requests,
    seed = 1,
    through = (table) => table,
    operations = COUNTED,
    after = () => undefined,
    said = () => undefined,
  } = options;
  const world = await createSoakWorld(seed);
  const violations: string[] = [];
  const samples: Sample[] = [];
  const calls: (readonly Calls[])[] = [];
  const open = new Map<number, Waiting>();
  const every = Math.ceil(requests / Math.max(LEAST_SAMPLES, Math.min(MOST_SAMPLES, requests / SAMPLE_OF)));
  const forget = createForgetting(world, KEPT_SECONDS);
  const ending = { open, violations };
  const counted = new Set([Math.ceil(requests * FIRST_COUNT), Math.ceil(requests / 2), requests]);
  let inScenes = 0;
  const began = performance.now();
  await refresh(world);
  for (let n = 1; n <= requests; n += 1) {
    world.isTroubled = true;
    if (n % REFRESH_EVERY === 0) await refresh(world);
    open.set(n, await begin(world, n));
    await step(world, ending, n);
    after(n);
    if (n % FORGET_EVERY === 0) forget();
    if (n % every === 0) {
      samples.push(sample(world, n));
      said(`${n} requests, ${Math.round(n / ((performance.now() - began - inScenes) / 1_000))} a second`);
    }
    if (!counted.has(n)) continue;
    const pausedAt = performance.now();
    await comeToRest(world, ending, n);
    calls.push(await callsOn(world, { through, operations }));
    inScenes += performance.now() - pausedAt;
  }
  const seconds = (performance.now() - began - inScenes) / 1_000;
  const checkpoints = (await world.ports.anchors.read()).last?.number ?? 0;
  const failures = [...violations, ...(await troublesOf(world)), ...grown(calls), ...leaked(samples)];
  return { requests, seconds, faults: world.count.faults, checkpoints, samples, calls, failures };
}

interface Ending {
  readonly open: Map<number, Waiting>;
  readonly violations: string[];
}

/** Two and a half minutes pass. */
async function step(world: SoakWorld, { open, violations }: Ending, n: number): Promise<void> {
  await world.core.idle();
  for (const waiting of open.values()) {
    await goOn(world, waiting, n);
    if (!(await isDone(world, waiting, violations))) continue;
    open.delete(waiting.n);
    world.results.delete(waiting.taskInstanceId);
    world.commits.delete(waiting.run.id);
  }
  if (n % TICK_EVERY === 0) await world.tick();
  world.advance(SECONDS_BETWEEN / 60);
}

/** Nothing fails any more, and nothing new comes. */
async function comeToRest(world: SoakWorld, ending: Ending, n: number): Promise<void> {
  const { open, violations } = ending;
  world.isTroubled = false;
  for (let more = 1; open.size > 0 && more < MOST_STEPS_TO_END; more += 1) await step(world, ending, n + more);
  // Whoever was told when its process could not reach the store any more still stands in its scopes: any wake-up takes that away.
  for (const scope of SCOPES) await world.core.runDue({ kind: 'scope', ...scope, step: true });
  await world.core.idle();
  if (open.size > 0) violations.push(`I9 ${open.size} requests come to no end`);
}

/** Evidence that is not what is under a checkpoint, is missing and in no archive, and dead letters. */
async function troublesOf(world: SoakWorld): Promise<string[]> {
  const [{ troubles }, dead] = [await world.ports.anchors.read(), await world.core.status.deadLetters()];
  const lines: string[] = [];
  for await (const line of await world.core.evidenceExports.export({})) lines.push(line);
  const { fault, lacking, archived } = await verified(lines, { keys: (await world.ports.signer.jwks()).keys });
  return [
    ...(fault === undefined ? [] : [`I10 line ${fault.line} of all evidence: ${fault.why}`]),
    ...lacking
      .filter(({ aggregate }) => !aggregate.includes(' report '))
      .map(({ aggregate }) => `I10 ${aggregate} is missing`),
    ...(archived.files.length > 0 || world.archive.files.size === 0 ? [] : ['what was archived is not evidence']),
    ...troubles.map(({ id }) => `I10 ${id} is not what is under a checkpoint`),
    ...dead.map(({ requestId, kind }) => `I9 ${kind} of ${requestId} was given up`),
  ];
}

function grown([first = [], ...later]: readonly (readonly Calls[])[]): string[] {
  const before = new Map(first.map(({ what, made }) => [what, made]));
  const over = later
    .flat()
    .flatMap(({ what, made }) =>
      made > (before.get(what) ?? 0)
        ? [`calls: ${what} takes ${made}, and took ${before.get(what)} at the beginning`]
        : [],
    );
  const dear = first.flatMap(({ what, made, budget }) =>
    made > budget ? [`calls: ${what} takes ${made}, and may take ${budget}`] : [],
  );
  return [...new Set([...dear, ...over])];
}

function leaked(samples: readonly Sample[]): string[] {
  const { grownMb, allowedMb } = heapGrowth(samples);
  const [grew, may] = [grownMb, allowedMb].map((mb) => mb.toFixed(1));
  return grownMb > allowedMb ? [`memory: the heap grew by ${grew} MB, and may by ${may}`] : [];
}
