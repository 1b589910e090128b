import type { IAdaptiveCard } from 'adaptivecards';
import {
  type ContractSummary,
  type ContractView,
  type RuleInForce,
  SOON_DAYS,
} from '../services/domain/contract-view.ts';
import type { KnownExploitedList } from '../services/domain/known-exploited.ts';
import { conditionOf } from '../services/domain/ladder.ts';
import {
  banner,
  type CardElement,
  card,
  type Fact,
  fact,
  line,
  row,
  section,
  sectionHead,
  timedFact,
  title,
  words,
} from './card.ts';
import { cardText } from './card-text.ts';
import { fittingCard } from './fitting-card.ts';
import { shortCommit } from './gate-facts.ts';
import { counted, grouped, listOf, principalName } from './names.ts';
import { conditionWords } from './rule-words.ts';
import { localTime, showDate } from './show-time.ts';
import { plain } from './text.ts';
import { moreRow } from './who-approves-people.ts';
import { BLOCK_GROUP_WORDS } from './words.ts';

const NAME_MAX = 60;
const CONDITION_MAX = 160;
const REASON_MAX = 160;
const PROBLEM_MAX = 220;
const ENVIRONMENTS_SHOWN = 5;

/** How many of each list are shown: the first that fits. The sample has all of its own at the first. */
const EXTENTS = [
  { blocks: 16, ahead: 8, undecided: 8, problems: 8 },
  { blocks: 8, ahead: 4, undecided: 4, problems: 4 },
  { blocks: 2, ahead: 2, undecided: 2, problems: 2 },
] as const;
type Extent = { readonly [Key in keyof (typeof EXTENTS)[number]]: number };

/** The contract in force: what blocks now and soon, which warnings are to be decided on, what is not enforced. */
export function contractCard(view: ContractView, zone?: string): IAdaptiveCard {
  return fittingCard<Extent>(EXTENTS, (extent) => cardOf(view, extent), { zone });
}

export function contractText(view: ContractView, zone?: string): string {
  return cardText(contractCard(view, zone), [], zone);
}

function cardOf(view: ContractView, extent: Extent): IAdaptiveCard {
  const { contract } = view;
  const troubles = troublesOf(view);
  const headline =
    troubles.length === 0 ? '✓ Nothing about it waits for anybody' : `✗ Needs attention: ${listOf(troubles, 5)}`;
  const body: CardElement[] = [
    title('Gating contract'),
    banner('state', troubles.length === 0 ? 'good' : 'attention', [line(words(headline, { weight: 'bolder' }))]),
    { type: 'FactSet', id: 'facts', spacing: 'medium', facts: factsOf(view) },
    ...(contract === undefined ? [] : sectionsOf(contract, extent)),
    ...problemsSection(view, extent),
  ];
  const spoken = `${contract === undefined ? 'No contract' : `Contract version ${contract.version}`}. ${headline}.`;
  return card({ body, actions: [], fallbackText: spoken, speak: spoken });
}

function troublesOf({ contract, problems }: ContractView): string[] {
  const overdue = contract?.overdue.length ?? 0;
  return [
    ...(contract === undefined ? ['none is in force (every gate is blocked)'] : []),
    ...(problems.length === 0 ? [] : ['policy files have problems']),
    ...(overdue === 0 ? [] : [`${counted(overdue, 'warning')} should have been decided on`]),
  ];
}

function factsOf({ at, contract, readAt, knownExploited = [] }: ContractView): Fact[] {
  const asOf = timedFact('As of', localTime(at));
  if (contract === undefined) return [fact('In force', '✗ none'), asOf];
  const { version, checksum, commit, counts, ahead, observed } = contract;
  const from = commit === undefined ? '' : ` of commit ${shortCommit(commit)}`;
  const later = ahead.length === 0 ? '' : ` (${ahead.length} of them later)`;
  return [
    fact('In force', `version ${version} (${checksum.slice(0, 8)})${from}`),
    ...(readAt === undefined ? [] : [timedFact('At least since', localTime(readAt))]),
    fact('Rules', `${counts.block} block${later}, ${counts.warn} warn, ${counts.monitor} monitor`),
    ...(knownExploited.length === 0 ? [] : [fact('Known exploited', listOf(knownExploited.map(listWords), 2))]),
    ...(observed.length === 0 ? [] : [fact('Only observed', listOf(observed.map(observedWords), ENVIRONMENTS_SHOWN))]),
    asOf,
  ];
}

