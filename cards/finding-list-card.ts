import type { IAdaptiveCard } from 'adaptivecards';
import type { FindingList, ListedGroup } from '../services/domain/finding-list.ts';
import { banner, type CardElement, card, line, row, section, title, words } from './card.ts';
import { cardText } from './card-text.ts';
import { contextWords } from './context-words.ts';
import { DECISION_WORDS, standingSymbol, standingWords } from './finding-rows.ts';
import { fittingCard } from './fitting-card.ts';
import { FOUND_AFTER } from './found-after-words.ts';
import { RULE_MAX } from './gate-findings.ts';
import { counted, grouped, nameOf, plural, type Viewer } from './names.ts';
import { plain } from './text.ts';
import { moreRow } from './who-approves-people.ts';

const NAME_MAX = 64;
/** How many groups are shown: the first that fits. */
const EXTENTS = [20, 8, 3] as const;
const WAYS =
  '"finding" with a fingerprint and its service shows one; "claim", "snooze … until", "assign … to" and "unclaim" take its beginning.';

/** What is open, the most urgent first, by service; what does not fit is counted. */
export function findingListCard(list: FindingList, viewer: Viewer = {}): IAdaptiveCard {
  return fittingCard<number>(EXTENTS, (extent) => cardOf(list, extent), { zone: viewer.zone });
}

export function findingListText(list: FindingList, viewer: Viewer = {}): string {
  return cardText(findingListCard(list, viewer), [], viewer.zone);
}

function cardOf(list: FindingList, extent: number): IAdaptiveCard {
  const { rows, unread } = list;
  const head = headOf(list);
  const shown = rows.slice(0, extent);
  const more = rows.slice(extent).reduce((sum, { group }) => sum + group.count, 0);
  const byService = Map.groupBy(shown, ({ group }) => group.service);
  const body: CardElement[] = [
    title(head),
    banner('state', toneOf(list), [line(words(summaryOf(list), { weight: 'bolder' }))]),
    ...(rows.length === 0
      ? []
      : [
          section('findings', [
            ...[...byService].flatMap(([service, its]) => [
              row(nameOf(service), { weight: 'bolder', spacing: 'medium' }),
              ...contextRow(list, service),
              ...its.flatMap((one) => groupRows(one, list.at)),
            ]),
            ...moreRow(
              more,
              `more ${plural(more, 'finding')}: name a service, an environment, or block, warn or monitor`,
            ),
            row(WAYS, { isSubtle: true }),
          ]),
        ]),
    ...(unread === 0
      ? []
      : [row(`${counted(unread, 'service was', 'services were')} not read, because there are too many.`)]),
  ];
  const spoken = `${head}. ${summaryOf(list)}.`;
  return card({ body, actions: [], fallbackText: plain(spoken, 600), speak: plain(spoken, 600) });
}

function contextRow({ contexts }: FindingList, name: string): CardElement[] {
  const context = contexts.find(({ service }) => service === name);
  return context === undefined ? [] : [row(contextWords(context), { isSubtle: true, spacing: 'none' })];
}

function groupRows(listed: ListedGroup, at: string): CardElement[] {
  const { group } = listed;
  return [
    row(`${standingSymbol(group)} ${plain(group.rule, RULE_MAX)}`, { weight: 'bolder' }),
    row(standingWords(listed, at), { isSubtle: true, spacing: 'none' }),
  ];
}

function headOf({ filter: { service, environment, decision } }: FindingList): string {
  const whose = service === undefined ? 'that are yours' : `of ${plain(service, NAME_MAX)}`;
  const where = environment === undefined ? '' : ` in ${plain(environment, NAME_MAX)}`;
  const which = decision === undefined ? '' : `, ${DECISION_WORDS[decision].word}`;
  return `Findings ${whose}${where}${which}`;
}

/** Each finding once for each environment in which it is open. */
function summaryOf({ counts, rows }: FindingList): string {
  if (rows.length === 0) return '✓ None is open';
  const { block, foundAfter, warn, monitor, overdue, unowned, snoozed } = counts;
  const parts = [
    [block, plural(block, 'blocks', 'block')],
    [foundAfter, FOUND_AFTER.word],
    [warn, plural(warn, 'warns', 'warn')],
    [monitor, 'only counted'],
    [overdue, 'overdue'],
    [unowned, 'without an owner'],
    [snoozed, 'put off'],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, what]) => `${grouped(count)} ${what}`);
  return `${block + foundAfter + overdue + unowned > 0 ? '✗' : '▲'} ${said.join(', ')}`;
}

function toneOf({ counts: { block, foundAfter, warn, overdue, unowned } }: FindingList) {
  if (block + foundAfter + overdue + unowned > 0) return 'attention';
  return warn > 0 ? 'warning' : 'good';
}
