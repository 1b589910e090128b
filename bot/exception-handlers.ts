import type { ActionTable } from './actions.ts';
import type { Core } from './core.ts';
import { askedBy, termsIn } from './exception-wish.ts';
import { createAskInWords } from './handlers/ask-in-words.ts';
import { createDecideException } from './handlers/decide-exception.ts';
import { createHandOverException } from './handlers/handover-exception.ts';
import { createListExceptions } from './handlers/list-exceptions.ts';
import { createListImports } from './handlers/list-imports.ts';
import { createRenewException } from './handlers/renew-exception.ts';
import { createRenewInWords } from './handlers/renew-in-words.ts';
import { createRequestException } from './handlers/request-exception.ts';
import { createReviewException } from './handlers/review-exception.ts';
import { createRevokeException } from './handlers/revoke-exception.ts';
import { createSubmitException } from './handlers/submit-exception.ts';
import { createViewException } from './handlers/view-exception.ts';
import { createWithdrawException } from './handlers/withdraw-exception.ts';

export type ExceptionHandlers = ReturnType<typeof exceptionHandlersOf>;

/** What people can do with exceptions, clicked or typed. */
export function exceptionHandlersOf(core: Core) {
  const { exceptionRequests, exceptionDecisions, exceptionReviews, exceptionViews } = core;
  return {
    list: createListExceptions(core),
    unmanaged: createListImports(core.importLists),
    request: createRequestException(exceptionRequests, exceptionViews),
    submit: createSubmitException(exceptionRequests, exceptionViews),
    decide: createDecideException(exceptionDecisions, exceptionViews),
    renew: createRenewException(exceptionRequests, exceptionViews),
    review: createReviewException(exceptionReviews, exceptionViews),
    revoke: createRevokeException(exceptionReviews, exceptionViews),
    handOver: createHandOverException(exceptionReviews, exceptionViews),
    withdraw: createWithdrawException(exceptionDecisions, exceptionViews),
    view: createViewException(exceptionViews),
  };
}

/** The same for what is typed. */
export function exceptionsInWords(core: Core, handlers: ExceptionHandlers) {
  return {
    ...handlers,
    request: createAskInWords(core),
    renew: createRenewInWords(handlers.renew, core.exceptionViews),
  };
}

type ExceptionVerb = Extract<keyof ActionTable, `exception.${string}`>;

/** The same for the buttons of cards. */
export function exceptionActions(handlers: ExceptionHandlers): Pick<ActionTable, ExceptionVerb> {
  return {
    'exception.request': (by, data, op) => handlers.request(by, askedBy(data), op),
    'exception.submit': (by, data, op) => handlers.submit(by, askedBy(data), op),
    'exception.decide': (by, { verb: _, ...word }, op) => handlers.decide(by, word, op),
    'exception.renew': (by, data, op) => {
      const { exceptionId, revision } = data;
      const terms = termsIn(data);
      return handlers.renew(by, { exceptionId, revision, ...(terms === undefined ? {} : { terms }) }, op);
    },
    'exception.review': (by, { verb: _, ...word }, op) => handlers.review(by, word, op),
    'exception.revoke': (by, { verb: _, ...word }, op) => handlers.revoke(by, word, op),
    'exception.handover': (by, { verb: _, ...word }, op) => handlers.handOver(by, word, op),
    'exception.withdraw': (by, { verb: _, ...word }, op) => handlers.withdraw(by, word, op),
    'exception.view': (by, { exceptionId }) => handlers.view(by, exceptionId),
  };
}
