import { dateIn } from './domain/calendar.ts';
import type { EvidenceDraft } from './domain/evidence.ts';
import type { TriagedFinding, TriageOffer } from './domain/open-finding.ts';
import type { Person, PersonActor, Principal } from './domain/person.ts';
import { isOverdue, latestSnooze, type Snooze, type Triage, triaged } from './domain/triage.ts';
import type { TriageRefusal } from './domain/triage-refusal.ts';
import { readWrittenDate } from './domain/written-date.ts';
import { isActive } from './ports/holders.ts';
import { type FindingNeeds, type FindingWish, type LocatedFinding, locateFinding } from './ports/located-finding.ts';
import { type Meant, personMeant } from './ports/meant.ts';
import type { Conversations } from './ports/notifier.ts';
import { type AnswerNeeds, unlessUnknown } from './ports/triage-answer.ts';
import type { StoredTriage } from './ports/triage-store.ts';

interface Needs extends FindingNeeds, AnswerNeeds {
  readonly conversations: Pick<Conversations, 'userIdOf'>;
}

export interface TriageWish extends FindingWish {
  readonly op: string;
}

export type TriageAnswered =
  | ({ readonly kind: 'done' } & TriagedFinding)
  | { readonly kind: 'refused'; readonly why: TriageRefusal; readonly finding?: LocatedFinding };

export type Triaging = ReturnType<typeof createTriage>;

/** What people do with open findings. None of it permits, blocks or hides anything from a gate. Each rejects when the store does not answer. */
export function createTriage(needs: Needs) {
  return {
    /** Whoever says so mends it. */
    claim: (wish: TriageWish): Promise<TriageAnswered> => carryOut(needs, wish, claim),
    /** Somebody active of the directory mends it. */
    assign: (wish: TriageWish & { readonly to: Meant }): Promise<TriageAnswered> =>
      carryOut(needs, wish, (said) => assign(needs, said, wish.to)),
    /** `until` is a day as it is written, or `fix`; `timezone` is that of whoever wrote it. */
    snooze: (
      wish: TriageWish & { readonly until: string; readonly timezone?: string | undefined },
    ): Promise<TriageAnswered> => carryOut(needs, wish, (said) => snooze(said, wish)),
    /** Nobody has it any more, and nothing is put off. */
    release: (wish: TriageWish): Promise<TriageAnswered> => carryOut(needs, wish, release),
    /** For whoever may say something about it. */
    offer: (wish: FindingWish): Promise<TriageOffer | TriageRefusal> =>
      unlessUnknown(needs, wish.by, () => offerFor(needs, wish)),
  };
}

/** What somebody says about a finding, and how it stands. */
interface Said {
  readonly by: PersonActor;
  readonly finding: LocatedFinding;
  readonly triage: Triage | undefined;
  /** Undefined: nobody is, or whoever was is gone. */
  readonly assignee: Person | undefined;
}

interface Change {
  readonly kind: 'claimed' | 'assigned' | 'snoozed' | 'released';
  /** Absent: nothing is left of it. */
  readonly triage?: Triage;
  /** Of whoever is named. */
  readonly name?: string;
}

type Act = (said: Said) => Promise<Change | TriageRefusal> | Change | TriageRefusal;

async function carryOut(needs: Needs, wish: TriageWish, act: Act): Promise<TriageAnswered> {
  const answer = await unlessUnknown(needs, wish.by, async (): Promise<TriageAnswered | TriageRefusal> => {
    const finding = await locateFinding(needs, wish);
    return 'code' in finding ? finding : actOn(needs, wish, finding, act);
  });
  return 'code' in answer ? { kind: 'refused', why: answer } : answer;
}

const TRIES = 4;

