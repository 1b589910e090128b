import type { IAdaptiveCard } from 'adaptivecards';
import type { Gate } from '../services/domain/gate.ts';
import { button, MOST_AT_ONCE } from './actions.ts';
import { commentInput } from './approval-card.ts';
import {
  banner,
  type CardElement,
  card,
  type ExecuteAction,
  fact,
  line,
  type Refresh,
  sectionHead,
  timed,
  title,
  words,
} from './card.ts';
import { cardText } from './card-text.ts';
import { openRunButton, present, refreshBy, refreshTitle } from './gate-actions.ts';
import { groupRow, isOneRun, isWaiting, waitsFor } from './group-rows.ts';
import { exceptionsIn, historyOf, warningsIn } from './group-sections.ts';
import { approversOf, counted, listOf, nameOf, plural, requesterOf, runName, type Viewer } from './names.ts';
import { inZone, localTime, withTimes } from './show-time.ts';
import { plain } from './text.ts';
import { STATE_LOOKS } from './words.ts';

const NAME_MAX = 64;
const SPOKEN_MAX = 600;
const SUMMARY_MAX = 240;
const FALLBACK_MAX = 1_000;

/** Sentences about what a click did not do; our own words. */
export type GroupNotes = readonly string[];

/**
 * Several gates that ask the same people, each with its own state, and one confirmation for those that wait. What this
 * viewer is not asked about has no button.
 */
export function groupCard(gates: readonly Gate[], viewer?: Viewer, notes: GroupNotes = []): IAdaptiveCard {
  const shown = gates.slice(0, MOST_AT_ONCE);
  const more = gates.length - shown.length;
  const context = { viewer, isOneRun: isOneRun(gates) };
  const mine = gates.filter((gate) => waitsFor(gate, viewer));
  const body: (CardElement | undefined)[] = [
    title(groupTitle(gates)),
    stateOfAll(gates),
    groupFacts(gates),
    {
      type: 'Container',
      id: 'gate',
      spacing: 'medium',
      separator: true,
      items: [
        sectionHead('Deployments'),
        ...shown.map((gate, index) => groupRow(gate, index, context)),
        ...(more > 0 ? [line(words(`and ${more} more, to be decided once these are`, { isSubtle: true }))] : []),
      ],
    },
    warningsIn(gates),
    exceptionsIn(gates),
    historyOf(gates, viewer),
    notesBanner(notes),
    mine.length === 0 ? undefined : commentInput({ comment: strictestOf(mine) }, ['approve', 'reject']),
  ];
  const shownCard = card({
    body: body.filter((element) => element !== undefined),
    actions: present([...decideButtons(mine), oneRunButton(gates), refreshButton(gates, viewer)]),
    fallbackText: plain(`${groupSpoken(gates, viewer)} ${typedWays(mine)}`, FALLBACK_MAX),
    speak: groupSpoken(gates, viewer),
    refresh: refreshOfMany(gates, viewer),
  });
  return inZone(shownCard, viewer?.zone);
}

/** The card, and the same in plain text with what can be typed instead of clicked. */
export function groupAnswer(gates: readonly Gate[], viewer?: Viewer, notes: GroupNotes = []) {
  const shown = groupCard(gates, viewer, notes);
  const mine = gates.filter((gate) => waitsFor(gate, viewer));
  return { text: cardText(shown, [typedWays(mine)], viewer?.zone), card: shown };
}

/** What can be typed instead of clicking. */
function typedWays(mine: readonly Gate[]): string {
  if (mine.length === 0) return 'Type "why ID" for the details.';
  const ids = mine.slice(0, MOST_AT_ONCE).map(({ id }) => id);
  return `Type "approve ${ids.join(' ')}" or "reject …" and why.`;
}

/** One line for notifications. Plain text. */
export function groupSummary(gates: readonly Gate[]): string {
  return plain(groupTitle(gates), SUMMARY_MAX);
}

const NOTES_SHOWN = 5;
const NOTE_MAX = 400;

/** What is the same for several is said of the first ones; the rows show how the others stand. */
function notesBanner(notes: GroupNotes) {
  if (notes.length === 0) return undefined;
  const more = notes.length - NOTES_SHOWN;
  return banner('error', 'warning', [
    ...notes.slice(0, NOTES_SHOWN).map((note) => line(words(`! ${plain(note, NOTE_MAX)}`))),
    ...(more > 0 ? [line(words(`! and ${more} more ${plural(more, 'was', 'were')} not decided`))] : []),
  ]);
}

/** A question only while it can be answered. */
function groupTitle(gates: readonly Gate[]): string {
  const services = [...new Set(gates.flatMap((gate) => gate.services))].map((name) => plain(name, NAME_MAX));
  const [first] = gates;
  const run = first !== undefined && isOneRun(gates) ? ` ${runName(first)}` : '';
  const what = `${counted(gates.length, 'deployment')} of ${listOf(services, 3)}${run}`;
  const waiting = gates.filter(isWaiting).length;
  if (waiting === 0) return what;
  return waiting === gates.length ? `Approve ${what}?` : `Approve ${waiting} of ${what}?`;
}

