import type { Core } from '../../bot/core.ts';
import type { AnsweredOne, Wish } from '../../services/approvals.ts';
import type { NativeApprovalRef } from '../../services/domain/native-approval.ts';
import { TENANT } from '../builders.ts';
import { aCoverSet } from '../covers.ts';
import { PEOPLE, personal } from '../fakes/core-world.ts';
import { within } from './budget.ts';
import type { Cast, Event } from './cast.ts';
import { driftPlan } from './drift-story.ts';
import { exceptionPlan } from './exception-story.ts';
import { changesDirectory, changesPolicy, ends, jumpsClock, poisonsConversation } from './incidents.ts';
import { insist } from './insist.ts';
import type { WaitingStage } from './pipelines.ts';
import { bodyOf, type Process } from './process.ts';
import type { Scene } from './scene.ts';
import { APPROVERS, COMMITS, EVERYBODY, REPORTS, SERVICE } from './scenery.ts';
import type { Click, Offered } from './teams.ts';

/** What happens in one world, in an order that dice and turns mix. */
export function planOf(world: Scene): Event[] {
  const { dice, isAboutExceptions } = world;
  // Where code findings block too, more than one finding is in the way.
  if (isAboutExceptions && world.policy === 1 && dice.chance(0.4)) world.policy = 2;
  const stages = Array.from({ length: (isAboutExceptions ? 3 : 1) + dice.below(4) }, () =>
    world.pipelines.begin(
      dice.chance(isAboutExceptions ? 0.65 : 0.85) ? 'prod' : 'staging',
      dice.chance(0.8) ? COMMITS[0] : COMMITS[1],
    ),
  );
  const late = stages.slice(1).filter(() => dice.chance(0.5));
  const arrives = (stage: WaitingStage) => Array.from({ length: 1 + dice.below(2) }, () => delivers(stage));
  const early: Event[] = [
    ...APPROVERS.filter(() => dice.chance(0.85)).map((oid) => meets(oid)),
    ...new Set(stages.map(({ run }) => run.commit))
      .values()
      .flatMap((commit) => reports(world, commit, isAboutExceptions)),
    ...stages.filter((stage) => !late.includes(stage)).flatMap(arrives),
  ];
  const strangers =
    isAboutExceptions || world.isAboutPlatform ? EVERYBODY.filter(() => dice.chance(0.7)).map((oid) => meets(oid)) : [];
  const clicks = Array.from({ length: 2 + dice.below(5) }, () => decides(dice.pick(stages), somebody(world)));
  const incidents: Event[] = [
    ...late.flatMap((stage) =>
      dice.chance(0.8) ? [atOnce(delivers(stage), reportsOne(world, stage.run.commit))] : arrives(stage),
    ),
    ...Array.from({ length: dice.below(isAboutExceptions ? 3 : 2) }, () =>
      reportsOne(world, dice.pick(stages).run.commit),
    ),
    ...(dice.chance(0.3) ? [ends(dice.pick(stages), dice.pick(['succeeded', 'canceled', 'failed', 'skipped']))] : []),
    ...(dice.chance(0.25) ? [changesDirectory] : []),
    ...(dice.chance(0.25) ? [changesPolicy] : []),
    ...(dice.chance(0.25) ? [jumpsClock] : []),
    ...(dice.chance(0.2) ? [meets(PEOPLE.isaiah)] : []),
    ...(dice.chance(0.2) ? [poisonsConversation] : []),
    ...(dice.chance(0.2) ? [arrangesCover] : []),
    ...(dice.chance(0.3) ? APPROVERS.map((oid) => decidesLate(dice.pick(stages), oid)) : []),
  ];
  const exceptions = isAboutExceptions ? exceptionPlan(world, stages, delivers) : [];
  const drift = world.isAboutPlatform ? driftPlan(world) : [];
  return [
    ...shuffled(world, [...early, ...strangers]),
    ...shuffled(world, [...clicks, ...incidents, ...exceptions, ...drift]),
  ];
}

/** Usually what a first deployment needs, sometimes something that blocks it. */
function reports(world: Scene, commit: string, isBlocked: boolean): Event[] {
  const { dice } = world;
  const [clean, leak, other, fine, weak] = REPORTS;
  const secrets = dice.chance(isBlocked ? 0.3 : 0.93) ? clean : dice.pick([leak, other]);
  const code = dice.chance(0.7) ? fine : weak;
  return [secrets, code].flatMap((report) =>
    report === undefined || dice.chance(isBlocked ? 0.08 : 0.04) ? [] : [sends(report, commit, world)],
  );
}

