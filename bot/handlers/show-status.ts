import { statusCard, statusText } from '../../cards/status-card.ts';
import type { Status } from '../../services/status.ts';
import type { Answer, TurnPerson } from '../answer.ts';

export function createShowStatus(status: Status) {
  return async ({ zone }: TurnPerson): Promise<Answer> => {
    const health = await status.deliveryHealth();
    return { text: statusText(health, zone), card: statusCard(health, zone) };
  };
}
