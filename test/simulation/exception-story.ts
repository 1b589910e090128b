import type { Core } from '../../bot/core.ts';
import type { Exception } from '../../services/domain/exception.ts';
import type { ExceptionRefusal } from '../../services/domain/exception-refusal.ts';
import { ORG, TENANT } from '../builders.ts';
import { PEOPLE, personal } from '../fakes/core-world.ts';
import type { Cast, Event } from './cast.ts';
import { arrivesTooLate, exceptionsOf, gateOf, passesDays, waits } from './exception-days.ts';
import { DAY_MS, isEntry } from './exception-watch.ts';
import { bringsIn } from './import-story.ts';
import { insist } from './insist.ts';
import type { WaitingStage } from './pipelines.ts';
import type { Scene } from './scene.ts';
import { BLOCKING, EVERYBODY, GRANTING, LIMITS, SERVICE } from './scenery.ts';

// People who ask for exceptions, grant, refuse, review and end them; and time that passes meanwhile.

const GRANTERS = Object.values(GRANTING).map(({ group }) => group);

export function exceptionPlan(
  world: Scene,
  stages: readonly WaitingStage[],
  delivers: (stage: WaitingStage) => Event,
): Event[] {
  const { dice } = world;
  const many = (most: number, event: () => Event) => Array.from({ length: dice.below(most + 1) }, event);
  return [
    asks(dice.pick(stages), somebody(world)),
    speaks(granter(world), DECISIONS),
    passesDays,
    ...many(4, () => asks(dice.pick(stages), somebody(world))),
    ...many(2, () => asTwo(asks(dice.pick(stages), somebody(world)), asks(dice.pick(stages), somebody(world)))),
    ...many(2, () => bringsIn(dice.pick(stages), somebody(world))),
    ...many(8, () => speaks(granter(world), DECISIONS)),
    ...many(6, () => speaks(somebody(world), ANYTHING)),
    ...many(2, () => asTwo(speaks(granter(world), DECISIONS), speaks(somebody(world), ANYTHING))),
    ...many(3, () => passesDays),
    arrivesTooLate(world, dice.pick(stages), delivers),
    ...many(2, () => arrivesTooLate(world, dice.pick(stages), delivers)),
    ...(dice.chance(0.2) ? [perseveres(dice.pick(stages))] : []),
    ...(dice.chance(0.6) ? [endsUnnoticed(world, dice.pick(stages), delivers)] : []),
  ];
}

function somebody({ dice }: Scene): string {
  return dice.pick(EVERYBODY);
}

function granter(world: Scene): string {
  const group = world.directory.groups.get(world.dice.pick(GRANTERS)) ?? [];
  return world.dice.chance(0.85) && group.length > 0 ? world.dice.pick(group) : somebody(world);
}

const asTwo =
  (...events: readonly Event[]): Event =>
  async (world, cast) => {
    await Promise.all(events.map((event) => event(world, cast)));
  };

const dayAfter = (world: Scene, days: number) => new Date(world.time + days * DAY_MS).toISOString().slice(0, 10);

const asks =
  (stage: WaitingStage, oid: string): Event =>
  async (world, cast) => {
    await waits(world, 250, () => gateOf(world, stage)?.state === 'blocked');
    await asksNow(world, cast, stage, oid);
  };

async function asksNow(world: Scene, cast: Cast, stage: WaitingStage, oid: string): Promise<void> {
  const { dice } = world;
  const renews = dice.chance(0.25) ? exceptionsOf(world).findLast(({ state }) => state === 'active')?.id : undefined;
  const wish = {
    service: SERVICE,
    environment: stage.environment,
    ...wanted(world, stage),
    ...(renews === undefined ? {} : { renews }),
    by: actor(oid),
    terms: {
      owner: dice.pick(['group:payments-owners', 'group:payments-leads', `user:${dice.pick(EVERYBODY)}`]),
      reasonClass: 'fix-scheduled',
      reason: 'It is mended with the next release of the library',
      until: dayAfter(world, dice.pick([0, 1, LIMITS.maxDays, LIMITS.maxDays, LIMITS.maxDays + 1])),
      reviewEvery: '1d',
    },
    op: opOf(world),
  };
  await says(world, cast, { oid, op: wish.op, what: `asks ${wish.control}` }, async (core) => {
    const answer = await core.exceptionRequests.request(wish);
    return answer.kind === 'refused' ? answer.why.code : answer.kind;
  });
}

