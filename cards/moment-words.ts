import { DRIFT_TOOL } from '../services/domain/drift.ts';
import type { FindingEvent } from '../services/domain/finding-event.ts';
import type { GateState } from '../services/domain/gate.ts';
import { PLATFORM_TOOL } from '../services/domain/platform-rules.ts';
import type { About, ScopeMoment, ScopeOverview } from '../services/domain/scope-overview.ts';
import { STANDING_LOOKS } from './bypass-words.ts';
import { type CardElement, row, timed } from './card.ts';
import { EXCEPTION_LOOKS } from './exception-words.ts';
import { counted, listOf, nameOf, plural } from './names.ts';
import { OFF_PATH_HEADS } from './off-path-card.ts';
import { asLocalTimes, localTime } from './show-time.ts';
import { plain } from './text.ts';
import { STATE_LOOKS } from './words.ts';

const PEOPLE_SHOWN = 3;
const MESSAGE_MAX = 240;

/** One thing that happened; below it when, where (unless that is `within`), and how to see what is on record of it. */
export function momentRows(moment: ScopeMoment, within?: string): CardElement[] {
  const { at, environment } = moment;
  const where = environment === undefined || environment === within ? [] : [nameOf(environment)];
  const id = recordOf(moment);
  const parts = [localTime(at), ...where, ...(id === undefined ? [] : [`"why ${nameOf(id)}"`])];
  return [timed(whatHappened(moment)), timed(parts.join(' · '), { isSubtle: true, spacing: 'none' })];
}

/** By what `why` knows it. */
function recordOf(moment: ScopeMoment): string | undefined {
  if ('requestId' in moment) return moment.requestId;
  return moment.kind === 'off-path' ? moment.actionId : undefined;
}

/** Of what has no id of its own, what shows more of it. */
export function waysOf({ service, environment, timeline: { moments } }: ScopeOverview): CardElement[] {
  const place = environment === undefined ? nameOf(service) : `${nameOf(service)} ${nameOf(environment)}`;
  const ways = moments.flatMap((moment): string[] => {
    if ('exceptionId' in moment) return ['"exception EX-n"'];
    if (moment.kind === 'audited' || moment.kind === 'audit-reviewed') return ['"audit"'];
    if (moment.kind === 'drift-accepted' || moment.kind === 'baseline-taken') return [`"drift ${place}"`];
    if (!('tool' in moment)) return [];
    return [WAYS[moment.about ?? 'shipped'](nameOf(service), place)];
  });
  const distinct = [...new Set(ways)].sort();
  return distinct.length === 0 ? [] : [row(`More: ${listOf(distinct, distinct.length)}`, { isSubtle: true })];
}

const WAYS: Readonly<Record<About | 'shipped', (service: string, place: string) => string>> = {
  shipped: (service) => `"findings ${service}"`,
  platform: (_, place) => `"posture ${place}"`,
  drift: (_, place) => `"drift ${place}"`,
  audit: () => '"audit"',
};

function whatHappened(moment: ScopeMoment): string {
  switch (moment.kind) {
    case 'waits':
      return `● Run ${nameOf(moment.runName)} asked to be let through`;
    case 'decided':
      return decidedWords(moment);
    case 'first-seen':
    case 'reopened':
    case 'gone':
      return foundWords(moment);
    case 'audit-reviewed':
      return `✓ ${nameOf(moment.by)} has reviewed the audit`;
    case 'audited':
      return `– Audit log: ${asLocalTimes(plain(moment.message, MESSAGE_MAX))}${timesWords(moment.count)}`;
    case 'off-path':
      return offPathWords(moment);
    default:
      return approvedWords(moment);
  }
}

type Of<Kind extends ScopeMoment['kind']> = Extract<ScopeMoment, { readonly kind: Kind }>;
type Approved = Of<
  | 'baseline-taken'
  | 'drift-accepted'
  | 'looked-after'
  | 'exception-asked'
  | 'exception-granted'
  | 'exception-reviewed'
  | 'exception-ended'
>;

