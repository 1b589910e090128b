import { coverCard, coverSummary } from '../cards/cover-card.ts';
import { gateCard } from '../cards/gate-card.ts';
import { readersOffered } from '../cards/gate-reader.ts';
import { summaryOf } from '../cards/gate-summary.ts';
import type { Viewer } from '../cards/names.ts';
import { reminderCard, reminderSummary } from '../cards/reminder-card.ts';
import { shortCard } from '../cards/short-card.ts';
import type { CoverNews } from '../services/domain/cover.ts';
import type { Gate } from '../services/domain/gate.ts';
import type { Conversations, Notice } from '../services/ports/notifier.ts';
import type { RenderedNotice } from './teams/notifier.ts';

/** The card of a notice. Everybody sees a channel's; the clients of those who are asked fetch a view of their own. */
export function createRender({ userIdOf }: Pick<Conversations, 'userIdOf'>) {
  return async ({ gate, audience, about, from }: Notice, zone?: string): Promise<RenderedNotice> => {
    if (about !== undefined) {
      return { card: reminderCard(gate, about, from, zone), summary: reminderSummary(gate, about, from) };
    }
    const inTheirZone = zone === undefined ? {} : { zone };
    const viewer = audience.kind === 'person' ? { oid: audience.oid, ...inTheirZone } : await everybody(gate, userIdOf);
    return { card: gateCard(gate, viewer), summary: summaryOf(gate) };
  };
}

export function renderShort({ gate }: Notice, zone?: string): RenderedNotice {
  return { card: shortCard(gate, zone), summary: summaryOf(gate) };
}

export function renderNews(news: CoverNews): RenderedNotice {
  return { card: coverCard(news), summary: coverSummary(news) };
}

/** Twice as many as Teams takes: not everybody is known to it here. */
const LOOKED_UP = 120;

/** Whoever has done nothing yet that reached the bot has no Teams id here, and gets their view by a button. */
async function everybody(gate: Gate, userIdOf: Conversations['userIdOf']): Promise<Viewer> {
  const readers = readersOffered(gate).slice(0, LOOKED_UP);
  const ids = await Promise.all(readers.map((oid) => userIdOf(oid).catch(() => undefined)));
  return { refreshFor: ids.filter((id) => id !== undefined) };
}
