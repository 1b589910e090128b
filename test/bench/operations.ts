import { createLeases } from '../../services/tables/leases.ts';
import { ORG } from '../builders.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { BRANCH_OPERATIONS } from './branch-operations.ts';
import { EXCEPTION_OPERATIONS } from './exception-operations.ts';
import { click, importLeaks, meetEverybody, receive } from './history.ts';
import { HISTORY_OPERATIONS, WOKEN } from './history-operations.ts';
import { anAskedGate, atOnce, type Figure, inTurn, type Scene } from './scene.ts';

/** What people and pipelines do, and the calls of the table store that it takes: docs/storage.md, "Budgets". */
export interface Operation {
  /** A rule, as the name of a test. */
  readonly name: string;
  run(scene: Scene): Promise<readonly Figure[]>;
}

const times = (count: number, ...calls: readonly string[]) => Array.from({ length: count }, () => calls).flat();

const newCheck: Operation = {
  name: 'a new check is stored in 3 calls and judged in 11 more; delivered again, it takes 3',
  run: async ({ world, counted: { made }, next }) => {
    const n = next();
    const id = await receive(world, n);
    const stored = inTurn('new check, before the answer', made(), 'due commit', 'log commit', 'gate commit');
    await world.core.outbox.drain(ORG, id);
    const judged = atOnce(
      'new check, judged and people asked',
      made(),
      ...['gate list', 'scope commit', 'scope commit', 'scope list', 'scope list'],
      ...['due commit', 'gate commit', 'open commit', 'open commit', 'open commit', 'gate commit'],
    );
    await receive(world, n);
    return [stored, judged, inTurn('the same check again', made(), 'due commit', 'gate commit', 'gate list')];
  },
};

const joined: Operation = {
  name: 'a check that joins the card of another takes 18 calls and is decided in 17, one more for each other that joined',
  run: async (scene) => {
    const { world, counted, next } = scene;
    const run = next();
    await anAskedGate(scene, run);
    const id = await receive(world, next(), 'prod', run);
    counted.made();
    await world.core.outbox.drain(ORG, id);
    await world.core.idle();
    const made = counted.made();
    await answered(click(world, id), 'decided');
    await world.core.idle();
    const asked = ['due commit', 'gate commit', 'open commit', 'open commit', 'gate commit'];
    const claimed = ['open commit', 'open get', 'gate list'];
    const shown = ['due commit', 'gate commit', 'gate list', 'gate list', 'gate commit'];
    const approved = [...RECORDED, ...READ_AGAIN, ...RELEASED, ...shown];
    return [
      atOnce('check that joins a card', made, ...JUDGED, ...asked, ...claimed, ...shown),
      atOnce('approval of one on the card of another', counted.made(), ...approved),
    ];
  },
};

const completedCheck: Operation = {
  name: 'a check whose record is completed already takes 1',
  run: async (scene) => {
    const { world, counted, next } = scene;
    const n = next();
    await anAskedGate(scene, n);
    world.azureDevOps.proof = 'completed';
    await receive(world, n);
    world.azureDevOps.proof = 'proven';
    return [inTurn('check whose record is completed already', counted.made(), 'gate list')];
  },
};

const RECORDED = ['gate list', 'due commit', 'gate commit'];
/** The fresh look before a verdict that releases is sealed. */
const READ_AGAIN = ['scope list', 'scope list'];
/** Sealed, told, out of its scopes (one keeps that it was there), no longer open, its outbox cleared. */
const TOLD = ['gate commit', 'gate commit', 'scope commit', 'scope remove', 'open remove', 'gate commit'];
/** What is let through is noted in its scopes, as it leaves them, and looked at again later. */
const RELEASED = [...TOLD.map((call) => (call === 'scope remove' ? 'scope commit' : call)), 'due commit'];

