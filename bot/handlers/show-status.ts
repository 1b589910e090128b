import { statusCard, statusText } from '../../cards/status-card.ts';
import type { Status } from '../../services/status.ts';
import type { Answer } from '../answer.ts';

export function createShowStatus(status: Status) {
  return async (): Promise<Answer> => {
    const health = await status.deliveryHealth();
    return { text: statusText(health), card: statusCard(health) };
  };
}
