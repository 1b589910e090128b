import { expect, test } from 'vitest';
import type { Call, Fault } from '../fakes/in-memory-table.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { anEvent, aState, ORDERS, PAYMENTS, setSignalScene, vault } from '../fakes/signal-scene.ts';

// Whatever call of a pull or an event fails, the next try ends in the same state as if none had, and until then nothing is told clean.

const NAMES = ['old', 'kept', 'new'] as const;
const [OLD, KEPT, NEW] = NAMES.map((name) => vault(name));
const moved = vault('moved', 'rg-orders-prod');
/** The second is `after` for what is no commit. */
const FAULTS: readonly Exclude<Fault, 'ok'>[] = ['before', 'after-conflict'];

function isOfSignals({ table, partition }: Call): boolean {
  return ['find', 'scope', 'due'].includes(table) || (table === 'sys' && partition.endsWith('~source'));
}

/** A list that was pulled before, and one call of what comes after it that meets a fault; then the process is another one. */
async function played(doing: 'pull' | 'send', failing: number, fault: Fault) {
  let calls = Number.NEGATIVE_INFINITY;
  const table = createInMemoryTable({
    fault: (call) => {
      if (!isOfSignals(call)) return 'ok';
      calls += 1;
      return calls === failing ? fault : 'ok';
    },
  });
  const scene = await setSignalScene(table);
  const { world, azure } = scene;
  azure.world.states = { [PAYMENTS]: [aState(OLD), aState(KEPT)], [ORDERS]: [] };
  await scene.pull();
  world.advance(70);
  azure.world.states = { [PAYMENTS]: [aState(KEPT), aState(NEW), aState(moved)], [ORDERS]: [] };
  calls = 0;
  const step = async (core = world.core) => {
    if (doing === 'pull') return await scene.pull(core);
    const at = '2026-11-24T10:09:00Z';
    const body = [anEvent('Compliant', at, OLD), anEvent('NonCompliant', at, NEW), anEvent('NonCompliant', at, moved)];
    await core.azureReceived(body);
    await core.idle();
  };
  await step().catch(() => undefined);
  const met = calls >= failing;
  calls = Number.NEGATIVE_INFINITY;
  const between = namesIn(await scene.openIn());
  world.advance(6);
  await step(world.restart());
  await world.settle();
  return { met, between, state: await stateOf(scene) };
}

function namesIn(paths: readonly string[]): string[] {
  return paths.map((path) => path.split('/').at(-1) ?? '').sort();
}

async function stateOf(scene: Awaited<ReturnType<typeof setSignalScene>>) {
  const { scopes } = scene.world.ports;
  const scopesOf = [scene.scopeOf('prod'), scene.scopeOf('prod', 'orders-api')];
  return await Promise.all(
    scopesOf.map(async (scope) => {
      const { heads } = await scopes.view(scope, []);
      const all = heads.flatMap(({ groups }) => groups.flatMap(({ fingerprints }) => fingerprints));
      const { history } = await scopes.history(scope, 'azure-policy', '-', { at: scene.world.now, fingerprints: all });
      return {
        heads: heads.map(({ complete, groups }) => ({
          complete,
          open: groups.map(({ samples }) => samples.map(({ path }) => path)),
        })),
        present: [...history.present.keys()].sort(),
        gone: [...history.gone.keys()].sort(),
        wakes: await scopes.pendingWakes(scope),
      };
    }),
  );
}

test.each(['pull', 'send'] as const)(
  'whichever call to the store of a %s fails, the next one makes all good',
  async (doing) => {
    const { state } = await played(doing, Number.POSITIVE_INFINITY, 'ok');
    for (const fault of FAULTS) {
      let failing = 1;
      for (; ; failing += 1) {
        const one = await played(doing, failing, fault);
        if (!one.met) break;
        expect(one.state, `${fault} at call ${failing}`).toEqual(state);
        expect(
          [
            ['kept', 'old'],
            ['kept', 'new'],
          ],
          `${fault} at call ${failing}`,
        ).toContainEqual(one.between);
      }
      expect(failing).toBeGreaterThan(15);
    }
  },
  120_000,
);

const REFUSED = { body: { error: { code: 'Busy' } } };
const ANSWERS: readonly (readonly [string, Omit<Parameters<Scene['azure']['faults']['add']>[0], 'on' | 'times'>])[] = [
  ['cut before', { cut: 'before' }],
  ['cut after', { cut: 'after' }],
  ['cut in the middle', { cut: 'body' }],
  ['500', { status: 500, ...REFUSED }],
  ['429 without patience', { status: 429, ...REFUSED, headers: { 'retry-after': '0' } }],
  ['429 for a century', { status: 429, ...REFUSED, headers: { 'retry-after': '3155760000' } }],
  ['429 without end', { status: 429, ...REFUSED, headers: { 'retry-after': '9'.repeat(400) } }],
  ['429 until a date', { status: 429, ...REFUSED, headers: { 'retry-after': 'Fri, 31 Dec 2100 23:59:59 GMT' } }],
  ['429 with nonsense', { status: 429, ...REFUSED, headers: { 'retry-after': 'soon; -1' } }],
  ['a sign-in page', { status: 200, body: '<!DOCTYPE html><html></html>', contentType: 'text/html' }],
  ['a sign-in page by 203', { status: 203, body: '<!DOCTYPE html><html></html>', contentType: 'text/html' }],
  ['nothing', { status: 200, body: '' }],
  ['null', { status: 200, body: 'null' }],
  ['a list of nothing known', { status: 200, body: { value: {} } }],
  ['a way to another host', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
];
type Scene = Awaited<ReturnType<typeof setSignalScene>>;

test.each(ANSWERS)(
  'whichever request is answered with %s, nothing is told clean, and soon after all is good',
  async (_, answer) => {
    for (const on of [
      /subscriptions\?/,
      /7d444840.*(?<!skiptoken=\d+)$/,
      /7d444840.*skiptoken=1/,
      /7d444840.*skiptoken=2/,
    ]) {
      const scene = await setSignalScene(createInMemoryTable());
      const { world, azure } = scene;
      azure.world.pageSize = 1;
      azure.world.states = { [PAYMENTS]: [aState(OLD), aState(KEPT)], [ORDERS]: [] };
      await scene.pull();
      const before = await scene.headOf();
      azure.world.states = { [PAYMENTS]: [aState(KEPT), aState(NEW), aState(vault('other'))], [ORDERS]: [] };
      world.advance(70);
      azure.faults.add({ on, times: 1, ...answer });
      await scene.pull();

      expect(await scene.headOf()).toEqual(before);
      const [payments] = (await scene.signals()).filter(({ failure }) => failure?.at === world.now);
      expect(payments?.failure?.why).toMatch(/Azure/);
      world.advance(61);
      await scene.pull();
      expect(namesIn(await scene.openIn())).toEqual(['kept', 'new', 'other']);
      expect((await scene.headOf())?.scannedAt).toBe(world.now);
    }
  },
);
