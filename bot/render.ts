import type { IAdaptiveCard } from 'adaptivecards';
import { auditCard, auditSummary } from '../cards/audit-card.ts';
import { calibrationNewsCard, calibrationSummary } from '../cards/calibration-card.ts';
import { contractNewsCard, contractNewsSummary } from '../cards/contract-news-card.ts';
import { coverCard, coverSummary } from '../cards/cover-card.ts';
import { digestCard, digestSummary } from '../cards/digest-card.ts';
import { driftNewsCard, driftSummary } from '../cards/drift-card.ts';
import { exceptionNewsCard, exceptionSummary } from '../cards/exception-card.ts';
import { gateCard } from '../cards/gate-card.ts';
import { readersOffered } from '../cards/gate-reader.ts';
import { summaryOf } from '../cards/gate-summary.ts';
import { groupCard, groupSummary } from '../cards/group-card.ts';
import { heartbeatCard, heartbeatSummary } from '../cards/heartbeat-card.ts';
import { insteadSummary, withInstead } from '../cards/instead-note.ts';
import type { Viewer } from '../cards/names.ts';
import { nudgeCard, nudgeSummary } from '../cards/nudge-card.ts';
import { offPathCard, offPathSummary } from '../cards/off-path-card.ts';
import { outageCard, outageSummary } from '../cards/outage-card.ts';
import { postDeployCard, postDeploySummary } from '../cards/post-deploy-card.ts';
import { reminderCard, reminderSummary } from '../cards/reminder-card.ts';
import { reviewCard, reviewSummary } from '../cards/review-card.ts';
import { shortCard } from '../cards/short-card.ts';
import { trendsCard, trendsSummary } from '../cards/trends-card.ts';
import type { Gate } from '../services/domain/gate.ts';
import type { Conversations, News, Notice, OffPathNews, ReviewNews } from '../services/ports/notifier.ts';
import type { RenderedNotice } from './teams/notifier.ts';

/** Sees of every notice what its reader may: a channel's is one for everybody, whose clients fetch views of their own. */
export function createRender({ userIdOf }: Pick<Conversations, 'userIdOf'>) {
  return async (notice: Notice, zone?: string): Promise<RenderedNotice> => {
    const { gate, besides = [], audience } = notice;
    const inTheirZone = zone === undefined ? {} : { zone };
    const viewer =
      audience.kind === 'person'
        ? { oid: audience.oid, ...inTheirZone }
        : await everybody([gate, ...besides], userIdOf);
    return aroundOthers(renderFor(notice, viewer), notice.instead);
  };
}

/** The message that a notice becomes: its card, and what the notification and a screen reader say. */
export function renderFor({ gate, besides = [], about, from, isUrgent = false }: Notice, viewer: Viewer) {
  if (about !== undefined) {
    const zone = viewer.zone === undefined ? {} : { zone: viewer.zone };
    const said = { besides, isUrgent, ...(from === undefined ? {} : { from }), ...zone };
    return { card: reminderCard(gate, about, said), summary: reminderSummary(gate, about, from) };
  }
  if (besides.length === 0) return { card: gateCard(gate, viewer), summary: summaryOf(gate) };
  const gates = [gate, ...besides];
  return { card: groupCard(gates, viewer), summary: groupSummary(gates) };
}

function aroundOthers({ card, summary }: { card: IAdaptiveCard; summary: string }, instead: Notice['instead']) {
  return { card: withInstead(card, instead), summary: insteadSummary(summary, instead) };
}

/** In a few lines, for when the whole is more than Teams takes. */
export function renderShort({ gate }: Notice, zone?: string): RenderedNotice {
  return { card: shortCard(gate, zone), summary: summaryOf(gate) };
}

export function renderNews(news: News, zone?: string): RenderedNotice {
  if ('digest' in news) {
    const card = withInstead(digestCard(news.digest, zone), news.instead, 'What is theirs is here too; they get it');
    return { card, summary: digestSummary(news.digest) };
  }
  if ('nudges' in news) return { card: nudgeCard(news, zone), summary: nudgeSummary(news) };
  if ('exception' in news)
    return aroundOthers({ card: exceptionNewsCard(news, zone), summary: exceptionSummary(news) }, news.instead);
  if ('review' in news) return renderReview(news, zone);
  if ('calibration' in news) return { card: calibrationNewsCard(news, zone), summary: calibrationSummary(news) };
  if ('heartbeat' in news)
    return { card: heartbeatCard(news.heartbeat, zone), summary: heartbeatSummary(news.heartbeat) };
  if ('offPath' in news) return renderOffPath(news, zone);
  if ('outage' in news) return { card: outageCard(news, zone), summary: outageSummary(news) };
  if ('contractChange' in news) return { card: contractNewsCard(news, zone), summary: contractNewsSummary(news) };
  if ('drifted' in news) return { card: driftNewsCard(news, zone), summary: driftSummary(news) };
  if ('postDeploy' in news)
    return { card: postDeployCard(news.postDeploy, zone), summary: postDeploySummary(news.postDeploy) };
  return { card: coverCard(news), summary: coverSummary(news) };
}

function renderReview({ review, topic, trends, audit, audience }: ReviewNews, zone?: string): RenderedNotice {
  const inTheirZone = zone === undefined ? {} : { zone };
  if (topic === 'send' && trends !== undefined)
    return { card: trendsCard(trends, { review, ...inTheirZone }), summary: trendsSummary(trends) };
  if (topic === 'send' && audit !== undefined)
    return { card: auditCard(audit, { review, ...inTheirZone }), summary: auditSummary(audit) };
  const said = topic === 'send' ? 'remind' : topic;
  const viewer = { ...inTheirZone, ...(audience.kind === 'person' ? { oid: audience.oid } : {}) };
  return { card: reviewCard(review, said, viewer), summary: reviewSummary(review, said) };
}

function renderOffPath({ offPath, audience }: OffPathNews, zone?: string): RenderedNotice {
  const viewer = {
    ...(zone === undefined ? {} : { zone }),
    ...(audience.kind === 'person' ? { oid: audience.oid } : {}),
  };
  return { card: offPathCard(offPath, viewer), summary: offPathSummary(offPath) };
}

/** Twice as many as Teams takes: not everybody is known to it here. */
const LOOKED_UP = 120;

/** Whoever has done nothing yet that reached the bot has no Teams id here, and gets their view by a button. */
async function everybody(gates: readonly Gate[], userIdOf: Conversations['userIdOf']): Promise<Viewer> {
  const readers = [...new Set(gates.flatMap(readersOffered))].slice(0, LOOKED_UP);
  const ids = await Promise.all(readers.map((oid) => userIdOf(oid).catch(() => undefined)));
  return { refreshFor: ids.filter((id) => id !== undefined) };
}
