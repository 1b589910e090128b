import type { IAdaptiveCard } from 'adaptivecards';
import { SECTION_WORDS } from '../services/domain/platform-rules.ts';
import { organizationName } from '../services/domain/routing.ts';
import type { BrokenRule, PlacePosture, ScopePosture, UnreadPart } from '../services/domain/scope-posture.ts';
import { ageWords } from './age-words.ts';
import { subjectPage } from './azure-devops-pages.ts';
import { banner, type CardElement, card, line, row, section, sectionHead, title, words } from './card.ts';
import { cardText } from './card-text.ts';
import { type Check, checkRow, link, mutedNames, type NamedCheck } from './check-row.ts';
import { contextWords } from './context-words.ts';
import { DECISION_WORDS } from './finding-rows.ts';
import { fittingCard } from './fitting-card.ts';
import { RULE_MAX } from './gate-findings.ts';
import { counted, listOf, nameOf, plural } from './names.ts';
import { platformChecks } from './platform-checks.ts';
import { plain } from './text.ts';
import { moreRow } from './who-approves-people.ts';
import { SEVERITY_WORDS } from './words.ts';

const MESSAGE_MAX = 160;
const WHY_MAX = 240;

/** How many of each part are shown: the first that fits. */
const EXTENTS = [
  { places: 4, rules: 8, unread: 6 },
  { places: 2, rules: 4, unread: 3 },
  { places: 1, rules: 2, unread: 1 },
] as const;
type Extent = { readonly [Key in keyof (typeof EXTENTS)[number]]: number };

/** The five signals of each environment, what breaks the rules of the platform, and what nobody can tell. */
export function postureCard(posture: ScopePosture, zone?: string): IAdaptiveCard {
  return fittingCard<Extent>(EXTENTS, (extent) => cardOf(posture, extent), { zone });
}

export function postureText(posture: ScopePosture, zone?: string): string {
  return cardText(postureCard(posture, zone), [], zone);
}

function cardOf(posture: ScopePosture, extent: Extent): IAdaptiveCard {
  const { context, places, rules, unread } = posture;
  const service = nameOf(posture.service);
  const name = posture.environment === undefined ? service : `${service} in ${nameOf(posture.environment)}`;
  const { symbol, tone, headline } = standingOf(posture);
  const body: CardElement[] = [
    title(`Posture of ${name}`),
    ...(context === undefined ? [] : [row(contextWords(context), { isSubtle: true, spacing: 'none' })]),
    banner('state', tone, [line(words(`${symbol} ${headline}`, { weight: 'bolder' }))]),
    ...[...places]
      .sort(worstFirst)
      .slice(0, extent.places)
      .map((place, index) => placeSection(place, index, places)),
    ...moreRow(places.length - extent.places, `more: "posture ${service} ENV"`),
    section('findings', [
      sectionHead(rulesHead(posture)),
      ...(posture.unread === undefined && posture.rules.length === 0 ? [row(NOT_READ_HELP)] : []),
      ...rules.slice(0, extent.rules).flatMap(ruleRows),
      ...moreRow(
        rules.length - extent.rules,
        `more ${plural(rules.length - extent.rules, 'rule')}: "findings ${service}"`,
      ),
    ]),
    ...(unread === undefined || unread.length === 0 ? [] : [unreadSection(unread, posture.at, extent.unread)]),
  ];
  const spoken = plain(`Posture of ${name}. ${headline}. ${rulesHead(posture)}.`, 600);
  return card({ body, actions: [], fallbackText: spoken, speak: spoken });
}

/** Of each environment its five signals; what is not connected has no state to speak of. */
function checksIn({ places }: Pick<ScopePosture, 'places'>): readonly NamedCheck[] {
  return places.flatMap(({ judged }) => platformChecks(judged));
}

function standingOf(posture: ScopePosture) {
  const states = checksIn(posture).map(([, { state }]) => state);
  const failing = states.filter((state) => state === 'fail').length;
  const unknown = states.filter((state) => state === 'unknown' || state === 'missing').length;
  const not = unknown === 0 ? '' : `, ${unknown} not known`;
  if (failing > 0) return { symbol: '✗', tone: 'attention', headline: `${signals(failing)} failing${not}` } as const;
  if (unknown > 0) return { symbol: '?', tone: 'warning', headline: `${signals(unknown)} not known` } as const;
  const unread = posture.unread?.length ?? 0;
  if (unread > 0) return { symbol: '?', tone: 'warning', headline: `${PASSES}, but ${partsUnread(unread)}` } as const;
  const isConnected = states.includes('pass');
  return isConnected
    ? ({ symbol: '✓', tone: 'good', headline: PASSES } as const)
    : ({ symbol: '?', tone: 'emphasis', headline: 'No signal is connected' } as const);
}

