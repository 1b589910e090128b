import { CATEGORIES, type Category } from '../services/domain/finding.ts';
import type { Gate } from '../services/domain/gate.ts';
import type { ControlSignal, Judgement } from '../services/domain/judgement.ts';
import { ageWords } from './age-words.ts';
import { branchWords } from './branch-words.ts';
import {
  type Container,
  line,
  type RichTextBlock,
  row,
  section,
  sectionHead,
  type TextBlock,
  type Tone,
  words,
} from './card.ts';
import { decider, listOf, plural, type Viewer } from './names.ts';
import { progressWords } from './progress.ts';
import { plain } from './text.ts';
import { UNKNOWN_WORDS } from './words.ts';

/** Never better than the record: what it does not say is unknown, what the contract has no control for is not connected. */
interface Check {
  readonly state: 'pass' | 'fail' | 'missing' | 'unknown' | 'waiting' | 'not asked' | 'not connected';
  readonly detail: string;
}

interface Look {
  readonly symbol: string;
  readonly word?: string;
  readonly color?: Tone;
}

const LOOKS: Readonly<Record<Check['state'], Look>> = {
  pass: { symbol: '✓', color: 'good' },
  fail: { symbol: '✗', color: 'attention' },
  /** Unknown although the contract requires it here. */
  missing: { symbol: '?', word: 'unknown', color: 'warning' },
  unknown: { symbol: '?' },
  waiting: { symbol: '○' },
  'not asked': { symbol: '–' },
  'not connected': { symbol: '–' },
};
const OWN_LINES: readonly Category[] = ['policy', 'runtime', 'platform'];
const ENVIRONMENT: readonly Category[] = CATEGORIES.filter((category) => !OWN_LINES.includes(category));
const CONTROL_MAX = 60;

/** Nothing that reads it is part of the product yet: it is never said to be in order. */
const WITHOUT_SOURCE = 'connection breadth';

/** The five signals before a deployment, those without a source in one line, with the contract and its counts. */
export function gateSection(gate: Gate, viewer?: Viewer): Container {
  const checks: readonly (readonly [name: string, check: Check])[] = [
    ['Approvals', approvals(gate, viewer)],
    ['Environment checks', environmentChecks(gate)],
    ['Azure Policy', controlsOf(gate, ['policy'])],
    ['Defender', controlsOf(gate, ['runtime'])],
    ['Access validation', controlsOf(gate, ['platform'])],
  ];
  const connected = checks.filter(([, { state }]) => state !== 'not connected');
  const missing = checks.filter((check) => !connected.includes(check)).map(([name]) => name);
  return section('gate', [
    sectionHead('Gate'),
    ...connected.map(([name, check]) => shown(name, check)),
    notConnected([...missing, WITHOUT_SOURCE, ...(branchWords(gate) === undefined ? ['branch protection'] : [])]),
    line(words(contractLine(gate.judgement), { isSubtle: true })),
  ]);
}

function notConnected(names: readonly string[]): TextBlock {
  return row(`– not connected: ${names.join(', ')}`, { isSubtle: true });
}

function shown(name: string, { state, detail }: Check): RichTextBlock {
  const { symbol, word = state, color } = LOOKS[state];
  const mark = words(`${symbol} `, { weight: 'bolder', ...(color === undefined ? {} : { color }) });
  return { ...line(mark, words(name, { weight: 'bolder' }), words(` ${word}: ${detail}`)), spacing: 'small' };
}

function contractLine(judgement: Judgement | undefined): string {
  if (judgement === undefined) return 'The contract is being applied.';
  const { block, warn, monitor } = judgement.counts;
  const version =
    judgement.contract === undefined ? 'No contract in force' : `Contract version ${judgement.contract.version}`;
  return `${version} · findings: ${block} block, ${warn} warn, ${monitor} monitor`;
}

