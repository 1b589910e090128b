import { DECISION_CLASSES, type DecisionClass } from '../services/domain/contract.ts';
import type { Prompts } from '../services/domain/prompts.ts';
import type { Trends, TrendWeek } from '../services/domain/trend.ts';
import { NEW_DAYS } from '../services/domain/trend.ts';
import { type Cluster, TREND_WEEKS, totalOf } from '../services/domain/trend-tally.ts';
import {
  type CardElement,
  type ChartColor,
  type LineChart,
  line,
  row,
  type StackedBarChart,
  section,
  sectionHead,
  words,
} from './card.ts';
import { counted, grouped, listOf, nameOf, principalName } from './names.ts';
import { showDayOfYear } from './show-time.ts';
import { plain } from './text.ts';

const BARS_SHOWN = 5;
const ROWS_SHOWN = 5;
const NUMBERS_MAX = 900;
const BAR_MAX = 60;

export const CLASS_WORDS: Readonly<
  Record<DecisionClass, { readonly word: string; readonly of: string; readonly color: ChartColor }>
> = {
  block: { word: 'Block', of: 'block', color: 'attention' },
  warn: { word: 'Warn', of: 'warn', color: 'warning' },
  monitor: { word: 'Monitor', of: 'only counted', color: 'neutral' },
};

/** Each chart has its numbers as text where it is not drawn; phones, which would draw an empty one, have the rows beside it. */
export function trendSections(trends: Trends): CardElement[] {
  return [
    section('history', [
      sectionHead('Accumulation by week'),
      ...(trends.weeks.every(({ appeared, gone }) => appeared + gone === 0) ? [] : [weeksChart(trends.weeks)]),
      row(accumulation(trends.weeks)),
      ...recurringRows(trends),
    ]),
    section('findings', [
      sectionHead('Where they are'),
      ...(trends.clusters.length === 0 ? [row('Nothing is open.')] : [clusterChart(trends.clusters)]),
      ...trends.clusters.map((cluster) => row(clusterWords(cluster))),
      ...more(trends.moreClusters),
    ]),
    section('gate', [sectionHead('Ownership gaps'), ...gapRows(trends)]),
    ...exceptionSection(trends),
    ...promptSection(trends),
  ];
}

function weeksChart(weeks: readonly TrendWeek[]): LineChart {
  const series = (legend: string, of: (week: TrendWeek) => number) => ({
    legend,
    values: weeks.map((week) => ({ x: week.from, y: of(week) })),
  });
  return {
    type: 'Chart.Line',
    title: 'Accumulation by week',
    showTitle: true,
    targetWidth: 'atLeast:Standard',
    data: [
      series('Appeared', ({ appeared }) => appeared),
      series('Gone', ({ gone }) => gone),
      series('Piled up', ({ total }) => total),
    ],
    fallback: numbers(weeks.map(weekWords)),
  };
}

/** `28 Sep +2 −1 = 10`: appeared, gone, piled up. */
function weekWords({ from, appeared, gone, total }: TrendWeek): string {
  return `${showDayOfYear(from)} +${grouped(appeared)} −${grouped(gone)} = ${grouped(total)}`;
}

function clusterChart(clusters: readonly Cluster[]): StackedBarChart {
  const shown = clusters.slice(0, BARS_SHOWN);
  return {
    type: 'Chart.HorizontalBar.Stacked',
    title: 'Largest clusters by class',
    showTitle: true,
    targetWidth: 'atLeast:Standard',
    data: shown.map((cluster) => ({
      title: barTitle(cluster),
      data: DECISION_CLASSES.map((decision) => ({
        legend: CLASS_WORDS[decision].word,
        value: cluster.counts[decision],
        color: CLASS_WORDS[decision].color,
      })),
    })),
    fallback: numbers(shown.map((one) => `${barTitle(one)}: ${countWords(one)}`)),
  };
}

function barTitle(cluster: Cluster): string {
  return plain(`${controlName(cluster)}, ${nameOf(cluster.service)}`, BAR_MAX);
}

function numbers(parts: readonly string[]) {
  return { ...row(plain(parts.join(' · '), NUMBERS_MAX)), isSubtle: true };
}