function decided(verdict: 'approve' | 'reject'): Operation {
  return {
    name: `${verdict === 'approve' ? 'an approval' : 'a rejection'} is recorded in 3 calls and told with ${verdict === 'approve' ? 9 : 6} more, every later click takes 1`,
    run: async (scene) => {
      const { world, counted } = scene;
      const id = await anAskedGate(scene);
      await answered(click(world, id, PEOPLE.alex, { verdict, comment: 'because' }), 'decided');
      await world.core.idle();
      // Nothing is told before it is recorded: what comes first came before the answer.
      const [whole, before] = [counted.made(), 3];
      await answered(click(world, id, PEOPLE.alex, { verdict, comment: 'because' }), 'decided');
      const again = counted.made();
      await answered(click(world, id, PEOPLE.megan), 'already-decided');
      return [
        inTurn(`${verdict}, before the answer`, whole.slice(0, before), ...RECORDED),
        atOnce(
          `${verdict}, in all`,
          whole,
          ...RECORDED,
          ...(verdict === 'approve' ? [...READ_AGAIN, ...RELEASED] : TOLD),
        ),
        inTurn('the same click again', again, 'gate list'),
        inTurn('a later click', counted.made(), 'gate list'),
      ];
    },
  };
}

async function answered(answer: ReturnType<typeof click>, expected: string): Promise<void> {
  const given = await answer;
  const kind = given.kind === 'refused' ? given.refusal : given.kind;
  if (kind !== expected) throw new Error(`the click was answered ${kind} instead of ${expected}`);
}

const lostRace: Operation = {
  name: 'who loses a race learns it in 4 calls',
  run: async (scene) => {
    const { world, counted } = scene;
    const id = await anAskedGate(scene);
    let before: readonly string[] = [];
    counted.beforeNextCommit('gate', async () => {
      before = counted.made();
      await answered(click(world, id, PEOPLE.megan), 'decided');
      await world.core.idle();
      counted.made();
    });
    await answered(click(world, id), 'already-decided');
    return [inTurn('click that loses a race', [...before, ...counted.made()], ...RECORDED, 'gate list')];
  },
};

const refusedClick: Operation = {
  name: 'somebody who may not decide costs 2 calls, an unknown request 1',
  run: async (scene) => {
    const { world, counted } = scene;
    await answered(click(world, await anAskedGate(scene), PEOPLE.isaiah), 'not-an-approver');
    const refused = counted.made();
    await answered(click(world, 'unknown'), 'unknown-request');
    return [
      inTurn('click of somebody who may not decide', refused, 'gate list', 'gate commit'),
      inTurn('click on an unknown request', counted.made(), 'gate list'),
    ];
  },
};

const imported: Operation = {
  name: 'an import takes 8 calls and 3 for its wake-up; the same report again 3',
  run: async ({ world, counted }) => {
    const report = { service: 'orders-api', commit: 'e'.repeat(40), rules: ['a', 'b'] };
    await importLeaks(world, 1, { ...report, rules: ['a'] });
    await world.core.idle();
    counted.made();
    await importLeaks(world, 1, report);
    await world.core.idle();
    const whole = counted.made();
    await importLeaks(world, 1, report);
    await world.core.idle();
    return [
      inTurn('import, before the answer', whole.slice(0, STORED.length), ...STORED),
      inTurn('wake-up after an import', whole.slice(STORED.length), ...WOKEN),
      inTurn('identical report again', counted.made(), ...STORED.slice(0, 3), 'due commit'),
    ];
  },
};

const NOTED = ['log commit', 'scope commit', 'find commit'];
const STORED = ['find get', 'find list', 'scope list', 'find commit', 'due commit', ...NOTED];
const JUDGED = ['gate list', 'scope commit', 'scope commit', 'scope list', 'scope list'];

const importForWaiting: Operation = {
  name: 'an import takes 5 calls more for each gate that waits in its scope and is judged as before',
  run: async (scene) => {
    const { world, counted } = scene;
    await anAskedGate(scene);
    const waiting = await world.ports.scopes.waiting({ org: ORG, service: 'payments-api', environment: '-' });
    if (waiting.length === 0) throw new Error('nobody waits');
    counted.made();
    await importLeaks(world, 2, { commit: 'e'.repeat(40), rules: ['a', 'b'] });
    await world.core.idle();
    const all = [...STORED, ...WOKEN, ...times(waiting.length, ...JUDGED)];
    return [atOnce('import for gates that wait', counted.made(), ...all)];
  },
};

const largeReport: Operation = {
  name: 'a large report takes one call more for each 20,000 fingerprints of a tool',
  run: async ({ world, counted }) => {
    const rules = Array.from({ length: 25_000 }, (_, n) => `rule-${n % 5}`);
    await importLeaks(world, 3, { service: 'ledger-api', commit: 'e'.repeat(40), rules });
    await world.core.idle();
    const first = ['find get', 'scope list', 'find commit', 'find commit', 'due commit', ...NOTED];
    return [inTurn('import of 25,000 findings, the first of its tool', counted.made(), ...first, ...WOKEN)];
  },
};

