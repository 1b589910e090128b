import { summaryOf } from '../../cards/gate-summary.ts';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import { isSettled } from '../../services/domain/gate.ts';
import { questionOf } from '../../services/domain/group.ts';
import { askedNow } from '../../services/domain/quorum.ts';
import { lineOf } from '../../services/domain/supersession.ts';
import { holderOf } from '../../services/ports/card-groups.ts';
import type { StoredGate } from '../../services/ports/gate-store.ts';
import type { Row } from '../../services/ports/table.ts';
import { decodeEvidence } from '../../services/tables/evidence-row.ts';
import { decode } from '../../services/tables/gate-codec.ts';
import type { Cast } from './cast.ts';
import { driftHolds } from './drift-story.ts';
import { exceptionsHold, ROUND_MS } from './exception-checks.ts';
import { isEntry } from './exception-watch.ts';
import { headsIn, passes } from './expected.ts';
import { importsHold } from './import-story.ts';
import type { WaitingStage } from './pipelines.ts';
import { isSameAgain } from './replay.ts';
import type { Scene } from './scene.ts';
import { SERVICE } from './scenery.ts';
import { isRecorded } from './story.ts';
import { offeredBy, wasOverwritten } from './teams.ts';

/** What must hold once the world has come to rest, by the numbers of docs/storage.md, Promises. */
export async function violationsAtTheEnd(
  world: Scene,
  cast: Cast,
  { reconciles }: { readonly reconciles: boolean },
): Promise<string[]> {
  const found: string[] = [];
  const violated = (invariant: string, what: string) => void found.push(`${invariant} ${what}`);
  answersAreTrue(world, cast, violated);
  secretsStayInside(world, violated);
  reportsAreProven(world, cast, violated);
  for (const stage of world.pipelines.stages) {
    const stored = storedOf(world, stage);
    oneVerdict(world, stage, stored, violated);
    if (stored === undefined) continue;
    recordHolds(world, stage, stored, violated);
    cardsAreTrue(world, stored, violated);
    if (isSettled(stored.gate.state)) settledIsTold(world, stored, violated);
    else judgedOnEverything(world, stored, reconciles, violated);
  }
  onlyTheNewestWaits(world, violated);
  for (const recorded of world.monitor.recorded)
    if (!(await isSameAgain(recorded)))
      violated('I18', `request ${recorded.before.id} is not judged again as it was at ${recorded.judgement.at}`);
  exceptionsHold(world, cast, violated);
  await importsHold(world, cast, violated);
  if (world.isAboutPlatform) await driftHolds(world, cast, violated);
  return found;
}

export type Violated = (invariant: string, what: string) => void;

type Stored = Pick<Scene, 'store'>;
type Asked = Pick<WaitingStage, 'org' | 'requestId'> & { readonly run: { readonly id: number } };

function rowsOf({ store }: Stored, { org, requestId }: Asked): readonly Row[] {
  return store.rowsOf('gate', `${org}~r~${requestId}`);
}

function storedOf(world: Scene, stage: WaitingStage): StoredGate | undefined {
  return decode(rowsOf(world, stage), '');
}

/** I1, I8: who was told that it is recorded finds it there for ever, and nobody is told that somebody else was first by mistake. */
function answersAreTrue(world: Scene, { told }: Cast, violated: Violated): void {
  for (const { oid, op, requestId, answer, recorded, alone } of told) {
    if (answer.kind === 'decided') {
      if (!recorded) violated('I8', `${oid} was told "recorded" and was not`);
      if (!isRecorded(world, requestId, op)) violated('I1', `the decision of ${oid} is lost`);
    } else if (recorded && (alone || answer.refusal === 'already-decided'))
      violated('I8', `${oid} was told "${answer.refusal}" although it was recorded`);
  }
}

/** I14 */
function secretsStayInside({ store, log, teams, pipelines }: Scene, violated: Violated): void {
  const rows = JSON.stringify(store.dump());
  const shown = JSON.stringify(teams.messages) + log.join('\n');
  for (const { jobToken } of pipelines.stages) {
    const forms = [jobToken, Buffer.from(jobToken).toString('base64').slice(0, 40), encodeURIComponent(jobToken)];
    if (forms.some((form) => rows.includes(form))) violated('I14', 'a job token is readable in the store');
    if (forms.some((form) => shown.includes(form))) violated('I14', 'a job token is readable in a log or card');
  }
}

