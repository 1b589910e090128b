import type { IAdaptiveCard } from 'adaptivecards';
import type { Exception } from '../services/domain/exception.ts';
import type { ExceptionRefusal } from '../services/domain/exception-refusal.ts';
import type { ExceptionOffer } from '../services/domain/exception-request.ts';
import type { TermsWish } from '../services/domain/exception-terms.ts';
import { button } from './actions.ts';
import { banner, type CardElement, card, type ExecuteAction, row, timed, title } from './card.ts';
import { cardText } from './card-text.ts';
import { viewExceptionButton } from './exception-actions.ts';
import { termsInputs } from './exception-inputs.ts';
import { hiddenWords, lastDay, placeOfTarget } from './exception-names.ts';
import { offerExamples, offerFacts } from './exception-offer.ts';
import { backButton } from './exception-refused-card.ts';
import { exceptionRefusalText, isMendable } from './exception-words.ts';
import { present } from './gate-actions.ts';
import { nameOf, plural, type Viewer } from './names.ts';
import { inZone } from './show-time.ts';
import { plain } from './text.ts';
import { digestButton } from './warning-rows.ts';

const SPOKEN_MAX = 600;

/** What somebody sees before they ask for an exception, or for more time. */
export interface ExceptionForm {
  readonly offer: ExceptionOffer;
  /** What the button carries on. */
  readonly data: {
    readonly requestId?: string;
    readonly fingerprints?: readonly string[];
    readonly isBaseline?: boolean;
    readonly imported?: string;
  };
  /** As written before; what is missing of it is proposed. */
  readonly filled?: TermsWish;
  readonly problem?: ExceptionRefusal;
  /** The exception that it is to take the place of. */
  readonly renews?: Exception;
  readonly viewer: Viewer;
}

/** What it would hide, on which terms it is granted, and everything that has to be said; or why there is none to be had. */
export function exceptionFormCard(form: ExceptionForm): IAdaptiveCard {
  const { offer, viewer } = form;
  const chance = chanceOf(form);
  const head = headOf(form);
  const state = stateWords(form, chance);
  const why = problemText(form);
  const error = why === undefined ? undefined : banner('error', 'warning', [row(`! ${why}`)]);
  const body: (CardElement | undefined)[] = [
    title(head),
    banner('state', chance === 'none' ? 'warning' : 'emphasis', [timed(state)]),
    chance === 'none' ? error : undefined,
    offerFacts(offer, form.data),
    offerExamples(offer),
    chance === 'none' ? undefined : error,
    ...(chance === 'ask' ? termsInputs(offer, writtenIn(form)) : []),
  ];
  const spoken = plain(`${head}. ${why ?? state}`, SPOKEN_MAX);
  const shown = card({
    body: body.filter((element) => element !== undefined),
    actions: present([submitButton(form, chance), pendingButton(offer), wayBack(form)]),
    fallbackText: spoken,
    speak: spoken,
  });
  return inZone(shown, viewer.zone);
}

/** The card, and the same in plain text with what can be typed instead. */
export function exceptionFormAnswer(form: ExceptionForm) {
  const shown = exceptionFormCard(form);
  return { text: cardText(shown, waysOf(form), form.viewer.zone), card: shown };
}

/** A renewal is on the terms that there were; until when and why is said anew. */
function writtenIn({ offer, renews, filled }: ExceptionForm): TermsWish {
  if (renews === undefined) return { ...offer.known, ...filled };
  const { owner, reasonClass, review, mitigation = '', ticket = '' } = renews.terms;
  const reviewEvery = review.cadence ?? `${review.everyDays}d`;
  return { owner, reasonClass, reviewEvery, mitigation, ticket, ...filled };
}

/** `join`: it is asked for already. */
type Chance = 'ask' | 'join' | 'none';

function chanceOf({ offer, data, problem, renews }: ExceptionForm): Chance {
  if (problem !== undefined && !isMendable(problem)) return 'none';
  if (offer.pending !== undefined) return 'join';
  const { expiry, budget } = offer;
  const isUsedUp = data.isBaseline !== true && budget.used >= budget.limit;
  return expiry.maxDays <= 0 || isPast(renews) || isUsedUp ? 'none' : 'ask';
}

function isPast(renews: Exception | undefined): boolean {
  return renews !== undefined && renews.state !== 'active' && renews.state !== 'suspended';
}

function headOf({ offer, renews }: ExceptionForm): string {
  const place = placeOfTarget(offer.hidden.target);
  return renews === undefined ? `Exception from ${place}` : `Renew ${renews.id}: exception from ${place}`;
}

