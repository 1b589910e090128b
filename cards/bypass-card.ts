import type { IAdaptiveCard } from 'adaptivecards';
import { isOpenBypass, REASON_MAX, REASON_MIN, TICKET_MAX } from '../services/domain/bypass.ts';
import type { Gate } from '../services/domain/gate.ts';
import { button } from './actions.ts';
import { blockingSection } from './blocked-sections.ts';
import { bypassLines } from './bypass-words.ts';
import { type CardElement, type Container, card, type ExecuteAction, section, type TextInput, title } from './card.ts';
import { openRunButton, present, refreshButton } from './gate-actions.ts';
import { gateSection } from './gate-checks.ts';
import { gateFacts } from './gate-facts.ts';
import { exceptionsSection, warningsSection } from './gate-findings.ts';
import { errorBanner, historySection, type Note, stateBanner } from './gate-state.ts';
import { approvalTitle, fallbackOf, spokenOf } from './gate-summary.ts';
import { isViewer, type Viewer } from './names.ts';

/** A stage that went on without a decision: what it went past, and who says why. The server knows who may. */
export function bypassCard(gate: Gate, viewer?: Viewer, note?: Note): IAdaptiveCard {
  const isToBeExplained = gate.bypass === undefined;
  const body: (CardElement | undefined)[] = [
    title(approvalTitle(gate)),
    stateBanner(gate, viewer),
    gateFacts(gate),
    bypassHistory(gate, viewer),
    ...(gate.judgement?.verdict === 'block'
      ? [blockingSection(gate)]
      : [warningsSection(gate), exceptionsSection(gate)]),
    gateSection(gate, viewer),
    errorBanner(gate, viewer, note),
    ...(isToBeExplained ? explanationInputs('let it go on') : []),
  ];
  const word = isToBeExplained ? explainButton(gate) : isOpenBypass(gate) ? confirmButton(gate, viewer) : undefined;
  return card({
    body: body.filter((element) => element !== undefined),
    actions: present([word, openRunButton(gate), refreshButton(gate)]),
    fallbackText: fallbackOf(gate),
    speak: spokenOf(gate, viewer),
  });
}

function bypassHistory(gate: Gate, viewer: Viewer | undefined): Container {
  const said = gate.bypass === undefined ? [] : bypassLines(gate.bypass, viewer);
  return section('history', [...(historySection(gate, viewer)?.items ?? []), ...said]);
}

/** What an explanation is written into. `who`: did what. */
export function explanationInputs(who: string): TextInput[] {
  return [
    {
      type: 'Input.Text',
      id: 'reason',
      label: `Who ${who}, and why (at least ${REASON_MIN} characters)`,
      isMultiline: true,
      maxLength: REASON_MAX,
      spacing: 'medium',
      isRequired: true,
      errorMessage: 'Write why.',
    },
    {
      type: 'Input.Text',
      id: 'ticket',
      label: 'Ticket (number or address)',
      maxLength: TICKET_MAX,
      isRequired: true,
      errorMessage: 'Name the ticket.',
    },
  ];
}

/** A bypass, or an action off the release path. */
type Explainable = Pick<Gate, 'id' | 'revision' | 'bypass'>;

export function explainButton({ id: requestId, revision }: Explainable): ExecuteAction | undefined {
  const data = { verb: 'bypass.explain', requestId, revision } as const;
  return button({ id: 'explain', title: 'Explain', data, inputs: 'auto' });
}

/** Of what is not confirmed yet. Whoever explained it cannot confirm it. */
export function confirmButton(
  { id: requestId, revision, bypass }: Explainable,
  viewer: Viewer | undefined,
): ExecuteAction | undefined {
  if (bypass === undefined || isViewer(viewer, bypass.explained.by.oid)) return undefined;
  const data = { verb: 'bypass.confirm', requestId, revision } as const;
  return button({ id: 'confirm', title: 'Confirm', data, inputs: 'none', style: 'positive' });
}
