import type { IAdaptiveCard } from 'adaptivecards';
import {
  type ContractDifference,
  type ContractNews,
  type ContractVersion,
  type Direction,
  directionOf,
  hasRisen,
} from '../services/domain/contract-change.ts';
import {
  banner,
  type CardElement,
  card,
  fact,
  line,
  row,
  section,
  sectionHead,
  timedFact,
  title,
  words,
} from './card.ts';
import { changeWords, countWords } from './contract-change-words.ts';
import { shortCommit } from './gate-facts.ts';
import { inZone, localTime } from './show-time.ts';
import { plain } from './text.ts';
import { moreRow } from './who-approves-people.ts';

const SUMMARY_MAX = 240;
const CHANGE_MAX = 240;
const ROWS_SHOWN = 8;

/** For an owner of the contract, who did not ask: what became stricter and what looser. */
export function contractNewsCard(news: ContractNews, zone?: string): IAdaptiveCard {
  const { contractChange, difference } = news;
  const { before, after, at } = contractChange;
  const headline = headlineOf(difference);
  const isLooser = difference === undefined || of(difference, 'looser').length > 0 || !hasRisen(contractChange);
  const body: CardElement[] = [
    title('The gating contract changed'),
    banner('state', isLooser ? 'warning' : 'emphasis', [
      line(words(headline, { weight: 'bolder' })),
      ...(hasRisen(contractChange) ? [] : [row(`✗ ${unrisen(news)}`)]),
      row(
        'You are told once, as an owner of the contract. If it was not meant, put the version before back in its place.',
      ),
    ]),
    {
      type: 'FactSet',
      id: 'facts',
      spacing: 'medium',
      facts: [
        fact('In force', versionWords(after)),
        fact('Before', versionWords(before)),
        ...(difference === undefined ? [] : [fact('Rules', countWords(difference.rules))]),
        timedFact('Noted', localTime(at)),
      ],
    },
    ...(difference === undefined ? [] : sectionsOf(difference)),
  ];
  const spoken = `${contractNewsSummary(news)}. "contract" shows what is in force.`;
  return inZone(card({ body, actions: [], fallbackText: spoken, speak: spoken }), zone);
}

/** One line for notifications. Plain text. */
export function contractNewsSummary({ contractChange, difference }: ContractNews): string {
  const { before, after } = contractChange;
  const versions = `version ${before.version} to ${after.version}`;
  return plain(`The gating contract changed, ${versions}: ${headlineOf(difference)}`, SUMMARY_MAX);
}

function headlineOf(difference: ContractDifference | undefined): string {
  if (difference === undefined) return '? What changed cannot be told: one of the two versions was not kept';
  const [looser, stricter, either] = (['looser', 'stricter', 'either'] as const).map(
    (direction) => of(difference, direction).length,
  );
  const said = [
    ...(looser ? [`looser in ${looser}`] : []),
    ...(stricter ? [`stricter in ${stricter}`] : []),
    ...(either ? [`another in ${either}`] : []),
  ];
  const rest =
    difference.parts.length === 0 ? 'No rule decides otherwise' : 'Rules decide as before, other parts changed';
  return said.length === 0 ? `– ${rest}` : `${looser ? '✗' : '–'} Rules: ${said.join(', ')}`;
}

function unrisen({ contractChange: { before, after } }: ContractNews): string {
  return `Its version did not rise: ${before.version} before, ${after.version} now, and yet it is another contract.`;
}

function versionWords({ version, checksum, commit }: ContractVersion): string {
  const from = commit === undefined ? '' : ` of commit ${shortCommit(commit)}`;
  return `version ${version} (${checksum.slice(0, 8)})${from}`;
}

function of({ rules }: ContractDifference, direction: Direction) {
  return rules.filter((change) => directionOf(change) === direction);
}

function sectionsOf(difference: ContractDifference): CardElement[] {
  const rules = (direction: Direction) => of(difference, direction).map(changeWords);
  return [
    ...listed('looser', 'What became looser', rules('looser')),
    ...listed('stricter', 'What became stricter', rules('stricter')),
    ...listed('either', 'What came, went or moved: the first match decides', rules('either')),
    ...listed('parts', 'What else is not as it was', difference.parts),
  ];
}

function listed(id: string, head: string, sayings: readonly string[]): CardElement[] {
  if (sayings.length === 0) return [];
  const shown = sayings.slice(0, ROWS_SHOWN).map((saying) => row(plain(saying, CHANGE_MAX)));
  return [section(id, [sectionHead(head), ...shown, ...moreRow(sayings.length - ROWS_SHOWN, 'more')])];
}
