import type { Conversation, News, Notice, Notifier, Sent } from '../../services/ports/notifier.ts';

export interface PostedCard {
  readonly to: string;
  readonly activityId: string;
  notice: Notice;
  /** What it became when it was retold. */
  news?: News;
  updates: number;
}

/** As it was last told. */
export type ToldNews = News & { readonly conversation: string };

/** What Teams answers in place of taking a message; undefined: it takes it. */
export type TeamsAnswers = { answer: (conversation: Conversation) => Sent | undefined };

export function fakeNotifier(posted: PostedCard[], news: ToldNews[], teams: TeamsAnswers): Notifier {
  return {
    tell: async (to, told) => {
      const answer = teams.answer(to);
      if (answer !== undefined) return answer;
      news.push({ ...told, conversation: to.id });
      return { kind: 'sent', activityId: `n${news.length}` };
    },
    retell: async (to, activityId, told) => {
      const answer = teams.answer(to);
      if (answer !== undefined) return answer;
      const card = posted.find((one) => one.to === to.id && one.activityId === activityId);
      if (card !== undefined) {
        Object.assign(card, { news: told, updates: card.updates + 1 });
        return { kind: 'sent', activityId };
      }
      const index = activityId.startsWith('n') ? Number(activityId.slice(1)) - 1 : -1;
      if (news[index]?.conversation !== to.id) return { kind: 'gone' };
      news[index] = { ...told, conversation: to.id };
      return { kind: 'sent', activityId };
    },
    post: async (to, notice) => {
      const answer = teams.answer(to);
      if (answer !== undefined) return answer;
      const activityId = `m${posted.length + 1}`;
      posted.push({ to: to.id, activityId, notice, updates: 0 });
      return { kind: 'sent', activityId };
    },
    update: async (to, activityId, notice) => {
      const answer = teams.answer(to);
      if (answer !== undefined) return answer;
      const card = posted.find((one) => one.to === to.id && one.activityId === activityId);
      if (card === undefined) return { kind: 'gone' };
      card.notice = notice;
      card.updates += 1;
      return { kind: 'sent', activityId };
    },
  };
}
