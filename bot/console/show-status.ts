import { statusText } from '../../cards/status-card.ts';
import { troublesOf } from '../../cards/status-troubles.ts';
import type { Status } from '../../services/status.ts';
import type { Outcome } from './outcome.ts';

/** `status`: what the chat shows, as plain text; no when something needs attention. */
export async function showStatus(status: Pick<Status, 'deliveryHealth'>): Promise<Outcome> {
  const health = await status.deliveryHealth();
  if (health.store === 'unavailable') throw new Error('the table store does not answer');
  return { exitCode: troublesOf(health).length === 0 ? 0 : 1, lines: statusText(health).split('\n') };
}
