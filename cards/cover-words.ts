import { COVER_REFUSALS, type CoverRefusal, LONGEST_COVER_DAYS, type NamedCover } from '../services/domain/cover.ts';
import type { Refusal } from '../services/domain/refusal.ts';
import type { DateRefusal } from '../services/domain/written-date.ts';
import { dateRefusalWords } from './date-words.ts';
import { isViewer, nameOf, type Viewer } from './names.ts';
import { showDate, showTime } from './show-time.ts';
import { plain } from './text.ts';
import { type About, refusalSentence } from './words.ts';

const ZONE_MAX = 60;
export const COVER_USAGE =
  'Write "cover me @PERSON until DATE", "cover @ABSENT by @PERSON until DATE", "cover me off" or "cover" alone.';
/** What may be said in a refusal beyond its code. */
export interface AboutCover {
  readonly name?: string;
  readonly date?: DateRefusal;
}

/** What happened and what can be done now: safe to show as it is. */
function coverRefusalSentence(refusal: CoverRefusal, about: AboutCover): string {
  return `Nothing was changed: ${REFUSAL_WORDS[refusal](about)}`;
}

const REFUSAL_WORDS: Readonly<Record<CoverRefusal, (about: AboutCover) => string>> = {
  'nobody-meant': () =>
    'the directory has nobody of this name. Mention the person with @, or write their e-mail address or their whole name as Teams shows it.',
  'several-meant': () =>
    'this names more than one person, and nobody is guessed. Mention one person with @, or write their e-mail address.',
  'cover-self': () => 'nobody covers themselves. Name somebody else.',
  'cover-same-human': ({ name }) =>
    `${nameOf(name)} is another account of the same person, and one person decides once. Name somebody else.`,
  'cover-guest': ({ name }) =>
    `${nameOf(name)} is a guest account, and guests never decide. Name a member of the organization.`,
  'cover-disabled': ({ name }) => `the account of ${nameOf(name)} is disabled in the directory. Name somebody else.`,
  'not-the-manager': ({ name }) =>
    `only ${nameOf(name)}, whoever the directory names as their manager, and whoever covers them may end a cover; only the first two may arrange one. Ask one of them.`,
  'no-cover': ({ name }) => `nobody covers ${nameOf(name)}. Write "cover" to see which covers stand.`,
  'date-unreadable': ({ date }) => dateRefusalWords(date),
  'cadence-unknown': ({ date }) => dateRefusalWords(date),
  'cadence-without-start': ({ date }) => dateRefusalWords(date),
  'date-past': ({ date }) => dateRefusalWords(date),
  'date-too-far': ({ date }) =>
    `a cover lasts ${LONGEST_COVER_DAYS} days at most. The latest day is ${date?.code === 'date-too-far' ? showDate(date.latest) : 'nearer'}; renew it then.`,
};

/** Of a refusal that may be about people or about a request. */
export function refusedText(refusal: CoverRefusal | Refusal, about: About & AboutCover): string {
  return isOfCovers(refusal) ? coverRefusalSentence(refusal, about) : refusalSentence(refusal, about);
}

function isOfCovers(refusal: string): refusal is CoverRefusal {
  return COVER_REFUSALS.some((one) => one === refusal);
}

/** `you` only to that person. */
function who({ oid, name }: NamedCover['by'], viewer: Viewer): string {
  return isViewer(viewer, oid) ? 'you' : nameOf(name);
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** `Bob Baker covers you until Fri 27 Nov 2026, 23:00 UTC`. */
export function coverLine({ absent, by, until }: NamedCover, viewer: Viewer): string {
  const verb = isViewer(viewer, by.oid) ? 'cover' : 'covers';
  return `${capital(who(by, viewer))} ${verb} ${who(absent, viewer)} until ${showTime(until)}`;
}

/** What was arranged, with the day in full and what it means. */
export function coverSetText(
  set: {
    readonly cover: NamedCover;
    readonly date: string;
    readonly timezone: string;
    readonly replaced?: NamedCover;
    readonly alsoAway?: NamedCover;
  },
  viewer: Viewer,
): string {
  const { cover, date, timezone, replaced, alsoAway } = set;
  const day = `That is the end of ${showDate(date)} in ${plain(timezone, ZONE_MAX)}.`;
  const lines = [
    `${coverLine(cover, viewer)}. ${day}`,
    replaced === undefined ? '' : `This takes the place of: ${coverLine(replaced, viewer)}.`,
    alsoAway === undefined
      ? ''
      : `${coverLine(alsoAway, viewer)}, but a cover is not handed on: nobody else decides for ${who(cover.absent, viewer)}.`,
    `Requests that wait are shown to ${who(cover.by, viewer)} too; each decision names both. "${endOf(cover, viewer)}" ends it.`,
  ];
  return lines.filter((line) => line !== '').join('\n');
}

/** What this person types to end it. */
export function endOf({ absent }: NamedCover, viewer: Viewer): string {
  return `cover ${isViewer(viewer, absent.oid) ? 'me' : nameOf(absent.name)} off`;
}

export function coverEndedText({ absent, by }: NamedCover, viewer: Viewer): string {
  return `Ended: ${who(by, viewer)} no longer ${isViewer(viewer, by.oid) ? 'cover' : 'covers'} ${who(absent, viewer)}.`;
}

export function coverListText(covers: readonly NamedCover[], viewer: Viewer): string {
  if (covers.length === 0) return `Nobody covers you, and you cover nobody.\n${COVER_USAGE}`;
  return covers.map((cover) => `${coverLine(cover, viewer)}.`).join('\n');
}