const atOnce =
  (...events: readonly Event[]): Event =>
  async (world, cast) => {
    await Promise.all(events.map((event) => event(world, cast)));
  };

/** More often one that changes what was decided before. */
function reportsOne(world: Scene, commit: string): Event {
  const { dice } = world;
  const [, leak, other] = REPORTS;
  return sends(dice.chance(0.7) ? dice.pick(REPORTS) : (dice.pick([leak, other]) ?? dice.pick(REPORTS)), commit, world);
}

function somebody({ dice }: Scene): string {
  return dice.chance(0.7) ? dice.pick(APPROVERS) : dice.pick(EVERYBODY);
}

function shuffled<T>({ dice }: Scene, items: readonly T[]): T[] {
  const left = [...items];
  return items.map(() => left.splice(dice.below(left.length), 1)[0] as T);
}

const delivers =
  (stage: WaitingStage): Event =>
  async (world, cast) => {
    if (stage.approval !== undefined) return notices(world, cast, stage.approval.ref, stage);
    const delivery = { check: stage.check, jobToken: stage.jobToken, runId: stage.run.id, stage: 'Deploy' };
    const receive = ({ core }: Process) => core.deliveries.receive({ ...delivery, environment: stage.environment });
    await world.begin(
      `check ${stage.run.id}`,
      () =>
        insist(world, cast, async (process) => {
          const receipt = await within(world, 'check', () => receive(process));
          if (receipt.kind === 'accepted') process.core.accepted(receipt);
          return receipt;
        }),
      { org: stage.org },
    );
  };

/** What service hooks say of an approval; some say nothing, and the sweep may find it. */
async function notices(
  world: Scene,
  cast: Cast,
  { organization, projectId, id }: NativeApprovalRef,
  { org }: WaitingStage,
): Promise<void> {
  if (world.dice.chance(0.1)) return;
  const envelope = { id: `event of ${id}`, eventType: 'ms.vss-pipelinechecks-events.approval-pending', organization };
  await world.begin(
    `approval ${id.slice(0, 8)}`,
    () =>
      insist(world, cast, async ({ core }) => {
        await core.eventReceived({ ...envelope, kind: 'approval', projectId, approvalId: id });
        return true;
      }),
    { org },
  );
}

const sends = (report: (typeof REPORTS)[number], commit: string, { dice }: Scene): Event => {
  const environment = dice.chance(0.3) ? { environment: 'prod' } : {};
  return async (world, cast) => {
    const stages = world.pipelines.stages.filter(({ run }) => run.commit === commit);
    const stage = world.organizations.length > 1 && stages.length > 0 ? world.dice.pick(stages) : stages[0];
    const runId = stage === undefined ? {} : { runId: stage.run.id };
    if (stage === undefined) return;
    await world.begin(
      `report ${report.tool} ${report.content}`,
      () =>
        insist(world, cast, ({ core }) => {
          cast.sent += 1;
          return core.findings.import({ service: SERVICE, commit, ...runId, ...environment, body: bodyOf(report) });
        }),
      { report, org: stage.org },
    );
  };
};

const meets =
  (oid: string): Event =>
  async (world, cast) => {
    await world.begin(`meets ${oid.slice(0, 4)}`, () =>
      insist(world, cast, async ({ core }) => {
        await core.reached([{ kind: 'person', oid }], personal(oid));
        return true;
      }),
    );
  };

/** Most approve; some stop it or take their approval back. */
const WISHES = [...Array.from({ length: 7 }, () => 'approve' as const), 'reject', 'reject', 'withdraw'] as const;

/** A click on a card that the person has, or a typed command where there is none. */
const decides =
  (stage: WaitingStage, oid: string): Event =>
  async (world, cast) => {
    // Most wait for a card; some write before there is anything to decide.
    const patience = world.dice.chance(0.8) ? 240 : world.dice.below(60);
    await world.awaits(() => world.teams.click(personal(oid).id) !== undefined, patience);
    await world.pause(world.dice.below(20));
    await decidesBy(stage, oid, world.teams.click(personal(oid).id))(world, cast);
  };

