import type { IAdaptiveCard } from 'adaptivecards';
import { isOver } from '../services/domain/exception.ts';
import {
  type ExceptionList,
  type ExceptionListKind,
  endOf,
  type ListedException,
} from '../services/domain/exception-list.ts';
import type { Idle } from '../services/domain/exception-use.ts';
import { button } from './actions.ts';
import { type CardElement, card, line, row, section, title, words } from './card.ts';
import { cardText } from './card-text.ts';
import { viewExceptionButton } from './exception-actions.ts';
import { partyName, placeOfTarget } from './exception-names.ts';
import { EXCEPTION_LOOKS } from './exception-words.ts';
import { present } from './gate-actions.ts';
import { counted, nameOf, plural, type Viewer } from './names.ts';
import { inZone, showDate } from './show-time.ts';
import { plain } from './text.ts';

const ROWS = 12;
/** Each of these has two buttons. */
const IDLE_ROWS = 8;
const WHY_MAX = 120;

/** Exceptions by service, those that are over by how they ended; each with a button to see it. */
export function exceptionListCard(list: ExceptionList, viewer: Viewer): IAdaptiveCard {
  const { rows, filter } = list;
  const headline = headlineOf(list);
  const shown = rows.slice(0, filter.which === 'unused' ? IDLE_ROWS : ROWS);
  const groups = Map.groupBy(shown, (one) => groupOf(one, filter.which));
  const sections = [...groups].map(([name, members]) => [
    row(name, { weight: 'bolder' }),
    ...members.map((one) => exceptionRow(one, { list, viewer, n: shown.indexOf(one) + 1 })),
  ]);
  const body = [
    title(headline),
    ...(rows.length === 0 ? [{ ...line(words(NOTHING[filter.which])), id: 'state' }] : []),
    ...(shown.length === 0 ? [] : [section('exceptions', sections.flat())]),
    ...restOf(list, shown.length).map((text) => line(words(text, { isSubtle: true }))),
  ];
  const ids = shown.map(({ exception }) => `${exception.id} (${placeOfTarget(exception.target)})`).join('; ');
  const fallbackText = plain(`${headline}. ${ids}`, FALLBACK_MAX);
  return inZone(card({ body, actions: [], fallbackText, speak: headline }), viewer.zone);
}

const FALLBACK_MAX = 1_000;

export function exceptionListText(list: ExceptionList, viewer: Viewer): string {
  const ways = list.rows.length === 0 ? [] : [WAYS[list.filter.which]];
  return cardText(exceptionListCard(list, viewer), ways, viewer.zone);
}

const ONE = 'Type "exception EX-n" to see one';
const WAYS: Readonly<Record<ExceptionListKind, string>> = {
  open: `${ONE}.`,
  mine: `${ONE}, "review EX-n keep because …" or "review EX-n close" to say whether it is still needed.`,
  expiring: `${ONE}, "renew EX-n until DATE because …" to ask for more time.`,
  unused: `${ONE}, "review EX-n close" as its owner to end it.`,
  ended: `${ONE}.`,
};

const NOTHING: Readonly<Record<ExceptionListKind, string>> = {
  open: 'Nothing is let pass by an exception, and none is asked for.',
  mine: 'You own none, no group of yours does, and you asked for none that is not over.',
  expiring: 'None ends within 14 working days. Those whose time is over are in "exceptions ended".',
  unused: 'Each of those in force hides something, and none is covered by another one.',
  ended: 'None has ended, was refused or taken back, as far as services of the catalog go.',
};

function headlineOf({ rows, more, filter: { which, service } }: ExceptionList): string {
  const where = service === undefined ? '' : ` for ${nameOf(service)}`;
  const count = rows.length + more;
  const some = `${count === 0 ? 'No' : count} ${plural(count, 'exception')}`;
  switch (which) {
    case 'open':
      return `${some}${where}`;
    case 'mine':
      return `${some} of yours${where}`;
    case 'expiring':
      return `${some}${where} ${plural(count, 'ends', 'end')} soon`;
    case 'unused':
      return `${some}${where} may not be needed`;
    case 'ended':
      return `${some}${where} ${plural(count, 'is', 'are')} over or suspended`;
  }
}

function groupOf({ exception, standing }: ListedException, which: ExceptionListKind): string {
  return which === 'ended' ? EXCEPTION_LOOKS[standing].word : nameOf(exception.target.service);
}

