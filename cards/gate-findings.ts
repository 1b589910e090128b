import type { Gate } from '../services/domain/gate.ts';
import { alsoFoundBy, type JudgedGroup } from '../services/domain/judgement.ts';
import type { FindingSample } from '../services/domain/scan-head.ts';
import { type Container, line, type RichTextBlock, row, section, sectionHead, type TextBlock, words } from './card.ts';
import { exploitabilityWords, vexStatus } from './exploitability-words.ts';
import { counted, grouped, listOf, principalName } from './names.ts';
import { showDate } from './show-time.ts';
import { plain } from './text.ts';
import { SEVERITY_WORDS } from './words.ts';

const WARNS_SHOWN = 5;
const EXCEPTIONS_SHOWN = 5;
export const RULE_MAX = 70;
const MESSAGE_MAX = 140;
const PLACE_MAX = 90;
const ID_MAX = 20;
const TOOLS_SHOWN = 3;

/** What the contract lets pass but somebody has to mend, strictest first. */
export function warningsSection(gate: Gate): Container | undefined {
  const { judgement } = gate;
  if (judgement === undefined) return undefined;
  const shown = judgement.warns.slice(0, WARNS_SHOWN);
  if (shown.length === 0) return section('findings', [line(words('No warnings.'))]);
  const more = judgement.counts.warn - shown.reduce((sum, { count }) => sum + count, 0);
  return section('findings', [
    sectionHead('Warnings'),
    ...shown.flatMap((group) => warningLines(gate, group)),
    ...(more > 0 ? [line(words(`and ${counted(more, 'more warning')}`, { isSubtle: true }))] : []),
  ]);
}

function warningLines(gate: Gate, group: JudgedGroup): TextBlock[] {
  const [sample] = group.samples;
  const details = [
    kindOf(group),
    sample === undefined ? '' : plain(sample.message, MESSAGE_MAX),
    sample === undefined ? '' : placeOf(sample),
    `owner ${principalName(group.owner, gate)}`,
    group.lead === undefined ? '' : `lead ${principalName(group.lead, gate)}`,
    dueWords(group, gate.judgement?.at),
    nextWords(group),
    group.blocksFrom === undefined ? '' : `blocks from ${showDate(group.blocksFrom)}`,
    vexStatus(group),
    group.exceptionId === undefined ? '' : `excepted by ${plain(group.exceptionId, ID_MAX)}`,
  ];
  return [
    row(`▲ ${plain(group.rule, RULE_MAX)}`, { weight: 'bolder' }),
    row(details.filter((text) => text !== '').join(' · '), { isSubtle: true, spacing: 'none' }),
  ];
}

export function dueWords({ dueAt }: Pick<JudgedGroup, 'dueAt'>, judgedAt: string | undefined): string {
  if (dueAt === undefined) return '';
  return `${judgedAt !== undefined && dueAt <= judgedAt ? 'overdue since' : 'due'} ${showDate(dueAt)}`;
}

const NEXT_WORDS = { block: 'blocks', 'owner-lead': 'goes to the lead', due: 'is due sooner' } as const;

/** What the contract makes of it next: `blocks from Thu 3 Dec 2026`, `blocks when seen again`. */
export function nextWords({ escalatesAt }: Pick<JudgedGroup, 'escalatesAt'>): string {
  if (escalatesAt === undefined) return '';
  const { to, at } = escalatesAt;
  return `${NEXT_WORDS[to]} ${at === undefined ? 'when seen again' : `from ${showDate(at)}`}`;
}

/** `high, known to be exploited, trivy, 3 findings, also found by grype`. */
export function kindOf(
  group: Pick<JudgedGroup, 'severity' | 'exploitability' | 'tool' | 'count' | 'duplicates'>,
): string {
  const exploitability = exploitabilityWords(group);
  const many = group.count === 1 ? '' : `, ${grouped(group.count)} findings`;
  const others = alsoFoundBy(group).map((tool) => plain(tool, ID_MAX));
  const also = others.length === 0 ? '' : `, also found by ${listOf(others, TOOLS_SHOWN)}`;
  const severity = `${SEVERITY_WORDS[group.severity]}${exploitability === '' ? '' : `, ${exploitability}`}`;
  return `${severity}, ${plain(group.tool, ID_MAX)}${many}${also}`;
}

/** `connection:f73b…`: whoever reads of it knows it by the name that the message gives it. */
const BARE_ID = /^[a-z-]+:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `src/a.ts:12`; empty when the finding has no place, or one that nobody can read. */
export function placeOf(sample: FindingSample): string {
  if (sample.path === undefined || BARE_ID.test(sample.path)) return '';
  return `${plain(sample.path, PLACE_MAX)}${sample.line === undefined ? '' : `:${sample.line}`}`;
}

export function exceptionsUsed(gate: Gate): boolean {
  return excepted(gate).length > 0;
}

function excepted(gate: Gate): JudgedGroup[] {
  return (gate.judgement?.warns ?? []).filter(({ exceptionId }) => exceptionId !== undefined);
}

/** Which exceptions let something pass; said also when there are none, because an approver has to know. */
export function exceptionsSection(gate: Gate): RichTextBlock | Container | undefined {
  const used = excepted(gate);
  if (gate.judgement === undefined) return undefined;
  if (used.length === 0) return { ...line(words('No exceptions used.')), id: 'exceptions' };
  const byId = Map.groupBy(used, ({ exceptionId }) => plain(exceptionId ?? '', ID_MAX));
  const lines = [...byId].slice(0, EXCEPTIONS_SHOWN).map(([id, groups]) => {
    const rules = listOf(
      groups.map(({ rule }) => plain(rule, RULE_MAX)),
      2,
    );
    return row(`${id} lets pass ${rules}`);
  });
  const more = byId.size - lines.length;
  return section('exceptions', [
    sectionHead('Exceptions used'),
    ...lines,
    ...(more > 0 ? [line(words(`and ${more} more`, { isSubtle: true }))] : []),
  ]);
}
