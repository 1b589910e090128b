import type { IAdaptiveCard } from 'adaptivecards';
import type { DeliveryHealth } from '../services/domain/delivery-health.ts';
import { banner, card, line, row, title, words } from './card.ts';
import { listOf } from './names.ts';
import { inZone } from './show-time.ts';
import { statusCard } from './status-card.ts';
import { troublesOf } from './status-troubles.ts';

const NAME = 'Daily heartbeat';

/** For an operator, once a day: one line, or what is not well. */
export function heartbeatCard(health: DeliveryHealth, zone?: string): IAdaptiveCard {
  if (troublesOf(health).length > 0) return statusCard(health, zone, NAME);
  const spoken = `${heartbeatSummary(health)}.`;
  const body = [
    title(NAME),
    banner('state', 'good', [line(words(`✓ Everything is delivered, ${digestWords(health)}`, { weight: 'bolder' }))]),
    row(
      'You get this once a working day as an operator: a day without it is no good sign. "status" shows the details.',
      {
        isSubtle: true,
      },
    ),
  ];
  return inZone(card({ body, actions: [], fallbackText: spoken, speak: spoken }), zone);
}

/** One line for notifications. Plain text. */
export function heartbeatSummary(health: DeliveryHealth): string {
  const troubles = troublesOf(health);
  return troubles.length === 0
    ? `${NAME}: everything is delivered, ${digestWords(health)}`
    : `${NAME}: needs attention: ${listOf(troubles, 3)}`;
}

function digestWords({ digests }: DeliveryHealth): string {
  return `${digests?.sent ?? 0} ${digests?.sent === 1 ? 'digest' : 'digests'} in 24 hours`;
}
