import { type Decision, type Gate, isSettled } from '../services/domain/gate.ts';
import { missingSignals } from '../services/domain/judgement.ts';
import type { Refusal } from '../services/domain/refusal.ts';
import { bypassWords } from './bypass-words.ts';
import { banner, type CardElement, type Container, line, section, type Tone, timed, words } from './card.ts';
import { changeWords } from './change-words.ts';
import { yourPart } from './gate-reader.ts';
import { counted, decider, environmentOf, listOf, plural, principalName, type Viewer, voterName } from './names.ts';
import { nativeNext, nativeTold, stageWords } from './native-words.ts';
import { frozenWords, progressOf, whyExpired } from './progress.ts';
import { localTime } from './show-time.ts';
import { plain, run } from './text.ts';
import { refusalWords, STATE_LOOKS } from './words.ts';

/** What the person who clicked is told besides the record. */
export interface Note {
  readonly refusal?: Refusal;
  /** Version of the contract that is in force now. */
  readonly inForce?: number;
  /** Of `activate-membership`. */
  readonly group?: string;
}

/** Where a gate stands: a few words to be read at a glance, and what happens next, with times as `localTime` writes them. */
export interface StateWords {
  readonly symbol: string;
  readonly headline: string;
  readonly next: string;
  readonly tone: 'emphasis' | Tone;
}

const COMMENT_SHOWN = 600;
const CHANGES_SHOWN = 6;
const ID_MAX = 20;
const EXCEPTIONS_NAMED = 3;

export function stateOf(gate: Gate, viewer?: Viewer): StateWords {
  const look = STATE_LOOKS[gate.state];
  if (gate.observed && gate.state === 'passed') return observed(gate);
  if (gate.state === 'bypassed') {
    const { standing, next, tone } = bypassWords(gate, viewer);
    return { symbol: look.symbol, tone, headline: `${look.word} — ${standing}`, next };
  }
  return { symbol: look.symbol, tone: look.tone, headline: headlineOf(gate, look.word, viewer), next: nextOf(gate) };
}

function headlineOf(gate: Gate, word: string, viewer: Viewer | undefined): string {
  if (gate.state === 'blocked' || gate.state === 'failed') return `${word}${blockedBy(gate)}${awaitedBy(gate)}`;
  if (gate.state === 'asked' && gate.ask !== undefined) {
    const { given, needed } = progressOf(gate.ask, gate.votes);
    return `${word}: ${given} of ${needed}`;
  }
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
  return count === 0 ? '' : counted(count, word);
}

function nextOf(gate: Gate): string {
  const native = nativeNext(gate);
  if (native !== undefined) return native;
  switch (gate.state) {
    case 'received':
      return 'The contract is being applied. Nobody has to act yet.';
    case 'blocked':
      if (gate.awaits !== undefined) return awaitsWords(gate, gate.awaits);
      return `No approval can pass this. It waits for a fix until ${localTime(gate.waitUntil ?? gate.closesAt)}; then the stage fails.`;
    case 'asked':
      return `${frozenWords(gate.ask)}Closes ${localTime(gate.closesAt)}. Without a decision by then the stage fails.`;
    case 'approved':
    case 'rejected':
    case 'bypassed':
      return '';
    case 'passed':
      return `The contract lets it pass, and ${environmentOf(gate)} needs no approval.`;
    case 'failed':
      return `It was still blocked when the wait ended. It needs a fix; then run the stage again.`;
    case 'expired':
      return `${whyExpired(gate)}, so the stage fails. Run it again to be asked anew.`;
    case 'superseded':
      return `${newerWords(gate)} There is nothing left to decide here.`;
    case 'abandoned':
      return 'The run ended or was cancelled in Azure DevOps. There is nothing left to decide.';
  }
}

/** `, EX-12 asked for`. */
function awaitedBy({ state, awaits }: Gate): string {
  return state === 'blocked' && awaits !== undefined ? `, ${idsOf(awaits)} asked for` : '';
}

function awaitsWords({ closesAt }: Gate, awaits: readonly string[]): string {
  const is = plural(awaits.length, 'is', 'are');
  return `${idsOf(awaits)} ${is} asked for: it waits for the answer, or for a fix, until ${localTime(closesAt)}; then the stage fails. If what blocks is granted, it goes on by itself.`;
}

function idsOf(ids: readonly string[]): string {
  return listOf(
    ids.map((id) => plain(id, ID_MAX)),
    EXCEPTIONS_NAMED,
  );
}