/** Once for each operation, on top of whatever others have done meanwhile. */
async function actOn(needs: Needs, wish: TriageWish, finding: LocatedFinding, act: Act): Promise<TriageAnswered> {
  let stored = await needs.triage.read(finding.key);
  for (let n = 0; n < TRIES; n += 1) {
    if (stored.evidence.some(({ op }) => op === wish.op)) return done(needs, finding, stored);
    const said = { by: wish.by, finding, triage: stored.triage, assignee: await assigneeOf(needs, stored.triage) };
    const change = (await mayNot(needs, said)) ?? (await act(said));
    if ('code' in change) return { kind: 'refused', why: change, finding };
    const committed = await needs.triage.commit(stored, {
      op: wish.op,
      at: finding.now,
      ...(change.triage === undefined ? {} : { triage: change.triage }),
      evidence: evidenceOf(said, change),
    });
    if (committed.kind === 'committed') return done(needs, finding, committed.stored);
    stored = committed.stored;
  }
  return { kind: 'refused', why: { code: 'not-recorded' }, finding };
}

async function done(needs: Needs, finding: LocatedFinding, { triage }: StoredTriage): Promise<TriageAnswered> {
  return { kind: 'done', ...standing(finding, triage, await assigneeOf(needs, triage)) };
}

function standing(finding: LocatedFinding, triage: Triage | undefined, assignee: Person | undefined): TriagedFinding {
  return {
    finding,
    ...(triage === undefined ? {} : { triage }),
    ...(assignee === undefined ? {} : { assignee }),
  };
}

async function assigneeOf({ directory }: Needs, triage: Triage | undefined): Promise<Person | undefined> {
  if (triage?.assignee === undefined) return undefined;
  const person = await directory.person(triage.assignee);
  return person !== undefined && isActive(person) ? person : undefined;
}

/** Its owners, the lead of its service, and whoever has it; asked of the directory as of now. */
async function mayNot({ directory }: Needs, { by, finding, assignee }: Said): Promise<TriageRefusal | undefined> {
  const { owners, lead } = finding;
  if (assignee?.oid === by.oid.toLowerCase()) return undefined;
  const concerned: Principal[] = [...owners, ...(lead === undefined ? [] : [lead])];
  if (await directory.isMember(by.oid, concerned)) return undefined;
  return { code: 'not-concerned', owners, ...(lead === undefined ? {} : { lead }) };
}

/** With those who own it, its control and its service at that moment. */
function evidenceOf({ by, finding, triage: before }: Said, { kind, triage, name }: Change): EvidenceDraft {
  const { service, fingerprint } = finding.key;
  const { owners, lead, places } = finding;
  const stateOf = ({ assignee, snoozed }: Triage) => ({
    ...(assignee === undefined ? {} : { assignee }),
    ...(snoozed === undefined ? {} : { snoozed: { ...snoozed } }),
  });
  return {
    kind: `finding-${kind}`,
    actor: by,
    data: {
      ...{ service, fingerprint },
      environments: [...new Set(places.map(({ environment }) => environment))].sort(),
      ...{ owners: [...owners], lead },
      controls: places.map(({ environment, group: { control, decision, owner } }) => ({
        environment,
        control,
        decision,
        owner,
      })),
      ...(before === undefined ? {} : { before: stateOf(before) }),
      ...(triage === undefined ? {} : { after: stateOf(triage) }),
    },
    ...(name === undefined ? {} : { texts: { assignee: name } }),
  };
}

/** What somebody else has who is there is theirs until they or an owner say otherwise. */
function claim({ by, finding, triage, assignee }: Said): Change | TriageRefusal {
  const oid = by.oid.toLowerCase();
  if (assignee !== undefined && assignee.oid !== oid) return { code: 'claimed', name: assignee.name };
  return { kind: 'claimed', triage: next({ by, finding, triage }, { assignee: oid }) };
}

function next(
  { by, finding, triage }: Pick<Said, 'by' | 'finding' | 'triage'>,
  change: { readonly assignee: string } | { readonly snoozed: Snooze },
): Triage {
  return triaged(triage, finding.key.fingerprint, { ...change, by: by.oid.toLowerCase(), at: finding.now });
}

