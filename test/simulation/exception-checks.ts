import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import { type Exception, isOver } from '../../services/domain/exception.ts';
import { nextLookAt } from '../../services/domain/exception-schedule.ts';
import { topicsOf } from '../../services/domain/exception-topics.ts';
import type { Gate } from '../../services/domain/gate.ts';
import { isSame, type NudgeRecord } from '../../services/domain/nudge.ts';
import { aboutException } from '../../services/domain/nudge-about.ts';
import type { Row } from '../../services/ports/table.ts';
import { decodeEvidence } from '../../services/tables/evidence-row.ts';
import { decodeStored } from '../../services/tables/exception-codec.ts';
import { ORG, TENANT } from '../builders.ts';
import type { Cast } from './cast.ts';
import { exceptionIn, isEntry, isHeader, longestCover } from './exception-watch.ts';
import { LATER_FIELD } from './next-version.ts';
import type { Scene } from './scene.ts';
import { DIRECTORY, GRANTING, LIMITS, POLICIES, SERVICE } from './scenery.ts';
import { saidOf, wasOverwritten } from './teams.ts';

type Violated = (invariant: string, what: string) => void;

/** Between two looks of the world at rest. */
export const ROUND_MS = 240_000;
/** Clocks differ by a minute, and two of them meet at every renewal. */
const CLOCKS_DAYS = 1 / 96;

const PLACES = ['prod', 'staging'].map((environment) => `${ORG}~s~${SERVICE}~${environment}`);

/** What must hold of exceptions once the world has come to rest. */
export function exceptionsHold(world: Scene, cast: Cast, violated: Violated): void {
  wordsAreTrue(world, cast, violated);
  nothingIsCoveredForEver(world, violated);
  gatesWaitForWhatIsOpen(world, violated);
  listsAreTrue(world, violated);
  for (const place of PLACES) {
    const rows = world.store.rowsOf('scope', place);
    if (rows.some(({ row }) => row.startsWith('o~'))) violated('I21', `a wake-up is left in ${place}`);
    for (const { values } of rows.filter(isHeader)) {
      const { id } = exceptionIn(values);
      const stored = decodeStored(rows.filter(isOf(id)), id);
      if (stored === undefined) continue;
      const { exception, evidence } = stored;
      if (firstBrokenEntry(evidence) !== undefined) violated('I10', `the chain of ${id} is broken`);
      const versions = world.monitor.exceptions.versions.get(id)?.length ?? 0;
      if (evidence.length !== versions)
        violated('I10', `${id} has changed ${versions} times and has ${evidence.length} entries`);
      const isRowThere = (row: string) => rows.some((one) => one.row === row);
      if (isRowThere(`a~${id.toLowerCase()}`) !== (exception.state === 'active'))
        violated('I5', `${id} is ${exception.state}, and judgements read otherwise`);
      if (isRowThere(stored.pending) && exception.state !== 'requested' && pendingIn(rows, stored.pending) === id)
        violated('I21', `${id} is ${exception.state}, and gates are told to wait for it`);
      timeIsNoted(world, exception, violated);
      if (stored.showing !== undefined) violated('I9', `cards of ${id} are still to be shown`);
      everybodyIsTold(world, stored, violated);
    }
  }
}

/** Of this exception, or of all. */
const isOf =
  (id: string) =>
  ({ row }: Row) => {
    const [kind = '', of] = row.split('~');
    return !['c', 'e'].includes(kind) || of === id.toLowerCase();
  };

function pendingIn(rows: ReturnType<Scene['store']['rowsOf']>, pending: string): string | undefined {
  const row = rows.find((one) => one.row === pending);
  return row === undefined ? undefined : exceptionIn(row.values).id;
}

/** I1, I4, I8 */
function wordsAreTrue({ store }: Scene, { toldOfExceptions }: Cast, violated: Violated): void {
  const entries = store.dump().filter((one) => one.table === 'scope' && isEntry(one));
  const asked = entries.flatMap((one) =>
    /"kind":"exception-requested"/.test(decodeEvidence(one).entry) ? [one.values['op']] : [],
  );
  if (new Set(asked).size !== asked.length) violated('I4', 'one word asked for two exceptions');
  const changes = entries.filter((one) => !decodeEvidence(one).entry.includes('"kind":"refused"'));
  const once = changes.map(({ row, values }) => `${row.split('~')[1]} ${values['op']}`);
  const twice = once.filter((one, index) => once.indexOf(one) !== index);
  if (twice.length > 0) violated('I4', `one word changed an exception twice: ${twice}`);
  for (const { oid, op, answer, recorded, alone } of toldOfExceptions) {
    if (['done', 'requested', 'joined'].includes(answer)) {
      if (!recorded) violated('I8', `${oid} was told "${answer}" of an exception and it was not recorded`);
      if (answer === 'done' && !entries.some(({ values }) => values['op'] === op))
        violated('I1', `a word of ${oid} is lost`);
    } else if (recorded && alone) violated('I8', `${oid} was told "${answer}" although it was recorded`);
  }
}

/** I5: no sequence of words hides a finding for longer than its control grants. */
function nothingIsCoveredForEver({ monitor }: Scene, violated: Violated): void {
  const most = (LIMITS.maxDays + 1) * (LIMITS.renewals + 1) + CLOCKS_DAYS;
  for (const { what, days } of longestCover(monitor.exceptions))
    if (days > most) violated('I5', `${what} is covered for ${days.toFixed(2)} days`);
}

