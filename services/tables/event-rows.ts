import type { Category } from '../domain/finding.ts';
import type { HistoryStep } from '../domain/finding-history.ts';
import { findingMoments, type ScopeMoment } from '../domain/scope-overview.ts';
import type { ImportChange } from '../ports/scope-store.ts';
import type { Table, Write } from '../ports/table.ts';
import { component, key, sequence } from './keys.ts';
import { momentWrite } from './moment-rows.ts';

/** Events that one import writes; of what is beyond only the number is kept. */
const MOST_EVENTS = 2_000;
const EVENTS_A_COMMIT = 100;

/** Of one scan, into the `find` partition of its scope, with what they come to for whoever reads its timeline. */
export async function writeEvents(
  table: Table,
  partition: string,
  change: ImportChange,
  tool: string,
  step: HistoryStep,
): Promise<void> {
  const { history, appeared, gone, reopened } = step;
  const kept = [
    ...reopened.slice(0, MOST_EVENTS).map((one) => [one, 'reopened'] as const),
    ...gone.slice(0, MOST_EVENTS).map((one) => [one, 'gone'] as const),
    ...appeared.slice(0, MOST_EVENTS).map((one) => [one, 'first-seen'] as const),
  ].slice(0, MOST_EVENTS);
  if (kept.length === 0) return;
  const { reportId, at, heads } = change;
  const [head] = heads;
  const seen = {
    tool,
    at,
    reportId,
    seq: history.seq,
    ...(head === undefined ? {} : { commit: head.commit }),
    ...(head?.branch === undefined ? {} : { branch: head.branch }),
    ...(head?.runId === undefined ? {} : { runId: head.runId }),
  };
  const known = rulesOf(change, tool);
  const writes = kept.map(
    ([one, kind]): Write => ({
      kind: 'put',
      row: key('x', component(one), sequence(history.seq)),
      values: { ...seen, kind, ...known.get(one) },
    }),
  );
  const more = reopened.length + gone.length + appeared.length - writes.length;
  if (more > 0)
    writes.push({ kind: 'put', row: key('x', '-', component(tool), sequence(history.seq)), values: { ...seen, more } });
  // In the last transaction, whose events it counts.
  writes.push(...momentWrite(['report', component(reportId), component(tool)], momentsOf(change, tool, step, known)));
  for (let n = 0; n < writes.length; n += EVENTS_A_COMMIT)
    await table.commit('find', partition, writes.slice(n, n + EVENTS_A_COMMIT));
}

/** What is gone no report lists any more: it was of the category that its tool reports, where that is one. */
function momentsOf(
  { heads, at }: ImportChange,
  tool: string,
  { appeared, gone, reopened }: HistoryStep,
  known: ReturnType<typeof rulesOf>,
): ScopeMoment[] {
  const [own, ...others] = new Set(heads.filter((head) => head.tool === tool).map(({ category }) => category));
  const unlisted = others.length === 0 ? own : undefined;
  const changed = [['reopened', reopened] as const, ['gone', gone] as const, ['first-seen', appeared] as const];
  return findingMoments({ tool, at }, changed, (print) => known.get(print)?.category ?? unlisted);
}

/** What the report says of its listed findings: once one is gone, no report says it any more. */
function rulesOf({ heads }: ImportChange, tool: string): ReadonlyMap<string, { category: Category; rule: string }> {
  const own = heads.filter((head) => head.tool === tool);
  return new Map(
    own.flatMap(({ category, groups }) =>
      groups.flatMap(({ rule, fingerprints }) => fingerprints.map((one) => [one, { category, rule }] as const)),
    ),
  );
}
