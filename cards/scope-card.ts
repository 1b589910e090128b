import type { IAdaptiveCard } from 'adaptivecards';
import type { ListedException } from '../services/domain/exception-list.ts';
import type { ListedGroup } from '../services/domain/finding-list.ts';
import type { Gate } from '../services/domain/gate.ts';
import { type ScopeOverview, TIMELINE_DAYS } from '../services/domain/scope-overview.ts';
import { type CardElement, card, row, section, sectionHead, timed, title } from './card.ts';
import { cardText } from './card-text.ts';
import { contextWords } from './context-words.ts';
import { EXCEPTION_LOOKS } from './exception-words.ts';
import { standingSymbol, standingWords } from './finding-rows.ts';
import { fittingCard } from './fitting-card.ts';
import { RULE_MAX } from './gate-findings.ts';
import { stateOf } from './gate-state.ts';
import { momentRows, waysOf } from './moment-words.ts';
import { counted, grouped, nameOf, plural, principalName, type Viewer } from './names.ts';
import { localTime, showDate } from './show-time.ts';
import { plain } from './text.ts';
import { moreRow } from './who-approves-people.ts';

/** How many rows of each part are shown: the first that fits. */
const EXTENTS = [
  { rows: 5, moments: 15 },
  { rows: 3, moments: 8 },
  { rows: 1, moments: 4 },
] as const;
type Extent = (typeof EXTENTS)[number];

/** What waits, what is found, what is excepted and what happened lately, of one scope. */
export function scopeCard(overview: ScopeOverview, viewer: Viewer = {}): IAdaptiveCard {
  return fittingCard<Extent>(EXTENTS, (extent) => cardOf(overview, viewer, extent), { zone: viewer.zone });
}

export function scopeText(overview: ScopeOverview, viewer: Viewer = {}): string {
  return cardText(scopeCard(overview, viewer), [], viewer.zone);
}

function cardOf(overview: ScopeOverview, viewer: Viewer, { rows, moments }: Extent): IAdaptiveCard {
  const { waiting, findings, exceptions } = overview;
  const service = nameOf(overview.service);
  const place = overview.environment === undefined ? service : `${service} in ${nameOf(overview.environment)}`;
  const [context] = findings.contexts;
  const body: CardElement[] = [
    title(place),
    ...(context === undefined ? [] : [row(contextWords(context), { isSubtle: true, spacing: 'none' })]),
    part(
      'gate',
      waitingHead(waiting),
      waiting.slice(0, rows).flatMap((gate) => gateRows(gate, viewer)),
      {
        count: waiting.length - rows,
        what: `more: "approvals ${service}"`,
      },
    ),
    part(
      'findings',
      findingsHead(overview),
      findings.rows.slice(0, rows).flatMap((one) => groupRows(one, overview.at)),
      {
        count: findings.rows.length - rows,
        what: `more: "findings ${service}"`,
      },
    ),
    part('exceptions', exceptionsHead(exceptions), exceptions.slice(0, rows).map(exceptionRow), {
      count: exceptions.length - rows,
      what: `more: "exceptions ${service}"`,
    }),
    section('history', historyOf(overview, moments)),
  ];
  const spoken = `${place}. ${waitingHead(waiting)}. ${findingsHead(overview)}. ${exceptionsHead(exceptions)}.`;
  return card({ body, actions: [], fallbackText: plain(spoken, 600), speak: plain(spoken, 600) });
}

function part(
  id: string,
  head: string,
  items: readonly CardElement[],
  more: { readonly count: number; readonly what: string },
): CardElement {
  return section(id, [sectionHead(head), ...items, ...moreRow(more.count, more.what)]);
}

/** What is not shown is counted as far as it was read, and said to be more where it was not. */
function historyOf(overview: ScopeOverview, shown: number): CardElement[] {
  const { moments, cutBefore } = overview.timeline;
  const older = moments.length - shown;
  const unread = cutBefore === undefined ? [] : [cutWords(cutBefore)];
  const none = moments.length === 0 && cutBefore === undefined ? [row('Nothing happened.', { isSubtle: true })] : [];
  return [
    sectionHead(`Last ${TIMELINE_DAYS} days`),
    ...moments.slice(0, shown).flatMap((one) => momentRows(one, overview.environment)),
    ...none,
    ...moreRow(older, 'more, older'),
    ...unread,
    ...waysOf(overview),
  ];
}

function cutWords(before: string): CardElement {
  return timed(`More happened before ${localTime(before)}: it is not shown.`, { isSubtle: true });
}

function waitingHead(waiting: readonly Gate[]): string {
  if (waiting.length === 0) return 'No request waits';
  return counted(waiting.length, 'request waits', 'requests wait');
}

function findingsHead({ findings: { counts } }: ScopeOverview): string {
  const { block, foundAfter, warn } = counts;
  if (block + foundAfter + warn === 0) return 'No finding blocks or warns';
  const parts = [
    [block, plural(block, 'blocks', 'block')],
    [foundAfter, 'found after a deployment'],
    [warn, plural(warn, 'warns', 'warn')],
  ] as const;
  return `Findings: ${parts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${grouped(count)} ${what}`)
    .join(', ')}`;
}

function exceptionsHead(exceptions: readonly ListedException[]): string {
  if (exceptions.length === 0) return 'No exception';
  return counted(exceptions.length, 'exception');
}

function gateRows(gate: Gate, viewer: Viewer): CardElement[] {
  const { symbol, headline } = stateOf(gate, viewer);
  return [
    row(`Run ${nameOf(gate.run.name)} in ${nameOf(gate.environment)}`, { weight: 'bolder' }),
    timed(`${symbol} ${headline} · until ${localTime(gate.closesAt)} · "why ${gate.id}"`, { spacing: 'none' }),
  ];
}

function groupRows(listed: ListedGroup, at: string): CardElement[] {
  return [
    row(`${standingSymbol(listed.group)} ${plain(listed.group.rule, RULE_MAX)}`, { weight: 'bolder' }),
    row(standingWords(listed, at), { isSubtle: true, spacing: 'none' }),
  ];
}

function exceptionRow({ exception: { id, target, terms }, standing }: ListedException): CardElement {
  const { symbol, word } = EXCEPTION_LOOKS[standing];
  const place = `${nameOf(target.control)} in ${nameOf(target.environment)}`;
  return row(
    `${symbol} ${nameOf(id)} · ${word.toLowerCase()} · ${place} · until the end of ${showDate(terms.until)} (UTC) · owner ${principalName(terms.owner)}`,
  );
}
