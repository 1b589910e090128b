import type { IAdaptiveCard } from 'adaptivecards';
import { COMMENT_LIMIT } from '../services/domain/approval.ts';
import type { Ask, Gate } from '../services/domain/gate.ts';
import { askedNow } from '../services/domain/quorum.ts';
import { type CardElement, card, type TextInput, title } from './card.ts';
import { decideButtons, openApprovalButton, openRunButton, present, refreshButton } from './gate-actions.ts';
import { gateSection } from './gate-checks.ts';
import { gateFacts } from './gate-facts.ts';
import { exceptionsSection, warningsSection } from './gate-findings.ts';
import { errorBanner, historySection, type Note, stateBanner } from './gate-state.ts';
import { approvalTitle, fallbackOf, spokenOf } from './gate-summary.ts';
import type { Viewer } from './names.ts';

/**
 * A deployment that waits for people, or no longer does: the same card before and after, without buttons to decide
 * once it is settled. Pure: the record alone makes the card, `viewer` only turns a name into "you".
 */
export function approvalCard(gate: Gate, viewer?: Viewer, note?: Note): IAdaptiveCard {
  const mayAct = mayDecide(gate, viewer);
  const asks = mayAct && gate.linkOnly !== true ? gate.ask : undefined;
  const elsewhere = mayAct && gate.linkOnly === true ? openApprovalButton(gate) : undefined;
  const body: (CardElement | undefined)[] = [
    title(approvalTitle(gate)),
    stateBanner(gate, viewer),
    gateFacts(gate),
    historySection(gate, viewer),
    gateSection(gate, viewer),
    warningsSection(gate),
    exceptionsSection(gate),
    errorBanner(gate, viewer, note),
    asks === undefined ? undefined : commentInput(asks),
  ];
  return card({
    body: body.filter((element) => element !== undefined),
    actions: present([
      ...(asks === undefined ? [] : decideButtons(gate)),
      elsewhere ?? openRunButton(gate),
      refreshButton(gate),
    ]),
    fallbackText: fallbackOf(gate),
    speak: spokenOf(gate, viewer),
  });
}

/** A card for nobody in particular has the buttons; one made for somebody whom the gate does not ask has none. */
function mayDecide({ state, ask, votes }: Gate, viewer?: Viewer): boolean {
  if (state !== 'asked' || ask === undefined) return false;
  return viewer?.oid === undefined || askedNow(ask, votes).some(({ oid }) => oid === viewer.oid);
}

function commentInput({ comment }: Ask): TextInput {
  const both = comment.approve === 'required' && comment.reject === 'required';
  return {
    type: 'Input.Text',
    id: 'comment',
    label: commentLabel(comment),
    isMultiline: true,
    maxLength: COMMENT_LIMIT,
    spacing: 'medium',
    // Only when no button can do without: validation in the client stops every button that takes inputs.
    ...(both ? { isRequired: true, errorMessage: 'Write why.' } : {}),
  };
}

function commentLabel({ approve, reject }: Ask['comment']): string {
  if (approve === 'required') return reject === 'required' ? 'Comment' : 'Comment (required to approve)';
  return reject === 'required' ? 'Comment (required to reject)' : 'Comment (optional)';
}
