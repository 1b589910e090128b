import type { IAdaptiveCard } from 'adaptivecards';
import type { ExceptionRefusal } from '../services/domain/exception-refusal.ts';
import { button } from './actions.ts';
import { banner, card, row, title } from './card.ts';
import { exceptionRefusalText } from './exception-words.ts';
import { present } from './gate-actions.ts';
import type { Viewer } from './names.ts';

/** Why there is no exception to be had, with the way back to the request that it was wanted for; without one the sentence alone. */
export function exceptionRefusedAnswer(
  why: ExceptionRefusal,
  viewer: Viewer,
  { requestId }: { readonly requestId?: string } = {},
): { readonly text: string; readonly card?: IAdaptiveCard } {
  const text = exceptionRefusalText(why, viewer);
  if (requestId === undefined || why.code === 'stranger') return { text };
  const head = 'No exception';
  const shown = card({
    body: [title(head), banner('error', 'warning', [row(`! ${text}`)])],
    actions: present([backButton(requestId)]),
    fallbackText: text,
    speak: `${head}. ${text}`,
  });
  return { text, card: shown };
}

/** To the request as it is then, whatever its revision is by then. */
export function backButton(requestId: string) {
  const data = { verb: 'approval.view', requestId, revision: 0 } as const;
  return button({ id: 'back', title: 'Back to the request', data, inputs: 'none' });
}