/** `1,403 of version 2026.11.20 (Fri 20 Nov 2026)`. */
function listWords({ file, count, version, released }: KnownExploitedList): string {
  const what = version === undefined ? plain(file, NAME_MAX) : `version ${plain(version, NAME_MAX)}`;
  return `${grouped(count)} of ${what}${released === undefined ? '' : ` (${showDate(released)})`}`;
}

function observedWords({ environment, until }: ContractSummary['observed'][number]): string {
  return `${plain(environment, NAME_MAX)} until ${showDate(until)}`;
}

function sectionsOf(contract: ContractSummary, extent: Extent): CardElement[] {
  return [...blocksSection(contract, extent), ...laterSection(contract, extent), ...daysSection(contract, extent)];
}

/** Every group has its head, however little of it fits. */
function blocksSection({ blocks }: ContractSummary, extent: Extent): CardElement[] {
  let left = extent.blocks;
  const rows = blocks.flatMap(({ group, rules }) => {
    const shown = rules.slice(0, Math.max(1, left));
    left -= shown.length;
    const head = group === undefined ? 'outside the groups' : BLOCK_GROUP_WORDS[group];
    return [row(`${head}: ${rules.length}`, { weight: 'bolder' }), ...rowsOf(rules, shown.length, blockWords)];
  });
  const none = row('Nothing blocks now.');
  return [section('gate', [sectionHead('What blocks'), ...(rows.length === 0 ? [none] : rows)])];
}

function blockWords({ rule, ...placed }: RuleInForce): string {
  const why = rule.justification ?? rule.because;
  return `${whereOf({ rule, ...placed })}${why === undefined ? '' : `. ${plain(why, REASON_MAX)}`}`;
}

/** `iac, only for payments-api: when tier production`. */
function whereOf({ control, service, rule }: RuleInForce): string {
  const only = service === undefined ? '' : `, only for ${plain(service, NAME_MAX)}`;
  return `${plain(control, NAME_MAX)}${only}: ${plain(conditionWords(rule.when), CONDITION_MAX)}`;
}

function laterSection({ ahead, climbing }: ContractSummary, extent: Extent): CardElement[] {
  const sayings = [
    ...ahead.map((one) => `blocks from ${showDate(one.rule.from ?? '')}: ${whereOf(one)}`),
    ...climbing.map((one) => `blocks once ${stepsOf(one)}: ${whereOf(one)}`),
  ];
  return listed('history', 'What will block', sayings, extent.ahead, (saying) => saying);
}

/** `open for 30 days, or found in 3 services in production`. */
function stepsOf({ rule }: RuleInForce): string {
  const steps = rule.escalate.filter(({ to }) => to === 'block');
  return steps.map((step) => `${conditionOf(step)}${step.in === undefined ? '' : ` in ${step.in}`}`).join(', or ');
}

function daysSection({ overdue, soon }: ContractSummary, extent: Extent): CardElement[] {
  return [
    ...listed(
      'findings',
      'Warnings that should have been decided on',
      overdue,
      extent.undecided,
      (one) => `✗ ${undecidedWords(one, 'should have been decided on')}`,
    ),
    ...listed('exceptions', `Warnings to be decided on within ${SOON_DAYS} days`, soon, extent.undecided, (one) =>
      undecidedWords(one, 'to be decided on'),
    ),
  ];
}

function undecidedWords(one: RuleInForce, what: string): string {
  return `${whereOf(one)}; ${what} ${showDate(one.rule.decideBy ?? '')} by ${principalName(one.owner)}`;
}

function problemsSection({ contract, problems }: ContractView, extent: Extent): CardElement[] {
  const stays = contract === undefined ? '' : ': this contract stays in force';
  const head = `Problems of the policy files${stays}`;
  return listed('error', head, problems, extent.problems, (problem) => plain(problem, PROBLEM_MAX));
}

function listed<T>(id: string, head: string, all: readonly T[], shown: number, say: (one: T) => string): CardElement[] {
  return all.length === 0 ? [] : [section(id, [sectionHead(head), ...rowsOf(all, shown, say)])];
}

function rowsOf<T>(all: readonly T[], shown: number, say: (one: T) => string): CardElement[] {
  return [...all.slice(0, shown).map((one) => row(say(one))), ...moreRow(all.length - shown, 'more')];
}