const idleTicks: Operation = {
  name: 'a tick with nothing due takes 4 calls, but for two in five minutes',
  run: async ({ world, counted }) => {
    // Past the reminders of everything that was asked before, and the lists of those that came together.
    world.advance(70);
    await world.settle();
    world.now = new Date(Math.ceil((Date.parse(world.now) + 360_000) / 300_000) * 300_000).toISOString();
    await world.settle();
    counted.made();
    const ticks: string[][] = [];
    for (let n = 0; n < TICKS; n += 1) {
      world.advance(5 / TICKS);
      const due = await world.ports.due.take(world.now);
      if (due.length > 0) throw new Error('something is due');
      ticks.push(counted.made());
    }
    const [ended = [], left = []] = ticks.filter((made) => made.length !== 4);
    return [
      atOnce('tick with nothing due', ticks[TICKS / 2] ?? [], ...times(4, 'due list')),
      atOnce('the tick after a bucket ended', ended, ...times(8, 'due list'), ...times(4, 'sys commit')),
      atOnce('the tick that leaves it', left, ...times(8, 'due list')),
      atOnce('five minutes of ticks', ticks.flat(), ...times(4 * TICKS + 8, 'due list'), ...times(4, 'sys commit')),
    ];
  },
};

const TICKS = 30;

const lease: Operation = {
  name: 'the lease costs 2 calls in 15 seconds, and 1 a tick to whom it does not belong',
  run: async ({ world, counted }) => {
    const of = (instance: string) => createLeases({ table: counted.table, clock: world.ports.clock, instance });
    const [holder, other] = [of('holder'), of('other')];
    await holder.hold('scheduler', 30);
    counted.made();
    for (let tick = 0; tick < 3; tick += 1) {
      world.advance(5 / 60);
      await holder.hold('scheduler', 30);
    }
    const renewed = counted.made();
    await other.hold('scheduler', 30);
    return [
      inTurn('lease of the scheduler, in 15 seconds', renewed, 'sys get', 'sys commit'),
      inTurn('lease of the scheduler, for another process', counted.made(), 'sys get'),
    ];
  },
};

const doneAlready: Operation = {
  name: 'a hint whose work is done already takes 2 calls',
  run: async (scene) => {
    const id = await anAskedGate(scene);
    scene.world.advance(2);
    return [inTurn('hint whose work is done', await runDue(scene, id), 'gate list', 'due remove')];
  },
};

const blocked: Operation = {
  name: 'a gate that is still blocked when its wait ends is judged again, told and left in 15 calls',
  run: async (scene) => {
    const { world, next } = scene;
    const { sources } = world.azureDevOps;
    const commits = sources.commits.map((source) => ({ ...source, commit: 'b'.repeat(40) }));
    world.azureDevOps.sources = { ...sources, commits };
    const id = await receive(world, next());
    await world.core.outbox.drain(ORG, id);
    world.azureDevOps.sources = sources;
    world.now = (await world.core.approvals.find(id))?.waitUntil ?? '';
    await meetEverybody(world);
    const all = [...JUDGED, 'due commit', 'log commit', 'gate commit', ...TOLD, 'due remove'];
    return [atOnce('gate still blocked when its wait ends', await runDue(scene, id), ...all)];
  },
};

/** Runs what is due for this gate; the calls of that. */
async function runDue({ world, counted }: Scene, id: string): Promise<readonly string[]> {
  const item = (await world.ports.due.take(world.now)).findLast(({ hint }) => hint.kind === 'gate' && hint.id === id);
  if (item === undefined) throw new Error('no hint');
  counted.made();
  await world.core.runDue(item.hint);
  await world.ports.due.done(item);
  return counted.made();
}

/** In an order in which what moves the clock comes last. */
export const OPERATIONS: readonly Operation[] = [
  newCheck,
  joined,
  completedCheck,
  decided('approve'),
  decided('reject'),
  lostRace,
  refusedClick,
  imported,
  importForWaiting,
  largeReport,
  ...HISTORY_OPERATIONS,
  idleTicks,
  lease,
  doneAlready,
  blocked,
  ...EXCEPTION_OPERATIONS,
  ...BRANCH_OPERATIONS,
];
