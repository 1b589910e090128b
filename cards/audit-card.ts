import type { IAdaptiveCard } from 'adaptivecards';
import { ACTIVITY_GROUPS, type ActivityGroup } from '../services/domain/activity-group.ts';
import type {
  Audit,
  AuditedActivity,
  AuditedBypass,
  AuditedChange,
  AuditedException,
  AuditedOffPath,
} from '../services/domain/audit.ts';
import type { UnapprovedStanding } from '../services/domain/bypass.ts';
import type { GateState } from '../services/domain/gate.ts';
import type { OffPathKind } from '../services/domain/off-path.ts';
import type { Review } from '../services/domain/review.ts';
import { STANDING_LOOKS } from './bypass-words.ts';
import {
  banner,
  type CardElement,
  card,
  type Fact,
  fact,
  row,
  section,
  sectionHead,
  timed,
  timedFact,
  title,
} from './card.ts';
import { fittingCard } from './fitting-card.ts';
import { present } from './gate-actions.ts';
import { RULE_MAX } from './gate-findings.ts';
import { counted, grouped, listOf, nameOf, principalName } from './names.ts';
import { placeWords } from './off-path-card.ts';
import { recordButton } from './review-card.ts';
import { localTime } from './show-time.ts';
import { plain } from './text.ts';
import { moreRow } from './who-approves-people.ts';
import { CATEGORY_WORDS } from './words.ts';

const SUMMARY_MAX = 240;
const NAMES_SHOWN = 3;
const UNKNOWN_SHOWN = 3;
const UNKNOWN_MAX = 240;
/** How many rows of each part are shown: the first that fits. */
const EXTENTS = [10, 5, 2] as const;

/** Of whoever is asked to look at it, and records it. */
export interface AuditShown {
  readonly review?: Review;
  /** IANA name of the reader's zone. */
  readonly zone?: string | undefined;
}

/** What was done about deployments, for whoever reviews it. */
export function auditCard(audit: Audit, { review, zone }: AuditShown = {}): IAdaptiveCard {
  return fittingCard<number>(EXTENTS, (extent) => cardOf(audit, review, extent), { zone });
}

/** One line for notifications. Plain text. */
export function auditSummary(audit: Audit): string {
  return plain(`What was done: ${headlineOf(audit)}`, SUMMARY_MAX);
}

function cardOf(audit: Audit, review: Review | undefined, extent: number): IAdaptiveCard {
  const { bypasses, offPath, activities, exceptions, changes, unknown } = audit;
  const isOpen = [...bypasses, ...offPath].some(({ standing }) => standing !== 'confirmed');
  const head = 'What was done';
  const parts: Part[] = [
    { id: 'gate', head: 'Went on without a decision', rows: bypasses.map(bypassRow) },
    { id: 'off-path', head: 'Done beside the release path', rows: offPath.map(offPathRow) },
    ...activityParts(activities),
    { id: 'exceptions', head: 'Exceptions', rows: exceptions.map(exceptionRow) },
    { id: 'findings', head: 'Findings about the platform', rows: changes.map(changeRow) },
  ];
  const body: CardElement[] = [
    title(head),
    banner('state', isOpen || unknown.length > 0 ? 'attention' : 'emphasis', [
      row(headlineOf(audit), { weight: 'bolder' }),
      ...(review === undefined ? [] : [row(`${principalName(review.reviewer)} is asked to look at this.`)]),
      ...unknown.slice(0, UNKNOWN_SHOWN).map((why) => row(`? Not known: ${plain(why, UNKNOWN_MAX)}`)),
      ...moreRow(unknown.length - UNKNOWN_SHOWN, 'more logs that could not be read'),
    ]),
    {
      type: 'FactSet',
      id: 'facts',
      spacing: 'medium',
      facts: basisOf(audit),
    },
    ...parts.filter(({ rows }) => rows.length > 0).map((part) => partSection(part, extent)),
    ...nothingOf(parts.filter(({ rows }) => rows.length === 0)),
  ];
  const spoken = `${head}. ${headlineOf(audit)}.`;
  const actions = present([review === undefined ? undefined : recordButton(review)]);
  return card({ body, actions, fallbackText: `${spoken} Write "audit".`, speak: spoken });
}

interface Part {
  readonly id: string;
  readonly head: string;
  readonly rows: readonly CardElement[];
}

function partSection({ id, head, rows }: Part, extent: number): CardElement {
  return section(id, [sectionHead(head), ...rows.slice(0, extent), ...moreRow(rows.length - extent, 'more')]);
}

