import type { Decision, Gate } from '../services/domain/gate.ts';
import type { JudgedGroup } from '../services/domain/judgement.ts';
import { type CardElement, line, type RichTextBlock, row, section, sectionHead, timed, words } from './card.ts';
import { erodedRows } from './eroded-rows.ts';
import { kindOf, RULE_MAX } from './gate-findings.ts';
import { listOf, type Viewer, voterName } from './names.ts';
import { localTime } from './show-time.ts';
import { plain, run } from './text.ts';

const SHOWN = 5;
const ID_MAX = 20;
const COMMENT_SHOWN = 200;
const NAME_MAX = 40;

interface Found {
  readonly gate: Gate;
  readonly group: JudgedGroup;
}

function warnsOf(gates: readonly Gate[]): Found[] {
  return gates.flatMap((gate) => (gate.judgement?.warns ?? []).map((group) => ({ gate, group })));
}

function wherever(gates: readonly Gate[]): string {
  return `in ${listOf([...new Set(gates.map(({ environment }) => plain(environment, NAME_MAX)))], 3)}`;
}

function more(count: number): RichTextBlock[] {
  return count > 0 ? [line(words(`and ${count} more; "View" shows them`, { isSubtle: true }))] : [];
}

/** What the contract lets pass: each rule once, with where it was met; then which blocks mean little. */
export function warningsIn(gates: readonly Gate[]): CardElement {
  const byRule = Map.groupBy(warnsOf(gates), ({ group }) => `${group.tool} ${group.rule}`);
  if (byRule.size === 0) return section('findings', [line(words('No warnings.')), ...erodedRows(gates)]);
  const rows = [...byRule.values()].slice(0, SHOWN).flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const where = wherever([first, ...others].map(({ gate }) => gate));
    return [
      row(`▲ ${plain(first.group.rule, RULE_MAX)}`, { weight: 'bolder' }),
      row(`${kindOf(first.group)} · ${where}`, { isSubtle: true, spacing: 'none' }),
    ];
  });
  return section('findings', [sectionHead('Warnings'), ...rows, ...more(byRule.size - SHOWN), ...erodedRows(gates)]);
}

/** Which exceptions let something pass; said also when there are none, because an approver has to know. */
export function exceptionsIn(gates: readonly Gate[]): CardElement {
  const used = warnsOf(gates).filter(({ group }) => group.exceptionId !== undefined);
  if (used.length === 0) return { ...line(words('No exceptions used.')), id: 'exceptions' };
  const byId = Map.groupBy(used, ({ group }) => plain(group.exceptionId ?? '', ID_MAX));
  const rows = [...byId].slice(0, SHOWN).map(([id, found]) => row(`${id} ${wherever(found.map(({ gate }) => gate))}`));
  return section('exceptions', [sectionHead('Exceptions used'), ...rows, ...more(byId.size - SHOWN)]);
}

/** Who has approved or rejected what, with one comment for all that were decided together. */
export function historyOf(gates: readonly Gate[], viewer: Viewer | undefined): CardElement | undefined {
  const said = gates.flatMap((gate) => wordsOf(gate).map((word) => ({ gate, word })));
  if (said.length === 0) return undefined;
  const together = Map.groupBy(said, ({ word: { verdict, by, covers, comment } }) =>
    JSON.stringify([verdict, by.oid, covers?.oid, comment]),
  );
  const lines = [...together.values()].slice(0, SHOWN).flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    return wordLines(first.word, wherever([first, ...others].map(({ gate }) => gate)), viewer);
  });
  return section('history', [...lines, ...more(together.size - SHOWN), ...toldLines(gates)]);
}

function wordsOf({ votes, decision }: Gate): Decision[] {
  const approvals = votes.map((vote) => ({ ...vote, verdict: 'approve' as const }));
  return decision?.verdict === 'reject' ? [...approvals, decision] : approvals;
}

function wordLines(word: Decision, where: string, viewer: Viewer | undefined): CardElement[] {
  const verb = word.verdict === 'approve' ? 'Approved' : 'Rejected';
  const said = timed(`${verb} by ${voterName(word, viewer)} on ${localTime(word.at)} ${where}`);
  if (word.comment.trim() === '') return [said];
  return [said, line(words('“'), run(word.comment, COMMENT_SHOWN), words('”'))];
}

function toldLines(gates: readonly Gate[]): CardElement[] {
  const decided = gates.filter(({ decision }) => decision !== undefined);
  const told = decided.filter(({ toldAt }) => toldAt !== undefined).length;
  const text = `Azure DevOps was told of ${told} of ${decided.length}.`;
  return decided.length === 0 ? [] : [line(words(text, { isSubtle: true }))];
}
