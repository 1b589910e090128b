import type { Calls } from '../services/calls.ts';
import type { Gate } from '../services/domain/gate.ts';
import type { createGates } from '../services/gates.ts';
import type { createNotices } from '../services/notices.ts';
import type { Handlers, SideResult } from '../services/outbox.ts';
import { calledFor } from '../services/ports/called-for.ts';
import type { CardPass } from '../services/ports/card-pass.ts';
import type { StoredGate } from '../services/ports/gate-store.ts';
import type { createStages } from '../services/stages.ts';
import type { createUndeliveredCards } from '../services/undelivered-cards.ts';
import type { createVerdicts } from '../services/verdicts.ts';
import type { CoreSettings, Ports } from './core.ts';

export interface UseCases {
  readonly gates: ReturnType<typeof createGates>;
  readonly verdicts: ReturnType<typeof createVerdicts>;
  readonly notices: ReturnType<typeof createNotices>;
  readonly calls: Calls;
  readonly undelivered: ReturnType<typeof createUndeliveredCards>;
  readonly stages: ReturnType<typeof createStages>;
  /** It was let through. Rejects when it must be tried again. */
  readonly released: (gate: Gate) => Promise<void>;
}

/** What is done for each kind of item that a commit left to be done. */
export function handlersOf(
  ports: Ports,
  { gates, verdicts, notices, calls, undelivered, stages, released }: UseCases,
  { log }: CoreSettings,
  judgeAgain: (org: string, id: string) => Promise<void>,
): Handlers {
  const said = (stored: StoredGate, pass: CardPass): SideResult => {
    for (const refused of pass.refused) log.warn({ requestId: stored.gate.id, ...refused }, 'Teams refused a card');
    return {
      cards: pass.cards,
      droppedCards: pass.dropped,
      hopeless: pass.hopeless,
      ...(pass.retry === undefined ? {} : { retry: pass.retry }),
    };
  };
  return {
    moving: {
      judge: (stored, item) => gates.assess(stored, [item]),
      verdict: (stored, item) => verdicts.deliver(stored, item),
    },
    side: {
      card: async (stored) => {
        // First: what fails here is tried again before anything is posted.
        await calls.answered(stored);
        const pass = await notices.show(stored);
        await undelivered.note(stored, pass);
        return said(stored, pass);
      },
      remind: (stored, item) => calls.call(stored, 'reminder', calledFor(stored, item)),
      delegate: (stored, item) => calls.call(stored, 'delegated', calledFor(stored, item)),
      'ask-again': (stored) => calls.call(stored, 'asked-anew'),
      stage: stages.look,
      released: async ({ gate }) => {
        await released(gate);
        return {};
      },
      index: async (stored) => {
        await (stored.gate.toldAt === undefined
          ? ports.gates.markOpen(stored.gate)
          : ports.gates.markClosed(stored.gate));
        return {};
      },
      supersede: async ({ gate }) => {
        for (const id of gate.supersedes ?? []) await judgeAgain(gate.org, id);
        return {};
      },
    },
  };
}
