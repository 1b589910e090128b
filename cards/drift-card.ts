import type { IAdaptiveCard } from 'adaptivecards';
import type { EntryKind } from '../services/domain/baseline.ts';
import type { AfterRelease, Change, DriftItem } from '../services/domain/drift.ts';
import type { DriftRefusal } from '../services/domain/drift-refusal.ts';
import type { DriftView } from '../services/domain/drift-view.ts';
import { changeWords, REVERT_HELP } from '../services/domain/drift-words.ts';
import { button } from './actions.ts';
import {
  banner,
  type CardElement,
  type ChoicesInput,
  card,
  type ExecuteAction,
  fact,
  type OpenUrlAction,
  row,
  section,
  sectionHead,
  timed,
  timedFact,
  title,
} from './card.ts';
import { cardText } from './card-text.ts';
import { revertPage } from './drift-pages.ts';
import { contentsWords, driftRefusalText } from './drift-words.ts';
import { fittingCard } from './fitting-card.ts';
import { present } from './gate-actions.ts';
import { counted, listOf, nameOf, type Viewer } from './names.ts';
import { localTime } from './show-time.ts';
import { plain } from './text.ts';
import { moreRow } from './who-approves-people.ts';

const SUMMARY_MAX = 240;
const WORDS_MAX = 320;
const WHY_MAX = 200;
const PEOPLE_SHOWN = 3;
/** How many rows of each part are shown: the first that fits. */
const EXTENTS = [10, 5, 2] as const;

/** What became of a click, in one line of ours. */
export interface DriftNote {
  readonly refused?: DriftRefusal;
  readonly accepted?: { readonly count: number; readonly until?: string };
  /** Its reader is told that the baseline was taken. */
  readonly isTaken?: true;
  /** Other environments of the service that have a baseline. */
  readonly others?: readonly DriftView[];
}

/** How one service in one environment differs from what was approved, with what can be done about it. */
export function driftCard(view: DriftView, viewer: Viewer = {}, note: DriftNote = {}): IAdaptiveCard {
  return fittingCard<number>(EXTENTS, (extent) => cardOf(view, note, extent), { zone: viewer.zone });
}

export function driftText(view: DriftView, viewer: Viewer = {}, note: DriftNote = {}): string {
  return cardText(driftCard(view, viewer, note), [], viewer.zone);
}

type Topic = 'open' | 'grown' | 'taken';

export function driftNewsCard(
  { drifted, topic }: { readonly drifted: DriftView; readonly topic: Topic },
  zone?: string,
): IAdaptiveCard {
  return driftCard(drifted, zone === undefined ? {} : { zone }, topic === 'taken' ? { isTaken: true } : {});
}

/** One line for notifications. Plain text. */
export function driftSummary({ drifted, topic }: { readonly drifted: DriftView; readonly topic: Topic }): string {
  if (topic === 'taken') return plain(`${placeWords(drifted)}: ${TAKEN.toLowerCase()}`, SUMMARY_MAX);
  const more = topic === 'grown' ? 'More of it: ' : '';
  return plain(`${more}${placeWords(drifted)}: ${headlineOf(drifted)}`, SUMMARY_MAX);
}

function placeWords({ service, environment }: DriftView): string {
  return `${nameOf(service)} in ${nameOf(environment)}`;
}

const KINDS = ['changed', 'removed', 'added'] as const;
const SYMBOLS: Readonly<Record<Change['kind'], string>> = { added: '+', removed: '–', changed: '▲' };
const HEADS: Readonly<Record<Change['kind'], string>> = { added: 'Added', removed: 'Removed', changed: 'Changed' };

function cardOf(view: DriftView, note: DriftNote, extent: number): IAdaptiveCard {
  const { drift } = view;
  const place = placeWords(view);
  const numbered = inOrder(drift.items);
  const isSaid = seenAlike(drift.items) !== undefined;
  const body: CardElement[] = [
    title(`${place}: ${note.isTaken ? 'baseline' : 'drift'}`),
    banner('state', toneOf(view), stateRows(view, note)),
    { type: 'FactSet', id: 'facts', spacing: 'medium', facts: factsOf(view) },
    ...KINDS.flatMap((kind) => {
      const own = numbered.filter(({ item }) => item.kind === kind);
      return part(
        kind,
        HEADS[kind],
        own.map((one) => itemRows(one, numbered.length, isSaid)),
        extent,
      );
    }),
    ...part('unknown', 'Not known', drift.unknown.map(unknownRows), extent),
    ...part('accepted', 'Accepted until a day', acceptedRows(view), extent),
    ...choicesOf(numbered, extent),
  ];
  const spoken = plain(`${place}. ${note.isTaken ? TAKEN : headlineOf(view)}.`, SUMMARY_MAX);
  const actions = present([openButton(view), acceptButton(view), exceptButton(view)]);
  return card({
    body,
    actions,
    fallbackText: `${spoken} Write "drift ${nameOf(view.service)} ${nameOf(view.environment)}".`,
    speak: spoken,
  });
}

