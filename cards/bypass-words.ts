import type { Bypass, Explanation, UnapprovedStanding } from '../services/domain/bypass.ts';
import { TICKET_MAX } from '../services/domain/bypass.ts';
import type { Gate } from '../services/domain/gate.ts';
import { line, type RichTextBlock, type Tone, words } from './card.ts';
import { listOf, personName, principalName, type Viewer } from './names.ts';
import { localTime } from './show-time.ts';
import { run } from './text.ts';

/** The whole of it is in the evidence: a card has to fit into a message. */
const REASON_SHOWN = 600;

interface BypassWords {
  /** After "Released without a decision". */
  readonly standing: string;
  readonly next: string;
  readonly tone: 'emphasis' | Tone;
}

const STAGE =
  'Azure DevOps let the stage go on, but nobody decided here. Whoever asked for it or owns the service says who completed or bypassed the check and why, and names a ticket.';

/** How far people have come with explaining a stage that went on without a decision. */
export function bypassWords(gate: Gate, viewer?: Viewer): BypassWords {
  const told = { asked: STAGE, done: 'asked for the deployment' };
  return standingWords(gate, told, viewer, gate);
}

/** How far people have come with explaining something. `asked`: who is to explain it; `done`: what keeps from confirming it. */
export function standingWords(
  { bypass }: Pick<Gate, 'bypass'>,
  { asked, done }: { readonly asked: string; readonly done: string },
  viewer?: Viewer,
  gate?: Gate,
): BypassWords {
  if (bypass === undefined) return { standing: 'not explained yet', next: asked, tone: 'attention' };
  const { explained, confirmed } = bypass;
  const told = `explained by ${personName(explained.by, viewer)}`;
  if (confirmed !== undefined) {
    const standing = `${told}, confirmed by ${personName(confirmed.by, viewer)}`;
    return { standing, next: 'There is nothing left to do.', tone: 'emphasis' };
  }
  const next = `Somebody confirms it who neither ${done} nor explained it. Until then another explanation can take the place of this one.`;
  return { standing: `${told}, waits for ${confirmersOf(explained, gate)}`, next, tone: 'warning' };
}

function confirmersOf({ confirmers }: Explanation, gate: Gate | undefined): string {
  if (confirmers.length === 0) return 'an owner: nobody else could be found among the owners';
  return listOf(
    confirmers.map((principal) => principalName(principal, gate)),
    3,
  );
}

/** What was said and by whom. */
export function bypassLines({ explained, confirmed }: Bypass, viewer?: Viewer): RichTextBlock[] {
  return [
    line(words(`Explained by ${personName(explained.by, viewer)} on ${localTime(explained.at)}`)),
    line(words('“'), run(explained.reason, REASON_SHOWN), words('”')),
    line(words('Ticket: '), run(explained.ticket, TICKET_MAX)),
    ...(confirmed === undefined
      ? []
      : [line(words(`Confirmed by ${personName(confirmed.by, viewer)} on ${localTime(confirmed.at)}`))]),
  ];
}

/** How far something that went on without a decision is explained. */
export const STANDING_LOOKS: Readonly<Record<UnapprovedStanding, { readonly symbol: string; readonly words: string }>> =
  {
    'not-explained': { symbol: '!', words: 'not explained yet' },
    explained: { symbol: '▲', words: 'explained, not confirmed yet' },
    confirmed: { symbol: '✓', words: 'explained and confirmed' },
  };