/** What people approved, and what became of it. */
function approvedWords(moment: Approved): string {
  switch (moment.kind) {
    case 'baseline-taken':
      return `✓ Baseline of ${things(moment.entries)} taken with run ${nameOf(moment.runName)}${byWords(moment.by)}`;
    case 'drift-accepted': {
      const until = moment.until === undefined ? '' : ` until ${localTime(moment.until)}`;
      return `✓ ${nameOf(moment.by)} accepted drift into the baseline${until}`;
    }
    case 'looked-after':
      return `${lookedWords(moment)} after run ${nameOf(moment.runName)}`;
    case 'exception-asked':
      return `● ${nameOf(moment.exceptionId)} was asked for`;
    case 'exception-granted':
      return `✓ ${nameOf(moment.exceptionId)} came into force`;
    case 'exception-reviewed':
      return `✓ ${nameOf(moment.exceptionId)} was reviewed`;
    case 'exception-ended': {
      const { symbol, word } = EXCEPTION_LOOKS[moment.standing];
      return `${symbol} ${nameOf(moment.exceptionId)}: ${word.toLowerCase()}`;
    }
  }
}

function decidedWords({ outcome, runName, by, observed }: Of<'decided'>): string {
  const only = observed ? ' (only observed)' : '';
  return `${STATE_LOOKS[outcome].symbol} Run ${nameOf(runName)} ${OUTCOME_WORDS[outcome]}${byWords(by)}${only}`;
}

function offPathWords({ action, standing }: Of<'off-path'>): string {
  const { symbol, words } = STANDING_LOOKS[standing];
  return `${symbol} ${OFF_PATH_HEADS[action]}: ${words}`;
}

const OUTCOME_WORDS: Readonly<Record<GateState, string>> = {
  received: 'asked',
  blocked: 'was blocked',
  asked: 'asked',
  approved: 'was approved',
  rejected: 'was rejected',
  passed: 'passed without asking anybody',
  failed: 'was stopped',
  expired: 'ran out of time',
  superseded: 'was replaced by a newer run',
  abandoned: 'ended in Azure DevOps without a decision here',
  bypassed: 'went on without a decision',
};

function lookedWords({ verdict, found }: Of<'looked-after'>): string {
  if (verdict === 'found') return `! ${found} new ${plural(found, 'finding')}`;
  return verdict === 'clean' ? '✓ Nothing new' : '? Not all is known';
}

const ABOUT_WORDS: Readonly<Record<About, string>> = {
  platform: 'Delivery platform',
  drift: 'Drift',
  audit: 'Audit log',
};

/** What we find ourselves has no tool that anybody knows. */
function foundWords({ kind, tool, about, count }: Of<FindingEvent['kind']>): string {
  const isOwn = tool === PLATFORM_TOOL || tool === DRIFT_TOOL;
  const what = tool === DRIFT_TOOL ? counted(count, 'change') : findings(count);
  const head = about === undefined ? '' : `${ABOUT_WORDS[about]}: `;
  if (isOwn) return `${kind === 'gone' ? '✓' : '▲'} ${head}${what} ${OWN_WORDS[kind]}`;
  const verb = kind === 'gone' ? 'finds' : 'found';
  return `${kind === 'gone' ? '✓' : '▲'} ${head}${nameOf(tool)} ${verb} ${what} ${KIND_WORDS[kind]}`;
}

const KIND_WORDS: Readonly<Record<FindingEvent['kind'], string>> = {
  'first-seen': 'for the first time',
  reopened: 'again',
  gone: 'no more',
};

const OWN_WORDS: Readonly<Record<FindingEvent['kind'], string>> = {
  'first-seen': 'found for the first time',
  reopened: 'there again',
  gone: 'there no more',
};

function byWords(names: readonly string[]): string {
  return names.length === 0 ? '' : ` by ${listOf(names.map(nameOf), PEOPLE_SHOWN)}`;
}

function timesWords(count: number): string {
  return count === 1 ? '' : `, and the like ${count - 1} more ${plural(count - 1, 'time')} that day`;
}

function things(count: number): string {
  return counted(count, 'thing');
}

function findings(count: number): string {
  return counted(count, 'finding');
}
