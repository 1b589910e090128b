import { createBaselineStore } from '../../services/tables/baseline-store.ts';
import { findPartition } from '../../services/tables/history-rows.ts';
import { TENANT } from '../builders.ts';
import { PROJECT } from '../drift-platforms.ts';
import type { Cast, Event } from './cast.ts';
import { insist } from './insist.ts';
import { APPROVED, type Checks, GUARDED, keyOfCheck } from './platform.ts';
import type { Scene } from './scene.ts';
import { APPROVERS, EVERYBODY } from './scenery.ts';
import { wasOverwritten } from './teams.ts';

// A platform that changes, is read, and whose changes somebody accepts or takes back.

export function driftPlan({ dice }: Scene): Event[] {
  const many = (least: number, most: number, event: () => Event) =>
    Array.from({ length: least + dice.below(most - least + 1) }, event);
  return [
    ...many(1, 4, () => changesPlatform),
    ...many(1, 4, () => acceptsDrift(dice.pick(dice.chance(0.65) ? APPROVERS : EVERYBODY))),
    ...many(0, 2, () => passesAnHour),
  ];
}

const changesPlatform: Event = async (world, cast) => {
  await world.pause(world.dice.below(150));
  world.platform.change(changed(world, world.platform.history.at(-1) ?? APPROVED));
  if (world.dice.chance(0.7)) await hints(world, cast);
};

/** A check is gone, is another one, or all is as approved. */
function changed({ dice }: Scene, now: Checks): Checks {
  const id = dice.pick([...APPROVED.keys()]);
  const what = dice.below(4);
  if (what === 0) return APPROVED;
  return what === 1 && now.has(id)
    ? new Map([...now].filter(([known]) => known !== id))
    : new Map([...now, [id, dice.pick([45, 90])]]);
}

/** As a service hook says it. */
export async function hints(world: Scene, cast: Cast): Promise<void> {
  const event = { id: `event ${world.step}`, eventType: 'ms.vss-pipelinechecks-events.updated' };
  const said = { kind: 'platform' as const, organization: world.organizations[0] ?? '', projectId: PROJECT };
  await world.begin('platform hint', () =>
    insist(world, cast, async ({ core }) => {
      await core.eventReceived({ ...event, ...said, sections: ['environments'] });
      return true;
    }),
  );
}

const passesAnHour: Event = async (world) => {
  await world.pause(world.dice.below(200));
  if (!world.isQuiet) world.time += 65 * 60_000;
};

function storedIn({ store }: Scene) {
  return createBaselineStore({ table: store, random: { bytes: () => new Uint8Array() } }).read(GUARDED);
}

const acceptsDrift =
  (oid: string): Event =>
  async (world, cast) => {
    const { dice } = world;
    const isShown = () => world.store.rowsOf('find', findPartition(GUARDED)).some(({ row }) => row === 'bd');
    await world.awaits(isShown, 400);
    await world.pause(dice.below(40));
    const { drift } = (await storedIn(world)).drift ?? {};
    if (drift === undefined) return;
    const one = drift.items.length === 0 ? [] : [dice.pick(drift.items).fingerprint];
    const only = dice.chance(0.8) ? one : drift.items.map(({ fingerprint }) => fingerprint);
    const word = {
      ...GUARDED,
      ...{ only, revision: drift.revision - (dice.chance(0.85) ? 0 : 1) },
      by: { kind: 'person' as const, tenant: TENANT, oid, name: 'as Teams says' },
      op: `accepts ${world.step} ${dice.below(1_000_000_000)}`,
    };
    const once = () =>
      world.begin(`${oid.slice(0, 4)} accepts drift`, async () => {
        if (cast.underWay.has(word.op)) cast.crossed.add(word.op);
        cast.underWay.add(word.op);
        const answer = await insist(world, cast, ({ core }) => core.baselines.accept(word));
        cast.underWay.delete(word.op);
        if (answer === undefined) return;
        const said = answer.kind === 'accepted' ? answer.kind : answer.why.code;
        world.note(`${oid.slice(0, 4)} is told ${said}`);
        const alone = !cast.crossed.has(word.op);
        cast.toldOfDrift.push({ oid, op: word.op, answer: said, recorded: isAccepted(world, word.op), alone });
      });
    await Promise.all(Array.from({ length: dice.chance(0.25) ? 2 : 1 }, once));
    if (dice.chance(0.2)) await once();
  };

function isAccepted({ store }: Scene, op: string): boolean {
  const rows = store.rowsOf('find', findPartition(GUARDED));
  return rows.some(({ row, values }) => row.startsWith('be~') && values['op'] === op);
}

type Violated = (invariant: string, what: string) => void;

/** What must hold of baseline and drift once the world has come to rest. */
export async function driftHolds(world: Scene, { toldOfDrift }: Cast, violated: Violated): Promise<void> {
  for (const { oid, op, answer, recorded, alone } of toldOfDrift) {
    if (answer === 'accepted' && !recorded) violated('I8', `${oid} was told that drift is accepted and it is not`);
    if (answer === 'accepted' && !isAccepted(world, op)) violated('I1', `what ${oid} accepted is lost`);
    if (answer !== 'accepted' && recorded && alone)
      violated('I8', `${oid} was told "${answer}" although it is accepted`);
  }
  const { baseline, drift: stored } = await storedIn(world);
  if (baseline === undefined) return violated('I23', 'the baseline is gone');
  const now = world.platform.history.at(-1) ?? APPROVED;
  const isLetBe = (id: string) => {
    const acceptance = baseline.accepted.findLast(({ key }) => key === keyOfCheck(id));
    const minutes = acceptance?.entry?.values['timeoutMinutes'];
    return acceptance !== undefined && minutes === (now.has(id) ? String(now.get(id)) : undefined);
  };
  const other = [...APPROVED].filter(([id, minutes]) => now.get(id) !== minutes && !isLetBe(id));
  const wanted = other.map(([id]) => keyOfCheck(id)).sort();
  const found = (stored?.drift.items ?? []).map(({ key }) => key).sort();
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    violated('I23', `drift is ${found.join() || 'none'} and should be ${wanted.join() || 'none'}`);
  if (stored !== undefined && stored.shown !== stored.drift.revision)
    violated('I9', `drift ${stored.drift.revision} is not shown`);
  for (const { recipient, activityId } of stored?.messages ?? []) {
    const message = world.teams.messages.find(({ id }) => id === activityId);
    const last = message?.versions.at(-1)?.summary ?? '';
    const said = `drift to ${recipient} ${stored?.drift.revision} open`;
    if (last !== said && !wasOverwritten(world, message, said)) violated('I9', `${recipient} still sees "${last}"`);
  }
}
