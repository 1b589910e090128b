import type { Gate } from '../services/domain/gate.ts';
import { type CardElement, row, timed } from './card.ts';
import { decisionCounts } from './finding-rows.ts';
import { present, viewButton } from './gate-actions.ts';
import { verdictsFor } from './gate-reader.ts';
import { stateOf } from './gate-state.ts';
import { servicesOf, type Viewer } from './names.ts';
import { localTime } from './show-time.ts';
import { plain } from './text.ts';

/** Twenty rows have to fit into one message. */
const NAME_MAX = 40;
/** Of the others the id shows the way: `why ID`. */
const VIEWS = 10;

/** `prod-eu · Deploy EU · payments-api`; with its run where the gates are of several. */
export function placeName(gate: Gate, isOneRun: boolean): string {
  const parts = [plain(gate.environment, NAME_MAX), plain(gate.stage, NAME_MAX), plain(servicesOf(gate), NAME_MAX)];
  return [...parts, ...(isOneRun ? [] : [plain(gate.run.name, NAME_MAX)])].join(' · ');
}

export function isOneRun(gates: readonly Gate[]): boolean {
  return new Set(gates.map(({ org, run }) => `${org} ${run.id}`)).size === 1;
}

/** Waits for somebody. */
export function isWaiting({ state, ask }: Gate): boolean {
  return state === 'asked' && ask !== undefined;
}

/** Waits for this reader. */
export function waitsFor(gate: Gate, viewer: Viewer | undefined): boolean {
  return verdictsFor(gate, viewer).includes('approve');
}

interface RowContext {
  readonly viewer?: Viewer | undefined;
  readonly isOneRun: boolean;
  /** Our own words, behind the state. */
  readonly said?: string;
}

/** One gate of several: where, how it stands, what was found, and a button to see the whole of it. */
export function groupRow(gate: Gate, index: number, { viewer, said, ...context }: RowContext): CardElement {
  const { symbol, headline } = stateOf(gate, viewer);
  const until = gate.state === 'asked' ? `until ${localTime(gate.closesAt)}` : '';
  const view = index < VIEWS ? present([viewButton(gate, `view-${index + 1}`, 'View')]) : [];
  const state = [`${symbol} ${headline}`, countsOf(gate), until, said ?? '', gate.id].filter((part) => part !== '');
  const about = {
    type: 'Column' as const,
    width: 'stretch' as const,
    items: [
      row(placeName(gate, context.isOneRun), { weight: 'bolder' }),
      timed(state.join(' · '), { spacing: 'none' }),
    ],
  };
  const actions = { type: 'ActionSet' as const, actions: view };
  const button = { type: 'Column' as const, width: 'auto' as const, verticalContentAlignment: 'center' as const };
  const columns = view.length === 0 ? [about] : [about, { ...button, items: [actions] }];
  return { type: 'ColumnSet', separator: true, spacing: 'small', columns };
}

function countsOf({ judgement }: Gate): string {
  if (judgement === undefined) return 'not judged yet';
  const { block, warn } = judgement.counts;
  return decisionCounts({ block, warn });
}