const PASSES = 'Every signal that is connected passes';

function partsUnread(count: number): string {
  return `${counted(count, 'part')} of the platform could not be read`;
}

function signals(count: number): string {
  return counted(count, 'signal');
}

const URGENCY: Readonly<Partial<Record<Check['state'], number>>> = { fail: 0, missing: 1, unknown: 1 };

/** What needs somebody is never among those that are left out. */
function worstFirst(a: PlacePosture, b: PlacePosture): number {
  const [one, other] = [a, b].map(({ judged }) => platformChecks(judged).map(([, { state }]) => URGENCY[state] ?? 2));
  return Math.min(...(one ?? [])) - Math.min(...(other ?? []));
}

/** Of several environments in full what needs somebody, of the others the names. */
function placeSection(place: PlacePosture, index: number, all: readonly PlacePosture[]): CardElement {
  const isAlone = all.every(({ organization }) => organization === place.organization);
  const where = isAlone ? '' : ` · ${nameOf(organizationName(place.organization))}`;
  const checks = platformChecks(place.judged);
  const isShort = ({ state }: Check) => all.length > 1 && (state === 'pass' || state === 'not connected');
  const named = (state: Check['state']) => checks.filter(([, one]) => isShort(one) && one.state === state);
  return section(`place-${index}`, [
    row(`${nameOf(place.environment)}${where}`, { weight: 'bolder' }),
    ...checks.filter(([, check]) => !isShort(check)).map(([name, check]) => checkRow(name, check)),
    ...passing(named('pass'), place.judged.at),
    ...mutedNames(
      '– not connected',
      named('not connected').map(([name]) => name),
    ),
  ]);
}

function passing(checks: readonly NamedCheck[], at: string): CardElement[] {
  if (checks.length === 0) return [];
  const [oldest] = checks.flatMap(([, { asOf }]) => asOf ?? []).sort();
  const age =
    oldest === undefined ? '' : `, ${checks.length === 1 ? '' : 'the oldest '}read ${ageWords(oldest, at)} earlier`;
  return [
    row(
      `✓ pass: ${listOf(
        checks.map(([name]) => name),
        checks.length,
      )}${age}`,
    ),
  ];
}

const NOT_READ_HELP =
  'Nothing of it is known, which is not that nothing is wrong. Whoever runs the bot has it read: "azure-devops-platform" in PULL_SIGNALS.';

function rulesHead({ rules, unread }: ScopePosture): string {
  if (rules.length === 0)
    return unread === undefined ? 'The delivery platform is not read' : 'No rule of the platform is known to be broken';
  const findings = rules.reduce((sum, { count }) => sum + count, 0);
  return `${counted(rules.length, 'rule')} broken, ${counted(findings, 'finding')}`;
}

function ruleRows(one: BrokenRule): CardElement[] {
  const { symbol, word } = DECISION_WORDS[one.decision];
  const page = subjectPage(one);
  const environments = listOf(one.environments.map(nameOf), 3);
  const details = [
    `${word} in ${environments}`,
    SEVERITY_WORDS[one.severity],
    counted(one.count, 'finding'),
    plain(one.message, MESSAGE_MAX),
  ];
  const shown: CardElement[] = [
    row(`${symbol} ${plain(one.rule, RULE_MAX)}`, { weight: 'bolder' }),
    row(details.filter((text) => text !== '').join(' · '), { isSubtle: true, spacing: 'none' }),
  ];
  if (page === undefined) return shown;
  return [
    {
      type: 'ColumnSet',
      spacing: 'small',
      columns: [
        { type: 'Column', width: 'stretch', items: shown },
        { type: 'Column', width: 'auto', items: [link({ title: 'Mend it', url: page })] },
      ],
    },
  ];
}

function unreadSection(unread: readonly UnreadPart[], at: string, shown: number): CardElement {
  return section('unread', [
    sectionHead(partsUnread(unread.length)),
    ...unread.slice(0, shown).map((one) => row(unreadWords(one, at))),
    ...moreRow(unread.length - shown, 'more: "status"'),
  ]);
}

/** `? Users of contoso: give the bot … · what is known is 3 days old`. */
function unreadWords({ kind, name, why, at }: Pick<UnreadPart, 'kind' | 'name' | 'why' | 'at'>, now: string): string {
  const age = at === undefined ? 'nothing is known of it' : `what is known is ${ageWords(at, now)} old`;
  return `? ${SECTION_WORDS[kind]} of ${nameOf(name)}: ${plain(why, WHY_MAX)} · ${age}`;
}
