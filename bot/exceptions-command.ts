import type { ExceptionFilter, ExceptionListKind } from '../services/domain/exception-list.ts';
import type { Answer, TurnPerson } from './answer.ts';
import type { Command } from './commands.ts';

export type ListExceptions = (by: TurnPerson, filter: ExceptionFilter) => Promise<Answer>;

/** A service of the name of a list is found behind it: `exceptions mine ended`. */
export function exceptionsCommand(list: ListExceptions): Command {
  return {
    usage: 'exceptions [mine|SERVICE|expiring|unused|ended]',
    meaning: 'which exceptions there are, which of them end soon, may not be needed, or have ended',
    pattern: /^exceptions(?: (?<which>mine|expiring|unused|ended))?(?: (?<service>\S{1,100}))?$/i,
    run: (by, { which = 'open', service }) =>
      list(by, {
        which: which.toLowerCase() as ExceptionListKind,
        ...(service === undefined ? {} : { service }),
      }),
  };
}
