import type { Gate } from '../services/domain/gate.ts';
import { type ControlSignal, type JudgedGroup, missingSignals, type Obstacle } from '../services/domain/judgement.ts';
import { type CardElement, type Container, type Fact, fact, line, row, section, sectionHead, words } from './card.ts';
import { erodedRows } from './eroded-rows.ts';
import { vexStatus } from './exploitability-words.ts';
import { shortCommit } from './gate-facts.ts';
import { kindOf, placeOf, RULE_MAX } from './gate-findings.ts';
import { counted, grouped, listOf, nameOf, plural, principalName } from './names.ts';
import { obstacleDetail } from './obstacle-words.ts';
import { plain } from './text.ts';
import { BLOCK_GROUP_WORDS, CATEGORY_WORDS, FIX_WORDS, OBSTACLE_WORDS, UNKNOWN_WORDS, UNREAD_WORDS } from './words.ts';

const GROUPS_SHOWN = 3;
const RULES_NAMED = 5;
const SIGNALS_SHOWN = 5;
const OBSTACLES_SHOWN = 5;
const PLACES_SHOWN = 3;
const TEXT_MAX = 220;
const SEND_LINES = 3;
const CALL_MAX = 400;
const ID_MAX = 20;
const EXCEPTIONS_NAMED = 3;

/** Everything that keeps the gate closed: findings, missing reports, other obstacles. */
export function blockingSection(gate: Gate): Container | undefined {
  const items = [...findingItems(gate), ...missingItems(gate), ...obstacleItems(gate)];
  return items.length === 0 ? undefined : section('findings', items);
}

function findingItems(gate: Gate): CardElement[] {
  const { judgement } = gate;
  if (judgement === undefined || judgement.blocks.length === 0) return [];
  const shown = judgement.blocks.slice(0, GROUPS_SHOWN);
  const more = judgement.counts.block - shown.reduce((sum, { count }) => sum + count, 0);
  return [
    sectionHead(gate.observed ? 'What would have blocked it' : 'What blocks it'),
    ...shown.flatMap((group) => groupItems(gate, group)),
    ...(more > 0 ? [row(moreWords(more, judgement.blocks.slice(GROUPS_SHOWN)), { isSubtle: true })] : []),
    ...erodedRows([gate]),
  ];
}

function moreWords(count: number, groups: readonly JudgedGroup[]): string {
  const rules = [...new Set(groups.map(({ rule }) => plain(rule, RULE_MAX)))];
  const named = rules.length === 0 ? '' : `: ${listOf(rules, RULES_NAMED)}`;
  return `and ${counted(count, 'more blocking finding')}${named}`;
}

function groupItems(gate: Gate, group: JudgedGroup): CardElement[] {
  const service = gate.services.length > 1 ? ` in ${nameOf(group.service)}` : '';
  const said = group.vex === undefined ? '' : ` · ${vexStatus(group)}`;
  return [
    row(`■ ${plain(group.rule, RULE_MAX)}`, { weight: 'bolder', color: 'attention' }),
    row(`${kindOf(group)}${service}${said}`, { isSubtle: true, spacing: 'none' }),
    { type: 'FactSet', spacing: 'small', facts: groupFacts(gate, group) },
  ];
}

function groupFacts(gate: Gate, group: JudgedGroup): Fact[] {
  const [sample] = group.samples;
  const places = [...new Set(group.samples.map(placeOf))].filter((place) => place !== '');
  return [
    fact('Why', whyOf(group)),
    ...(sample === undefined ? [] : [fact('What', plain(sample.message, TEXT_MAX))]),
    ...(places.length === 0 ? [] : [fact('Where', whereOf(places, group.count))]),
    fact('Fix', sample?.help === undefined ? FIX_WORDS[group.category] : plain(sample.help, TEXT_MAX)),
    fact('Owner', principalName(group.owner, gate)),
    ...exceptionFact(group),
  ];
}

/** What is known of exceptions from it, none of which covers it. */
function exceptionFact({ unlisted, requested = [], outgrown = [] }: JudgedGroup): Fact[] {
  const ids = (all: readonly string[]) =>
    listOf(
      all.map((id) => plain(id, ID_MAX)),
      EXCEPTIONS_NAMED,
    );
  const said = [
    ...(unlisted === undefined ? [] : ['none possible: there are too many findings for one (too-many-to-except)']),
    ...(requested.length === 0 ? [] : [`${ids(requested)} ${plural(requested.length, 'is', 'are')} asked for`]),
    ...(outgrown.length === 0
      ? []
      : [
          `${ids(outgrown)} ${plural(outgrown.length, 'was', 'were')} granted when it was less severe, and does not cover it`,
        ]),
  ];
  return said.length === 0 ? [] : [fact('Exception', said.join('; '))];
}

function whyOf(group: JudgedGroup): string {
  const control = nameOf(group.control ?? 'unmatched');
  const kind = group.blockGroup === undefined ? '' : ` (${BLOCK_GROUP_WORDS[group.blockGroup]})`;
  if (group.because === undefined) return `the control ${control} blocks it${kind}`;
  return `${plain(group.because, TEXT_MAX)}; control ${control}${kind}`;
}

