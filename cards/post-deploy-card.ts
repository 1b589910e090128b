import type { IAdaptiveCard } from 'adaptivecards';
import { type PostDeployReview, type SeenAfter, verdictOf } from '../services/domain/post-deploy.ts';
import { banner, type CardElement, card, fact, row, section, sectionHead, timed, timedFact, title } from './card.ts';
import { fittingCard } from './fitting-card.ts';
import { RULE_MAX } from './gate-findings.ts';
import { counted, listOf, nameOf } from './names.ts';
import { asLocalTimes, localTime } from './show-time.ts';
import { plain } from './text.ts';
import { moreRow } from './who-approves-people.ts';
import { SEVERITY_WORDS } from './words.ts';

const SUMMARY_MAX = 240;
const MESSAGE_MAX = 200;
const WHY_MAX = 240;
const PEOPLE_SHOWN = 3;
const FOUND = 'This stops nothing: it stands in this environment already, and the next deployment is judged on it.';
const UNKNOWN =
  'Nothing new is known of the others. What is not known is not clean: "status" shows what was read when.';
/** How many rows of each part are shown: the first that fits. */
const EXTENTS = [8, 4, 2] as const;

const SOURCE_NAMES: Readonly<Record<string, string>> = {
  'azure-policy': 'Azure Policy',
  defender: 'Microsoft Defender for Cloud',
  'azure-devops-platform': 'Delivery platform',
  drift: 'Drift from the baseline',
};

/** What an approved deployment was followed by, for whoever owns its service. `zone` is the reader's (IANA). */
export function postDeployCard(review: PostDeployReview, zone?: string): IAdaptiveCard {
  return fittingCard<number>(EXTENTS, (extent) => cardOf(review, extent), { zone });
}

/** One line for notifications. Plain text. */
export function postDeploySummary(review: PostDeployReview): string {
  return plain(`${headOf(review)}: ${headlineOf(review)}`, SUMMARY_MAX);
}

function headOf({ service, environment, release }: PostDeployReview): string {
  return `${nameOf(service)} in ${nameOf(environment)} after ${nameOf(release.runName)}`;
}

function cardOf(review: PostDeployReview, extent: number): IAdaptiveCard {
  const { release, service, environment, at, sources } = review;
  const isFound = verdictOf(review) === 'found';
  const headline = headlineOf(review);
  const by = listOf(
    release.approvedBy.map(({ name }) => nameOf(name)),
    PEOPLE_SHOWN,
  );
  const body: CardElement[] = [
    title(headOf(review)),
    banner('state', isFound ? 'attention' : 'emphasis', [
      row(`${isFound ? '!' : '?'} ${headline.slice(0, 1).toUpperCase()}${headline.slice(1)}`, { weight: 'bolder' }),
      row(isFound ? FOUND : UNKNOWN),
    ]),
    {
      type: 'FactSet',
      id: 'facts',
      spacing: 'medium',
      facts: [
        timedFact('Let through', localTime(release.at)),
        fact('Approved by', by),
        timedFact('Looked at', localTime(at)),
      ],
    },
    ...sources.filter((one) => !isClean(one)).map((source, n) => sourcePart(source, `findings-${n + 1}`, extent)),
    ...cleanPart(sources.filter(isClean)),
  ];
  const spoken = plain(`${headOf(review)}. ${headline}.`, SUMMARY_MAX);
  const ways = `Write "findings ${nameOf(service)}" or "drift ${nameOf(service)} ${nameOf(environment)}".`;
  return card({
    body: [...body, row(ways, { isSubtle: true })],
    actions: [],
    fallbackText: `${spoken} ${ways}`,
    speak: spoken,
  });
}

function headlineOf({ sources }: PostDeployReview): string {
  const count = sources.reduce((sum, { found }) => sum + found.length, 0);
  const unknown = sources.filter((one) => one.unknown !== undefined).map(({ source }) => sourceName(source));
  const found = count === 0 ? [] : [`${counted(count, 'new finding')} since the deployment`];
  const missing = unknown.length === 0 ? [] : [`not known: ${listOf(unknown, unknown.length)}`];
  return [...found, ...missing].join('; ');
}

function sourceName(source: string): string {
  return (Object.hasOwn(SOURCE_NAMES, source) ? SOURCE_NAMES[source] : undefined) ?? 'Another source';
}

function isClean({ found, unknown }: SeenAfter): boolean {
  return found.length === 0 && unknown === undefined;
}

function cleanPart(clean: readonly SeenAfter[]): CardElement[] {
  if (clean.length === 0) return [];
  const names = clean.map(({ source }) => sourceName(source));
  const besides = [...new Set(clean.flatMap((one) => one.besides ?? []))];
  return [section('clean', [row(`✓ Nothing new: ${listOf(names, names.length)}`), ...besides.map(besidesRow)])];
}

function sourcePart({ source, found, unknown, besides }: SeenAfter, id: string, extent: number): CardElement {
  return section(id, [
    sectionHead(sourceName(source)),
    ...(unknown === undefined ? [] : [timed(`? Not known: ${asLocalTimes(plain(unknown, WHY_MAX))}`)]),
    ...found
      .slice(0, extent)
      .map(({ severity, rule, message }) =>
        row(`! ${SEVERITY_WORDS[severity]} · ${plain(message, MESSAGE_MAX)} (${plain(rule, RULE_MAX)})`),
      ),
    ...moreRow(found.length - extent, 'more'),
    ...(besides === undefined ? [] : [besidesRow(besides)]),
  ]);
}

function besidesRow(besides: string): CardElement {
  return row(`Not part of it: ${plain(besides, WHY_MAX)}`, { isSubtle: true });
}
