import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { SectionKind } from '../../services/domain/platform.ts';
import { startAzureDevOps } from '../fakes/azure-devops.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { LARGE, raisePlatform } from '../fakes/large-platform.ts';
import { platformWorldOn } from '../fakes/platform-world.ts';
import { type Line, line } from './line.ts';

/** What Azure DevOps lets an identity use in five minutes, were a call one unit of it. */
const ALLOWED = 200;
const MOST_ROUNDS = 400;
/** A call for each thing of a kind; two where who may use it is a question of its own. What is one list in either way is not counted. */
const NAIVE: Readonly<Partial<Record<SectionKind, number>>> = {
  project: LARGE.pipelines,
  environments: LARGE.environments * 2,
  branches: LARGE.repositories,
  hooks: LARGE.hooks,
  connections: LARGE.connections * 2,
  reach: LARGE.environments + LARGE.users,
  people: LARGE.users,
  tokens: LARGE.users,
};
/** Within so many rounds nothing that was read whole is due again. */
const NOT_DUE_ROUNDS = 10;
const TWICE = /\/_apis\/(?:projects|git\/repositories)\?/;

/**
 * The delivery platform of a large organization, generated in the simulator, by as many rounds of five simulated minutes as it takes, each in
 * a new process: a kill after every one of them.
 */
export async function platform(): Promise<readonly Line[]> {
  const simulator = await startAzureDevOps();
  raisePlatform(simulator, LARGE);
  const scene = platformWorldOn(createInMemoryTable(), simulator);
  const { world, organization, scan } = scene;
  const rounds: number[] = [];
  const heap: number[] = [];
  const isRead = async () => {
    const all = await world.ports.platforms.all(organization);
    return all.length > 2 && all.every(({ section }) => section.known !== undefined);
  };
  scene.calls();
  const asked: string[][] = [];
  let again = 0;
  do {
    const from = simulator.requests.length;
    await scan(world.restart());
    rounds.push(scene.calls());
    // Two sections ask for repositories, and what there is to be read is listed in each round.
    const made = simulator.requests
      .slice(from)
      .flatMap(({ path, method }) => (method === 'GET' && !TWICE.test(path) ? [path] : []));
    const lately = new Set(asked.slice(-NOT_DUE_ROUNDS).flat());
    again += made.length - [...new Set(made)].filter((path) => !lately.has(path)).length;
    asked.push(made);
    heap.push(collected());
  } while (!(await isRead()) && rounds.length < MOST_ROUNDS);
  const first = rounds.reduce((sum, made) => sum + made, 0);
  await world.core.eventReceived({
    ...{ id: 'e1', eventType: 'check-updated', kind: 'platform' },
    ...{ projectId: simulator.project.id, sections: ['environments'], thing: '1' },
  });
  await scan(world.core, 1);
  const hinted = scene.calls();
  world.advance(60);
  let hourly = 0;
  for (let n = 0; n < 4; n += 1) {
    await scan();
    hourly += scene.calls();
  }
  const kinds = [...new Set((await world.ports.platforms.all(organization)).map(({ section }) => section.kind))];
  await simulator.close();
  const naive = kinds.reduce((sum, kind) => sum + (NAIVE[kind] ?? 0), 0);
  const most = Math.max(...rounds);
  const growth = ((heap.at(-1) ?? 0) - (heap[1] ?? 0)) / 2 ** 20;
  return [
    line(`platform of ${kinds.sort().join(', ')}: calls of the first scan`, 'calls', first, {
      what: 'a call for each thing',
      value: naive,
    }),
    line('platform: most calls in five minutes', 'calls', most, undefined, {
      bar: `at most ${ALLOWED} calls`,
      met: most <= ALLOWED,
    }),
    line('platform: rounds of the first scan, each killed after it', 'rounds', rounds.length),
    line('platform: read again after kills', 'calls', again, undefined, { bar: 'at most 0 calls', met: again === 0 }),
    line('platform: memory from the second round to the last', 'MiB', growth, undefined, {
      bar: 'at most 8 MiB',
      met: growth <= 8,
    }),
    line(
      'platform: after one change that was told',
      'calls',
      hinted,
      { what: 'the first scan', value: first },
      { bar: 'at most 0.05', met: hinted <= first * 0.05 },
    ),
    line('platform: an hour later, what is due', 'calls', hourly, { what: 'the first scan', value: first }),
  ];
}

/** Bytes of the heap that are in use. */
function collected(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