/** What blocks the request, one finding, two of them, or whatever the control finds. */
function wanted(world: Scene, stage: WaitingStage) {
  const { dice } = world;
  // Mostly what is in the way, sometimes what is not.
  const blocks = dice.chance(0.9) ? (gateOf(world, stage)?.judgement?.blocks ?? []) : [];
  const found = [...BLOCKING.values()].filter((one) => blocks.some(({ control }) => control === one.control));
  const { control } = dice.pick(found.length > 0 ? found : [...BLOCKING.values()]);
  const all = [...BLOCKING.values()].flatMap((one) => (one.control === control ? [one.fingerprint] : []));
  const open = blocks.flatMap((group) => (group.control === control ? group.fingerprints : []));
  const prints = open.length > 0 && dice.chance(0.8) ? open : all;
  const kind = dice.pick(['request', 'request', 'request', 'finding', 'both', 'control'] as const);
  if (kind === 'request') return { control, requestId: stage.requestId };
  if (kind === 'finding') return { control, fingerprints: [dice.pick(prints)] };
  if (kind === 'both') return { control, fingerprints: prints };
  return { control: dice.chance(0.8) ? ('sast' as const) : control };
}

function actor(oid: string) {
  return { kind: 'person' as const, tenant: TENANT, oid, name: 'as Teams says' };
}

function opOf({ dice, step }: Scene): string {
  return `word ${step} ${dice.below(1_000_000_000)}`;
}

/** Sent once, twice at once, or again later with the same operation id; what was answered is kept. */
async function says(
  world: Scene,
  cast: Cast,
  { oid, op, what }: { readonly oid: string; readonly op: string; readonly what: string },
  word: (core: Core) => Promise<string>,
): Promise<void> {
  const once = () =>
    world.begin(`${oid.slice(0, 4)} ${what}`, async () => {
      if (cast.underWay.has(op)) cast.crossed.add(op);
      cast.underWay.add(op);
      const answer = await insist(world, cast, ({ core }) => word(core));
      cast.underWay.delete(op);
      if (answer === undefined) return;
      world.note(`${oid.slice(0, 4)} is told ${answer}`);
      cast.toldOfExceptions.push({
        oid,
        op,
        answer,
        recorded: isSaid(world, op) || isAsker(world, oid, answer),
        alone: !cast.crossed.has(op),
      });
    });
  await Promise.all(Array.from({ length: world.dice.chance(0.25) ? 2 : 1 }, once));
  if (!world.dice.chance(0.2)) return;
  await world.pause(world.dice.below(150));
  await once();
}

function isSaid({ store }: Scene, op: string): boolean {
  return ['prod', 'staging'].some((environment) =>
    store.rowsOf('scope', `${ORG}~s~${SERVICE}~${environment}`).some((one) => isEntry(one) && one.values['op'] === op),
  );
}

/** Whoever asks once more for what they have asked for is told so. */
function isAsker(world: Scene, oid: string, answer: string): boolean {
  const isAsked = answer === 'requested' || answer === 'joined';
  return isAsked && exceptionsOf(world).some(({ askers }) => askers.some(({ by }) => by.oid === oid));
}

const DECISIONS = ['approve', 'approve', 'approve', 'approve', 'reject', 'narrow'] as const;
// What must be granted first, and is for few, comes more often.
const ANYTHING = [
  ...(['keep', 'shrink', 'close', 'snooze', 'handover', 'withdraw', 'approve', 'renew'] as const),
  ...(['revoke', 'revoke', 'revoke', 'revoke', 'revoke'] as const),
] as const;
type Verb = (typeof DECISIONS)[number] | (typeof ANYTHING)[number];
const FOR_REQUESTED: readonly Verb[] = ['approve', 'reject', 'narrow', 'withdraw'];

/** A word on some exception that it fits, mostly, by a message or by its number. */
const speaks =
  (oid: string, verbs: readonly Verb[]): Event =>
  async (world, cast) => {
    const verb = world.dice.pick(verbs);
    const wanted = FOR_REQUESTED.includes(verb) ? 'requested' : 'active';
    await waits(world, 300, () => exceptionsOf(world).some(({ state }) => state === wanted));
    const all = exceptionsOf(world);
    const fitting = all.filter(({ state }) => state === wanted);
    const choice = world.dice.chance(0.9) && fitting.length > 0 ? fitting : all;
    if (choice.length > 0)
      await speaksOf(world, cast, world.dice.pick(choice), { oid: speaker(world, oid, verb, choice[0]), verb });
  };

/** What only its owner, or whoever asked, may say is mostly said by them. */
function speaker({ dice, directory }: Scene, oid: string, verb: Verb, exception: Exception | undefined): string {
  if (exception === undefined || dice.chance(0.3) || verb === 'approve' || verb === 'reject' || verb === 'narrow')
    return oid;
  const { askers, terms } = exception;
  if (verb === 'withdraw') return dice.pick(askers).by.oid;
  const owners = terms.owner.startsWith('user:')
    ? [terms.owner.slice('user:'.length)]
    : (directory.groups.get(terms.owner.slice('group:'.length)) ?? []);
  return owners.length === 0 ? oid : dice.pick(owners);
}

