import type { Activity } from 'botbuilder';
import type { Answer } from '../answer.ts';
import { CARD_CONTENT_TYPE } from './invoke-response.ts';

/** An answer in the chat. Plain, so that nothing in a name or a comment becomes a link, a picture or a mention. */
export function messageOf(answer: Answer): Partial<Activity> {
  if (answer.card === undefined) return { type: 'message', text: answer.text, textFormat: 'plain' };
  const attachment = { contentType: CARD_CONTENT_TYPE, content: answer.card };
  return { type: 'message', summary: answer.text, attachments: [attachment] };
}
