import { isBypass } from '../services/domain/completed-elsewhere.ts';
import { type Gate, isSettled } from '../services/domain/gate.ts';
import { missingSignals } from '../services/domain/judgement.ts';
import type { Refusal } from '../services/domain/refusal.ts';
import { banner, type Container, line, section, type Tone, words } from './card.ts';
import { decider, environmentOf, type Viewer } from './names.ts';
import { showTime } from './show-time.ts';
import { run } from './text.ts';
import { refusalSentence, STATE_LOOKS } from './words.ts';

/** What the person who clicked is told besides the record. */
export interface Note {
  readonly refusal: Refusal;
  /** Of `activate-membership`. */
  readonly group?: string;
}

/** Where a gate stands: a few words to be read at a glance, and what happens next. */
export interface StateWords {
  readonly symbol: string;
  readonly headline: string;
  readonly next: string;
  readonly tone: 'emphasis' | Tone;
}

const COMMENT_SHOWN = 600;
const BYPASSED: StateWords = {
  symbol: '!',
  headline: 'Released without a decision',
  next: 'Azure DevOps let the stage go on, but nobody decided here. Find out who completed or bypassed the check, and why.',
  tone: 'attention',
};

export function stateOf(gate: Gate, viewer?: Viewer): StateWords {
  const look = STATE_LOOKS[gate.state];
  if (gate.observed && gate.state === 'passed') return observed(gate);
  if (isBypass(gate)) return BYPASSED;
  return { symbol: look.symbol, tone: look.tone, headline: headlineOf(gate, look.word, viewer), next: nextOf(gate) };
}

function headlineOf(gate: Gate, word: string, viewer: Viewer | undefined): string {
  if (gate.state === 'blocked' || gate.state === 'failed') return `${word}${blockedBy(gate)}`;
  if (gate.state === 'asked') return `${word}: 0 of ${gate.ask?.quorum ?? 1}`;
  const decided = gate.state === 'approved' || gate.state === 'rejected';
  return decided ? `${word} by ${decider(gate, viewer)}` : word;
}

/** ` by 2 findings and 1 missing report`; nothing when other obstacles stand in the way. */
function blockedBy({ judgement }: Gate): string {
  const found = judgement?.counts.block ?? 0;
  const missing = missingSignals(judgement?.signals ?? []).length;
  const parts = [countOf(found, 'finding'), countOf(missing, 'missing report')].filter((part) => part !== '');
  return parts.length === 0 ? '' : ` by ${parts.join(' and ')}`;
}

function countOf(count: number, word: string): string {
  if (count === 0) return '';
  return count === 1 ? `1 ${word}` : `${count} ${word}s`;
}

function nextOf(gate: Gate): string {
  switch (gate.state) {
    case 'received':
      return 'The contract is being applied. Nobody has to act yet.';
    case 'blocked':
      return `No approval can pass this. It waits for a fix until ${showTime(gate.waitUntil ?? gate.closesAt)}; then the stage fails.`;
    case 'asked':
      return `Closes ${showTime(gate.closesAt)}. Without a decision by then the stage fails.`;
    case 'approved':
    case 'rejected':
      return '';
    case 'passed':
      return `The contract lets it pass, and ${environmentOf(gate)} needs no approval.`;
    case 'failed':
      return `It was still blocked when the wait ended. It needs a fix; then run the stage again.`;
    case 'expired':
      return `Nobody decided before ${showTime(gate.closesAt)}, so the stage fails. Run it again to be asked anew.`;
    case 'abandoned':
      return 'The run ended or was cancelled in Azure DevOps. There is nothing left to decide.';
  }
}

function observed(gate: Gate): StateWords {
  const asks = gate.ask === undefined ? 'have passed' : 'have asked for approval';
  const would = gate.judgement?.verdict === 'block' ? 'have been blocked' : asks;
  return {
    symbol: STATE_LOOKS.received.symbol,
    tone: 'emphasis',
    headline: `Observed: would ${would}`,
    next: `${environmentOf(gate)} is observed, not enforced yet: the deployment goes on whatever is found.`,
  };
}

export function stateBanner(gate: Gate, viewer?: Viewer): Container {
  const { symbol, headline, next, tone } = stateOf(gate, viewer);
  return banner('state', tone, [
    line(words(`${symbol} ${headline}`, { weight: 'bolder' })),
    ...(next === '' ? [] : [{ ...line(words(next)), spacing: 'none' as const }]),
  ]);
}

/** What happened after people or the clock had their say; absent while nothing did. */
export function historySection(gate: Gate, viewer?: Viewer): Container | undefined {
  if (!isSettled(gate.state)) return undefined;
  const { decision } = gate;
  const items = [
    ...(decision === undefined
      ? []
      : [
          line(
            words(
              `${decision.verdict === 'approve' ? 'Approved' : 'Rejected'} by ${decider(gate, viewer)} on ${showTime(decision.at)}`,
            ),
          ),
          ...(decision.comment.trim() === ''
            ? []
            : [line(words('“'), run(decision.comment, COMMENT_SHOWN), words('”'))]),
        ]),
    line(words(toldWords(gate), { isSubtle: true })),
  ];
  return section('history', items);
}

function toldWords(gate: Gate): string {
  if (gate.state === 'abandoned') return 'Azure DevOps was not told: the check had been completed there without us.';
  if (gate.toldAt !== undefined) return `Azure DevOps was told on ${showTime(gate.toldAt)}.`;
  return 'Azure DevOps is being told; this card says so once it has taken the verdict.';
}

/** Why the click did nothing; only for the one who clicked. */
export function errorBanner(gate: Gate, viewer?: Viewer, note?: Note): Container | undefined {
  if (note === undefined) return undefined;
  const sentence = refusalSentence(note.refusal, { ...note, gate, ...(viewer === undefined ? {} : { viewer }) });
  return banner('error', 'warning', [line(words('! ', { weight: 'bolder' }), words(sentence))]);
}
