import { createExceptionDecisions } from '../services/exception-decisions.ts';
import { createExceptionDetours } from '../services/exception-detours.ts';
import { createExceptionImports } from '../services/exception-imports.ts';
import { createExceptionLists } from '../services/exception-lists.ts';
import { createExceptionLooks } from '../services/exception-looks.ts';
import { createExceptionNotices } from '../services/exception-notices.ts';
import { createExceptionPlaces } from '../services/exception-places.ts';
import { createExceptionRequests } from '../services/exception-requests.ts';
import { createExceptionReviews } from '../services/exception-reviews.ts';
import { createExceptionViews } from '../services/exception-views.ts';
import { createImportLists } from '../services/import-lists.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { Covers } from '../services/ports/covers.ts';
import type { Directory } from '../services/ports/directory.ts';
import { type ExceptionStore, type StoredException, scopeOf } from '../services/ports/exception-store.ts';
import type { GateStore } from '../services/ports/gate-store.ts';
import type { ImportStore } from '../services/ports/import-store.ts';
import type { Conversations, Notifier } from '../services/ports/notifier.ts';
import type { Nudges } from '../services/ports/nudges.ts';
import type { Policy } from '../services/ports/policy.ts';
import type { ScopeKey, ScopeStore } from '../services/ports/scope-store.ts';
import type { Views } from '../services/views.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly covers: Covers;
  readonly gates: GateStore;
  readonly scopes: ScopeStore;
  readonly exceptions: ExceptionStore;
  readonly imports: ImportStore;
  readonly conversations: Conversations;
  readonly notifier: Notifier;
  readonly nudges: Nudges;
  readonly views: Views;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
  /** Judges again who waits in a scope whose wake-ups are not carried out. */
  readonly wake: (scope: ScopeKey) => Promise<void>;
  /** Goes on after the person was answered. */
  readonly later: (work: Promise<void>) => void;
  readonly log: { warn(data: object, message: string): void };
}

/** Wires the life of exceptions: what people say, what time does, and what follows from either. */
export function createExceptions(needs: Needs) {
  const { later, wake, exceptions } = needs;
  const { strangerBecause } = needs.views;
  const show = createExceptionNotices({
    ...needs,
    detourOf: createExceptionDetours(needs),
    failed: (exception, recipient, code) => needs.log.warn({ exception, recipient, code }, 'Teams refused a card'),
  });
  const { look, outgrown } = createExceptionLooks(needs);
  const lookAt = async ({ org, service, environment, id }: ScopeKey & { readonly id: string }): Promise<void> => {
    const stored = await look({ org, service, environment }, id);
    if (stored !== undefined) await Promise.all([show(stored), wake(scopeOf(stored.exception))]);
  };
  // Read afresh: of what others have sent meanwhile only the rows know.
  const carryOn = ({ exception }: StoredException) => lookAt({ ...scopeOf(exception), id: exception.id });
  const words = { ...needs, strangerBecause, committed: (stored: StoredException) => later(carryOn(stored)) };
  const exceptionRequests = createExceptionRequests(words);
  return {
    /** What people can do with exceptions. */
    useCases: {
      exceptionRequests,
      exceptionDecisions: createExceptionDecisions(words),
      exceptionReviews: createExceptionReviews(words),
      exceptionImports: createExceptionImports({ ...needs, strangerBecause, request: exceptionRequests.request }),
      importLists: createImportLists({ ...needs, strangerBecause }),
      exceptionLists: createExceptionLists({ ...needs, strangerBecause }),
      exceptionViews: createExceptionViews(words),
      exceptionPlaces: createExceptionPlaces(words),
    },
    /** A hint of the due index, or somebody can be reached: time is noted, cards are shown, and who waits is judged. */
    lookAt,
    /** What these were granted for is worse by now. */
    reopen: async (ids: readonly string[]): Promise<void> => {
      for (const id of ids) {
        const stored = await outgrown(id);
        if (stored !== undefined) await carryOn(stored);
      }
    },
    /** Whoever was parked for this exception can be reached: that is noted, and what was noted is sent by what is returned. */
    showAgain: async (id: string): Promise<() => Promise<void>> => {
      const stored = await exceptions.locate(id);
      if (stored === undefined) return async () => {};
      await exceptions.showAgain(scopeOf(stored.exception), id, needs.clock.now());
      return () => carryOn(stored);
    },
  };
}
