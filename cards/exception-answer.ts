import type { IAdaptiveCard } from 'adaptivecards';
import type { Gate } from '../services/domain/gate.ts';
import type { JudgedGroup } from '../services/domain/judgement.ts';
import { type CardElement, card, type Fact, fact, line, title, words } from './card.ts';
import { cardText } from './card-text.ts';
import { openRunButton, present, viewButton } from './gate-actions.ts';
import { kindOf, placeOf, RULE_MAX } from './gate-findings.ts';
import { deploymentOf, nameOf, plural, principalName } from './names.ts';
import { plain } from './text.ts';

/** What somebody wants an exception for, as the button or the command says; names are looked up, never believed. */
export interface ExceptionWish {
  readonly service: string;
  readonly environment: string;
  readonly control: string;
  readonly fingerprint?: string;
}

const MESSAGE_MAX = 160;

/**
 * Who may grant an exception from what blocks this gate, for how long, and what it takes. Without the gate, or when
 * nothing blocks there any more, it says so.
 */
export function exceptionAnswerCard(wish: ExceptionWish, gate?: Gate): IAdaptiveCard {
  const group = gate === undefined ? undefined : blockedBy(gate, wish);
  if (gate === undefined || group === undefined) return nothingToExcept(gate);
  if (group.exception === undefined || group.exception.maxDays <= 0) return noExceptions(gate, group);
  const headline = `Exception from ${nameOf(group.control)}`;
  return answer(gate, headline, [
    line(words(`This is what an exception for ${nameOf(group.service)} in ${nameOf(gate.environment)} takes.`)),
    { type: 'FactSet', id: 'facts', spacing: 'medium', facts: conditions(gate, group, group.exception) },
    {
      ...line(words(untilThen(gate))),
      id: 'state',
      spacing: 'medium',
    },
  ]);
}

export function exceptionAnswerText(wish: ExceptionWish, gate?: Gate): string {
  return cardText(exceptionAnswerCard(wish, gate));
}

function blockedBy(gate: Gate, wish: ExceptionWish): JudgedGroup | undefined {
  if (wish.environment !== gate.environment) return undefined;
  return gate.judgement?.blocks.find(
    ({ control, service, fingerprints }) =>
      control === wish.control &&
      service === wish.service &&
      (wish.fingerprint === undefined || fingerprints.includes(wish.fingerprint)),
  );
}

function conditions(gate: Gate, group: JudgedGroup, exception: NonNullable<JudgedGroup['exception']>): Fact[] {
  const [sample] = group.samples;
  const place = sample === undefined ? '' : placeOf(sample);
  return [
    fact('For', `${plain(group.rule, RULE_MAX)} (${kindOf(group)})${place === '' ? '' : ` in ${place}`}`),
    ...(sample === undefined ? [] : [fact('What', plain(sample.message, MESSAGE_MAX))]),
    fact('Granted by', principalName(exception.approvers, gate)),
    fact('At most', `${exception.maxDays} ${plural(exception.maxDays, 'day')}`),
    fact('It needs', 'an owner'),
    fact('', `a reason of at least ${exception.minReason} characters`),
    fact('', 'the day on which it ends'),
    fact('', 'how often it is reviewed'),
    fact('', 'a compensating control: what protects you meanwhile'),
  ];
}

function untilThen(gate: Gate): string {
  return gate.state === 'blocked'
    ? 'Exceptions cannot be recorded here yet. Until they can, the gate stays blocked and only a fix opens it.'
    : 'Exceptions cannot be recorded here yet: fix what blocked it, then run the stage again.';
}

function noExceptions(gate: Gate, group: JudgedGroup): IAdaptiveCard {
  return answer(gate, `No exception from ${nameOf(group.control)}`, [
    {
      ...line(
        words(
          `The contract grants no exceptions from this control. The finding has to be mended; ${principalName(group.owner, gate)} owns it.`,
        ),
      ),
      id: 'state',
    },
  ]);
}

function nothingToExcept(gate: Gate | undefined): IAdaptiveCard {
  const sentence =
    gate === undefined
      ? 'There is no such request here, so there is nothing to except. Type "approvals" to see what is open.'
      : `The ${deploymentOf(gate)} is not blocked by this finding any more, so no exception is needed for it.`;
  return answer(gate, 'Nothing to except', [{ ...line(words(sentence)), id: 'state' }]);
}

function answer(gate: Gate | undefined, headline: string, items: readonly CardElement[]): IAdaptiveCard {
  const actions = gate === undefined ? [] : [viewButton(gate, 'back', 'Back to the request'), openRunButton(gate)];
  const body = [title(headline), ...items];
  const draft = card({ body, actions: present(actions), fallbackText: headline, speak: headline });
  const said = cardText(draft);
  return { ...draft, fallbackText: said, speak: said };
}
