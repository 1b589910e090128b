import { createCalls } from '../services/calls.ts';
import { createCardGroups } from '../services/card-groups.ts';
import { createGateDetours } from '../services/gate-detours.ts';
import { createNotices } from '../services/notices.ts';
import { createNudges } from '../services/nudges.ts';
import { createRecipients } from '../services/recipients.ts';
import { createUndeliveredCards } from '../services/undelivered-cards.ts';
import type { CoreSettings, Ports } from './core.ts';

/** Wires how people are told of a request: by its cards, aloud, and again. */
export function createCalling(ports: Ports, { log }: CoreSettings, changed: (org: string, id: string) => void) {
  const nudges = createNudges({
    ...ports,
    failed: (reader, code) => log.warn({ reader, code }, 'Teams refused a card'),
  });
  const shared = {
    ...ports,
    nudges,
    recipientsOf: createRecipients(ports),
    detourOf: createGateDetours(ports),
    groups: createCardGroups({ ...ports, changed }),
  };
  return {
    nudges,
    notices: createNotices(shared),
    calls: createCalls(shared),
    undelivered: createUndeliveredCards(shared),
  };
}
