import { auditCard } from '../../cards/audit-card.ts';
import { cardText } from '../../cards/card-text.ts';
import { trendRefusalSentence } from '../../cards/trend-words.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { AuditReader } from '../../services/audits.ts';
import type { Answer, TurnPerson } from '../answer.ts';

/** For the people of the directory. */
export function createShowAudit({ auditFor }: Pick<AuditReader, 'auditFor'>) {
  return async (by: TurnPerson): Promise<Answer> => {
    const audit = await auditFor(by);
    if (audit === undefined) return { text: trendRefusalSentence({ kind: 'no-contract' }) };
    if (typeof audit === 'string') return { text: refusalSentence(audit) };
    const card = auditCard(audit, { zone: by.zone });
    return { text: cardText(card, [], by.zone), card };
  };
}