/** I10 for reports: each its own unbroken chain, and no more entries than somebody sent. */
function reportsAreProven({ store }: Scene, { sent }: Cast, violated: Violated): void {
  const entries = store.dump().filter((one) => one.table === 'scope' && one.row.startsWith('e~') && !isEntry(one));
  // What the bot itself finds of the platform it reports too.
  const theirs = entries.filter((one) => !decodeEvidence(one).entry.includes('"actor":{"kind":"countersign"'));
  if (theirs.length > sent) violated('I4', `${theirs.length} reports are proven, ${sent} were sent`);
  for (const [, chain] of Map.groupBy(entries, ({ partition, row }) => `${partition} ${row.split('~')[1]}`))
    if (firstBrokenEntry(chain.map(decodeEvidence)) !== undefined) violated('I10', 'the chain of a report is broken');
}

/** I2: at most one distinct verdict, and that is the sealed one. */
function oneVerdict(world: Scene, stage: WaitingStage, stored: StoredGate | undefined, violated: Violated): void {
  const verdicts = new Set(world.pipelines.posts.filter((post) => post.stage === stage).map(({ verdict }) => verdict));
  if (verdicts.size > 1) violated('I2', `${verdicts.size} different verdicts were told`);
  const sealed = stored?.gate.verdict;
  const said = sealed === undefined ? undefined : JSON.stringify([sealed.result, sealed.lines]);
  if (said !== world.monitor.sealedVerdictOf(stage)) violated('I2', 'header and sealed row differ');
  const wanted = stage.approval === undefined ? said : sealed?.result;
  if ([...verdicts].some((verdict) => verdict !== wanted))
    violated('I2', 'another verdict than the sealed one was told');
}

/** I4, I10: one entry for each thing that happened, in an unbroken chain that ends where the header says. */
export function recordHolds(world: Stored, stage: Asked, { gate, evidence }: StoredGate, violated: Violated): void {
  const where = `request of run ${stage.run.id}`;
  const head = rowsOf(world, stage).find(({ row }) => row === 'h')?.values;
  const last = evidence.at(-1);
  if (head?.['evSeq'] !== last?.seq || head?.['evHash'] !== last?.hash)
    violated('I10', `the chain of the ${where} does not end where its header says`);
  if (firstBrokenEntry(evidence) !== undefined) violated('I10', `the chain of the ${where} is broken`);
  const said = evidence.map(({ entry, op }) => ({ ...(JSON.parse(entry) as { readonly kind: string }), op }));
  const received = said.filter(({ kind }) => kind === 'check-received' || kind === 'approval-noticed').length;
  if (received !== 1) violated('I4', `the ${where} was received ${received} times`);
  const decided = said.filter(({ kind }) => kind === 'decided').map(({ op }) => op);
  if (new Set(decided).size !== decided.length) violated('I4', `one click decided the ${where} twice`);
  const verdictAt = said.findIndex(({ kind }) => kind === 'verdict-sealed');
  if (verdictAt >= 0 && said.slice(verdictAt).some(({ kind }) => kind === 'decided'))
    violated('I12', `the ${where} was decided after its verdict`);
  if (gate.toldAt !== undefined && !said.some(({ kind }) => ENDS.includes(kind)))
    violated('I10', `nothing proves how the ${where} ended`);
}

const ENDS = ['told', 'left-to-azure-devops', 'bypass-detected', 'completed-without-us'];

/** I9, I14: what is settled was told or lies visibly dead; its token is gone, nobody's card is out of date. */
export function settledIsTold(world: Stored, stored: StoredGate, violated: Violated): void {
  const { gate, outbox, deadLetters, token } = stored;
  if (gate.toldAt === undefined) {
    if (deadLetters.length === 0) violated('I9', `request ${gate.id} is ${gate.state} and was never told`);
    return;
  }
  if (token !== undefined) violated('I14', `request ${gate.id} was told and keeps its token`);
  if (outbox.length > 0 && deadLetters.length === 0)
    violated('I9', `request ${gate.id} has ${outbox.map(({ kind }) => kind).join()} left`);
  const places = [gate.environment, '-'].map((environment) => `${gate.org}~s~${SERVICE}~${environment}`);
  const waiting = places.filter((place) =>
    world.store.rowsOf('scope', place).some(({ row }) => row === `w~${gate.id}`),
  );
  if (waiting.length > 0 && world.store.rowsOf('scope', waiting[0] ?? '').some(({ row }) => row.startsWith('o~')))
    violated('I21', `request ${gate.id} is told and a wake-up still waits beside it`);
}

