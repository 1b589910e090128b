import type { Unreachable, UnreachableWhy } from '../services/domain/unreachable.ts';
import { plain } from './text.ts';

const NAME_MAX = 60;
const CODE_MAX = 60;

const PERSON: Readonly<Record<Exclude<UnreachableWhy, 'refused'>, string>> = {
  'not-installed': 'the app is not installed for them',
  removed: 'the app was removed',
  blocked: 'they have blocked the app',
  'switched-off': 'an administrator has switched the app off',
  'no-writes': 'Teams lets nothing be written to them',
  gone: 'the chat with them is gone',
  left: 'the directory has nobody active of this name any more',
};

const CHANNEL: Readonly<Record<Exclude<UnreachableWhy, 'refused'>, string>> = {
  ...PERSON,
  'not-installed': 'the app is not installed in its team, or several channels have this name',
  removed: 'the app was removed from its team',
  blocked: 'the app is blocked there',
  'no-writes': 'Teams lets nothing be written there',
  gone: 'the channel was deleted or has another name now',
  left: 'the channel is gone',
};

/** `Ana Ruiz cannot be reached in Teams: the app is not installed for them`. Plain text. */
export function unreachableWords(one: Unreachable): string {
  return `${unreachableName(one)} cannot be reached in Teams: ${unreachableReason(one)}`;
}

export function unreachableName({ name }: Pick<Unreachable, 'name'>): string {
  return plain(name, NAME_MAX) || '(no name)';
}

/** What is to be done follows from it: install, unblock, switch on, or name somebody else. */
export function unreachableReason({ recipient, why, loss }: Unreachable): string {
  if (why === 'refused') return `Teams answered ${plain(loss?.code ?? 'nothing', CODE_MAX)}`;
  return (recipient.startsWith('channel:') ? CHANNEL : PERSON)[why];
}
