import type { IAdaptiveCard } from 'adaptivecards';
import type { RuleInForce } from '../services/domain/contract-view.ts';
import {
  DIGEST_SECTIONS,
  type Digest,
  type DigestException,
  type DigestPart,
  type DigestSection,
  isEmpty,
  SHOWN_FIRST,
} from '../services/domain/digest.ts';
import { button } from './actions.ts';
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
  timed,
  timedFact,
  title,
  words,
} from './card.ts';
import { cardText } from './card-text.ts';
import { fittingCard } from './fitting-card.ts';
import { counted, grouped, listOf, nameOf, principalName } from './names.ts';
import { nudgeWords } from './nudge-words.ts';
import { conditionWords } from './rule-words.ts';
import { localTime, showDate } from './show-time.ts';
import { plain } from './text.ts';
import { SECTION_WORDS, warningButtons, warningRows } from './warning-rows.ts';
import { moreRow } from './who-approves-people.ts';

const SUMMARY_MAX = 240;
const CONDITION_MAX = 120;
const CONTROLS_SHOWN = 5;
const UNSCANNED_SHOWN = 3;
const OWNERS_SHOWN = 3;
const COVERS_SHOWN = 3;
/** Bytes in UTF-16: what Teams takes (bot/teams/notifier.ts), without what goes around the card. */
const CARD_MAX = 52 * 1024;

/** How much is shown: the first that fits. Services in full, warnings with buttons, services in one line, other rows. */
const EXTENTS = [
  { services: 6, buttons: 6, lines: 20, rows: 8 },
  { services: 4, buttons: 3, lines: 10, rows: 5 },
  { services: 2, buttons: 1, lines: 5, rows: 3 },
  { services: 1, buttons: 0, lines: 2, rows: 2 },
] as const;
type Extent = { readonly [Key in keyof (typeof EXTENTS)[number]]: number };

/** What waits for a reader today, by service. `zone` is the reader's (IANA); absent: UTC. */
export function digestCard(digest: Digest, zone?: string): IAdaptiveCard {
  return fittingCard<Extent>(EXTENTS, (extent) => cardOf(digest, extent), { zone, max: CARD_MAX });
}

export function digestText(digest: Digest, zone?: string): string {
  const ways = isEmpty(digest) ? [] : ['Write "why ID" or "exceptions mine" for more, "digest" to see this again.'];
  return cardText(digestCard(digest, zone), ways, zone);
}

/** One line for notifications. Plain text. */
export function digestSummary(digest: Digest): string {
  const services = [...new Set(digest.parts.filter(({ section }) => section !== 'open').map((part) => part.service))];
  const where = services.length === 0 ? '' : ` in ${listOf(services.map(nameOf), 3)}`;
  return plain(`${headlineOf(digest)}${where}`, SUMMARY_MAX);
}

function cardOf(digest: Digest, extent: Extent): IAdaptiveCard {
  const headline = headlineOf(digest);
  const body: CardElement[] = [
    title('Warnings today'),
    banner('state', toneOf(digest), stateRows(digest)),
    { type: 'FactSet', id: 'facts', spacing: 'medium', facts: factsOf(digest) },
    ...servicesSection(digest, extent),
    ...exceptionsSection(digest, extent),
    ...undecidedSection(digest, extent),
    ...heldBackSection(digest, extent),
  ];
  const spoken = `Warnings today. ${headline}.`;
  return card({ body, actions: [], fallbackText: `${spoken} Write "digest" to see it.`, speak: spoken });
}

/** The most urgent as a headline, the others in a row each: seven of them in one sentence nobody reads. */
function stateRows(digest: Digest): CardElement[] {
  const [first = nothingNew(digest), ...others] = waitingOf(digest);
  return [line(words(first, { weight: 'bolder' })), ...others.map((one) => row(one))];
}

/** `✗ 3 overdue, ● 12 new`, or that nothing is. */
function headlineOf(digest: Digest): string {
  const said = waitingOf(digest);
  return said.length === 0 ? nothingNew(digest) : listOf(said, said.length);
}

