import type { IAdaptiveCard } from 'adaptivecards';
import { COMMENT_LIMIT } from '../services/domain/approval.ts';
import type { Ask, Gate } from '../services/domain/gate.ts';
import { type CardElement, card, type TextInput, title } from './card.ts';
import {
  changesButton,
  decideButtons,
  delegateButton,
  openApprovalButton,
  openNewerButton,
  openRunButton,
  present,
  refreshButton,
  refreshOf,
  remindButton,
} from './gate-actions.ts';
import { gateSection } from './gate-checks.ts';
import { gateFacts } from './gate-facts.ts';
import { exceptionsSection, warningsSection } from './gate-findings.ts';
import { isAskedElsewhere, type Verdict, verdictsFor } from './gate-reader.ts';
import { errorBanner, historySection, type Note, stateBanner } from './gate-state.ts';
import { approvalTitle, fallbackOf, spokenOf } from './gate-summary.ts';
import type { Viewer } from './names.ts';

/**
 * A deployment that waits for people, or no longer does: the same card before and after. Pure: the record alone makes the
 * card; `viewer` turns a name into "you" and gets the buttons to decide, if the gate asks this reader.
 */
export function approvalCard(gate: Gate, viewer?: Viewer, note?: Note): IAdaptiveCard {
  const verdicts = verdictsFor(gate, viewer);
  const body: (CardElement | undefined)[] = [
    title(approvalTitle(gate)),
    stateBanner(gate, viewer),
    gateFacts(gate),
    historySection(gate, viewer),
    gateSection(gate, viewer),
    warningsSection(gate),
    exceptionsSection(gate),
    errorBanner(gate, viewer, note),
    gate.ask === undefined || verdicts.length === 0 ? undefined : commentInput(gate.ask, verdicts),
  ];
  return card({
    body: body.filter((element) => element !== undefined),
    actions: present([
      ...decideButtons(gate, verdicts),
      verdicts.includes('approve') ? delegateButton(gate, viewer) : remindButton(gate, viewer),
      openNewerButton(gate),
      isAskedElsewhere(gate, viewer) ? openApprovalButton(gate) : openRunButton(gate),
      changesButton(gate),
      refreshButton(gate, viewer),
    ]),
    fallbackText: fallbackOf(gate, viewer?.zone),
    speak: spokenOf(gate, viewer),
    refresh: refreshOf(gate, viewer),
  });
}

export function commentInput({ comment }: Pick<Ask, 'comment'>, verdicts: readonly Verdict[]): TextInput {
  const commented = verdicts.filter((verdict) => verdict !== 'withdraw');
  const required = commented.filter((verdict) => comment[verdict] === 'required');
  const all = required.length === commented.length;
  const needs = required.length === 0 ? 'optional' : `required to ${required.join(' or ')}`;
  return {
    type: 'Input.Text',
    id: 'comment',
    label: `Comment (${needs})`,
    isMultiline: true,
    maxLength: COMMENT_LIMIT,
    spacing: 'medium',
    // Only when no button that takes it can do without: validation in the client stops all of those.
    ...(all ? { isRequired: true, errorMessage: 'Write why.' } : {}),
  };
}
