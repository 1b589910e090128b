import { type Exception, isOver } from './domain/exception.ts';
import type { ExceptionRefusal } from './domain/exception-refusal.ts';
import type { ExceptionStanding } from './domain/exception-standing.ts';
import type { PersonActor, Principal } from './domain/person.ts';
import { readWrittenDate } from './domain/written-date.ts';
import { DirectoryUnavailableError } from './ports/directory.ts';
import { type ExceptionAnswered, standingAs, type WordNeeds } from './ports/exception-word.ts';

type Needs = Omit<WordNeeds, 'committed'>;

export type ExceptionViews = ReturnType<typeof createExceptionViews>;

/** What people may read of exceptions. Each rejects when the store does not answer. */
export function createExceptionViews(needs: Needs) {
  return {
    /** As it is now; its id in any case of letters. */
    view: (by: PersonActor, id: string): Promise<Exception | ExceptionRefusal> => view(needs, by, id),
    /** Undefined while the directory does not answer: then only what the record itself says is known. */
    standing: (by: PersonActor, exception: Exception): Promise<ExceptionStanding | undefined> =>
      standing(needs, by, exception),
    /** The ISO date that is meant by a day as people write it; `timezone` is the writer's. */
    day: (text: string, timezone?: string): Promise<string | ExceptionRefusal> => day(needs, text, timezone),
    /** A word that was refused before it was said to any exception, with the exception that it was meant for. */
    refused: async (by: PersonActor, id: string, why: ExceptionRefusal): Promise<ExceptionAnswered> => {
      const exception = await view(needs, by, id);
      return 'code' in exception ? { kind: 'refused', why: exception } : { kind: 'refused', why, exception };
    },
    now: (): string => needs.clock.now(),
  };
}

async function view(needs: Needs, by: PersonActor, id: string): Promise<Exception | ExceptionRefusal> {
  const stranger = await needs.strangerBecause(by);
  if (stranger !== undefined) return { code: 'stranger', refusal: stranger };
  return (await needs.exceptions.locate(id.toUpperCase()))?.exception ?? { code: 'unknown-exception', id };
}

const NOTHING: ExceptionStanding = { approver: false, owner: false, controlOwner: false };

async function standing(needs: Needs, by: PersonActor, exception: Exception): Promise<ExceptionStanding | undefined> {
  // Of one that is over nobody can do anything, whoever they are.
  if (isOver(exception.state)) return NOTHING;
  try {
    const person = await needs.directory.person(by.oid);
    if (person === undefined) return NOTHING;
    const { contract } = await needs.policy.current();
    const control = contract?.controls.find(({ name }) => name === exception.target.control);
    const now = needs.clock.now();
    const isOneOf = async (...principals: Principal[]) =>
      (await standingAs(needs, person, principals, now)) !== undefined;
    const [approver, owner, controlOwner] = await Promise.all([
      isOneOf(control?.expiry.approvers ?? exception.asks.approvers),
      isOneOf(exception.terms.owner),
      control === undefined ? false : isOneOf(control.owner.fallback),
    ]);
    return { approver, owner, controlOwner };
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) return undefined;
    throw error;
  }
}

/** Further than any exception lasts: what it may be narrowed to is compared with its own end. */
const ANY_DAYS = 36_500;

async function day(needs: Needs, text: string, timezone?: string): Promise<string | ExceptionRefusal> {
  const calendar = (await needs.policy.current()).contract?.calendar;
  const written = readWrittenDate(text, {
    now: needs.clock.now(),
    timezone: timezone ?? calendar?.timezone ?? 'UTC',
    cadences: calendar?.cadences ?? new Map(),
    maxDays: ANY_DAYS,
  });
  return written.kind === 'date' ? written.date : { code: 'date', why: written.why };
}
