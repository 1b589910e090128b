import type { ExceptionOffer } from '../services/domain/exception-request.ts';
import { type Container, type FactSet, fact, row, section, sectionHead } from './card.ts';
import { coversWords, hiddenWords, lastDayFact, OUTSIDE_BUDGET, partyName, renewalWords } from './exception-names.ts';
import { placeOf, RULE_MAX } from './gate-findings.ts';
import { counted, grouped, listOf, nameOf } from './names.ts';
import { plain } from './text.ts';

const RULES_SHOWN = 4;
const MESSAGE_MAX = 140;

/** On which terms the control grants exceptions, and what is left of them. */
export function offerFacts(offer: ExceptionOffer, { isBaseline }: { readonly isBaseline?: boolean }): FactSet {
  const { hidden, expiry, latest, renewal, budget } = offer;
  const { target, count, severity, rules } = hidden;
  const rulesShown = listOf(
    rules.map((rule) => plain(rule, RULE_MAX)),
    RULES_SHOWN,
  );
  const facts = [
    fact('Control', nameOf(target.control)),
    fact('Service', `${nameOf(target.service)} in ${nameOf(target.environment)}`),
    fact('Would hide', `${hiddenWords(count, severity)}: ${rulesShown}`),
    fact('Covers', coversWords(target)),
    fact(
      'Granted by',
      `${partyName(expiry.approvers)} (${counted(expiry.quorum, 'approval')}, nobody who asks for it)`,
    ),
    ...(expiry.maxDays > 0
      ? [fact('Latest day', `${lastDayFact(latest)}: ${counted(expiry.maxDays, 'day')} at most`)]
      : []),
    fact('Renewals', renewalWords(renewal.number, renewal.of)),
    fact(
      'Budget',
      isBaseline === true
        ? OUTSIDE_BUDGET
        : `${budget.used} of ${budget.limit} exceptions of ${nameOf(target.service)} are in use`,
    ),
  ];
  return { type: 'FactSet', id: 'facts', spacing: 'medium', facts };
}

/** Some of what it would hide. */
export function offerExamples({ hidden }: ExceptionOffer): Container | undefined {
  if (hidden.samples.length === 0) return undefined;
  const more = hidden.count - hidden.samples.length;
  return section('findings', [
    sectionHead(more > 0 ? 'Among what it would hide' : 'What it would hide'),
    ...hidden.samples.map((sample) => {
      const place = placeOf(sample);
      return row(`■ ${plain(sample.message, MESSAGE_MAX)}${place === '' ? '' : ` · ${place}`}`);
    }),
    ...(more > 0 ? [row(`and ${grouped(more)} more`, { isSubtle: true })] : []),
  ]);
}
