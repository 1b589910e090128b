import type { IAdaptiveCard } from 'adaptivecards';
import type { FindingView } from '../services/domain/finding-view.ts';
import { printIn } from '../services/domain/judgement.ts';
import { button } from './actions.ts';
import {
  banner,
  type CardAction,
  type CardElement,
  card,
  type Fact,
  fact,
  line,
  row,
  section,
  sectionHead,
  timed,
  timedFact,
  title,
  words,
} from './card.ts';
import { cardText } from './card-text.ts';
import { contextWords } from './context-words.ts';
import { DECISION_WORDS, standingWords } from './finding-rows.ts';
import { FOUND_AFTER } from './found-after-words.ts';
import { present } from './gate-actions.ts';
import { placeOf, RULE_MAX } from './gate-findings.ts';
import { counted, nameOf, plural, type Viewer } from './names.ts';
import { inZone, localTime, showDate } from './show-time.ts';
import { plain } from './text.ts';
import { shortPrint, snoozeWords } from './triage-words.ts';
import { moreRow } from './who-approves-people.ts';

const NAME_MAX = 64;
const TEXT_MAX = 220;
const PLACES_SHOWN = 6;
const PATH_MAX = 120;
const EVENTS_SHOWN = 8;
const EXCEPTIONS_SHOWN = 5;
const SOURCES_SHOWN = 4;
const COMMIT_SHOWN = 10;

/** One finding: what it is, what the contract says of it where, its past, who has it, its exceptions. */
export function findingCard(view: FindingView, viewer: Viewer = {}): IAdaptiveCard {
  const { key, places } = view;
  const group = places[0]?.group;
  const head = `${plain(group?.rule ?? lastRule(view) ?? 'Finding', RULE_MAX)} in ${plain(key.service, NAME_MAX)}`;
  const state = stateOf(view);
  const body: CardElement[] = [
    title(head),
    banner('state', state.tone, [line(words(state.words, { weight: 'bolder' }))]),
    { type: 'FactSet', id: 'facts', spacing: 'medium', facts: factsOf(view) },
    ...placesSection(view),
    ...pastSection(view),
    ...exceptionsSection(view),
  ];
  const spoken = `${head}. ${state.words}.`;
  const shown = card({
    body,
    actions: actionsOf(view, viewer),
    fallbackText: plain(spoken, 600),
    speak: plain(spoken, 600),
  });
  return inZone(shown, viewer.zone);
}

export function findingText(view: FindingView, viewer: Viewer = {}): string {
  return cardText(findingCard(view, viewer), [], viewer.zone);
}

function stateOf(view: FindingView) {
  const { places, isUnowned, assignee, triage } = view;
  if (places.length === 0) return { words: '✓ Gone: no report finds it any more', tone: 'good' } as const;
  const decision = (['block', 'warn', 'monitor'] as const).find((one) =>
    places.some(({ group }) => group.decision === one),
  );
  const isShipped =
    decision === 'block' && !places.some(({ group }) => group.decision === 'block' && group.foundAfter === undefined);
  const { symbol, word } = isShipped ? FOUND_AFTER : DECISION_WORDS[decision ?? 'monitor'];
  const said = [
    `${symbol} ${word.slice(0, 1).toUpperCase()}${word.slice(1)}`,
    ...(places.some(({ isOverdue }) => isOverdue) ? ['overdue'] : []),
    ...(isUnowned ? ['nobody has it'] : []),
    ...(assignee === undefined ? [] : [`${nameOf(assignee)} has it`]),
    ...(triage?.snoozed !== undefined && places.some(({ snoozes }) => snoozes.length > 0)
      ? [`put off ${snoozeWords(triage.snoozed)}`]
      : []),
  ];
  return {
    words: said.join(', '),
    tone: decision === 'block' || isUnowned ? ('attention' as const) : ('warning' as const),
  };
}

/** Of one that is gone, no report says its rule any more; what it was when it appeared is kept. */
function lastRule({ pasts }: FindingView): string | undefined {
  return pasts.flatMap(({ past }) => past.events.flatMap(({ rule }) => rule ?? [])).at(-1);
}

function factsOf(view: FindingView): Fact[] {
  const { key, places, triage, context } = view;
  const prints = new Set(places.map(({ group }) => printIn(group, key.fingerprint)));
  const sample = places.flatMap(({ group }) => group.samples).find(({ fingerprint }) => prints.has(fingerprint));
  const place = sample === undefined ? '' : placeOf(sample);
  return [
    ...(sample === undefined ? [] : [fact('What', plain(sample.message, TEXT_MAX))]),
    ...(place === '' ? [] : [fact('Where', place)]),
    ...(sample?.help === undefined ? [] : [fact('Fix', plain(sample.help, TEXT_MAX))]),
    ...(context === undefined
      ? []
      : [fact('Service', `${plain(context.service, NAME_MAX)}: ${contextWords(context)}`)]),
    ...(triage === undefined
      ? []
      : [
          timedFact(
            'Last word',
            `${triage.assignee === undefined ? 'put off' : 'taken or put off'} on ${localTime(triage.at)}`,
          ),
        ]),
    fact('Fingerprint', plain(key.fingerprint, 32)),
    ...sourcesOf(view).map((source) => fact('Same as', source)),
    ...likesOf(view).map((like) => fact('Like', like)),
  ];
}