/** I21 */
function gatesWaitForWhatIsOpen({ store, monitor }: Scene, violated: Violated): void {
  for (const { table, row, values } of store.dump()) {
    if (table !== 'gate' || row !== 'h') continue;
    const { id, state, awaits = [] } = JSON.parse(String(values['gate'])) as Gate;
    if (state !== 'blocked') continue;
    for (const exception of awaits) {
      const now = monitor.exceptions.versions.get(exception)?.at(-1)?.exception.state;
      if (now !== 'requested') violated('I21', `${id} waits for ${exception}, which is ${now}`);
    }
  }
}

/** Without what only the next version writes, of which the monitor knows nothing. */
function known(exception: Exception): string {
  return JSON.stringify(exception, (key, value) => (key === LATER_FIELD ? undefined : value));
}

/** I8: what lists and budgets are made of. */
function listsAreTrue({ store, monitor }: Scene, violated: Violated): void {
  const rows = store.rowsOf('open', `${ORG}~exception`);
  const listed = new Map(rows.map(({ values }) => [exceptionIn(values).id, known(exceptionIn(values))]));
  for (const [id, versions] of monitor.exceptions.versions) {
    const exception = versions.at(-1)?.exception;
    const wanted = exception === undefined || isOver(exception.state) ? undefined : known(exception);
    if (listed.get(id) !== wanted) violated('I8', `${id} is ${exception?.state} and listed as something else`);
  }
}

/** I9 */
function timeIsNoted(world: Scene, exception: Exception, violated: Violated): void {
  const calendar = POLICIES.get(world.crew)?.[1]?.contract?.calendar;
  const at = calendar === undefined ? undefined : nextLookAt(exception, calendar);
  if (at !== undefined && Date.parse(at) < world.time - ROUND_MS)
    violated('I9', `${exception.id} is ${exception.state} since before ${at}, and nobody noticed`);
}

/** I9: everybody concerned has a message that shows it as it is, or it is parked until they can be reached. */
function everybodyIsTold(
  world: Scene,
  { exception, cards }: NonNullable<ReturnType<typeof decodeStored>>,
  violated: Violated,
): void {
  const { id } = exception;
  for (const { topic, recipient, activityId, conversation, shows } of cards) {
    if (activityId === '' || shows === '') {
      const place = `${TENANT}~u~${recipient.slice('user:'.length)}`;
      const isParked = world.store.rowsOf('conv', place).some(({ row }) => row.startsWith(`p~${ORG}~`));
      const isWanted = activityId !== '' || topicsOf(exception).some(({ key }) => key === topic);
      const isKept =
        conversation !== '' && isNudged(world, recipient, { about: aboutException(exception), slot: topic });
      if (isWanted && !isParked && !isKept)
        violated('I9', `${recipient} is neither told "${topic}" of ${id} nor is it parked`);
      continue;
    }
    const message = world.teams.messages.find((one) => one.id === activityId && one.conversation === conversation);
    const shown = message?.versions.at(-1)?.summary;
    const wanted = saidOf(exception, topic.split(' ')[0] ?? '');
    if (shown !== wanted && !wasOverwritten(world, message, wanted))
      violated('I9', `${recipient} still sees "${shown}" of ${id}`);
  }
  const asks = cards.filter(({ topic }) => topic === 'ask');
  const isUnreached = asks.every(({ conversation }) => conversation === '');
  if (exception.state === 'requested' && isUnreached !== (exception.silence?.unreachedAt !== undefined))
    violated('I9', `whether anybody was asked for ${id} is otherwise than noted`);
  // Who belongs to whom changes nothing about messages that were sent before.
  if (world.directory !== DIRECTORY) return;
  for (const { key, to } of topicsOf(exception))
    for (const oid of to.flatMap((audience) => readersOf(exception, audience, key)))
      if (!cards.some(({ topic, recipient }) => topic === key && recipient === `user:${oid}`))
        violated('I9', `${oid} was not told "${key}" of ${id}`);
}

/** It waits for its reader, or was said to them. */
function isNudged(world: Scene, reader: string, nudge: { readonly about: string; readonly slot: string }): boolean {
  const records = world.store.rowsOf('roll', `${TENANT}~nudge`);
  const found = records.map(({ values }) => JSON.parse(String(values['nudges'])) as NudgeRecord);
  const { waiting = [], said = [] } = found.find((record) => record.reader === reader) ?? {};
  return [...waiting, ...said].some((one) => isSame(one, nudge));
}

function readersOf({ askers, terms, target, votes }: Exception, audience: string, topic: string): readonly string[] {
  const asked = askers.map(({ by }) => by.oid);
  const { group } = GRANTING[target.control as keyof typeof GRANTING];
  if (audience === 'askers') return asked;
  const done = topic === 'remind' ? votes.map(({ by }) => by.oid) : [];
  if (audience === 'approvers') return membersOf(`group:${group}`).filter((oid) => ![...asked, ...done].includes(oid));
  return membersOf(audience === 'owner' ? terms.owner : 'group:security-leads');
}

function membersOf(principal: string): readonly string[] {
  return principal.startsWith('user:')
    ? [principal.slice('user:'.length)]
    : (DIRECTORY.groups.get(principal.slice('group:'.length)) ?? []);
}
