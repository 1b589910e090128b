import { type Fields, listAt, textAt } from './fields.ts';

const MAX_TEXT_LENGTH = 8000;
const MAX_MENTIONS = 50;

/** True when a person spoke to the bot: in a chat of many only with a mention, although some scopes deliver more. */
export function isSpokenToBot(activity: Fields, kind: 'personal' | 'channel' | 'groupChat'): boolean {
  const bot = textAt(activity, 'recipient', 'id');
  return kind === 'personal' || mentionsIn(activity).some((mention) => textAt(mention, 'mentioned', 'id') === bot);
}

/**
 * What a person typed, on one line: without the mention of the bot, other people as `@Name`, all kinds of blanks as
 * single spaces, invisible characters gone.
 */
export function commandTextOf(activity: Fields): string {
  const bot = textAt(activity, 'recipient', 'id');
  let text = (textAt(activity, 'text') ?? '').slice(0, MAX_TEXT_LENGTH);
  for (const mention of mentionsIn(activity)) {
    const written = textAt(mention, 'text');
    if (written !== undefined && textAt(mention, 'mentioned', 'id') === bot) text = text.replaceAll(written, ' ');
  }
  return writtenAs(text);
}

/** Text of a message, or of a mention in it, as it stands in a command. */
export function writtenAs(text: string): string {
  return text
    .replace(/<at\b[^<>]{0,100}>/gi, '@')
    .replace(/<\/at>/gi, '')
    .replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '')
    .replace(/(?:&nbsp;|\s)+/gi, ' ')
    .trim();
}

export function isPersonMention(mention: unknown, activity: Fields): boolean {
  return textAt(mention, 'mentioned', 'id') !== textAt(activity, 'recipient', 'id');
}

export function mentionsIn(activity: Fields): readonly unknown[] {
  return listAt(activity, 'entities')
    .filter((entity) => textAt(entity, 'type') === 'mention')
    .slice(0, MAX_MENTIONS);
}