function waitingOf({ counts, exceptions, undecided, heldBack }: Digest): string[] {
  return [
    ...DIGEST_SECTIONS.filter((name) => name !== 'open' && counts[name] > 0).map((name) => countWords(name, counts)),
    ...(exceptions.length === 0 ? [] : [`${counted(exceptions.length, 'exception')} to look at`]),
    ...(undecided.length === 0 ? [] : [`${counted(undecided.length, 'rule')} to be decided on`]),
    ...(heldBack.length === 0 ? [] : [`${counted(heldBack.length, 'reminder')} held back`]),
  ];
}

function nothingNew({ counts: { open }, unscanned }: Digest): string {
  const symbol = unscanned.length === 0 ? '✓' : '○';
  return open === 0
    ? `${symbol} Nothing new: no warning is open`
    : `${symbol} Nothing new: ${counted(open, 'warning')} open, none overdue`;
}

function countWords(name: DigestSection, counts: Digest['counts']): string {
  const { symbol, word } = SECTION_WORDS[name];
  return `${symbol} ${grouped(counts[name])} ${word}`;
}

function toneOf(digest: Digest): 'good' | 'warning' | 'attention' | 'emphasis' {
  if (isEmpty(digest)) return digest.unscanned.length === 0 ? 'good' : 'emphasis';
  if (digest.counts.overdue > 0) return 'attention';
  return digest.counts.escalating > 0 ? 'warning' : 'emphasis';
}

function factsOf({ at, since, counts, unowned, vacant, covers = [], unscanned }: Digest): Fact[] {
  const all = DIGEST_SECTIONS.reduce((sum, name) => sum + counts[name], 0);
  const owners = listOf(
    vacant.map((owner) => principalName(owner)),
    OWNERS_SHOWN,
  );
  return [
    fact('Open', counted(all, 'finding')),
    ...(unscanned.length === 0 ? [] : [fact('Not scanned', unscannedWords(unscanned))]),
    fact('Unowned', unowned === 0 ? 'none' : `${grouped(unowned)}: nobody is left in ${owners}`),
    ...coverFacts(covers),
    ...(since === undefined ? [fact('New', 'everything: this is the first digest')] : []),
    ...(since === undefined ? [] : [timedFact('New since', localTime(since))]),
    timedFact('As of', localTime(at)),
  ];
}

/** Anybody may name anybody who covers for them. */
function coverFacts(covers: NonNullable<Digest['covers']>): Fact[] {
  const shown = covers
    .slice(0, COVERS_SHOWN)
    .map(({ name, until }) => timedFact('Also for', `${nameOf(name)}, whom you cover until ${localTime(until)}`));
  const left = covers.length - shown.length;
  return left === 0 ? shown : [...shown, fact('Also for', `${left} more`)];
}

/** Of what nothing is known nothing is clean. */
function unscannedWords(unscanned: Digest['unscanned']): string {
  const each = unscanned.map(
    ({ service, controls }) => `${nameOf(service)}: ${listOf(controls.map(nameOf), CONTROLS_SHOWN)}`,
  );
  return each.length <= UNSCANNED_SHOWN
    ? each.join('; ')
    : `${each.slice(0, UNSCANNED_SHOWN).join('; ')}; and ${each.length - UNSCANNED_SHOWN} more services`;
}

interface ServiceParts {
  readonly service: string;
  readonly parts: readonly DigestPart[];
}

function servicesSection(digest: Digest, extent: Extent): CardElement[] {
  const services = [...Map.groupBy(digest.parts, ({ service }) => service)].map(([service, parts]) => ({
    service,
    parts,
  }));
  const urgent = services.filter(({ parts }) => parts.some((part) => part.section !== 'open'));
  if (urgent.length === 0) return [];
  const [shown, others] = [urgent.slice(0, extent.services), urgent.slice(extent.services)];
  let left = extent.buttons;
  const items = shown.flatMap((one, index) => {
    const { rows, used } = serviceRows(digest, one, index + 1, left);
    left -= used;
    return rows;
  });
  return [
    section('findings', [
      sectionHead('By service'),
      ...items,
      ...others.slice(0, extent.lines).map((one) => row(serviceLine(one))),
      ...moreRow(others.length - extent.lines, 'more services: write "findings SERVICE warn" to see one of them'),
    ]),
  ];
}