/** A file that was moved is a new finding: where it was before. */
function likesOf({ key, places }: FindingView): string[] {
  const all = places.flatMap(({ group }) =>
    (group.likes ?? []).filter(({ of }) => of === printIn(group, key.fingerprint)),
  );
  const words = all.map(
    ({ fingerprint, path }) => `${shortPrint(fingerprint)}, gone from ${plain(path, PATH_MAX)}: was the file moved?`,
  );
  return [...new Set(words)].slice(0, SOURCES_SHOWN);
}

/** What else tools call it: `GHSA-35jh-r3h4-6jhm by grype, 12345678…`. */
function sourcesOf({ key, places }: FindingView): string[] {
  const all = places.flatMap(({ group }) => {
    const print = printIn(group, key.fingerprint);
    const own = { tool: group.tool, rule: group.rule, fingerprint: print ?? key.fingerprint };
    return [own, ...(group.duplicates ?? []).filter(({ of }) => of === print)];
  });
  const others = new Map(all.map((one) => [one.fingerprint, one]));
  others.delete(key.fingerprint);
  return [...others.values()]
    .slice(0, SOURCES_SHOWN)
    .map(
      ({ tool, rule, fingerprint }) =>
        `${plain(rule, RULE_MAX)} by ${plain(tool, NAME_MAX)}, ${shortPrint(fingerprint)}`,
    );
}

function placesSection({ places, at }: FindingView): CardElement[] {
  if (places.length === 0) return [];
  const rows = places.slice(0, PLACES_SHOWN).flatMap((listed) => {
    const { control, because } = listed.group;
    const why = because === undefined ? '' : `. ${plain(because, TEXT_MAX)}`;
    return [
      row(standingWords(listed, at)),
      row(`${control === undefined ? 'no control has it' : `control ${nameOf(control)}`}${why}`, {
        isSubtle: true,
        spacing: 'none',
      }),
    ];
  });
  return [
    section('findings', [
      sectionHead('What the contract says'),
      ...rows,
      ...moreRow(places.length - PLACES_SHOWN, 'more'),
    ]),
  ];
}

const EVENT_WORDS = { 'first-seen': 'first seen', gone: 'gone', reopened: 'back' } as const;

function pastSection({ pasts }: FindingView): CardElement[] {
  if (pasts.length === 0)
    return [
      section('history', [sectionHead('Its past'), row('No complete scan of the default branch has seen it yet.')]),
    ];
  const rows = pasts.flatMap(({ environment, past }) => {
    const { count, firstSeen, lastSeen, events, tool } = past;
    const where = environment === '-' ? '' : ` in ${plain(environment, NAME_MAX)}`;
    const until = lastSeen === undefined ? '' : `, last ${localTime(lastSeen)}`;
    const hidden = events.length - EVENTS_SHOWN;
    return [
      timed(
        `Seen ${counted(count, 'time')}${where} by ${plain(tool, NAME_MAX)}: first ${localTime(firstSeen)}${until}.`,
      ),
      ...moreRow(hidden, `earlier ${plural(hidden, 'event')}`),
      ...events.slice(-EVENTS_SHOWN).map((event) => timed(eventWords(event), { isSubtle: true })),
    ];
  });
  return [section('history', [sectionHead('Its past'), ...rows])];
}

function eventWords({ kind, at, commit, runId }: FindingView['pasts'][number]['past']['events'][number]): string {
  const by = [
    ...(commit === undefined ? [] : [`commit ${plain(commit.slice(0, COMMIT_SHOWN), COMMIT_SHOWN)}`]),
    ...(runId === undefined ? [] : [`run ${runId}`]),
  ];
  return `${EVENT_WORDS[kind]} ${localTime(at)}${by.length === 0 ? '' : `, ${by.join(', ')}`}`;
}

function exceptionsSection({ exceptions }: FindingView): CardElement[] {
  if (exceptions.length === 0) return [];
  const rows = exceptions
    .slice(0, EXCEPTIONS_SHOWN)
    .map(({ id, state, target, terms }) =>
      row(`${plain(id, NAME_MAX)}: ${state}, ${plain(target.environment, NAME_MAX)}, until ${showDate(terms.until)}`),
    );
  return [
    section('exceptions', [
      sectionHead('Exceptions'),
      ...rows,
      ...moreRow(exceptions.length - EXCEPTIONS_SHOWN, 'earlier ones'),
    ]),
  ];
}

/** What is answered in front of others has none: everybody acts on their own. */
function actionsOf({ key: { fingerprint, service }, places }: FindingView, { isPublic }: Viewer): CardAction[] {
  const [first] = places;
  if (first === undefined || isPublic === true) return [];
  const finding = { fingerprint, service, environment: first.environment };
  return present([
    button({ id: 'claim', title: 'Claim', data: { verb: 'finding.claim', ...finding }, inputs: 'none' }),
    button({ id: 'snooze', title: 'Put off', data: { verb: 'finding.snooze', ...finding }, inputs: 'none' }),
    button({ id: 'assign', title: 'Assign', data: { verb: 'finding.assign', ...finding }, inputs: 'none' }),
  ]);
}
