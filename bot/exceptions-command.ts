import type { ExceptionFilter, ExceptionListKind } from '../services/domain/exception-list.ts';
import type { Answer, TurnPerson } from './answer.ts';
import type { Command } from './commands.ts';

export type ListExceptions = (by: TurnPerson, filter: ExceptionFilter) => Promise<Answer>;

export type ListImports = (by: TurnPerson, service?: string) => Promise<Answer>;

interface Lists {
  readonly list: ListExceptions;
  readonly unmanaged: ListImports;
}

/** A service of the name of a list is found behind it: `exceptions mine ended`. */
export function exceptionsCommand({ list, unmanaged }: Lists): Command {
  return {
    usage: 'exceptions [mine|SERVICE|expiring|unused|ended|unmanaged]',
    meaning:
      'which exceptions there are, which of them end soon, may not be needed, have ended, or are kept by other tools alone',
    pattern: /^exceptions(?: (?<which>mine|expiring|unused|ended|unmanaged))?(?: (?<service>\S{1,100}))?$/i,
    run: (by, { which = 'open', service }) =>
      which.toLowerCase() === 'unmanaged'
        ? unmanaged(by, service)
        : list(by, {
            which: which.toLowerCase() as ExceptionListKind,
            ...(service === undefined ? {} : { service }),
          }),
  };
}