/** Its most urgent five, and a button for whatever of each section is not among them. */
function serviceRows(digest: Digest, { service, parts }: ServiceParts, number: number, buttons: number) {
  const shown = parts
    .filter((part) => part.section !== 'open')
    .flatMap((part) => part.first.map((warning) => ({ part, warning })))
    .slice(0, SHOWN_FIRST);
  const items = shown.flatMap(({ part, warning }, index) => {
    const actions = index < buttons ? warningButtons(warning, `${number}-${index + 1}`) : [];
    return [...warningRows(warning, part.section, digest), ...buttonRows(actions)];
  });
  const more = parts.flatMap((part) => {
    const left = part.groups - shown.filter((one) => one.part === part).length;
    return left === 0 ? [] : (moreButton(part, left, `more-${number}-${part.section}`) ?? []);
  });
  const rows: CardElement[] = [
    { ...row(serviceLine({ service, parts }), { weight: 'bolder', spacing: 'medium' }), separator: true },
    ...items,
    ...buttonRows(more),
  ];
  return { rows, used: Math.min(shown.length, buttons) };
}

function moreButton({ service, section }: DigestPart, left: number, id: string) {
  const { word } = SECTION_WORDS[section];
  const data = { verb: 'digest.more', service, section } as const;
  return button({ id, title: `${grouped(left)} more ${word}`, inputs: 'none', data });
}

function serviceLine({ service, parts }: ServiceParts): string {
  const said = parts.map(({ section, count }) => `${grouped(count)} ${SECTION_WORDS[section].word}`);
  return `${nameOf(service)}: ${listOf(said, said.length)}`;
}

function exceptionsSection({ exceptions }: Digest, extent: Extent): CardElement[] {
  if (exceptions.length === 0) return [];
  return [
    section('exceptions', [
      sectionHead('Exceptions to look at'),
      ...exceptions.slice(0, extent.rows).map((one) => row(exceptionWords(one))),
      ...moreRow(exceptions.length - extent.rows, 'more: write "exceptions mine" to see all'),
    ]),
  ];
}

function exceptionWords({ exception, why }: DigestException): string {
  const { id, target, terms } = exception;
  const what = why === 'review' ? 'is to be reviewed' : 'ends soon';
  const where = `${nameOf(target.control)} of ${nameOf(target.service)} in ${nameOf(target.environment)}`;
  return `${plain(id, 20)} ${what}: ${where}, until ${showDate(terms.until)}, owner ${principalName(terms.owner)}`;
}

function undecidedSection({ undecided }: Digest, extent: Extent): CardElement[] {
  if (undecided.length === 0) return [];
  return [
    section('gate', [
      sectionHead('Rules that should have been decided on'),
      ...undecided.slice(0, extent.rows).map((one) => row(undecidedWords(one))),
      ...moreRow(undecided.length - extent.rows, 'more: write "contract" to see all'),
    ]),
  ];
}

function heldBackSection({ heldBack }: Digest, extent: Extent): CardElement[] {
  if (heldBack.length === 0) return [];
  const head = `${counted(heldBack.length, 'reminder')} held back`;
  return [
    section('reminders', [
      sectionHead(head),
      row('On the day they were due you had as many messages as the contract allows. They are not said once more.'),
      ...heldBack.slice(0, extent.rows).map((one) => timed(nudgeWords(one))),
      ...moreRow(heldBack.length - extent.rows, 'more: write "approvals" or "exceptions mine" to see all'),
    ]),
  ];
}

function undecidedWords({ control, rule, owner }: RuleInForce): string {
  const when = plain(conditionWords(rule.when), CONDITION_MAX);
  return `${nameOf(control)}: ${when}; was to be decided on ${showDate(rule.decideBy ?? '')} by ${principalName(owner)}`;
}
