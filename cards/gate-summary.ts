import { isOpenBypass } from '../services/domain/bypass.ts';
import type { Gate } from '../services/domain/gate.ts';
import { runPage } from './azure-devops-pages.ts';
import { stateOf } from './gate-state.ts';
import { deploymentOf, environmentOf, runName, servicesOf, type Viewer } from './names.ts';
import { withTimes } from './show-time.ts';
import { plain } from './text.ts';
import { STATE_LOOKS } from './words.ts';

const SUMMARY_MAX = 240;
const FALLBACK_MAX = 600;

/** A question only while it can be answered. */
export function approvalTitle(gate: Gate): string {
  return gate.state === 'asked' ? `Approve ${deploymentOf(gate)}?` : settledTitle(gate);
}

/** `Blocked: prod deployment of …`; only the state changes when it is settled. */
export function blockedTitle(gate: Gate): string {
  const word = gate.observed ? 'Observed' : STATE_LOOKS[gate.state].word;
  return `${word}: ${deploymentOf(gate)}`;
}

/** One line for notifications and the activity feed. Plain text. */
export function summaryOf(gate: Gate): string {
  const { headline } = stateOf(gate);
  const text = gate.state === 'asked' ? approvalTitle(gate) : `${headline}: ${deploymentOf(gate)}`;
  return plain(text, SUMMARY_MAX);
}

/** What a screen reader says for the whole card. */
export function spokenOf(gate: Gate, viewer?: Viewer): string {
  const { headline, next } = stateOf(gate, viewer);
  return plain(withTimes(`${settledTitle(gate)}. ${headline}. ${next}`, viewer?.zone), FALLBACK_MAX);
}

/** Where no card is shown: what, and how to go on by typing. */
export function fallbackOf(gate: Gate, zone?: string): string {
  const page = runPage(gate);
  return [
    spokenOf(gate, zone === undefined ? {} : { zone }),
    commandsOf(gate),
    page === undefined ? '' : `Run: ${page}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** What can be typed instead of clicking. */
export function commandsOf(gate: Gate): string {
  if (isOpenBypass(gate)) return bypassCommands(gate);
  if (gate.state === 'asked' && gate.linkOnly === true)
    return `Decide it in Azure DevOps; type "why ${gate.id}" for the details.`;
  return gate.state === 'asked'
    ? `Type "approve ${gate.id}" or "reject ${gate.id}" and why; "why ${gate.id}" shows the details.`
    : `Type "why ${gate.id}" for the details.`;
}

function bypassCommands({ id, bypass }: Gate): string {
  const explain = `"explain ${id} TICKET reason"`;
  return bypass === undefined
    ? `Type ${explain} to say why; "why ${id}" shows the details.`
    : `Type "confirm ${id}", or ${explain} for a better explanation; "why ${id}" shows the details.`;
}

function settledTitle(gate: Gate): string {
  return `Deployment of ${servicesOf(gate)} ${runName(gate)} to ${environmentOf(gate)}`;
}
