import type { IAdaptiveCard } from 'adaptivecards';
import type { Gate } from '../services/domain/gate.ts';
import type { OutageNews } from '../services/domain/outage.ts';
import { ageWords } from './age-words.ts';
import { banner, type CardElement, card, line, row, section, sectionHead, timed, title, words } from './card.ts';
import { counted, deploymentOf, plural } from './names.ts';
import { runRows } from './run-again.ts';
import { inZone, localTime } from './show-time.ts';
import { moreRow } from './who-approves-people.ts';

const ROWS_SHOWN = 5;

/** For operators, and for whoever asked for a stage that waited or failed while nothing ran. */
export function outageCard(news: OutageNews, zone?: string): IAdaptiveCard {
  const { outage, failed, waiting } = news;
  const { from, until } = outage;
  const body: CardElement[] = [
    title('Countersign was away'),
    banner('state', failed.length === 0 ? 'emphasis' : 'warning', [
      line(words(headlineOf(news), { weight: 'bolder' })),
      timed(
        `Nothing was judged or sent for about ${ageWords(from, until)}, from ${localTime(from)} until ${localTime(until)}. Nothing that was recorded is lost.`,
      ),
      row('A stage whose check could not be sent meanwhile is not listed: where one failed, run it again.'),
    ]),
    ...runRows(failed),
    ...waitingSection(waiting),
  ];
  const spoken = `${outageSummary(news)}.`;
  return inZone(card({ body, actions: [], fallbackText: spoken, speak: spoken }), zone);
}

/** One line for notifications. Plain text. */
export function outageSummary(news: OutageNews): string {
  return `Countersign was away: ${headlineOf(news)}`;
}

function headlineOf({ failed, waiting }: OutageNews): string {
  const said = [
    ...(failed.length === 0 ? [] : [`${counted(failed.length, 'stage')} failed meanwhile`]),
    ...(waiting.length === 0 ? [] : [`${waiting.length} still ${plural(waiting.length, 'waits', 'wait')}`]),
  ];
  return said.length === 0
    ? '✓ No stage failed or waits because of it'
    : `${failed.length === 0 ? '–' : '✗'} ${said.join(', ')}`;
}

function waitingSection(waiting: readonly Gate[]): CardElement[] {
  if (waiting.length === 0) return [];
  return [
    section('waiting', [
      sectionHead('Waited, and goes on by itself'),
      ...waiting.slice(0, ROWS_SHOWN).map((gate) => row(deploymentOf(gate))),
      ...moreRow(waiting.length - ROWS_SHOWN, 'more: write "approvals" to see those that wait for you'),
    ]),
  ];
}