/** What reviewers look for is named even where there is none of it. */
function nothingOf(parts: readonly Part[]): CardElement[] {
  if (parts.length === 0) return [];
  return [
    section('none', [sectionHead('None of these'), ...parts.map(({ head }) => row(`– ${head}`, { isSubtle: true }))]),
  ];
}

const OUTCOMES: readonly (readonly [string, readonly GateState[]])[] = [
  ['approved', ['approved']],
  ['passed without asking anybody', ['passed']],
  ['rejected', ['rejected']],
  ['stopped', ['failed']],
  ['out of time', ['expired']],
  ['without a decision', ['bypassed']],
  ['given up or replaced', ['superseded', 'abandoned']],
  ['waiting', ['received', 'blocked', 'asked']],
];

function headlineOf({ requests }: Audit): string {
  const of = (states: readonly GateState[]) => states.reduce((sum, state) => sum + (requests[state] ?? 0), 0);
  const total = of(OUTCOMES.flatMap(([, states]) => states));
  if (total === 0) return 'No deployment was asked for';
  const parts = OUTCOMES.map(([word, states]) => [of(states), word] as const).filter(([count]) => count > 0);
  return `${counted(total, 'deployment')}: ${parts.map(([count, word]) => `${grouped(count)} ${word}`).join(', ')}`;
}

function basisOf({ since, at, services, leftOut, unkept, contractVersion }: Audit): Fact[] {
  const unread =
    leftOut === 0 ? '' : `; ${counted(leftOut, 'more was', 'more were')} not read, because there are too many`;
  const lost =
    unkept === 0 ? '' : `; ${counted(unkept, 'event of a large import was', 'events of large imports were')} not kept`;
  const of = `${counted(services, 'service')} under version ${contractVersion} of the contract${unread}${lost}`;
  return [timedFact('Since', localTime(since)), timedFact('Until', localTime(at)), fact('Covers', of)];
}

function standingWords(standing: UnapprovedStanding): string {
  const { symbol, words } = STANDING_LOOKS[standing];
  return `${symbol} ${words}`;
}

function bypassRow({ requestId, runName, services, environment, at, standing }: AuditedBypass): CardElement {
  const what = `${listOf(services.map(nameOf), NAMES_SHOWN)} ${nameOf(runName)} in ${nameOf(environment)}`;
  return timed(`${standingWords(standing)} · ${what} · ${localTime(at)} · "why ${nameOf(requestId)}"`, {
    spacing: 'small',
  });
}

function offPathRow({ id, kind, services, environment, at, standing }: AuditedOffPath): CardElement {
  const what = `${OFF_PATH_WORDS[kind]} · ${placeWords({ services, environment })}`;
  return timed(`${standingWords(standing)} · ${what} · ${localTime(at)} · "why ${nameOf(id)}"`, { spacing: 'small' });
}

const OFF_PATH_WORDS: Readonly<Record<OffPathKind, string>> = {
  deployment: 'deployed without a decision',
  check: 'a check was weakened',
  write: 'changed from outside the release path',
  use: 'connection used by another pipeline',
};

const GROUP_HEADS: Readonly<Record<ActivityGroup, string>> = {
  weakened: 'Checks and policies weakened',
  permissions: 'Permissions changed',
  tokens: 'Tokens and keys',
  administration: 'Administration',
  other: 'Other changes',
};

function activityParts(activities: readonly AuditedActivity[]): Part[] {
  return ACTIVITY_GROUPS.flatMap((group) => {
    const own = activities.filter((one) => one.group === group);
    if (own.length === 0 && group === 'other') return [];
    return [{ id: group, head: GROUP_HEADS[group], rows: own.map(activityRow) }];
  });
}

function activityRow({ services, environment, words, count, failed }: AuditedActivity): CardElement {
  const tried = failed === 0 ? '' : failed === count ? ', none succeeded' : `, ${failed} did not succeed`;
  const times = counted(count, 'time');
  return row(`${placeWords({ services, environment })} · ${plain(words, RULE_MAX)} · ${times}${tried}`, {
    spacing: 'small',
  });
}

function exceptionRow({ exceptionId, control, service, environment, kind, at }: AuditedException): CardElement {
  const what = kind === 'granted' ? '✓ came into force' : '– ended';
  const place = `${nameOf(control)} of ${nameOf(service)} in ${nameOf(environment)}`;
  return timed(`${nameOf(exceptionId)} ${what} · ${place} · ${localTime(at)}`, { spacing: 'small' });
}

function changeRow({ service, category, rule, count }: AuditedChange): CardElement {
  const times = count === 1 ? '' : `, ${counted(count, 'finding')}`;
  return row(`${plain(rule, RULE_MAX)} · ${nameOf(service)} · ${CATEGORY_WORDS[category]}${times}`, {
    spacing: 'small',
  });
}