/** A click on an old version of a card, where there is one by then. */
const decidesLate =
  (stage: WaitingStage, oid: string): Event =>
  async (world, cast) => {
    await world.awaits(() => world.teams.lateClick(personal(oid).id) !== undefined, 400);
    const click = world.teams.lateClick(personal(oid).id);
    if (click !== undefined) await decidesBy(stage, oid, click)(world, cast);
  };

const decidesBy =
  (stage: WaitingStage, oid: string, click: Click | undefined): Event =>
  async (world, cast) => {
    const typed = stage.requestId;
    const verdict = world.dice.pick(WISHES);
    const by = { kind: 'person' as const, tenant: TENANT, oid, name: 'as Teams says' };
    const comment = verdict === 'reject' ? 'not today' : '';
    const all: readonly Partial<Offered>[] = click?.items ?? [{ requestId: typed }];
    // What a card of several offers can be decided one by one too, by typing.
    const some = world.dice.chance(0.5) ? [world.dice.pick(all)] : all;
    // Some clients send what their card never said.
    const forged = world.dice.chance(0.05) ? 1 : 0;
    const items = some.map((item) =>
      item.revision === undefined ? item : { ...item, revision: item.revision + forged },
    );
    const wishes = items.map(({ requestId = typed, ...seen }) => {
      const op = `${click?.messageId ?? 'typed'} ${oid} ${requestId} ${seen.revision ?? ''} ${verdict}`;
      return { requestId, ...seen, verdict, comment, by, op };
    });
    const org = world.pipelines.stages.find((one) => one.requestId === items[0]?.requestId)?.org;
    const of = org === undefined ? {} : { org };
    const once = () =>
      world.begin(
        `click ${oid.slice(0, 4)} ${verdict}`,
        async () => {
          for (const { op } of wishes) {
            if (cast.underWay.has(op)) cast.crossed.add(op);
            cast.underWay.add(op);
          }
          const answers = await insist(world, cast, ({ core }) =>
            within(world, 'click', () => answersTo(core, wishes), wishes.length),
          );
          for (const { op } of wishes) cast.underWay.delete(op);
          for (const [index, answer] of (answers ?? []).entries()) {
            const wish = wishes[index];
            if (wish === undefined || answer.kind === 'unanswered') continue;
            const { op, requestId } = wish;
            const alone = !cast.crossed.has(op);
            world.note(`${oid.slice(0, 4)} is told ${answer.kind === 'refused' ? answer.refusal : 'decided'}`);
            cast.told.push({ oid, op, requestId, answer, alone, recorded: isRecorded(world, requestId, op) });
          }
        },
        of,
      );
    // Teams sends a click again when it likes to, also one that was answered.
    await Promise.all(Array.from({ length: world.dice.chance(0.3) ? 2 : 1 }, once));
    if (world.dice.chance(0.15)) await once();
  };

/** A card of one gate and a typed command decide one, a card of several all of them. */
async function answersTo({ approvals }: Core, wishes: readonly Wish[]): Promise<readonly AnsweredOne[]> {
  const [first, ...others] = wishes;
  return first !== undefined && others.length === 0 ? [await approvals.decide(first)] : approvals.decideMany(wishes);
}

/** Looked up in the rows themselves. */
export function isRecorded({ store, pipelines }: Scene, requestId: string, op: string): boolean {
  const org = pipelines.stages.find((stage) => stage.requestId === requestId)?.org;
  return store
    .rowsOf('gate', `${org}~r~${requestId}`)
    .some(({ row, values }) => row.startsWith('e~') && isDecisionOf(values, op));
}

function isDecisionOf(values: Readonly<Record<string, unknown>>, op: string): boolean {
  return values['op'] === op && (JSON.parse(String(values['entry'])) as { readonly kind?: string }).kind === 'decided';
}

/** An approver is away; somebody, perhaps the requester or an author, decides in their place. */
const arrangesCover: Event = async (world, cast) => {
  const absent = world.dice.pick(APPROVERS);
  const by = world.dice.pick(EVERYBODY.filter((oid) => oid !== absent));
  const until = new Date(world.time + 90 * 24 * 3_600_000).toISOString();
  // From now on it may be in force: whether the row is there is not known before the answer.
  world.covers.push({ absent, by, since: world.step });
  await insist(world, cast, async ({ covers }) => {
    await covers.set(...aCoverSet(absent, by, until, new Date(world.time).toISOString()));
    return true;
  });
  world.note(`${by.slice(0, 4)} covers for ${absent.slice(0, 4)}`);
};
