import type { IAdaptiveCard } from 'adaptivecards';
import type { Nudge } from '../services/domain/nudge.ts';
import { button, MOST_AT_ONCE } from './actions.ts';
import { banner, type CardElement, card, type ExecuteAction, line, row, section, timed, title, words } from './card.ts';
import { present } from './gate-actions.ts';
import { counted, plural } from './names.ts';
import { nudgeCounts, nudgeWords, URGENT } from './nudge-words.ts';
import { inZone } from './show-time.ts';
import { plain } from './text.ts';
import { moreRow } from './who-approves-people.ts';

const SUMMARY_MAX = 240;
const ROWS_SHOWN = 20;
const BUTTONS_SHOWN = 10;

/** Several things that its reader knows of and that wait for them. */
export interface Nudges {
  readonly nudges: readonly Nudge[];
  readonly settled: number;
  readonly isUrgent?: boolean;
  readonly isContinued?: boolean;
}

/** `zone` is the reader's (IANA); absent: UTC. */
export function nudgeCard(news: Nudges, zone?: string): IAdaptiveCard {
  const { settled, isUrgent } = news;
  const nudges = [...news.nudges].sort((a, b) => (lastMoment(a) < lastMoment(b) ? -1 : 1));
  const head = headOf(news);
  const body: CardElement[] = [
    title(nudges.length === 0 ? 'Reminders' : counted(nudges.length, 'reminder')),
    banner('state', nudges.length === 0 ? 'emphasis' : 'warning', [
      line(words(head, { weight: 'bolder' })),
      ...(isUrgent === true ? [row(`! ${URGENT}`)] : []),
      ...(settled === 0 ? [] : [row(`✓ ${settledWords(settled, nudges.length)}`)]),
    ]),
    ...rowsOf(nudges),
  ];
  const spoken = `Reminder: ${head}.`;
  const fallbackText = `${spoken} Type "approvals" or "exceptions mine" to see them.`;
  return inZone(card({ body, actions: present([showAllButton(nudges)]), fallbackText, speak: spoken }), zone);
}

/** What is over first comes first. */
function lastMoment({ deadline = '~', about }: Nudge): string {
  return `${deadline} ${about}`;
}

function settledWords(settled: number, left: number): string {
  const more = left === 0 ? '' : ' more';
  const was = plural(settled, 'that was here needs', 'that were here need');
  return `${settled}${more} ${was} nothing of you any more.`;
}

/** One line for notifications. Plain text. */
export function nudgeSummary(news: Nudges): string {
  return plain(`Reminder: ${headOf(news)}`, SUMMARY_MAX);
}

function headOf({ nudges, isContinued }: Nudges): string {
  if (isContinued === true) return 'A newer message lists what is left of these';
  return nudges.length === 0 ? 'Nothing here waits for you any more' : nudgeCounts(nudges);
}

function rowsOf(nudges: readonly Nudge[]): CardElement[] {
  if (nudges.length === 0) return [];
  return [
    section('reminders', [
      ...nudges.slice(0, ROWS_SHOWN).map(nudgeRow),
      ...moreRow(nudges.length - ROWS_SHOWN, 'more: type "approvals" or "exceptions mine" to see all'),
    ]),
  ];
}

function nudgeRow(nudge: Nudge, index: number): CardElement {
  const said = timed(nudgeWords(nudge));
  const show = index < BUTTONS_SHOWN ? showButton(nudge, `show-${index + 1}`) : undefined;
  const items = { type: 'Column', width: 'stretch', items: [said] } as const;
  const action = show === undefined ? [] : [{ type: 'ActionSet' as const, actions: [show] }];
  const side = { type: 'Column', width: 'auto', verticalContentAlignment: 'center', items: action } as const;
  return {
    type: 'ColumnSet',
    separator: true,
    spacing: 'small',
    columns: action.length === 0 ? [items] : [items, side],
  };
}

/** Where several wait for approval, those that close first on one card, to be decided together. */
function showAllButton(nudges: readonly Nudge[]): ExecuteAction | undefined {
  const requestIds = nudges.filter(({ kind }) => kind === 'approval').map(({ id }) => id);
  if (requestIds.length < 2) return undefined;
  const shown = requestIds.slice(0, MOST_AT_ONCE);
  const title =
    shown.length < requestIds.length ? `Show the first ${shown.length} deployments` : 'Show the deployments';
  return button({ id: 'show', title, data: { verb: 'approval.viewMany', requestIds: shown }, inputs: 'none' });
}

/** To what it is about as it is then, whatever its revision is by then. */
function showButton({ kind, id }: Nudge, name: string): ExecuteAction | undefined {
  if (kind === 'trends' || kind === 'audit' || kind === 'drift') return undefined;
  const data =
    kind === 'approval'
      ? ({ verb: 'approval.view', requestId: id, revision: 0 } as const)
      : ({ verb: 'exception.view', exceptionId: id, revision: 0 } as const);
  return button({ id: name, title: 'Show', data, inputs: 'none' });
}
