import { gateCard } from '../cards/gate-card.ts';
import { summaryOf } from '../cards/gate-summary.ts';
import { groupCard, groupSummary } from '../cards/group-card.ts';
import { reminderCard, reminderSummary } from '../cards/reminder-card.ts';
import { shortCard } from '../cards/short-card.ts';
import type { Notice } from '../services/ports/notifier.ts';

/** The message that a notice becomes: its card, and what the notification and a screen reader say. */
export function render({ gate, besides = [], audience, about }: Notice) {
  if (about !== undefined) return { card: reminderCard(gate, about, besides), summary: reminderSummary(gate, about) };
  const viewer = audience.kind === 'person' ? { oid: audience.oid } : {};
  if (besides.length === 0) return { card: gateCard(gate, viewer), summary: summaryOf(gate) };
  const gates = [gate, ...besides];
  return { card: groupCard(gates, viewer), summary: groupSummary(gates) };
}

/** The same in a few lines, for when the whole is more than Teams takes; a card of several gates is short as it is. */
export function renderShort(notice: Notice) {
  const { gate, besides = [], about } = notice;
  if (about === undefined && besides.length > 0) return render(notice);
  return { card: shortCard(gate), summary: summaryOf(gate) };
}