function restOf(
  { rows, more, unread, unmanaged = 0, filter: { which, service } }: ExceptionList,
  shown: number,
): string[] {
  const rest = rows.length + more - shown;
  const command = which === 'open' ? 'exceptions SERVICE' : `exceptions ${which} SERVICE`;
  const fewer =
    service === undefined
      ? `Type "${command}" to see fewer.`
      : 'On the command line "exceptions list" writes out all of them.';
  const services = plural(unread, 'service was', 'services were');
  return [
    ...(rest > 0 ? [`and ${rest} more. ${fewer}`] : []),
    ...(unread > 0
      ? [`${unread} ${services} not read, because they are too many. Type "${command}" for one of them.`]
      : []),
    ...(unmanaged > 0
      ? [
          `${counted(unmanaged, 'exception')} of other tools ${plural(unmanaged, 'is', 'are')} answered for by nobody here. Type "exceptions unmanaged ${nameOf(service)}" to see them.`,
        ]
      : []),
  ];
}

interface Place {
  readonly list: ExceptionList;
  readonly viewer: Viewer;
  /** From 1. */
  readonly n: number;
}

function exceptionRow(listed: ListedException, { list, viewer, n }: Place): CardElement {
  const { exception, idle } = listed;
  const { target } = exception;
  const isEnded = list.filter.which === 'ended';
  const place = isEnded ? placeOfTarget(target) : `${nameOf(target.control)} in ${nameOf(target.environment)}`;
  const buttons = present([
    viewExceptionButton(exception, `view-${n}`, 'View'),
    isClosable(listed, viewer) ? closeButton(listed, n) : undefined,
  ]);
  const items = [
    row(`${exception.id} · ${place}`, { weight: 'bolder' }),
    row(isEnded ? endWords(listed) : liveWords(listed, viewer), { spacing: 'none' }),
    ...(exception.ownerGoneAt === undefined || isOver(listed.standing)
      ? []
      : [row('! Its owner is not in the directory any more: hand it over.', { spacing: 'none' })]),
    ...idle.map((why) => row(idleWords(why), { spacing: 'none' })),
  ];
  const action: CardElement = { type: 'ActionSet', actions: buttons };
  // Two buttons beside it would leave no room for the words on a phone.
  if (buttons.length > 1) return { type: 'Container', separator: true, spacing: 'medium', items: [...items, action] };
  const column = { type: 'Column', width: 'auto', verticalContentAlignment: 'center', items: [action] } as const;
  return {
    type: 'ColumnSet',
    separator: true,
    spacing: 'medium',
    columns: [{ type: 'Column', width: 'stretch', items }, ...(buttons.length === 0 ? [] : [column])],
  };
}

/** What blocks all the same is for its owner to look at, not to close. */
function isClosable({ idle }: ListedException, viewer: Viewer): boolean {
  const isOwn = viewer.oid !== undefined && viewer.isPublic !== true;
  return isOwn && idle.some(({ code }) => code !== 'outgrown');
}

/** Only its owner can: anybody else gets a sentence. */
function closeButton({ exception: { id, revision } }: ListedException, n: number) {
  const data = { verb: 'exception.review', exceptionId: id, revision, answer: 'close' } as const;
  return button({ id: `close-${n}`, title: `Close ${id}`, data, inputs: 'none' });
}

function liveWords({ exception, standing }: ListedException, viewer: Viewer): string {
  const { symbol, word } = EXCEPTION_LOOKS[standing];
  const { terms, hides } = exception;
  const owner = partyName(terms.owner, viewer, exception);
  const hidden = standing === 'active' ? `hides ${counted(hides.count, 'finding')}` : 'covers nothing';
  return `${symbol} ${word} · until the end of ${showDate(terms.until)} (UTC) · ${hidden} · owner ${owner}`;
}

function endWords({ exception, standing }: ListedException): string {
  const { symbol } = EXCEPTION_LOOKS[standing];
  const { end } = exception;
  const day = standing === 'expired' ? `after ${showDate(exception.terms.until)}` : `on ${showDate(endOf(exception))}`;
  const who = isOver(standing) && end?.by !== undefined ? ` by ${nameOf(end.by.name)}` : '';
  const why = standing === 'expired' ? '' : plain(end?.why ?? '', WHY_MAX);
  return `${symbol} ${day} (UTC)${who}${why === '' ? '' : `: ${why}`}`;
}

function idleWords(idle: Idle): string {
  switch (idle.code) {
    case 'unused':
      return `! It has hidden nothing since ${showDate(idle.since)}.`;
    case 'orphan':
      return `! Its ${idle.gone} is not in the ${idle.gone === 'service' ? 'catalog' : 'contract'} any more.`;
    case 'shadowed':
      return `! ${nameOf(idle.by)} covers all of it, at least as long.`;
    case 'outgrown':
      return idle.how === 'severity'
        ? '! Its finding is worse by now, and blocks all the same.'
        : '! Its finding belongs to another control by now, and blocks all the same.';
  }
}