function toneOf({ drift }: DriftView): 'attention' | 'emphasis' | 'good' {
  if (drift.items.length > 0) return 'attention';
  return drift.unknown.length > 0 ? 'emphasis' : 'good';
}

function headlineOf({ drift: { items, unknown } }: DriftView): string {
  if (items.length > 0) return `${counted(items.length, 'change')} that nobody has approved`;
  return unknown.length > 0 ? 'as approved, as far as it is known' : 'all is as approved';
}

const TAKEN = 'Its baseline is taken';
const TAKEN_HELP =
  'What is so now counts as approved: whatever of it changes, you are told. Only an approver can take a change into it. What is wrong in it today is no drift; "posture" shows that.';

function stateRows(view: DriftView, { refused, accepted, isTaken, others = [] }: DriftNote): CardElement[] {
  if (isTaken) return [row(`✓ ${TAKEN}`, { weight: 'bolder' }), row(TAKEN_HELP)];
  const head = headlineOf(view);
  const symbol = view.drift.items.length > 0 ? '!' : view.drift.unknown.length > 0 ? '?' : '✓';
  return [
    row(`${symbol} ${head.slice(0, 1).toUpperCase()}${head.slice(1)}`, { weight: 'bolder' }),
    ...(accepted === undefined ? [] : [timed(acceptedNote(accepted))]),
    ...(refused === undefined ? [] : [row(`! ${driftRefusalText(refused)}`)]),
    ...(view.drift.items.length > 0 && accepted === undefined ? [row(termsWords(view))] : []),
    ...others.map((other) => row(`Also ${placeWords(other)}: ${headlineOf(other)}`, { isSubtle: true })),
  ];
}

function acceptedNote({ count, until }: { readonly count: number; readonly until?: string }): string {
  const taken = `✓ ${counted(count, 'change is', 'changes are')} taken into the baseline`;
  return until === undefined ? `${taken}.` : `${taken} until ${localTime(until)}; then it is drift again.`;
}

function termsWords({ acceptedDays, ...view }: DriftView): string {
  const lasts = acceptedDays === undefined ? '' : ` for ${acceptedDays} days`;
  return `Take it back, or have an approver of ${placeWords(view)} accept it${lasts}.`;
}

function factsOf({ taken, contents, drift: { comparedAt, items } }: DriftView) {
  const alike = seenAlike(items);
  const by = taken.approvedBy.length === 0 ? 'people' : peopleOf(taken.approvedBy);
  const at = `Taken after ${nameOf(taken.runName)}, approved by ${by}, ${localTime(taken.at)}`;
  return [
    timedFact('Baseline', at),
    // What is in it leads away from what has changed.
    ...(items.length === 0 ? [fact('It holds', contentsWords(contents))] : []),
    ...(alike === undefined ? [] : [timedFact('Changed', alike)]),
    timedFact('Compared', comparedAt === '' ? 'not yet' : localTime(comparedAt)),
  ];
}

/** When several things were seen at once, after the same deployment, that is said once. */
function seenAlike(items: readonly DriftItem[]): string | undefined {
  const [words, ...others] = new Set(items.map(seenWords));
  return items.length > 1 && others.length === 0 ? words : undefined;
}

function seenWords({ isUnknown, since, release }: DriftItem): string {
  const unknown = isUnknown === true ? '? cannot be looked at now · ' : '';
  return `${unknown}seen ${localTime(since)} · ${releaseWords(release)}`;
}

function peopleOf(people: AfterRelease['approvedBy']): string {
  return listOf(
    people.map(({ name }) => nameOf(name)),
    PEOPLE_SHOWN,
  );
}