function newerWords({ run, supersededBy }: Gate): string {
  if (supersededBy === undefined) return 'A newer run of the same stage has taken its place.';
  const { runId, attempt, requestId } = supersededBy;
  const newer = runId === run.id ? `Attempt ${attempt} of the same run` : `Run ${runId} of the same stage`;
  return `${newer} is newer and has taken its place (request ${plain(requestId, ID_MAX)}).`;
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

export function stateBanner(gate: Gate, viewer?: Viewer, note?: Note): Container {
  return bannerWith([yourPart(gate, viewer), newerContract(gate, note?.inForce)], gate, viewer);
}

/** Where the card has no buttons of its reader's. */
export function plainBanner(gate: Gate): Container {
  return bannerWith([], gate);
}

function bannerWith(more: readonly (string | undefined)[], gate: Gate, viewer?: Viewer): Container {
  const { symbol, headline, next, tone } = stateOf(gate, viewer);
  return banner('state', tone, [
    line(words(`${symbol} ${headline}`, { weight: 'bolder' })),
    ...(next === '' ? [] : [timed(next, { spacing: 'none' })]),
    ...more.flatMap((sentence) => (sentence === undefined ? [] : [timed(sentence)])),
  ]);
}

/** What waits is judged again by itself; what has ended is not. */
function newerContract({ state, judgement }: Gate, inForce: number | undefined): string | undefined {
  const version = judgement?.contract?.version;
  if (state !== 'failed' || inForce === undefined || inForce === version) return undefined;
  const judged = version === undefined ? 'Judged without a contract' : `Judged by version ${version} of the contract`;
  return `${judged}; version ${inForce} is in force: run the stage again to be judged by it.`;
}

/** What has happened so far: what is different from an earlier question, who approved, how it ended. */
export function historySection(gate: Gate, viewer?: Viewer): Container | undefined {
  const settled = isSettled(gate.state);
  const { decision } = gate;
  const rejected = decision?.verdict === 'reject' ? votedLines('Rejected', decision, viewer) : [];
  const items = [
    ...(settled ? [] : [...changeLines(gate), ...escalationLines(gate)]),
    ...gate.votes.flatMap((vote) => votedLines('Approved', vote, viewer)),
    ...rejected,
    ...(settled ? [timed(toldWords(gate), { isSubtle: true })] : []),
    ...(gate.stageResult === undefined ? [] : [timed(stageWords(gate.stageResult), { isSubtle: true })]),
  ];
  return items.length === 0 ? undefined : section('history', items);
}

function changeLines(gate: Gate): CardElement[] {
  const text = changesSentence(gate);
  return text === undefined ? [] : [timed(text, { weight: 'bolder' })];
}

function escalationLines({ ask, escalatedAt }: Gate): CardElement[] {
  const others = (ask?.levels ?? []).flatMap(({ escalatedTo }) => escalatedTo ?? []);
  if (escalatedAt === undefined || others.length === 0) return [];
  const names = [...new Set(others)].map((principal) => principalName(principal));
  return [timed(`Escalated to ${listOf(names, 3)} on ${localTime(escalatedAt)}, who may decide too.`)];
}

/** What is different from what people were asked before; undefined when nothing is. */
export function changesSentence({ changes = [] }: Gate): string | undefined {
  if (changes.length === 0) return undefined;
  const shown = changes.slice(0, CHANGES_SHOWN).map(changeWords);
  const more = changes.length - shown.length;
  return `Changed since it was asked before: ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}

function votedLines(verb: string, vote: Pick<Decision, 'by' | 'covers' | 'at' | 'comment'>, viewer?: Viewer) {
  const said = timed(`${verb} by ${voterName(vote, viewer)} on ${localTime(vote.at)}`);
  if (vote.comment.trim() === '') return [said];
  return [said, line(words('“'), run(vote.comment, COMMENT_SHOWN), words('”'))];
}

function toldWords(gate: Gate): string {
  const native = nativeTold(gate);
  if (native !== undefined) return native;
  if (gate.state === 'abandoned' || gate.state === 'bypassed')
    return 'Azure DevOps was not told: the check had been completed there without us.';
  if (gate.toldAt !== undefined) return `Azure DevOps was told on ${localTime(gate.toldAt)}.`;
  return 'Azure DevOps is being told; this card says so once it has taken the verdict.';
}

/** Why the click did nothing; only for the one who clicked. */
export function errorBanner(gate: Gate, viewer?: Viewer, note?: Note): Container | undefined {
  if (note?.refusal === undefined) return undefined;
  const sentence = refusalWords(note.refusal, { ...note, gate, ...(viewer === undefined ? {} : { viewer }) });
  return banner('error', 'warning', [timed(`! ${sentence}`)]);
}
