import { listCard, listText } from '../../cards/list-card.ts';
import type { Approvals } from '../../services/approvals.ts';
import type { Answer, TurnPerson } from '../answer.ts';

export function createListApprovals(approvals: Approvals) {
  return async (by: TurnPerson, filter: { readonly mine: boolean; readonly scope?: string }): Promise<Answer> => {
    const { mine, scope } = filter;
    const gates = await approvals.open({
      ...(mine ? { mine: by.oid } : {}),
      ...(scope === undefined ? {} : { scope }),
    });
    const shown = scope ?? (mine ? 'mine' : 'all');
    return { text: listText(gates, shown, by), card: listCard(gates, shown, by) };
  };
}