async function assign(needs: Needs, said: Said, to: Meant): Promise<Change | TriageRefusal> {
  const person = await personMeant(needs, to);
  if (typeof person === 'string') return { code: person };
  if (person.disabled) return { code: 'assignee-disabled', name: person.name };
  if (person.guest) return { code: 'assignee-guest', name: person.name };
  return { kind: 'assigned', triage: next(said, { assignee: person.oid.toLowerCase() }), name: person.name };
}

const FIX = /^(?:until )?(?:there is )?(?:a )?fix(?:ed)?(?: exists| is available)?$/i;

function snooze(
  said: Said,
  { until, timezone }: { readonly until: string; readonly timezone?: string | undefined },
): Change | TriageRefusal {
  const { finding } = said;
  const groups = finding.places.map(({ group }) => group);
  const loud = unsnoozable(finding);
  if (loud !== undefined) return loud;
  if (FIX.test(until.trim())) {
    if (groups.some(({ fixAvailable }) => fixAvailable === true)) return { code: 'fix-exists' };
    return { kind: 'snoozed', triage: next(said, { snoozed: { untilFix: true } }) };
  }
  const { latest, today, ...basis } = snoozeBasis(finding, timezone);
  const maxDays = Math.round((Date.parse(latest) - Date.parse(today)) / 86_400_000);
  const written = readWrittenDate(until, { ...basis, now: finding.now, maxDays });
  if (written.kind === 'refused') return written.why;
  return { kind: 'snoozed', triage: next(said, { snoozed: { until: written.date } }) };
}

/** Where it warns in time somewhere it can be put off there; what blocks or is overdue stays loud all the same. */
function unsnoozable({ places, now }: LocatedFinding): TriageRefusal | undefined {
  const warns = places.filter(({ group }) => group.decision === 'warn');
  if (warns.some(({ group }) => !isOverdue(group, now))) return undefined;
  const overdue = warns.find(({ group }) => group.dueAt !== undefined)?.group.dueAt;
  if (overdue !== undefined) return { code: 'overdue', dueAt: overdue };
  const blocking = places.find(({ group }) => group.decision === 'block');
  if (blocking === undefined) return { code: 'only-counted' };
  const { environment, group } = blocking;
  return { code: 'blocks', environment, ...(group.foundAfter === undefined ? {} : { foundAfter: group.foundAfter }) };
}

function snoozeBasis({ places, policy, now }: LocatedFinding, zone: string | undefined) {
  const calendar = policy.contract?.calendar;
  const timezone = zone ?? calendar?.timezone ?? 'UTC';
  const today = dateIn({ timezone }, now);
  const latest = latestSnooze(
    today,
    places.flatMap(({ group: { decision, dueAt } }) => (decision === 'warn' && dueAt !== undefined ? [dueAt] : [])),
  );
  return { latest, today, timezone, ...(calendar?.cadences === undefined ? {} : { cadences: calendar.cadences }) };
}

function release({ triage }: Said): Change | TriageRefusal {
  return triage === undefined ? { code: 'nothing-to-release' } : { kind: 'released' };
}

async function offerFor(needs: Needs, wish: FindingWish): Promise<TriageOffer | TriageRefusal> {
  const finding = await locateFinding(needs, wish);
  if ('code' in finding) return finding;
  const { triage } = await needs.triage.read(finding.key);
  const assignee = await assigneeOf(needs, triage);
  const refusal = await mayNot(needs, { by: wish.by, finding, triage, assignee });
  if (refusal !== undefined) return refusal;
  const members = await Promise.all(finding.owners.map((owner) => needs.directory.membersOf(owner)));
  const people = new Map(members.flat().map((person) => [person.oid, person]));
  return {
    ...standing(finding, triage, assignee),
    people: [...people.values()].filter(isActive).sort((a, b) => (a.name < b.name ? -1 : 1)),
    latest: snoozeBasis(finding, undefined).latest,
  };
}