function accumulation(weeks: readonly TrendWeek[]): string {
  const sum = (of: (week: TrendWeek) => number) => weeks.reduce((all, week) => all + of(week), 0);
  const [appeared, back, gone] = [sum((week) => week.appeared), sum((week) => week.back), sum((week) => week.gone)];
  const last = weeks.at(-1);
  const lately =
    last === undefined
      ? ''
      : `, of these ${grouped(last.appeared)} and ${grouped(last.gone)} in the last ${NEW_DAYS} days`;
  if (appeared + gone === 0) return `In ${TREND_WEEKS} weeks nothing appeared and nothing is gone.`;
  const net = appeared - gone;
  const piled = net === 0 ? 'as many as before' : `${grouped(Math.abs(net))} ${net > 0 ? 'more' : 'fewer'} than before`;
  return `In ${TREND_WEEKS} weeks ${grouped(appeared)} appeared (${grouped(back)} came back) and ${grouped(gone)} are gone${lately}: ${piled}.`;
}

function recurringRows({ recurring }: Trends): CardElement[] {
  if (recurring.length === 0) return [row('No control fails again and again.')];
  return [
    row('Fail again and again:', { weight: 'bolder' }),
    ...recurring
      .slice(0, ROWS_SHOWN)
      .map(({ control, weeks, appeared, back }) =>
        row(
          `${nameOf(control)}: in ${weeks} of ${TREND_WEEKS} weeks, ${grouped(appeared)} appeared, ${grouped(back)} of them came back`,
        ),
      ),
    ...more(recurring.length - ROWS_SHOWN),
  ];
}

function clusterWords(cluster: Cluster): string {
  const { team, service, environment } = cluster;
  const place = `${controlName(cluster)} for ${nameOf(service)} in ${nameOf(environment)}`;
  return `${grouped(totalOf(cluster.counts))}: ${place}, ${principalName(team)} – ${countWords(cluster)}`;
}

function controlName({ control }: Cluster): string {
  return control === undefined ? 'no control' : nameOf(control);
}

function countWords({ counts }: Cluster): string {
  const there = DECISION_CLASSES.filter((decision) => counts[decision] > 0);
  return there.map((decision) => `${grouped(counts[decision])} ${CLASS_WORDS[decision].of}`).join(', ');
}

function gapRows({ gaps, unmatched }: Trends): CardElement[] {
  const stray = unmatched === 0 ? [] : [row(`${counted(unmatched, 'finding')} that no control claims`)];
  if (gaps.length === 0) return [row('Every finding has an owner of whom somebody is active.'), ...stray];
  return [
    ...gaps.slice(0, ROWS_SHOWN).map(({ owner, count, services }) => {
      const where = counted(services, 'service');
      return row(`${principalName(owner)}: nobody active is left, ${counted(count, 'finding')} in ${where}`);
    }),
    ...more(gaps.length - ROWS_SHOWN),
    ...stray,
  ];
}

function exceptionSection({ flows }: Trends): CardElement[] {
  if (flows.length === 0) return [];
  return [
    section('exceptions', [
      sectionHead(`Exceptions in ${TREND_WEEKS} weeks`),
      ...flows
        .slice(0, ROWS_SHOWN)
        .map(({ control, opened, closed, inForce }) =>
          row(`${nameOf(control)}: ${opened} opened, ${closed} closed, ${inForce} in force`),
        ),
      ...more(flows.length - ROWS_SHOWN),
    ]),
  ];
}

/** Without an id of its own: it is about people, not about findings. */
function promptSection({ prompts }: Trends): CardElement[] {
  if (prompts === undefined) return [];
  const { people, median, most, heldBack } = prompts;
  const asked = `${counted(people, 'person was', 'people were')} asked`;
  const names = most.map(({ name, count, heldBack: held }) => {
    return `${nameOf(name)} (${count}${held === undefined ? '' : `, ${held} held back`})`;
  });
  const often = `half of them at least ${median} times; most often ${listOf(names, names.length)}`;
  return [
    ...(people === 0 ? [] : [row(`Prompts in the last ${NEW_DAYS} days: ${asked}, ${often}.`, { spacing: 'medium' })]),
    ...(heldBack === undefined ? [] : [row(heldBackWords(heldBack))]),
  ];
}

function heldBackWords({ count, people }: NonNullable<Prompts['heldBack']>): string {
  const whom = counted(people, 'person', 'people');
  return `${counted(count, 'reminder was', 'reminders were')} held back from ${whom} who had as many messages that day as the contract allows.`;
}

function more(count: number): CardElement[] {
  return count > 0 ? [line(words(`and ${count} more`, { isSubtle: true }))] : [];
}