function groupSpoken(gates: readonly Gate[], viewer: Viewer | undefined): string {
  const { headline, next } = wordsOfAll(gates);
  return plain(withTimes(`${groupTitle(gates)} ${headline}. ${next}`, viewer?.zone), SPOKEN_MAX);
}

function stateOfAll(gates: readonly Gate[]) {
  const { headline, next, tone } = wordsOfAll(gates);
  return banner('state', tone, [
    line(words(headline, { weight: 'bolder' })),
    ...(next === '' ? [] : [timed(next, { spacing: 'none' })]),
  ]);
}

function wordsOfAll(gates: readonly Gate[]) {
  const byState = Map.groupBy(gates, ({ state }) => state);
  const counts = [...byState].map(([state, all]) => `${STATE_LOOKS[state].symbol} ${all.length} ${wordOf(state)}`);
  const waiting = byState.get('asked') ?? [];
  const closes = waiting.map(({ closesAt }) => closesAt).sort();
  const next =
    closes[0] === undefined
      ? ''
      : `The first closes ${localTime(closes[0])}. ${withoutDecision(waiting)} Each is told its own verdict.`;
  const tones = [...byState.keys()].map((state) => STATE_LOOKS[state].tone);
  const settled = tones.every((tone) => tone === 'good') ? 'good' : 'emphasis';
  return {
    headline: counts.join(', '),
    next,
    tone: waiting.length > 0 ? ('accent' as const) : tones.includes('attention') ? ('attention' as const) : settled,
  } as const;
}

function withoutDecision(waiting: readonly Gate[]): string {
  const native = waiting.filter(({ door }) => door.kind === 'approval').length;
  if (native === 0) return 'Without a decision by then its stage fails.';
  const left = 'is left to Azure DevOps, which goes on waiting.';
  return native === waiting.length
    ? `Without a decision by then it ${left}`
    : `Without a decision by then its stage fails; an approval of Azure DevOps' own ${left}`;
}

function wordOf(state: Gate['state']): string {
  return STATE_LOOKS[state].word.toLowerCase();
}

function groupFacts(gates: readonly Gate[]): CardElement {
  const [first] = gates;
  const asked = gates.find(isWaiting);
  const facts = [
    ...(first !== undefined && isOneRun(gates)
      ? [fact('Run', `${nameOf(first.run.pipeline.name)} · ${runName(first)}`)]
      : []),
    fact('Requested by', listOf([...new Set(gates.map(requesterOf))], 3)),
    ...(asked === undefined ? [] : [fact('Approvers', approversOf(asked))]),
  ];
  return { type: 'FactSet', id: 'facts', facts, spacing: 'medium' };
}

export function strictestOf(gates: readonly Gate[]) {
  const needs = (verdict: 'approve' | 'reject') =>
    gates.some(({ ask }) => ask?.comment[verdict] === 'required') ? 'required' : 'optional';
  return { approve: needs('approve'), reject: needs('reject') } as const;
}

function decideButtons(mine: readonly Gate[]): (ExecuteAction | undefined)[] {
  if (mine.length === 0) return [];
  return [decideManyButton(mine, 'approve'), decideManyButton(mine, 'reject')];
}

/** With the revisions that the reader sees: one that has changed since is refused, the others are decided. */
export function decideManyButton(gates: readonly Gate[], verdict: 'approve' | 'reject', comment?: string) {
  const items = gates.slice(0, MOST_AT_ONCE).map(({ id, revision }) => ({ requestId: id, revision }));
  const verb = verdict === 'approve' ? 'Approve' : 'Reject';
  const first = gates.length > items.length ? `the first ${items.length}` : `all ${items.length}`;
  return button({
    id: verdict,
    title: items.length === 1 ? verb : `${verb} ${first}`,
    data: { verb: 'approval.decideMany', items, verdict, ...(comment === undefined ? {} : { comment }) },
    inputs: comment === undefined ? 'auto' : 'none',
    style: verdict === 'approve' ? 'positive' : 'destructive',
  });
}

function oneRunButton(gates: readonly Gate[]) {
  const [first] = gates;
  return first !== undefined && isOneRun(gates) ? openRunButton(first) : undefined;
}

/** A channel's card is one for everybody: whoever is asked fetches a view of their own. */
function refreshOfMany(gates: readonly Gate[], viewer: Viewer | undefined): Refresh | undefined {
  return gates.some(isWaiting) ? refreshBy(refreshButton(gates, viewer), viewer) : undefined;
}

function refreshButton(gates: readonly Gate[], viewer: Viewer | undefined): ExecuteAction | undefined {
  const requestIds = gates.slice(0, MOST_AT_ONCE).map(({ id }) => id);
  const title = refreshTitle(gates.some(isWaiting), viewer);
  return button({ id: 'refresh', title, data: { verb: 'approval.viewMany', requestIds }, inputs: 'none' });
}
