import { createCoverNews } from '../services/cover-news.ts';
import { createCovering } from '../services/covering.ts';
import { createDelegations } from '../services/delegations.ts';
import type { Outbox } from '../services/outbox.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { Covers } from '../services/ports/covers.ts';
import type { Directory } from '../services/ports/directory.ts';
import type { GateStore, StoredGate } from '../services/ports/gate-store.ts';
import type { Conversations, Notifier, Recipient } from '../services/ports/notifier.ts';
import type { Policy } from '../services/ports/policy.ts';
import type { RefusedWords } from '../services/ports/refused-words.ts';
import { createReminders } from '../services/reminders.ts';
import type { Views } from '../services/views.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly covers: Covers;
  readonly gates: GateStore;
  readonly refusedWords: RefusedWords;
  readonly conversations: Conversations;
  readonly notifier: Notifier;
  readonly tenant: string;
  readonly views: Views;
  readonly outbox: Outbox;
  /** Goes on after the person was answered. */
  readonly later: (work: Promise<void>) => void;
}

/** Wires what people arrange among themselves; nothing of it gives anybody a right to decide that they have not got. */
export function createPeople(needs: Needs) {
  const { later, views } = needs;
  const news = createCoverNews(needs);
  const committed = (stored: StoredGate) =>
    later(needs.outbox.drain(stored.gate.org, stored.gate.id, { known: stored }));
  const changed = (affected: () => Promise<readonly StoredGate[]>) => {
    later(news.tell());
    later(judgeAll(needs, affected));
  };
  return {
    /** What can be done in the chat and on cards. */
    useCases: {
      covering: createCovering({ ...needs, strangerBecause: views.strangerBecause, changed }),
      delegations: createDelegations({ ...needs, committed }),
      reminders: createReminders({ ...needs, strangerBecause: views.strangerBecause, committed }),
    },
    /** What somebody was to be told, if they are among these. */
    tellMet: async (met: readonly Recipient[]): Promise<void> => {
      for (const one of met) if (one.kind === 'person') await news.tell(one.oid);
    },
    tellAll: (): Promise<void> => news.tell(),
  };
}

/** Who may decide has changed for these: they are judged again, each on its own. */
async function judgeAll(
  { gates, outbox, clock }: Needs,
  affected: () => Promise<readonly StoredGate[]>,
): Promise<void> {
  for (const { gate } of await affected()) {
    await gates.enqueue(gate, 'judge', clock.now());
    await outbox.drain(gate.org, gate.id);
  }
}
