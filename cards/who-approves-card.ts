import type { IAdaptiveCard } from 'adaptivecards';
import type { Obstacle } from '../services/domain/judgement.ts';
import { canBeApproved, routeOfAllRuns, type WhoApproves } from '../services/domain/who-approves.ts';
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
  title,
  words,
} from './card.ts';
import { cardText } from './card-text.ts';
import { counted, listOf, plural, principalName } from './names.ts';
import { obstacleDetail } from './obstacle-words.ts';
import { heldSentence, narrowerSentence, sourceOf } from './route-words.ts';
import { showDate } from './show-time.ts';
import { plain } from './text.ts';
import { type Extent, moreRow, wayRows } from './who-approves-people.ts';
import { OBSTACLE_WORDS } from './words.ts';

const NAME_MAX = 64;
const DETAIL_MAX = 400;
const PROBLEM_MAX = 220;
/** Bytes of card and text together, in UTF-16; what goes around them in the message stays below 2 KB. */
const MESSAGE_MAX = 58 * 1024;

const FULL: Extent = { ways: 3, levels: 3, people: 15, inactive: 3, otherRoutes: 6, problems: 5 };
const BRIEF: Extent = { ways: 1, levels: 1, people: 5, inactive: 1, otherRoutes: 1, problems: 1 };

/**
 * Which route a deployment would take and why, who could approve it now, who could not and why, who hears of it. Names
 * that are so long that it would be more than Teams takes leave room for fewer of them.
 */
export function whoApprovesCard(answer: WhoApproves): IAdaptiveCard {
  const full = cardOf(answer, FULL);
  const bytes = 2 * JSON.stringify([full, cardText(full)]).length;
  return bytes <= MESSAGE_MAX ? full : cardOf(answer, BRIEF);
}

function cardOf(answer: WhoApproves, extent: Extent): IAdaptiveCard {
  const headline = headlineOf(answer);
  const body: CardElement[] = [
    title(titleOf(answer)),
    banner('state', canBeApproved(answer) ? 'good' : 'attention', [
      line(words(headline, { weight: 'bolder' })),
      ...nextOf(answer).map((text) => row(text)),
    ]),
    { type: 'FactSet', id: 'facts', spacing: 'medium', facts: factsOf(answer) },
    ...peopleSection(answer, extent),
    ...routesSection(answer, extent),
    ...problemsSection(answer, extent),
  ];
  const spoken = `${titleOf(answer)}: ${headline}.`;
  return card({ body, actions: [], fallbackText: spoken, speak: spoken });
}

/** There is no such thing; `nearest` is what was meant perhaps. */
export function unknownNameSentence(
  what: 'service' | 'environment' | 'control',
  known: readonly string[],
  nearest: string | undefined,
): string {
  const where = what === 'service' ? 'The catalog' : 'The contract';
  const names = known.map((name) => plain(name, NAME_MAX));
  if (names.length === 0) return `${where} has no ${what}s.`;
  const meant = nearest === undefined ? '' : ` Did you mean "${plain(nearest, NAME_MAX)}"?`;
  return `${where} has no such ${what}.${meant} It has ${listOf(names, 10)}.`;
}

function titleOf({ service, environment }: WhoApproves): string {
  return `Who approves ${plain(service, NAME_MAX)} in ${plain(environment, NAME_MAX)}`;
}

/** The obstacle of every run: of the deployment itself, else of the route for all runs. */
function obstacleOf(answer: WhoApproves): Obstacle | undefined {
  return answer.obstacle ?? (canBeApproved(answer) ? undefined : answer.ways.at(-1)?.obstacle);
}

function headlineOf(answer: WhoApproves): string {
  if (!canBeApproved(answer)) return '✗ Nobody can approve it now';
  if (answer.approval === 'none') return '✓ Nobody has to approve it';
  if (answer.ways.length > 1 || answer.choice.narrower === undefined) {
    return '✓ It depends on the run who may approve it';
  }
  const count = answer.ways[0]?.levels[0]?.eligible.length ?? 0;
  return `✓ ${counted(count, 'person', 'people')} may approve it`;
}

