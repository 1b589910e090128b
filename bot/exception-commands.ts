import type { Meant } from '../services/ports/meant.ts';
import type { Answer, TurnPerson } from './answer.ts';
import type { Command } from './commands.ts';
import type { LessSaid } from './exception-less.ts';
import {
  type ExceptionNamed,
  type ExceptionSaid,
  type LessNamed,
  readBecause,
  readExceptionRequest,
  readExceptionSaid,
  readGrant,
  readLess,
} from './exception-sentence.ts';
import { exceptionsCommand, type ListExceptions, type ListImports } from './exceptions-command.ts';
import { meantBy } from './said.ts';

/** Undefined words are asked for. */
export interface ExceptionHandlers {
  readonly list: ListExceptions;
  readonly unmanaged: ListImports;
  readonly request: (by: TurnPerson, asked: ExceptionNamed & ExceptionSaid, op: string) => Promise<Answer>;
  readonly renew: (by: TurnPerson, wish: Of & { readonly terms?: ExceptionSaid }, op: string) => Promise<Answer>;
  readonly decide: (
    by: TurnPerson,
    wish: Of & LessSaid & { readonly verdict: 'approve' | 'reject'; readonly comment?: string },
    op: string,
  ) => Promise<Answer>;
  readonly review: (
    by: TurnPerson,
    wish: Of & LessSaid & { readonly answer: ReviewWord; readonly comment?: string },
    op: string,
  ) => Promise<Answer>;
  readonly revoke: (by: TurnPerson, wish: Of & { readonly comment?: string }, op: string) => Promise<Answer>;
  readonly withdraw: (by: TurnPerson, wish: Of, op: string) => Promise<Answer>;
  readonly handOver: (
    by: TurnPerson,
    wish: Of & { readonly to?: string; readonly meant?: Meant },
    op: string,
  ) => Promise<Answer>;
  readonly view: (by: TurnPerson, exceptionId: string) => Promise<Answer>;
}

interface Of {
  readonly exceptionId: string;
}

type ReviewWord = 'keep' | 'close' | 'shrink' | 'snooze';

const EXCEPTION_ID = /^EX-\d+$/i;

/** An exception, where requests for approval have ids of another form. */
export function isExceptionId(id: string): boolean {
  return EXCEPTION_ID.test(id);
}

const REQUEST = 'request exception [FP|[baseline] CONTROL SERVICE ENV] [until DATE] [because …]';
const RENEW = 'renew EX-n [until DATE] [because …]';
const REVIEW = 'review EX-n keep|close|shrink|snooze [FP, FP] [until DATE] [because …]';

/** What people say of exceptions; the id is in any case of letters. */
export function exceptionCommands(handlers: ExceptionHandlers): readonly Command[] {
  return [
    exceptionsCommand(handlers),
    {
      usage: REQUEST,
      meaning: 'ask for an exception from what blocks; the form asks for what you leave out',
      pattern: /^request exception(?: (?<words>.+))?$/is,
      run: async (by, { words = '' }, op) => {
        const asked = readExceptionRequest(words);
        return asked === undefined ? writtenAs(REQUEST) : handlers.request(by, asked, op);
      },
    },
    {
      usage: RENEW,
      meaning: 'ask for more time, which somebody else has to grant',
      pattern: /^renew (?<id>\S{1,40})(?: (?<words>.+))?$/is,
      run: async (by, { id = '', words }, op) => {
        const terms = words === undefined ? undefined : readExceptionSaid(words);
        if (words === undefined) return handlers.renew(by, { exceptionId: idOf(id) }, op);
        return terms === undefined ? writtenAs(RENEW) : handlers.renew(by, { exceptionId: idOf(id), terms }, op);
      },
    },
    ...decisions(handlers),
    ...lifeCommands(handlers),
  ];
}

