import type { IAdaptiveCard } from 'adaptivecards';
import type { DigestSection } from '../services/domain/digest.ts';
import { instantOf } from '../services/domain/finding-history.ts';
import type { Warning } from '../services/domain/warning.ts';
import { buttonRows } from './button-rows.ts';
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
  timedFact,
  title,
  words,
} from './card.ts';
import { cardText } from './card-text.ts';
import { fittingCard } from './fitting-card.ts';
import { present } from './gate-actions.ts';
import { dueWords, kindOf, nextWords, placeOf, RULE_MAX } from './gate-findings.ts';
import { counted, listOf, nameOf, principalName } from './names.ts';
import { inZone, localTime, showDate } from './show-time.ts';
import { plain } from './text.ts';
import {
  digestButton,
  ownerWords,
  type RowContext,
  SECTION_WORDS,
  shippedWords,
  warningButtons,
  warningRows,
} from './warning-rows.ts';
import { moreRow } from './who-approves-people.ts';
import { CATEGORY_WORDS, FIX_WORDS } from './words.ts';

/** How many kinds of finding are shown, and how many of them with buttons: the first that fits. */
const EXTENTS = [
  { rows: 20, buttons: 5 },
  { rows: 5, buttons: 5 },
  { rows: 2, buttons: 5 },
  { rows: 20, buttons: 3 },
  { rows: 5, buttons: 3 },
  { rows: 2, buttons: 3 },
  { rows: 20, buttons: 0 },
  { rows: 5, buttons: 0 },
  { rows: 2, buttons: 0 },
] as const;
type Extent = { readonly [Key in keyof (typeof EXTENTS)[number]]: number };
const TEXT_MAX = 220;
const PLACES_SHOWN = 5;

export interface WarningList extends RowContext {
  readonly service: string;
  readonly section: DigestSection;
  readonly warnings: readonly Warning[];
}

/** The warnings of one service in one section of a digest. */
export function warningListCard(list: WarningList, zone?: string): IAdaptiveCard {
  return fittingCard<Extent>(EXTENTS, (extent) => listOfWarnings(list, extent), { zone });
}

export function warningListText(list: WarningList, zone?: string): string {
  return cardText(warningListCard(list, zone), [], zone);
}

function listOfWarnings(list: WarningList, { rows, buttons }: Extent): IAdaptiveCard {
  const { service, warnings } = list;
  const { symbol, word } = SECTION_WORDS[list.section];
  const findings = warnings.reduce((sum, { count }) => sum + count, 0);
  const headline =
    warnings.length === 0 ? `✓ None is ${word} now` : `${symbol} ${counted(findings, 'finding')} ${word}`;
  const items: CardElement[] = warnings.slice(0, rows).flatMap((warning, index) => {
    const actions = index < buttons ? warningButtons(warning, String(index + 1)) : [];
    return [...warningRows(warning, list.section, list), ...buttonRows(actions)];
  });
  const body = [
    title(`Warnings of ${nameOf(service)}`),
    banner('state', warnings.length === 0 ? 'good' : 'emphasis', [line(words(headline, { weight: 'bolder' }))]),
    ...(items.length === 0 ? [] : [section('findings', items)]),
    ...moreRow(warnings.length - rows, 'more kinds of finding'),
  ];
  const spoken = `Warnings of ${nameOf(service)}. ${headline}.`;
  return card({ body, actions: present([digestButton()]), fallbackText: spoken, speak: spoken });
}

/** One finding: why it is a warning, whose it is, what becomes of it. `warnings` are those that it is among. */
export function warningCard(
  {
    service,
    fingerprint,
    warnings,
    ...context
  }: RowContext & {
    readonly service: string;
    readonly fingerprint: string;
    readonly warnings: readonly Warning[];
  },
  zone?: string,
): IAdaptiveCard {
  const [first] = warnings;
  const headline = first === undefined ? '✓ It is no warning any more' : `▲ ${plain(first.rule, RULE_MAX)}`;
  const body: CardElement[] = [
    title(`A warning of ${nameOf(service)}`),
    banner('state', first === undefined ? 'good' : 'warning', [line(words(headline, { weight: 'bolder' }))]),
    ...warnings
      .slice(0, 3)
      .flatMap((warning, index) => [
        section(index === 0 ? 'findings' : `findings-${index + 1}`, [
          sectionHead('What is known'),
          { type: 'FactSet' as const, ...(index === 0 ? { id: 'facts' } : {}), facts: factsOf(warning, context) },
        ]),
      ]),
    row(`Finding ${plain(fingerprint, 32)}`, { isSubtle: true }),
  ];
  const own = first === undefined ? [] : warningButtons(first, '1').filter(({ verb }) => verb !== 'finding.why');
  const actions = present([...own, digestButton()]);
  const spoken = `A warning of ${nameOf(service)}. ${headline}.`;
  return inZone(card({ body, actions, fallbackText: spoken, speak: spoken }), zone);
}

export function warningText(shown: Parameters<typeof warningCard>[0], zone?: string): string {
  return cardText(warningCard(shown, zone), [], zone);
}

function factsOf(warning: Warning, context: RowContext): Fact[] {
  const { samples, category, because, lead, environments, blocksFrom, exceptionId, seen } = warning;
  const control = controlWords(warning);
  const [sample] = samples;
  const places = [...new Set(samples.map(placeOf))].filter((place) => place !== '');
  const oldest = seen.at(-1);
  const shipped = shippedWords(warning).replace(/^found /, '');
  const next = [
    dueWords(warning, context.at),
    nextWords(warning),
    blocksFrom === undefined ? '' : `blocks from ${showDate(blocksFrom)}`,
    exceptionId === undefined ? '' : `excepted by ${plain(exceptionId, 20)}`,
    warning.foundAfter === undefined ? '' : 'stops the next deployment',
  ].filter((text) => text !== '');
  return [
    fact('Kind', `${kindOf(warning)}, ${CATEGORY_WORDS[category]}`),
    fact('Why', because === undefined ? control : `${plain(because, TEXT_MAX)}; ${control}`),
    ...(sample === undefined ? [] : [fact('What', plain(sample.message, TEXT_MAX))]),
    ...(places.length === 0 ? [] : [fact('Where', listOf(places, PLACES_SHOWN))]),
    fact('Deployed to', listOf(environments.map(nameOf), PLACES_SHOWN)),
    fact('Fix', sample?.help === undefined ? FIX_WORDS[category] : plain(sample.help, TEXT_MAX)),
    fact('Owner', ownerWords(warning, context).replace(/^owner /, '')),
    ...(lead === undefined ? [] : [fact('Lead', principalName(lead))]),
    ...(shipped === '' ? [] : [fact('Found', shipped)]),
    fact('Next', next.length === 0 ? 'the contract sets no date' : listOf(next, next.length)),
    ...(oldest === undefined ? [] : [timedFact('First seen', localTime(instantOf(oldest)))]),
  ];
}

function controlWords({ control, foundAfter }: Warning): string {
  if (control === undefined) return 'no control has it, so that it warns';
  return `the control ${nameOf(control)} ${foundAfter === undefined ? 'warns of it' : 'stops what has it'}`;
}