function whereOf(places: readonly string[], findings: number): string {
  const shown = places.slice(0, PLACES_SHOWN);
  const more = findings - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${grouped(more)} more` : listOf(shown, PLACES_SHOWN);
}

function missingItems(gate: Gate): CardElement[] {
  const signals = missingSignals(gate.judgement?.signals ?? []);
  if (signals.length === 0) return [];
  const more = signals.length - SIGNALS_SHOWN;
  return [
    sectionHead('What is missing'),
    ...signals.slice(0, SIGNALS_SHOWN).flatMap((signal) => signalItems(gate, signal)),
    ...(more > 0
      ? [line(words(`and ${more} more ${plural(more, 'control')} without a report`, { isSubtle: true }))]
      : []),
    ...sendItems(gate, signals),
  ];
}

function signalItems(gate: Gate, signal: ControlSignal): CardElement[] {
  const tools = signal.tools.map((tool) => plain(tool, 20));
  const facts = [
    fact('Why', UNKNOWN_WORDS[signal.why ?? 'absent']),
    fact(
      'Needed',
      tools.length === 0
        ? `a report of any tool for ${CATEGORY_WORDS[signal.category]}`
        : `a report of ${either(tools)}`,
    ),
    fact('For', `${nameOf(signal.service)}, ${shippedOf(gate)}`),
    fact('Owner', principalName(signal.owner, gate)),
  ];
  return [
    row(`? ${plain(signal.control, RULE_MAX)}`, { weight: 'bolder', color: 'attention' }),
    { type: 'FactSet', spacing: 'none', facts },
  ];
}

function either(tools: readonly string[]): string {
  const last = tools.at(-1) ?? '';
  return tools.length < 2 ? last : `${tools.slice(0, -1).slice(0, 6).join(', ')} or ${last}`;
}

function shippedOf(gate: Gate): string {
  const commits = [...new Set((gate.sources?.commits ?? []).map(({ commit }) => shortCommit(commit)))];
  const shown = commits.length === 0 ? [shortCommit(gate.run.commit)] : commits;
  return `commit ${shown.length > 3 ? `${shown.slice(0, 3).join(', ')} or ${shown.length - 3} ${plural(shown.length - 3, 'other')}` : either(shown)}`;
}

/** The call that a pipeline makes; one for each service, for the commit that this run was built from. */
function sendItems(gate: Gate, signals: readonly ControlSignal[]): CardElement[] {
  const services = [...new Set(signals.map(({ service }) => service))].slice(0, SEND_LINES);
  const built = gate.sources?.commits.find(({ commit }) => commit === gate.run.commit) ?? gate.sources?.commits[0];
  const { commit, runId } = built ?? { commit: gate.run.commit, runId: gate.run.id };
  const calls = services.map((service) => {
    const query = new URLSearchParams({ service, commit, environment: gate.environment, runId: String(runId) });
    return fact('Send', plain(`POST /api/findings?${query}`, CALL_MAX));
  });
  return [
    line(words('Send it from the pipeline, with the report as the body. The gate opens by itself.')),
    { type: 'FactSet', spacing: 'none', facts: calls },
  ];
}

function obstacleItems(gate: Gate): CardElement[] {
  const obstacles = (gate.judgement?.obstacles ?? []).filter(({ kind }) => kind !== 'missing-signal');
  const unread = unreadOf(gate).map((detail): Obstacle => ({ kind: 'missing-signal', detail }));
  const all = [...obstacles, ...(gate.judgement?.verdict === 'block' ? unread : [])];
  if (all.length === 0) return [];
  const more = all.length - OBSTACLES_SHOWN;
  return [
    sectionHead('What stands in the way'),
    ...all.slice(0, OBSTACLES_SHOWN).flatMap((obstacle) => obstacleLines(obstacle, gate)),
    ...(more > 0 ? [line(words(`and ${more} more`, { isSubtle: true }))] : []),
  ];
}

/** What of the run itself could not be read, apart from its people: those have an obstacle of their own. */
function unreadOf({ sources }: Gate): readonly string[] {
  return (sources?.unreadable ?? []).filter((what) => sources?.unreadablePeople?.includes(what) !== true);
}

function obstacleLines(obstacle: Obstacle, gate: Gate): CardElement[] {
  const { what, now } = obstacle.kind === 'missing-signal' ? UNREAD_WORDS : OBSTACLE_WORDS[obstacle.kind];
  return [
    row(`■ ${what}`, { weight: 'bolder', color: 'attention' }),
    {
      type: 'FactSet',
      spacing: 'none',
      facts: [
        fact('Details', obstacleDetail(obstacle, TEXT_MAX)),
        fact('Fix', now),
        ...(obstacle.tell === undefined ? [] : [fact('Owner', principalName(obstacle.tell, gate))]),
      ],
    },
  ];
}
