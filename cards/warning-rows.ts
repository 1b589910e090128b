import type { DigestSection } from '../services/domain/digest.ts';
import type { Principal } from '../services/domain/person.ts';
import type { NotSeen, Warning } from '../services/domain/warning.ts';
import { button, WRITTEN_NAME } from './actions.ts';
import { type CardElement, type ExecuteAction, row } from './card.ts';
import { foundAfterWords } from './found-after-words.ts';
import { dueWords, kindOf, nextWords, placeOf, RULE_MAX } from './gate-findings.ts';
import { listOf, nameOf, principalName } from './names.ts';
import { showDate } from './show-time.ts';
import { plain } from './text.ts';
import { refusalSentence } from './words.ts';

const MESSAGE_MAX = 140;
const NAME_MAX = 64;
const ID_MAX = 20;
const ENVIRONMENTS_SHOWN = 3;

/** A symbol and words: none of them is told by its colour. */
export const SECTION_WORDS: Readonly<Record<DigestSection, { readonly symbol: string; readonly word: string }>> = {
  overdue: { symbol: '✗', word: 'overdue' },
  escalating: { symbol: '▲', word: 'escalating by the next working day' },
  unowned: { symbol: '?', word: 'unowned' },
  announced: { symbol: '■', word: 'to be blocked later' },
  new: { symbol: '●', word: 'new' },
  open: { symbol: '○', word: 'open before' },
};

/** What a row about a warning needs besides it. */
export interface RowContext {
  /** ISO-8601 UTC of the digest. */
  readonly at: string;
  /** Owners of whom nobody is left. */
  readonly vacant: readonly Principal[];
}

/** What it is, in two rows. */
export function warningRows(warning: Warning, section: DigestSection, context: RowContext): CardElement[] {
  const { symbol, word } = SECTION_WORDS[section];
  const [sample] = warning.samples;
  const details = [
    kindOf(warning),
    `in ${listOf(
      warning.environments.map((name) => plain(name, NAME_MAX)),
      ENVIRONMENTS_SHOWN,
    )}`,
    sample === undefined ? '' : plain(sample.message, MESSAGE_MAX),
    sample === undefined ? '' : placeOf(sample),
    ownerWords(warning, context),
    warning.lead === undefined ? '' : `lead ${principalName(warning.lead)}`,
    dueWords(warning, context.at),
    nextWords(warning),
    warning.isSnoozed === true ? 'put off' : '',
    warning.blocksFrom === undefined ? '' : `blocks from ${showDate(warning.blocksFrom)}`,
    warning.exceptionId === undefined ? '' : `excepted by ${plain(warning.exceptionId, ID_MAX)}`,
    shippedWords(warning),
  ];
  return [
    row(`${symbol} ${plain(warning.rule, RULE_MAX)}: ${word}`, { weight: 'bolder' }),
    row(details.filter((text) => text !== '').join(' · '), { isSubtle: true, spacing: 'none' }),
  ];
}

/** `found after release 20261127.3 (prod, Fri 27 Nov 2026): it would have stopped it`. */
export function shippedWords({ foundAfter = [] }: Pick<Warning, 'foundAfter'>): string {
  if (foundAfter.length === 0) return '';
  return `${listOf(foundAfter.map(foundAfterWords), ENVIRONMENTS_SHOWN)}: the contract would have stopped it`;
}

export function ownerWords({ owner, holder }: Pick<Warning, 'owner' | 'holder'>, { vacant }: RowContext): string {
  if (holder?.isGone === true) return `no owner: ${nameOf(holder.name)} had it and is gone`;
  if (holder !== undefined) return `owner ${principalName(owner)}, ${nameOf(holder.name)} has it`;
  return vacant.includes(owner)
    ? `no owner: nobody is left in ${principalName(owner)}`
    : `owner ${principalName(owner)}`;
}

/** Why somebody sees no warnings. Plain text. */
export function notSeenSentence(why: NotSeen): string {
  if (why.kind === 'refused') return refusalSentence(why.why);
  if (why.kind === 'no-contract')
    return 'Nothing is warned of, because no contract is in force. "contract" says what is wrong with it.';
  return `Nothing was done: the catalog has no service ${plain(why.service, NAME_MAX)} any more. "digest" shows what is open now.`;
}

/** From what a digest led to: it was shown in its place. */
export function digestButton(): ExecuteAction | undefined {
  return button({ id: 'digest', title: 'To the digest', data: { verb: 'digest.show' }, inputs: 'none' });
}

/** What a reader can do about it; `id` is unique in the card. Nothing where its findings are not listed. */
export function warningButtons(warning: Warning, id: string): ExecuteAction[] {
  const { service, environments, control, fingerprints, exceptableIn, exceptionId } = warning;
  const [fingerprint] = fingerprints;
  const [environment] = environments;
  if (fingerprint === undefined || environment === undefined || !WRITTEN_NAME.test(service)) return [];
  const why = button({
    id: `why-${id}`,
    title: 'Why',
    inputs: 'none',
    data: { verb: 'finding.why', service, fingerprint },
  });
  const isNamed = WRITTEN_NAME.test(exceptableIn ?? '') && WRITTEN_NAME.test(control ?? '');
  const isExceptable = exceptionId === undefined && exceptableIn !== undefined && control !== undefined && isNamed;
  const request = isExceptable
    ? button({
        id: `except-${id}`,
        title: 'Request exception',
        inputs: 'none',
        data: { verb: 'exception.request', fingerprint, service, environment: exceptableIn, control },
      })
    : undefined;
  const finding = { fingerprint, service, environment };
  const claim = button({
    id: `claim-${id}`,
    title: 'Claim',
    inputs: 'none',
    data: { verb: 'finding.claim', ...finding },
  });
  const snooze = button({
    id: `snooze-${id}`,
    title: 'Put off',
    inputs: 'none',
    data: { verb: 'finding.snooze', ...finding },
  });
  // What stops the next deployment is never quiet.
  return [claim, warning.foundAfter === undefined ? snooze : undefined, request, why].filter(
    (one) => one !== undefined,
  );
}
