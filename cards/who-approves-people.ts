import type { Candidate } from '../services/domain/gate.ts';
import type { Principal } from '../services/domain/person.ts';
import type { Exclusion } from '../services/domain/route.ts';
import type { Approvers, Told, Way } from '../services/domain/who-approves.ts';
import { type CardElement, row } from './card.ts';
import { candidateName, counted, grouped, listOf, nameOf, plural, principalName } from './names.ts';
import { obstacleDetail } from './obstacle-words.ts';
import { runsOf, sourceOf } from './route-words.ts';
import { showDate } from './show-time.ts';
import { plain } from './text.ts';
import { EXCLUDED_WORDS, EXCLUSION_WORDS } from './words.ts';

const PEOPLE_SHOWN_OF_SEVERAL = 5;
const NAMES_IN_A_ROW = 5;
const GROUPS_SHOWN = 3;
const CHANNEL_MAX = 100;
const DETAIL_MAX = 220;

/** How much is shown at most; what is left out is counted. */
export interface Extent {
  readonly ways: number;
  readonly levels: number;
  readonly people: number;
  /** Groups whose membership somebody could activate. */
  readonly inactive: number;
  readonly otherRoutes: number;
  readonly problems: number;
}

/** One route: who may decide, who may not and why, who hears of it. `isOneOfSeveral`: it also says for which runs it is. */
export function wayRows(way: Way, isOneOfSeveral: boolean, extent: Extent): CardElement[] {
  const { levels, obstacle } = way;
  const moreLevels = levels.length - extent.levels;
  const people = isOneOfSeveral ? Math.min(extent.people, PEOPLE_SHOWN_OF_SEVERAL) : extent.people;
  return [
    ...(isOneOfSeveral ? [row(`${runsShown(way)}, by ${sourceOf(way.considered.route)}`, { spacing: 'medium' })] : []),
    ...(isOneOfSeveral && obstacle !== undefined
      ? [row(`✗ It cannot be asked: ${obstacleDetail(obstacle, DETAIL_MAX)}`, { color: 'attention' })]
      : []),
    ...levels.slice(0, extent.levels).flatMap((level, index) => {
      const number = levels.length === 1 ? '' : `Level ${index + 1}: `;
      return levelRows(level, number, people, extent.inactive);
    }),
    ...moreRow(moreLevels, `more ${plural(moreLevels, 'level')}`),
    ...ruleRows(way),
    ...toldRows(way),
  ];
}

export function moreRow(count: number, what: string): CardElement[] {
  return count > 0 ? [row(`and ${grouped(count)} ${what}`, { isSubtle: true })] : [];
}

function runsShown({ considered }: Way): string {
  return considered.depends.length === 0 ? 'For every other run' : `For runs of ${runsOf(considered)}`;
}

function levelRows(level: Approvers, number: string, shown: number, groups: number): CardElement[] {
  const { from, quorum, eligible, excluded, inactive, inactiveUnknown, empty, frozenUntil } = level;
  const frozen = frozenUntil === undefined ? '' : `, frozen until ${showDate(frozenUntil)}`;
  const moreGroups = inactive.length - groups;
  const barred = excluded.map(({ name, why }) => `${nameOf(name)} (${EXCLUDED_WORDS[why]})`);
  return [
    row(`${number}${approvals(quorum)} from ${principals(from)} (${people(eligible.length)})${frozen}`, {
      weight: 'bolder',
    }),
    ...peopleRows(eligible, shown),
    ...(barred.length === 0 ? [] : [row(`✗ Never: ${listOf(barred, NAMES_IN_A_ROW)}`)]),
    ...inactive
      .slice(0, groups)
      .map(({ group, people }) => row(`○ After activating ${nameOf(group)}: ${namesOf(people)}`)),
    ...moreRow(moreGroups, `more ${plural(moreGroups, 'group')} to activate`),
    ...(inactiveUnknown.length === 0
      ? []
      : [row(`? Not known: who could activate a membership of ${principals(inactiveUnknown)}`)]),
    ...(empty.length === 0 ? [] : [row(`✗ Empty, or not in the directory: ${principals(empty)}`)]),
  ];
}

function approvals(quorum: number): string {
  return counted(quorum, 'approval');
}

function people(count: number): string {
  return counted(count, 'person', 'people');
}

function principals(from: readonly Principal[]): string {
  return listOf(
    from.map((principal) => principalName(principal)),
    GROUPS_SHOWN,
  );
}

function namesOf(candidates: readonly Candidate[]): string {
  return listOf(candidates.map(candidateName), NAMES_IN_A_ROW);
}

/** A few names to a row: none can push the number of the others out of it. */
function peopleRows(eligible: readonly Candidate[], shown: number): CardElement[] {
  const names = eligible.slice(0, shown).map(candidateName);
  const rows = Array.from({ length: Math.ceil(names.length / NAMES_IN_A_ROW) }, (_, index) =>
    names.slice(index * NAMES_IN_A_ROW, (index + 1) * NAMES_IN_A_ROW).join(', '),
  );
  return [
    ...rows.map((text, index) => row(index === 0 ? `✓ ${text}` : text)),
    ...moreRow(eligible.length - names.length, 'more'),
  ];
}

function ruleRows({ never, levels }: Way): CardElement[] {
  const isTight = never.length > 0 && levels.some(({ eligible, quorum }) => eligible.length === quorum);
  return [
    ...(never.length === 0 ? [] : [row(`✗ Excluded in each run: ${rules(never)}`)]),
    ...(isTight ? [row('! Nobody is left over: if that is one of them, nobody can approve it.')] : []),
  ];
}

function rules(exclusions: readonly Exclusion[]): string {
  return listOf(
    exclusions.map((rule) => EXCLUSION_WORDS[rule]),
    exclusions.length,
  );
}

function toldRows({ told, levels }: Way): CardElement[] {
  const others = (levels[0]?.eligible.length ?? 0) - told.direct.length;
  const isSelection = told.direct.length > 0 && others > 0;
  return [
    ...(isSelection
      ? [row(`○ A card goes to the first ${told.direct.length} by name; the others type "approvals"`)]
      : []),
    ...reachRows(told),
    ...(told.channel === undefined ? [] : [channelRow(told.channel)]),
  ];
}

function reachRows({ direct, unreachable }: Told): CardElement[] {
  if (direct.length === 0) return [];
  if (unreachable === undefined)
    return [row('? Not checked: who of them can be reached in Teams, and who covers for them')];
  if (unreachable.length === 0) return [row('✓ All who get a card can be reached in Teams')];
  return [row(`✗ Not reachable before they install Countersign in Teams: ${namesOf(unreachable)}`)];
}

function channelRow({ name, isKnown }: NonNullable<Told['channel']>): CardElement {
  const channel = plain(name, CHANNEL_MAX);
  if (isKnown === undefined) return row(`? Not checked: whether a card reaches the channel ${channel}`);
  if (isKnown) return row(`✓ A card goes to the channel ${channel}`);
  return row(`✗ The channel ${channel} is not known: add Countersign to its team`);
}