function stateWords({ offer, data, renews }: ExceptionForm, chance: Chance): string {
  const { hidden, pending } = offer;
  const what = hiddenWords(hidden.count, hidden.severity);
  if (chance === 'join')
    return renews === undefined
      ? `${nameOf(pending)} is asked for already, for this or for more. If you join it you hear how it ends, and cannot decide on it yourself.`
      : `${nameOf(pending)} is asked for already, for this or for more: it waits to be granted.`;
  if (chance === 'none') return 'There is no exception to be had here.';
  const goesOn =
    renews === undefined
      ? ''
      : ` ${renews.id} goes on until ${lastDay(renews.terms.until)}, or until this one is granted.`;
  const all =
    data.isBaseline === true ? ` These are all that are open as ${nameOf(hidden.target.service)} comes in: once.` : '';
  return `It would hide ${what}: until its last day ${plural(hidden.count, 'it', 'they')} would warn instead of block.${all} Somebody else has to grant it.${goesOn}`;
}

/** Why there is none, said before anybody fills in anything. */
function problemText({ offer, data, problem, renews, viewer }: ExceptionForm): string | undefined {
  if (problem !== undefined) return exceptionRefusalText(problem, viewer);
  const { expiry, budget, hidden, owner, pending } = offer;
  const { control, service } = hidden.target;
  if (pending !== undefined) return undefined;
  if (expiry.maxDays <= 0) return exceptionRefusalText({ code: 'no-exceptions', control, owner }, viewer);
  if (renews !== undefined && isPast(renews))
    return exceptionRefusalText({ code: 'wrong-state', state: renews.state }, viewer);
  if (data.isBaseline === true || budget.used < budget.limit) return undefined;
  return `Nothing can be asked for: all ${budget.limit} exceptions that ${nameOf(service)} may have are in use. Type "exceptions ${nameOf(service)}" to see them; close one that is not needed any more, or mend something.`;
}

const SUBMIT_TITLES: Readonly<Record<Exclude<Chance, 'none'>, string>> = { ask: 'Ask for it', join: 'Join it' };

function submitButton({ offer, data, renews }: ExceptionForm, chance: Chance): ExecuteAction | undefined {
  if (chance === 'none') return undefined;
  const { service, environment, control } = offer.hidden.target;
  const { requestId, fingerprints: [fingerprint] = [], isBaseline, imported } = data;
  const inputs = chance === 'ask' ? ('auto' as const) : ('none' as const);
  const shape = { id: 'submit', title: SUBMIT_TITLES[chance], inputs, style: 'positive' as const };
  if (renews !== undefined) {
    // What is asked for already has a card of its own: there is nothing to send.
    if (chance === 'join') return undefined;
    const { id: exceptionId, revision } = renews;
    return button({ ...shape, data: { verb: 'exception.renew', exceptionId, revision } });
  }
  return button({
    ...shape,
    data: {
      verb: 'exception.submit',
      ...{ service, environment, control, shown: offer.shown },
      ...(requestId === undefined ? {} : { requestId }),
      ...(fingerprint === undefined ? {} : { fingerprint }),
      ...(isBaseline === true ? { baseline: true as const } : {}),
      ...(imported === undefined ? {} : { imported }),
    },
  });
}

function pendingButton({ pending }: ExceptionOffer): ExecuteAction | undefined {
  if (pending === undefined) return undefined;
  return viewExceptionButton({ id: pending, revision: 0 }, 'pending', `Show ${nameOf(pending)}`);
}

function wayBack({ data, renews }: ExceptionForm): ExecuteAction | undefined {
  if (renews !== undefined) return viewExceptionButton(renews, 'back', 'Back to the exception');
  return data.requestId === undefined ? digestButton() : backButton(data.requestId);
}

function waysOf(form: ExceptionForm): string[] {
  if (chanceOf(form) !== 'ask') return [];
  const { renews, offer } = form;
  const { control, service, environment } = offer.hidden.target;
  const [fingerprint] = form.data.fingerprints ?? [];
  const all = form.data.isBaseline === true ? 'baseline ' : '';
  const named = form.data.imported === undefined ? `${all}${nameOf(control)}` : `import ${form.data.imported}`;
  const what = fingerprint ?? `${named} ${nameOf(service)} ${nameOf(environment)}`;
  return renews === undefined
    ? [`Fill in the form, or type "request exception ${what} until DATE because …".`]
    : [`Fill in the form, or type "renew ${renews.id} until DATE because …".`];
}