function nextOf(answer: WhoApproves): string[] {
  const obstacle = obstacleOf(answer);
  return [
    ...(obstacle === undefined ? [] : [obstacleSentence(obstacle, answer)]),
    ...(answer.observeUntil === undefined
      ? []
      : [`The environment is only observed: nobody is asked before ${showDate(answer.observeUntil)}.`]),
    ...(answer.approval === 'none' && obstacle === undefined
      ? ['The contract asks for no approval in this environment; what blocks, blocks all the same.']
      : []),
  ];
}

function obstacleSentence({ kind }: Obstacle, { unreadable }: WhoApproves): string {
  if (unreadable !== undefined && kind === 'no-route') {
    return 'The routes of this service cannot be read, and no wider one stands in for them. Mend the file.';
  }
  // Before there is a run nobody is excluded for having asked for it.
  if (kind === 'too-few-approvers') return 'The route asks for more people than may decide. Add people to its groups.';
  return `${OBSTACLE_WORDS[kind].what} ${OBSTACLE_WORDS[kind].now}`;
}

function factsOf(answer: WhoApproves): Fact[] {
  const obstacle = obstacleOf(answer);
  return [
    fact('Service', plain(answer.service, NAME_MAX)),
    fact('Environment', plain(answer.environment, NAME_MAX)),
    ...routeFacts(answer),
    ...(obstacle === undefined ? [] : [fact('Details', obstacleDetail(obstacle, DETAIL_MAX))]),
    ...(obstacle?.tell === undefined ? [] : [fact('Told', principalName(obstacle.tell))]),
  ];
}

function routeFacts(answer: WhoApproves): Fact[] {
  if (answer.approval === 'none') return [];
  const main = routeOfAllRuns(answer);
  const { narrower } = answer.choice;
  if (main === undefined || narrower === undefined) {
    return answer.ways.length === 0 ? [fact('Route', 'none')] : [fact('Route', 'none for every run')];
  }
  return [
    fact('Route', sourceOf(main.route)),
    fact('Why', narrowerSentence(main.way.considered, narrower, answer.ways.length > 1)),
  ];
}

function peopleSection({ ways }: WhoApproves, extent: Extent): CardElement[] {
  if (ways.length === 0) return [];
  const more = ways.length - extent.ways;
  // The last one is for every run that the others are not for.
  const shown = more > 0 ? [...ways.slice(0, extent.ways - 1), ...ways.slice(-1)] : ways;
  return [
    section('gate', [
      sectionHead('Approvers'),
      ...shown.flatMap((way) => wayRows(way, ways.length > 1, extent)),
      ...moreRow(more, `more ${plural(more, 'route')} for some runs`),
    ]),
  ];
}

function routesSection({ choice: { possible, wider, differing } }: WhoApproves, extent: Extent): CardElement[] {
  const some = possible.filter(({ depends }) => depends.length > 0);
  const nearest = possible.length === 0 ? differing[0] : undefined;
  const lines = [
    ...some.map((held) => `○ ${sourceOf(held.route)}: ${heldSentence(held)}`),
    ...wider.map((held) => `– ${sourceOf(held.route)}: wider; ${heldSentence(held)}`),
    ...differing.map(
      (held) => `✗ ${sourceOf(held.route)}: ${held === nearest ? 'the nearest; ' : ''}${heldSentence(held)}`,
    ),
  ];
  return listed('history', 'Other routes', lines, extent.otherRoutes);
}

function problemsSection({ problems }: WhoApproves, extent: Extent): CardElement[] {
  const lines = problems.map((problem) => plain(problem, PROBLEM_MAX));
  return listed('error', 'Problems of the policy files', lines, extent.problems);
}

function listed(id: string, head: string, lines: readonly string[], shown: number): CardElement[] {
  if (lines.length === 0) return [];
  const rows = lines.slice(0, shown).map((text) => row(text));
  return [section(id, [sectionHead(head), ...rows, ...moreRow(lines.length - shown, 'more')])];
}
