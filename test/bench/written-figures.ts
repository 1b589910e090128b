import type { Line } from './line.ts';

/** Where and when the figures of a group were measured. */
interface Measured {
  /** ISO date. */
  readonly date: string;
  readonly machine: string;
}

const startOf = (group: string) => `<!-- figures: ${group} -->`;
const END = '<!-- end -->';

/** The page with the figures of this group between its marks; everything else stays. Throws where it has no such marks. */
export function withFigures(page: string, group: string, lines: readonly Line[], measured: Measured): string {
  const start = page.indexOf(startOf(group));
  const end = page.indexOf(END, start);
  if (start < 0 || end < 0) throw new Error(`docs/performance.md has no ${startOf(group)} with ${END} after it`);
  const table = [
    `${measured.date}, ${measured.machine}:`,
    '',
    '| figure | measured | beside | ratio | bar |',
    '|---|---|---|---|---|',
    ...lines.map(rowOf),
  ];
  return [page.slice(0, start + startOf(group).length), '\n', table.join('\n'), '\n', page.slice(end)].join('');
}

function rowOf({ figure, unit, value, beside, ratio, bar, met }: Line): string {
  const cells = [
    figure,
    `${shown(value)} ${unit}`,
    beside === undefined ? '' : `${beside.what}: ${shown(beside.value)}`,
    ratio === undefined ? '' : shown(ratio),
    bar === undefined ? '' : met === false ? `**missed**: ${bar}` : `${bar}: met`,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

function shown(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 4 });
}