function part(id: string, head: string, rows: readonly (readonly CardElement[])[], extent: number): CardElement[] {
  if (rows.length === 0) return [];
  return [section(id, [sectionHead(head), ...rows.slice(0, extent).flat(), ...moreRow(rows.length - extent, 'more')])];
}

interface Numbered {
  readonly item: DriftItem;
  readonly number: number;
}

/** As they are shown; each is chosen by its number. */
function inOrder(items: readonly DriftItem[]): Numbered[] {
  const shown = KINDS.flatMap((kind) => items.filter((item) => item.kind === kind));
  return shown.map((item, index) => ({ item, number: index + 1 }));
}

function kindOf({ before, after }: Change): EntryKind {
  return (after ?? before)?.kind ?? 'check';
}

const ENTRY_WORDS: Readonly<Record<EntryKind, string>> = {
  environment: 'environment',
  check: 'check',
  'branch-policy': 'branch policy',
  reach: 'access',
  connection: 'service connection',
  role: 'role',
  resource: 'resource',
};

function itemRows({ item, number }: Numbered, count: number, isSaid: boolean): CardElement[] {
  const mark = count < 2 ? SYMBOLS[item.kind] : `${number} ${SYMBOLS[item.kind]}`;
  return [
    row(`${mark} ${plain(changeWords(item), WORDS_MAX)}`, { weight: 'bolder' }),
    ...(isSaid ? [] : [timed(seenWords(item), { isSubtle: true, spacing: 'none' })]),
    row(`Take it back in ${REVERT_HELP[kindOf(item)]}`, { isSubtle: true, spacing: 'none' }),
  ];
}

function releaseWords(release: AfterRelease | undefined): string {
  if (release === undefined) return 'after no deployment that is known';
  const by = release.approvedBy.length === 0 ? '' : `, approved by ${peopleOf(release.approvedBy)}`;
  return `after run ${nameOf(release.runName)}${by}`;
}

function unknownRows({ name, unknown }: DriftView['drift']['unknown'][number]): CardElement[] {
  return [row(`? ${plain(name, WORDS_MAX)}: ${plain(unknown ?? '', WHY_MAX)}`)];
}

function acceptedRows({ accepted }: DriftView): CardElement[][] {
  return accepted.map(({ change, by, until }) => [
    timed(`✓ ${plain(changeWords(change), WORDS_MAX)} · by ${nameOf(by.name)} · until ${localTime(until)}`),
  ]);
}

/** Of one change nobody has to choose; of several those that are shown, by their numbers. */
function choicesOf(numbered: readonly Numbered[], extent: number): ChoicesInput[] {
  if (numbered.length < 2) return [];
  const shown = KINDS.flatMap((kind) => numbered.filter(({ item }) => item.kind === kind).slice(0, extent));
  const choices = shown.map(({ item, number }) => ({
    title: `${number} · ${ENTRY_WORDS[kindOf(item)]} ${item.kind}`,
    value: item.fingerprint,
  }));
  const label = 'Which changes';
  return [{ type: 'Input.ChoiceSet', id: 'only', label, style: 'expanded', isMultiSelect: true, choices, value: '' }];
}

/** Of what is most likely to be taken back first. */
function openButton({ organization, drift: { items } }: DriftView): OpenUrlAction | undefined {
  const url = inOrder(items)
    .map(({ item }) => revertPage(organization, item))
    .find((page) => page !== undefined);
  return url === undefined
    ? undefined
    : {
        type: 'Action.OpenUrl',
        id: 'open',
        title: items.length === 1 ? 'Open to take it back' : 'Open the first',
        url,
      };
}

function acceptButton(view: DriftView): ExecuteAction | undefined {
  if (view.drift.items.length === 0) return undefined;
  const title = view.acceptedDays === undefined ? 'Accept' : `Accept for ${view.acceptedDays} days`;
  return button({ id: 'accept', title, data: { verb: 'drift.accept', ...meant(view) }, inputs: 'auto' });
}

function exceptButton(view: DriftView): ExecuteAction | undefined {
  if (view.drift.items.length === 0) return undefined;
  return button({
    id: 'except',
    title: 'Request exception',
    data: { verb: 'drift.except', ...meant(view) },
    inputs: 'auto',
  });
}

function meant({ org, service, environment, drift: { revision } }: DriftView) {
  return { org, service, environment, revision };
}