type SpokenAnswer =
  | { readonly kind: 'refused'; readonly why: ExceptionRefusal }
  | { readonly kind: 'done' | 'requested' | 'joined' };

interface Spoken {
  readonly oid: string;
  readonly verb: Verb;
}

async function speaksOf(world: Scene, cast: Cast, exception: Exception, { oid, verb }: Spoken): Promise<void> {
  const { dice } = world;
  const { id, target, terms } = exception;
  const shown = dice.chance(0.7) ? world.teams.revisionShown(personal(oid).id, id) : undefined;
  const word = { id, by: actor(oid), op: opOf(world), ...(shown === undefined ? {} : { revision: shown }) };
  const [first, ...rest] = target.fingerprints ?? [];
  const less =
    first !== undefined && rest.length > 0 && dice.chance(0.7)
      ? { fingerprints: [dice.pick([first, ...rest])] }
      : { until: dayAfter(world, dice.below(2)) };
  const why = 'for reasons';
  const handedTo = dice.pick(['group:payments-leads', `user:${dice.pick(EVERYBODY)}`]);
  await says(world, cast, { oid, op: word.op, what: `${verb} ${id}` }, async (core) => {
    const { exceptionDecisions: decisions, exceptionReviews: reviews } = core;
    const answers: Readonly<Record<Verb, () => Promise<SpokenAnswer>>> = {
      approve: () => decisions.decide({ ...word, verdict: 'approve', comment: '' }),
      reject: () => decisions.decide({ ...word, verdict: 'reject', comment: 'no' }),
      narrow: () => decisions.decide({ ...word, verdict: 'approve', comment: '', narrowing: less }),
      withdraw: () => decisions.withdraw({ ...word, why }),
      keep: () => reviews.review({ ...word, answer: 'keep', why }),
      shrink: () => reviews.review({ ...word, answer: 'shrink', why, narrowing: less }),
      close: () => reviews.review({ ...word, answer: 'close', why }),
      snooze: () => reviews.review({ ...word, answer: 'snooze', why }),
      revoke: () => reviews.revoke({ ...word, why }),
      handover: () => reviews.handOver({ ...word, to: handedTo }),
      renew: () =>
        renewed(core, {
          ...word,
          ...target,
          renews: id,
          terms: { reason: terms.reason, until: dayAfter(world, LIMITS.maxDays) },
        }),
    };
    const answer = await answers[verb]();
    return answer.kind === 'refused' ? answer.why.code : answer.kind;
  });
}

async function renewed(core: Core, wish: Parameters<Core['exceptionRequests']['request']>[0]): Promise<SpokenAnswer> {
  const answer = await core.exceptionRequests.request(wish);
  return answer.kind === 'refused' ? answer : { kind: answer.kind };
}

/** What blocks is covered without delay, and the same comes again just after that has ended. */
function endsUnnoticed(world: Scene, stage: WaitingStage, delivers: (stage: WaitingStage) => Event): Event {
  const again = arrivesTooLate(world, stage, delivers);
  return async (_, cast) => {
    await world.awaits(() => gateOf(world, stage)?.state === 'blocked', 400);
    const isActive = () => exceptionsOf(world).some(({ state }) => state === 'active');
    for (let round = 0; round < 4 && !isActive() && !world.isQuiet; round += 1) {
      await asksNow(world, cast, stage, PEOPLE.adele);
      for (const oid of GRANTERS.flatMap((group) => world.directory.groups.get(group) ?? []))
        for (const exception of exceptionsOf(world).filter(({ state }) => state === 'requested'))
          await speaksOf(world, cast, exception, { oid, verb: 'approve' });
    }
    await again(world, cast);
  };
}

/** Somebody who asks again and again for the same, in other words each time, and finds somebody who grants it. */
const perseveres =
  (stage: WaitingStage): Event =>
  async (world, cast) => {
    for (let round = 0; round < 12 && !world.isQuiet; round += 1) {
      await asksNow(world, cast, stage, world.dice.pick(EVERYBODY));
      for (const oid of world.directory.groups.get('exception-board') ?? []) {
        const open = exceptionsOf(world).filter(({ state }) => state === 'requested');
        for (const exception of open) await speaksOf(world, cast, exception, { oid, verb: 'approve' });
      }
      const live = exceptionsOf(world).filter(({ state }) => state === 'active');
      if (live.length > 0 && world.dice.chance(0.5)) {
        const exception = world.dice.pick(live);
        const verb = world.dice.pick(['shrink', 'shrink', 'close', 'keep'] as const);
        await speaksOf(world, cast, exception, { oid: speaker(world, EVERYBODY[0] ?? '', verb, exception), verb });
      }
      if (world.dice.chance(0.6) && !world.isQuiet) world.time += (0.2 + world.dice.next() * 1.5) * DAY_MS;
    }
  };
