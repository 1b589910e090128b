import type { IAdaptiveCard } from 'adaptivecards';
import { COMMENT_LIMIT } from '../services/domain/approval.ts';
import type { Exception } from '../services/domain/exception.ts';
import type { ExceptionRefusal } from '../services/domain/exception-refusal.ts';
import { button } from './actions.ts';
import { banner, type CardElement, card, type ExecuteAction, row, type TextInput, timed, title } from './card.ts';
import { cardText } from './card-text.ts';
import { viewExceptionButton } from './exception-actions.ts';
import { coversWords, lastDay, partyName, placeOfTarget } from './exception-names.ts';
import { exceptionRefusalText } from './exception-words.ts';
import { present } from './gate-actions.ts';
import { counted, type Viewer } from './names.ts';
import { inZone } from './show-time.ts';
import { plain } from './text.ts';

const OWNER_MAX = 200;
const SPOKEN_MAX = 600;

type Step = 'revoke' | 'handover';

/** What a button needs before it does anything: why it is revoked, or to whom it is handed over. */
export function exceptionStepAnswer(exception: Exception, step: Step, viewer: Viewer, problem?: ExceptionRefusal) {
  const shown = inZone(stepCard(exception, step, viewer, problem), viewer.zone);
  const way =
    step === 'revoke'
      ? `Type "revoke ${exception.id} because" and why.`
      : `Type "hand over ${exception.id} to" and who.`;
  return { text: cardText(shown, [way], viewer.zone), card: shown };
}

function stepCard(exception: Exception, step: Step, viewer: Viewer, problem?: ExceptionRefusal): IAdaptiveCard {
  const { head, what, input, send } = STEPS[step](exception, viewer);
  const body: (CardElement | undefined)[] = [
    title(`${head} ${placeOfTarget(exception.target)}`),
    banner('state', 'emphasis', [timed(what)]),
    problem === undefined ? undefined : banner('error', 'warning', [row(`! ${exceptionRefusalText(problem, viewer)}`)]),
    input,
  ];
  return card({
    body: body.filter((element) => element !== undefined),
    actions: present([send, viewExceptionButton(exception, 'back', 'Back to the exception')]),
    fallbackText: plain(`${head} ${what}`, SPOKEN_MAX),
    speak: plain(`${head} ${what}`, SPOKEN_MAX),
  });
}

interface StepParts {
  readonly head: string;
  readonly what: string;
  readonly input: TextInput;
  readonly send: ExecuteAction | undefined;
}

const STEPS: Readonly<Record<Step, (exception: Exception, viewer: Viewer) => StepParts>> = {
  revoke: ({ id, revision, hides, target, terms }) => ({
    head: `Revoke ${id}? Exception from`,
    what: `It covers ${coversWords(target)} until ${lastDay(terms.until)} and hides ${counted(hides.count, 'finding')}. Revoked, it covers nothing from that moment on: what is not mended blocks. This cannot be undone.`,
    input: {
      type: 'Input.Text',
      id: 'comment',
      label: 'Why',
      isMultiline: true,
      maxLength: COMMENT_LIMIT,
      isRequired: true,
      errorMessage: 'Write why.',
    },
    send: button({
      id: 'revoke',
      title: 'Revoke',
      data: { verb: 'exception.revoke', exceptionId: id, revision },
      inputs: 'auto',
      style: 'destructive',
    }),
  }),
  handover: (exception, viewer) => ({
    head: `Hand over ${exception.id}: exception from`,
    what: `${partyName(exception.terms.owner, viewer, exception)} answers for it now. Whoever takes it over is asked at each review and warned before its end; its terms stay as they are.`,
    input: {
      type: 'Input.Text',
      id: 'to',
      label: 'To: e-mail address, whole name, or "group:" and its name',
      maxLength: OWNER_MAX,
      isRequired: true,
      errorMessage: 'Name a person or a group.',
    },
    send: button({
      id: 'handover',
      title: 'Hand over',
      data: { verb: 'exception.handover', exceptionId: exception.id, revision: exception.revision },
      inputs: 'auto',
    }),
  }),
};