function decisions({ decide }: ExceptionHandlers): Command[] {
  return [
    {
      usage: 'grant EX-n [only FP, FP] [until DATE] [comment]',
      meaning: 'put an exception that is asked for in force, or for less than was asked for',
      pattern: /^grant (?<id>\S{1,40})(?: (?<words>.+))?$/is,
      run: async (by, { id = '', words = '' }, op) => {
        const said = readGrant(words);
        if (said === 'unclear') return { text: UNCLEAR };
        return decide(by, { exceptionId: idOf(id), verdict: 'approve', ...commented(said) }, op);
      },
    },
    {
      usage: 'refuse EX-n comment',
      meaning: 'refuse an exception and say why',
      pattern: /^refuse (?<id>\S{1,40})(?: (?<comment>.+))?$/is,
      run: (by, { id = '', comment = '' }, op) => decide(by, { exceptionId: idOf(id), verdict: 'reject', comment }, op),
    },
  ];
}

const UNCLEAR =
  'Nothing was granted: "until" or "only" may mean less than was asked for, or be a word of your comment. Write "grant EX-n until DATE because …" or "grant EX-n only FP, FP because …" with whole fingerprints to grant less, or put the comment in quotes.';

function lifeCommands(handlers: ExceptionHandlers): Command[] {
  return [
    {
      usage: REVIEW,
      meaning: 'say as its owner whether it is still needed, and why',
      pattern: /^review (?<id>\S{1,40}) (?<answer>keep|close|shrink|snooze)(?: (?<words>.+))?$/is,
      run: async (by, { id = '', answer: typed = '', words = '' }, op) => {
        const answer = typed.toLowerCase() as ReviewWord;
        const said = readReview(answer, words);
        return said === undefined
          ? writtenAs(REVIEW)
          : handlers.review(by, { exceptionId: idOf(id), answer, ...said }, op);
      },
    },
    {
      usage: 'revoke EX-n [because …]',
      meaning: 'end an exception at once: what it covers blocks again',
      pattern: /^revoke (?<id>\S{1,40})(?: (?<words>because .+))?$/is,
      run: (by, { id = '', words = '' }, op) => {
        const comment = readBecause(words);
        return handlers.revoke(by, { exceptionId: idOf(id), ...(comment === undefined ? {} : { comment }) }, op);
      },
    },
    {
      usage: 'hand over EX-n [to @PERSON|group:NAME]',
      meaning: 'make somebody else accountable for an exception',
      pattern: /^hand over (?<id>\S{1,40})(?: to (?<to>.{1,200}))?$/i,
      run: async (by, { id = '', to }, op, said) => {
        if (to === undefined) return handlers.handOver(by, { exceptionId: idOf(id) }, op);
        const meant = await meantBy(to, said);
        const whom = meant.kind === 'typed' ? { to } : { to, meant };
        return handlers.handOver(by, { exceptionId: idOf(id), ...whom }, op);
      },
    },
    {
      usage: 'exception EX-n',
      meaning: 'what an exception covers, until when, who answers for it, and what became of it',
      pattern: /^exception (?<id>\S{1,40})$/i,
      run: (by, { id = '' }) => handlers.view(by, idOf(id)),
    },
  ];
}

/** A day and findings belong to `shrink` alone. */
function readReview(answer: ReviewWord, words: string): (LessSaid & { readonly comment?: string }) | undefined {
  const because = readBecause(words);
  const said = answer === 'shrink' ? readLess(words) : because === undefined ? {} : { reason: because };
  if (said === undefined || (words !== '' && Object.keys(said).length === 0)) return undefined;
  return commented(said);
}

function commented({ reason: comment, ...less }: LessNamed): LessSaid & { readonly comment?: string } {
  return { ...less, ...(comment === undefined ? {} : { comment }) };
}

function idOf(id: string): string {
  return id.toUpperCase();
}

function writtenAs(usage: string): Answer {
  return { text: `Nothing was done: write it as "${usage}".` };
}
