import type { Meant } from '../services/ports/meant.ts';
import type { Answer, TurnPerson } from './answer.ts';
import type { Command } from './commands.ts';
import { meantBy, type Said } from './said.ts';

export interface PeopleHandlers {
  readonly cover: (by: TurnPerson, words: string, op: string, said: Said) => Promise<Answer>;
  readonly delegate: (by: TurnPerson, requestId: string, to: Meant, op: string) => Promise<Answer>;
  /** Without `to` everybody who has not answered. */
  readonly remind: (by: TurnPerson, requestId: string, to: Meant | undefined, op: string) => Promise<Answer>;
}

/** What people arrange among themselves; whom they name is known by a mention, an address or the whole name. */
export function peopleCommands(handlers: PeopleHandlers): readonly Command[] {
  return [
    {
      usage: 'delegate ID to @PERSON',
      meaning: 'ask another approver to decide',
      pattern: /^delegate (?<id>\S{1,40}) to (?<to>.{1,200})$/i,
      run: async (by, { id = '', to = '' }, op, said) =>
        handlers.delegate(by, id.toLowerCase(), await meantBy(to, said), op),
    },
    {
      usage: 'remind ID [@PERSON]',
      meaning: 'remind those who have not answered, once an hour at most',
      pattern: /^remind (?<id>\S{1,40})(?: (?<to>.{1,200}))?$/i,
      run: async (by, { id = '', to }, op, said) =>
        handlers.remind(by, id.toLowerCase(), to === undefined ? undefined : await meantBy(to, said), op),
    },
    {
      usage: 'cover [me @PERSON until DATE|me off|@ABSENT by @PERSON until DATE]',
      meaning: 'who decides in your place while you are away; alone: which covers stand',
      pattern: /^cover(?: (?<words>.{1,400}))?$/i,
      run: (by, { words = '' }, op, said) => handlers.cover(by, words, op, said),
    },
  ];
}