function approvals(gate: Gate, viewer: Viewer | undefined): Check {
  const progress = gate.ask === undefined ? '' : progressWords(gate.ask, gate.votes);
  switch (gate.state) {
    case 'approved':
      return { state: 'pass', detail: `${progress}, by ${decider(gate, viewer)}` };
    case 'rejected':
      return { state: 'fail', detail: `rejected by ${decider(gate, viewer)}` };
    case 'asked':
      return { state: 'waiting', detail: progress };
    case 'passed':
      return gate.observed
        ? { state: 'not asked', detail: 'the environment is only observed' }
        : { state: 'pass', detail: 'none is required here' };
    case 'expired':
      if (gate.judgement?.verdict === 'block') return { state: 'not asked', detail: 'it was blocked' };
      return { state: 'fail', detail: gate.votes.length === 0 ? 'nobody decided in time' : `${progress} in time` };
    case 'superseded':
      return { state: 'not asked', detail: 'a newer run has taken its place' };
    case 'blocked':
    case 'failed':
      return { state: 'not asked', detail: 'it is blocked' };
    default:
      if (gate.ask === undefined) return { state: 'unknown', detail: 'nobody was asked' };
      return { state: 'unknown', detail: gate.votes.length === 0 ? 'nobody decided' : progress };
  }
}

function environmentChecks(gate: Gate): Check {
  const kinds = (gate.judgement?.obstacles ?? []).map(({ kind }) => kind);
  if (kinds.includes('unknown-environment')) return { state: 'fail', detail: 'the contract does not know it' };
  if ((gate.sources?.unreadable.length ?? 0) > 0) {
    return { state: 'unknown', detail: 'not everything that the run ships could be read' };
  }
  return controlsOf(gate, ENVIRONMENT);
}

function controlsOf({ judgement }: Gate, categories: readonly Category[]): Check {
  if (judgement === undefined) return { state: 'unknown', detail: 'not judged yet' };
  if (judgement.contract === undefined) return { state: 'unknown', detail: 'no contract in force' };
  const signals = judgement.signals.filter(({ category }) => categories.includes(category));
  const blocking = sumOf(judgement.blocks, categories);
  const warning = sumOf(judgement.warns, categories);
  if (blocking > 0) return { state: 'fail', detail: `${findings(blocking)} blocking` };
  const unknown = signals.filter(({ state }) => state === 'unknown');
  const known = signals.filter(({ state }) => state === 'known');
  const required = unknown.filter(({ required }) => required);
  if (required.length > 0) return { state: 'missing', detail: notScanned(required) };
  if (known.length > 0)
    return {
      state: 'pass',
      detail: `${reported(known)}${asOldAs(known, judgement.at)}${warned(warning)}${besides(unknown)}`,
    };
  if (unknown.length > 0) return { state: 'unknown', detail: notScanned(unknown) };
  if (warning > 0)
    return { state: 'unknown', detail: `${findings(warning)}, but no control of the contract is for it` };
  return { state: 'not connected', detail: 'no control for it' };
}

function sumOf(groups: Judgement['blocks'], categories: readonly Category[]): number {
  return groups.filter(({ category }) => categories.includes(category)).reduce((sum, { count }) => sum + count, 0);
}

function notScanned(signals: readonly ControlSignal[]): string {
  const [first] = signals;
  const why = signals.length === 1 && first?.why !== undefined ? UNKNOWN_WORDS[first.why] : 'no usable report';
  return `${why} (${namesOf(signals)})`;
}

function namesOf(signals: readonly ControlSignal[]): string {
  return listOf([...new Set(signals.map(({ control }) => plain(control, CONTROL_MAX)))], 3);
}

/** What is not required here is said all the same: silence would pass for clean. */
function besides(unknown: readonly ControlSignal[]): string {
  return unknown.length === 0 ? '' : `; not scanned: ${namesOf(unknown)}`;
}

function findings(count: number): string {
  return `${count} ${plural(count, 'finding')}`;
}

function reported(signals: readonly ControlSignal[]): string {
  return `${namesOf(signals)} reported`;
}

/** Of the oldest, when it was judged: what is so whatever is deployed is looked at by the hour. */
function asOldAs(signals: readonly ControlSignal[], judgedAt: string): string {
  const [oldest] = signals.flatMap(({ asOf }) => asOf ?? []).sort();
  return oldest === undefined ? '' : ` ${ageWords(oldest, judgedAt)} earlier`;
}

function warned(count: number): string {
  return count === 0 ? '' : `, ${count} to mend later`;
}
