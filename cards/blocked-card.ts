import type { IAdaptiveCard } from 'adaptivecards';
import type { Gate } from '../services/domain/gate.ts';
import { blockingSection } from './blocked-sections.ts';
import { type CardElement, card, title } from './card.ts';
import { exceptionButtons, openRunButton, present, refreshButton } from './gate-actions.ts';
import { gateSection } from './gate-checks.ts';
import { gateFacts } from './gate-facts.ts';
import { exceptionsSection, exceptionsUsed } from './gate-findings.ts';
import { errorBanner, historySection, type Note, stateBanner } from './gate-state.ts';
import { blockedTitle, fallbackOf, spokenOf } from './gate-summary.ts';
import type { Viewer } from './names.ts';

/** A deployment that the contract stops: what, why, where, how to mend it, whose it is, and until when it waits. */
export function blockedCard(gate: Gate, viewer?: Viewer, note?: Note): IAdaptiveCard {
  const body: (CardElement | undefined)[] = [
    title(blockedTitle(gate)),
    stateBanner(gate, viewer, note),
    gateFacts(gate),
    blockingSection(gate),
    exceptionsUsed(gate) ? exceptionsSection(gate) : undefined,
    gateSection(gate, viewer),
    historySection(gate, viewer),
    errorBanner(gate, viewer, note),
  ];
  const mayStillPass = gate.state === 'blocked' || gate.state === 'failed';
  return card({
    body: body.filter((element) => element !== undefined),
    actions: present([
      ...(mayStillPass ? exceptionButtons(gate) : []),
      openRunButton(gate),
      refreshButton(gate, viewer),
    ]),
    fallbackText: fallbackOf(gate, viewer?.zone),
    speak: spokenOf(gate, viewer),
  });
}
