import type { IAdaptiveCard } from 'adaptivecards';
import type { Gate } from '../services/domain/gate.ts';
import { type CardElement, card, line, row, timed, title, words } from './card.ts';
import { cardText } from './card-text.ts';
import { present, viewButton } from './gate-actions.ts';
import { stateOf } from './gate-state.ts';
import { counted, deploymentOf, requesterOf, type Viewer } from './names.ts';
import { inZone, localTime } from './show-time.ts';
import { plain } from './text.ts';

const ROWS = 10;
const SCOPE_MAX = 60;
const NOTHING_YET = 'A card comes to you as soon as something needs you.';
const NOTHING_THERE =
  'A service or an environment is meant, by its whole name. "approvals all" shows everything that is open.';

/** The open gates of a scope, those that close first on top; each with a button to see it. */
export function listCard(gates: readonly Gate[], scope: string, viewer?: Viewer): IAdaptiveCard {
  const sorted = [...gates].sort((a, b) => (a.closesAt < b.closesAt ? -1 : 1));
  const shown = sorted.slice(0, ROWS);
  const more = sorted.length - shown.length;
  const empty = line(words(scope === 'mine' || scope === 'all' ? NOTHING_YET : NOTHING_THERE));
  const headline = headlineOf(gates.length, plain(scope, SCOPE_MAX));
  const list = card({
    body: [
      title(headline),
      ...shown.map((gate, index) => gateRow(gate, index, viewer)),
      ...(shown.length === 0 ? [empty] : []),
      ...(more > 0
        ? [line(words(`and ${more} more. Type "approvals SERVICE" to see fewer.`, { isSubtle: true }))]
        : []),
    ],
    actions: [],
    fallbackText: `${headline}. ${shown.map((gate) => `${deploymentOf(gate)} (${gate.id})`).join('; ')}`,
    speak: headline,
  });
  return inZone(list, viewer?.zone);
}

export function listText(gates: readonly Gate[], scope: string, viewer?: Viewer): string {
  const ways =
    gates.length === 0 ? [] : ['Type "why ID" for the details, "approve ID" or "reject ID" and why to decide.'];
  return cardText(listCard(gates, scope, viewer), ways, viewer?.zone);
}

function headlineOf(count: number, scope: string): string {
  const whose = scope === 'mine' || scope === '' ? ' for you' : ` for ${scope}`;
  const where = scope === 'all' ? '' : whose;
  if (count === 0) return `Nothing is open${where}`;
  return `${counted(count, 'open request')}${where}`;
}

function gateRow(gate: Gate, index: number, viewer: Viewer | undefined): CardElement {
  const { symbol, headline } = stateOf(gate, viewer);
  const view = present([viewButton(gate, `view-${index + 1}`, 'View')]);
  const isWaiting = gate.state === 'blocked' && gate.awaits === undefined;
  const until = isWaiting ? (gate.waitUntil ?? gate.closesAt) : gate.closesAt;
  return {
    type: 'ColumnSet',
    separator: true,
    spacing: 'medium',
    columns: [
      {
        type: 'Column',
        width: 'stretch',
        items: [
          row(deploymentOf(gate), { weight: 'bolder' }),
          timed(`${symbol} ${headline} · until ${localTime(until)}`, { spacing: 'none' }),
          { ...line(words(`${requesterOf(gate)} asked · ${gate.id}`, { isSubtle: true })), spacing: 'none' },
        ],
      },
      ...(view.length === 0
        ? []
        : [
            {
              type: 'Column' as const,
              width: 'auto' as const,
              verticalContentAlignment: 'center' as const,
              items: [{ type: 'ActionSet' as const, actions: view }],
            },
          ]),
    ],
  };
}