/** I9: a card lets nobody decide what is decided, and whoever is asked has one that lets them. */
function cardsAreTrue(world: Scene, stored: StoredGate, violated: Violated): void {
  const { gate } = stored;
  // What is dead says so to the operators; its cards wait for the replay.
  if (stored.outbox.length > 0 || stored.deadLetters.length > 0) return;
  const holder = stored.cards.findLast(({ question }) => question === questionOf(gate) && question !== undefined);
  const id = holder === undefined ? undefined : holderOf(holder);
  const cards = [...stored.cards, ...(id === undefined ? [] : (storedById(world, gate.org, id)?.cards ?? []))];
  const asked = gate.ask !== undefined && gate.state === 'asked' ? askedNow(gate.ask, gate.votes) : [];
  for (const { conversation, activityId, recipient, shows } of cards) {
    // It waits until its reader can be reached again.
    if (shows === 'parked' || activityId === '') continue;
    const message = world.teams.messages.find((one) => one.id === activityId && one.conversation === conversation);
    const last = message?.versions.at(-1);
    if (last?.summary !== summaryOf(gate) && wasOverwritten(world, message, summaryOf(gate))) continue;
    const isOffered = offeredBy(last).some((one) => one.requestId === gate.id && one.revision === gate.revision);
    const isAsked = asked.some(({ oid }) => recipient === `user:${oid}`);
    if (isOffered !== isAsked) violated('I9', `${recipient} ${isAsked ? 'cannot' : 'can still'} decide ${gate.id}`);
    const isAlone = stored.members.length === 0 && stored.cards.some((card) => card.activityId === activityId);
    if (isAlone && last?.summary !== summaryOf(gate))
      violated('I9', `${recipient} still sees "${last?.summary}" of ${gate.id}, not "${summaryOf(gate)}"`);
  }
}

function storedById({ store }: Scene, org: string, id: string): StoredGate | undefined {
  return decode(store.rowsOf('gate', `${org}~r~${id}`), '');
}

/** I21: every gate that waits was judged on everything committed to its scopes. */
function judgedOnEverything(world: Scene, { gate }: StoredGate, reconciles: boolean, violated: Violated): void {
  if (gate.judgement === undefined) {
    violated('I21', `request ${gate.id} was never judged`);
    return;
  }
  const heads = [gate.environment, '-'].map((environment) =>
    headsIn(world.store.rowsOf('scope', `${gate.org}~s~${SERVICE}~${environment}`), world.monitor.contents),
  );
  // Nothing wakes a gate for a changed policy but the reconciler.
  const version = reconciles ? world.policy : (gate.judgement.contract?.version ?? 0);
  const closed =
    gate.judgement.blocks.length > 0 || gate.judgement.obstacles.some(({ kind }) => SIGNALS.includes(kind));
  // What was sealed or judged just before something ended is looked at in the next round.
  const isOpen = [0, ROUND_MS].map((ago) => {
    const now = new Date(world.time - ago).toISOString();
    return passes(version, gate, heads, world.monitor.exceptions.coveredAt(world.step, now));
  });
  if (!isOpen.includes(!closed))
    violated('I21', `request ${gate.id} is ${gate.state}, which is not what its scopes say`);
}

/** I22: of the same stage of a pipeline only the newest run's newest attempt waits, with each of its checks. */
function onlyTheNewestWaits(world: Scene, violated: Violated): void {
  const stored = world.pipelines.stages.flatMap((stage) => storedOf(world, stage) ?? []);
  // Without a contract nothing of a scope is read, so that nobody is seen there.
  const waiting = stored.filter(({ gate }) => !isSettled(gate.state) && gate.judgement?.contract !== undefined);
  for (const [, gates] of Map.groupBy(waiting, ({ gate }) => `${gate.org} ${lineOf(gate)}`))
    if (new Set(gates.map(({ gate }) => `${gate.run.id} ${gate.attempt}`)).size > 1)
      violated('I22', `runs ${gates.map(({ gate }) => gate.run.id).join()} wait for the same stage`);
}

const SIGNALS = ['missing-signal', 'no-contract'];
