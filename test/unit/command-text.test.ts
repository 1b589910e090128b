import { expect, test } from 'vitest';
import { commandTextOf, isSpokenToBot } from '../../bot/teams/command-text.ts';

const mentionOf = (id: string, name: string) => ({
  type: 'mention',
  text: `<at>${name}</at>`,
  mentioned: { id, name },
});
const inChannel = {
  recipient: { id: '28:bot' },
  text: '<at>Countersign</at>&nbsp;approvals  mine\u200b',
  entities: [mentionOf('28:bot', 'Countersign')],
};

test('the mention of the bot and odd blanks are gone', () => {
  expect(commandTextOf(inChannel)).toBe('approvals mine');
});

test('other people stay as @Name', () => {
  const text = '<at>Countersign</at> cover me <at>Bob Dylan</at> until Friday';
  const entities = [...inChannel.entities, mentionOf('29:bob', 'Bob Dylan')];

  expect(commandTextOf({ ...inChannel, text, entities })).toBe('cover me @Bob Dylan until Friday');
});

test('several lines become one', () => {
  expect(commandTextOf({ text: 'reject G-1\r\nnot\u00a0today\t' })).toBe('reject G-1 not today');
});

test('characters that turn the reading direction are gone', () => {
  expect(commandTextOf({ text: 'approve \u202eG-1\u2066' })).toBe('approve G-1');
});

test('an activity without text is an empty command', () => {
  expect(commandTextOf({ value: {} })).toBe('');
});

test('in a chat of many only a mention speaks to the bot', () => {
  expect(isSpokenToBot(inChannel, 'channel')).toBe(true);
  expect(isSpokenToBot({ ...inChannel, entities: [mentionOf('29:bob', 'Bob')] }, 'channel')).toBe(false);
  expect(isSpokenToBot({ ...inChannel, entities: undefined }, 'groupChat')).toBe(false);
  expect(isSpokenToBot({ ...inChannel, entities: undefined }, 'personal')).toBe(true);
});
