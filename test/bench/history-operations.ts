import { instantOf, MINUTES_A_DAY, minuteOf } from '../../services/domain/finding-history.ts';
import { ORG } from '../builders.ts';
import { scanned } from '../fakes/scanned.ts';
import { sent } from '../fakes/vulnerable.ts';
import { type Figure, inTurn, type Scene } from './scene.ts';

// Imports of the default branch, whose findings have a history: docs/storage.md, "Budgets".

/** Wake-ups, who waits, done. */
export const WOKEN = ['scope list', 'scope list', 'scope remove'];
const commit = (n: number) => n.toString(16).padStart(40, 'c');
/** The next age that a step of the sample contract waits for. */
const AGE = 30 * MINUTES_A_DAY;

/** The calls of a scan by semgrep that finds these rules. */
async function importing({ world, counted }: Scene, n: number, rules: readonly string[]): Promise<readonly string[]> {
  counted.made();
  await scanned(world, rules, { service: 'history-api', commit: commit(n) });
  return counted.made();
}

const followed = {
  name: 'an import of the default branch takes 8 calls, 1 more when something is new or gone, 2 when something is back',
  run: async (scene: Scene): Promise<readonly Figure[]> => {
    const first = await importing(scene, 1, ['a', 'b']);
    const same = await importing(scene, 2, ['a', 'b']);
    const gone = await importing(scene, 3, ['a']);
    const back = await importing(scene, 4, ['a', 'b']);
    const again = await importing(scene, 4, ['a', 'b']);
    const stored = ['scope list', 'find commit', 'due commit', 'log commit', 'scope commit'];
    const changed = ['find commit', 'find commit'];
    return [
      inTurn(
        'first import of a tool',
        first,
        ...['find list', 'scope list', 'find commit', 'due commit', 'due commit', 'log commit', 'scope commit'],
        ...[...changed, ...WOKEN],
      ),
      inTurn('import of the default branch', same, 'find list', 'find list', ...stored, 'find commit', ...WOKEN),
      inTurn('the same, something is gone', gone, 'find list', 'find list', ...stored, ...changed, ...WOKEN),
      inTurn(
        'the same, something is back',
        back,
        ...['find list', 'find list', 'find list'],
        ...[...stored, ...changed, ...WOKEN],
      ),
      inTurn('the same report again', again, 'find list', 'find list', 'scope list', 'due commit'),
    ];
  },
};

const backlog = {
  name: 'a first import of 2,500 findings writes 2,000 events of them in 21 calls',
  run: async ({ world, counted }: Scene): Promise<readonly Figure[]> => {
    counted.made();
    const rules = Array.from({ length: 2_500 }, (_, n) => `rule-${n}`);
    await scanned(world, rules, { service: 'backlog-api', commit: commit(5), tool: 'codeql' });
    const events = Array.from({ length: 21 }, () => 'find commit');
    const before = ['find list', 'scope list', 'find commit', 'due commit', 'due commit', 'log commit', 'scope commit'];
    return [inTurn('first import of 2,500 findings', counted.made(), ...before, ...events, 'find commit', ...WOKEN)];
  },
};

const step = {
  name: 'an age that a step waits for costs 2 calls, 1 more when another is to come, and none in imports after the first',
  run: async (scene: Scene): Promise<readonly Figure[]> => {
    const { world, counted } = scene;
    const scope = { org: ORG, service: 'step-api', environment: '-' };
    await scanned(world, ['a'], { service: scope.service, commit: commit(6) });
    const item = { kind: 'scope', ...scope, step: true } as const;
    counted.made();
    const now = world.now;
    world.now = instantOf(minuteOf(now) + AGE);
    await world.core.runDue(item);
    const reached = counted.made();
    world.now = instantOf(minuteOf(now) + 3 * AGE);
    await world.core.runDue(item);
    world.now = now;
    return [
      inTurn('age that a step waits for', reached, 'scope list', 'scope list', 'due commit'),
      inTurn('the last such age', counted.made(), 'scope list', 'scope list'),
    ];
  },
};

const stated = {
  name: 'a document of VEX takes 4 calls and 3 for its wake-up; the same again 2; a newer version of it no more',
  run: async ({ world, counted }: Scene): Promise<readonly Figure[]> => {
    const vex = (at: string) => ({
      ...{ '@context': 'https://openvex.dev/ns/v0.2.0', '@id': 'https://example.com/vex', timestamp: at },
      statements: [{ vulnerability: 'CVE-2026-0001', products: ['pkg:npm/left-pad'], status: 'affected' }],
    });
    const saying = async (at: string) => {
      counted.made();
      await sent(world, vex(at), { service: 'stated-api', commit: commit(7) });
      return counted.made();
    };
    const stored = ['scope list', 'due commit', 'log commit', 'scope commit', ...WOKEN];
    const [first, again] = [await saying('2026-11-20T08:00:00Z'), await saying('2026-11-20T08:00:00Z')];
    return [
      inTurn('document of VEX', first, ...stored),
      inTurn('the same document again', again, 'scope list', 'due commit'),
      inTurn('a newer version of it', await saying('2026-11-21T08:00:00Z'), ...stored),
    ];
  },
};

export const HISTORY_OPERATIONS = [followed, backlog, step, stated];
