import { REASON_CLASSES } from '../services/domain/exception.ts';
import type { ExceptionOffer } from '../services/domain/exception-request.ts';
import { LONGEST_TEXT, type TermsWish } from '../services/domain/exception-terms.ts';
import { plusDays } from '../services/domain/instant.ts';
import type { CardElement, ChoiceInput, DateInput, TextInput } from './card.ts';
import { REASON_CLASS_WORDS } from './exception-words.ts';
import { counted } from './names.ts';
import { showDate } from './show-time.ts';
import { plain } from './text.ts';

const OWNER_MAX = 200;
const REVIEW_MAX = 60;
const WRITTEN_MAX = 40;

/** Everything that whoever asks commits to, with what was written before or is proposed. */
export function termsInputs(offer: ExceptionOffer, filled: TermsWish): CardElement[] {
  const { expiry } = offer;
  const days = counted(expiry.reviewEveryDays, 'day');
  return [
    text('owner', 'Owner, who answers for it: e-mail address, whole name, or "group:" and its name', OWNER_MAX, {
      value: filled.owner ?? offer.owner,
      errorMessage: 'Name who answers for it.',
    }),
    reasonClassInput(filled.reasonClass),
    text(
      'reason',
      `Reason: why it cannot be mended now (at least ${expiry.minReason} characters)`,
      LONGEST_TEXT.reason,
      {
        value: filled.reason,
        errorMessage: 'Write why.',
        isMultiline: true,
      },
    ),
    untilInput(offer, filled.until),
    text('reviewEvery', `Reviewed: "14d", "2 weeks" or a cadence of the calendar, every ${days} at least`, REVIEW_MAX, {
      value: filled.reviewEvery ?? offer.reviewEvery,
      errorMessage: 'Say how often it is reviewed.',
    }),
    text('mitigation', 'Compensating control: what protects meanwhile (optional)', LONGEST_TEXT.mitigation, {
      value: filled.mitigation,
      isMultiline: true,
    }),
    text('ticket', 'Ticket: number or address (optional)', LONGEST_TEXT.ticket, { value: filled.ticket }),
  ];
}

interface TextParts {
  readonly value: string | undefined;
  /** Absent: it may be left empty. */
  readonly errorMessage?: string;
  readonly isMultiline?: true;
}

function text(
  id: string,
  label: string,
  maxLength: number,
  { value, errorMessage, isMultiline }: TextParts,
): TextInput {
  const shown = plain(value ?? '', maxLength);
  return {
    type: 'Input.Text',
    id,
    label,
    maxLength,
    ...(isMultiline === undefined ? {} : { isMultiline }),
    ...(shown === '' ? {} : { value: shown }),
    ...(errorMessage === undefined ? {} : { isRequired: true as const, errorMessage }),
  };
}

function reasonClassInput(written: string | undefined): ChoiceInput {
  const value = REASON_CLASSES.find((one) => one === written?.trim().toLowerCase());
  return {
    type: 'Input.ChoiceSet',
    id: 'reasonClass',
    label: 'Kind of reason',
    style: 'compact',
    choices: REASON_CLASSES.map((one) => ({ title: REASON_CLASS_WORDS[one], value: one })),
    ...(value === undefined ? {} : { value }),
    isRequired: true,
    errorMessage: 'Choose one.',
  };
}

/** A calendar takes no words: what was written instead of a date is said beside it. */
function untilInput({ latest, expiry }: ExceptionOffer, written: string | undefined): DateInput {
  const day = written?.trim() ?? '';
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(day) && showDate(day) !== showDate('');
  const said = isDate || day === '' ? '' : `; you wrote "${plain(day, WRITTEN_MAX)}"`;
  return {
    type: 'Input.Date',
    id: 'until',
    label: `Last day on which it covers anything (${showDate(latest)} at the latest${said})`,
    min: plusDays(latest, -expiry.maxDays),
    max: latest,
    ...(isDate ? { value: day } : {}),
    isRequired: true,
    errorMessage: 'Choose a day.',
  };
}
