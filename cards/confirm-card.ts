import type { IAdaptiveCard } from 'adaptivecards';
import type { Gate } from '../services/domain/gate.ts';
import { MOST_AT_ONCE } from './actions.ts';
import { commentInput } from './approval-card.ts';
import { banner, type CardElement, card, line, section, title, words } from './card.ts';
import { cardText } from './card-text.ts';
import { present } from './gate-actions.ts';
import { decideManyButton, strictestOf } from './group-card.ts';
import { groupRow, isOneRun, waitsFor } from './group-rows.ts';
import type { Viewer } from './names.ts';
import { inZone } from './show-time.ts';
import { plain, run } from './text.ts';

const COMMENT_SHOWN = 600;
const SPOKEN_MAX = 300;

/** What somebody typed about several requests. */
export interface Confirmation {
  readonly gates: readonly Gate[];
  /** Ids of which there is no request. */
  readonly unknown: readonly string[];
  readonly verdict: 'approve' | 'reject';
  readonly comment: string;
}

/** Undefined when one card can list them. */
export function tooManySentence(ids: readonly string[]): string | undefined {
  const count = new Set(ids).size;
  if (count <= MOST_AT_ONCE) return undefined;
  return `Nothing was done: these are ${count} requests, and one confirmation can list ${MOST_AT_ONCE}. Name fewer.`;
}

/** What is about to be decided, and what of it this person may decide; one button, and nothing happens before it. */
export function confirmCard({ gates, unknown, verdict, comment }: Confirmation, viewer: Viewer): IAdaptiveCard {
  const mine = gates.filter((gate) => waitsFor(gate, viewer));
  const head = headOf(verdict, mine.length, gates.length + unknown.length);
  const context = { viewer, isOneRun: isOneRun(gates) };
  const said = (gate: Gate) => (mine.includes(gate) ? 'you may decide' : 'not yours to decide now');
  const typed = comment.trim();
  const body: (CardElement | undefined)[] = [
    title(head),
    banner('state', 'emphasis', [line(words('Nothing is decided yet.', { weight: 'bolder' }))]),
    section(
      'gate',
      gates.map((gate, index) => groupRow(gate, index, { ...context, said: said(gate) })),
    ),
    unknown.length === 0
      ? undefined
      : banner('error', 'warning', [line(words(`! There is no request ${unknown.join(', ')}.`))]),
    typed === '' ? undefined : line(words('Comment: “'), run(typed, COMMENT_SHOWN), words('”')),
    mine.length === 0 || typed !== '' ? undefined : commentInput({ comment: strictestOf(mine) }, [verdict]),
  ];
  const shown = card({
    body: body.filter((element) => element !== undefined),
    actions: mine.length === 0 ? [] : present([decideManyButton(mine, verdict, typed === '' ? undefined : typed)]),
    fallbackText: plain(`${head} Nothing is decided yet; confirm on the card.`, SPOKEN_MAX),
    speak: plain(head, SPOKEN_MAX),
  });
  return inZone(shown, viewer.zone);
}

export function confirmAnswer(confirmation: Confirmation, viewer: Viewer) {
  const shown = confirmCard(confirmation, viewer);
  const way = `Click the button to confirm, or type "${confirmation.verdict} ID" for each.`;
  return { text: cardText(shown, [way], viewer.zone), card: shown };
}

function headOf(verdict: 'approve' | 'reject', mine: number, all: number): string {
  const verb = verdict === 'approve' ? 'Approve' : 'Reject';
  if (mine === 0) return `${verb} none of ${all} requests: none waits for you`;
  return mine === all ? `${verb} ${all} requests?` : `${verb} ${mine} of ${all} requests?`;
}
